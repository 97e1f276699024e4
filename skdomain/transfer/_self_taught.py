"""Self-taught learning: sparse codes of a dictionary that unlabelled source rows teach.

R. Raina, A. Battle, H. Lee, B. Packer and A. Y. Ng (2007), "Self-taught learning: transfer learning
from unlabeled data", International Conference on Machine Learning, 759-766.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, _fit_context
from sklearn.decomposition import MiniBatchDictionaryLearning, sparse_encode
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains
from skdomain._estimators import DomainTransformerMixin, all_or_nothing


def self_taught_codes(X: ArrayLike, components: ArrayLike, *, alpha: float = 1.0) -> np.ndarray:
    """Sparse codes of rows: ``argmin_a 1/2 |x - a'B|^2 + alpha |a|_1`` for each row x.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows.
    components : array-like of shape (n_components, n_features)
        B, an atom a row.
    alpha : float, default=1.0
        Weight of sparsity, > 0, in units of X times those of B.

    Returns
    -------
    ndarray of shape (n_samples, n_components)

    Examples
    --------
    >>> from skdomain.transfer import self_taught_codes
    >>> self_taught_codes([[3.0, 0.5]], [[1.0, 0.0], [0.0, 1.0]])
    array([[2., 0.]])
    """
    X, B = (check_array(A, dtype=[np.float64, np.float32]) for A in (X, components))
    codes = sparse_encode(X, B, algorithm="lasso_lars", alpha=alpha, check_input=False)
    # an atom that a path takes up and drops again is left with what rounding leaves of it
    sizes = np.abs(codes)
    rounding = len(B) * np.finfo(codes.dtype).eps * sizes.max(axis=1, keepdims=True)
    return np.where(sizes > rounding, codes, codes.dtype.type(0))


class SelfTaughtFeatures(ClassNamePrefixFeaturesOutMixin, DomainTransformerMixin, BaseEstimator):
    """Describe rows by sparse codes of a dictionary that source rows without labels have taught.

    On the source rows, atoms B and codes A minimise, and then on any row its code a alone::

        1/2 |X - A B|^2 + alpha |A|_1   subject to   |b_j| <= 1

    The source need not have the classes of the target, nor labels: what it is made of is enough to
    describe the few labelled rows of the target by, for any classifier.

    Parameters
    ----------
    n_components : int, default=None
        Number of atoms; None: as many as features.
    alpha : float, default=1.0
        Weight of sparsity, > 0, in the units of X.
    max_iter : int, default=100
        Most passes over the source rows.
    batch_size : int, default=256
        Rows to a step.
    random_state : int, RandomState instance or None, default=None
        Seed of the order of the rows; an int makes the result reproducible.
    verbose : bool, default=False
        Whether to show progress.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        B.
    n_iter_ : int
        Passes over the source rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.compose.SourceOnly : Around any other transformer, learns it from the source rows.

    Notes
    -----
    The atoms are those of :class:`~sklearn.decomposition.MiniBatchDictionaryLearning` on the source
    rows in an order of their values; a local minimum. Codes are exact, by least angles. The paper
    learns from patches and pools their codes; here a row is coded as it is. Centre and scale the
    rows first: alpha is in their units, and there is no intercept.

    Coding a row takes O(n_components n_features) time and more with each atom that it needs.

    References
    ----------
    R. Raina, A. Battle, H. Lee, B. Packer and A. Y. Ng (2007), "Self-taught learning: transfer
    learning from unlabeled data", International Conference on Machine Learning, 759-766.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.transfer import SelfTaughtFeatures
    >>> X = np.array([[5.0, 0.0], [-4.0, 0.0], [0.0, 6.0], [0.0, -5.0], [3.0, 0.4]])
    >>> model = SelfTaughtFeatures(2, random_state=0).fit(X, sample_domain=[1, 1, 1, 1, -2])
    >>> np.abs(model.transform(X[[4]])).round(1)
    array([[0., 2.]])
    """

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int | None = None,
        *,
        alpha: float = 1.0,
        max_iter: int = 100,
        batch_size: int = 256,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.n_components = n_components
        self.alpha = alpha
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.random_state = random_state
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Learn the dictionary from the source rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of any domain in any order.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows, which are left out.
            None: all rows are source rows.

        Returns
        -------
        SelfTaughtFeatures
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite, there is no source row, or sample_domain does not fit X.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        alone = sample_domain is None  # nothing is lost without target rows: none would be read
        source = np.ones(len(X), bool) if alone else fit_domains(sample_domain, len(X), self) > 0
        rows = X[source]
        names = ("n_components", "alpha", "max_iter", "batch_size", "random_state", "verbose")
        inner = MiniBatchDictionaryLearning(**{name: getattr(self, name) for name in names})
        inner.fit(rows[np.lexsort(rows.T[::-1])])
        self.components_, self.n_iter_ = inner.components_, inner.n_iter_
        return self

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Sparse codes of rows of any domain.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: all are coded alike.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            Codes, in the order and dtype of X.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        new_domains(sample_domain, len(X))
        components = self.components_.astype(X.dtype, copy=False)
        return self_taught_codes(X, components, alpha=self.alpha).astype(X.dtype, copy=False)

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
