"""Self-training: the target's own predicted labels, a few surest first, checked by the way back.

L. Bruzzone and M. Marconcini (2010), "Domain adaptation problems: a DASVM classification technique
and a circular validation strategy", IEEE Transactions on Pattern Analysis and Machine Intelligence
32, 770-787.
"""

from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _num_samples

from skdomain._domains import (
    fit_domains,
    labelled_rows,
    source_classes,
    source_labels,
    warn_caller,
)
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainPredictorMixin,
    SourceEstimator,
    all_or_nothing,
    answer_of,
    asks_for_domains,
    call_with_domains,
    progress,
    set_history,
    validate_as_given,
)
from skdomain.transfer._self_training_rounds import (
    Schedule,
    SelfTrainingRows,
    self_training_rounds,
)


class SelfTrainingAdapter(SourceEstimator):
    """Train on the source, then on what it says of the target, the surest rows first.

    Round t trains a clone of the classifier on the source rows, the labelled target rows if there
    are any, and the target rows that the last one is sure of, with the labels it gave them. By
    schedule, these are

    * "class-balanced": of the n_c rows that are predicted as class c, the ``ceil(n_c t / T)``
      surest, T being ``n_steps``; all of them from round T on. All classes enter alike, also those
      that are far from the source;
    * "threshold": those with a confidence of ``threshold`` or more.

    Labels are given anew in each round, so that a row leaves or changes its class as the classifier
    changes its mind. After each round the way back is tried: a clone is trained on the target rows
    with their predicted labels alone and has to be right on the source. Where it is not, the round
    is rejected, and the classifier of the round before, or that of the source, stands.

    Parameters
    ----------
    estimator : classifier, default=None
        Any classifier with ``predict_proba`` or ``decision_function``. One whose ``fit`` asks for
        ``sample_domain``, such as :class:`FeatureAugmentation` or
        :class:`~skdomain.compose.Pooled`, is told the domains of the rows that it is trained on,
        and asked for those of the rows to label. None: ``LogisticRegression()``.
    schedule : {"class-balanced", "threshold"}, default="class-balanced"
        Which target rows enter.
    n_steps : int, default=5
        T, for "class-balanced".
    threshold : float, default=0.9
        For "threshold": the least confidence, which is the largest probability, or without
        probabilities the largest decision value less the second (of two classes, its size).
    leave : bool, default=False
        Whether source rows leave as target rows enter, as in DASVM: when a share of the target has
        entered, that share of the source rows of each class has left, those that the classifier is
        surest of. Source rows of a class that no target row has yet stay. Not with an estimator
        that asks for domains, which needs a source.
    min_return : float or None, default=0.5
        What the way back has to give. With a_t the accuracy on the source after round t, a_0 that
        of the labels that the source's own classifier gives, and c the share of the largest class:
        ``a_t >= c + min_return (a_0 - c)``. 1 asks for labels that lead back as well as the first
        ones, 0 for better than chance, None for nothing, which saves half of the time.
    max_iter : int, default=20
        Largest number of rounds.
    verbose : int, default=0
        Show a progress bar of the rounds.

    Attributes
    ----------
    estimator_ : classifier
        That of the last round that was accepted.
    pseudo_labels_ : ndarray of shape (n_target,)
        Classes of the target rows, in their order in X: known ones, and else what it predicts.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source rows and the labelled target rows.
    history_ : dict of str to ndarray of shape (`n_iter_`,)
        Of each round: ``"label_changes"``, how many target rows came, went or changed class;
        ``"n_selected"``, how many were trained on; ``"n_source"``, how many source rows;
        ``"way_back"``, a_t; ``"accepted"``.
    n_iter_ : int
        Number of rounds, a rejected one included; 1 where there is no row to label.
    termination_ : {"converged", "max_iter", "rejected", "no unlabelled target rows"}
        Why they ended; "converged" is a fixed point: another round would train on the same.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    skdomain.subspace.SelectivePseudoLabels : The same schedule, in a subspace found with it.
    sklearn.semi_supervised.SelfTrainingClassifier : A threshold, and no doubt: labels stay.

    Notes
    -----
    The way back favours labels near to those of the source's classifier, as one that draws the
    same line leads back to it best; hence ``min_return`` is not 1. It finds out labels that have
    run away, such as one class that has swallowed another, and not those that were wrong, all of
    them, from the start.

    DASVM is of two classes, takes rows by their distance from the margin of a support vector
    machine, raises their cost by a schedule, and validates once, at the end. Here any classifier
    and any number of classes will do, all rows count the same, and each round is validated.

    At most ``2 max_iter + 2`` fits.

    References
    ----------
    L. Bruzzone and M. Marconcini (2010), "Domain adaptation problems: a DASVM classification
    technique and a circular validation strategy", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 32, 770-787.

    Q. Wang and T. P. Breckon (2020), "Unsupervised domain adaptation via structured prediction
    based selective pseudo-labeling", AAAI Conference on Artificial Intelligence, 6243-6250: the
    class-balanced schedule.

    Examples
    --------
    Two classes that are further to the right in the target:

    >>> import numpy as np
    >>> from skdomain.transfer import SelfTrainingAdapter
    >>> rng = np.random.default_rng(0)
    >>> y, sample_domain = np.arange(200) % 2, np.repeat([1, -2], 100)
    >>> X = rng.normal(size=(200, 1)) + 6 * y[:, None] + 2 * (sample_domain < 0)[:, None]
    >>> unknown = np.where(sample_domain < 0, np.nan, y)
    >>> model = SelfTrainingAdapter().fit(X, unknown, sample_domain=sample_domain)
    >>> model.termination_, model.history_["n_selected"][[0, -1]]
    ('converged', array([ 21, 100]))
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _facts = SourceEstimator._facts | TAKES_SPARSE
    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "schedule": [StrOptions({"class-balanced", "threshold"})],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "threshold": [Interval(Real, 0, None, closed="left")],
        "leave": ["boolean"],
        "min_return": [Interval(Real, 0, 1, closed="both"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator: Any = None,
        schedule: str = "class-balanced",
        *,
        n_steps: int = 5,
        threshold: float = 0.9,
        leave: bool = False,
        min_return: float | None = 0.5,
        max_iter: int = 20,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.schedule = schedule
        self.n_steps = n_steps
        self.threshold = threshold
        self.leave = leave
        self.min_return = min_return
        self.max_iter = max_iter
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Train on the source, then in rounds on what is believed of the target.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the estimator takes as rows.
        y : array-like of shape (n_samples,)
            Labels of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, and :class:`~skdomain.NoTargetWarning` says so.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. What it holds on source rows is not
            read. None: all target rows are labelled in which y is not missing.

        Returns
        -------
        SelfTrainingAdapter
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If there is no source row, y is missing on one, there is one class only, an argument
            does not fit X, the estimator tells no confidence, or it asks for domains and the rows
            of the source are to leave.

        Warns
        -----
        ConvergenceWarning
            The labels that are believed still change in round ``max_iter``.
        """
        rows = self._told(X, y, sample_domain, labelled)
        bar = partial(progress, description=type(self).__name__, verbose=self.verbose)
        if not len(rows.unknown):
            self.estimator_ = rows.train(np.empty(0, dtype=int), rows.source)
            self.pseudo_labels_ = rows.pseudo_labels(self.estimator_)
            self.history_, self.n_iter_ = {}, 1
            self.termination_ = "no unlabelled target rows"
            return self
        self.estimator_, history, termination = self_training_rounds(
            rows,
            Schedule(self.schedule, self.n_steps, self.threshold),
            max_iter=self.max_iter,
            leave=self.leave,
            min_return=self.min_return,
            bar=bar,
        )
        set_history(self, history)
        self.termination_ = termination
        self._warn(history[-1]["label_changes"])
        self.pseudo_labels_ = rows.pseudo_labels(self.estimator_)
        return self

    def _told(self, X, y, sample_domain, labelled):
        """The rows, and numbers of the classes that are known."""
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        source_classes(X, y, domains > 0, self)
        known = labelled_rows(y, domains, labelled) & (domains < 0)
        self._check_inner()
        read = known | (domains > 0)
        labels = column_or_1d(source_labels(X, y, read, self), warn=False)
        codes = np.full(len(domains), -1)
        classes, codes[read] = np.unique(labels, return_inverse=True)
        places = (np.flatnonzero(rows) for rows in (domains > 0, known, ~read))
        return SelfTrainingRows(self._inner(), X, codes, classes, domains, *places)

    def _check_inner(self):
        inner = self._inner()
        if self.leave and asks_for_domains(inner):
            raise ValueError(
                f"leave=True takes all source rows away in the end, and {type(inner).__name__}, "
                "which asks for sample_domain, needs some; set leave=False, or take a classifier "
                "that does not ask for domains."
            )
        if not (hasattr(inner, "predict_proba") or hasattr(inner, "decision_function")):
            raise ValueError(
                f"{type(self).__name__} believes the rows that the classifier is surest of, and "
                f"{type(inner).__name__} has neither predict_proba nor decision_function; take one "
                "that has, such as LogisticRegression, or CalibratedClassifierCV around it."
            )

    def _warn(self, changes):
        if self.termination_ == "max_iter":
            warn_caller(
                f"round {self.n_iter_} of SelfTrainingAdapter still changed {changes} of the "
                "believed labels; to reach a fixed point, raise max_iter, or set leave=False.",
                ConvergenceWarning,
            )

    def _predict_rows(self, method, X, sample_domain):
        if sample_domain is None:
            return answer_of(self.estimator_, method, X)
        return call_with_domains(self.estimator_, method, X, sample_domain=sample_domain)

    def _score_rows(self, X, y, sample_weight, sample_domain):
        if asks_for_domains(self.estimator_):
            return DomainPredictorMixin._score_rows(self, X, y, sample_weight, sample_domain)
        return super()._score_rows(X, y, sample_weight, sample_domain)

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags
