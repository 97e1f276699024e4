"""Sets of classes that hold the true one as often as they promise, in the target."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import StrOptions

from skdomain._domains import source_classes
from skdomain._estimators import all_or_nothing, call_with_domains
from skdomain.conformal._conformal_estimator import ConformalEstimator
from skdomain.conformal._nonconformity import SCORES, last_bits


class DomainConformalClassifier(ConformalEstimator):
    """Sets of classes around any classifier, valid in the target.

    Some source rows are held out of training. A class c of a row x has the score s(x, c), which is
    low where the classifier finds it likely, and the set of a new row is::

        C(x) = { c :  s(x, c) <= t(x, c) }                                           (1)

    with t the threshold that :func:`conformal_thresholds` finds from the scores of the rows held
    out and their weights: ``p_target(x) / p_source(x)`` where what is visited has shifted [1]_, or
    ``p_target(c) / p_source(c)`` where the proportions of the classes have [2]_. If the weights are
    right, the set of a target row holds its class with a probability of at least
    ``confidence_level``, however bad the classifier is: of a bad one the sets are large.

    Parameters
    ----------
    estimator : classifier, default=None
        Any with ``predict_proba``. One that takes ``sample_domain`` is fitted to target rows as
        well. None: ``LogisticRegression(max_iter=1000)``. In a
        :class:`~sklearn.frozen.FrozenEstimator` it is taken as fitted, to other rows.
    weights : estimator, callable, dict or None, default=None
        How the target differs from the source. An estimator with ``density_ratio``, such as
        :class:`~skdomain.weighting.RuLSIF`: as it estimates. A function of rows: the known ratio,
        or any multiple of it. A dict: the known proportion of each class in the target. An
        estimator of proportions, such as :class:`~skdomain.label_shift.EMPriors`: as it estimates.
        None: not at all.
    confidence_level : float, default=0.9
        Share of target rows whose set is to hold their class. May be set anew after ``fit``.
    method : {"lac", "aps"}, default="lac"
        Score of a class: "lac" is 1 minus its probability, for the smallest sets; "aps" [3]_ is the
        sum of the probabilities of all classes that are at least as likely, for sets that grow
        where the classifier is in doubt and are never empty.
    calibration_size : float or int, default=0.5
        Share of the source rows to hold out, or their number. Where neither the estimator nor the
        weights are fitted, all rows calibrate.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw of these rows, in which the order of rows of numbers does not matter.

    Attributes
    ----------
    estimator_ : classifier
        The classifier, trained on the other source rows.
    weights_estimator_ : estimator or None
        The fitted clone of ``weights``; None for what is not fitted.
    calibration_scores_, calibration_weights_ : ndarray of shape (n_calibration,)
        Scores of the true classes of the rows held out, and weights of these rows.
    n_calibration_ : int
        Their number.
    effective_calibration_rows_ : float
        ``(sum w)^2 / sum w^2``: how many rows of equal weight they are worth.
    classes_ : ndarray of shape (n_classes,)
        Classes, in the order of the columns of sets.
    n_features_in_, feature_names_in_
        Features seen in fit, and their names where all of them are strings.

    See Also
    --------
    DomainConformalRegressor : Intervals around a regressor.

    Notes
    -----
    **What is promised.** The probability is over source and target rows, not for each row or class,
    and the promise is kept by the true ratio. An estimated one is found on training and target
    rows, never on rows that calibrate, and so are the source's proportions for a dict; coverage of
    other target rows then lacks at most half the mean absolute error of the ratio over the source
    [4]_, in units where its mean is 1. A ratio of densities is wrong where p(y | x) has shifted,
    one of proportions where p(x | y) has.

    **Domains in the estimator.** Rows held out are predicted as source rows and new ones as
    ``sample_domain`` says. An estimator that treats the two differently, as a pipeline with
    :class:`~skdomain.compose.PerDomain`, is valid if scores of source and target, so made, differ
    in law by the weights alone.

    **Thresholds that are infinite.** If the target is where hardly a source row is, a new row's own
    weight outweighs those held out: no threshold is valid but infinity, the set is full, and a
    warning counts such rows. Of a class that has no training row one stays to train.

    References
    ----------
    .. [1] R. J. Tibshirani, R. Foygel Barber, E. J. Candès and A. Ramdas (2019), "Conformal
       prediction under covariate shift", NeurIPS.
    .. [2] A. Podkopaev and A. Ramdas (2021), "Distribution-free uncertainty quantification for
       classification under label shift", UAI.
    .. [3] Y. Romano, M. Sesia and E. J. Candès (2020), "Classification with valid and adaptive
       coverage", NeurIPS.
    .. [4] L. Lei and E. J. Candès (2021), "Conformal inference of counterfactuals and individual
       treatment effects", Journal of the Royal Statistical Society B 83.

    Examples
    --------
    >>> from skdomain.conformal import DomainConformalClassifier
    >>> from skdomain.datasets import make_label_shift
    >>> data = make_label_shift(400, 400, target_priors=[0.1, 0.9], class_sep=2, random_state=0)
    >>> X, y, d = data.X, data.y, data.sample_domain
    >>> model = DomainConformalClassifier(weights={0: 0.1, 1: 0.9}, random_state=0)
    >>> sets = model.fit(X, y, sample_domain=d).predict_set(X[d < 0])
    >>> print(sets[range(400), y[d < 0]].mean().round(2), sets.sum(axis=1).mean().round(2))
    0.88 1.12
    """

    _parameter_constraints: dict = ConformalEstimator._parameter_constraints | {
        "weights": [*ConformalEstimator._parameter_constraints["weights"], Mapping],
        "method": [StrOptions(set(SCORES))],
    }
    _unbounded = "get a set with classes that no score rules out"

    def __init__(
        self,
        estimator: Any = None,
        *,
        weights: Any = None,
        confidence_level: float = 0.9,
        method: str = "lac",
        calibration_size: float = 0.5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.weights = weights
        self.confidence_level = confidence_level
        self.method = method
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
            Classes of the source rows; what it holds on target rows is not read.
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
            If there is no source row, fewer than two classes, no row to train on, y is missing,
            sample_domain does not fit X, the estimator has no ``predict_proba``, or weights give no
            ratio.
        """
        return self._calibrate(X, y, sample_domain)

    def predict_set(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Sets of classes.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of the target, in the forms that ``fit`` takes.
        sample_domain : array-like of shape (n_samples,), default=None
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), bool
            Whether each class, in the order of ``classes_``, is in the set of a row.

        Warns
        -----
        UserWarning
            If some rows have no finite threshold; it says how many.
        """
        return self._ask("predict_set", X, sample_domain)

    def _predict_rows(self, method, X, sample_domain):
        if method != "predict_set":
            return super()._predict_rows(method, X, sample_domain)
        P = np.asarray(super()._predict_rows("predict_proba", X, sample_domain))
        return SCORES[self.method](P) <= self._thresholds(X) + last_bits(P)

    def _labels(self, X, y, source):
        inner = self._inner()
        if not (is_classifier(inner) and hasattr(inner, "predict_proba")):
            raise ValueError(
                "DomainConformalClassifier scores the probabilities of a classifier, and "
                f"{type(inner).__name__} has no predict_proba; pass a classifier that has it, wrap "
                "one in sklearn.calibration.CalibratedClassifierCV, or take "
                "DomainConformalRegressor for numbers."
            )
        return source_classes(X, y, source, self)

    def _groups(self, y):
        return np.unique(y, return_inverse=True)[1].reshape(-1)

    def _scores(self, X, y, sample_domain):
        unknown = np.setdiff1d(y, self.classes_).tolist()
        if unknown:
            raise ValueError(
                f"y has the classes {unknown}, which the estimator does not know, trained on "
                f"{self.classes_.tolist()}; leave their rows out, or train it on all classes."
            )
        P = call_with_domains(self.estimator_, "predict_proba", X, sample_domain=sample_domain)
        codes = np.searchsorted(self.classes_, y)
        return SCORES[self.method](np.asarray(P))[np.arange(len(y)), codes], codes

    def _inner(self):
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator
