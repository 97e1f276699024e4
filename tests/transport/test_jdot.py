"""JDOT: the objective falls, and what each half of a round does is best for it."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeClassifier

from skdomain.transport import JDOTClassifier, JDOTRegressor
from skdomain.transport._class_regularised import plan_objective
from skdomain.transport._ground_cost import GroundCost
from skdomain.transport._jdot_classifier import class_losses
from skdomain.transport._jdot_regressor import squared_losses

CLASSIFIERS = [
    LogisticRegression(),
    DecisionTreeClassifier(max_depth=3, random_state=0),
    Perceptron(random_state=0),  # has no probabilities
]


def shifted(n_source=30, n_target=24, seed=0):
    """Two classes in three features, and a target that is moved and turned a little."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_source + n_target) % 2
    X = rng.normal(size=(n_source + n_target, 3)) + 3 * y[:, None] * [1, 0, 0]
    d = np.repeat([1, -2], [n_source, n_target])
    X[d < 0] = X[d < 0] @ [[0.9, 0.4, 0], [-0.4, 0.9, 0], [0, 0, 1]] + [5, -1, 0]
    order = rng.permutation(len(X))
    return X[order], y[order], d[order]


def objective(model, X, d, L, alpha=0.2, reg=0.02):
    """The objective, from what a fitted model shows."""
    M, _ = GroundCost().between(X[d > 0], X[d < 0])
    a, b = (np.full(n, 1 / n) for n in M.shape)
    return plan_objective(model.plan_, (1 - alpha) * M + alpha * L, a, b, reg=reg)


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_the_objective_of_a_classifier_falls_every_round(estimator, alpha):
    X, y, d = shifted()
    model = JDOTClassifier(estimator, alpha=alpha, tol=0, max_iter=8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y, sample_domain=d)
    assert (np.diff(model.history_["objective"]) < 0).all()
    classes = np.unique(y)
    L = class_losses(model.estimator_, classes, X[d < 0])[y[d > 0]]
    found = objective(model, X, d, L, alpha)
    assert found == pytest.approx(model.history_["objective"][-1])
    assert np.vdot(model.plan_, L) == pytest.approx(model.history_["loss"][-1])


@pytest.mark.parametrize("estimator", [Ridge(), KNeighborsRegressor(5)], ids=["ridge", "nearest"])
def test_the_objective_of_a_regressor_falls_every_round(estimator):
    X, _, d = shifted()
    y = np.sin(X @ [1.0, 2.0, 0.0])
    model = JDOTRegressor(estimator, tol=0, max_iter=8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y, sample_domain=d)
    assert (np.diff(model.history_["objective"]) < 0).all()
    L = squared_losses(y[d > 0], model.predict(X[d < 0]))
    assert objective(model, X, d, L) == pytest.approx(model.history_["objective"][-1])


def test_rounds_say_why_they_end():
    X, y, d = shifted()
    with pytest.warns(ConvergenceWarning, match="JDOTClassifier still fell in round 2; raise max_"):
        ended = JDOTClassifier(max_iter=2, tol=0).fit(X, y, sample_domain=d)
    assert (ended.termination_, ended.n_iter_) == ("max_iter", 2)
    assert JDOTClassifier(tol=0.5).fit(X, y, sample_domain=d).termination_ == "converged"

    class Worse(LogisticRegression):
        """A classifier that contradicts its labels the second time."""

        fits = 0

        def fit(self, X, y, sample_weight=None):
            Worse.fits += 1
            return super().fit(X, y if Worse.fits < 2 else 1 - y, sample_weight)

    stopped = JDOTClassifier(Worse(), tol=0).fit(X, y, sample_domain=d)
    assert (stopped.termination_, stopped.n_iter_, Worse.fits) == ("estimator", 1, 2)
    assert stopped.score(X[d < 0], y[d < 0]) > 0.5


def test_soft_labels_are_the_shares_of_the_classes_in_the_plan():
    """By hand: target row 0 gets all its mass from the one row of class "a"."""
    X, y, d = [[0.0], [9.0], [0.0], [9.0]], ["a", "b", "?", "?"], [1, 1, -1, -1]
    model = JDOTClassifier(reg=None).fit(X, y, sample_domain=d)
    assert_array_equal(model.plan_, np.eye(2) / 2)
    assert_array_equal(model.soft_labels_, np.eye(2))
    assert_array_equal(model.classes_, ["a", "b"])
    assert_array_equal(model.predict([[0.0], [9.0]]), ["a", "b"])


def test_a_regressor_is_trained_on_the_values_that_the_plan_brings():
    X, _, d = shifted()
    y = X @ [1.0, 2.0, -1.0]
    model = JDOTRegressor(LinearRegression(), max_iter=3, tol=0.9).fit(X, y, sample_domain=d)
    brought = model.plan_.T @ y[d > 0] * np.sum(d < 0)
    assert_allclose(model.target_values_, brought)
    direct = LinearRegression().fit(X[d < 0], brought)
    assert_allclose(model.predict(X), direct.predict(X))


def test_values_may_have_several_outputs():
    X, _, d = shifted()
    Y = X[:, :2] ** 2
    model = JDOTRegressor(max_iter=3, tol=0.9).fit(X, Y, sample_domain=d)
    assert model.predict(X[:5]).shape == (5, 2)
    assert model.target_values_.shape == (24, 2)


def test_a_moved_target_has_the_labels_of_the_source():
    """Moving the target changes no plan: the objective of a moved copy begins where labels fit."""
    X, y, d = shifted(24, 24)
    X[d < 0] = X[d > 0] + [7.0, 7.0, 7.0]
    y[d < 0] = y[d > 0]
    model = JDOTClassifier().fit(X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) == LogisticRegression().fit(X[d < 0], y[d < 0]).score(
        X[d < 0], y[d < 0]
    )


def test_joint_transport_follows_a_move_that_a_source_model_does_not():
    X, y, d = shifted(60, 50)
    alone = LogisticRegression().fit(X[d > 0], y[d > 0]).score(X[d < 0], y[d < 0])
    model = JDOTClassifier().fit(X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) > 0.8 > 0.6 > alone


def test_the_wrong_kind_of_estimator_is_refused():
    X, y, d = shifted()
    with pytest.raises(ValueError, match=r"needs a classifier, got Ridge; take JDOTRegressor"):
        JDOTClassifier(Ridge()).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"needs a regressor, got LogisticReg.*JDOTClassifier"):
        JDOTRegressor(LogisticRegression()).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"takes no sample_weight.*resample=True"):
        JDOTClassifier(KNeighborsClassifier()).fit(X, y, sample_domain=d)


def test_a_class_that_hardly_any_mass_comes_from_stays_known():
    class Recorder(ClassifierMixin, BaseEstimator):
        def fit(self, X, y, sample_weight=None):
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            return np.full(len(X), self.classes_[0])

    X, y, d = shifted()
    y[np.flatnonzero(d > 0)[0]] = 2
    model = JDOTClassifier(Recorder(), tol=0.9).fit(X, y, sample_domain=d)
    assert_array_equal(model.estimator_.classes_, [0, 1, 2])
