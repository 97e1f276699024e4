"""The certified search of rational Krylov spaces against dense solutions."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import Normalizer, normalize

from skdomain.compose import PerDomain
from skdomain.datasets import load_office_caltech10
from skdomain.mmd import discriminative_coupling
from skdomain.subspace import DJPMMD, JDA
from skdomain.subspace._spectral import (
    _pencil,
    _rational_ritz,
    kernel_basis,
    linear_basis,
    primal_basis,
    solve,
)
from skdomain.subspace._spectral._certificate import count_above, residual_norms
from skdomain.subspace._spectral._low_rank import rounding
from skdomain.subspace._spectral._rational_ritz import (
    best_shifts,
    certified_eigenpairs,
    cross_ratio,
    ritz_pairs,
    tail_columns,
)

drawn = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def pencils(draw, with_ties=True):
    """e, c, Q, g: spectra of several shapes, g from -0.999 to 1e6, c from nothing to dominant."""
    p, q = draw(st.integers(40, 120)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    rank = np.arange(1, p + 1)
    shapes = {"power": rank**-2.0, "slow": rank**-0.5, "fast": 0.8**rank, "random": rng.random(p)}
    e = shapes[draw(st.sampled_from(sorted(shapes)))]
    if with_ties and draw(st.booleans()):
        e[p // 2 : p // 2 + 5] = e[p // 2]
        e[-draw(st.integers(1, 5)) :] = 0
    e = rng.permutation(e) * draw(st.sampled_from([1e-6, 1.0, 1e6]))
    c = rng.normal(size=p)  # C is positive semi-definite: |e^-1/2 c| is at most 1
    c *= np.sqrt(e) / np.linalg.norm(c) * draw(st.sampled_from([0.0, 0.5, 0.999]))
    g = np.array([draw(st.sampled_from([-0.999, -0.5, 0.0, 1e-17, 3.0, 1e6])) for _ in range(q)])
    return e, c, np.linalg.qr(rng.normal(size=(p, q)))[0], g


def dense_pencil(e, c, Q, g):
    return np.diag(e) - np.outer(c, c), np.eye(len(e)) + Q * g @ Q.T


def dense_eigenvalues(e, c, Q, g):
    """Falling, from the symmetric form: Cholesky's loses digits where B is near singular."""
    root = np.eye(len(e)) + Q * (1 / np.sqrt(1 + g) - 1) @ Q.T
    return np.linalg.eigvalsh(root @ dense_pencil(e, c, Q, g)[0] @ root)[::-1]


@drawn
@given(pencil=pencils(), k=st.integers(1, 20))
def test_certified_pairs_are_the_largest(pencil, k):
    e, c, Q, g = pencil
    pairs = certified_eigenpairs(e, c, Q, g, k)
    assume(pairs is not None)
    theta, w = pairs
    expected = dense_eigenvalues(e, c, Q, g)
    rounding = 1e-12 * expected[0] * np.sqrt((1 + g.max(initial=0)) / (1 + g.min(initial=0)))
    np.testing.assert_allclose(theta, expected[:k], rtol=1e-8, atol=rounding)
    _C, B = dense_pencil(e, c, Q, g)
    np.testing.assert_allclose(w.T @ B @ w, np.eye(k), atol=1e-11 * np.sqrt(np.linalg.cond(B)))


@drawn
@given(pencil=pencils(with_ties=False), k=st.integers(1, 10))
def test_plain_pencils_are_certified(pencil, k):
    # nothing coincides, much lies below the k-th, and B neither hides what is sought (g > 0) nor
    # blows it up (g near -1): the search has no excuse
    e, c, Q, g = pencil
    g = np.clip(g, -0.5, 0.0)
    assume(len(np.unique(e)) == len(e) and len(e) > 6 * (k + 6))
    expected = dense_eigenvalues(e, c, Q, g)
    assume(expected[k - 1] > 1e-3 * expected[0])
    assume(expected[k - 1] - expected[k] > 1e-6 * expected[0])
    assert certified_eigenpairs(e, c, Q, g, k) is not None


@drawn
@given(pencil=pencils(), at=st.floats(0.05, 0.95))
def test_inertia_counts_the_eigenvalues_above(pencil, at):
    expected = dense_eigenvalues(*pencil)
    i = int(at * (len(expected) - 1))
    sigma = (expected[i] + expected[i + 1]) / 2
    assume(expected[i] - expected[i + 1] > 1e-9 * expected[0])
    assert count_above(*pencil, sigma) in (i + 1, None)


@pytest.mark.parametrize("s", [5, 6, 7])
def test_rebuilding_the_tail_squares_its_error(s, small_pencil):
    pencil, theta, w = small_pencil(p=200)
    e, c, Q, _g = pencil
    head, tail = np.arange(20), np.arange(20, 200)
    columns = tail_columns(e[tail], c[tail], Q[tail], best_shifts(e[20], theta[8], theta[0], s))
    lacking = np.linalg.norm(w[tail, :8] - columns @ (columns.T @ w[tail, :8]))
    square = theta[0] * lacking**2 / np.min(-np.diff(theta[:9]))
    assert square < lacking / 2
    rebuilt = ritz_pairs(*pencil, head, tail, columns, 8)[1]
    assert np.linalg.norm(np.abs(rebuilt) - np.abs(w[:, :8])) < square


def test_ritz_space_short_of_a_direction_is_refused(monkeypatch, small_pencil):
    pencil, theta, _w = small_pencil(p=200)
    pairs = certified_eigenpairs(*pencil, 8)
    np.testing.assert_allclose(pairs[0], theta[:8], rtol=1e-12)

    def deprived(e, c, Q, g, head, tail, columns, k):
        return ritz_pairs(
            e, c, Q, g, head[1:], np.append(tail, head[0]), np.pad(columns, [(0, 1), (0, 0)]), k
        )

    monkeypatch.setattr(_rational_ritz, "ritz_pairs", deprived)
    assert certified_eigenpairs(*pencil, 8) is None


def test_second_search_mends_a_first_that_was_too_coarse(monkeypatch, small_pencil):
    pencil, theta, _w = small_pencil(p=200)
    monkeypatch.setattr(_rational_ritz, "AIMS", (1e-2,))
    assert certified_eigenpairs(*pencil, 8) is None
    monkeypatch.setattr(_rational_ritz, "AIMS", (1e-2, 1e-15))
    np.testing.assert_allclose(certified_eigenpairs(*pencil, 8)[0], theta[:8], rtol=1e-12)


def test_coinciding_eigenvalues_at_the_cut_are_refused():
    e = np.array([3.0, 2.0, 2.0, *np.linspace(1, 0, 40)])
    nothing = np.zeros(len(e)), np.zeros((len(e), 0)), np.zeros(0)
    assert certified_eigenpairs(e, *nothing, 2) is None
    assert certified_eigenpairs(e, *nothing, 3)[0] == pytest.approx([3, 2, 2], rel=1e-14)


@pytest.mark.parametrize("k", [39, 40, 50])
def test_more_pairs_than_rank_are_refused(k):
    e = np.append(np.linspace(1, 2, 39), np.zeros(11))
    assert certified_eigenpairs(e, np.zeros(50), np.eye(50)[:, :1], np.array([1.0]), k) is None


@drawn
@given(t=st.floats(0, 0.99), high=st.floats(1.01, 1e9), s=st.integers(1, 12))
def test_shifts_are_as_good_as_zolotarev_says(t, high, s):
    # 1 / (theta - e) for all theta, less what the columns of s shifts span
    shifts = best_shifts(t, 1.0, high, s)
    e, theta = np.linspace(0, t, 60), np.geomspace(1, high, 60)
    cauchy = 1 / (theta - e[:, None])
    columns = np.linalg.qr(1 / (shifts - e[:, None]))[0]
    rest = cauchy - columns @ (columns.T @ cauchy)
    bound = 4 * np.exp(-s * np.pi**2 / np.log(16 * cross_ratio(t, 1.0, high)))
    assert np.linalg.norm(rest, 2) <= (bound + 1e-12) * np.linalg.norm(cauchy, 2)


BASES = {
    "primal": primal_basis,
    "linear": linear_basis,
    "rbf": lambda X: kernel_basis(rbf_kernel(X)),
}


def record_calls(monkeypatch):
    calls = []

    def recording(*args, **options):
        calls.append(certified_eigenpairs(*args, **options))
        return calls[-1]

    monkeypatch.setattr(_pencil, "certified_eigenpairs", recording)
    return calls


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize("mu", [0.1, 2.0])
def test_shifted_pencil_of_an_indefinite_coupling_is_solved_alike(kind, mu, monkeypatch):
    calls = record_calls(monkeypatch)
    rng = np.random.default_rng(0)
    labels, source = np.arange(300) % 3, np.arange(300) < 160
    X = rng.normal(size=(300, 250)) * np.arange(1, 251) ** -1.0
    X[~source] += 0.1
    basis = BASES[kind](X)
    coupling = discriminative_coupling(labels, source, n_classes=3, mu=mu)
    options = {"lam": 0.05, "n_components": 5}
    ours = solve(basis, coupling, eigen_solver="iterative", **options)
    dense = solve(basis, coupling, eigen_solver="dense", **options)
    assert [pairs is None for pairs in calls] == [False]
    np.testing.assert_allclose(ours.eigenvalues, dense.eigenvalues, rtol=1e-8)
    np.testing.assert_allclose(ours.coefficients, dense.coefficients, atol=1e-7)


@pytest.mark.parametrize("method", [JDA, DJPMMD])
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@settings(max_examples=5)
@given(seed=st.integers(0, 1000), whiten=st.booleans())
def test_solvers_agree_on_drawn_problems(method, kernel, make_domains, seed, whiten):
    X, y, domains = make_domains(150, 120, 200, n_classes=3, seed=seed)
    gamma = 1.0 if kernel == "rbf" else None
    model = method(3, kernel=kernel, gamma=gamma, whiten=whiten, max_iter=3)
    with pytest.MonkeyPatch.context() as patch:
        calls = record_calls(patch)
        assert_solvers_agree(model, normalize(X / np.arange(1, 201)), y, domains)

    assert any(pairs is not None for pairs in calls)


def assert_solvers_agree(model, X, y, domains):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        dense, ours = (
            clone(model).set_params(eigen_solver=name).fit(X, y, sample_domain=domains)
            for name in ("dense", "iterative")
        )
    np.testing.assert_array_equal(ours.pseudo_labels_, dense.pseudo_labels_)
    np.testing.assert_allclose(ours.eigenvalues_, dense.eigenvalues_, rtol=1e-8)
    np.testing.assert_array_equal(ours.history_["label_changes"], dense.history_["label_changes"])


def test_refused_search_falls_back_to_the_dense_solution(monkeypatch, make_domains):
    X, y, domains = make_domains(60, 50, 30)
    dense = JDA(3, kernel="primal", eigen_solver="dense").fit(X, y, sample_domain=domains)
    monkeypatch.setattr(_rational_ritz, "is_certified", lambda *args: False)
    ours = JDA(3, kernel="primal", eigen_solver="iterative").fit(X, y, sample_domain=domains)
    np.testing.assert_array_equal(ours.components_, dense.components_)


def test_solvers_agree_where_each_domain_of_office_caltech_is_source_and_target_once():
    try:
        data = load_office_caltech10("surf", download_if_missing=False)
    except OSError:
        pytest.skip("the SURF features are not at hand")
    for task in data.tasks(["C->A", "A->W", "W->D", "D->C"]):
        domains = task.sample_domain
        X = PerDomain().fit_transform(normalize(task.X, norm="l1"), sample_domain=domains)
        X = Normalizer().fit_transform(X)
        for method in (JDA, DJPMMD):
            assert_solvers_agree(method(30, kernel="primal", max_iter=2), X, task.y, domains)


def test_rebuilt_tails_keep_the_digits_where_the_coupling_is_large(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 400))
    e, Q = np.linalg.eigvalsh(X @ X.T)[::-1], np.linalg.qr(rng.normal(size=(400, 6)))[0]
    e[0] *= 10
    c, g = rng.normal(size=400), np.array([1.0, 2e3, 2e3, 3e3, 3e3, 6e5])
    c *= np.sqrt(e) / np.linalg.norm(c) * 0.9
    found = []
    monkeypatch.setattr(_rational_ritz, "is_certified", lambda *pairs: found.append(pairs[-2:]))
    certified_eigenpairs(e, c, Q, g, 10)
    (theta, w), _ = found
    error, _ = residual_norms(e, c, Q, g, theta[:10], w)
    assert error < np.sqrt(g.max()) * rounding(400) * theta[0]  # the root, not g itself
