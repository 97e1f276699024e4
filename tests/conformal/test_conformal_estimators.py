"""Sets and intervals: equal to computations by hand, and what they are made of."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skdomain.compose import PerDomain, SourceOnly
from skdomain.conformal import (
    DomainConformalClassifier,
    DomainConformalRegressor,
    conformal_thresholds,
)
from skdomain.conformal._held_out_rows import held_out_rows
from skdomain.conformal._nonconformity import aps_scores, lac_scores
from skdomain.label_shift import BBSE, EMPriors
from skdomain.subspace import JDA
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)

few_finite = pytest.mark.filterwarnings("ignore:.* rows get a:UserWarning")
RATIOS = [
    GaussianWeighting(),
    RuLSIF(),
    KLIEP(),
    ClassifierWeighting(),
    NearestNeighborWeighting(n_neighbors=3),
]


def tilt(X):
    """Ratio of N(0.7, 1) to N(0, 1) in the last feature, but for a factor."""
    return np.exp(0.7 * np.asarray(X)[:, -1])


def held_out(model, X, y, d):
    """Source rows that are no training rows, found by what the classifier was told."""
    seen = {row.tobytes() for row in model.estimator_.rows_}
    return np.array([row.tobytes() not in seen for row in X]) & (d > 0)


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps the rows that it was trained on."""

    def fit(self, X, y):
        self.rows_, self.labels_, self.classes_ = X, y, np.unique(y)
        self.inner_ = LogisticRegression().fit(X, y)
        return self

    def predict_proba(self, X):
        return self.inner_.predict_proba(X)

    def predict(self, X):
        return self.inner_.predict(X)


# -- By hand ------------------------------------------------------------------------------------


@few_finite
@pytest.mark.parametrize(("method", "score"), [("lac", lac_scores), ("aps", aps_scores)])
def test_sets_by_a_known_ratio_are_those_computed_by_hand(method, score, make_domains):
    X, y, d = make_domains(60, 40, n_classes=3)
    model = DomainConformalClassifier(Recorder(), weights=tilt, method=method, random_state=1)
    model.set_params(confidence_level=0.8).fit(X, y, sample_domain=d)
    rows = held_out(model, X, y, d)
    assert model.n_calibration_ == rows.sum() == 30
    scores = score(model.predict_proba(X[rows]))[np.arange(30), y[rows]]
    weights, new = tilt(X[rows]), make_domains(seed=9)[0]
    expected = [
        score(model.predict_proba(x[None]))[0]
        <= conformal_thresholds(scores, weights, tilt(x[None])[0], confidence_level=0.8) + 1e-12
        for x in new
    ]
    assert_array_equal(model.predict_set(new), expected)
    assert model.effective_calibration_rows_ == pytest.approx(
        weights.sum() ** 2 / (weights**2).sum()
    )


def test_sets_by_known_proportions_are_those_computed_by_hand(make_domains):
    X, y, d = make_domains(60, 40)
    q = {0: 0.2, 1: 0.8}
    model = DomainConformalClassifier(Recorder(), weights=q, confidence_level=0.8, random_state=1)
    model.fit(X, y, sample_domain=d)
    rows, trained = held_out(model, X, y, d), model.estimator_.labels_
    w = np.array([q[c] / np.mean(trained == c) for c in (0, 1)])
    scores, codes = 1 - model.predict_proba(X[rows])[np.arange(30), y[rows]], y[rows]
    new = make_domains(seed=9)[0]
    for c in (0, 1):  # the mass at infinity is that of the class that is asked for
        shares = w[codes] / (w[codes].sum() + w[c])
        order = np.argsort(scores)
        t = scores[order][np.searchsorted(np.cumsum(shares[order]), 0.8)]
        expected = 1 - model.predict_proba(new)[:, c] <= t + 1e-12
        assert_array_equal(model.predict_set(new)[:, c], expected)


def test_intervals_are_those_of_split_conformal_prediction(make_domains):
    X, _, d = make_domains(60, 40)
    y = X @ [1, 2, 3, 4] + np.sin(9 * X[:, 0])
    model = DomainConformalRegressor(LinearRegression(), random_state=1, calibration_size=19)
    model.fit(X, y, sample_domain=d)
    residuals = np.abs(y - model.predict(X))
    assert set(model.calibration_scores_.round(9)) <= set(residuals[d > 0].round(9))
    half = np.sort(model.calibration_scores_)[17]  # the 18th of 19: ceil(0.9 * 20)
    f = model.predict(X)
    assert_allclose(model.predict_interval(X), np.c_[f - half, f + half], rtol=1e-9)
    assert model.effective_calibration_rows_ == 19


def test_a_regressor_with_a_ratio_is_wider_where_the_target_is(make_domains):
    X, y, d = make_domains(200, 40)
    model = DomainConformalRegressor(weights=tilt, confidence_level=0.7, random_state=0)
    model.fit(X, y, sample_domain=d)
    low, high = model.predict_interval(X[np.argsort(X[:, -1])]).T
    assert (np.diff(high - low) >= -1e-12).all()
    assert high[-1] - low[-1] > high[0] - low[0]


# -- Scores -------------------------------------------------------------------------------------


def test_scores_of_classes_by_hand():
    P = np.array([[0.5, 0.2, 0.3], [0.4, 0.4, 0.2], [1.0, 0.0, 0.0]])
    assert_allclose(lac_scores(P), 1 - P)
    assert_allclose(aps_scores(P), [[0.5, 1, 0.8], [0.8, 0.8, 1], [1, 1, 1]], atol=1e-15)


def test_adaptive_scores_are_a_sum_over_classes_at_least_as_likely():
    P = np.random.default_rng(0).dirichlet(np.ones(6), size=50)
    expected = (P[:, None, :] * (P[:, None, :] >= P[:, :, None])).sum(axis=2)
    assert_allclose(aps_scores(P), expected)
    names = np.random.default_rng(1).permutation(6)
    assert_allclose(aps_scores(P[:, names]), aps_scores(P)[:, names])
    assert_allclose(aps_scores(np.full((2, 3), 1 / 3)), 1)


# -- What is invariant --------------------------------------------------------------------------

WEIGHTS = [None, tilt, {0: 0.3, 1: 0.7}, GaussianWeighting(), EMPriors(cv=2, n_bootstrap=0)]


@few_finite
@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda w: getattr(w, "__name__", str(w)))
def test_sets_are_nested_in_the_level_and_rows_may_come_in_any_order(weights, make_domains):
    X, y, d = make_domains(40, 20)
    model = DomainConformalClassifier(weights=weights, random_state=3)
    order, new = np.random.default_rng(0).permutation(len(X)), make_domains(seed=5)[0]
    model.fit(X, y, sample_domain=d)
    other = clone(model).fit(X[order], y[order], sample_domain=d[order])
    before = np.zeros((len(new), 2), dtype=bool)
    for level in (0.1, 0.5, 0.8, 0.9, 0.97, 0.999):
        sets = model.set_params(confidence_level=level).predict_set(new)
        assert (sets >= before).all()
        assert_array_equal(other.set_params(confidence_level=level).predict_set(new), sets)
        assert_array_equal([model.predict_set(x[None])[0] for x in new], sets)
        before = sets
    assert before.all()


@few_finite
def test_the_unit_of_a_ratio_and_the_labels_of_the_target_do_not_matter(make_domains):
    X, y, d = make_domains(40, 20)
    new = make_domains(seed=5)[0]
    models = [
        DomainConformalClassifier(weights=w, confidence_level=0.83, random_state=0)
        for w in (tilt, lambda X: 1e9 * tilt(X), lambda X: tilt(X) / 3)
    ]
    hidden = np.where(d < 0, None, y.astype(object))
    for model, labels in zip(models, [y, hidden, y], strict=True):
        model.fit(X, labels, sample_domain=d)
    sets = [m.predict_set(new) for m in models]
    assert_array_equal(sets[0], sets[1])
    assert_array_equal(sets[0], sets[2])
    assert 0 < sets[0].mean() < 1
    assert_array_equal(pickle.loads(pickle.dumps(models[0])).predict_set(new), sets[0])


class InBatches(Recorder):
    """Its last bits depend on how many rows are predicted at once, as those of BLAS do."""

    def predict_proba(self, X):
        p = 0.1 + 0.8 * X[:, 0] - 2e-15 * (len(X) == 1)
        return np.stack([1 - p, p], axis=1)


def test_equal_rows_are_treated_alike_whatever_they_are_predicted_with():
    """The last bits of a probability must not decide whether a whole atom is covered."""
    X = np.arange(200)[:, None] % 5 / 4
    y, d = np.arange(200) // 5 % 2, np.ones(200)
    d[::3] = -1
    model = DomainConformalClassifier(InBatches(), random_state=0, confidence_level=0.7)
    model.fit(X, y, sample_domain=d)
    assert_array_equal([model.predict_set(x[None])[0] for x in X], model.predict_set(X))


# -- The split ----------------------------------------------------------------------------------


def test_each_row_is_held_out_as_often_as_any_other_and_a_class_keeps_one():
    X, y = np.arange(8.0)[:, None], np.array([0, 0, 0, 1, 1, 1, 1, 1])
    rng = np.random.default_rng(0)
    draws = [held_out_rows(X, y, 0.5, y, np.random.RandomState(rng.integers(9**9))) for _ in y]
    assert all(not held[y == c].all() for held in draws for c in (0, 1))
    one = held_out_rows(X, y, 7, y, np.random.RandomState(0))
    assert [one[y == c].sum() for c in (0, 1)] in ([2, 4], [2, 5], [3, 4])
    assert not one[y == 0].all()
    assert not one[y == 1].all()


def test_the_draw_is_uniform():
    """The first of the rows by value, in whatever order they came, has the share of all."""
    X, groups = np.array([[3.0], [1.0], [2.0], [1.0]]), np.zeros(4, dtype=int)
    y = np.array([0, 1, 0, 0])
    draws = [held_out_rows(X, y, 2, groups, np.random.RandomState(i)) for i in range(400)]
    assert_allclose(np.mean(draws, axis=0), 0.5, atol=0.1)
    order = [3, 2, 1, 0]
    for i, held in enumerate(draws[:20]):
        again = held_out_rows(X[order], y[order], 2, groups, np.random.RandomState(i))
        assert_array_equal(again, held[order])


def test_a_frozen_estimator_calibrates_with_all_rows_unless_weights_are_learnt(make_domains):
    X, y, d = make_domains(60, 40)
    frozen = FrozenEstimator(GaussianNB().fit(X[:20], y[:20]))
    for weights, n in ((None, 60), (tilt, 60), (GaussianWeighting(), 30), ({0: 0.5, 1: 0.5}, 30)):
        model = DomainConformalClassifier(frozen, weights=weights, random_state=0)
        model.fit(X, y, sample_domain=d)
        assert model.n_calibration_ == n
        assert_array_equal(model.predict(X), frozen.predict(X))
    ratio = FrozenEstimator(GaussianWeighting().fit(X, y, sample_domain=d))
    model = DomainConformalClassifier(frozen, weights=ratio).fit(X, y, sample_domain=d)
    assert_array_equal(np.sort(model.calibration_weights_), np.sort(ratio.density_ratio(X[d > 0])))
    values = FrozenEstimator(Ridge().fit(X[:20], y[:20]))
    assert DomainConformalRegressor(values).fit(X, y, sample_domain=d).n_calibration_ == 60


def test_estimators_that_know_domains_are_told_of_them(make_domains):
    X, y, d = make_domains(60, 40, shift=3)
    for inner in (JDA(2), make_pipeline(PerDomain(StandardScaler()), SourceOnly(GaussianNB()))):
        model = DomainConformalClassifier(inner, confidence_level=0.6, random_state=0)
        sets = model.fit(X, y, sample_domain=d).predict_set(X, sample_domain=d)
        P = model.predict_proba(X, sample_domain=d)
        assert sets[np.arange(100), P.argmax(axis=1)].any()
    scores = 1 - P[np.arange(100), y][d > 0]
    assert set(model.calibration_scores_.round(9)) <= set(scores.round(9))
    assert not np.allclose(P[d > 0], model.predict_proba(X[d > 0]))  # by the target's scaler
    names = model.estimator_["perdomain"].transformers_
    assert_allclose(names[-2].mean_, X[d < 0].mean(axis=0))
    assert names[1].n_samples_seen_ == 30


@pytest.mark.parametrize("weights", RATIOS, ids=lambda model: type(model).__name__)
def test_the_ratio_is_that_of_the_estimator_fitted_to_training_and_target_rows(
    weights, make_domains
):
    X, y, d = make_domains(60, 40)
    model = DomainConformalClassifier(Recorder(), weights=weights, random_state=0)
    model.fit(X, y, sample_domain=d)
    learnt = ~held_out(model, X, y, d)
    alone = clone(weights).fit(X[learnt], y[learnt], sample_domain=d[learnt])
    rows = X[~learnt]
    assert_allclose(np.sort(model.calibration_weights_), np.sort(alone.density_ratio(rows)))
    values = DomainConformalRegressor(weights=weights, random_state=0)
    values.fit(X, X[:, 0], sample_domain=d)  # numbers, though the estimator inside classifies
    assert values.n_calibration_ == 30


def test_estimated_proportions_are_those_of_the_estimator(make_domains):
    X, y, d = make_domains(60, 40)
    model = DomainConformalClassifier(Recorder(), weights=BBSE(n_bootstrap=0), random_state=0)
    model.fit(X, y, sample_domain=d)
    learnt = ~held_out(model, X, y, d)
    found = BBSE(n_bootstrap=0).fit(X[learnt], y[learnt], sample_domain=d[learnt]).class_weight_
    assert_allclose(np.unique(model.calibration_weights_), np.unique([*found.values()]))


# -- Where nothing finite is valid --------------------------------------------------------------


def test_rows_without_a_finite_threshold_are_counted(make_domains):
    X, y, d = make_domains(40, 20)
    far = X[:3] + np.array([0, 0, 0, 20])
    model = DomainConformalRegressor(weights=tilt, random_state=0).fit(X, y, sample_domain=d)
    with pytest.warns(UserWarning, match=r"3 of 3 rows get an infinite interval: 20 calibration"):
        assert_array_equal(model.predict_interval(far), [[-np.inf, np.inf]] * 3)
    model = DomainConformalClassifier(weights=tilt, random_state=0).fit(X, y, sample_domain=d)
    with pytest.warns(UserWarning, match=r"3 of 4 rows get a set with classes that no score rules"):
        assert model.predict_set(np.r_[far, far[:1] - [0, 0, 0, 40]])[:3].all()


def test_a_class_without_source_rows_is_in_every_set_if_the_target_has_some(make_domains):
    X, y, d = make_domains(60, 40, n_classes=3)
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    kept = (d < 0) | (y < 2)
    for share, warns in ((0.5, True), (0.0, False)):
        q = {0: 0.5 - share / 2, 1: 0.5 - share / 2, 2: share}
        model = DomainConformalClassifier(frozen, weights=q, confidence_level=0.5, random_state=0)
        model.fit(X[kept], y[kept], sample_domain=d[kept])
        if warns:
            with pytest.warns(UserWarning, match="40 of 40 rows get a set with classes"):
                assert model.predict_set(X[d < 0])[:, 2].all()
        else:
            assert not model.predict_set(X[d < 0])[:, 2].all()


# -- Errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (DomainConformalClassifier(SVC()), "SVC has no predict_proba; pass a classifier that has"),
        (DomainConformalClassifier(Ridge()), "take DomainConformalRegressor for numbers"),
        (DomainConformalRegressor(GaussianNB()), "GaussianNB is none; take DomainConformalClass"),
        (DomainConformalClassifier(weights=KMM()), r"KMM\(...\) gives no ratio.*or what estimates"),
        (DomainConformalRegressor(weights=KMM()), r"gives no ratio at new rows; pass what has a"),
        (DomainConformalRegressor(weights=BBSE(n_bootstrap=0)), "gives no ratio at new rows"),
        (DomainConformalClassifier(weights={0: 2, 1: 3}), "proportion of each class in the target"),
        (DomainConformalClassifier(weights={0: 1}), r"sum 1, and the classes are \[0, 1\]"),
        (
            DomainConformalClassifier(weights=lambda X: X),
            r"weights gave an array of shape \(9, 4\)",
        ),
        (DomainConformalClassifier(weights=lambda X: -tilt(X)), "weights holds -.*9 of 9 weights"),
        (DomainConformalClassifier(weights=lambda X: tilt(X) / 0), "inf for 9 of 9 calibration"),
        (DomainConformalClassifier(calibration_size=18), "leaves no row to train on of 18 source"),
        (DomainConformalRegressor(weights={0: 1}), "The 'weights' parameter of"),
        (
            DomainConformalClassifier(
                FrozenEstimator(GaussianNB().fit([[0] * 4, [1] * 4], [0, 7]))
            ),
            r"y has the classes \[1\], which the estimator does not know, trained on \[0, 7\]",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_what_cannot_be_calibrated_says_why(model, text, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=text):
        model.fit(X, y, sample_domain=d)


def test_one_row_is_too_few():
    with pytest.raises(ValueError, match=r"at least 2 source rows.*n_samples=1"):
        DomainConformalRegressor().fit([[0.0], [1.0]], [0.0, 1.0], sample_domain=[1, -2])
