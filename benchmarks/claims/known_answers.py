"""What the checks of the peers share: the list of them, two generated problems, and answers."""

import numpy as np
import scipy.linalg
from sklearn.metrics.pairwise import linear_kernel
from sklearn.utils.estimator_checks import check_estimator

from skdomain.datasets import make_covariate_shift, make_subspace_shift
from skdomain.subspace import TCA

CHECKS = []
ANGLE = "TCA, linear: angle to the subspace of a dense solution, in degrees"
RANK = "rank correlation of the weights with the true density ratio"
ESTIMATOR_CHECKS = "scikit-learn's `check_estimator` on CORAL"


def check(library, asked):
    """Register a function that gives the peer's answer and ours as text."""

    def register(function):
        CHECKS.append((library, asked, function))
        return function

    return register


def answer(function, *args):
    """What a call returns, or its error on one line."""
    try:
        return function(*args)
    except Exception as error:
        text = " ".join(str(error).split())
        return f"{type(error).__name__}: {text[:90]}{'...' if len(text) > 90 else ''}"


def problem():
    """Rows, labels and domains that a shared subspace solves, source rows first."""
    data = make_subspace_shift(random_state=0)
    order = np.argsort(data.sample_domain < 0, kind="stable")
    return data.X[order], data.y[order], data.sample_domain[order]


def ratio_problem(n_source):
    """Rows, labels, domains, and the density ratio on the source rows."""
    data = make_covariate_shift(n_source, 500, shift=1.0, random_state=0)
    source = data.sample_domain > 0
    return data.X, data.y, data.sample_domain, data.density_ratio[source]


def halves(X, d):
    """Source rows and target rows."""
    return X[d > 0], X[d < 0]


def exact_tca(X, source, lam):
    """Embedding by a dense generalised eigenproblem of the paper's matrices, M of unit norm."""
    K = linear_kernel(X)
    e = np.where(source, 1 / source.sum(), -1 / (~source).sum())
    M = np.outer(e, e) / (e @ e)
    H = np.eye(len(X)) - 1 / len(X)
    A = scipy.linalg.eigh(K @ H @ K, K @ M @ K + lam * np.eye(len(X)))[1]
    return K @ A[:, -2:]


def angle(Z, exact):
    """Largest angle between two embeddings, in degrees."""
    Z, exact = Z - Z.mean(axis=0), exact - exact.mean(axis=0)
    return f"{np.degrees(scipy.linalg.subspace_angles(Z, exact)[0]):.1f}"


def tca_angles(embed):
    """Angle of a peer's TCA and of ours; the peers' mu is the inverse of our ridge."""
    X, _, d = problem()
    source, lam = d > 0, 1.0
    exact = exact_tca(X, source, lam)
    mu = 1 / (lam * (1 / source.sum() + 1 / (~source).sum()))
    ours = TCA(2, lam=lam).fit(X, sample_domain=d).transform(X)
    return angle(embed(X, d, mu), exact), angle(ours, exact)


def checked(estimator):
    """How many of scikit-learn's checks fail."""
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    return f"{sum(r['status'] == 'failed' for r in results)} of {len(results)} fail"
