"""Search over methods and their parameters by criteria that need no target label."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import _fit_context, is_regressor
from sklearn.utils._param_validation import HasMethods

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
from skdomain.model_selection._search._judging import (
    RANK,
    eligible,
    fitted_to,
    hide_target_labels,
    judge,
    named_scorers,
    skipped,
)
from skdomain.model_selection._search._results import results
from skdomain.model_selection._search._sharing_calls import sharing_calls
from skdomain.model_selection._splitters._split import DomainKFold, DomainShuffleSplit


class AdaptationSearchCV(SourceEstimator):
    """Search over methods and their parameters, without a label of the target.

    Every candidate is fitted to the training rows of each split and judged by criteria that read
    source labels at most. Not adapting at all is always a candidate, and wins ties. The labels of
    target rows are hidden from the candidates, so that one that would train on them fails.

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
    cv : int, splitter or iterable of pairs of row numbers, default=None
        Splits into training and test rows of both domains. An integer: that many folds of
        :class:`DomainKFold`. None: ``DomainShuffleSplit(5, test_size=0.5, random_state=0)``, as
        what is judged on few rows is judged badly.
    n_jobs : int, default=None
        Number of processes that fit candidates; None: 1, -1: one a processor.
    verbose : bool, default=False
        Show a progress bar.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray of shape (n_candidates,)
        As that of :class:`~sklearn.model_selection.GridSearchCV`: "method", "params",
        "param_<name>" (masked where a method has no such parameter), "mean_fit_time",
        "mean_score_time" and their "std", in seconds, and for each criterion
        "split<i>_test_<criterion>", "mean_test_<criterion>", "std_test_<criterion>" and
        "rank_test_<criterion>"; a single criterion is called "score". Of a list, "joint_score"; for
        "rank", "trimmed_rank".
    best_index_ : int
        The winner's position in ``cv_results_``.
    best_method_ : str
        The winner's name.
    best_params_ : dict
        The winner's parameters from its grid.
    best_score_ : float
        The winner's mean value of the criterion; of a list, its joint score, and for "rank" its
        trimmed rank, from 0 to 1. Higher is better. NaN without target.
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
    that most of the others can, as where one has no class probabilities.

    Of a list of criteria, each is scaled so that the undominated candidates reach from 0 to 1, and
    the mean of these values, the joint score, decides; of ties the first candidate wins, hence the
    baseline. A candidate is dominated if another is as good by every criterion and better by one.
    So who is the best by every criterion wins, with 1; a dominated candidate never wins, and none
    changes the scores of the others. One that is best by some criterion may change the scales, and
    with them who wins. Of two undominated candidates alone, by two criteria, the first wins.

    A candidate that fails on a split, or has no finite value of a criterion there, is warned of by
    :class:`~sklearn.exceptions.FitFailedWarning` and cannot win. Time is that of ``n_splits`` fits
    a candidate and of what the criteria cost; circular validation fits once more. Metadata routing
    is on while the candidates are fitted, whatever the global setting.

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
        "cv": ["cv_object"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }
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
        candidates,
        *,
        baseline=None,
        scoring="rank",
        cv=None,
        n_jobs=None,
        verbose=False,
    ):
        self.candidates = candidates
        self.baseline = baseline
        self.scoring = scoring
        self.cv = cv
        self.n_jobs = n_jobs
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, sample_domain=None):
        """Judge all candidates, then fit the best one to all rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order; sparse ones, or texts, where the candidates take
            them.
        y : array-like of shape (n_samples,)
            Labels of the source rows; what it holds on target rows is not read, but by the
            criterion "oracle".
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows, :class:`~skdomain.NoTargetWarning` says so, and the baseline is fitted.

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
            self._search(*candidates, X, y, hidden, domains)
        return self

    def _search(self, names, models, params, X, y, hidden, domains):
        scorers, splits = self._scorers(), []
        if (domains > 0).all():
            names, models, params = names[:1], models[:1], params[:1]
        else:
            splits = self._splits(X, hidden, domains)
        if not self._is_worth_judging(models, X, hidden, domains):
            splits = []
        values, seconds, failures = self._run(names, models, X, y, hidden, domains, splits, scorers)
        self.skipped_criteria_ = skipped(list(scorers), failures) if self._ranks and splits else {}
        scorers, values = eligible(names, scorers, values, failures, self.skipped_criteria_)
        self.n_splits_ = len(splits)
        self.cv_results_ = results(names, params, scorers, values, seconds, ranked=self._ranks)
        self.best_index_ = self._choose(models, X, hidden, domains, splits)
        self.best_method_, self.best_params_ = names[self.best_index_], params[self.best_index_]
        self.best_score_ = float(self._scores()[self.best_index_])
        with warnings.catch_warnings():
            if (domains > 0).all():
                warnings.simplefilter("ignore", NoTargetWarning)  # said already
            self.estimator_ = self._winner(models[self.best_index_], X, hidden, domains)
        self.best_estimator_ = self.estimator_

    def _scorers(self):
        return named_scorers(self.scoring, of_regressors=is_regressor(self))

    def _splits(self, X, hidden, domains):
        cv = self.cv
        if cv is None:
            cv = DomainShuffleSplit(5, test_size=0.5, random_state=0)
        elif isinstance(cv, Integral):
            cv = DomainKFold(cv)
        elif not hasattr(cv, "split"):
            return list(cv)
        return list(call_with_domains(cv, "split", X, hidden, sample_domain=domains))

    def _is_worth_judging(self, models, X, hidden, domains):
        """Whether the choice depends on how the candidates do on the splits."""
        return True

    def _choose(self, models, X, hidden, domains, splits):
        """Position of the winner in ``cv_results_``."""
        return int(np.argmax(np.nan_to_num(self._scores(), nan=-np.inf)))

    def _winner(self, model, X, hidden, domains):
        """The winner, fitted to all rows."""
        return fitted_to(model, X, hidden, sample_domain=domains)

    def _scores(self):
        """What decides, of each candidate: the criterion, or what joins several."""
        deciding = ("trimmed_rank", "joint_score", "mean_test_score")
        return next(self.cv_results_[name] for name in deciding if name in self.cv_results_)

    @property
    def _ranks(self):
        return getattr(self, "scoring", None) == RANK

    def _run(self, names, models, X, y, hidden, domains, splits, scorers):
        """Values (n_candidates, n_splits, n_scorers), seconds of fit and score, and failures."""
        y, criteria = np.asarray(y, dtype=object).reshape(len(domains)), list(scorers.values())
        shape = (len(splits), len(models))
        cells = [
            ((model, X, y, hidden, domains, train, test, criteria), (number, name))
            for number, (train, test) in enumerate(splits)
            for name, model in zip(names, models, strict=True)
        ]
        calls, groups = ([cell[i] for cell in cells] for i in range(2))
        bar = {"description": type(self).__name__, "verbose": self.verbose}
        judged = sharing_calls(judge, calls, groups, n_jobs=self.n_jobs, **bar)
        sizes = {0: len(scorers), 1: 2, 2: len(scorers)}
        return [
            np.reshape([one[i] for one in judged], (*shape, size)).swapaxes(0, 1)
            for i, size in sizes.items()
        ]

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
