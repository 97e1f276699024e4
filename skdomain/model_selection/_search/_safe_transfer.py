"""Adapt only where the evidence says that it helps: a guard against negative transfer."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils._param_validation import Interval

from skdomain.model_selection._search._adaptation_search import AdaptationSearchCV
from skdomain.model_selection._search._corrected import fitted_correction
from skdomain.model_selection._search._decision import Decision
from skdomain.model_selection._search._guard_tests import (
    bonferroni,
    chosen,
    closer_pvalues,
    ranks_above,
    shift_pvalue,
    what_is_lacking,
)
from skdomain.model_selection._search._judging import RANK, named_scorers, report_failures
from skdomain.model_selection._search._quoted import as_corrected, said_of_unseen
from skdomain.model_selection._search._reasons import stays_reason, target_is_other
from skdomain.model_selection._search._rehearsal import rehearsals, rehearsed_accuracy
from skdomain.model_selection._search._sharing_calls import sharing_calls
from skdomain.model_selection._search._views import (
    attempt,
    held_out_answers,
    held_out_fits,
    seen_rows,
)


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
       no target label, in all and on every split.
    3. Match: what it says of the target is significantly closer to a mixture of what it says of the
       source's classes than is the case for the baseline, by a paired bootstrap of the rows,
       Bonferroni-corrected. What a model says of a row are its log-odds, by a fit to the other
       folds of a :class:`DomainKFold`. Where the baseline or a candidate only says 0 or 1, as the
       nearest neighbour does, all are compared by the rows as they see them.
    4. Rehearsals: between two halves of the source rows it loses at most 1 point of accuracy
       against the baseline, and again where the half that plays the target gets the means and
       standard deviations of the target's features, and the proportions of the mixture of the
       classes that is nearest to it once each domain is standardised. Rows that are no dense table
       of numbers cannot be moved; there the first of both has to do.

    Of several, the one that ranks highest is taken.

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
        Level of each test, between 0 and 1.
    n_bootstrap : int, default=100
        Draws of each test and of the proportions, at least 2; less than ``2 / alpha`` show no
        shift.
    correct_priors : bool, default=True
        Whether to correct proportions that alone explain the target. The baseline has to be, or to
        end in, :class:`~skdomain.compose.SourceOnly` of a classifier with ``predict_proba``.
    cv : int, splitter or iterable of pairs of row numbers, default=None
        Splits into training and test rows of both domains, as in :class:`AdaptationSearchCV`.
    n_jobs : int, default=None
        Number of processes that fit candidates; None: 1, -1: one a processor.
    verbose : bool, default=False
        Show a progress bar.
    expected_accuracy : bool, default=True
        Whether ``decision_`` says how often the chosen classifier is to be expected right on the
        target, as in :class:`AdaptationSearchCV`.

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
    that moved with the rows. Methods that weigh the source rows are compared as if all rows weighed
    the same.

    Test 1 comes first; where it keeps the baseline, six fits of that are all there is besides. Else
    a candidate that passes test 2 costs 5 fits more than in a search, one that passes test 3
    another 4; the bootstrap takes ``O(n^2 n_bootstrap n_classes)`` time and O(n^2) memory for n
    rows.

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
        candidates: list[Any] | dict[Any, Any],
        *,
        baseline: Any = None,
        alpha: float = 0.05,
        n_bootstrap: int = 100,
        correct_priors: bool = True,
        cv: Any = None,
        n_jobs: int | None = None,
        verbose: bool = False,
        expected_accuracy: bool = True,
    ) -> None:
        self.candidates = candidates
        self.baseline = baseline
        self.alpha = alpha
        self.n_bootstrap = n_bootstrap
        self.correct_priors = correct_priors
        self.cv = cv
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.expected_accuracy = expected_accuracy

    _ranks = True

    def _scorers(self):
        return named_scorers(RANK)

    def _is_worth_judging(self, models, task):
        """Whether there is a shift; where there is none, it is decided: the baseline stays.

        What fits of the baseline to folds say of unseen rows tells how right it will be.
        """
        nobody, nothing = np.full(len(models), np.nan), np.full((len(models), 2), np.nan)
        shift, reason, fits = np.nan, "there are no target rows.", []
        if (task.domains < 0).any():
            fits = attempt(_listed_fits, models[0], *task)[0]
            shift = shift_pvalue(self._views(models[0], task, fits), self.n_bootstrap)
            reason = stays_reason(shift, is_regressor(self))
        self.decision_ = Decision(False, "baseline", reason, shift, nobody, nobody, nothing)
        if shift < self.alpha or not self._quotes:
            return shift < self.alpha, []
        return False, [said_of_unseen(fitted, *task[:3], rows) for rows, fitted in fits or []]

    def _views(self, baseline, task, fits):
        """The domains as the baseline sees them and, if it says more than labels, what it says."""
        sides, failure = attempt(seen_rows, baseline, *task[:3])
        report_failures("baseline", [failure] * bool(failure), 1)
        said = attempt(held_out_answers, baseline, *task, fits)[0] if fits else None
        return [sides] if said is None else [sides, said]

    def _choose(self, models, task, answers):
        if not self.n_splits_:
            return 0
        ranks = self.cv_results_["trimmed_rank"]
        by_split = [self.cv_results_[f"split{i}_trimmed_rank"] for i in range(self.n_splits_)]
        above = ranks_above([ranks, *by_split])
        closer = self._closer(models, np.flatnonzero(above), task)
        gains = self._rehearse(models, np.flatnonzero(closer < self.alpha), task)
        best, missing = chosen(ranks, gains), [(0, 0), (0, 2 - gains.shape[1])]
        self.decision_ = Decision(
            adapted=best > 0,
            method=str(self.cv_results_["method"][best]),
            reason=self._reason(best, ranks, closer, gains),
            shift_pvalue=self.decision_.shift_pvalue,
            ranks=ranks,
            closer_pvalues=closer,
            rehearsal_gains=np.pad(gains, missing, constant_values=np.nan),
        )
        return best

    def _closer(self, models, kept, task):
        """Corrected p-values of some candidates being no closer than the baseline."""
        if not len(kept):
            return np.full(len(models), np.nan)
        kept = np.append(0, kept)
        for view in (held_out_answers, seen_rows):
            found = self._of_each(view, models, kept, [task])
            if _all_say_more_than_labels(found):
                break
        self._report(kept, found)
        sides = {k: [side] for k, (side, _) in zip(kept, found, strict=True) if side is not None}
        return bonferroni(closer_pvalues(sides, len(models), self.n_bootstrap))

    def _rehearse(self, models, kept, task):
        """Gains over the baseline in rehearsals of each kind; NaN of other candidates."""
        if not len(kept):
            return np.full((len(models), 2), np.nan)
        kept = np.append(0, kept)
        kinds = rehearsals(*task[:3], seen_rows(models[0], *task), groups=task.groups)
        found = self._of_each(rehearsed_accuracy, models, kept, [(kind,) for kind in kinds])
        self._report(np.repeat(kept, len(kinds)), found)
        accuracies = np.full((len(models), len(kinds)), np.nan)
        values = [np.nan if failure else accuracy for accuracy, failure in found]
        accuracies[kept] = np.reshape(values, (len(kept), len(kinds)))
        return accuracies - accuracies[0]

    def _of_each(self, view, models, kept, arguments):
        """What a function returns of each of some models for each argument, and what failed."""
        calls = [(view, models[k], *one) for k in kept for one in arguments]
        names = np.repeat(self.cv_results_["method"][kept], len(arguments)).tolist()
        return sharing_calls(attempt, calls, names, n_jobs=self.n_jobs)

    def _report(self, numbers, found):
        """Warn of the models that could not be asked."""
        for k, (_, failure) in zip(numbers, found, strict=True):
            report_failures(str(self.cv_results_["method"][k]), [failure] * bool(failure), 1)

    def _winner(self, model, task):
        """The winner, fitted to all rows; the baseline corrected, where that is sure to gain."""
        parameters = {"level": 1 - self.alpha, "n_bootstrap": self.n_bootstrap, "random_state": 0}
        fitted, step = None, None
        if self.correct_priors and self.decision_.shift_pvalue >= self.alpha:
            fitted, step = fitted_correction(model, *task[:3], **parameters)
        if fitted is not None:
            self.decision_ = self.decision_.with_priors(step)
        if self.decision_.corrected:
            return fitted
        return super()._winner(model, task)

    def _quote(self, answers, task):
        if self.decision_.corrected:
            answers = as_corrected(answers, self.estimator_)
        super()._quote(answers, task)

    def _reason(self, best, ranks, closer, gains):
        reason = target_is_other(self.decision_.shift_pvalue, is_regressor(self))
        if best == 0:
            return f"{reason}, but {what_is_lacking(closer, gains, self.alpha)}."
        alike, *moved = (f"{100 * gain:+.1f}" for gain in gains[best])
        where = f" and {moved[0]} where features moved" if moved else ""
        return (
            f"{reason}, and this brings it closer to one (p = {closer[best]:.2g}); in rehearsals "
            f"it gains {alike} points where nothing differs{where}."
        )


def _listed_fits(model, X, hidden, domains, groups):
    """All of the :func:`held_out_fits`; they are asked more than once."""
    fits = held_out_fits(model, X, hidden, domains, groups)
    return [] if fits is None else list(fits)


def _all_say_more_than_labels(found):
    """Whether there is an answer of the baseline, and of each candidate that did not fail."""
    return found[0][0] is not None and all(side is not None or why for side, why in found)
