"""Couplings: the small matrix G that says which group means are pulled together or apart.

Rows fall into groups, one a (domain, class) pair. With ``N[i, g] = 1 / n_g`` where row i is in
group g, every MMD matrix of the family is ``M = N G N'``, and ``tr(A'F'MFA)`` is a quadratic
form in the group means ``N'F``. G has as many rows as there are groups, so M is never formed.

References
----------
.. [1] Pan, Tsang, Kwok and Yang (2011), "Domain adaptation via transfer component analysis",
   IEEE Transactions on Neural Networks 22(2).
.. [2] Long, Wang, Ding, Sun and Yu (2013), "Transfer feature learning with joint distribution
   adaptation", ICCV.
.. [3] Wang, Chen, Hao, Feng and Shen (2017), "Balanced distribution adaptation for transfer
   learning", ICDM.
.. [4] Zhang and Wu (2020), "Discriminative joint probability maximum mean discrepancy (DJP-MMD)
   for domain adaptation", IJCNN.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skdomain._rows import RowBlocks
from skdomain.mmd._grouped import expand_groups, grouped_sums


@dataclass(frozen=True, eq=False)
class Coupling:
    """An MMD matrix ``M = N G N'`` in factored form.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,), intp
        Group of each row.
    counts : ndarray of shape (n_groups,)
        Number of rows in each group; a group may be empty.
    G : ndarray of shape (n_groups, n_groups)
        Symmetric weights between group means.
    sums : ndarray of shape (n_groups, d), default=None
        Sums of the rows by group, where they are known already.
    """

    groups: np.ndarray
    counts: np.ndarray
    G: np.ndarray
    sums: np.ndarray | None = None

    def means(self, F: Any) -> Any:
        """Group means ``N'F``, (n_groups, d), in one pass over F; those of empty groups are 0.

        No pass is made where ``sums`` are known.
        """
        shares = self._shares()[:, None]
        if self.sums is not None:
            return shares * self.sums
        return shares * sums_by_group(F, self.groups, len(self.counts))

    def memberships(self) -> Any:
        """N itself, of shape (n_samples, n_groups)."""
        N = np.zeros((len(self.groups), len(self.counts)))
        N[np.arange(len(N)), self.groups] = self._shares()[self.groups]
        return N

    def ignores_constants(self) -> Any:
        """Whether a constant added to all rows changes no ``F'MF``: G sums to 0 over the groups."""
        sums = self.G @ (self.counts > 0)
        return bool(np.abs(sums).max() <= 1e-12 * np.abs(self.G).max())

    def norm(self) -> Any:
        """Frobenius norm of M, from ``tr(G N'N G N'N)``."""
        root = np.sqrt(self._shares())
        return np.linalg.norm(root[:, None] * self.G * root)

    def normalized(self) -> Any:
        """The coupling of ``M / |M|_F``; that of M = 0 is itself."""
        return replace(self, G=self.G / (self.norm() or 1.0))

    def dense(self) -> Any:
        """M itself, of shape (n_samples, n_samples)."""
        shares = self._shares()
        return expand_groups(shares[:, None] * self.G * shares, self.groups)

    def _shares(self):
        return np.where(self.counts > 0, 1.0 / np.maximum(self.counts, 1), 0.0)


def sums_by_group(F, groups, n_groups):
    """Sums of rows by group, (n_groups, d), float64, in one pass over an array or RowBlocks."""
    if isinstance(F, RowBlocks):
        return F.sum_of(lambda block, part: grouped_sums(block, part, n_groups), groups)
    return grouped_sums(F, groups, n_groups)


def marginal_coupling(source: bool | ArrayLike) -> Any:
    """Difference of the domain means: TCA's matrix, M0 of JDA.

    Parameters
    ----------
    source : ndarray of shape (n_samples,), bool
        True for source rows, False for target rows.
    """
    return _coupling(np.where(source, 0, 1), 2, np.array([[1.0, -1.0], [-1.0, 1.0]]), source)


def conditional_coupling(
    labels: Any,
    source: bool | ArrayLike,
    *,
    n_classes: int,
    mu: Any = 0.5,
    weighted: bool = False,
    target_priors: ArrayLike | None = None,
) -> Any:
    """Marginal and class-wise differences of means: ``(1 - mu) C M0 + mu sum_c Mc``.

    ``mu = 0.5`` is half of JDA's matrix (with M0 times the number of classes C, as in its
    authors' program), 0 is TCA's, and values between are BDA's.
    Without target labels M0 stands alone, except for ``weighted`` with ``mu = 1``.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), intp
        Class 0, ..., C - 1 of each row; -1 on target rows without a label.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_classes : int
        C.
    mu : float in [0, 1], default=0.5
        Weight of the class-wise terms.
    weighted : bool, default=False
        Scale class c's target mean by the ratio of its shares, ``(n_t^c/n_t) / (n_s^c/n_s)``
        (W-BDA).
    target_priors : ndarray of shape (n_classes,), default=None
        Proportions q of the classes that source rows are re-weighted to: q_c takes the place of
        ``n_s^c/n_s`` in M0 and in the ratios. A class of 0 has no Mc.
    """
    groups, counts = _class_groups(labels, source, n_classes)
    shares = _domain_shares(counts, n_classes, target_priors)
    signed = np.concatenate([shares[:n_classes], -shares[n_classes:]])
    M0 = n_classes * np.outer(signed, signed)
    unlabelled = counts[-1] > 0
    if unlabelled and not (weighted and mu == 1):
        return _coupling(groups, 2 * n_classes + 1, M0, source)
    differences = np.eye(n_classes, 2 * n_classes + 1)
    ratio = np.ones(n_classes)
    if weighted:
        np.divide(shares[n_classes:-1], shares[:n_classes], out=ratio, where=shares[:n_classes] > 0)
    classes = np.arange(n_classes)
    differences[classes, n_classes + classes] = -ratio * (counts[n_classes:-1] > 0)
    if target_priors is not None:
        differences = differences[target_priors > 0]
    G = (1 - mu) * M0 + mu * differences.T @ differences
    return _coupling(groups, 2 * n_classes + 1, G, source)


def joint_coupling(
    labels: Any, source: bool | ArrayLike, *, n_classes: int, target_priors: ArrayLike | None = None
) -> Any:
    """Class-wise differences of joint probabilities: Rmin of JP-MMD.

    Unlabelled target rows are left out.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), intp
        Class 0, ..., C - 1 of each row; -1 on target rows without a label.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_classes : int
        C.
    target_priors : ndarray of shape (n_classes,), default=None
        As in :func:`conditional_coupling`: ``q_c m_s^c`` is compared with ``(n_t^c/n_t) m_t^c``.
    """
    eye = np.eye(n_classes)
    blocks = np.block([[eye, -eye], [-eye, eye]])
    return _joint(labels, source, n_classes, blocks, target_priors)


def separation_coupling(labels, source, *, n_classes, target_priors=None):
    """Differences between a class and the other domain's other classes: Rmax of DJP-MMD.

    Parameters as in :func:`conditional_coupling`. Unlabelled target rows are left out.
    """
    within = (n_classes - 1) * np.eye(n_classes)
    across = np.eye(n_classes) - 1.0
    blocks = np.block([[within, across], [across, within]])
    return _joint(labels, source, n_classes, blocks, target_priors)


def discriminative_coupling(
    labels: Any,
    source: bool | ArrayLike,
    *,
    n_classes: int,
    mu: float = 0.1,
    target_priors: ArrayLike | None = None,
) -> Any:
    """DJP-MMD: ``Rmin / |Rmin|_F - mu Rmax / |Rmax|_F``, as in its authors' program.

    Transferability (classes joined across domains) less ``mu`` times discriminability (classes
    parted across domains); ``mu = 0`` is JP-MMD. Indefinite for ``mu > 0``.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), intp
        Class 0, ..., C - 1 of each row; -1 on target rows without a label.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_classes : int
        C.
    mu : float, default=0.1
        Weight of Rmax, >= 0.
    target_priors : ndarray of shape (n_classes,), default=None
        As in :func:`joint_coupling`, in both parts.
    """
    shared = {"n_classes": n_classes, "target_priors": target_priors}
    Rmin = joint_coupling(labels, source, **shared).normalized()
    Rmax = separation_coupling(labels, source, **shared).normalized()
    return replace(Rmin, G=Rmin.G - mu * Rmax.G)


def _coupling(groups, n_groups, G, source):
    """Coupling of a partition; without a target domain there is nothing to match and M is 0."""
    counts = np.bincount(groups, minlength=n_groups)
    return Coupling(groups.astype(np.intp), counts, G * (not source.all()))


def _class_groups(labels, source, n_classes):
    """Groups (source, c), then (target, c), then unlabelled target rows; and their sizes."""
    groups = np.where(source, labels, np.where(labels < 0, 2 * n_classes, labels + n_classes))
    return groups, np.bincount(groups, minlength=2 * n_classes + 1)


def _domain_shares(counts, n_classes, target_priors):
    """Share of each group in its domain: n_s^c / n_s, or q_c if given, and n_t^c / n_t."""
    n_source, n_target = counts[:n_classes].sum(), counts[n_classes:].sum()
    of_source = counts[:n_classes] / n_source if target_priors is None else target_priors
    return np.concatenate([of_source, counts[n_classes:] / max(n_target, 1)])


def _joint(labels, source, n_classes, blocks, target_priors):
    """Columns 1/n_s and 1/n_t: a group's mean counts by the group's share in its domain."""
    groups, counts = _class_groups(labels, source, n_classes)
    shares = _domain_shares(counts, n_classes, target_priors)[:-1]
    G = np.zeros((2 * n_classes + 1, 2 * n_classes + 1))
    G[:-1, :-1] = shares[:, None] * blocks * shares
    return _coupling(groups, 2 * n_classes + 1, G, source)
