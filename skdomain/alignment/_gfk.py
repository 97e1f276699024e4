"""Geodesic flow kernel: rows compared in all subspaces between the source's and the target's.

B. Gong, Y. Shi, F. Sha and K. Grauman (2012), "Geodesic flow kernel for unsupervised domain
adaptation", IEEE Conference on Computer Vision and Pattern Recognition, 2066-2073.
"""

from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import svd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, _fit_context
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skdomain._domains import new_domains
from skdomain._estimators import DomainTransformerMixin, all_or_nothing
from skdomain.alignment._disagreement import disagreeing_axes
from skdomain.alignment._principal_axes import (
    dense_rows,
    fitted_rows,
    limit_to_rank,
)

SMALL_ANGLE = 1e-2


def gfk_factor(Ps: ArrayLike, Pt: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Factor of the geodesic flow kernel of two subspaces.

    With ``Phi(t)``, t from 0 to 1, the geodesic between the subspaces on the Grassmann manifold,
    the kernel is ``G = integral of Phi(t) Phi(t)' dt = L L'``.

    Parameters
    ----------
    Ps : array-like of shape (n_features, k)
        Basis of the source subspace, orthonormal columns.
    Pt : array-like of shape (n_features, k)
        Basis of the target subspace, orthonormal columns.

    Returns
    -------
    L : ndarray of shape (n_features, 2 * k)
        The factor. It turns with the columns of Ps and does not depend on the choice of Pt's.
    angles : ndarray of shape (k,)
        Principal angles between the subspaces, ascending, in [0, pi / 2].

    Raises
    ------
    ValueError
        If the bases differ in shape or their columns are not orthonormal.

    Notes
    -----
    With the singular value decomposition ``Ps'Pt = U cos(theta) V'`` the flow is
    ``Phi(t) = A cos(t theta) + W sin(t theta) / sin(theta)``, where ``A = Ps U`` and
    ``W = (I - Ps Ps')Pt V``, so that no complement of Ps is needed. Per angle, its integral is a
    2 x 2 matrix in the columns of A and W, whose Cholesky factor is used::

        [ (1 + sin(2 theta) / (2 theta)) / 2    sin(theta) / (2 theta)                           ]
        [ sin(theta) / (2 theta)                (1 - sin(2 theta) / (2 theta)) / (2 sin^2 theta) ]

    Its limit at theta = 0 is finite, so equal directions need no special care. The paper writes
    the same with lambda_1, lambda_2, lambda_3 and a factor 1/2 outside (Eq. 5 to 7); its k must
    not exceed half of the features, this form takes any k. Subspaces with an angle of pi / 2 are
    joined by several geodesics; one of them is taken.

    O(n_features k^2) time; the trace of G is k.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.alignment import gfk_factor
    >>> L, angles = gfk_factor(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]))
    >>> L @ L.T  # of the x axis turned to the y axis: 1/2 and 1/pi
    array([[0.5       , 0.31830989],
           [0.31830989, 0.5       ]])
    """
    return flow_factor(*_checked_bases(Ps, Pt))


def flow_factor(Ps, Pt):
    """:func:`gfk_factor` of bases that are known to be orthonormal."""
    U, cosines, Vt = svd(Ps.T @ Pt)
    A = Ps @ U
    W = Pt @ Vt.T - A * cosines
    angles = np.arctan2(np.linalg.norm(W, axis=0), cosines)
    aa, aw, ww = _flow_integrals(angles)
    corner = aw / np.sqrt(aa)
    first = (A * np.sqrt(aa) + W * corner) @ U.T
    second = (W * np.sqrt(ww - corner**2)) @ U.T
    return np.hstack([first, second]), angles


def _checked_bases(Ps, Pt):
    Ps, Pt = (check_array(P, dtype=np.float64, input_name=n) for P, n in ((Ps, "Ps"), (Pt, "Pt")))
    if Ps.shape != Pt.shape:
        raise ValueError(
            f"Ps has shape {Ps.shape} and Pt has {Pt.shape}; pass bases of two subspaces of the "
            "same dimension."
        )
    for P, name in ((Ps, "Ps"), (Pt, "Pt")):
        if not np.allclose(P.T @ P, np.eye(P.shape[1]), rtol=0, atol=1e-6):
            raise ValueError(f"the columns of {name} are not orthonormal; pass a basis as of PCA.")
    return Ps, Pt


def _flow_integrals(theta):
    """Integrals of cos^2, cos sin / sin(theta) and sin^2 / sin^2(theta) at t theta."""
    small = theta < SMALL_ANGLE
    x = np.where(small, SMALL_ANGLE, theta)
    sine, ratio = np.sinc(theta / np.pi), np.sinc(2 * theta / np.pi)
    exact = (1 - np.sinc(2 * x / np.pi)) / (2 * np.sin(x) ** 2)
    series = (1 / 3 - theta**2 / 15 + 2 * theta**4 / 315) / sine**2
    return (1 + ratio) / 2, sine / 2, np.where(small, series, exact)


class GFK(ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator):
    """Geodesic flow kernel.

    Integrates the projections onto all subspaces Phi(t) on the shortest path between the principal
    subspaces of the source (t = 0) and of the target (t = 1)::

        k(x, y) = x'G y,   G = integral of Phi(t) Phi(t)' dt = L L',   Z = X L

    so inner products and distances of the transformed rows are those of the kernel. Labels are
    not used. Several source domains are pooled, and so are several targets.

    Parameters
    ----------
    n_components : int or "auto", default="auto"
        Dimension k of the subspaces; rows are transformed to 2 k columns. Fewer, with a warning,
        where the rank of a domain's centred rows is lower. ``"auto"`` chooses k by the subspace
        disagreement measure, see Notes.

    Attributes
    ----------
    components_ : ndarray of shape (2 * `n_components_`, n_features)
        L'. For equal subspaces the first half is Ps' and the second zero: G = Ps Ps'.
    principal_angles_ : ndarray of shape (`n_components_`,)
        Angles between the two subspaces, ascending, in [0, pi / 2].
    n_components_ : int
        Dimension of the subspaces.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SubspaceAlignment : Maps the one subspace onto the other.
    gfk_factor : L of two given subspaces.

    Notes
    -----
    The axes are those of centred rows, but the rows are multiplied as they are: a difference of the
    means stays unless each domain is centred before, as by ``PerDomain(StandardScaler())``.

    ``"auto"`` is the paper's ``min {d : D(d) = 1}`` with
    ``D(d) = (sin(alpha_d) + sin(beta_d)) / 2``, where alpha_d and beta_d are the largest angles
    between the first d principal axes of both domains together and those of the source and of the
    target. Measured angles are hardly ever right to the last digit, so D(d) >= 0.99 counts as 1;
    this threshold is not the paper's. At most half of the features are taken, which the paper
    asks for, and that where no d passes. An integer may be larger.

    Fitting takes O(n_samples n_features p + p^3) time with p = min(n_samples, n_features), and for
    ``"auto"`` O(n_components_^4) on top; of more rows than features in a domain O(n_features^2)
    memory beside them. Transforming takes O(n_components n_features) a row.

    References
    ----------
    B. Gong, Y. Shi, F. Sha and K. Grauman (2012), "Geodesic flow kernel for unsupervised domain
    adaptation", IEEE Conference on Computer Vision and Pattern Recognition, 2066-2073.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from skdomain.alignment import GFK
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_subspace_shift
    >>> data = make_subspace_shift(random_state=0)
    >>> pipe = make_pipeline(GFK(2), SourceOnly(SVC()))
    >>> pipe = pipe.fit(data.X, data.y, gfk__sample_domain=data.sample_domain,
    ...                 sourceonly__sample_domain=data.sample_domain)
    >>> pipe[:-1].transform(data.X).shape[1]
    4

    As a kernel:

    >>> gfk = GFK(2).fit(data.X, sample_domain=data.sample_domain)
    >>> source = data.sample_domain > 0
    >>> SVC(kernel=gfk.kernel).fit(data.X[source], data.y[source]).classes_
    array([0, 1])
    """

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    }

    def __init__(self, n_components: str | int = "auto") -> None:
        self.n_components = n_components

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Find the subspaces and the kernel of the path between them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, G = Ps Ps' (PCA without centring), and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        GFK
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, the rows of a domain are all equal, or sample_domain does not
            fit X.
        """
        source, target = fitted_rows(self, X, sample_domain)
        bases = self._bases(source, target)
        L, self.principal_angles_ = flow_factor(*bases)
        self.components_ = L.T.astype(source.X.dtype)
        self.n_components_ = bases[0].shape[1]
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Map rows, of either domain, so that their inner products are the kernel.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: both are mapped alike.

        Returns
        -------
        ndarray of shape (n_samples, 2 * `n_components_`)
            ``X L``, in the order and dtype of the rows.
        """
        check_is_fitted(self)
        X = dense_rows(self, X, reset=False)
        new_domains(sample_domain, len(X))
        return (X @ self.components_.T).astype(X.dtype, copy=False)

    def kernel(self, X: Any, Y: ArrayLike | None = None) -> np.ndarray:
        """Kernel matrix of rows, also as the ``kernel`` of a support vector machine.

        Parameters
        ----------
        X : array-like of shape (n_samples_X, n_features)
        Y : array-like of shape (n_samples_Y, n_features), default=None
            Rows to compare with; None: X.

        Returns
        -------
        ndarray of shape (n_samples_X, n_samples_Y), ``X G Y'``
        """
        Z = self.transform(X)
        return Z @ (Z if Y is None else self.transform(Y)).T

    def _bases(self, source, target):
        if self.n_components == "auto":
            half = max(source.X.shape[1] // 2, 1)
            return disagreeing_axes(source, target, source.joined(target), half)
        found = [rows.axes(self.n_components) for rows in (source, target)]
        k = limit_to_rank(self.n_components, min(domain.rank for domain in found))
        return [domain.axes[:, :k] for domain in found]

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
