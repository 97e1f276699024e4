"""Splits whose test rows are target rows, the only ones that count."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._domains import labels_at, missing_labels
from skdomain.model_selection._splitters._domain_splitter import (
    DomainSplitter,
    check_shuffle,
    deal,
    stratum_codes,
)
from skdomain.model_selection._splitters._groups import check_sides, group_codes, group_folds


class TargetKFold(DomainSplitter):
    """K folds over the target rows, with every source row in each training set.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Shuffle the target rows first.
    stratify : {"domain", "target_labels"} or None, default=None
        What is spread evenly over the folds: the rows of each target domain; or those of each class
        of the target, for which **the labels of target rows are read**, as a benchmark may and a
        user without them cannot. None: neither.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle.

    See Also
    --------
    TransductiveSplit : Train on every row, score the target.
    DomainKFold : Hold out source rows as well.

    Notes
    -----
    With ``groups`` beside ``sample_domain``, folds are made of whole groups, the largest first, and
    source rows of the groups that are tested are left out of the training rows.

    Pass ``shuffle=True`` to :func:`~sklearn.model_selection.learning_curve`: it trains on the first
    so many training rows, which are all of one domain where the data are sorted by domain.
    Source rows are not tested, so :func:`~sklearn.model_selection.cross_val_predict` does not take
    it: write the loop over the folds.

    Examples
    --------
    >>> from skdomain.model_selection import TargetKFold
    >>> for train, test in TargetKFold(2).split([[0]] * 4, sample_domain=[1, -2, 1, -2]):
    ...     print(train, test)
    [0 2 3] [1]
    [0 1 2] [3]
    """

    _parameter_constraints: dict = {
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "shuffle": ["boolean"],
        "stratify": [StrOptions({"domain", "target_labels"}), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        stratify: str | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.stratify = stratify
        self.random_state = random_state

    def _split_domains(self, domains, y):
        rng, target = check_shuffle(self), np.flatnonzero(domains < 0)
        if len(target) < self.n_splits:
            raise ValueError(
                f"TargetKFold(n_splits={self.n_splits}) got only {len(target)} target rows; "
                "lower n_splits."
            )
        fold_of = deal(self._strata(domains, y, target), self.n_splits, rng)
        for fold in range(self.n_splits):
            test = target[fold_of == fold]
            yield np.delete(np.arange(len(domains)), test), test

    def _split_groups(self, domains, y, groups):
        rng, target = check_shuffle(self), np.flatnonzero(domains < 0)
        codes = group_codes(groups, len(domains))
        strata, all_rows = self._strata(domains, y, target), np.zeros(len(target), dtype=np.intp)
        dealt = group_folds(stratum_codes(codes[target]), [all_rows, strata], self.n_splits, rng)
        for fold in range(self.n_splits):
            test = target[dealt == fold]
            train = np.flatnonzero(~np.isin(codes, codes[test]))
            check_sides(self, domains, train, test, tested=(-1,))
            yield train, test

    def _strata(self, domains, y, target):
        if self.stratify is None:
            return np.zeros(len(target), dtype=np.intp)
        if self.stratify == "domain":
            return stratum_codes(domains[target])
        labels = None if y is None else labels_at(y, target)
        if labels is None or missing_labels(labels).any():
            raise ValueError(
                'TargetKFold(stratify="target_labels") needs a label of every target row and got '
                "y with some or all missing; take stratify=None, which reads none."
            )
        return stratum_codes(labels)


class TransductiveSplit(DomainSplitter):
    """One split: train on every row, score the target rows, as the field's papers do.

    Fair to methods that never read target labels; one that does is scored on what it has seen.

    See Also
    --------
    TargetKFold : Hold target rows out.
    LeaveOneDomainOut : The same for each of several target domains.

    Examples
    --------
    >>> from skdomain.model_selection import TransductiveSplit
    >>> list(TransductiveSplit().split([[0]] * 3, sample_domain=[1, -2, 1]))
    [(array([0, 1, 2]), array([1]))]
    """

    def _count(self, domains):
        return 1

    def _split_domains(self, domains, y):
        yield np.arange(len(domains)), np.flatnonzero(domains < 0)


class LeaveOneDomainOut(DomainSplitter):
    """Each target domain in turn, with nothing learnt from its own labels.

    For the target domain -k the test rows are those marked -k, and the training rows are the source
    rows of all domains but k, and either the same rows -k, unlabelled, to adapt to, or, for a
    domain that is not seen at all, the rows of the other target domains.

    To learn how well adaptation works between labelled sites, give every site both ways, as source
    k and as target -k (see the example). Its labels then serve to score it where it is the target,
    and are hidden while a model is made for it: of k no source row, and of -k no label, is read.

    Parameters
    ----------
    transductive : bool, default=True
        Whether the test rows, without their labels, are among the training rows. False: the other
        target domains are, of which there have to be some.

    See Also
    --------
    TransductiveSplit : All target domains at once.
    TargetKFold : Hold out a part of the target rows.

    Notes
    -----
    The splits come in the order of the numbers k. The estimators know source from target by
    sample_domain alone, which a splitter cannot change: that is why a labelled domain cannot play
    the target unless its rows are there as target rows as well. Transductive splits are fair to
    methods that never read target labels; one that does is scored on what it has seen.

    Examples
    --------
    Three sites with labels; each is adapted to from the two others.

    >>> import numpy as np
    >>> from skdomain.model_selection import LeaveOneDomainOut
    >>> X, y, site = np.zeros((3, 1)), np.array(["a", "b", "a"]), np.array([1, 2, 3])
    >>> X, y, sample_domain = np.vstack([X, X]), np.hstack([y, y]), np.hstack([site, -site])
    >>> sample_domain
    array([ 1,  2,  3, -1, -2, -3])
    >>> for train, test in LeaveOneDomainOut().split(X, y, sample_domain=sample_domain):
    ...     print(sample_domain[train], sample_domain[test])
    [ 2  3 -1] [-1]
    [ 1  3 -2] [-2]
    [ 1  2 -3] [-3]
    """

    _parameter_constraints: dict = {"transductive": ["boolean"]}

    def __init__(self, *, transductive: bool = True) -> None:
        self.transductive = transductive

    def _count(self, domains):
        return len(_target_domains(self._check_domains(domains, np.size(domains))))

    def _split_domains(self, domains, y):
        for k in _target_domains(domains):
            test = domains == -k
            source = (domains > 0) & (domains != k)
            seen = test if self.transductive else (domains < 0) & ~test
            self._check(k, source, seen)
            yield np.flatnonzero(source | seen), np.flatnonzero(test)

    def _check(self, k, source, seen):
        if not source.any():
            raise ValueError(
                f"LeaveOneDomainOut has no source row left for target domain -{k}: all are of "
                f"domain {k}, which is the same one. Give different domains different numbers."
            )
        if not seen.any():
            raise ValueError(
                f"LeaveOneDomainOut(transductive=False) got one target domain only, -{k}, so that "
                "none is left to adapt to; take transductive=True or TargetKFold."
            )


def _target_domains(domains):
    """Numbers of the target domains, in order."""
    return np.unique(-domains[domains < 0])
