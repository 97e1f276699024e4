"""One round of pseudo-labels on rows in blocks: a path beside that of arrays, to the same labels.

The embedding of the source rows alone is held. The target rows are classified in passing, and
summed by the label that they get in the same pass, so that the next coupling needs no other one.
"""

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from skdomain.mmd import grouped_sums, sums_by_group
from skdomain.subspace._spectral import Basis


class GroupSums:
    """Sums of rows in blocks by the groups of the class-wise couplings, kept from pass to pass.

    The groups are classes of the source, classes of the target, target rows without a label.
    """

    def __init__(self):
        self.groups, self.sums = None, None

    def of(self, rows, coupling):
        """Sums by the groups of a coupling, from a pass if they are not known."""
        if self.groups is None or not np.array_equal(self.groups, coupling.groups):
            self.groups = coupling.groups
            self.sums = sums_by_group(rows, self.groups, len(coupling.counts))
        return self.sums

    def relabel(self, labels, source, target_sums):
        """Take the sums of the target rows by the class that they have in these labels."""
        if self.sums is None:
            return
        n_classes, d = target_sums.shape
        self.groups = np.where(source, labels, labels + n_classes)
        self.sums = np.concatenate([self.sums[:n_classes], target_sums, np.zeros((1, d))])


@dataclass(frozen=True, eq=False)
class BlockBasis(Basis):
    """Basis of rows in blocks, that remembers their sums by group."""

    sums: GroupSums = field(default_factory=GroupSums)

    def lift(self, coupling):
        """``V = Y'N``, in a pass over the rows unless :func:`classify_blocks` has made it."""
        return super().lift(replace(coupling, sums=self.sums.of(self.rows, coupling)))


def block_basis(basis, blocks):
    """The basis, of which ``blocks`` are the rows."""
    return BlockBasis(
        blocks, basis.mix, basis.coefs, basis.energy, mean=basis.mean, unit=basis.unit
    )


def classify_blocks(rounds, blocks, embed, width):
    """Classifier of the embedded source rows; of the target rows codes and confidences.

    Parameters
    ----------
    rounds : skdomain.subspace._pseudo_labels.ClassifiedRounds
        Its basis is a :class:`BlockBasis`.
    blocks : RowBlocks
    embed : callable
        Of a block; sent to workers, where there are any.
    width : int or None
        Number of columns that it gives; None: those of the block.

    Returns
    -------
    estimator, codes, confidences
        None for confidences where the classifier has none.
    """
    source = rounds.source
    Z_source = blocks.select(source).map(embed, width=width).to_array()
    estimator = rounds.train(Z_source)
    judge = rounds.judge(estimator)
    if source.all():
        return estimator, *judge(())
    judge_block = partial(_judge_block, judge, embed, len(rounds.classes))
    found = blocks.select(~source).sum_of(judge_block)
    codes = np.concatenate(found.codes)
    rounds.basis.sums.relabel(rounds.of_all_rows(codes), source, found.sums)
    without = found.confidences[0] is None
    return estimator, codes, None if without else np.concatenate(found.confidences)


@dataclass(frozen=True, eq=False)
class _Judged:
    """What one pass finds in target rows: codes and confidences by block, sums by code."""

    codes: list
    confidences: list
    sums: np.ndarray

    def __add__(self, other):
        return _Judged(
            self.codes + other.codes,
            self.confidences + other.confidences,
            self.sums + other.sums,
        )


def _judge_block(judge, embed, n_classes, block):
    codes, confidences = judge(embed(block))
    return _Judged([codes], [confidences], grouped_sums(block, codes, n_classes))
