"""ARTL as an estimator: its objective, its degenerate ends, new rows, many rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, normalize

from skdomain import NoTargetWarning
from skdomain.metrics import balance_factor
from skdomain.metrics._discriminant import discriminant_distance
from skdomain.mmd import mmd_matrix
from skdomain.model_selection import TargetKFold
from skdomain.regularized import ARTL, KernelRidgeClassifier
from skdomain.regularized._graph import cosine_laplacian

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(("lam", "rho", "mu"), [(10, 1, 0.5), (3, 0, 0.2), (0, 2, 1)])
def test_last_round_solves_the_equations_of_the_page(lam, rho, mu, make_domains):
    """((E + lam M + rho L)K + eta I) beta = E Y, M of the labels that the round started from."""
    X, y, d = make_domains(n_classes=3)
    model = ARTL(gamma=0.3, eta=0.2, lam=lam, rho=rho, mu=mu, n_neighbors=4, max_iter=50)
    model.fit(X, y, sample_domain=d)
    assert model.termination_ == "converged"
    guessed = y.copy()
    guessed[d < 0] = model.pseudo_labels_
    M = mmd_matrix(d, guessed, coupling="conditional", mu=mu)
    M /= np.linalg.norm(M)
    L, K = cosine_laplacian(X, n_neighbors=4).toarray(), rbf_kernel(X, gamma=0.3)
    E, Y = np.diag(d > 0).astype(float), np.eye(3)[y] * (d > 0)[:, None]
    A = (E + lam * M + rho * L) @ K + 0.2 * np.eye(len(X))
    beta = model.coef_.T
    assert_allclose(A @ beta, Y, atol=1e-9)
    F = K @ beta
    objective = (
        np.sum((Y - E @ F) ** 2)
        + 0.2 * np.sum(beta * F)
        + lam * np.sum(F * (M @ F))
        + rho * np.sum(F * (L @ F))
    )
    assert model.history_["objective"][-1] == pytest.approx(objective)
    assert model.history_["mmd"][-1] == pytest.approx(np.sum(F * (M @ F)))
    assert set(model.history_) == {"label_changes", "objective", "mmd", "mu"}


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_without_mmd_and_graph_it_is_kernel_ridge_on_the_source(kernel, make_domains):
    X, y, d = make_domains()
    model = ARTL(kernel=kernel, gamma=0.3, lam=0, rho=0).fit(X, y, sample_domain=d)
    ridge = KernelRidgeClassifier(kernel=kernel, gamma=0.3).fit(X[d > 0], y[d > 0])
    new = make_domains(seed=1)[0]
    assert_allclose(model.decision_function(new), ridge.decision_function(new), atol=1e-10)
    assert_allclose(model.predict_proba(new), ridge.predict_proba(new), atol=1e-10)


def test_without_target_it_is_kernel_ridge_and_says_so(make_domains):
    X, y, _ = make_domains()
    with pytest.warns(NoTargetWarning, match="ARTL is fitted without target rows"):
        model = ARTL().fit(X, y)
    ridge = KernelRidgeClassifier().fit(X, y)
    assert_allclose(model.decision_function(X), ridge.decision_function(X), atol=1e-10)
    assert (model.n_iter_, model.termination_, len(model.pseudo_labels_)) == (1, "converged", 0)


def test_fitted_target_rows_are_predicted_as_they_were_labelled(make_domains):
    X, y, d = make_domains(40, 30, n_classes=3)
    for kernel in ("rbf", "linear", "poly", "laplacian"):
        model = ARTL(kernel=kernel, gamma=0.2).fit(X, y, sample_domain=d)
        assert_array_equal(model.predict(X[d < 0]), model.pseudo_labels_)


def test_linear_kernel_needs_no_fitted_rows_and_has_one_minimiser_in_both_forms(make_domains):
    X, y, d = make_domains(30, 20, n_features=4)
    primal = ARTL(kernel="linear").fit(X, y, sample_domain=d)
    dual = ARTL(kernel=lambda a, b: a @ b).fit(X, y, sample_domain=d)
    assert (primal.X_fit_, primal.coef_.shape) == (None, (2, 4))
    assert_allclose(primal.coef_, dual.coef_ @ X, atol=1e-9)
    assert_allclose(primal.decision_function(X), dual.decision_function(X), atol=1e-9)
    wide = ARTL(kernel="linear").fit(X[:, :3] @ np.eye(3, 60), y, sample_domain=d)
    assert wide.coef_.shape == (2, 60)


def test_many_rows_form_no_matrix_of_all_pairs(make_domains):
    """20000 rows, of which a matrix would take 3.2 GB: a tenth of that is never held."""
    tracemalloc = pytest.importorskip("tracemalloc")
    X, y, d = make_domains(10_000, 10_000, n_features=6)
    tracemalloc.start()
    ARTL(kernel="linear", max_iter=2, init=LogisticRegression()).fit(X, y, sample_domain=d)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 320e6


def test_the_first_labels_are_those_of_the_classifier_given(make_domains):
    X, y, d = make_domains()
    names = np.array(["no", "yes"])[y]
    rows = X[d > 0], names[d > 0]
    model = ARTL(init=LogisticRegression(), max_iter=1).fit(X, names, sample_domain=d)
    first = LogisticRegression().fit(*rows).predict(X[d < 0])
    changed = np.count_nonzero(first != model.pseudo_labels_)
    assert model.history_["label_changes"].tolist() == [changed]


def test_the_first_labels_of_unit_rows_are_those_of_the_nearest_neighbour(make_domains):
    """Cosines tell them, in whatever order the domains' rows come."""
    X, y, d = make_domains(40, 40, n_features=5)
    X, order = normalize(X), np.random.default_rng(0).permutation(len(X))
    X, y, d = X[order], y[order], d[order]
    model = ARTL(max_iter=1).fit(X, y, sample_domain=d)
    same = ARTL(max_iter=1, init=KNeighborsClassifier(1)).fit(X, y, sample_domain=d)
    assert_array_equal(model.history_["label_changes"], same.history_["label_changes"])
    assert_array_equal(model.coef_, same.coef_)
    assert_array_equal(model.pseudo_labels_, model.predict(X[d < 0]))


def test_estimated_mu_is_the_balance_factor_of_the_labels(make_domains):
    X, y, d = make_domains(40, 40)
    model = ARTL(mu="auto", max_iter=30).fit(X, y, sample_domain=d)
    assert model.termination_ == "converged"
    guessed = y.copy()
    guessed[d < 0] = model.pseudo_labels_
    expected = balance_factor(X, guessed, d > 0, 2, discriminant_distance)
    assert 0 < expected < 1
    assert model.history_["mu"][-1] == expected


def test_a_large_lam_draws_the_class_means_of_the_scores_together(make_domains):
    X, y, d = make_domains(60, 60, shift=2)
    mmds = [
        ARTL(lam=lam, rho=0, max_iter=30).fit(X, y, sample_domain=d).history_["mmd"][-1]
        for lam in (0, 1, 1e2, 1e6)
    ]
    assert mmds == sorted(mmds, reverse=True)
    assert mmds[-1] < 1e-6 * mmds[0]


def test_a_large_rho_makes_scores_of_neighbours_alike(make_domains):
    X, y, d = make_domains(60, 60)
    L = cosine_laplacian(X)
    roughness = []
    for rho in (0, 1, 1e3):
        F = ARTL(lam=0, rho=rho).fit(X, y, sample_domain=d)._scores(X)
        roughness.append(np.sum(F * (L @ F)) / np.sum(F**2))
    assert roughness == sorted(roughness, reverse=True)


def test_pipelines_search_it_with_and_without_routing(make_domains):
    X, y, d = make_domains(40, 40)
    grid = {"artl__lam": [0.1, 10], "nystroem__n_components": [10, 20]}
    steps = Nystroem(gamma=0.2, random_state=0), Normalizer(), ARTL(kernel="linear")
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(make_pipeline(*steps), grid, cv=TargetKFold(2), error_score="raise")
        search.fit(X, y, sample_domain=d)
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    steps[0].set_params(n_components=20)
    pipe = make_pipeline(*steps).fit(X, y, artl__sample_domain=d)
    Z = normalize(clone(steps[0]).fit_transform(X))
    alone = ARTL(kernel="linear").fit(Z, y, sample_domain=d)
    assert_array_equal(pipe.predict(X), alone.predict(Z))


def test_logarithms_of_probabilities_that_may_be_zero_are_not_offered():
    assert not hasattr(ARTL(), "predict_log_proba")
