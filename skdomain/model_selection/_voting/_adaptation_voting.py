"""Candidates adapt, and vote on the classes of the target rows."""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain._domains import fit_domains, labels_at
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    all_or_nothing,
    validate_as_given,
)
from skdomain.model_selection._search._candidates import listed
from skdomain.model_selection._search._judging import hide_target_labels
from skdomain.model_selection._search._sharing_calls import sharing_calls
from skdomain.model_selection._search._views import attempt
from skdomain.model_selection._voting._ballots import (
    latent_proba,
    mean_proba,
    most_votes,
    proba_of,
    votes_of,
)
from skdomain.model_selection._voting._dawid_skene import dawid_skene
from skdomain.model_selection._voting._voters import fitted_voter, report_absent, set_input_tags


class AdaptationVotingClassifier(
    DomainClassifierMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Let several methods adapt, and combine what they predict, without a label of the target.

    Every candidate is fitted to all rows, with the labels of target rows hidden, and what the
    candidates say of a row is joined: by the mean of their probabilities, by the most votes, or by
    a model of how often each of them takes which class for which.

    Parameters
    ----------
    candidates : list or dict
        Classifiers whose ``fit`` takes ``sample_domain``, pipelines among them, or pairs of one and
        a grid as scikit-learn's ``ParameterGrid`` takes it, of which every point votes. The keys of
        a dict name the methods; in a list, they are named by their steps. At least one.
    voting : {"soft", "hard", "latent"}, default="soft"
        "soft": the largest mean probability; all candidates need ``predict_proba``. "hard": the
        most votes; of classes that tie, the one with the largest sum of the probabilities of those
        candidates that have them, else the first of ``classes_``. "latent": the most probable class
        by :func:`dawid_skene`, fitted to the votes on the target rows of ``fit``.
    max_iter : int, default=1000
        Most iterations of "latent".
    tol : float, default=1e-6
        "latent" stops where no class probability of any row changes by more.
    n_jobs : int, default=None
        Number of processes that fit candidates; None: 1, -1: one a processor.
    verbose : bool, default=False
        Show a progress bar.

    Attributes
    ----------
    estimators_ : list of estimators
        The candidates that could be fitted.
    names_ : list of str
        Their names, that of a method once for each point of its grid.
    params_ : list of dict
        Their parameters from the grids.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    estimated_accuracy_ : ndarray of shape (n_estimators,)
        Share of the target rows that each of them predicts right, estimated without labels; of
        "latent" alone. Right for **independent** candidates, which they are not: see Notes.
    confusions_ : ndarray of shape (n_estimators, n_classes, n_classes)
        Estimated probability that a candidate says the second class where the first is true; of
        "latent" alone.
    priors_ : ndarray of shape (n_classes,)
        Estimated proportions of the classes; of "latent" alone.
    history_ : dict of str to ndarray of shape (n_iter,)
        "log_likelihood" of the votes after each iteration, mean over the rows, which never falls;
        of "latent" alone.
    n_iter_ : int
        Number of iterations, 1 where there are none.
    termination_ : str
        "converged" or "max_iter".
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    AdaptationSearchCV : The best candidate by criteria that need no target label.
    dawid_skene : The model of "latent" by itself.
    sklearn.ensemble.VotingClassifier : The same without domains.

    Notes
    -----
    Candidates that learn from the same rows make the same mistakes. Those that agree with many
    others are rated too high by "latent", and a better one that differs from them too low: its
    estimated accuracies measure agreement before anything else.

    The order of the candidates changes no prediction. A copy of every candidate changes none of
    "soft" and "hard"; "latent" takes copies for further witnesses and grows surer.

    On new rows, "latent" may meet votes that no class leads to, by what it has seen. Then those
    classes are left that the fewest votes speak against, judged by the other votes.

    A candidate that fails is warned of by :class:`~sklearn.exceptions.FitFailedWarning` and has no
    vote. Time is that of fitting all candidates once and of predicting with all of them. Metadata
    routing is on meanwhile, whatever the global setting.

    References
    ----------
    A. P. Dawid and A. M. Skene (1979), "Maximum likelihood estimation of observer error-rates using
    the EM algorithm", Applied Statistics 28.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdomain.alignment import CORAL
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.model_selection import AdaptationVotingClassifier
    >>> from skdomain.subspace import TCA
    >>> problem = make_subspace_shift(random_state=0)
    >>> last = SourceOnly(LogisticRegression())
    >>> candidates = [make_pipeline(TCA(2), last), make_pipeline(CORAL(), last), last]
    >>> vote = AdaptationVotingClassifier(candidates, voting="latent")
    >>> vote = vote.fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> vote.names_
    ['tca-sourceonly', 'coral-sourceonly', 'sourceonly']
    >>> vote.estimated_accuracy_.shape
    (3,)
    """

    _parameter_constraints: dict = {
        "candidates": [list, dict],
        "voting": [StrOptions({"soft", "hard", "latent"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }
    _facts = (
        DomainClassifierMixin._facts
        | TAKES_SPARSE
        | {
            "which": "Rows of any domain; sparse ones where the candidates take them.",
            "domains": "Handed to the candidates, which predict by it where one of their steps, "
            "such\n    as :class:`~skdomain.compose.PerDomain`, treats each domain in a way of its "
            "own.",
            "predict": "Predict by the vote of the candidates",
            "predicted": "Predicted labels",
            "predict_proba": 'Class probabilities of the vote; not of "hard"',
            "predict_log_proba": 'Logarithms of the probabilities of the vote; not of "hard"',
            "score": "Accuracy of the vote on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )

    def __init__(
        self,
        candidates: list[Any] | dict[Any, Any],
        *,
        voting: str = "soft",
        max_iter: int = 1000,
        tol: float = 1e-6,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.candidates = candidates
        self.voting = voting
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Fit all candidates to all rows; "latent" then learns from their votes on target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order; sparse ones where the candidates take them.
        y : array-like of shape (n_samples,)
            Labels of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, :class:`~skdomain.NoTargetWarning` says so, and "latent" learns from the
            votes on these.

        Returns
        -------
        self
            The fitted vote.

        Raises
        ------
        ValueError
            If there is no source row, y is missing, sample_domain does not fit X, there is no
            candidate, one is no classifier, takes no domains or, for "soft", has no
            ``predict_proba``, or all of them fail.
        """
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, X.shape[0], self)
        hidden = hide_target_labels(X, y, domains > 0, self)
        names, models, params = self._listed()
        self.classes_ = np.unique(labels_at(hidden, domains > 0))
        found = self._fit_all(names, models, X, hidden, domains)
        report_absent(names, found)
        rows = zip(names, params, found, strict=True)
        kept = [(name, point, *voter) for name, point, (voter, _) in rows if voter is not None]
        self.names_, self.params_, self.estimators_, votes = map(list, zip(*kept, strict=True))
        self._learn(np.transpose(votes))
        return self

    def _listed(self):
        names, models, params = listed(self.candidates)
        for name, model in zip(names, models, strict=True):
            if self.voting == "soft" and not hasattr(model, "predict_proba"):
                raise ValueError(
                    f"voting='soft' needs the probabilities of all candidates, and {name} has no "
                    "predict_proba; pass voting='hard' or 'latent', or another classifier in it."
                )
        return names, models, params

    def _fit_all(self, names, models, X, hidden, domains):
        """Each candidate fitted, with its votes on target rows, or None and what failed."""
        rows = X, hidden, domains, self.classes_, self.voting == "soft"
        calls = [(fitted_voter, model, *rows) for model in models]
        bar = {"description": type(self).__name__, "verbose": self.verbose}
        return sharing_calls(attempt, calls, names, n_jobs=self.n_jobs, **bar)

    def _learn(self, votes):
        """Set what a kind of voting learns from the votes on target rows."""
        for name in ("estimated_accuracy_", "confusions_", "priors_", "history_"):
            vars(self).pop(name, None)
        self.n_iter_, self.termination_ = 1, "converged"
        if self.voting == "latent":
            found = dawid_skene(
                votes, n_classes=len(self.classes_), max_iter=self.max_iter, tol=self.tol
            )
            self.estimated_accuracy_, self.confusions_ = found.accuracy, found.confusions
            self.priors_, self.history_ = found.priors, {"log_likelihood": found.log_likelihood}
            self.n_iter_, self.termination_ = found.n_iter, found.termination

    def _new_rows(self, X):
        return validate_as_given(self, X, reset=False)

    def _predict_rows(self, method, X, sample_domain):
        rows = X, sample_domain, self.classes_
        if method == "predict":
            chosen = self._chosen(rows) if self.voting == "hard" else self._proba(rows).argmax(1)
            return self.classes_[chosen]
        proba = self._proba(rows)
        if method == "predict_proba":
            return proba
        with np.errstate(divide="ignore"):
            return np.log(proba)

    def _chosen(self, rows):
        """Positions in ``classes_`` of those with the most votes."""
        told = [each for each in self.estimators_ if hasattr(each, "predict_proba")]
        proba = (lambda: mean_proba([proba_of(each, *rows) for each in told])) if told else None
        return most_votes(self._votes(rows), len(self.classes_), proba)

    def _proba(self, rows):
        if self.voting == "soft":
            return mean_proba([proba_of(each, *rows) for each in self.estimators_])
        return latent_proba(self._votes(rows), self.priors_, self.confusions_)

    def _votes(self, rows):
        return np.transpose([votes_of(each, *rows) for each in self.estimators_])

    def _answers(self, method):
        if method == "decision_function" or self.voting == "hard":
            raise AttributeError(
                f"AdaptationVotingClassifier with voting={self.voting!r} has no {method}."
            )
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        set_input_tags(tags.input_tags, self.candidates)
        return tags
