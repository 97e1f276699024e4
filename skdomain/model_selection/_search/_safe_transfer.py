"""Adapt only where the evidence says that it helps: a guard against negative transfer."""

from numbers import Integral, Real

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.utils._param_validation import Interval
from sklearn.utils.parallel import Parallel, delayed

from skdomain.metrics import (
    class_mixture_discrepancy,
    class_mixture_test,
    resampled_discrepancies,
)
from skdomain.model_selection._criteria._circular_validation import CircularValidation
from skdomain.model_selection._search._adaptation_search import AdaptationSearchCV
from skdomain.model_selection._search._corrected import fitted_correction
from skdomain.model_selection._search._decision import Decision
from skdomain.model_selection._search._judging import report_failures
from skdomain.model_selection._search._views import attempt, held_out_log_odds, seen_rows


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
        As in :class:`AdaptationSearchCV`; the criterion is circular validation. A baseline whose
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

    A candidate costs 5 fits more than in a search, the bootstrap ``O(n^2 n_bootstrap n_classes)``
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

    def _choose(self, models, X, hidden, domains, splits):
        if not splits:
            none = np.full(1, np.nan)
            reason = "there are no target rows."
            self.decision_ = Decision(False, "baseline", reason, np.nan, none, none, none)
            return 0
        circular = self._by_split(len(splits))
        share = np.mean([len(test) / len(train) for train, test in splits])
        worse = np.array([paired_pvalue(circular[0] - row, share) for row in circular])
        worse[0] = 1  # equal by construction; NaN, of one that failed, passes no test
        shift = self._shift(models[0], X, hidden, domains)
        closer, distances = np.full((2, len(models)), np.nan)
        best = 0
        if shift < self.alpha:
            closer, distances = self._compare(models, worse >= self.alpha, X, hidden, domains)
            eligible = np.flatnonzero(closer < self.alpha)
            kept = eligible[self._consistent(circular[eligible], share)]
            best = int(kept[np.argmin(distances[kept])]) if len(kept) else 0
        reason = self._reason(best, shift, distances, circular.mean(axis=1))
        method = str(self.cv_results_["method"][best])
        self.decision_ = Decision(best > 0, method, reason, shift, worse, closer, distances)
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

    def _consistent(self, circular, share):
        """Whether each of some candidates is not significantly worse than the best of them."""
        leader = circular[np.argmax(circular.mean(axis=1))] if len(circular) else None
        pvalues = [paired_pvalue(leader - row, share) for row in circular]
        return [p >= self.alpha for p in pvalues]

    def _shift(self, baseline, X, hidden, domains):
        """P-value of the hypothesis that only the proportions of the classes have changed."""
        sides = seen_rows(baseline, X, hidden, domains)
        return class_mixture_test(*sides, n_bootstrap=self.n_bootstrap, random_state=0).pvalue

    def _compare(self, models, consistent, X, hidden, domains):
        """P-values of candidates being no closer than the baseline, and distances of all."""
        closer, distances = np.full((2, len(models)), np.nan)
        sides = self._sides(models, np.flatnonzero(consistent), X, hidden, domains)
        unadapted = self._resampled(sides[0])
        for k, side in sides.items():
            distances[k], _ = class_mixture_discrepancy(*side)
            gain = unadapted - self._resampled(side)
            p = norm.sf(gain.mean() / max(gain.std(), np.finfo(float).tiny))
            closer[k] = min(1, p * (len(sides) - 1))
        closer[0] = np.nan
        return closer, distances

    def _sides(self, models, kept, X, hidden, domains):
        """What models say of source and target rows, or how they see them, by number of model."""
        for view in (held_out_log_odds, seen_rows):
            found = Parallel(n_jobs=self.n_jobs)(
                delayed(attempt)(view, models[k], X, hidden, domains) for k in kept
            )
            if all(sides is not None or failure for sides, failure in found):
                break
        found = dict(zip(kept, found, strict=True))
        self._report(found)
        return {k: sides for k, (sides, _) in found.items() if sides is not None}

    def _report(self, found):
        """Warn of the models that could not be asked."""
        for k, (_, failure) in found.items():
            report_failures(str(self.cv_results_["method"][k]), [failure] * bool(failure), 1)

    def _resampled(self, sides):
        return resampled_discrepancies(*sides, n_bootstrap=self.n_bootstrap, random_state=0)

    def _reason(self, best, shift, distances, circular):
        if shift >= self.alpha:
            return f"proportions of the classes alone explain the target (p = {shift:.2g})."
        reason = f"the target is no mixture of the source's classes (p = {shift:.2g})"
        if best == 0:
            return f"{reason}, but no candidate brings it closer to one at no loss of consistency."
        return (
            f"{reason}, and this brings it closest to one: discrepancy {distances[best]:.2g} "
            f"instead of {distances[0]:.2g}, circular accuracy {circular[best]:.2f} instead of "
            f"{circular[0]:.2f}."
        )

    def _by_split(self, n_splits):
        return np.transpose([self.cv_results_[f"split{i}_test_score"] for i in range(n_splits)])


def paired_pvalue(differences, share):
    """P-value of the hypothesis that the mean difference is at most 0.

    Student's t with the variance of Nadeau and Bengio for splits that overlap: ``1 / n_splits +
    n_test / n_train`` times the sample variance.
    """
    n, mean = len(differences), np.mean(differences)
    if np.isnan(mean):
        return np.nan
    error = np.sqrt((1 / n + share) * np.var(differences, ddof=1))
    if error <= 1e-12 * max(1, abs(mean)):
        return float(mean <= 1e-12)
    return float(student.sf(mean / error, n - 1))
