"""LEACE: the least change of the rows after which no linear classifier can tell the domains.

N. Belrose, D. Schneider-Joseph, S. Ravfogel, R. Cotterell, E. Raff and S. Biderman (2023), "LEACE:
perfect linear concept erasure in closed form", Advances in Neural Information Processing Systems.
"""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import svd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, _fit_context
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import check_sample_domain, fit_domains, new_domains
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.alignment._principal_axes import dense_rows


class Erasure(NamedTuple):
    """The map ``x -> x - (x - mean) predictors' patterns`` of rows x.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Mean of all rows.
    predictors : ndarray of shape (rank, n_features)
        What linear classifiers of the domains read: uncorrelated, of variance 1 over the rows.
    patterns : ndarray of shape (rank, n_features)
        What goes with each of them in the rows: ``predictors @ patterns.T`` is the identity.
    """

    mean: np.ndarray
    predictors: np.ndarray
    patterns: np.ndarray

    def apply(self, X):
        """Rows without what tells the domains, in O(n_samples n_features rank) time.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        X = np.asarray(X, dtype=np.float64)
        return X - ((X - self.mean) @ self.predictors.T) @ self.patterns

    def matrix(self):
        """The matrix that multiplies centred rows from the right, of shape (n_features,) * 2.

        Returns
        -------
        ndarray of shape (n_features, n_features)
        """
        return np.eye(len(self.mean)) - self.predictors.T @ self.patterns


def leace_map(X: ArrayLike, sample_domain: ArrayLike) -> Erasure:
    """Map of the rows of LEACE, by which all domains get the same mean.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows of all domains.
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative for target rows; each number is a domain.

    Returns
    -------
    Erasure
        ``.apply(X)`` gives the mapped rows, ``.matrix()`` the map of centred rows.

    Raises
    ------
    ValueError, TypeError
        If X is not finite, or sample_domain does not fit X.

    Notes
    -----
    With ``X - m = U s V'`` and D the indicators of the domains, columns scaled to length 1, let Q
    hold the left singular vectors of ``U'(D - mean)`` whose singular values, the canonical
    correlations of rows and domains, are above rounding. Then ``predictors = sqrt(n) Q' s^-1 V'``
    and ``patterns = Q' s V' / sqrt(n)``.

    Examples
    --------
    >>> from skdomain.alignment import leace_map
    >>> X = [[-1.0, 1.0], [1.0, 3.0], [2.0, 1.0], [4.0, 3.0]]
    >>> leace_map(X, [1, 1, -2, -2]).apply(X).round(6)
    array([[0.5, 1. ],
           [2.5, 3. ],
           [0.5, 1. ],
           [2.5, 3. ]])
    """
    X = check_array(X, dtype=[np.float64, np.float32], input_name="X")
    return _erasure(X, check_sample_domain(sample_domain, len(X)))


def _erasure(X, domains):
    """:func:`leace_map` of validated rows and domains."""
    rows = X.astype(np.float64)
    first = rows[0].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        rows -= first
        offset = rows.mean(axis=0)
        rows -= offset
    if not np.isfinite(rows).all():
        raise ValueError("X has rows so far apart that their mean overflows; divide the features.")
    U, s, Vt = svd(rows, full_matrices=False, check_finite=False)
    rounding = max(rows.shape) * np.finfo(X.dtype).eps
    kept = s > rounding * s[0]
    U, s, Vt = U[:, kept], s[kept], Vt[kept]
    # NumPy's takes what equal rows leave, no row at all; old versions of SciPy's do not.
    Q, correlations, _ = np.linalg.svd(U.T @ _indicators(domains), full_matrices=False)
    Q = Q[:, correlations > rounding]
    unit = np.sqrt(len(X))
    return Erasure(first + offset, unit * Q.T @ (Vt / s[:, None]), Q.T @ (s[:, None] * Vt) / unit)


def _indicators(domains):
    """One column a domain, of length 1 and then centred."""
    names, codes, counts = np.unique(domains, return_inverse=True, return_counts=True)
    D = np.eye(len(names))[codes] / np.sqrt(counts)
    return D - D.mean(axis=0)


class LEACE(DomainTransformerMixin, OneToOneFeatureMixin, BaseEstimator):
    """LEACE: erase what linear classifiers can tell the domains by, and no more.

    Every distinct value of ``sample_domain`` is a domain; all rows are mapped alike::

        x -> x - (x - m) S^+ A (A' S^+ A)^+ A',   A = cov(x, D)

    with m and S the mean and the covariance of all rows and D the indicators of the domains. All
    domains then have the same mean, so a linear classifier of domains, trained by any convex loss,
    does no better than one that sees no rows. Of all affine maps that achieve this, it changes the
    rows least, in mean squared distance. Labels are not used.

    Attributes
    ----------
    erasure_ : Erasure
        The map: ``erasure_.predictors`` are the directions read, ``erasure_.patterns`` what is
        subtracted along each, ``erasure_.matrix()`` the matrix that acts on centred rows.
    n_erased_ : int
        Rank of what is erased: at most the number of domains less 1.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    ComBat : Moves and scales each domain, feature by feature.
    MIDA : Finds a few directions that depend least on the domains, in a kernel too.

    Notes
    -----
    The change is least in every norm ``x'Mx`` at once, Mahalanobis' included. On the fitted rows it
    subtracts their regression on the linear prediction of the domains. It is the linear limit of
    adversarial training, as in a domain-adversarial network, whose equilibrium it is for linear
    classifiers of the domains.

    This holds of the rows that are fitted. With as many features as rows, any domains can be told
    by linear classifiers: all of them are centred, and new rows are told nevertheless. Spreads and
    all else that is not a mean stay different, so other classifiers may tell the domains.

    Directions without variance up to rounding count as constant (pseudo-inverse). Domains whose
    means agree up to rounding stay as they are.

    If the classes have other shares in the domains, class means tell domains and are erased too.

    Fitting takes O(n_samples n_features min(n_samples, n_features)) time.

    References
    ----------
    N. Belrose, D. Schneider-Joseph, S. Ravfogel, R. Cotterell, E. Raff and S. Biderman (2023),
    "LEACE: perfect linear concept erasure in closed form", Advances in Neural Information
    Processing Systems 36.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.alignment import LEACE
    >>> from skdomain.datasets import make_subspace_shift
    >>> data = make_subspace_shift(random_state=0)
    >>> X, d = data.X, data.sample_domain
    >>> float(round(LogisticRegression().fit(X, d).score(X, d), 2))
    1.0
    >>> Z = LEACE().fit_transform(X, sample_domain=d)
    >>> float(np.abs(LogisticRegression().fit(Z, d).coef_).max().round(6))
    0.0
    """

    _parameter_constraints: dict = {}

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find what tells the domains.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; each value is a
            domain. None: all rows are of one, the map is the identity, and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        LEACE
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, or sample_domain does not fit X.
        """
        X = dense_rows(self, X)
        self.erasure_ = _erasure(X, fit_domains(sample_domain, len(X), self))
        self.n_erased_ = len(self.erasure_.predictors)
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Subtract from rows, of any domain, what tells the domains.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are mapped alike.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Mapped rows, in the order and dtype of X.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        new_domains(sample_domain, len(X))
        return self.erasure_.apply(X).astype(X.dtype, copy=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
