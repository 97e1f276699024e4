"""Priors of the mixture of class means that is nearest to the target in a kernel's space."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from sklearn.utils import gen_batches
from sklearn.utils.validation import validate_data

from skdomain._kernels import Kernel, fit_kernel, gamma_constraint
from skdomain._rows import stacked
from skdomain.label_shift._confusion import Confusion
from skdomain.label_shift._priors_estimator import PriorsEstimator, documented
from skdomain.label_shift._simplex import row_weights
from skdomain.metrics import nearest_mixture

_BLOCK = 1000


def kernel_mixture_priors(
    source: Any,
    codes: int | ArrayLike,
    target: Any,
    *,
    gamma: str | float | None = "median",
    source_weight: Any = None,
    target_weight: Any = None,
) -> np.ndarray:
    """Target priors by matching class means in a kernel's space.

    With the embedded means m_c of the source rows of class c and m_t of the target rows::

        min_q |sum_c q_c m_c - m_t|^2   subject to   q >= 0,  sum_c q_c = 1

    in the space of the kernel ``exp(-gamma |x - x'|^2)`` [1]_:
    :func:`~skdomain.metrics.class_mixture_discrepancy` for weighted rows.

    Parameters
    ----------
    source : ndarray or sparse matrix of shape (n, n_features)
        Source rows, or posteriors of them.
    codes : ndarray of shape (n,), int
        Numbers of their classes, 0 to n_classes - 1, each of which has a row.
    target : ndarray or sparse matrix of shape (m, n_features)
        Target rows, or posteriors of them.
    gamma : float, "median", "scale" or None, default="median"
        As in :func:`~skdomain.metrics.mmd`.
    source_weight, target_weight : array-like of shape (n,), (m,), default=None
        Weights of the rows, at least 0. None: all 1.

    Returns
    -------
    ndarray of shape (n_classes,)
        Priors.

    Notes
    -----
    O((n + m)^2 n_features) time and O(n + m) memory.

    References
    ----------
    .. [1] A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio
       estimation: convergence bounds and kernel selection", ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.label_shift import kernel_mixture_priors
    >>> Xs, Xt = np.array([[0.0], [9.0]]), np.array([[0.0], [9.0], [9.0], [9.0]])
    >>> kernel_mixture_priors(Xs, np.array([0, 1]), Xt)
    array([0.25, 0.75])
    """
    w, v = row_weights(source_weight, len(codes)), row_weights(target_weight, target.shape[0])
    evidence = kernel_evidence(source, codes, target, gamma)
    return _mixture_draws(evidence, w[None], v[None])[0]


class KernelEvidence(NamedTuple):
    """Rows of both domains and the kernel that is fitted to them."""

    source: np.ndarray
    codes: np.ndarray
    target: np.ndarray
    kernel: Kernel


def kernel_evidence(source, codes, target, gamma):
    """Rows with the radial kernel of this gamma."""
    return KernelEvidence(source, codes, target, fit_kernel("rbf", source, target, gamma=gamma))


def _grams(evidence, source_weights, target_weights):
    """Inner products of the differences ``m_c - m_t`` of each draw, and nothing of n x n size."""
    Z = stacked([evidence.source, evidence.target])
    means = [
        _differences(evidence.codes, w, v)
        for w, v in zip(source_weights, target_weights, strict=True)
    ]
    n_draws, (n, n_classes) = len(means), means[0].shape
    M = np.stack(means, axis=1)  # (n, n_draws, n_classes)
    grams = np.zeros((n_draws, n_classes, n_classes))
    for rows in gen_batches(n, _BLOCK):
        KM = evidence.kernel(Z[rows], Z) @ M.reshape(n, -1)
        grams += np.einsum(
            "ibc,ibd->bcd", M[rows], KM.reshape(-1, n_draws, n_classes), optimize=True
        )
    return grams


def _differences(codes, source_weight, target_weight):
    """Columns over all rows: the mean of a class less that of the target."""
    M = np.zeros((len(codes), codes.max() + 1))
    M[np.arange(len(codes)), codes] = source_weight
    M /= M.sum(axis=0)
    of_target = -target_weight[:, None] / max(target_weight.sum(), 1)
    return np.vstack([M, np.repeat(of_target, M.shape[1], axis=1)])


def _mixture_draws(evidence, source_weights, target_weights):
    return np.array(
        [nearest_mixture(gram)[1] for gram in _grams(evidence, source_weights, target_weights)]
    )


@documented
class KernelMixture(PriorsEstimator):
    """Target priors by matching class means in a kernel's space; no classifier is trained.

    The mixture of the source's classes that :func:`~skdomain.metrics.class_mixture_test` compares
    the target with. Where the distance to it is small, label shift explains the target. Formula and
    paper: :func:`kernel_mixture_priors`.

    Parameters
    ----------
    gamma : float, "median", "scale" or None, default="median"
        Coefficient of the radial kernel, as in :func:`~skdomain.metrics.mmd`.
    <interval>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    EMPriors : By the posteriors of a classifier; with many features it is more precise.

    Notes
    -----
    O(n^2 (n_features + n_bootstrap n_classes)) time for n rows of both domains.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.label_shift import KernelMixture
    >>> problem = make_label_shift(target_priors=[0.2, 0.8], random_state=0)
    >>> KernelMixture().fit(problem.X, problem.y, sample_domain=problem.sample_domain).priors_
    array([0.2, 0.8])
    """

    _parameter_constraints: dict = PriorsEstimator._parameter_constraints | {
        "gamma": gamma_constraint()
    }

    def __init__(
        self,
        *,
        gamma: str | float | None = "median",
        n_bootstrap: int = 200,
        level: float = 0.95,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.gamma = gamma
        self.n_bootstrap = n_bootstrap
        self.level = level
        self.random_state = random_state

    def _validate(self, X):
        return validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32])

    def _evidence(self, X, y, Xt):
        codes = np.unique(y, return_inverse=True)[1]
        return kernel_evidence(X, codes, X if Xt is None else Xt, self.gamma)

    def _point(self, evidence):
        ones = [np.ones((1, evidence[side].shape[0])) for side in (0, 2)]
        return _mixture_draws(evidence, *ones)[0]

    def _draws(self, evidence, drawn):
        return _mixture_draws(evidence, *drawn)

    def _confusion(self, evidence):
        """Class means in coordinates of the kernel's space."""
        ones = np.ones((1, len(evidence.codes)))
        origin = np.zeros((1, evidence.target.shape[0]))
        counts = np.bincount(evidence.codes)
        gram = _grams(evidence, ones, origin)[0]
        values, vectors = eigh(gram)
        root = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
        noise = np.maximum(1 - np.diag(gram), 0) / counts
        return Confusion(root, np.zeros(len(counts)), noise, counts / counts.sum())

    def __sklearn_tags__(self):
        """Say that rows may be sparse."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
