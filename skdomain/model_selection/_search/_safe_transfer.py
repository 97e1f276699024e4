"""Adapt only where the evidence says that it helps: a guard against negative transfer."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils._param_validation import Interval

from skdomain.model_selection._criteria._circular_validation import CircularValidation
from skdomain.model_selection._search._adaptation_search import AdaptationSearchCV
from skdomain.model_selection._search._corrected import fitted_correction
from skdomain.model_selection._search._decision import Decision
from skdomain.model_selection._search._guard_tests import (
    as_consistent,
    closer_pvalues,
    shift_pvalue,
    worse_pvalues,
)
from skdomain.model_selection._search._judging import report_failures
from skdomain.model_selection._search._reasons import match_reason, stays_reason
from skdomain.model_selection._search._sharing_calls import sharing_calls
from skdomain.model_selection._search._views import attempt, held_out_answers, seen_rows


class SafeTransfer(AdaptationSearchCV):
    """Adapt if the evidence says that it helps, else keep the model that does not adapt.

    Three tests, none of which reads a label of the target:

    1. Shift: if the target rows may be a mixture of the source's classes
       (:func:`~skdomain.metrics.class_mixture_test` on the rows as the baseline sees them), at most
       the proportions of the classes have changed. What was learnt of the classes holds and
       aligning the domains would destroy it: the baseline stays. Where its accuracy is expected to
       rise by correcting these proportions, with the whole interval of the expectation above 0
       (:class:`~skdomain.label_shift.LabelShiftClassifier`), they are corrected.
    2. Consistency: a candidate is dropped if its circular validation is significantly worse than
       the baseline's, by a paired t-test over the splits.
    3. Match: a candidate is dropped unless what it says of the target is significantly closer to a
       mixture of what it says of the source's classes than is the case for the baseline, by a
       paired bootstrap of the rows, Bonferroni-corrected. Of the others, those as consistent as
       the most consistent one, by test 2 again, are left, and the closest wins.

    What a model says of a row are the logarithms of its class probabilities relative to the first
    class, by a fit to the other folds of a :class:`DomainKFold`. A change that a classifier does
    not see, or sees through, is thus no reason to adapt it. Where the baseline or a candidate only
    says 0 or 1, as the nearest neighbour does, both are compared by the rows as they see them.

    Where the baseline is a regressor, the source rows are grouped by their values and the groups
    stand for the classes, ``1 + ceil(log2 n)`` of them (Sturges' rule for n source rows), with
    about equally many rows each. What a regressor says of a row is its value, and less the mean
    squared error takes the place of the accuracy. Proportions are not corrected.

    Parameters
    ----------
    candidates : list or dict
        As in :class:`AdaptationSearchCV`.
    baseline : estimator, default=None
        The model to fall back on, named "baseline". None: ``SourceOnly()``.
    alpha : float, default=0.05
        Level of each test, between 0 and 1.
    n_bootstrap : int, default=100
        Draws of the first and of the third test and of the proportions, at least 2.
    correct_priors : bool, default=True
        Whether to correct proportions that alone explain the target. The baseline has to be, or to
        end in, :class:`~skdomain.compose.SourceOnly` of a classifier with ``predict_proba``.
    cv : int, splitter or iterable of pairs of row numbers, default=None
        At least 2 splits into training and test rows of both domains, as in
        :class:`AdaptationSearchCV`.
    n_jobs : int, default=None
        Number of processes that fit candidates; None: 1, -1: one a processor.
    verbose : bool, default=False
        Show a progress bar.

    Attributes
    ----------
    decision_ : Decision
        Whether it adapted, how, and why: ``print(model.decision_)``.
    cv_results_, best_index_, best_method_, best_params_, best_score_, best_estimator_, n_splits_
        As in :class:`AdaptationSearchCV`; the criterion is circular validation. Where test 1 keeps
        the baseline, no candidate is fitted: ``n_splits_`` is 0, ``best_score_`` NaN, and
        ``cv_results_`` lists the candidates, with NaN for times and values. A baseline whose
        proportions are corrected is still called "baseline".
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    AdaptationSearchCV : The best candidate by any criterion, without a guard.

    Notes
    -----
    No test without target labels can exclude harm: a target that was rotated by half a turn looks
    like one that was not, and where classes are no clusters, a covariate shift looks like a rule
    that moved with the rows. The t-test is one-sided, with the variance of Nadeau and Bengio.
    Methods that weigh the source rows are compared as if all rows weighed the same.

    Test 1 comes first; where it keeps the baseline, a fit of that is all there is besides. Else a
    candidate costs 5 fits more than in a search, the bootstrap ``O(n^2 n_bootstrap n_classes)``
    time and O(n^2) memory for n rows.

    References
    ----------
    A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio estimation:
    convergence bounds and kernel selection", ICML.

    C. Nadeau and Y. Bengio (2003), "Inference for the generalization error", Machine Learning 52.

    Examples
    --------
    >>> from skdomain.alignment import CORAL
    >>> from skdomain.compose import PerDomain, SourceOnly
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.model_selection import SafeTransfer
    >>> from sklearn.pipeline import make_pipeline
    >>> problem = make_label_shift(random_state=0)
    >>> guard = SafeTransfer([make_pipeline(PerDomain(), CORAL(), SourceOnly())])
    >>> guard = guard.fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> print(guard.decision_)
    does not adapt, keeps baseline: proportions of the classes alone explain the target (p = ...
    """

    _parameter_constraints: dict = {
        **AdaptationSearchCV._parameter_constraints,
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "n_bootstrap": [Interval(Integral, 2, None, closed="left")],
        "correct_priors": ["boolean"],
    }
    _parameter_constraints.pop("scoring")

    def __init__(
        self,
        candidates,
        *,
        baseline=None,
        alpha=0.05,
        n_bootstrap=100,
        correct_priors=True,
        cv=None,
        n_jobs=None,
        verbose=False,
    ):
        self.candidates = candidates
        self.baseline = baseline
        self.alpha = alpha
        self.n_bootstrap = n_bootstrap
        self.correct_priors = correct_priors
        self.cv = cv
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _scorers(self):
        return {"score": CircularValidation()}

    def _splits(self, X, hidden, domains):
        splits = super()._splits(X, hidden, domains)
        if len(splits) < 2:
            raise ValueError(
                f"SafeTransfer needs at least 2 splits to test differences by, got {len(splits)}; "
                "let cv give more."
            )
        return splits

    def _is_worth_judging(self, models, X, hidden, domains):
        """Whether there is a shift; where there is none, it is decided: the baseline stays."""
        nobody = np.full(len(models), np.nan)
        shift, reason = np.nan, "there are no target rows."
        if (domains < 0).any():
            sides, failure = attempt(seen_rows, models[0], X, hidden, domains)
            report_failures("baseline", [failure] * bool(failure), 1)
            shift = shift_pvalue(sides, self.n_bootstrap)
            reason = stays_reason(shift, is_regressor(self))
        self.decision_ = Decision(False, "baseline", reason, shift, nobody, nobody, nobody)
        return shift < self.alpha

    def _choose(self, models, X, hidden, domains, splits):
        if not splits:
            return 0
        circular = self._by_split(len(splits))
        share = np.mean([len(test) / len(train) for train, test in splits])
        worse = worse_pvalues(circular, share)
        sides = self._sides(models, np.flatnonzero(worse >= self.alpha), X, hidden, domains)
        closer, distances = closer_pvalues(sides, len(models), self.n_bootstrap)
        eligible = np.flatnonzero(closer < self.alpha)
        kept = eligible[as_consistent(circular[eligible], share, self.alpha)]
        best = int(kept[np.argmin(distances[kept])]) if len(kept) else 0
        self.decision_ = Decision(
            adapted=best > 0,
            method=str(self.cv_results_["method"][best]),
            reason=self._reason(best, distances, circular.mean(axis=1)),
            shift_pvalue=self.decision_.shift_pvalue,
            worse_pvalues=worse,
            closer_pvalues=closer,
            distances=distances,
        )
        return best

    def _winner(self, model, X, hidden, domains):
        """The winner, fitted to all rows; the baseline corrected, where that is sure to gain."""
        parameters = {"level": 1 - self.alpha, "n_bootstrap": self.n_bootstrap, "random_state": 0}
        fitted, step = None, None
        if self.correct_priors and self.decision_.shift_pvalue >= self.alpha:
            fitted, step = fitted_correction(model, X, hidden, domains, **parameters)
        if fitted is not None:
            self.decision_ = self.decision_.with_priors(step)
        if self.decision_.corrected:
            return fitted
        return super()._winner(model, X, hidden, domains)

    def _sides(self, models, kept, X, hidden, domains):
        """What models say of source and target rows, or how they see them, by number of model."""
        for view in (held_out_answers, seen_rows):
            calls = [(view, models[k], X, hidden, domains) for k in kept]
            names = self.cv_results_["method"][kept].tolist()
            found = sharing_calls(attempt, calls, names, n_jobs=self.n_jobs)
            if all(sides is not None or failure for sides, failure in found):
                break
        found = dict(zip(kept, found, strict=True))
        self._report(found)
        return {k: sides for k, (sides, _) in found.items() if sides is not None}

    def _report(self, found):
        """Warn of the models that could not be asked."""
        for k, (_, failure) in found.items():
            report_failures(str(self.cv_results_["method"][k]), [failure] * bool(failure), 1)

    def _reason(self, best, distances, circular):
        shift = self.decision_.shift_pvalue
        return match_reason(best, shift, distances, circular, is_regressor(self))

    def _by_split(self, n_splits):
        return np.transpose([self.cv_results_[f"split{i}_test_score"] for i in range(n_splits)])
