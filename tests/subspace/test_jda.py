"""Joint distribution adaptation against its textbook form, and what mu makes of it."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn.base import clone
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain.metrics import BalanceFactors, balance_factor, proxy_a_distance
from skdomain.mmd import mmd_matrix
from skdomain.subspace import JDA, TCA, _jda

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def textbook_jda(F, y, d, *, lam, mu, k, n_rounds):
    """Eigenvalues and pseudo-labels, with n x n matrices and a dense generalised eigensolver."""
    source, n = d > 0, len(F)
    H, labels, M = np.eye(n) - 1 / n, y.copy(), mmd_matrix(d)
    for _ in range(n_rounds):
        M /= np.linalg.norm(M)
        theta, A = eigh(F.T @ H @ F, F.T @ M @ F + lam * np.eye(F.shape[1]))
        A = A[:, : -k - 1 : -1]
        Z = normalize(F @ (A / np.linalg.norm(A, axis=0)))
        labels[~source] = KNeighborsClassifier(1).fit(Z[source], y[source]).predict(Z[~source])
        M = mmd_matrix(d, labels, coupling="conditional", mu=mu)
    return 1 / theta[: -k - 1 : -1], labels[~source]


@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@settings(max_examples=15)
@given(
    n_source=st.integers(6, 20),
    n_target=st.integers(3, 20),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    mu=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    n_rounds=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_rounds_are_those_of_the_textbook(
    make_domains, kernel, n_source, n_target, lam, mu, n_rounds, seed
):
    X, y, d = make_domains(n_source, n_target, 4, n_classes=3, seed=seed)
    F = {"primal": X, "linear": X @ X.T, "rbf": rbf_kernel(X, gamma=0.1)}[kernel]
    eigenvalues, labels = textbook_jda(F, y, d, lam=lam, mu=mu, k=2, n_rounds=n_rounds)
    jda = JDA(2, kernel=kernel, gamma=0.1, lam=lam, mu=mu, max_iter=n_rounds)
    jda.fit(X, y, sample_domain=d)
    assert_allclose(jda.eigenvalues_, eigenvalues, rtol=1e-7)
    assert_array_equal(jda.pseudo_labels_, labels)


@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
def test_without_weight_on_the_classes_it_projects_as_tca(kernel, make_domains):
    """mu = 0 leaves C M0, and its norm the factor C."""
    X, y, d = make_domains(n_classes=3)
    jda = JDA(2, kernel=kernel, mu=0, normalize=False).fit(X, y, sample_domain=d)
    tca = TCA(2, kernel=kernel).fit(X, sample_domain=d)
    assert_allclose(jda.components_, tca.components_, atol=1e-10)
    assert_allclose(jda.eigenvalues_, tca.eigenvalues_, rtol=1e-10)


def test_a_shift_that_only_the_classes_see_is_dropped_by_jda_and_kept_by_tca():
    """Classes trade places along x, so that the domain means agree; y tells the classes."""
    rng = np.random.default_rng(0)
    y, d = np.tile([0, 1], 40), np.repeat([1, -2], 40)
    X = np.c_[np.where((y == 1) == (d > 0), 5.0, -5.0), 4.0 * y] + rng.normal(size=(80, 2))
    for domain in (1, -2):
        X[d == domain] -= X[d == domain].mean(axis=0)
    with pytest.warns(UserWarning, match="equal means"):
        tca = TCA(1, kernel="primal").fit(X, sample_domain=d)
    assert np.abs(tca.components_[0, 0]) > 0.9
    known = JDA(1, kernel="primal", lam=1e-6, init="estimator", estimator=ByHeight(), mu=1)
    known.set_params(normalize=False, max_iter=1).fit(X, y, sample_domain=d)
    assert np.abs(known.components_[0, 1]) > 0.9


class ByHeight(KNeighborsClassifier):
    """Knows that the second feature tells the classes."""

    def predict(self, X):
        return (X[:, -1] > 0).astype(int)


def test_permuting_the_rows_leaves_the_estimated_mu_alone(make_domains):
    X, y, d = make_domains(n_classes=3)
    order = np.random.default_rng(0).permutation(len(X))
    jda = JDA(2, mu="auto", kernel="primal", max_iter=3)
    straight = clone(jda).fit(X, y, sample_domain=d)
    permuted = clone(jda).fit(X[order], y[order], sample_domain=d[order])
    assert_allclose(permuted.history_["mu"], straight.history_["mu"], rtol=1e-12)
    assert 0 < straight.history_["mu"][-1] < 1
    assert_allclose(permuted.transform(X), straight.transform(X), atol=1e-8)


def test_distance_of_the_domains_is_found_once(make_domains, monkeypatch):
    """It does not depend on labels; mu of each round is what these labels alone would give."""
    X, y, d = make_domains(30, 30, n_classes=3)
    source, asked, seen = d > 0, [], []

    def counted(Xs, Xt):
        asked.append((len(Xs), len(Xt)))
        return proxy_a_distance(Xs, Xt)

    class Seen(BalanceFactors):
        def __call__(self, labels):
            seen.append(labels.copy())
            return super().__call__(labels)

    monkeypatch.setattr(_jda, "BalanceFactors", partial(Seen, distance=counted))
    X = X + np.random.default_rng(0).normal(size=X.shape)
    model = JDA(2, mu="auto", max_iter=4).fit(X, y, sample_domain=d)
    expected = [balance_factor(X, labels, source, 3) for labels in seen]
    assert_allclose(model.history_["mu"], expected, rtol=1e-12)
    assert len(seen) > 2
    assert asked.count((source.sum(), (~source).sum())) == 1


def test_mu_is_nothing_without_labels_of_the_target(make_domains):
    X, y, d = make_domains()
    assert JDA(2, mu="auto").fit(X, y, sample_domain=d).history_["mu"][0] == 0
