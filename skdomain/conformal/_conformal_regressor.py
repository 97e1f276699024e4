"""Intervals that hold the true value as often as they promise, in the target."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, is_regressor
from sklearn.linear_model import Ridge
from sklearn.utils import column_or_1d

from skdomain._domains import source_labels
from skdomain._estimators import all_or_nothing, call_with_domains
from skdomain.conformal._conformal_estimator import ConformalEstimator
from skdomain.conformal._nonconformity import last_bits


class DomainConformalRegressor(ConformalEstimator):
    """Intervals around any regressor, valid in the target.

    Some source rows are held out of training, and the interval of a new row is::

        C(x) = [ f(x) - t(x),  f(x) + t(x) ]                                         (1)

    with f the regressor and t the threshold that :func:`conformal_thresholds` finds from the
    absolute residuals of the rows held out and their weights, ``p_target(x) / p_source(x)`` [1]_.
    If the weights are right, the interval of a target row holds its value with a probability of at
    least ``confidence_level``, however bad the regressor is: of a bad one intervals are wide.

    Parameters
    ----------
    estimator : regressor, default=None
        Any. One that takes ``sample_domain`` is fitted to target rows as well. None: ``Ridge()``.
        In a :class:`~sklearn.frozen.FrozenEstimator` it is taken as fitted, to other rows.
    weights : estimator, callable or None, default=None
        How the target differs from the source. An estimator with ``density_ratio``, such as
        :class:`~skdomain.weighting.RuLSIF`: as it estimates. A function of rows: the known ratio,
        or any multiple of it. None: not at all.
    confidence_level : float, default=0.9
        Share of target rows whose interval is to hold their value. May be set anew after ``fit``.
    calibration_size : float or int, default=0.5
        Share of the source rows to hold out, or their number. Where neither the estimator nor the
        weights are fitted, all rows calibrate.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw of these rows, in which the order of rows of numbers does not matter.

    Attributes
    ----------
    estimator_ : regressor
        The regressor, trained on the other source rows.
    weights_estimator_ : estimator or None
        The fitted clone of ``weights``; None for what is not fitted.
    calibration_scores_, calibration_weights_ : ndarray of shape (n_calibration,)
        Absolute residuals of the rows held out, and weights of these rows.
    n_calibration_ : int
        Their number.
    effective_calibration_rows_ : float
        ``(sum w)^2 / sum w^2``: how many rows of equal weight they are worth.
    n_features_in_, feature_names_in_
        Features seen in fit, and their names where all of them are strings.

    See Also
    --------
    DomainConformalClassifier : Sets of classes; what is promised, and when it fails.

    Notes
    -----
    All intervals have one width where weights are equal; else they are wider where the target is
    and hardly a source row, and infinite where no threshold is valid but infinity. A warning counts
    such rows.

    References
    ----------
    .. [1] R. J. Tibshirani, R. Foygel Barber, E. J. Candès and A. Ramdas (2019), "Conformal
       prediction under covariate shift", NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain import stack_domains
    >>> from skdomain.conformal import DomainConformalRegressor
    >>> rng = np.random.default_rng(0)
    >>> xs, xt = rng.normal(size=(400, 1)), rng.normal(1, 1, size=(400, 1))
    >>> ys, yt = (x[:, 0] ** 2 + 0.1 * rng.normal(size=400) for x in (xs, xt))
    >>> X, y, d = stack_domains((xs, ys), xt)
    >>> ratio = lambda X: np.exp(X[:, 0])
    >>> for weights in (None, ratio):
    ...     model = DomainConformalRegressor(weights=weights, confidence_level=0.8, random_state=0)
    ...     low, high = model.fit(X, y, sample_domain=d).predict_interval(xt).T
    ...     print(np.mean((low <= yt) & (yt <= high)).round(2))
    0.62
    0.82
    """

    _unbounded = "get an infinite interval"

    def __init__(
        self,
        estimator: Any = None,
        *,
        weights: Any = None,
        confidence_level: float = 0.9,
        calibration_size: float = 0.5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.weights = weights
        self.confidence_level = confidence_level
        self.calibration_size = calibration_size
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_domain: ArrayLike | None = None) -> Self:
        """Train on some of the source rows, and calibrate with the others.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, in whatever form the estimator takes.
        y : array-like of shape (n_samples,)
            Values of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, what would be estimated of the target is taken to be as in the source, and
            :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, no row to train on, y is missing, sample_domain does not fit
            X, the estimator is no regressor, or weights give no ratio.
        """
        return self._calibrate(X, y, sample_domain)

    def predict_interval(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Intervals.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of the target, in the forms that ``fit`` takes.
        sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            Lower and upper ends, minus and plus infinity where no finite ones are valid.

        Warns
        -----
        UserWarning
            If some intervals are infinite; it says how many.
        """
        return self._ask("predict_interval", X, sample_domain)

    def _predict_rows(self, method, X, sample_domain):
        if method != "predict_interval":
            return super()._predict_rows(method, X, sample_domain)
        f = np.asarray(super()._predict_rows("predict", X, sample_domain))
        t = self._thresholds(X)[:, 0]
        t = t + last_bits(f) * (np.abs(f) + t)
        return np.stack([f - t, f + t], axis=1).astype(f.dtype if f.dtype.kind == "f" else t.dtype)

    def _labels(self, X, y, source):
        if not is_regressor(self._inner()):
            raise ValueError(
                "DomainConformalRegressor needs the numbers that a regressor predicts, and "
                f"{type(self._inner()).__name__} is none; take DomainConformalClassifier for "
                "classes."
            )
        values = column_or_1d(source_labels(X, y, source, self), warn=True)
        return values.astype(np.float64)

    def _groups(self, y):
        return np.zeros(len(y), dtype=int)

    def _scores(self, X, y, sample_domain):
        f = call_with_domains(self.estimator_, "predict", X, sample_domain=sample_domain)
        return np.abs(y - np.asarray(f, dtype=np.float64)), np.zeros(len(y), dtype=int)

    def _inner(self):
        return Ridge() if self.estimator is None else self.estimator
