"""EM's priors: the maximiser of a concave likelihood on the simplex, certified."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from skdomain.label_shift import em_priors

# SciPy before 1.14 warns of bounds that rounding misses.
pytestmark = pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")


def problem(n_classes, m=60, seed=0, concentration=0.7):
    """Posteriors of the rows and source priors; some classes will be absent."""
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.full(n_classes, concentration), size=m)
    return P, rng.dirichlet(np.full(n_classes, 5.0))


def log_likelihood(q, P, p, weight=None):
    return np.average(np.log(P @ (q / p)), weights=weight)


def by_convex_solver(P, p):
    """SLSQP on the simplex, from two starts."""

    def loss(q):
        return -log_likelihood(q, P, p)

    def gradient(q):
        return -((1 / (P @ (q / p))) @ P) / p / len(P)

    best = None
    for start in (p, np.full(len(p), 1 / len(p))):
        found = minimize(
            loss,
            start,
            jac=gradient,
            method="SLSQP",
            bounds=[(1e-12, 1)] * len(p),
            constraints={"type": "eq", "fun": lambda q: q.sum() - 1, "jac": np.ones_like},
            options={"ftol": 1e-18, "maxiter": 1000},
        )
        best = found if best is None or found.fun < best.fun else best
    return best.x / best.x.sum()


def slow_em(P, p, n_steps=200_000):
    """The iteration of Saerens, Latinne and Decaestecker, word for word."""
    q = p
    for _ in range(n_steps):
        r = P * (q / p)
        r /= r.sum(axis=1, keepdims=True)
        before, q = q, r.mean(axis=0)
        if np.abs(q - before).max() < 1e-15:
            break
    return q


@pytest.mark.parametrize("n_classes", [2, 3, 5, 10])
@pytest.mark.parametrize("seed", range(3))
def test_no_priors_on_the_simplex_are_more_likely(n_classes, seed):
    """Concavity: a gradient that is nowhere above 1, and 1 where q > 0, proves the maximum."""
    P, p = problem(n_classes, seed=seed)
    q, _ = em_priors(P, p)
    gradient = (1 / (P @ (q / p))) @ P / p / len(P)
    assert gradient.max() - 1 <= 1e-10
    assert_allclose(gradient[q > 0], 1, atol=1e-8)
    assert q.min() >= 0
    assert_allclose(q.sum(), 1, rtol=1e-15)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_priors_are_those_of_a_convex_solver(n_classes, seed):
    P, p = problem(n_classes, seed=seed, concentration=0.5)
    q, _ = em_priors(P, p)
    reference = by_convex_solver(P, p)
    assert log_likelihood(q, P, p) >= log_likelihood(reference, P, p) - 1e-14
    assert_allclose(q, reference, atol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3, 5, 10])
def test_priors_are_where_em_converges_to(n_classes):
    P, p = problem(n_classes, concentration=0.3)
    assert_allclose(em_priors(P, p)[0], slow_em(P, p), atol=1e-8)


def test_posteriors_of_the_source_give_the_priors_of_the_source():
    P, _ = problem(4)
    p = P.mean(axis=0)
    assert_allclose(em_priors(P, p)[0], p, atol=1e-12)


def test_sure_posteriors_are_counted():
    codes = np.array([0, 2, 2, 3, 3, 3, 3, 3])
    assert_allclose(em_priors(np.eye(4)[codes], np.full(4, 0.25))[0], [1 / 8, 0, 1 / 4, 5 / 8])


def test_two_classes_by_hand():
    """L(q) = a log(q / p) + ... has its maximum where a quadratic equation has its root."""
    P, p = np.array([[0.8, 0.2], [0.8, 0.2], [0.3, 0.7]]), np.array([0.5, 0.5])
    # ratios 1.6, .4 twice and .6, 1.4; 2 * 1.2 / (.4 + 1.2 q) = .8 / (1.4 - .8 q)
    q = (2 * 1.2 * 1.4 - 0.8 * 0.4) / (2 * 1.2 * 0.8 + 0.8 * 1.2)
    assert_allclose(em_priors(P, p)[0], [min(q, 1), 1 - min(q, 1)], atol=1e-9)


def test_weights_are_copies_of_rows():
    P, p = problem(3, m=20)
    times = np.random.default_rng(0).integers(0, 4, 20)
    copies = em_priors(np.repeat(P, times, axis=0), p)[0]
    assert_allclose(em_priors(P, p, sample_weight=times)[0], copies, atol=1e-9)


def test_a_class_that_the_source_has_not_gets_nothing():
    P = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0]])
    q, _ = em_priors(P, [0.5, 0.5, 0.0])
    assert_array_equal(q[2], 0)
    assert_allclose(q[:2], em_priors(P[:, :2], [0.5, 0.5])[0])


def test_a_row_of_such_a_class_tells_nothing_of_the_others():
    P = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    assert_allclose(em_priors(P, [0.5, 0.5, 0])[0], em_priors(P[:2], [0.5, 0.5, 0])[0])


def test_classes_that_are_alike_share_what_they_have_together():
    P, p = problem(3, m=40)
    split = np.column_stack([P[:, 0] / 2, P[:, 0] / 2, P[:, 1:]])
    q, _ = em_priors(split, [p[0] / 2, p[0] / 2, *p[1:]])
    assert_allclose(q[0] + q[1], em_priors(P, p)[0][0], atol=1e-8)


def test_many_rows_and_classes_take_few_steps():
    rng = np.random.default_rng(0)
    means, q = rng.normal(size=(30, 5)), rng.dirichlet(np.full(30, 0.5))
    X = means[rng.choice(30, 2000, p=q)] + rng.normal(size=(2000, 5))
    logits = X @ means.T - np.square(means).sum(axis=1) / 2
    P = np.exp(logits - logits.max(axis=1, keepdims=True))
    found, n_iter = em_priors(P / P.sum(axis=1, keepdims=True), np.full(30, 1 / 30))
    assert n_iter <= 25  # EM alone takes thousands
    assert np.isfinite(found).all()


def test_too_few_steps_are_told():
    P, p = problem(5, concentration=3.0)
    with pytest.warns(ConvergenceWarning, match="after 6 steps .* below its maximum.*raise max_i"):
        em_priors(P, p, max_iter=1, tol=1e-15)


@pytest.mark.parametrize(
    ("posteriors", "priors", "text"),
    [
        ([[0.5, 0.6]], [0.5, 0.5], r"of sum 1 in each row; row 0 is \[0.5, 0.6\]. Pass what pre"),
        ([[0.5, 0.5], [1.5, -0.5]], [0.5, 0.5], "row 1 is"),
        ([[0.5, 0.5]], [0.5, 0.4], "source_priors must hold probabilities"),
        ([[0.5, 0.5]], [1.0], r"source_priors has shape \(1,\) and the posteriors have 2 classes"),
        ([[np.nan, 0.5]], [0.5, 0.5], "Input posteriors contains NaN"),
    ],
)
def test_what_is_no_probability_is_an_error(posteriors, priors, text):
    with pytest.raises(ValueError, match=text):
        em_priors(posteriors, priors)
