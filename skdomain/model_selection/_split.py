"""Cross-validation whose test folds hold target rows, the only ones that count."""

from abc import abstractmethod

import numpy as np
from sklearn.model_selection import BaseCrossValidator, KFold
from sklearn.utils.validation import _num_samples

from skdomain._domains import check_sample_domain


class DomainSplitter(BaseCrossValidator):
    """Splitter that takes the domains as ``groups`` or, routed, as ``sample_domain``."""

    __metadata_request__split = {"sample_domain": True}

    def split(self, X, y=None, groups=None, sample_domain=None):
        """Generate indices of training and test rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains.
        y : Ignored
        groups : array-like of shape (n_samples,), default=None
            The domains, where metadata routing is off: ``search.fit(X, y, groups=sample_domain)``.
        sample_domain : array-like of shape (n_samples,), default=None
            The domains: positive for source rows, negative for target rows.

        Yields
        ------
        train : ndarray of int
            Training rows.
        test : ndarray of int
            Test rows, all of them target rows.

        Raises
        ------
        ValueError
            If no domains are given or there are no or too few target rows.
        """
        domains = groups if sample_domain is None else sample_domain
        if domains is None:
            raise ValueError(
                f"{type(self).__name__} needs the domains of the rows: pass sample_domain (or "
                "groups=sample_domain, where metadata routing is off)."
            )
        target = np.flatnonzero(check_sample_domain(domains, _num_samples(X)) < 0)
        if not len(target):
            raise ValueError(
                f"{type(self).__name__} got no target row: every entry of sample_domain is "
                "positive; mark target rows by negative integers."
            )
        yield from self._split_target(np.arange(_num_samples(X)), target)

    @abstractmethod
    def _split_target(self, rows, target):
        """Yield training and test rows."""


class TargetKFold(DomainSplitter):
    """K folds over the target rows, with every source row in each training set.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Shuffle the target rows first.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle.

    See Also
    --------
    TransductiveSplit : Train on every row, score the target.

    Examples
    --------
    >>> from skdomain.model_selection import TargetKFold
    >>> for train, test in TargetKFold(2).split([[0]] * 4, sample_domain=[1, -2, 1, -2]):
    ...     print(train, test)
    [0 2 3] [1]
    [0 1 2] [3]
    """

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X=None, y=None, groups=None, sample_domain=None):
        """Number of folds.

        Parameters
        ----------
        X, y, groups, sample_domain : Ignored

        Returns
        -------
        int
            ``n_splits``.
        """
        return self.n_splits

    def _split_target(self, rows, target):
        if len(target) < self.n_splits:
            raise ValueError(
                f"TargetKFold(n_splits={self.n_splits}) got only {len(target)} target rows; "
                "lower n_splits."
            )
        folds = KFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)
        for _, fold in folds.split(target):
            yield np.delete(rows, target[fold]), target[fold]


class TransductiveSplit(DomainSplitter):
    """One split: train on every row, score the target rows, as the field's papers do.

    Fair to methods that never read target labels; one that does is scored on what it has seen.

    See Also
    --------
    TargetKFold : Hold target rows out.

    Examples
    --------
    >>> from skdomain.model_selection import TransductiveSplit
    >>> list(TransductiveSplit().split([[0]] * 3, sample_domain=[1, -2, 1]))
    [(array([0, 1, 2]), array([1]))]
    """

    def get_n_splits(self, X=None, y=None, groups=None, sample_domain=None):
        """Number of splits.

        Parameters
        ----------
        X, y, groups, sample_domain : Ignored

        Returns
        -------
        int
            1.
        """
        return 1

    def _split_target(self, rows, target):
        yield rows, target
