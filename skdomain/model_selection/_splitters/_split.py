"""Splits whose training and test rows both hold every domain, for criteria that need source labels.

Importance weighting, deep embedded validation and circular validation judge a model by source rows
that it has not been trained on.
"""

from math import ceil, floor
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from skdomain.model_selection._splitters._domain_splitter import (
    DomainSplitter,
    by_stratum,
    check_shuffle,
    deal,
    rows_by_domain,
    source_strata,
    stratum_codes,
)
from skdomain.model_selection._splitters._groups import (
    check_sides,
    group_codes,
    group_folds,
    group_pools,
)

_SIZE = [Interval(Real, 0, 1, closed="neither"), Interval(Integral, 1, None, closed="left")]


class DomainShuffleSplit(DomainSplitter):
    """Random splits of each domain by itself.

    Source rows are stratified: the labels of a source domain are spread as evenly as can be. The
    labels of target rows are not read. Every source row, and every target row, is as likely to be
    tested as any other of its domain.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits.
    test_size : float or int, default=0.2
        Share of the rows of each domain, or their number, that is tested; a share is rounded up.
    train_size : float or int, default=None
        Share of the rows of each domain, or their number, to train on, a share being rounded down.
        None: all that are not tested.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    See Also
    --------
    DomainKFold : Each row is tested once.
    TargetKFold : Train on every source row, test target rows alone.

    Notes
    -----
    Of test rows of both domains, target rows alone are counted by the criteria of this package, by
    :func:`make_target_scorer` and by an estimator's own ``score``, with metadata routing: with it
    off, scikit-learn tells them no domains, and source rows count as target rows. Its own scorers,
    such as ``scoring="accuracy"``, are never told any.

    With ``groups`` beside ``sample_domain``, the sizes are shares or numbers of groups, those of
    each domain, or of all domains that have groups in common; what is spread evenly are not classes
    but groups that lie in the same domains.

    Any first part of the training rows holds the domains in proportion, so that
    :func:`~sklearn.model_selection.learning_curve` meets all of them at every size. Rows are tested
    several times or never, which :func:`~sklearn.model_selection.cross_val_predict` does not take.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.model_selection import DomainShuffleSplit
    >>> d = [1, 1, 1, 1, 1, 1, -2, -2, -2]
    >>> split = DomainShuffleSplit(2, test_size=1 / 3, random_state=0)
    >>> for train, test in split.split(d, y=list("aabbcc???"), sample_domain=d):
    ...     print(np.sort(train), test)
    [1 3 4 5 7 8] [0 2 6]
    [1 2 3 4 6 8] [0 5 7]
    """

    _parameter_constraints: dict = {
        "n_splits": [Interval(Integral, 1, None, closed="left")],
        "test_size": _SIZE,
        "train_size": [*_SIZE, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: float = 0.2,
        train_size: float | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.test_size = test_size
        self.train_size = train_size
        self.random_state = random_state

    def _split_domains(self, domains, y):
        rng, codes = check_random_state(self.random_state), source_strata(domains, y)
        groups = rows_by_domain(domains)
        sizes = [self._sizes(len(rows), f"rows of domain {domains[rows[0]]}") for rows in groups]
        for _ in range(self.n_splits):
            train, test = _draw_each(groups, codes, sizes, rng)
            yield _in_proportion(train), np.sort(np.concatenate(test))

    def _split_groups(self, domains, y, groups):
        rng, codes = check_random_state(self.random_state), group_codes(groups, len(domains))
        pools, strata = group_pools(codes, domains)
        sizes = [self._sizes(len(pool), "groups of one domain or more") for pool in pools]
        for _ in range(self.n_splits):
            drawn = _draw_each(pools, strata, sizes, rng)
            train, test = (np.isin(codes, np.concatenate(side)) for side in drawn)
            trained = [rng.permutation(rows[train[rows]]) for rows in rows_by_domain(domains)]
            split = _in_proportion([rows for rows in trained if len(rows)]), np.flatnonzero(test)
            check_sides(self, domains, *split, tested=(1, -1))
            yield split

    def _sizes(self, n_rows, what):
        """Numbers of training and test rows, or groups, of so many."""
        n_test, n_train = self.test_size, self.train_size
        if not isinstance(n_test, Integral):
            n_test = ceil(n_test * n_rows)
        if n_train is None:
            n_train = n_rows - n_test
        elif not isinstance(n_train, Integral):
            n_train = floor(n_train * n_rows)
        if n_train < 1 or n_train + n_test > n_rows:
            raise ValueError(
                f"DomainShuffleSplit(test_size={self.test_size}, train_size={self.train_size}) "
                f"cannot split the {n_rows} {what}: {n_test} to test and at least "
                f"{max(n_train, 1)} to train on are more; lower the sizes or leave the domain out."
            )
        return n_train, n_test


def _draw_each(pools, strata, sizes, rng):
    """Training and test rows of each pool, every stratum by its share."""
    parts = [
        _draw(pool[by_stratum(strata[pool], rng)], *size, rng)
        for pool, size in zip(pools, sizes, strict=True)
    ]
    return zip(*parts, strict=True)


def _draw(rows, n_train, n_test, rng):
    """Training rows, in random order, and test rows: every so manyth row from a random start."""
    tested = _every(len(rows), n_test, rng)
    rest = np.delete(rows, tested)
    return rng.permutation(rest[_every(len(rest), n_train, rng)]), rows[tested]


def _every(n, k, rng):
    """Return k of n positions, evenly spaced, each as likely as any other."""
    return (np.arange(k) * n + rng.randint(n)) // k


def _in_proportion(parts):
    """Merge so that any first part of the result holds the parts in proportion."""
    places = np.concatenate([(np.arange(len(part)) + 0.5) / len(part) for part in parts])
    return np.concatenate(parts)[np.argsort(places, kind="stable")]


class DomainKFold(DomainSplitter):
    """K folds over each domain: every row is tested once, by a model that has not seen it.

    Source rows are stratified: the labels of a source domain are spread as evenly as can be. The
    labels of target rows are not read.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Shuffle the rows first.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle.

    See Also
    --------
    DomainShuffleSplit : Random splits of each domain.
    TargetKFold : Train on every source row, test target rows alone.

    Notes
    -----
    Of test rows of both domains, target rows alone are counted by the criteria of this package, by
    :func:`make_target_scorer` and by an estimator's own ``score``, with metadata routing: with it
    off, scikit-learn tells them no domains, and source rows count as target rows. Its own scorers,
    such as ``scoring="accuracy"``, are never told any.

    The only splitter of this package that :func:`~sklearn.model_selection.cross_val_predict` takes,
    as the others do not test source rows, or not once. But it predicts every row as a target row,
    routing on or off; for predictions of source rows as such, write the loop over the folds.

    With ``groups`` beside ``sample_domain``, folds are made of whole groups, the largest first,
    each where its domains and classes are rarest so far.

    Examples
    --------
    >>> from skdomain.model_selection import DomainKFold
    >>> d = [1, 1, 1, 1, -2, -2]
    >>> for train, test in DomainKFold(2).split(d, y=list("aabb??"), sample_domain=d):
    ...     print(train, test)
    [1 3 5] [0 2 4]
    [0 2 4] [1 3 5]
    """

    _parameter_constraints: dict = {
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def _split_domains(self, domains, y):
        rng, codes = check_shuffle(self), source_strata(domains, y)
        fold_of = np.empty(len(domains), dtype=np.intp)
        for rows in rows_by_domain(domains):
            if len(rows) < self.n_splits:
                raise ValueError(
                    f"DomainKFold(n_splits={self.n_splits}) got only {len(rows)} rows of domain "
                    f"{domains[rows[0]]}; lower n_splits or leave the domain out."
                )
            fold_of[rows] = deal(codes[rows], self.n_splits, rng)
        for fold in range(self.n_splits):
            yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)

    def _split_groups(self, domains, y, groups):
        rng, codes = check_shuffle(self), group_codes(groups, len(domains))
        domain, label = stratum_codes(domains), source_strata(domains, y)
        both = stratum_codes(domain * (label.max() + 1) + label)
        fold_of = group_folds(codes, [domain, both], self.n_splits, rng)
        for fold in range(self.n_splits):
            split = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            check_sides(self, domains, *split, tested=(1, -1))
            yield split
