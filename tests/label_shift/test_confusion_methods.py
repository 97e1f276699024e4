"""BBSE and RLLS: solutions of equations of the confusion."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

from skdomain.label_shift import bbse_priors, rlls_priors
from skdomain.label_shift._methods import PRIORS
from skdomain.label_shift._rlls import rlls_rho, rlls_theta

# SciPy before 1.14 warns of bounds that rounding misses.
pytestmark = pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")


def population(n_classes, seed=0):
    """Posteriors with weights, so that confusion and target shares are exact; and the priors.

    Each class is predicted as any with a probability of its own; predictions have posteriors of
    their own, too.
    """
    rng = np.random.default_rng(seed)
    confusion = rng.dirichlet(np.ones(n_classes), size=n_classes) + 2 * np.eye(n_classes)
    confusion = (confusion / confusion.sum(axis=1, keepdims=True)).T  # [predicted, class]
    p, q = rng.dirichlet(np.full(n_classes, 5.0)), rng.dirichlet(np.ones(n_classes))
    cells = 0.6 * np.eye(n_classes) + 0.4 * rng.dirichlet(np.ones(n_classes), size=n_classes)
    predicted, codes = np.indices(confusion.shape).reshape(2, -1)
    return cells[predicted], codes, (confusion * p).ravel(), cells, confusion @ q, p, q


@pytest.mark.parametrize("name", ["bbse", "bbse-soft", "em"])
@pytest.mark.parametrize("n_classes", [2, 3, 5, 10])
def test_priors_are_exact_on_population_confusions(name, n_classes):
    S, codes, weights, T, target_weights, _, q = population(n_classes)
    if name == "em":  # which needs posteriors that are right
        members = np.zeros((n_classes, n_classes))
        np.add.at(members, (S.argmax(axis=1), codes), weights)
        T = members / members.sum(axis=1, keepdims=True)
        S = T[S.argmax(axis=1)]
    found = PRIORS[name](S, codes, T, source_weight=weights, target_weight=target_weights)
    assert_allclose(found, q, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_rlls_without_a_penalty_is_bbse_inside_of_the_simplex(seed):
    S, codes, weights, T, target_weights, *_ = population(4, seed)
    told = {"source_weight": weights, "target_weight": target_weights}
    assert_allclose(
        rlls_priors(S, codes, T, alpha=0, **told), bbse_priors(S, codes, T, **told), atol=1e-6
    )


def reference_theta(C, b, rho):
    """The program with its norms as bounds: min s + rho t, |C theta - b| <= s, |theta| <= t."""
    k = C.shape[1]
    start = np.zeros(k)

    def cone(place, A, a):
        """That z[place] bounds |A theta - a|."""

        def slope(z):
            found = np.zeros(k + 2)
            found[:k], found[place] = -2 * A.T @ (A @ z[:k] - a), 2 * z[place]
            return found

        value = lambda z: z[place] ** 2 - np.sum((A @ z[:k] - a) ** 2)  # noqa: E731
        return {"type": "ineq", "fun": value, "jac": slope}

    found = minimize(
        lambda z: z[k] + rho * z[k + 1],
        np.concatenate([start, [2 * np.linalg.norm(b) + 1, 1.0]]),
        jac=lambda z: np.concatenate([np.zeros(k), [1.0, rho]]),
        method="SLSQP",
        bounds=[(-1, None)] * k + [(0, None)] * 2,
        constraints=[cone(k, C, b), cone(k + 1, np.eye(k), 0)],
        options={"ftol": 1e-15, "maxiter": 2000},
    )
    return found.x[:k]


def objective(theta, C, b, rho):
    return np.linalg.norm(C @ theta - b) + rho * np.linalg.norm(theta)


@pytest.mark.parametrize("rho", [0.0, 0.01, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_theta_solves_the_program(rho, seed):
    """No worse than a general solver, and stationary: no feasible step improves it."""
    rng = np.random.default_rng(seed)
    C = rng.dirichlet(np.ones(16)).reshape(4, 4) + 0.3 * np.eye(4)
    b = C @ rng.normal(size=4) + 0.05 * rng.normal(size=4)
    theta = rlls_theta(C, b, rho)
    assert theta.min() >= -1
    reference = reference_theta(C, b, rho)
    assert objective(theta, C, b, rho) <= objective(np.maximum(reference, -1), C, b, rho) + 1e-9
    steps = rng.normal(size=(300, 4)) * 10 ** rng.uniform(-6, 0, size=(300, 1))
    values = [objective(np.maximum(theta + step, -1), C, b, rho) for step in steps]
    assert min(values) >= objective(theta, C, b, rho) - 1e-10


def test_theta_is_0_from_the_penalty_on_that_outweighs_the_gradient():
    rng = np.random.default_rng(0)
    C, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    edge = np.linalg.norm(C.T @ b) / np.linalg.norm(b)
    assert_array_equal(rlls_theta(C, b, edge * 1.0001), 0)
    assert np.linalg.norm(rlls_theta(C, b, edge * 0.99)) > 0
    assert_array_equal(rlls_theta(C, np.zeros(3), 0.1), 0)


def test_rho_is_as_in_the_paper():
    n, k = 400, 3
    log = np.log(2 * k / 0.05)
    assert_allclose(rlls_rho(n, k), 0.01 * 3 * (2 * log / (3 * n) + np.sqrt(2 * log / n)))


@pytest.mark.parametrize("name", PRIORS)
def test_priors_never_leave_the_simplex(name):
    rng = np.random.default_rng(0)
    for n_classes in (2, 3, 6):
        S, T = (rng.dirichlet(np.ones(n_classes), size=m) for m in (30, 5))
        codes = np.arange(30) % n_classes
        found = PRIORS[name](S, codes, T)
        assert found.min() >= 0
        assert_allclose(found.sum(), 1)


@pytest.mark.parametrize("name", PRIORS)
def test_a_class_that_is_absent_gets_nothing(name):
    """Where the posteriors are sure, and exactly so."""
    S, codes = np.eye(3)[[0, 0, 1, 1, 2, 2]], np.array([0, 0, 1, 1, 2, 2])
    found = PRIORS[name](S, codes, np.eye(3)[[0, 2, 2, 2]])
    atol = 0.02 if name == "rlls" else 1e-12  # which is drawn to the source
    assert_allclose(found, [0.25, 0, 0.75], atol=atol)


@pytest.mark.parametrize("name", PRIORS)
def test_weights_count_as_copies(name):
    rng = np.random.default_rng(1)
    S, T = (rng.dirichlet(np.ones(3), size=m) for m in (24, 12))
    codes = np.arange(24) % 3
    w, v = rng.integers(1, 4, 24), rng.integers(0, 4, 12)
    told = PRIORS[name](S, codes, T, source_weight=w, target_weight=v)
    # the width of the kernel is that of distinct rows, so copies do not change it
    used = np.repeat(T, np.maximum(v, 0), axis=0)
    if name == "kernel":
        v = np.maximum(v, 1)
        told = PRIORS[name](S, codes, T, source_weight=w, target_weight=v)
        used = np.repeat(T, v, axis=0)
    copied = PRIORS[name](np.repeat(S, w, axis=0), np.repeat(codes, w), used)
    assert_allclose(told, copied, atol=1e-8)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"codes": [0, 1, 2]}, "codes must hold the number of the class, 0 to 1, of each of the 3"),
        ({"codes": [0, 1]}, r"got shape \(2,\)"),
        ({"codes": [0.0, 1.0, 0.0]}, "dtype float64. Make them by np.unique"),
        ({"target": [[0.2, 0.3, 0.5]]}, "have 2 classes in the source and 3 in the target"),
        ({"source": [[0.5, 0.5], [0.1, 0.1], [1, 0]]}, "source_posteriors must hold prob.*row 1"),
    ],
)
@pytest.mark.parametrize("name", ["em", "bbse", "rlls"])
def test_what_does_not_fit_is_an_error(name, change, text):
    given = {
        "source": [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]],
        "codes": [0, 1, 0],
        "target": [[0.5, 0.5]],
    } | change
    with pytest.raises(ValueError, match=text):
        PRIORS[name](*given.values())
