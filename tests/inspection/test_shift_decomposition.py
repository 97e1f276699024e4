"""What the split of a change of loss promises, on laws that are enumerated and on drawn rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.datasets import make_covariate_shift, make_regression_shift
from skdomain.inspection import shift_decomposition
from skdomain.inspection._shift_parts import loss_parts, shared_weights
from skdomain.inspection._shift_table import ShiftDecomposition

# Three rows x; numbers of source and of target rows with each, and of those with y = 1.
SOURCE, TARGET = np.array([8, 4, 4]), np.array([2, 4, 10])
ONES_SOURCE, ONES_TARGET = np.array([4, 1, 2]), np.array([1, 3, 0])


class Frequencies(ClassifierMixin, BaseEstimator):
    """Knows how many rows of each kind are target rows, whatever it is fitted to."""

    def __init__(self, target_share=()):
        self.target_share = target_share

    def fit(self, X, y):
        self.classes_ = np.array([False, True])
        return self

    def predict_proba(self, X):
        share = np.asarray(self.target_share)[X[:, 0].astype(int)]
        return np.column_stack([1 - share, share])

    def predict(self, X):
        return self.predict_proba(X)[:, 1] > 0.5


def rows(counts, ones):
    """Rows of a law on three values, with labels in the shares that are given."""
    X = np.repeat(np.arange(3.0), counts)[:, None]
    y = np.concatenate([np.arange(n) < k for n, k in zip(counts, ones, strict=True)])
    return X, y.astype(int)


def split(source, ones_source, target, ones_target):
    """The decomposition for a model that always says 0, with the true domain probabilities."""
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    model.coef_[:], model.intercept_[:] = 0, -1
    knows = Frequencies(target / (source + target))
    sides = rows(source, ones_source), rows(target, ones_target)
    return shift_decomposition(model, *sides[0], *sides[1], classifier=knows, n_bootstrap=2)


def changes(found):
    return np.array([part.change for part in found[:3]])


# -- Laws that are enumerated -------------------------------------------------------------------


def test_the_parts_are_those_of_the_paper():
    """Transcribed: s ~ p q / (p + q), and the loss is the probability of y = 1."""
    p, q = SOURCE / SOURCE.sum(), TARGET / TARGET.sum()
    s = p * q / (p + q)
    s /= s.sum()
    under_p, under_q = ONES_SOURCE / SOURCE, ONES_TARGET / TARGET
    found = split(SOURCE, ONES_SOURCE, TARGET, ONES_TARGET)
    expected = [s @ under_p - p @ under_p, s @ (under_q - under_p), q @ under_q - s @ under_q]
    assert_allclose(changes(found), expected)
    assert_allclose(found.source_loss, p @ under_p)
    assert_allclose(found.shared_target_loss, s @ under_q)


def test_domains_of_different_sizes_weigh_as_their_laws_do():
    found = split(SOURCE, ONES_SOURCE, TARGET, ONES_TARGET)
    more = split(5 * SOURCE, 5 * ONES_SOURCE, TARGET, ONES_TARGET)
    assert_allclose(changes(more), changes(found))


def test_without_covariate_shift_both_parts_of_x_are_zero():
    found = split(SOURCE, ONES_SOURCE, 2 * SOURCE, 2 * SOURCE)
    assert_allclose(
        [found.x_source_to_shared.change, found.x_shared_to_target.change], 0, atol=1e-15
    )
    assert_allclose(found.y_given_x.change, found.total.change)


def test_without_concept_shift_the_part_of_y_given_x_is_zero():
    found = split(SOURCE, SOURCE // 2, TARGET, TARGET // 2)
    other = split(SOURCE, SOURCE * [0, 1, 1], TARGET, TARGET * [0, 1, 1])
    assert_allclose([found.y_given_x.change, other.y_given_x.change], 0, atol=1e-15)
    assert other.x_source_to_shared.change > 0.1
    assert other.x_shared_to_target.change > 0.1


def test_exchanged_domains_exchange_the_parts_and_their_signs():
    there = split(SOURCE, ONES_SOURCE, TARGET, ONES_TARGET)
    back = split(TARGET, ONES_TARGET, SOURCE, ONES_SOURCE)
    assert_allclose(changes(back), -changes(there)[::-1])


def test_weights_are_between_0_and_1_and_constant_where_nothing_tells_the_domains_apart():
    is_target = np.repeat([False, True], [6, 3])
    for weights in shared_weights(np.full(9, 1 / 3), is_target):
        assert_allclose(weights, 0.5)
    for weights in shared_weights(np.random.default_rng(0).random(9), is_target):
        assert ((weights >= 0) & (weights <= 1)).all()


# -- Drawn rows ---------------------------------------------------------------------------------


def drawn(kind="affine", n=60):
    p = make_regression_shift(2 * n, n, kind=kind, random_state=0)
    model = LinearRegression().fit(p.X[:n], p.y[:n])
    return model, p.X[n : 2 * n], p.y[n : 2 * n], p.X[2 * n :], p.y[2 * n :]


@pytest.mark.parametrize("kind", ["covariate", "affine", "concept"])
def test_the_parts_add_up_to_the_change_of_the_mean_loss(kind):
    model, Xs, ys, Xt, yt = drawn(kind)
    found = shift_decomposition(model, Xs, ys, Xt, yt, n_bootstrap=5)
    source, target = (np.mean((y - model.predict(X)) ** 2) for X, y in ((Xs, ys), (Xt, yt)))
    assert_allclose(changes(found).sum(), target - source)
    assert_allclose(found.total.change, target - source)
    assert all(part.low <= part.high for part in found[:4])


def test_the_largest_part_is_what_was_changed():
    for kind, name in (("covariate", "x_shared_to_target"), ("concept", "y_given_x")):
        found = shift_decomposition(*drawn(kind, n=300), n_bootstrap=20)
        assert getattr(found, name).low > 0
        assert getattr(found, name).change > 0.5 * found.total.change


@pytest.mark.parametrize("scale", [4.0, 0.0])
def test_any_loss_counts_and_its_unit_is_that_of_the_parts(scale):
    model, *sides = drawn()
    one = shift_decomposition(model, *sides, loss=lambda y, f: np.abs(y - f), n_bootstrap=9)
    other = shift_decomposition(
        model, *sides, loss=lambda y, f: scale * np.abs(y - f), n_bootstrap=9
    )
    assert_allclose(np.array(other[:4]), scale * np.array(one[:4]), atol=1e-15)


def test_a_loss_may_read_probabilities():
    p = make_covariate_shift(60, 40, random_state=0)
    model = LogisticRegression().fit(p.X[:60], p.y[:60])
    sides = p.X[:60], p.y[:60], p.X[60:], p.y[60:]

    def log_loss(y, proba):
        return -np.log(proba[np.arange(len(y)), y])

    found = shift_decomposition(
        model, *sides, loss=log_loss, response_method="predict_proba", n_bootstrap=2
    )
    assert_allclose(found.source_loss, log_loss(p.y[:60], model.predict_proba(p.X[:60])).mean())


def test_the_order_of_the_rows_changes_no_bit():
    model, Xs, ys, Xt, yt = drawn()
    expected = shift_decomposition(model, Xs, ys, Xt, yt, n_bootstrap=9)
    one, other = (np.random.default_rng(k).permutation(60) for k in range(2))
    found = shift_decomposition(model, Xs[one], ys[one], Xt[other], yt[other], n_bootstrap=9)
    assert_allclose(np.array(found[:4]), np.array(expected[:4]), rtol=1e-9)


def test_frames_with_categories_are_taken():
    rng = np.random.default_rng(0)

    def frame(share):
        return pd.DataFrame({"x": rng.normal(size=50), "site": rng.choice(["a", "b"], 50, p=share)})

    class Site(ClassifierMixin, BaseEstimator):
        def predict(self, X):
            return X["site"].to_numpy()

    found = shift_decomposition(
        Site(), frame([0.8, 0.2]), ["a"] * 50, frame([0.2, 0.8]), ["a"] * 50, n_bootstrap=2
    )
    assert abs(found.y_given_x.change) < 0.2 * found.total.change


def test_the_model_is_told_which_rows_are_source_rows():
    p = make_regression_shift(60, 60, kind="affine", random_state=0)
    seen = []

    class Recording(SourceOnly):
        def predict(self, X, sample_domain=None):
            seen.append(sample_domain)
            return super().predict(X, sample_domain)

    model = Recording(LinearRegression()).fit(p.X, p.y, sample_domain=p.sample_domain)
    shift_decomposition(model, p.X[:60], p.y[:60], p.X[60:], p.y[60:], n_bootstrap=2)
    assert_array_equal(seen[0], np.ones(60))
    assert seen[1] is None


def test_it_prints_as_a_table_of_text_or_html():
    found = shift_decomposition(*drawn(), n_bootstrap=9, level=0.9)
    assert isinstance(found, ShiftDecomposition)
    lines = repr(found).splitlines()
    assert lines[2].split() == ["part", "of", "the", "change", "change", "5", "%", "95", "%"]
    assert [line.split("  ")[0] for line in lines[3:]] == [
        "X, source to shared",
        "Y given X, on shared rows",
        "X, shared to target",
        "in all",
    ]
    assert f"<td>{found.total.change:.4g}</td>" in found._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": lambda y, f: np.mean(y - f)}, r"loss gave shape \(\) for 60 source rows"),
        ({"loss": lambda y, f: np.full(len(y), np.inf)}, "the losses of the source rows"),
        ({"level": 1.0}, "The 'level' parameter of shift_decomposition must be"),
        ({"classifier": Frequencies([0.0] * 200)}, "certain of the domain"),
    ],
)
def test_bad_input_is_named(change, message):
    model, Xs, ys, Xt, yt = drawn()
    with pytest.raises(ValueError, match=message):
        shift_decomposition(model, np.abs(Xs), ys, np.abs(Xt), yt, **change)


def test_missing_labels_and_single_rows_are_named():
    model, Xs, ys, Xt, yt = drawn()
    yt[3] = np.nan
    with pytest.raises(ValueError, match="1 of 60 target rows have none"):
        shift_decomposition(model, Xs, ys, Xt, yt)
    with pytest.raises(ValueError, match="two target rows at least, got 1"):
        shift_decomposition(model, Xs, ys, Xt[:1], yt[:1])


def test_the_copies_of_a_row_are_judged_by_a_classifier_that_has_seen_none():
    """In every draw, too: each fit leaves out all copies of the rows that it is asked of."""
    seen = []

    class Spy(Frequencies):
        def fit(self, X, y):
            self.seen_ = set(X[:, 1])
            return super().fit(X, y)

        def predict_proba(self, X):
            seen.append(self.seen_ & set(X[:, 1]))
            return np.full((len(X), 2), 0.5)

    X, y = np.column_stack([np.zeros(20), np.arange(20.0)]), np.arange(20.0)
    model = LinearRegression().fit(X, y)
    shift_decomposition(model, X[:12], y[:12], X[12:], y[12:], classifier=Spy(), n_bootstrap=9)
    assert len(seen) > 40
    assert not any(seen)


def test_the_intervals_are_of_draws_of_rows():
    """Without a classifier to doubt, those of the sum are those of the difference of two means."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(2, 200))
    X = np.column_stack([np.zeros(200), rng.normal(size=200)])

    class Even(Frequencies):
        def predict_proba(self, X):
            return np.full((len(X), 2), 0.5)

    model = LinearRegression().fit(X, np.zeros(200))
    found = shift_decomposition(
        model, X, y[0], X, y[1], loss=lambda y, f: y, classifier=Even(), n_bootstrap=400, level=0.9
    )
    error = np.sqrt(y[0].var() / 200 + y[1].var() / 200)
    assert_allclose(found.total.high - found.total.low, 2 * 1.645 * error, rtol=0.15)
    assert_allclose(found.y_given_x, found.total)
    assert_allclose(found.x_source_to_shared, 0, atol=1e-12)


def test_loss_parts_are_plain_sums():
    found = loss_parts(([1.0, 3.0], [5.0]), (np.array([1.0, 0.0]), np.array([0.5])))
    assert found == [-1.0, 4.0, 0.0, 3.0, 2.0, 5.0, 1.0, 5.0]
