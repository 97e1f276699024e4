"""The diabetes data: every row in one domain, and nothing of what defines the domains in X."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_diabetes

from skdomain.datasets import load_diabetes_domains


@pytest.mark.parametrize(("by", "sizes"), [("sex", [235, 207]), ("age", [214, 228])])
def test_domains_are_the_rows_of_scikit_learn(by, sizes):
    table, data = load_diabetes(scaled=False), load_diabetes_domains(by=by)
    assert np.bincount(data.domain_index).tolist() == sizes
    assert by not in data.feature_names
    kept = [table.feature_names.index(name) for name in data.feature_names]
    value = table.data[:, table.feature_names.index(by)]
    first = value == 1 if by == "sex" else value < 50
    order = np.concatenate([np.flatnonzero(first), np.flatnonzero(~first)])
    assert_array_equal(data.X, table.data[np.ix_(order, kept)])
    assert_array_equal(data.y, table.target[order])


def test_tasks_go_both_ways():
    names = [task.name for task in load_diabetes_domains().tasks()]
    assert names == ["sex1->sex2", "sex2->sex1"]


def test_another_split_is_named():
    with pytest.raises(ValueError, match="The 'by' parameter of load_diabetes_domains"):
        load_diabetes_domains(by="bmi")
