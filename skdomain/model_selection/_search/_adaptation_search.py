"""Search over methods and their parameters by criteria that need no target label."""

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, is_regressor
from sklearn.utils._param_validation import HasMethods, Interval

from skdomain._domains import NoTargetWarning, fit_domains
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    SourceEstimator,
    all_or_nothing,
    call_with_domains,
    validate_as_given,
)
from skdomain._rows import shared_work
from skdomain.compose import SourceOnly
from skdomain.model_selection._search._candidates import listed
from skdomain.model_selection._search._cells import judged_cells
from skdomain.model_selection._search._choice import Choice
from skdomain.model_selection._search._folding import SearchTask, splits_of
from skdomain.model_selection._search._judging import (
    RANK,
    eligible,
    fitted_to,
    hide_target_labels,
    named_scorers,
    skipped,
)
from skdomain.model_selection._search._preference import preferred
from skdomain.model_selection._search._quoted import quoted
from skdomain.model_selection._search._results import deciding, results


class AdaptationSearchCV(SourceEstimator):
    """Search over methods and their parameters, without a label of the target.

    Every candidate is fitted to the training rows of each split and judged by criteria that read
    source labels at most. Not adapting is always a candidate, and wins ties. Labels of target rows
    are hidden, so that one that would train on them fails.

    Parameters
    ----------
    candidates : list or dict
        Classifiers whose ``fit`` takes ``sample_domain``, pipelines among them, or pairs of one and
        a grid as scikit-learn's ``ParameterGrid`` takes it; regressors, if the baseline is one. The
        keys of a dict name the methods; in a list, they are named by their steps. May be empty.
    baseline : estimator, default=None
        The candidate that does not adapt, named "baseline". A regressor, such as
        ``SourceOnly(Ridge())``, makes the search one of regressors, by the criteria that judge
        these. None: ``SourceOnly()``.
    scoring : str, callable, or list of them, default="rank"
        Criteria: names that :func:`get_scorer` knows, or functions of a fitted model, X, y and
        sample_domain. "rank": all that read no target label, joined by :func:`trimmed_ranks`, so
        that none decides alone; of regressors circular validation. Of a list, see Notes.
    alpha : float, default=0.05
        For "rank", the level of the tests that let a candidate replace the baseline; at 1 all pass.
    cv : int, splitter or iterable of pairs of row numbers, default=None
        Splits into training and test rows of both domains. An integer: that many folds of
        :class:`DomainKFold`. None: ``DomainShuffleSplit(5, test_size=0.5, random_state=0)``.
    n_jobs : int, default=None
        Number of processes that fit candidates; None: 1, -1: one a processor.
    verbose : bool, default=False
        Show a progress bar.
    expected_accuracy : bool, default=True
        Whether ``decision_`` says how right the chosen classifier is expected to be on the target
        (:func:`estimate_accuracy`), by fits to the splits; it takes no further one.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray of shape (n_candidates,)
        As that of :class:`~sklearn.model_selection.GridSearchCV`: "method", "params",
        "param_<name>" (masked where a method has no such parameter), "mean_fit_time",
        "mean_score_time" and their "std", in seconds, and for each criterion
        "split<i>_test_<criterion>", "mean_test_<criterion>", "std_test_<criterion>" and
        "rank_test_<criterion>"; a single criterion is called "score". Of a list, "joint_score"; for
        "rank", "trimmed_rank", and p-values of both tests, "better_pvalue" and "match_pvalue".
    decision_ : Choice
        What was chosen, why, and how right it will be: ``print(search.decision_)``.
    best_index_ : int
        The winner's position in ``cv_results_``.
    best_method_, best_params_ : str, dict
        The winner's name, and its parameters from its grid.
    best_score_ : float
        The winner's mean value, joint score or trimmed rank; higher is better. NaN without target.
    skipped_criteria_ : dict of str to str
        For "rank", the criteria that could not judge, and why.
    best_estimator_, estimator_ : estimator
        The winner, fitted to all rows.
    n_splits_ : int
        Number of splits.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source, for classifiers.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SafeTransfer : Adapts only where the evidence says that it helps.
    sklearn.model_selection.GridSearchCV : Takes the same criteria as ``scoring``.

    Notes
    -----
    For "rank", a criterion is left out if it cannot judge the baseline, or cannot judge a candidate
    that most of the others can, as where one has no class probabilities. The highest trimmed rank
    wins of the candidates which the criteria agree to be better than the baseline, by Wilcoxon's
    signed-rank test over them, or by all where so few cannot be significant, and of those which
    rank above it on every split and say of unseen rows what is significantly closer to a mixture of
    the source's classes, as :class:`SafeTransfer` asks.

    Of a list of criteria, each is scaled so that the undominated candidates, which no other equals
    or beats by all, reach from 0 to 1; the mean, the joint score, decides, and of ties the first.

    A candidate that fails on a split, or has no finite value of a criterion there, is warned of by
    :class:`~sklearn.exceptions.FitFailedWarning` and cannot win. Time is that of ``n_splits`` fits
    a candidate and of what the criteria cost; circular validation fits once more.

    Examples
    --------
    >>> from skdomain.alignment import CORAL
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.model_selection import AdaptationSearchCV
    >>> from skdomain.subspace import TCA
    >>> from sklearn.pipeline import make_pipeline
    >>> problem = make_subspace_shift(random_state=0)
    >>> tca = make_pipeline(TCA(), SourceOnly()), {"tca__n_components": [1, 2]}
    >>> search = AdaptationSearchCV([tca, make_pipeline(CORAL(), SourceOnly())])
    >>> search = search.fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> search.cv_results_["method"].tolist()
    ['baseline', 'tca-sourceonly', 'tca-sourceonly', 'coral-sourceonly']
    """

    _parameter_constraints: dict = {
        "candidates": [list, dict],
        "baseline": [HasMethods(["fit", "predict"]), None],
        "scoring": [str, callable, list, tuple],
        "alpha": [Interval(Real, 0, 1, closed="right")],
        "cv": ["cv_object"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
        "expected_accuracy": ["boolean"],
    }
    __metadata_request__fit = {"groups": True}
    _facts = (
        SourceEstimator._facts
        | TAKES_SPARSE
        | {
            "domains": "Handed to the winner, which predicts by it where one of its steps, such "
            "as\n    :class:`~skdomain.compose.PerDomain`, treats each domain in a way of its own.",
            "predict": "Predict with the winner",
            "predicted": "Predicted labels",
            "score": "Accuracy of the winner on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )

    def __init__(
        self,
        candidates: list[Any] | dict[Any, Any],
        *,
        baseline: Any = None,
        scoring: Any = "rank",
        alpha: float = 0.05,
        cv: Any = None,
        n_jobs: int | None = None,
        verbose: bool = False,
        expected_accuracy: bool = True,
    ) -> None:
        self.candidates = candidates
        self.baseline = baseline
        self.scoring = scoring
        self.alpha = alpha
        self.cv = cv
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.expected_accuracy = expected_accuracy

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_domain: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Judge all candidates, then fit the best one to all rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains; sparse ones, or texts, where the candidates take them.
        y : array-like of shape (n_samples,)
            Labels of the source rows; what it holds on target rows is not read, but by the
            criterion "oracle".
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, :class:`~skdomain.NoTargetWarning` says so, and the baseline is fitted.
        groups : array-like of shape (n_samples,), default=None
            Rows that belong together, as a patient's do, stay on one side of each split.

        Returns
        -------
        self
            The fitted search.

        Raises
        ------
        ValueError
            If there is no source row, y is missing, sample_domain does not fit X, a criterion is
            unknown, a candidate is no estimator or takes no domains, or the baseline fails.
        """
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, X.shape[0], self)
        hidden = hide_target_labels(X, y, domains > 0, self)
        candidates = listed(self.candidates, self._inner())
        with shared_work():
            self._search(*candidates, y, SearchTask(X, hidden, domains, groups))
        return self

    def _search(self, names, models, params, y, task):
        scorers, splits, alone = self._scorers(), [], not (task.domains < 0).any()
        if alone:
            names, models, params = names[:1], models[:1], params[:1]
        else:
            splits = splits_of(self.cv, *task)
        worth, answers = self._is_worth_judging(models, task)
        splits = splits if worth else []
        cells = self._run(names, models, y, task, splits, scorers)
        self.n_splits_, left_out = len(splits), self._ranks and splits
        self.skipped_criteria_ = skipped(list(scorers), cells.failures) if left_out else {}
        scorers, values = eligible(names, scorers, *cells[:2], self.skipped_criteria_)
        table = names, params, scorers, values, cells.seconds
        self.cv_results_ = results(*table, ranked=self._ranks)
        self.best_index_ = self._choose(models, task, cells.answers)
        self.best_method_, self.best_params_ = names[self.best_index_], params[self.best_index_]
        self.best_score_ = float(deciding(self.cv_results_)[self.best_index_])
        with warnings.catch_warnings():
            if alone:
                warnings.simplefilter("ignore", NoTargetWarning)  # said already
            self.estimator_ = self._winner(models[self.best_index_], task)
        self.best_estimator_ = self.estimator_
        self._quote(cells.answers_of(self.best_index_) if splits else answers, task)

    def _scorers(self):
        return named_scorers(self.scoring, of_regressors=is_regressor(self))

    def _is_worth_judging(self, models, task):
        """Whether the choice depends on the splits, and what is said of unseen rows if not."""
        return True, []

    def _choose(self, models, task, answers):
        """Position of the winner in ``cv_results_``; ``decision_`` says why."""
        scores = np.nan_to_num(deciding(self.cv_results_), nan=-np.inf)
        if self._ranks:
            allowed, matched = preferred(self.cv_results_, answers, task.hidden, self.alpha)
            self.cv_results_["match_pvalue"] = matched
            scores[1:][~allowed[1:]] = -np.inf
        best = int(np.argmax(scores))
        self.decision_ = Choice.of_results(self.cv_results_, deciding(self.cv_results_), best)
        return best

    def _winner(self, model, task):
        """The winner, fitted to all rows."""
        return fitted_to(model, *task[:2], sample_domain=task.domains)

    def _quote(self, answers, task):
        """Tell in the decision how often the winner is to be expected right."""
        if self._quotes:
            found, missing = quoted(self.estimator_, *task[:3], answers)
            self.decision_ = self.decision_.quoting(found, missing)

    @property
    def _ranks(self):
        return getattr(self, "scoring", None) == RANK

    @property
    def _quotes(self):
        return self.expected_accuracy and not is_regressor(self)

    def _run(self, names, models, y, task, splits, scorers):
        asks = not is_regressor(self) and (self.expected_accuracy or self._ranks)
        bar = {"description": type(self).__name__, "verbose": self.verbose}
        options = {"asks": asks, "n_jobs": self.n_jobs, "bar": bar}
        return judged_cells(names, models, y, task, splits, scorers, **options)

    def _inner(self):
        return SourceOnly() if self.baseline is None else self.baseline

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def _predict_rows(self, method, X, sample_domain):
        return call_with_domains(self.best_estimator_, method, X, sample_domain=sample_domain)

    # by predictions of its own: those of the winner are told the domains
    _score_rows = DomainClassifierMixin._score_rows

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = tags.target_tags.two_d_labels = False
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False
        return tags
