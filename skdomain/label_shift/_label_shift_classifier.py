"""A classifier of the source whose posteriors are those of the target's priors."""

from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import fit_domains, new_domains
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    RoutesFitMixin,
    SourceEstimator,
    all_or_nothing,
    validate_as_given,
)
from skdomain.label_shift._correction import (
    CORRECTIONS,
    How,
    intervals,
    no_correction,
    priors_draws,
)
from skdomain.label_shift._diagnosis import diagnostics, source_reference
from skdomain.label_shift._held_out import check_inner, held_out_posteriors, source_task
from skdomain.label_shift._methods import PRIORS
from skdomain.label_shift._targets import check_targets, corrected_targets


class LabelShiftClassifier(RoutesFitMixin, SourceEstimator):
    """Correct a classifier for the proportions that the classes have in the target.

    Where only the proportions p(y) differ (label shift, prior shift, target shift), the posteriors
    of the target are those of the source, multiplied by a ratio for each class::

        p_t(c | x)  ~  p_s(c | x) q_c / p_c                                          (1)

    Posteriors are calibrated on held-out source rows, and p is their mean there; q are the priors
    of unlabelled target rows.

    Parameters
    ----------
    estimator : classifier, default=None
        Any with ``predict_proba``. None: ``LogisticRegression(max_iter=1000)``.
    method : {"em", "bbse", "bbse-soft", "rlls", "kernel"}, default="em"
        How q is found: :class:`EMPriors`, :class:`BBSE` of predictions or of posteriors,
        :class:`RLLS`, :class:`KernelMixture` of posteriors.
    calibration : {"bcts", "vector", "temperature"} or None, default="bcts"
        How posteriors are calibrated: a temperature and a bias for each class, a slope and a bias
        for each class, a temperature, or not at all.
    correct : {"posterior", "weights", "both"}, default="posterior"
        "posterior": (1). "weights": the estimator is trained again on source rows that are weighted
        by ``q_c / p_c``, and what it then says is not corrected. "both": trained so, calibrated
        on held-out rows of the same weights, and corrected by (1) from **its own** mean there to
        q as estimated from it: nothing is corrected twice, and if the first estimate was right,
        nothing is left to correct.
    shrink : bool, default=True
        Whether (1) takes q as far as the rows speak for it (see Notes), or as estimated.
    cv : int, splitter or list of pairs of row numbers, default=5
        Folds in which the source rows, numbered among themselves, are held out once each.
    n_bootstrap : int, default=200
        Draws for the interval of the priors and for the test of the assumption; 0: neither.
    level : float, default=0.95
        Confidence of the interval; a p-value below ``1 - level`` is warned of.
    random_state : int, RandomState instance or None, default=None
        Seed of these draws. What is predicted does not depend on it.

    Attributes
    ----------
    target_priors_ : ndarray of shape (n_classes,)
        The estimate of q, for all target rows together.
    priors_interval_ : ndarray of shape (2, n_classes)
        Lower and upper ends of its bootstrap interval for each class; NaN without draws.
    expected_gain_ : ndarray of shape (3,)
        Rise of the target's accuracy expected of the correction, and the ends of its interval, by
        the draws of the priors. NaN without draws, and unless ``correct`` is "posterior".
    shrunk_priors_ : ndarray of shape (n_classes,)
        The q that (1) is used with.
    source_priors_ : ndarray of shape (n_classes,)
        p: mean held-out posterior of the source.
    class_weight_ : dict
        Ratio of each class by which posteriors are multiplied or, unless ``correct`` is
        "posterior", source rows weighted.
    domain_priors_ : dict
        ``target_priors_`` of each target domain by itself, by its number in ``sample_domain``.
    diagnostics_ : dict
        "class_mixture_pvalue": of :func:`~skdomain.metrics.class_mixture_test`, small where more
        than the proportions changed. "condition_number": of the confusion of the classes, large
        where priors are hard to tell. "temperature": of the calibration, None without one.
    estimator_ : classifier
        The estimator that predicts for all target rows together.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    n_features_in_, feature_names_in_
        Features seen in fit, and their names where all of them are strings.

    Notes
    -----
    **Several targets.** Rows are corrected by the priors of the domain that ``sample_domain``
    names; without it, and in the source, where criteria ask it, by those of all targets together.

    **Small targets.** The most likely q of few rows is noise. With ``shrink``, "em" takes the
    mean of q under a Dirichlet law around p whose concentration the rows choose by their evidence;
    the other methods take ``p + max(0, 1 - k / s)(q - p)``, with s twice the rise of the log
    likelihood and k its expectation where nothing has shifted. Without a shift the correction
    nearly vanishes, and with much evidence of one q is taken as it is.

    **The assumption** is tested on at most 1000 rows of each domain, or on their log posteriors
    where they are no finite numbers; warnings name classes that cannot be told apart, too.

    ``cv + 1`` fits of the estimator; "weights" one more for each target, "both" ``cv + 1`` more.

    References
    ----------
    .. [1] M. Saerens, P. Latinne and C. Decaestecker (2002), "Adjusting the outputs of a classifier
       to new a priori probabilities: a simple procedure", Neural Computation 14.
    .. [2] A. Alexandari, A. Kundaje and A. Shrikumar (2020), "Maximum likelihood with
       bias-corrected calibration is hard-to-beat at label shift adaptation", ICML.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.label_shift import LabelShiftClassifier
    >>> data = make_label_shift(300, 300, target_priors=[0.9, 0.1], class_sep=1.5, random_state=0)
    >>> X, y, d = data.X, data.y, data.sample_domain
    >>> model = LabelShiftClassifier(random_state=0).fit(X, y, sample_domain=d)
    >>> model.target_priors_.round(2)
    array([0.83, 0.17])
    >>> model.estimator_.score(X[d < 0], y[d < 0]) + 0.1 < model.score(X, y, sample_domain=d)
    True
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "method": [StrOptions(set(PRIORS))],
        "calibration": [StrOptions({"bcts", "vector", "temperature"}), None],
        "correct": [StrOptions({"posterior", "weights", "both"})],
        "shrink": ["boolean"],
        "cv": [Interval(Integral, 2, None, closed="left"), HasMethods("get_n_splits"), list, tuple],
        "n_bootstrap": [Interval(Integral, 0, None, closed="left")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    }
    _facts = (
        SourceEstimator._facts
        | TAKES_SPARSE
        | {
            "domains": "Names the target whose priors a row is corrected for; None: all together.",
            "predict": "Predict the class of the largest corrected posterior",
            "predicted": "Predicted labels",
            "predict_proba": "Corrected posteriors",
            "predict_log_proba": "Logarithms of the corrected posteriors",
            "score": "Accuracy on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )
    _score_rows = DomainClassifierMixin._score_rows

    def __init__(
        self,
        estimator: Any = None,
        *,
        method: str = "em",
        calibration: str | None = "bcts",
        correct: str = "posterior",
        shrink: bool = True,
        cv: Any = 5,
        n_bootstrap: int = 200,
        level: float = 0.95,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.calibration = calibration
        self.correct = correct
        self.shrink = shrink
        self.cv = cv
        self.n_bootstrap = n_bootstrap
        self.level = level
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Train on the source rows, and find the priors of the target.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, in whatever form the estimator takes.
        y : array-like of shape (n_samples,)
            Labels of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, nothing is corrected, and :class:`~skdomain.NoTargetWarning` says so.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0; those of target rows are not used.
        **params : dict
            Further parameters of the estimator's ``fit``, which gets their entries of its rows.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, fewer than two classes, y is missing, sample_domain does not
            fit X, or the estimator has no ``predict_proba``, or takes no weights where it needs to.
        """
        check_inner(
            self, self._inner(), weighted=self.correct != "posterior" or sample_weight is not None
        )
        X = self._validate(X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        task = source_task(self, X, y, domains, sample_weight, params)
        evidence = held_out_posteriors(task, self.calibration)
        self._reference = source_reference(
            task.rows, evidence.source, evidence.codes, check_random_state(self.random_state)
        )
        source = no_correction(evidence, task.weights)
        self.source_priors_ = source.shift.source
        correct = partial(CORRECTIONS[self.correct], task, evidence, self._how())
        return self._set(X, domains, source, correct)

    @all_or_nothing
    def set_target(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Find the priors of another target, without training anything again.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of the new target, or of several.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows, one number a target; source
            rows are not used. None: one target.

        Returns
        -------
        self
            The fitted estimator, which corrects for the new target and has forgotten the old one.

        Raises
        ------
        ValueError
            If ``correct`` is "weights", or no row is of a target.
        """
        check_is_fitted(self)
        if self.correct == "weights":
            raise ValueError(
                "correct='weights' trains for one target; fit again for another, or fit with "
                "correct='posterior' or 'both', whose posteriors can be corrected anew."
            )
        X = self._validate(X, reset=False)
        domains = check_targets(new_domains(sample_domain, _num_samples(X)))
        again = partial(self._targets.together.again, self._how())
        return self._set(X, domains, self._targets.source, again)

    def _how(self):
        return How(self.method, self.shrink, self.calibration)

    def _set(self, X, domains, source, correct):
        """Correct for the targets among the rows, and tell what came of it."""
        rng = check_random_state(self.random_state)
        self._targets = corrected_targets(X, domains, source, correct)
        main = self._targets.together
        self.estimator_ = main.model.estimator
        _, self.target_priors_, self.shrunk_priors_ = main.shift
        classes = self.classes_.tolist()
        self.class_weight_ = dict(zip(classes, main.class_weight.tolist(), strict=True))
        self.domain_priors_ = {d: each.shift.target for d, each in self._targets.by_domain.items()}
        draws = {"n_bootstrap": self.n_bootstrap, "rng": rng}
        priors = priors_draws(main, self.method, **draws)
        self.priors_interval_, self.expected_gain_ = intervals(main, priors, self.level)
        found = self._targets, self._reference
        self.diagnostics_ = diagnostics(self, *found, X, domains, **draws)
        return self

    def _inner(self):
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def _predict_rows(self, method, X, sample_domain):
        P = self._targets.posteriors(X, sample_domain)
        if method == "predict":
            return self.classes_[P.argmax(axis=1)]
        with np.errstate(divide="ignore"):
            return P if method == "predict_proba" else np.log(P)

    def _answers(self, method):
        if method == "decision_function":
            raise AttributeError("LabelShiftClassifier has corrected posteriors: predict_proba.")
        return True
