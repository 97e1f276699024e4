import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.model_selection import check_cv

from skdomain.model_selection import TargetKFold, TransductiveSplit

SPLITTERS = [TargetKFold(3), TargetKFold(3, shuffle=True, random_state=0), TransductiveSplit()]

domain_labels = st.lists(st.sampled_from([1, 2, -3, -5]), min_size=4, max_size=40).filter(
    lambda d: sum(np.array(d) < 0) >= 3
)


def folds(splitter, d):
    return list(splitter.split(np.empty((len(d), 1)), sample_domain=d))


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
@given(d=domain_labels)
def test_each_target_row_is_tested_once_and_no_source_row_ever(splitter, d):
    tested = np.concatenate([test for _, test in folds(splitter, d)])
    assert_array_equal(np.sort(tested), np.flatnonzero(np.array(d) < 0))


@pytest.mark.parametrize("shuffle", [False, True])
@given(d=domain_labels, n_splits=st.integers(2, 3))
def test_k_folds_train_on_all_rows_that_they_do_not_test(shuffle, d, n_splits):
    splitter = TargetKFold(n_splits, shuffle=shuffle, random_state=0 if shuffle else None)
    splits = folds(splitter, d)
    assert len(splits) == splitter.get_n_splits() == n_splits
    for train, test in splits:
        assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(d)))
    sizes = [len(test) for _, test in splits]
    assert max(sizes) - min(sizes) <= 1


@given(d=domain_labels)
def test_the_transductive_split_trains_on_every_row(d):
    ((train, test),) = folds(TransductiveSplit(), d)
    assert TransductiveSplit().get_n_splits() == 1
    assert_array_equal(train, np.arange(len(d)))
    assert_array_equal(test, np.flatnonzero(np.array(d) < 0))


def test_unshuffled_folds_are_runs_of_target_rows():
    d = [-1, 1, -1, -1, 1, -1]
    assert [test.tolist() for _, test in folds(TargetKFold(2), d)] == [[0, 2], [3, 5]]


def test_shuffled_folds_are_set_by_the_seed():
    d = np.repeat([1, -2], 20)
    first, again, other = (
        [test.tolist() for _, test in folds(TargetKFold(shuffle=True, random_state=seed), d)]
        for seed in (0, 0, 1)
    )
    assert first == again != other
    assert first != [test.tolist() for _, test in folds(TargetKFold(), d)]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
def test_groups_serve_where_metadata_is_not_routed(splitter):
    d = np.tile([1, -2], 6)
    by_groups = list(splitter.split(np.empty((12, 1)), groups=d))
    for (train, test), (train2, test2) in zip(by_groups, folds(splitter, d), strict=True):
        assert_array_equal(train, train2)
        assert_array_equal(test, test2)


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
def test_splitters_ask_for_the_domains_and_not_for_groups(splitter):
    with config_context(enable_metadata_routing=True):
        requests = splitter.get_metadata_routing().split.requests
    assert requests["sample_domain"] is True
    assert check_cv(splitter) is splitter


@pytest.mark.parametrize("splitter", SPLITTERS, ids=str)
@pytest.mark.parametrize(
    ("d", "text"),
    [
        (None, r"needs the domains of the rows: pass sample_domain \(or groups=sample_domain"),
        ([1, 1, 2, 1], "got no target row: every entry of sample_domain is positive; mark target"),
        ([1, 0, -1, 1], "sample_domain is 0 in row 1"),
        ([1, -1, 1], r"sample_domain has shape \(3,\) but X has 4 rows"),
    ],
    ids=["none", "no target", "zero", "too short"],
)
def test_domains_that_cannot_be_split_are_errors(splitter, d, text):
    with pytest.raises(ValueError, match=text):
        list(splitter.split(np.empty((4, 1)), sample_domain=d))


def test_more_folds_than_target_rows_are_an_error():
    with pytest.raises(
        ValueError, match=r"TargetKFold\(n_splits=3\) got only 2 target rows; lower"
    ):
        folds(TargetKFold(3), [1, -1, -1])
