"""Rows of one group, such as a subject, are never on both sides of a split."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, GroupShuffleSplit, cross_validate

from skdomain.compose import SourceOnly
from skdomain.model_selection import (
    DomainKFold,
    DomainShuffleSplit,
    LeaveOneDomainOut,
    TargetKFold,
    TransductiveSplit,
    make_target_scorer,
)

FOLDS = [
    TargetKFold(3),
    TargetKFold(3, shuffle=True, random_state=0),
    TargetKFold(3, stratify="domain"),
    TargetKFold(3, stratify="target_labels"),
    DomainKFold(3),
    DomainKFold(3, shuffle=True, random_state=0),
]
SHUFFLES = [
    DomainShuffleSplit(4, random_state=0),
    DomainShuffleSplit(3, test_size=0.5, train_size=2, random_state=1),
]
each_splitter = pytest.mark.parametrize("splitter", FOLDS + SHUFFLES, ids=str)


def splits(splitter, d, y, groups):
    X = np.empty((len(d), 1))
    return list(clone(splitter, safe=False).split(X, y, groups=groups, sample_domain=d))


@st.composite
def subjects(draw):
    """Labels, domains and groups: subjects of one domain each, or of several of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    numbers = draw(st.sampled_from([[1, -2], [1, 2, -3], [1, 2, -3, -4]]))
    across = draw(st.booleans())
    n_groups = draw(st.integers(6, 9))
    d = rng.permutation(np.repeat(numbers, draw(st.integers(40, 50))))
    own = rng.integers(n_groups, size=len(d))
    groups = own if across else 100 * d + own
    return rng.choice(["a", "b"], len(d)), d, groups


@each_splitter
@given(problem=subjects())
def test_no_group_is_on_both_sides_and_both_domains_are_trained_on(splitter, problem):
    y, d, groups = problem
    for train, test in splits(splitter, d, y, groups):
        assert not set(groups[train]) & set(groups[test])
        assert {*np.sign(d[train])} == {-1, 1}
        assert -1 in np.sign(d[test])
        assert len({*train}) == len(train)
        assert len({*test}) == len(test)


@pytest.mark.parametrize("splitter", FOLDS, ids=str)
@given(problem=subjects())
def test_each_row_that_folds_test_is_tested_once(splitter, problem):
    y, d, groups = problem
    tested = Counter(np.concatenate([test for _, test in splits(splitter, d, y, groups)]).tolist())
    rows = np.flatnonzero(d < 0) if isinstance(splitter, TargetKFold) else np.arange(len(d))
    assert tested == Counter(rows.tolist())


@given(problem=subjects())
def test_target_folds_train_on_all_rows_of_the_other_groups(problem):
    y, d, groups = problem
    for train, test in splits(TargetKFold(3), d, y, groups):
        assert_array_equal(train, np.flatnonzero(~np.isin(groups, groups[test])))


@each_splitter
@given(problem=subjects(), seed=st.integers(0, 99))
def test_names_of_groups_domains_and_classes_have_no_effect(splitter, problem, seed):
    y, d, groups = problem
    rng = np.random.default_rng(seed)
    names, codes = np.unique(groups, return_inverse=True)
    names = rng.permutation([f"subject {i}" for i in range(len(names))])[codes]
    expected = splits(splitter, d, y, groups)
    renamed = splits(splitter, np.sign(d) * (3 + 2 * np.abs(d)), np.where(y == "a", 1, 0), names)
    for pair, other in zip(renamed, expected, strict=True):
        for rows, expected_rows in zip(pair, other, strict=True):
            assert_array_equal(rows, expected_rows)


@pytest.mark.parametrize(
    "splitter",
    [s for s in FOLDS + SHUFFLES if getattr(s, "stratify", None) != "target_labels"],
    ids=str,
)
@given(problem=subjects())
def test_labels_of_target_rows_have_no_effect(splitter, problem):
    y, d, groups = problem
    hidden = np.where(d < 0, None, y)
    for pair, other in zip(
        splits(splitter, d, hidden, groups), splits(splitter, d, y, groups), strict=True
    ):
        assert_array_equal(np.concatenate(pair), np.concatenate(other))


@given(sizes=st.lists(st.integers(1, 9), min_size=4, max_size=12))
def test_target_folds_are_as_large_as_those_of_scikit_learn(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    d = np.concatenate([np.full(len(groups), -2), [1, 1]])
    all_groups = np.concatenate([groups, [-1, -2]])
    ours = sorted(len(test) for _, test in splits(TargetKFold(3), d, None, all_groups))
    expected = [len(test) for _, test in GroupKFold(3).split(groups, groups=groups)]
    assert ours == sorted(expected)


@given(
    sizes=st.lists(st.integers(1, 5), min_size=6, max_size=12),
    test_size=st.sampled_from([0.2, 0.5, 1, 2]),
    train_size=st.sampled_from([None, 0.4, 3]),
)
def test_random_splits_hold_as_many_groups_as_those_of_scikit_learn(sizes, test_size, train_size):
    """Of each domain, as subjects of one domain cannot stand for those of another."""
    own = np.repeat(np.arange(len(sizes)), sizes)
    d, groups = np.repeat([1, -2], len(own)), np.concatenate([own, 100 + own])
    sizes = {"test_size": test_size, "train_size": train_size, "random_state": 0}
    train, test = next(GroupShuffleSplit(1, **sizes).split(own, groups=own))
    expected = len({*own[train]}), len({*own[test]})
    for split in splits(DomainShuffleSplit(3, **sizes), d, None, groups):
        for sign in (1, -1):
            of_domain = [{*groups[rows[np.sign(d[rows]) == sign]].tolist()} for rows in split]
            assert tuple(map(len, of_domain)) == expected


@pytest.mark.parametrize("shuffle", [False, True])
@given(k=st.integers(2, 5), seed=st.integers(0, 2**16))
def test_as_many_groups_as_folds_in_each_domain_reach_every_fold(shuffle, k, seed):
    rng = np.random.default_rng(seed)
    d = np.repeat([1, 2, -3, -4], 40)
    groups = np.concatenate([np.arange(40) % rng.integers(k, 7) + 10 * i for i in range(4)])
    splitter = DomainKFold(k, shuffle=shuffle, random_state=0 if shuffle else None)
    for _, test in splits(splitter, d, rng.choice(["a", "b"], 160), groups):
        assert {*d[test]} == {1, 2, -3, -4}


def test_classes_are_spread_where_groups_allow_it():
    """Subjects of one class each: two of each class and domain, so one of each a fold."""
    d = np.repeat([1, 1, 1, 1, -2, -2], 5)
    y, groups = np.repeat([0, 0, 1, 1, 0, 0], 5), np.repeat(np.arange(6), 5)
    for _, test in splits(DomainKFold(2), d, y, groups):
        assert Counter(zip(d[test], y[test], strict=True)) == {(1, 0): 5, (1, 1): 5, (-2, 0): 5}


def test_groups_are_routed_to_the_folds_of_a_search(make_domains):
    X, y, d = make_domains(60, 60)
    groups = np.arange(len(X)) % 12
    met = []

    class Recording(DomainKFold):
        def split(self, X, y=None, groups=None, sample_domain=None):
            for train, test in super().split(X, y, groups, sample_domain):
                met.append((train, test))
                yield train, test

    given_ = {"sample_domain": d, "groups": groups}
    with config_context(enable_metadata_routing=True):
        GridSearchCV(SourceOnly(LogisticRegression()), {}, cv=Recording(3)).fit(X, y, **given_)
        cross_validate(
            SourceOnly(LogisticRegression()),
            X,
            y,
            cv=Recording(3),
            scoring=make_target_scorer("accuracy"),
            params=given_,
        )
    assert len(met) == 6
    for train, test in met:
        assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize("splitter", [TransductiveSplit(), LeaveOneDomainOut()], ids=str)
def test_splitters_of_whole_domains_refuse_groups(splitter):
    with pytest.raises(ValueError, match="tests whole domains and takes no groups beside sample_d"):
        splits(splitter, np.array([1, 1, -2, -2]), None, [0, 1, 2, 3])


def test_groups_that_cannot_be_kept_together_are_errors():
    d = np.repeat([1, -2], 8)
    for splitter, groups, text in [
        (TargetKFold(3), np.repeat([0, 1, 2, 3], 4), "with a target row among the test rows: too"),
        (TargetKFold(2), np.tile([0, 1], 8) * (d < 0), "a source row among the training rows"),
        (DomainKFold(2), np.repeat([0, 1], 8), "among the training rows: too few groups"),
        (DomainShuffleSplit(2), np.repeat([0, 1], 8), "cannot split the 1 groups of one domain or"),
        (DomainKFold(2), np.arange(15), r"groups has shape \(15,\) but X has 16 rows"),
        (DomainKFold(2), np.where(d > 0, 1, np.nan), "groups is missing in row 8; give each row"),
        (DomainKFold(2), np.where(d > 0, "a", None), "groups is missing in row 8; give each row"),
    ]:
        with pytest.raises(ValueError, match=text):
            splits(splitter, d, None, groups)
