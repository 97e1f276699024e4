"""Transfer joint matching against its textbook form, its descent, and its authors' program."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain import NoTargetWarning
from skdomain.compose import PerDomain
from skdomain.datasets import load_office_caltech10
from skdomain.mmd import marginal_coupling
from skdomain.subspace import TCA, TJM, _tjm
from skdomain.subspace._spectral import (
    WeightedPencil,
    _basis,
    kernel_basis,
    linear_basis,
    primal_basis,
    sample_frame,
)
from skdomain.subspace._tjm import tjm_match

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "tjm.json").read_text())["tasks"]
EPS = np.finfo(float).eps
KERNELS = ("primal", "linear", "rbf")

# name: (F of the rows, its basis)
FEATURES = {
    "primal": (lambda X: X, primal_basis),
    "linear": (lambda X: X @ X.T, linear_basis),
    "rbf": (rbf_kernel, lambda X: kernel_basis(rbf_kernel(X))),
    "rank-deficient kernel": (lambda X: X @ X.T, lambda X: kernel_basis(X @ X.T)),
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

drawn = settings(max_examples=40)
problems = given(
    n_source=st.integers(3, 14),
    n_target=st.integers(2, 14),
    d=st.sampled_from([1, 2, 5, 40]),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    k=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)


def draw(n_source, n_target, d, seed):
    """Rows whose domains are one standard deviation apart, in mixed order."""
    rng = np.random.default_rng(seed)
    source = rng.permutation(n_source + n_target) < n_source
    return rng.normal(size=(len(source), d)) + ~source[:, None], source


def pencil_of(X, source, features):
    """The weighted pencil of the rows, and which rows of A are sparse."""
    basis = FEATURES[features][1](X)
    frame = basis.coefs if features == "primal" else sample_frame(basis)
    sparse = np.ones(len(frame), dtype=bool) if features == "primal" else source
    return WeightedPencil(basis, frame, marginal_coupling(source).normalized()), sparse


def dense_pencil(F, source):
    """``F'MF`` and ``F'HF`` with M and H formed."""
    n = len(F)
    e = np.where(source, 1 / source.sum(), -1 / max(1, (~source).sum()))
    M = np.outer(e, e)
    H = np.eye(n) - 1 / n
    return F.T @ M @ F / np.linalg.norm(M), F.T @ H @ F


def textbook_tjm(F, source, sparse, *, lam, k, n_iter, whiten):
    """Eigenvalues, row norms of A and objective of each iteration."""
    B, C = dense_pencil(F, source)
    D, eps = np.ones(F.shape[1]), None
    for _ in range(n_iter):
        theta, A = eigh(C, B + lam * np.diag(D))
        k = min(k, int((theta > 1e-9 * theta[-1]).sum()))
        theta, A = theta[: -k - 1 : -1], A[:, : -k - 1 : -1]
        A = A / np.sqrt(theta)
        S = np.ones(k) if whiten else 1 / np.linalg.norm(A, axis=0)
        eps = EPS * np.sum((A * S) ** 2) / k if eps is None else eps
        l21 = np.sqrt(np.sum(A[sparse] ** 2, axis=1) + eps).sum()
        objective = np.trace(A.T @ B @ A) + lam * (2 * l21 + np.sum(A[~sparse] ** 2))
        norms = np.linalg.norm(A * S, axis=1)
        D[sparse] = 1 / np.sqrt(norms[sparse] ** 2 + eps)
        yield 1 / theta, norms, objective


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("features", FEATURES)
@drawn
@problems
def test_iterations_are_those_of_the_textbook(
    features, whiten, n_source, n_target, d, lam, k, seed
):
    X, source = draw(n_source, n_target, d, seed)
    F = FEATURES[features][0](X)
    pencil, sparse = pencil_of(X, source, features)
    options = {"lam": lam, "whiten": whiten}
    textbook = textbook_tjm(F, source, sparse, k=k, n_iter=3, **options)
    for n_iter, (eigenvalues, norms, objective) in enumerate(textbook, start=1):
        match = tjm_match(pencil, sparse, n_components=k, max_iter=n_iter, tol=0, **options)
        if len(match.history["objective"]) < n_iter:  # at a fixed point
            break
        assert_allclose(match.solution.eigenvalues, eigenvalues, rtol=1e-6)
        assert_allclose(match.history["objective"][-1], objective, rtol=1e-6)
        A = match.solution.A * match.scales
        assert_allclose(np.linalg.norm(A, axis=1), norms, atol=1e-5 * norms.max())


@pytest.mark.parametrize("features", FEATURES)
@drawn
@problems
def test_objective_falls_in_every_step(features, n_source, n_target, d, lam, k, seed):
    # 2|a| <= |a|^2/|a_0| + |a_0|: each step minimises an upper bound that touches at the one before
    X, source = draw(n_source, n_target, d, seed)
    pencil, sparse = pencil_of(X, source, features)
    match = tjm_match(pencil, sparse, n_components=k, lam=lam, max_iter=40, tol=1e-12, whiten=True)
    objective = match.history["objective"]
    assert np.all(np.diff(objective) <= 1e-9 * objective[:-1])
    assert_allclose(match.history["decrease"][1:], -np.diff(objective) / objective[:-1], atol=1e-12)


@pytest.mark.parametrize("features", FEATURES)
@drawn
@problems
def test_columns_of_unit_norm_lower_the_objective_with_their_scales_held(
    features, n_source, n_target, d, lam, k, seed
):
    X, source = draw(n_source, n_target, d, seed)
    pencil, sparse = pencil_of(X, source, features)
    match = tjm_match(pencil, sparse, n_components=k, lam=lam, max_iter=40, tol=1e-12)
    assert np.all(match.history["decrease"] >= -1e-9)
    assert_allclose(np.linalg.norm(match.solution.A * match.scales, axis=0), 1)


@pytest.mark.parametrize("features", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("d", [3, 60])
def test_where_it_ends_the_objective_is_stationary(features, d):
    # gradient: (F'MF + lam D(A))A = F'HFA diag(w), with the weights of A itself
    X, source = draw(20, 15, d, 0)
    F = FEATURES[features][0](X)
    pencil, sparse = pencil_of(X, source, features)
    match = tjm_match(
        pencil, sparse, n_components=2, lam=0.1, max_iter=2000, tol=1e-15, whiten=True
    )
    assert match.termination == "converged"
    A, w = match.solution.A, match.solution.eigenvalues
    D = np.ones(len(A))
    norms = np.linalg.norm(A, axis=1)
    alive = ~sparse | (norms > 1e-3 * norms.max())  # |a| has no gradient at 0
    D[sparse] = 1 / np.maximum(norms[sparse], 1e-300)
    B, C = dense_pencil(F, source)
    left, right = (B @ A + 0.1 * D[:, None] * A)[alive], (C @ A * w)[alive]
    assert_allclose(left, right, atol=1e-4 * np.abs(right).max())
    assert_allclose(A.T @ C @ A, np.eye(2), atol=1e-7)
    # a row at 0 stays there: its pull is weaker than lam
    pull = np.linalg.norm((C @ A * w - B @ A)[~alive], axis=1)
    assert np.all(pull <= 0.1 * (1 + 1e-3))


def test_one_feature_by_hand():
    # primal, one feature: A is the number a = (X'HX)^-1/2, so the objective is
    # a^2 X'MX + 2 lam |a|, in each iteration; X = 0, 1 | 2, 3 has X'HX = 5 and X'MX = 4
    X, d = np.arange(4.0)[:, None], [1, 1, -2, -2]
    tjm = TJM(1, kernel="primal", lam=3.0, whiten=True).fit(X, sample_domain=d)
    assert_allclose(tjm.history_["objective"], 4 / 5 + 2 * 3 / np.sqrt(5))
    assert_allclose(tjm.components_, [[5**-0.5]])
    assert tjm.n_iter_ == 2
    # weights 1/|a| = 5^1/2: the eigenvalue is (4 + 3 * 5^1/2) / 5
    assert_allclose(tjm.eigenvalues_, [(4 + 3 * 5**0.5) / 5])


def with_outliers():
    """Six of the source rows far from all others; in mixed order."""
    rng = np.random.default_rng(0)
    X, source = rng.normal(size=(80, 3)), np.arange(80) < 45
    far = np.zeros(80, dtype=bool)
    far[[3, 9, 17, 20, 33, 41]] = True
    X[far, 0] += 12
    order = rng.permutation(80)
    return X[order], source[order], far[order]


@pytest.mark.parametrize("whiten", [False, True])
def test_source_rows_far_from_the_target_are_switched_off(whiten):
    X, source, far = with_outliers()
    d = np.where(source, 1, -2)
    tjm = TJM(3, kernel="rbf", gamma=0.05, lam=0.3, max_iter=200, whiten=whiten)
    scores = tjm.fit(X, sample_domain=d).sample_scores_
    assert scores.shape == (45,)
    off = scores < 1e-4 * scores.max()
    assert off[far[source]].all()
    assert not off.all()
    first = TJM(3, kernel="rbf", gamma=0.05, lam=0.3, max_iter=1, tol=0, whiten=whiten)
    before = first.fit(X, sample_domain=d).sample_scores_
    assert before[far[source]].min() > 0.01 * before.max()


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_rows_of_the_target_are_not_switched_off(kernel):
    X, source, far = with_outliers()
    there = TJM(2, kernel=kernel, max_iter=5).fit(X, sample_domain=np.where(source, 1, -2))
    back = TJM(2, kernel=kernel, max_iter=5).fit(X, sample_domain=np.where(source, -2, 1))
    assert (len(there.sample_scores_), len(back.sample_scores_)) == (45, 35)
    if kernel == "rbf":
        A = back.components_[:, far]
        assert np.linalg.norm(A, axis=0).max() > 1e-3 * np.abs(back.components_).max()
    assert not np.allclose(there.eigenvalues_, back.eigenvalues_)


def test_scores_are_the_row_norms_of_the_source_in_its_order(make_domains):
    X, _, d = make_domains()
    tjm = TJM(2, kernel="rbf", max_iter=3).fit(X, sample_domain=d)
    assert_allclose(tjm.sample_scores_, np.linalg.norm(tjm.components_[:, d > 0], axis=0))
    order = np.argsort(-d, kind="stable")
    moved = TJM(2, kernel="rbf", max_iter=3).fit(X[order], sample_domain=d[order])
    assert_allclose(moved.sample_scores_, tjm.sample_scores_, atol=1e-9)


@pytest.mark.parametrize("shape", [(30, 20, 4), (8, 6, 40)])
def test_linear_and_its_kernel_matrix_are_the_same(shape):
    X, source = draw(*shape, seed=0)
    d = np.where(source, 1, -2)
    linear = TJM(3, max_iter=4).fit(X, sample_domain=d)
    given_ = TJM(3, max_iter=4, kernel="precomputed").fit(X @ X.T, sample_domain=d)
    assert_allclose(linear.sample_scores_, given_.sample_scores_, atol=1e-8)
    assert_allclose(linear.eigenvalues_, given_.eigenvalues_, rtol=1e-8)
    new = np.random.default_rng(1).normal(size=(5, X.shape[1]))
    Z, expected = linear.transform(new), given_.transform(new @ X.T)
    assert_allclose(Z * np.sign(np.sum(Z * expected, axis=0)), expected, atol=1e-7)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
def test_first_iteration_is_tca(kernel, whiten, make_domains):
    X, _, d = make_domains()
    tjm, tca = (
        model.set_params(kernel=kernel, lam=0.3, whiten=whiten).fit(X, sample_domain=d)
        for model in (TJM(3, max_iter=1), TCA(3))
    )
    assert_allclose(tjm.eigenvalues_, tca.eigenvalues_)
    assert_allclose(tjm.transform(X), tca.transform(X), atol=1e-8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_without_target_nothing_is_matched(kernel, make_domains):
    X = make_domains()[0]
    with pytest.warns(NoTargetWarning):
        tjm = TJM(2, kernel=kernel).fit(X)
    assert_array_equal(tjm.history_["mmd"], 0)
    with pytest.warns(NoTargetWarning):
        first = TJM(2, kernel=kernel, max_iter=1).fit(X)
    with pytest.warns(NoTargetWarning):
        tca = TCA(2, kernel=kernel).fit(X)
    assert_allclose(first.transform(X), tca.transform(X), atol=1e-8)
    if kernel != "primal":
        assert tjm.sample_scores_.shape == (len(X),)


def test_primal_form_switches_off_features():
    # the means differ along the first feature alone; the last one hardly varies
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(200, 4)) * [1, 1, 1, 0.1], np.repeat([1, -2], 100)
    X[d < 0, 0] += 3
    tjm = TJM(2, kernel="primal", lam=100.0, max_iter=200).fit(X, sample_domain=d)
    norms = np.linalg.norm(tjm.components_, axis=0)
    assert tjm.sample_scores_ is None
    assert np.all(norms[[0, 3]] < 1e-3 * norms[[1, 2]].min())


def test_a_fit_says_how_it_ended(make_domains):
    X, _, d = make_domains()
    text = r"iteration 2 of TJM still lowered .* share of .*, more than tol=1e-09; raise max_iter"
    with pytest.warns(ConvergenceWarning, match=text):
        tjm = TJM(2, kernel="rbf", max_iter=2, tol=1e-9, whiten=True).fit(X, sample_domain=d)
    assert (tjm.n_iter_, tjm.termination_) == (2, "max_iter")
    assert {len(entries) for entries in tjm.history_.values()} == {2}
    tjm.set_params(tol=0.01, max_iter=500).fit(X, sample_domain=d)
    assert (1 < tjm.n_iter_ < 500, tjm.termination_) == (True, "converged")
    assert tjm.history_["decrease"][-1] <= 0.01 < tjm.history_["decrease"][:-1].min()


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_no_tolerance_asks_for_every_iteration(make_domains):
    X, _, d = make_domains()
    tjm = TJM(2, kernel="rbf", max_iter=6, tol=0).fit(X, sample_domain=d)
    assert (tjm.n_iter_, tjm.termination_) == (6, "max_iter")


def test_verbose_counts_the_iterations(make_domains, capsys):
    X, _, d = make_domains()
    TJM(2, max_iter=3, tol=0, verbose=1).fit(X, sample_domain=d)
    printed = "".join(capsys.readouterr())
    assert "TJM" in printed
    assert "3" in printed


def test_features_are_decomposed_once(monkeypatch, make_domains):
    sizes = []

    def counting_eigh(a, **options):
        if "subset_by_index" not in options:
            sizes.append(len(a))
        return eigh(a, **options)

    monkeypatch.setattr(_basis, "eigh", counting_eigh)
    X, _, d = make_domains()
    TJM(2, kernel="rbf", max_iter=5, tol=0).fit(X, sample_domain=d)
    assert sizes.count(len(X)) == 1


def test_no_square_matrix_of_the_rows_is_formed():
    n = 20_000  # n x n would take 3.2 GB
    X = np.random.default_rng(0).normal(size=(n, 10))
    X[n // 3 :, 0] += 1
    d = np.where(np.arange(n) < n // 3, 1, -2)
    tracemalloc.start()
    TJM(2, max_iter=3).fit(X, sample_domain=d)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * X.nbytes


def load_surf(name):
    """Rows as in the authors' program: over their sum, z-scored in each domain, unit norm."""
    try:
        data = load_office_caltech10("surf", download_if_missing=False)
    except OSError as error:
        pytest.skip(f"real data not at hand: {error}")
    task = next(data.tasks(name))
    X = PerDomain().fit_transform(normalize(task.X, norm="l1"), sample_domain=task.sample_domain)
    return normalize(X), task


@pytest.mark.parametrize("name", GOLDEN)
def test_surf_iterations_are_those_of_the_authors(name, monkeypatch):
    embeddings = []

    class Recorded(WeightedPencil):
        def __init__(self, basis, *rest):
            super().__init__(basis, *rest)
            self.basis = basis

        def solve(self, *weights, **options):
            solution = super().solve(*weights, **options)
            embeddings.append(self.basis.embed(solution.b) / np.linalg.norm(solution.A, axis=0))
            return solution

    monkeypatch.setattr(_tjm, "WeightedPencil", Recorded)
    X, task = load_surf(name)
    d, golden = task.sample_domain, GOLDEN[name]
    source = d > 0
    tjm = TJM(20, lam=1.0, tol=0)
    Z = tjm.fit_transform(X, sample_domain=d)
    accuracies = []
    for rows in [*embeddings, Z]:
        labels = KNeighborsClassifier(1).fit(rows[source], task.y[source]).predict(rows[~source])
        accuracies.append(100 * np.mean(labels == task.y[~source]))
    assert_allclose(accuracies[:-1], golden["accuracy"], atol=0.01)
    assert accuracies[-1] == accuracies[-2]
    assert tjm.n_iter_ == 10
    assert np.all(np.diff(tjm.history_["objective"]) < 0)
    assert_allclose(tjm.eigenvalues_, golden["eigenvalues"], rtol=1e-9)
    norms = np.sqrt(tjm.sample_scores_[:: golden["stride"]] ** 2 + EPS)
    assert_allclose(norms, 1 / np.array(golden["weights"]), rtol=1e-6, atol=1e-12)
    rows = Z[:: golden["stride"], :10]
    expected = np.array(golden["embedding"])
    rows = rows * np.sign(np.sum(rows * expected, axis=0))
    assert_allclose(rows, expected, atol=1e-6 * np.abs(expected).max())
