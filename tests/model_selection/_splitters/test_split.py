from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import check_cv

from skdomain.model_selection import (
    DomainKFold,
    DomainShuffleSplit,
    LeaveOneDomainOut,
    TargetKFold,
    TransductiveSplit,
)

TARGET_SPLITTERS = [
    TargetKFold(3),
    TargetKFold(3, shuffle=True, random_state=0),
    TargetKFold(3, stratify="domain"),
    TransductiveSplit(),
    LeaveOneDomainOut(),
    LeaveOneDomainOut(transductive=False),
]
K_FOLDS = [DomainKFold(3), DomainKFold(3, shuffle=True, random_state=0)]
SHUFFLES = [
    DomainShuffleSplit(4, random_state=0),
    DomainShuffleSplit(2, test_size=0.5, train_size=0.3, random_state=1),
]
SPLITTERS = TARGET_SPLITTERS + K_FOLDS + SHUFFLES
each_splitter = pytest.mark.parametrize("splitter", SPLITTERS, ids=str)


@st.composite
def problems(draw):
    """Labels and domains of rows in any order: up to two sources and two targets of 4 to 15."""
    numbers = draw(st.sampled_from([[1, -2, -3], [1, 2, -3, -5], [7, 4, -1, -9]]))
    sizes = draw(st.lists(st.integers(4, 15), min_size=len(numbers), max_size=len(numbers)))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    d = rng.permutation(np.repeat(numbers, sizes))
    return rng.choice(["a", "b", "c"], len(d), p=[0.6, 0.3, 0.1]), d


def splits(splitter, d, y=None):
    return list(clone(splitter, safe=False).split(np.empty((len(d), 1)), y, sample_domain=d))


def assert_same_splits(got, expected):
    for pair, other in zip(got, expected, strict=True):
        for rows, expected_rows in zip(pair, other, strict=True):
            assert_array_equal(rows, expected_rows)


# -- All splitters ------------------------------------------------------------------------------


@each_splitter
@given(problem=problems())
def test_both_domains_are_trained_on_and_target_rows_tested(splitter, problem):
    y, d = problem
    pairs = splits(splitter, d, y)
    assert len(pairs) == splitter.get_n_splits(sample_domain=d) == splitter.get_n_splits(groups=d)
    for train, test in pairs:
        assert {*np.sign(d[train])} == {-1, 1}
        assert -1 in np.sign(d[test])
        assert len({*train}) == len(train)
        assert len({*test}) == len(test)
        assert train.dtype.kind == test.dtype.kind == "i"


@each_splitter
@given(problem=problems(), seed=st.integers(0, 99))
def test_labels_of_target_rows_have_no_effect(splitter, problem, seed):
    y, d = problem
    expected, target = splits(splitter, d, y), d < 0
    random = np.random.default_rng(seed).choice(["a", "b", "zebra"], len(d))
    numbers = np.unique(y, return_inverse=True)[1]
    for labels in (
        np.where(target, random, y),
        np.where(target, None, y),
        np.where(target, np.nan, numbers),
        pd.Series(np.where(target, None, y)),
        [None if t else label for t, label in zip(target, y, strict=True)],
    ):
        assert_same_splits(splits(splitter, d, labels), expected)


@each_splitter
@given(problem=problems())
def test_names_of_domains_and_classes_have_no_effect(splitter, problem):
    y, d = problem
    renamed = np.sign(d) * (10 + 3 * np.abs(d))
    classes = np.select([y == "a", y == "b"], [2.5, -1], 0)
    assert_same_splits(splits(splitter, renamed, classes), splits(splitter, d, y))


@pytest.mark.parametrize(
    "splitter",
    [
        TargetKFold(3, shuffle=True),
        TargetKFold(3, shuffle=True, stratify="domain"),
        DomainKFold(3, shuffle=True),
        DomainShuffleSplit(3),
    ],
    ids=str,
)
def test_the_seed_alone_decides_on_a_random_split(splitter):
    d = np.repeat([1, -2, -3], 20)

    def tests(seed):
        seeded = clone(splitter, safe=False)
        seeded.random_state = seed
        return [test.tolist() for _, test in splits(seeded, d)]

    assert tests(0) == tests(0) != tests(1)
    assert tests(np.random.RandomState(0)) == tests(0)


@each_splitter
def test_groups_serve_where_metadata_is_not_routed(splitter):
    d = np.tile([1, -2, -3], 6)
    by_groups = list(splitter.split(np.empty((18, 1)), groups=d))
    assert_same_splits(by_groups, splits(splitter, d))


@each_splitter
def test_splitters_ask_for_the_domains_and_for_groups(splitter):
    with config_context(enable_metadata_routing=True):
        requests = splitter.get_metadata_routing().split.requests
    assert requests["sample_domain"] is requests["groups"] is True
    assert check_cv(splitter) is splitter


@each_splitter
@pytest.mark.parametrize(
    ("d", "text"),
    [
        (None, r"needs the domains of the rows: pass sample_domain \(or groups=sample_domain"),
        ([1, 1, 2, 1], "got no target row among 4 rows; sample_domain holds positive integers"),
        ([-1, -1, -2, -1], "got no source row among 4 rows; sample_domain holds positive integers"),
        ([1, 0, -1, 1], "sample_domain is 0 in row 1"),
        ([1, -1, 1], r"sample_domain has shape \(3,\) but X has 4 rows"),
    ],
    ids=["none", "no target", "no source", "zero", "too short"],
)
def test_domains_that_cannot_be_split_are_errors(splitter, d, text):
    with pytest.raises(ValueError, match=text):
        list(splitter.split(np.empty((4, 1)), sample_domain=d))


@each_splitter
def test_labels_of_another_length_are_an_error(splitter):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        list(splitter.split(np.empty((4, 1)), [0, 1], sample_domain=[1, 1, -2, -3]))


@pytest.mark.parametrize(
    ("splitter", "text"),
    [
        (TargetKFold(1), "The 'n_splits' parameter of TargetKFold"),
        (TargetKFold(stratify="y"), "The 'stratify' parameter of TargetKFold"),
        (DomainKFold(1), "The 'n_splits' parameter of DomainKFold"),
        (DomainShuffleSplit(0), "The 'n_splits' parameter of DomainShuffleSplit"),
        (DomainShuffleSplit(test_size=1.5), "The 'test_size' parameter of DomainShuffleSplit"),
        (LeaveOneDomainOut(transductive="no"), "The 'transductive' parameter of LeaveOneDomainOut"),
        (TargetKFold(random_state=0), "TargetKFold got random_state=0, .* without shuffle=True"),
        (DomainKFold(random_state=0), "DomainKFold got random_state=0, .* without shuffle=True"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(splitter, text):
    with pytest.raises(ValueError, match=text):
        splits(splitter, np.repeat([1, -2], 9))


@pytest.mark.parametrize(
    ("splitter", "text"),
    [
        (TargetKFold(4), r"TargetKFold\(n_splits=4\) got only 3 target rows; lower"),
        (DomainKFold(3), r"DomainKFold\(n_splits=3\) got only 2 rows of domain -2; lower"),
        (DomainShuffleSplit(), r"cannot split the 1 rows of domain -3: 1 to test and at least 1"),
        (
            DomainShuffleSplit(test_size=1, train_size=2),
            r"cannot split the 2 rows of domain -2: 1 to test and at least 2",
        ),
        (
            LeaveOneDomainOut(transductive=False),
            r"got one target domain only, -2, so that none is left to adapt to; take transductive",
        ),
    ],
    ids=str,
)
def test_too_few_rows_are_an_error_that_says_where(splitter, text):
    d = [1, 1, 1, 1, -2, -2, -3]
    if isinstance(splitter, LeaveOneDomainOut):
        d = d[:-1]
    with pytest.raises(ValueError, match=text):
        splits(splitter, d)


# -- TargetKFold and TransductiveSplit -----------------------------------------------------------


@pytest.mark.parametrize("splitter", TARGET_SPLITTERS, ids=str)
@given(problem=problems())
def test_each_target_row_is_tested_once_and_no_source_row_ever(splitter, problem):
    d = problem[1]
    tested = np.concatenate([test for _, test in splits(splitter, d)])
    assert_array_equal(np.sort(tested), np.flatnonzero(d < 0))


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("stratify", [None, "domain", "target_labels"])
@given(problem=problems(), n_splits=st.integers(2, 8))
def test_target_folds_train_on_all_rows_that_they_do_not_test(shuffle, stratify, problem, n_splits):
    y, d = problem
    options = {"shuffle": shuffle, "random_state": 0 if shuffle else None}
    pairs = splits(TargetKFold(n_splits, stratify=stratify, **options), d, y)
    for train, test in pairs:
        assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(d)))
    assert len(pairs) == n_splits
    assert_even([len(test) for _, test in pairs])


def assert_even(counts):
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("shuffle", [False, True])
@given(problem=problems(), n_splits=st.integers(2, 8))
def test_strata_are_spread_evenly_over_the_target_folds(shuffle, problem, n_splits):
    y, d = problem
    options = {"shuffle": shuffle, "random_state": 0 if shuffle else None}
    for stratify, strata in (("domain", d), ("target_labels", y)):
        pairs = splits(TargetKFold(n_splits, stratify=stratify, **options), d, y)
        for stratum in np.unique(strata):
            assert_even([np.count_nonzero(strata[test] == stratum) for _, test in pairs])


def test_folds_stratified_by_target_labels_say_that_they_need_them():
    d = [1, 1, -2, -2, -2]
    splitter = TargetKFold(2, stratify="target_labels")
    for y in (None, [0, 1, 0, np.nan, 1], ["a", "b", "a", None, "b"]):
        with pytest.raises(ValueError, match=r"needs a label of every target row .* stratify=None"):
            splits(splitter, d, y)


def test_unshuffled_folds_are_runs_of_target_rows():
    d = [-1, 1, -1, -1, 1, -1]
    assert [test.tolist() for _, test in splits(TargetKFold(2), d)] == [[0, 2], [3, 5]]
    d = [1, -2, -3, -2, -3, -2, -2]
    tests = [test.tolist() for _, test in splits(TargetKFold(2, stratify="domain"), d)]
    assert tests == [[1, 2, 3], [4, 5, 6]]


@given(problem=problems())
def test_the_transductive_split_trains_on_every_row(problem):
    d = problem[1]
    ((train, test),) = splits(TransductiveSplit(), d)
    assert_array_equal(train, np.arange(len(d)))
    assert_array_equal(test, np.flatnonzero(d < 0))


# -- LeaveOneDomainOut --------------------------------------------------------------------------


@given(seed=st.integers(0, 99), n_sites=st.integers(3, 5))
def test_a_site_given_as_source_and_target_is_never_both_in_one_split(seed, n_sites):
    site = np.random.default_rng(seed).permutation(np.repeat(np.arange(1, n_sites + 1), 4))
    d, row = np.hstack([site, -site]), np.tile(np.arange(len(site)), 2)
    for transductive in (True, False):
        pairs = splits(LeaveOneDomainOut(transductive=transductive), d)
        for k, (train, test) in enumerate(pairs, start=1):
            assert_array_equal(test, np.flatnonzero(d == -k))
            learnt = train[d[train] > 0]
            assert {*d[learnt]} == {*range(1, n_sites + 1)} - {k}
            assert not {*row[learnt]} & {*row[test]}
            adapted = {*d[train][d[train] < 0]}
            assert adapted == ({-k} if transductive else {*-site} - {-k})


def test_the_transductive_split_is_that_of_leaving_the_only_target_out():
    d = [1, -3, 2, -3, 1]
    assert_same_splits(splits(LeaveOneDomainOut(), d), splits(TransductiveSplit(), d))


def test_a_domain_that_cannot_be_learnt_on_others_is_an_error():
    with pytest.raises(ValueError, match="no source row left for target domain -1: all are of "):
        splits(LeaveOneDomainOut(), [1, 1, -1, -1])


def test_counting_the_domains_to_leave_out_needs_the_domains():
    assert LeaveOneDomainOut().get_n_splits(groups=[1, 2, -3, -4, -3]) == 2
    with pytest.raises(ValueError, match="LeaveOneDomainOut needs the domains of the rows"):
        LeaveOneDomainOut().get_n_splits(np.empty((4, 1)))


# -- Splits of both domains ---------------------------------------------------------------------


@pytest.mark.parametrize("splitter", K_FOLDS, ids=str)
@given(problem=problems())
def test_folds_of_both_domains_partition_the_rows(splitter, problem):
    y, d = problem
    pairs = splits(splitter, d, y)
    assert_array_equal(np.sort(np.concatenate([test for _, test in pairs])), np.arange(len(d)))
    for train, test in pairs:
        assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(d)))
    for domain in np.unique(d):
        assert_even([np.count_nonzero(d[test] == domain) for _, test in pairs])
        for label in np.unique(y) if domain > 0 else ():
            here = (d == domain) & (y == label)
            assert_even([np.count_nonzero(here[test]) for _, test in pairs])


def expected_sizes(splitter, n_rows):
    n_test = int(np.ceil(splitter.test_size * n_rows))
    if splitter.train_size is None:
        return n_rows - n_test, n_test
    return int(splitter.train_size * n_rows), n_test


@pytest.mark.parametrize("splitter", SHUFFLES, ids=str)
@given(problem=problems())
def test_random_splits_hold_each_domain_in_the_sizes_asked_for(splitter, problem):
    y, d = problem
    for train, test in splits(splitter, d, y):
        assert not {*train} & {*test}
        for domain, n_rows in Counter(d.tolist()).items():
            sizes = np.count_nonzero(d[train] == domain), np.count_nonzero(d[test] == domain)
            assert sizes == expected_sizes(splitter, n_rows)


@given(problem=problems(), test_size=st.integers(1, 3))
def test_random_splits_spread_the_classes_of_each_source(problem, test_size):
    """A class has its share of the test rows of its domain, rounded up or down."""
    y, d = problem
    for _, test in splits(DomainShuffleSplit(5, test_size=test_size, random_state=0), d, y):
        for domain in np.unique(d[d > 0]):
            for label in np.unique(y):
                here = (d == domain) & (y == label)
                share = test_size * here.sum() / np.count_nonzero(d == domain)
                tested = np.count_nonzero(here[test])
                assert np.floor(share) <= tested <= np.ceil(share)


def test_random_splits_test_every_row_of_a_domain_equally_often():
    """Within five standard deviations of the binomial law of 2000 draws; a rare class included."""
    d = np.array([1] * 7 + [-2] * 5)
    y = np.array([0, 0, 0, 0, 1, 1, 2] + [9] * 5)
    n = 2000
    times = np.zeros(len(d))
    for _, test in splits(DomainShuffleSplit(n, test_size=2, random_state=0), d, y):
        times[test] += 1
    share = np.where(d > 0, 2 / 7, 2 / 5)
    assert_allclose(times, n * share, rtol=0, atol=5 * np.sqrt(n * 0.25))


@given(problem=problems())
def test_first_parts_of_random_training_rows_hold_the_domains_in_proportion(problem):
    d = problem[1]
    ((train, _),) = splits(DomainShuffleSplit(1, random_state=0), d)
    for domain in np.unique(d):
        here = d[train] == domain
        expected = here.mean() * np.arange(1, len(train) + 1)
        assert np.abs(np.cumsum(here) - expected).max() <= len(np.unique(d))


@given(n_source=st.integers(2, 40), n_target=st.integers(2, 40))
def test_first_parts_are_off_the_proportion_of_two_domains_by_half_a_row_at_most(
    n_source, n_target
):
    """The first t n rows hold t n_i rows of each domain, rounded: no merge comes nearer."""
    d = np.repeat([1, -2], [n_source, n_target])
    ((train, _),) = splits(DomainShuffleSplit(1, random_state=0), d)
    here = d[train] > 0
    expected = here.mean() * np.arange(1, len(train) + 1)
    assert np.abs(np.cumsum(here) - expected).max() <= 0.5 + 1e-12


def test_values_to_regress_on_do_not_make_the_random_splits_less_random():
    d = np.repeat([1, -2], 20)
    y = np.arange(40.0)
    tests = {tuple(test) for _, test in splits(DomainShuffleSplit(20, random_state=0), d, y)}
    assert len(tests) == 20
    for splitter in (DomainKFold(4), DomainShuffleSplit(3, random_state=0)):
        assert_same_splits(splits(splitter, d, y[:, None].repeat(2, 1)), splits(splitter, d))
