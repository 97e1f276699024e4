"""What boosting for transfer trains on: the rows, their weights, and models that get them."""

from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble._base import _set_random_states
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_y,
    _num_samples,
    check_consistent_length,
)

from skdomain._domains import (
    check_both_count,
    check_sample_weight,
    check_some_labelled,
    check_source_labels,
    fit_domains,
    labelled_rows,
    labels_at,
)
from skdomain._estimators import fit_weighted, inner_params, params_at, validate_as_given

SMALLEST = 1e-30


@dataclass(frozen=True, eq=False)
class BoostingRows:
    """The rows that are trained on, in the caller's order.

    They are the source rows and the labelled target rows, less those whose weight is 0.

    Parameters
    ----------
    X : ndarray, sparse matrix or data frame of shape (n_fitted, n_features)
        Features, as they were given.
    y : ndarray of shape (n_fitted,)
        Labels or values.
    domains : ndarray of shape (n_fitted,), int64
        Positive integers for source rows, negative for target rows.
    weights : ndarray of shape (n_fitted,), float64
        Weights to start from: 1 / n_source on source rows and 1 / n_target on target rows, times
        ``sample_weight``.
    sample_weight : ndarray of shape (n_fitted,), float64
        The user's own, 1 where there are none.
    learner : Learner
        What is trained on them.
    """

    X: object
    y: np.ndarray
    domains: np.ndarray
    weights: np.ndarray
    sample_weight: np.ndarray
    learner: object

    @property
    def source(self):
        """True for source rows; of shape (n_fitted,)."""
        return self.domains > 0

    def at(self, rows):
        """Some of the rows, in their order, with the weights that these alone start from."""
        domains, own = self.domains[rows], self.sample_weight[rows]
        return BoostingRows(
            _safe_indexing(self.X, rows),
            self.y[rows],
            domains,
            first_weights(domains > 0, own),
            own,
            self.learner.at(self.X, rows),
        )


def first_weights(source, sample_weight):
    """1 / n_source on source rows and 1 / n_target on target rows, times ``sample_weight``."""
    return sample_weight / np.where(source, source.sum(), (~source).sum())


@dataclass(frozen=True, eq=False)
class Learner:
    """What is trained in each round: clones of an estimator on weighted rows.

    Parameters
    ----------
    estimator : estimator
        Cloned for each fit.
    params : dict, default={}
        Further parameters of its ``fit``.
    resample : bool, default=False
        Whether to draw rows by weight if it takes no weights.
    """

    estimator: object
    params: dict = field(default_factory=dict)
    resample: bool = False

    def at(self, X, rows):
        """The learner of some of the rows of X."""
        return replace(self, params=params_at(self.params, X, rows))

    def fit(self, X, y, weights, rng):
        """A clone, its random states drawn from rng, trained on weighted rows."""
        model = clone(self.estimator)
        _set_random_states(model, rng)
        draw = rng if self.resample else None
        return fit_weighted(model, X, y, weights, self.params, draw=draw)


def boosting_rows(estimator, X, y, sample_domain, sample_weight, labelled, params):
    """Validate what ``fit`` got and take the rows to train on.

    Parameters
    ----------
    estimator : estimator
        Gets ``n_features_in_`` and names the errors; is told apart as classifier or regressor.
    X, y, sample_domain, sample_weight, labelled, params
        As in ``fit``.

    Returns
    -------
    BoostingRows

    Raises
    ------
    ValueError, TypeError
        If an argument does not fit X, or there is no source row, or there are target rows and
        none of them is labelled or counts.
    """
    name = type(estimator).__name__
    X = validate_as_given(estimator, X, reset=True)
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    check_consistent_length(X, y)
    domains = fit_domains(sample_domain, _num_samples(X), estimator)
    known = (domains < 0) & labelled_rows(y, domains, labelled)
    fitted = (domains > 0) | known
    check_some_labelled(name, domains, known)
    weight = check_sample_weight(sample_weight, len(domains))
    y = labels_at(y, fitted)
    source = domains[fitted] > 0
    check_source_labels(y[source], np.flatnonzero(domains > 0), estimator)
    y = _check_y(y, y_numeric=is_regressor(estimator), estimator=estimator)
    if is_classifier(estimator):
        check_classification_targets(y)
    y, fitted = y[weight[fitted] > 0], fitted & (weight > 0)
    check_both_count(name, weight, domains > 0, known)
    params = inner_params(estimator, "estimator", "fit", "fit", params)
    learner = Learner(estimator._inner(), params, estimator.resample)
    learner = learner.at(X, np.flatnonzero(fitted))
    X, weight = _safe_indexing(X, np.flatnonzero(fitted)), weight[fitted]
    domains = domains[fitted]
    return BoostingRows(X, y, domains, first_weights(domains > 0, weight), weight, learner)


def train_on_shares(learner, X, y, p, sample_weight, rng):
    """Clone of the estimator, with a seed of its own, trained on rows weighted by p.

    The weights add up to as much as ``sample_weight``, so that a penalty counts for as much as it
    does without boosting. By how much they differ from ``sample_weight`` is rounded to 24 bits:
    sums of them are exact then, and rounding does not decide between splits that tie (regressors
    train on rows in an order of their own instead). None is 0, so no class goes missing.
    """
    factors = p / p.sum() * (sample_weight.sum() / sample_weight)
    weights = sample_weight * np.maximum(factors, SMALLEST).astype(np.float32)
    return learner.fit(X, y, weights, rng)
