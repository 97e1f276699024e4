"""What Nystroem before a linear kernel stands for, and what the comparison makes of it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import eigh
from sklearn import config_context
from sklearn.base import clone
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.lib.tables import read_rows
from benchmarks.scale import nystroem as program
from skdomain import RowBlocks
from skdomain.compose import SourceOnly
from skdomain.mmd import mmd_matrix
from skdomain.subspace import DJPMMD, JDA, TCA

DOCS = Path(__file__).parents[3] / "docs"
GAMMA = 0.3


def embedded(model, features, X, y, d, new):
    """Embeddings of the fitted rows and new ones, the first fitted row's on the positive side."""
    model = clone(model).fit(features(X), y, sample_domain=d)
    Z = model.transform(np.vstack([features(X), features(new)]))
    return Z * np.sign(Z[0])


@pytest.fixture
def task(make_domains):
    X, y, d = make_domains(40, 35, 5)
    return X, y, d, np.random.default_rng(1).normal(size=(7, 5))


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("method", [TCA, JDA, DJPMMD])
def test_linear_kernel_on_nystroem_with_all_rows_is_the_rbf_kernel(method, whiten, task):
    X, y, d, new = task
    nystroem = Nystroem(gamma=GAMMA, n_components=len(X), random_state=0).fit(X)
    exact = method(4, kernel="rbf", gamma=GAMMA, whiten=whiten)
    expected = embedded(exact, lambda X: X, X, y, d, new)
    linear = method(4, kernel="linear", whiten=whiten)
    Z = embedded(linear, nystroem.transform, X, y, d, new)
    assert_allclose(Z, expected, atol=1e-8 * np.abs(expected).max())


def test_primal_kernel_on_nystroem_with_all_rows_has_the_ridge_of_the_kernel_space(task):
    """``min tr(A'(KMK + lam K)A)`` subject to ``A'KHKA = I``, solved densely."""
    X, _, d, _ = task
    lam, k, n = 0.3, 4, len(X)
    K, M = rbf_kernel(X, gamma=GAMMA), mmd_matrix(d)
    M /= np.linalg.norm(M)
    values, A = eigh(K @ (np.eye(n) - 1 / n) @ K, K @ M @ K + lam * K)
    expected = (K @ A[:, ::-1][:, :k]) / np.sqrt(values[::-1][:k])

    F = Nystroem(gamma=GAMMA, n_components=n, random_state=0).fit_transform(X)
    tca = TCA(k, kernel="primal", lam=lam, whiten=True).fit(F, sample_domain=d)
    Z = tca.transform(F)
    assert_allclose(tca.eigenvalues_, 1 / values[::-1][:k], rtol=1e-8)
    Z, expected = Z - Z.mean(axis=0), expected - expected.mean(axis=0)
    assert_allclose(np.abs(np.diag(Z.T @ expected)), 1, rtol=1e-8)


def test_linear_kernel_on_random_fourier_features_is_their_kernel(task):
    X, y, d, new = task
    fourier = RBFSampler(gamma=GAMMA, n_components=200, random_state=0).fit(X)
    F = fourier.transform(X)
    exact = TCA(4, kernel="precomputed")
    expected = embedded(exact, lambda X: fourier.transform(X) @ F.T, X, y, d, new)
    Z = embedded(TCA(4, kernel="linear"), fourier.transform, X, y, d, new)
    assert_allclose(Z, expected, atol=1e-8 * np.abs(expected).max())


def test_pipeline_with_nystroem_takes_domains_by_routing(task):
    X, y, d, new = task
    model = make_pipeline(
        Nystroem(gamma=GAMMA, n_components=30, random_state=0),
        TCA(4, kernel="linear"),
        SourceOnly(KNeighborsClassifier(1)),
    )
    with config_context(enable_metadata_routing=True):
        model.fit(X, y, sample_domain=d)
    F = model[0].transform(X)
    tca = TCA(4, kernel="linear").fit(F, sample_domain=d)
    assert_allclose(model[:-1].transform(new), tca.transform(model[0].transform(new)))


def test_features_of_blocks_are_those_of_the_rows(task):
    X, _, d, _ = task
    nystroem = Nystroem(gamma=GAMMA, n_components=30, random_state=0).fit(X[::2])
    rows = RowBlocks([X[:20], X[20:50], X[50:]]).map(nystroem.transform, width=30)
    streamed = TCA(4, kernel="linear").fit(rows, sample_domain=d)
    at_once = TCA(4, kernel="linear").fit(nystroem.transform(X), sample_domain=d)
    assert_allclose(streamed.eigenvalues_, at_once.eigenvalues_, rtol=1e-8)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_nystroem_comparison_finds_no_difference_with_all_rows_as_landmarks(task):
    X, y, d, _ = task
    lines = list(program.compared(("drawn", X, y, d, 4), [len(X)], 1))
    compared = [line for line in lines if line["features"] == "Nystroem"]
    assert [(line["method"], line["kernel"]) for line in compared] == [
        ("TCA", "linear"),
        ("JDA", "linear"),
        ("TCA", "primal"),
        ("JDA", "primal"),
    ]
    for line in compared:
        assert (line["shared"], line["agreement"]) == ("1.000000", "100.00")
        assert float(line["angle"]) < 1e-3


def test_table_of_the_page_is_that_of_the_results(tmp_path):
    page, text = tmp_path / "scale.md", (DOCS / "scale.md").read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    program.put_table(read_rows(DOCS / "results" / "nystroem.csv"), page)
    assert page.read_text(encoding="utf-8") == text
    assert text.count("| Nystroem |") == 8
