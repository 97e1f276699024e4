"""Adapt only where the evidence says that it helps: a guard against negative transfer."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils._param_validation import Interval

from skdomain.model_selection._search._adaptation_search import AdaptationSearchCV
from skdomain.model_selection._search._corrected import fitted_correction
from skdomain.model_selection._search._decision import Decision
from skdomain.model_selection._search._guard_tests import (
    chosen,
    shift_pvalue,
    what_is_lacking,
    worth_rehearsing,
)
from skdomain.model_selection._search._judging import RANK, named_scorers, report_failures
from skdomain.model_selection._search._reasons import stays_reason, target_is_other
from skdomain.model_selection._search._rehearsal import rehearsals, rehearsed_accuracy
from skdomain.model_selection._search._sharing_calls import sharing_calls
from skdomain.model_selection._search._views import attempt, held_out_answers, seen_rows


class SafeTransfer(AdaptationSearchCV):
    """Adapt if the evidence says that it helps, else keep the model that does not adapt.

    A candidate replaces the baseline only if all of this holds; nothing reads a target label.

    1. Shift: the target is no mixture of the source's classes
       (:func:`~skdomain.metrics.class_mixture_test`), by the rows as the baseline sees them or by
       the log-odds that it gives to rows that it was not fitted to; of the two p-values the smaller
       counts, doubled. Otherwise at most the proportions of the classes have changed: the baseline
       stays. Where its accuracy is expected to rise by correcting these proportions, with the whole
       interval of the expectation above 0 (:class:`~skdomain.label_shift.LabelShiftClassifier`),
       they are corrected.
    2. Criteria: it has a higher :func:`trimmed_ranks` than the baseline, by all criteria that read
       no target label, and no lower mean of :class:`CircularValidation`.
    3. Rehearsals, on targets that are drawn from half of the source rows. In the proportions of the
       mixture of the classes that is nearest to the target once each domain is standardised, it
       loses at most 1 point of accuracy against the baseline. Where the features also get the means
       and standard deviations that they have in the target, it gains at least 2 points, and at
       least twice what it loses in the proportions of the mixture that is nearest as the rows are.

    Of several, the one that ranks highest is taken. Where rows are no dense table of numbers,
    features cannot be moved, and the baseline is kept.

    Where the baseline is a regressor, the source rows are grouped by their values and the groups
    stand for the classes, ``1 + ceil(log2 n)`` of them (Sturges' rule for n source rows), with
    about equally many rows each. What a regressor says of a row is its value, and a point is one
    percent of the variance of the source's values, in mean squared error. Proportions are not
    corrected.

    Parameters
    ----------
    candidates : list or dict
        As in :class:`AdaptationSearchCV`.
    baseline : estimator, default=None
        The model to fall back on, named "baseline". None: ``SourceOnly()``.
    alpha : float, default=0.05
        Level of the test of a shift, between 0 and 1.
    n_bootstrap : int, default=100
        Draws of the test and of the proportions, at least 2; less than ``2 / alpha`` show no shift.
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
        As in :class:`AdaptationSearchCV` with ``scoring="rank"``. Where the first test keeps
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
    that moved with the rows. The limits of rehearsals do not depend on alpha: 1 point is what
    counts as harm, and the factor 2 was chosen on real tasks.

    Test 1 comes first; where it keeps the baseline, six fits of that are all there is besides. Else
    a candidate that passes test 2 costs 6 fits more than in a search, the bootstrap ``O(n^2
    n_bootstrap n_classes)`` time and O(n^2) memory for n rows.

    References
    ----------
    A. Iyer, S. Nath and S. Sarawagi (2014), "Maximum mean discrepancy for class ratio estimation:
    convergence bounds and kernel selection", ICML.

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

    _ranks = True

    def _scorers(self):
        return named_scorers(RANK)

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
        nobody, nothing = np.full(len(models), np.nan), np.full((len(models), 3), np.nan)
        shift, reason = np.nan, "there are no target rows."
        if (domains < 0).any():
            shift = shift_pvalue(self._views(models[0], X, hidden, domains), self.n_bootstrap)
            reason = stays_reason(shift, is_regressor(self))
        self.decision_ = Decision(False, "baseline", reason, shift, nobody, nobody, nothing)
        return shift < self.alpha

    def _views(self, baseline, X, hidden, domains):
        """The domains as the baseline sees them and, if it says more than labels, what it says."""
        sides, failure = attempt(seen_rows, baseline, X, hidden, domains)
        report_failures("baseline", [failure] * bool(failure), 1)
        said, _ = attempt(held_out_answers, baseline, X, hidden, domains)
        return [sides] if said is None else [sides, said]

    def _choose(self, models, X, hidden, domains, splits):
        if not splits:
            return 0
        ranks = self.cv_results_["trimmed_rank"]
        circular = self._circular()
        gains = self._rehearse(models, worth_rehearsing(ranks, circular), X, hidden, domains)
        best = chosen(ranks, gains)
        self.decision_ = Decision(
            adapted=best > 0,
            method=str(self.cv_results_["method"][best]),
            reason=self._reason(best, ranks, circular, gains),
            shift_pvalue=self.decision_.shift_pvalue,
            ranks=ranks,
            circular_gains=circular - circular[0],
            rehearsal_gains=gains,
        )
        return best

    def _circular(self):
        """Mean circular validation of each candidate."""
        if "circular_validation" in self.skipped_criteria_:
            raise ValueError(
                "the baseline cannot be judged: SafeTransfer needs circular validation, but "
                f"{self.skipped_criteria_['circular_validation']}"
            )
        return self.cv_results_["mean_test_circular_validation"]

    def _rehearse(self, models, worth, X, hidden, domains):
        """Gains over the baseline in three kinds of rehearsals; NaN of candidates not worth one."""
        accuracies = np.full((len(models), 3), np.nan)
        kept = np.flatnonzero(worth)
        if len(kept):
            kept = np.append(0, kept)
            kinds = rehearsals(X, hidden, domains, seen_rows(models[0], X, hidden, domains))
            calls = [(rehearsed_accuracy, models[k], kind) for k in kept for kind in kinds]
            names = np.repeat(self.cv_results_["method"][kept], len(kinds)).tolist()
            found = sharing_calls(attempt, calls, names, n_jobs=self.n_jobs)
            for name, (_, failure) in zip(names, found, strict=True):
                report_failures(name, [failure] * bool(failure), 1)
            values = [np.nan if failure else accuracy for accuracy, failure in found]
            accuracies[kept] = np.reshape(values, (len(kept), len(kinds)))
        return accuracies - accuracies[0] if len(kept) else accuracies

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

    def _reason(self, best, ranks, circular, gains):
        reason = target_is_other(self.decision_.shift_pvalue, is_regressor(self))
        if best == 0:
            return f"{reason}, but {what_is_lacking(ranks, circular, gains)}."
        *alike, moved = 100 * gains[best]
        return (
            f"{reason}, and in rehearsals this gains {moved:.1f} points where the features moved "
            f"and {min(alike):.1f} where only proportions differ."
        )
