"""Discriminative joint probability MMD against its textbook form, and the ends of mu."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import eigh
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from skdomain.mmd import discriminative_coupling, mmd_matrix
from skdomain.subspace import DJPMMD
from skdomain.subspace._spectral import primal_basis, solve

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def one_hot(labels, domain, n_classes):
    """Columns 1/n_domain on the rows of a class in a domain."""
    return np.eye(n_classes)[labels] * domain[:, None] / domain.sum()


def differences(pairs, y, d, n_classes):
    """Sum over pairs of classes of r r', r a source column less a target column."""
    source, target = (one_hot(y, domain, n_classes) for domain in (d > 0, d < 0))
    R = [source[:, a] - target[:, b] for a, b in pairs]
    return sum(np.outer(r, r) for r in R)


def unit(M):
    return M / np.linalg.norm(M)


def textbook_djpmmd(X, y, d, *, lam, mu, k, n_rounds):
    """Eigenvalues and pseudo-labels in primal form, with the two matrices summed over classes."""
    source, n, n_classes = d > 0, len(X), len(np.unique(y))
    H, labels = np.eye(n) - 1 / n, y.copy()
    same = [(c, c) for c in range(n_classes)]
    other = [(a, b) for a in range(n_classes) for b in range(n_classes) if a != b]
    known = np.outer(source, source)  # at first, the blocks of the source alone
    for _ in range(n_rounds):
        R_min, R_max = (differences(pairs, labels, d, n_classes) * known for pairs in (same, other))
        M = unit(R_min) - mu * unit(R_max)
        w, A = eigh(X.T @ M @ X + lam * np.eye(X.shape[1]), X.T @ H @ X)
        A = A[:, :k]
        Z = normalize(X @ (A / np.linalg.norm(A, axis=0)))
        labels[~source] = KNeighborsClassifier(1).fit(Z[source], y[source]).predict(Z[~source])
        known = 1
    return w[:k], labels[~source]


@pytest.mark.filterwarnings("ignore:the domains have equal means")  # mu = 1 without labels: M = 0
@settings(max_examples=40)
@given(
    n_source=st.integers(6, 20),
    n_target=st.integers(3, 20),
    lam=st.sampled_from([0.1, 1.0, 10.0]),
    mu=st.sampled_from([0.0, 0.1, 1.0, 3.0]),
    n_rounds=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_rounds_are_those_of_the_textbook(
    make_domains, n_source, n_target, lam, mu, n_rounds, seed
):
    X, y, d = make_domains(n_source, n_target, 4, n_classes=3, seed=seed)
    eigenvalues, labels = textbook_djpmmd(X, y, d, lam=lam, mu=mu, k=2, n_rounds=n_rounds)
    djpmmd = DJPMMD(2, kernel="primal", lam=lam, mu=mu, max_iter=n_rounds)
    djpmmd.fit(X, y, sample_domain=d)
    scale = np.abs(eigenvalues).max()
    assert_allclose(djpmmd.eigenvalues_, eigenvalues, rtol=1e-7, atol=1e-9 * scale)
    assert_array_equal(djpmmd.pseudo_labels_, labels)


def test_without_discriminability_it_is_jp_mmd(make_domains):
    """The objective of the last round is that of R_min over its norm, at A'X'HXA = I."""
    X, y, d = make_domains(n_classes=3)
    model = DJPMMD(2, kernel="primal", mu=0, whiten=True, normalize=False)
    model.fit(X, y, sample_domain=d)
    assert model.termination_ == "converged"
    labels = y.copy()
    labels[d < 0] = model.pseudo_labels_
    Z = X @ model.components_.T
    expected = np.trace(Z.T @ unit(mmd_matrix(d, labels, coupling="joint")) @ Z)
    assert model.history_["mmd"][-1] == pytest.approx(expected)


@pytest.mark.parametrize("lam", [0.01, 1.0])
def test_discriminability_parts_the_classes_across_the_domains(lam, make_domains):
    """Where f - mu g is least over a set, g does not fall as mu rises; here g = tr(Z'R_max Z)."""
    X, y, d = make_domains(n_classes=3)
    R_max = differences([(a, b) for a in range(3) for b in range(3) if a != b], y, d, 3)
    parted = []
    for mu in (0, 0.1, 1, 10):
        coupling = discriminative_coupling(y, d > 0, n_classes=3, mu=mu)
        solution = solve(primal_basis(X), coupling, lam=lam, n_components=2, whiten=True)
        Z = X @ solution.coefficients
        parted.append(np.trace(Z.T @ R_max @ Z))
    assert np.all(np.diff(parted) > -1e-12)
    assert parted[-1] > 1.01 * parted[0]


def test_an_objective_that_has_no_minimum_is_told_and_met_without_constants():
    """K = I has constants in its range, on which the variance is 0 and M negative."""
    y, d = np.array([0] * 9 + [1] + [0] * 9 + [1]), np.repeat([1, -2], 10)
    with pytest.warns(UserWarning, match=r"unbounded below.*Raise lam or lower mu"):
        DJPMMD(2, kernel="precomputed", lam=1e-3, mu=1.0).fit(np.eye(20), y, sample_domain=d)
    DJPMMD(2, kernel="precomputed", lam=1.0, mu=1.0).fit(np.eye(20), y, sample_domain=d)
