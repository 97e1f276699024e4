"""What the splitters share: how the domains reach them, and how rows are dealt out evenly."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import validate_parameter_constraints
from sklearn.utils.validation import _num_samples

from skdomain._domains import ENCODING, check_sample_domain, labels_at


class DomainSplitter(BaseCrossValidator):
    """Splitter that takes the domains as ``groups`` or, routed, as ``sample_domain``."""

    __metadata_request__split = {"sample_domain": True, "groups": True}
    _parameter_constraints: dict = {}

    def split(
        self,
        X: Any,
        y: Any = None,
        groups: ArrayLike | None = None,
        sample_domain: ArrayLike | None = None,
    ) -> Any:
        """Generate indices of training and test rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order; only their number is read.
        y : array-like of shape (n_samples,), default=None
            Labels, for the splitters that stratify. What it holds on target rows is not read, but
            by ``TargetKFold(stratify="target_labels")``.
        groups : array-like of shape (n_samples,), default=None
            Beside sample_domain: what belongs together, such as the rows of one subject. No group
            has rows on both sides, whatever their domains are. Without sample_domain: the domains,
            where metadata routing is off: ``search.fit(X, y, groups=sample_domain)``.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows.

        Yields
        ------
        train : ndarray of int
            Training rows.
        test : ndarray of int
            Test rows.

        Raises
        ------
        ValueError
            If a parameter is out of range, no domains are given, or they cannot be split: no source
            or no target row, or too few rows or groups; or if the splitter takes no groups.
        """
        name = type(self).__name__
        validate_parameter_constraints(self._parameter_constraints, vars(self), caller_name=name)
        check_consistent_length(X, y)
        domains = self._check_domains(_given(groups, sample_domain), _num_samples(X))
        for side, present in (("source", domains > 0), ("target", domains < 0)):
            if not present.any():
                raise ValueError(
                    f"{name} got no {side} row among {len(domains)} rows; sample_domain holds "
                    f"{ENCODING}."
                )
        if groups is None or sample_domain is None:
            yield from self._split_domains(domains, y)
        else:
            yield from self._split_groups(domains, y, groups)

    def get_n_splits(
        self,
        X: Any = None,
        y: Any = None,
        groups: ArrayLike | None = None,
        sample_domain: ArrayLike | None = None,
    ) -> int:
        """Number of splits.

        Parameters
        ----------
        X, y : Ignored
        groups, sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`split`; only LeaveOneDomainOut reads it.

        Returns
        -------
        int
            Number of pairs that :meth:`split` yields.
        """
        return self._count(_given(groups, sample_domain))

    def _check_domains(self, domains, n_samples):
        if domains is None:
            raise ValueError(
                f"{type(self).__name__} needs the domains of the rows: pass sample_domain (or "
                "groups=sample_domain, where metadata routing is off)."
            )
        return check_sample_domain(domains, n_samples)

    def _count(self, domains):
        return self.n_splits

    @abstractmethod
    def _split_domains(self, domains, y):
        """Yield training and test rows."""

    def _split_groups(self, domains, y, groups):
        """Yield training and test rows that have no group in common."""
        raise ValueError(
            f"{type(self).__name__} tests whole domains and takes no groups beside sample_domain; "
            "TargetKFold, DomainKFold and DomainShuffleSplit do."
        )


def _given(groups, sample_domain):
    return groups if sample_domain is None else sample_domain


def check_shuffle(splitter):
    """Generator to shuffle with, None without shuffle."""
    if splitter.shuffle:
        return check_random_state(splitter.random_state)
    if splitter.random_state is not None:
        raise ValueError(
            f"{type(splitter).__name__} got random_state={splitter.random_state!r}, which has no "
            "effect without shuffle=True; pass that or leave random_state at None."
        )
    return None


def rows_by_domain(domains):
    """Rows of each domain, the domains in the order in which they first appear."""
    codes = stratum_codes(domains)
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def source_strata(domains, y):
    """Stratum of each row: the label of a source row; a target row has none, its label unread."""
    codes = np.zeros(len(domains), dtype=np.intp)
    source = np.flatnonzero(domains > 0)
    if y is not None:
        codes[source] = stratum_codes(labels_at(y, source))
    return codes


def stratum_codes(labels):
    """Integers that number the distinct labels in the order in which they first appear."""
    numbers = {}
    if np.ndim(labels) > 1:
        return np.zeros(len(labels), dtype=np.intp)
    return np.array([numbers.setdefault(x, len(numbers)) for x in labels.tolist()], dtype=np.intp)


def by_stratum(codes, rng=None):
    """Positions one stratum after the other; with rng the strata and their rows in random order."""
    if rng is None:
        return np.argsort(codes, kind="stable")
    codes = rng.permutation(codes.max() + 1)[codes]
    order = rng.permutation(len(codes))
    return order[np.argsort(codes[order], kind="stable")]


def deal(codes, n_splits, rng=None):
    """Fold of each row; folds, and the shares a stratum has in them, differ by one row at most.

    Without rng a stratum gives each fold a run of its rows.
    """
    order = by_stratum(codes, rng)
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    runs = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(codes)))
    folds = np.arange(len(codes)) % n_splits
    fold_of = np.empty_like(folds)
    fold_of[order] = folds[np.lexsort((folds, runs))]
    return fold_of
