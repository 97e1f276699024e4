"""What a model hides of a shift lowers the lower end of what is expected, and is told."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdomain._estimators import call_with_domains
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import estimate_accuracy
from skdomain.model_selection._expected._hidden import HiddenShift, told_apart

PLAIN = SourceOnly(LogisticRegression())


def two_domains(step, n=80, seed=0):
    rng = np.random.default_rng(seed)
    y, d = np.tile([0, 1], n), np.repeat([1, -1], n)
    X = rng.normal(size=(2 * n, 2)) + 2.5 * y[:, None]
    return X + step * (d < 0)[:, None], y, d


def expected(model, X, y, d):
    fitted = call_with_domains(model, "fit", X, np.where(d > 0, y, None), sample_domain=d)
    return estimate_accuracy(fitted, X, y, d, n_bootstrap=50)


def test_a_share_may_be_as_right_as_chance():
    hidden = HiddenShift(rows=0.75, seen=0.25)
    assert hidden.share == 0.5
    assert_allclose(hidden.reached((0.8, 0.9), 2), (0.65, 0.9))
    assert_allclose(hidden.reached((0.8, 0.9), 4), (0.525, 0.9))
    # what is expected to be worse than chance stays, and so does what nothing is hidden of
    assert_allclose(hidden.reached((0.3, 0.9), 2), (0.3, 0.9))
    assert HiddenShift(0.25, 0.75).reached((0.8, 0.9), 2) == (0.8, 0.9)


def test_domains_are_told_apart_from_not_at_all_to_fully():
    X, _, d = two_domains(0)
    assert told_apart(X[d > 0], X[d < 0]) < 0.2
    assert told_apart(X[d > 0], X[d < 0] + 50) == 1


def test_of_many_rows_the_same_are_drawn():
    X, _, d = two_domains(1, n=1100)
    first, second = (told_apart(X[d > 0], X[d < 0]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_order_and_units_of_the_rows_do_not_matter(form):
    X, _, d = two_domains(1)
    S, T = X[d > 0], X[d < 0]
    found = told_apart(form(S), form(T))
    assert 0.2 < found < 0.9
    assert told_apart(form(S[::-1]), form(T[::-1])) == found
    assert_allclose(told_apart(form(S * [1, 8]), form(T * [1, 8])), found, atol=1e-3)


def test_a_model_that_changes_no_row_hides_nothing():
    found = expected(PLAIN, *two_domains(2))
    alone = [each for each in found.doubts if "look alike" in each]
    assert not alone


def test_a_hidden_shift_lowers_the_lower_end_alone(monkeypatch):
    problem, model = two_domains(4), make_pipeline(PerDomain(), PLAIN)
    found = expected(model, *problem)
    assert any("makes domains look alike that their rows tell apart" in one for one in found.doubts)
    shares = []

    def without(self, interval, n_classes):
        shares.append(self.share)
        return interval

    monkeypatch.setattr(HiddenShift, "reached", without)
    plain = expected(model, *problem)
    (share,) = shares
    assert share > 0.8
    assert (plain.value, plain.interval[1]) == (found.value, found.interval[1])
    low = (1 - share) * plain.interval[0] + share * 0.5
    assert_allclose(found.interval[0], min(low, plain.interval[0]))
    assert_array_equal(plain.confusion, found.confusion)
    assert plain.by_method == found.by_method
