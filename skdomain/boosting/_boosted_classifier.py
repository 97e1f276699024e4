"""Classifiers boosted on source rows and labelled target rows: their fit and their vote."""

from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import _safe_indexing, check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import _num_samples, check_is_fitted

from skdomain._domains import new_domains, warn_caller
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    RoutesFitMixin,
    all_or_nothing,
    answer_of,
    check_takes_weights,
    progress,
    validate_as_given,
)
from skdomain.boosting._learners import default_classifier
from skdomain.boosting._rounds import (
    Trained,
    boosting_rounds,
    log_discount,
    log_reweight,
    log_vote,
)
from skdomain.boosting._training import boosting_rows, train_on_shares
from skdomain.boosting._votes import vote_shares

ROUNDING = 1e-12


def chance(n_classes):
    """Error of a learner that is no better than chance, ``1 - 1 / n_classes``, up to rounding."""
    return 1 - 1 / n_classes - ROUNDING


def share_wrong(p, wrong, rows):
    """Weighted share of some rows that a learner gets wrong."""
    return p[rows][wrong[rows]].sum() / p[rows].sum()


class BoostedClassifier(
    RoutesFitMixin, DomainClassifierMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Classifier boosted on source rows and labelled target rows.

    A subclass gives the rows of each candidate of a round in ``_candidate_rows(domains)`` and the
    first of n rounds that votes, counted from 0, in ``_first_voter(n)``.
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "min_error": [Interval(Real, 0, 0.5, closed="left")],
        "resample": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }
    _facts = (
        DomainClassifierMixin._facts
        | TAKES_SPARSE
        | {
            "predict": "Predict the class with the most votes; of those that tie, the last one",
            "predicted": "Class labels",
            "predict_proba": "Share of the votes that each class gets",
            "probabilities": "Shares in the order of ``classes_``; each row adds up to 1",
            "predict_log_proba": "Logarithms of the shares of the votes",
            "decision_function": "Share of the votes that each class gets; of two classes, the "
            "second minus the first",
            "decisions": "From -1 to 1 with two classes, else from 0 to 1",
            "score": "Accuracy on the target rows",
            "scored": "Share of the target rows predicted right, in [0, 1]",
        }
    )

    def __init__(
        self,
        estimator=None,
        *,
        n_estimators=10,
        min_error=0.01,
        resample=False,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.min_error = min_error
        self.resample = resample
        self.random_state = random_state
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Boost clones of the estimator.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the estimator takes as rows, such
            as missing values, categories or texts.
        y : array-like of shape (n_samples,)
            Labels of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, they are boosted by AdaBoost (SAMME), and
            :class:`~skdomain.NoTargetWarning` says so.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of your own, at least 0, which multiply those that boosting starts from. Rows
            of weight 0 are left out.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known; the other target rows are not trained
            on. What it holds on source rows is not read: they all need a label. None: all
            target rows are labelled in which y is not missing (NaN, None or NA of pandas).
        **params : dict
            Further parameters of the estimator's ``fit``, such as eval_set; of those with an entry
            a row, it gets the entries of the rows that it is trained on.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If X is not finite, there is no source row, or there are target rows and none of them
            is labelled, there is one class only, sample_domain, labelled or sample_weight do not
            fit X, or the estimator takes no sample_weight.

        Warns
        -----
        ConvergenceWarning
            The first learner already is no better than chance on the target.
        """
        check_takes_weights(
            self, self._inner(), "DecisionTreeClassifier, LogisticRegression or GaussianNB"
        )
        rows = boosting_rows(self, X, y, sample_domain, sample_weight, labelled, params)
        self.classes_ = self._two_classes(rows.y)
        self._adapts = not rows.source.all()
        bar = partial(progress, description=type(self).__name__, verbose=self.verbose)
        rounds = self._boost(rows, bar)
        self._warn_if_useless(rounds)
        self.estimators_, self.n_iter_ = rounds.estimators, len(rounds.estimators)
        self.estimator_errors_, self.estimator_weights_ = rounds.errors, rounds.votes
        self.weight_history_, self.termination_ = rounds.history, rounds.termination
        self._keep(rounds.chosen, rows.domains)
        return self

    def _boost(self, rows, bar=iter):
        """The rounds on these rows."""
        source = rows.source
        sets = [np.flatnonzero(mask) for mask in self._candidate_rows(rows.domains)]
        sets = [(own, _safe_indexing(rows.X, own), rows.learner.at(rows.X, own)) for own in sets]
        judges, n_classes = source if source.all() else ~source, len(self.classes_)
        discount = log_discount(source.sum(), self.n_estimators)
        return boosting_rounds(
            partial(self._train, rows, sets, judges, check_random_state(self.random_state)),
            rows.weights,
            partial(log_reweight, judges=judges, discount=discount),
            n_rounds=self.n_estimators,
            chance=chance(n_classes),
            vote=partial(log_vote, n_classes=n_classes),
            min_error=self.min_error,
            bar=bar,
        )

    def _answers(self, method):
        return True

    def _predict_rows(self, method, X, sample_domain):
        shares = self._shares(self._codes(X), self.estimator_weights_, self.n_iter_)
        if method == "predict":
            return self._labels(shares)
        if method == "predict_log_proba":
            with np.errstate(divide="ignore"):
                return np.log(shares)
        if method == "decision_function" and len(self.classes_) == 2:
            return shares[:, 1] - shares[:, 0]
        return shares

    def staged_predict(self, X: Any, sample_domain: ArrayLike | None = None) -> Any:
        """Predictions had boosting ended after the first round, the second, and so on.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Yields
        ------
        ndarray of shape (n_samples,)
            Class labels; those of the last round are those of :meth:`predict`.
        """
        check_is_fitted(self)
        X = self._new_rows(X)
        new_domains(sample_domain, _num_samples(X))
        codes = self._codes(X)
        for n_rounds in range(1, self.n_iter_ + 1):
            yield self._labels(self._shares(codes, self.estimator_weights_, n_rounds))

    def _train(self, rows, sets, judges, rng, p):
        """The learner of one set of rows that the judges like best.

        Of equal ones that of all rows, else the one that its own rows like best.
        """
        found = []
        for number, (own, X, learner) in enumerate(sets):
            model = train_on_shares(learner, X, rows.y[own], p[own], rows.sample_weight[own], rng)
            wrong = answer_of(model, "predict", rows.X) != rows.y
            own_error = share_wrong(p, wrong, own) if len(own) < len(p) else -1.0
            found.append((share_wrong(p, wrong, judges), own_error, number, model, wrong))
        error, _, number, model, wrong = min(found, key=lambda candidate: candidate[:3])
        return Trained(model, error, wrong, number)

    def _shares(self, codes, votes, n_rounds):
        voters = slice(self._first_voter(n_rounds), n_rounds)
        return vote_shares(codes[voters], votes[voters], len(self.classes_))

    def _codes(self, X, learners=None):
        learners = self.estimators_ if learners is None else learners
        predictions = [answer_of(learner, "predict", X) for learner in learners]
        return np.array([np.searchsorted(self.classes_, labels) for labels in predictions])

    def _new_rows(self, X):
        return validate_as_given(self, X, reset=False)

    def _labels(self, shares):
        return self.classes_[np.argmax(shares, axis=1)]

    def _keep(self, chosen, domains):
        """Set what else was found."""

    def _warn_if_useless(self, rounds):
        if rounds.errors[0] >= chance(len(self.classes_)):
            warn_caller(
                f"the first learner of {type(self).__name__} errs on a share of "
                f"{rounds.errors[0]:.3f} of the weight of the rows to fit, which is no better than "
                f"chance among {len(self.classes_)} classes, and is the only one; boost a stronger "
                "estimator, or train on the labelled target rows alone.",
                ConvergenceWarning,
            )

    def _two_classes(self, y):
        classes = np.unique(y)
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs labels of at least 2 classes, got only one class, "
                f"{classes.tolist()[0]!r}; check y on the source rows and the labelled target rows."
            )
        return classes

    def _inner(self):
        return default_classifier() if self.estimator is None else self.estimator

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._inner()).input_tags
        return tags
