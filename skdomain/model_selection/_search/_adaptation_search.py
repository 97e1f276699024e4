"""Search over methods and their parameters by criteria that need no target label."""

import warnings
from numbers import Integral
from time import perf_counter

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import _fit_context, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import accuracy_score
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skdomain._domains import (
    NoTargetWarning,
    fit_domains,
    new_domains,
    source_labels,
    target_rows,
    warn_caller,
)
from skdomain._estimators import (
    SourceEstimator,
    all_or_nothing,
    call_with_domains,
    progress,
    validate_as_given,
)
from skdomain.compose import SourceOnly
from skdomain.model_selection._criteria._scorer_names import get_scorer
from skdomain.model_selection._search._candidates import listed, unused
from skdomain.model_selection._search._results import results
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
        a grid as scikit-learn's ``ParameterGrid`` takes it. The keys of a dict name the methods; in
        a list, they are named by their steps. May be empty.
    baseline : estimator, default=None
        The candidate that does not adapt, named "baseline". None: ``SourceOnly()``.
    scoring : str, callable, or list of them, default=("circular_validation", "class_mixture")
        Criteria: names that :func:`get_scorer` knows, or functions of a fitted model, X, y and
        sample_domain. Of several, the ranks of the candidates are averaged. The default asks that
        what is predicted leads back, and that the target looks like the source's classes: either
        alone is blind to what the other sees.
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
        "rank_test_<criterion>"; a single criterion is called "score". "mean_rank" averages the
        ranks of all criteria.
    best_index_ : int
        The winner's position in ``cv_results_``.
    best_method_ : str
        The winner's name.
    best_params_ : dict
        The winner's parameters from its grid.
    best_score_ : float
        The winner's mean value of the criterion; of several, its mean rank. NaN without target.
    best_estimator_, estimator_ : estimator
        The winner, fitted to all rows.
    n_splits_ : int
        Number of splits.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
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

    def __init__(
        self,
        candidates,
        *,
        baseline=None,
        scoring=("circular_validation", "class_mixture"),
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
            Rows of both domains in any order.
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
        names, models, params = listed(self.candidates, self._inner())
        scorers, splits = self._scorers(), []
        if (domains > 0).all():
            names, models, params = names[:1], models[:1], params[:1]
        else:
            splits = self._splits(X, hidden, domains)
        tables = self._run(names, models, X, y, hidden, domains, splits, scorers)
        self.n_splits_ = len(splits)
        self.cv_results_ = results(names, params, scorers, *tables)
        self.best_index_ = self._choose(models, X, hidden, domains, splits)
        self.best_method_, self.best_params_ = names[self.best_index_], params[self.best_index_]
        single = "mean_test_score" if len(scorers) == 1 else "mean_rank"
        self.best_score_ = float(self.cv_results_[single][self.best_index_])
        with warnings.catch_warnings():
            if not splits:
                warnings.simplefilter("ignore", NoTargetWarning)  # said already
            self.estimator_ = fitted_to(models[self.best_index_], X, hidden, sample_domain=domains)
        self.best_estimator_ = self.estimator_
        return self

    def score(self, X, y, sample_weight=None, sample_domain=None):
        """Accuracy of the winner on the target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows to predict.
        y : array-like of shape (n_samples,)
            True labels; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            Share of the target rows predicted right, in [0, 1].

        Raises
        ------
        ValueError
            If there is no target row.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        domains = new_domains(sample_domain, X.shape[0])
        X, y, weight = target_rows(X, y, sample_weight, sample_domain)
        told = None if sample_domain is None else domains[domains < 0]
        return accuracy_score(y, self.predict(X, sample_domain=told), sample_weight=weight)

    def _scorers(self):
        return named_scorers(self.scoring)

    def _splits(self, X, hidden, domains):
        cv = self.cv
        if cv is None:
            cv = DomainShuffleSplit(5, test_size=0.5, random_state=0)
        elif isinstance(cv, Integral):
            cv = DomainKFold(cv)
        elif not hasattr(cv, "split"):
            return list(cv)
        return list(call_with_domains(cv, "split", X, hidden, sample_domain=domains))

    def _choose(self, models, X, hidden, domains, splits):
        """Position of the winner in ``cv_results_``."""
        return int(np.argmin(self.cv_results_["mean_rank"]))

    def _run(self, names, models, X, y, hidden, domains, splits, scorers):
        """Values (n_candidates, n_splits, n_scorers); seconds of fit and score likewise."""
        y, criteria = np.asarray(y, dtype=object).reshape(len(domains)), list(scorers.values())
        n_cells, shape = len(models) * len(splits), (len(models), len(splits))
        calls = Parallel(self.n_jobs, return_as="generator")(
            delayed(judge)(model, X, y, hidden, domains, train, test, criteria)
            for model in models
            for train, test in splits
        )
        bar = progress(calls, description=type(self).__name__, verbose=self.verbose, n=n_cells)
        judged = list(bar)
        failures = np.reshape([failure for *_, failure in judged], shape)
        for name, texts in zip(names, failures.tolist(), strict=True):
            report_failures(name, list(filter(None, texts)), len(splits))
        values = np.reshape([values for values, *_ in judged], (*shape, len(scorers)))
        return values, np.reshape([seconds for _, seconds, _ in judged], (*shape, 2))

    def _inner(self):
        return SourceOnly() if self.baseline is None else self.baseline

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def _call(self, method, X, sample_domain):
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        domains = new_domains(sample_domain, X.shape[0])
        # Rows whose domain nobody named are passed as such: the winner may know it.
        told = None if sample_domain is None else domains
        return call_with_domains(self.best_estimator_, method, X, sample_domain=told)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = tags.target_tags.two_d_labels = False
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False
        return tags


def named_scorers(scoring):
    """Criteria by name; a single one is called "score"."""
    scoring = list(scoring) if isinstance(scoring, list | tuple) else [scoring]
    if not scoring:
        raise ValueError("scoring is an empty list; pass one criterion at least.")
    scorers, names = [], []
    for one in scoring:
        scorers.append(get_scorer(one) if isinstance(one, str) else one)
        name = one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__)
        names.append(unused(name, names))
    return dict(zip(names if len(names) > 1 else ["score"], scorers, strict=True))


def hide_target_labels(X, y, source, estimator):
    """Labels of the source rows, None elsewhere."""
    hidden = np.full(len(source), None)
    hidden[source] = column_or_1d(source_labels(X, y, source, estimator), warn=True)
    return hidden


def judge(model, X, y, hidden, domains, train, test, scorers):
    """Values of the criteria on the test rows, seconds of fit and score, and what failed."""
    start = fitted_at = perf_counter()
    values, failure = [np.nan] * len(scorers), ""
    try:
        fitted = fitted_to(
            model, _safe_indexing(X, train), hidden[train], sample_domain=domains[train]
        )
        fitted_at = perf_counter()
        rows = _safe_indexing(X, test), y[test], domains[test]
        found = [float(scorer(fitted, *rows)) for scorer in scorers]
        if np.isfinite(found).all():
            values = found
        else:
            failure = f"a criterion is {found}"
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    return values, (fitted_at - start, perf_counter() - fitted_at), failure


def fitted_to(model, X, y, *, sample_domain):
    """A clone of the model, fitted."""
    return call_with_domains(clone(model), "fit", X, y, sample_domain=sample_domain)


def report_failures(name, failures, n_splits):
    """Warn of a candidate that fails; without the baseline, nothing can be said of any."""
    if failures and name == "baseline":
        raise ValueError(f"the baseline cannot be judged: {failures[0]}")
    if failures:
        warn_caller(
            f"candidate {name} failed on {len(failures)} of {n_splits} splits and cannot win: "
            f"{failures[0]}",
            FitFailedWarning,
        )
