"""Split conformal prediction around an estimator: the split, the scores and the thresholds."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import _num_samples

from skdomain._domains import fit_domains, labels_at, warn_caller
from skdomain._estimators import (
    TAKES_SPARSE,
    DomainClassifierMixin,
    SourceEstimator,
    asks_for_domains,
    call_with_domains,
    validate_as_given,
)
from skdomain.conformal._held_out_rows import held_out_rows
from skdomain.conformal._shift_weights import fitted_weights, is_learnt
from skdomain.conformal._thresholds import LEVEL, conformal_thresholds, n_effective_rows


class ConformalEstimator(SourceEstimator):
    """Train on some source rows, score the others, and weigh these towards the target.

    A subclass gives labels in ``_labels(X, y, source)``, classes of the rows to deal in
    ``_groups(y)``, scores of calibration rows in ``_scores(X, y, sample_domain)`` with the codes of
    their classes, and says in ``_unbounded`` what a row gets that has no threshold.
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "weights": [HasMethods(["fit"]), callable, None],
        "confidence_level": LEVEL,
        "calibration_size": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "random_state": ["random_state"],
    }
    _facts = (
        SourceEstimator._facts
        | TAKES_SPARSE
        | {"domains": "The estimator inside gets them if it takes some; otherwise not used."}
    )
    _score_rows = DomainClassifierMixin._score_rows

    def _calibrate(self, X, y, sample_domain):
        """Everything that ``fit`` does."""
        X = self._validate(X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        labels, source = self._labels(X, y, domains > 0), np.flatnonzero(domains > 0)
        held = self._held_out(_safe_indexing(X, source), labels)
        learnt = np.ones(len(domains), dtype=bool)
        learnt[source[held]] = False
        self.estimator_ = clone(self._inner())
        if not held.all():
            self._train(X, y, domains, learnt, labels[~held])
        self._weigh(X, y, domains, learnt)
        rows, labels = _safe_indexing(X, source[held]), labels[held]
        scores, codes = self._scores(rows, labels, domains[source[held]])
        self.calibration_scores_, self.n_calibration_ = scores, len(scores)
        self.calibration_weights_ = self._weights.of_calibration(rows, codes)
        self.effective_calibration_rows_ = n_effective_rows(self.calibration_weights_)
        return self

    def _held_out(self, X, y):
        if not (is_learnt(self._inner()) or is_learnt(self.weights)):
            return np.ones(len(y), dtype=bool)
        rng = check_random_state(self.random_state)
        return held_out_rows(X, y, self.calibration_size, self._groups(y), rng)

    def _train(self, X, y, domains, learnt, labels):
        """Fit the estimator to training rows and, if it takes domains, to target rows as well."""
        if not asks_for_domains(self.estimator_):
            rows = np.flatnonzero(learnt & (domains > 0))
            self.estimator_.fit(_safe_indexing(X, rows), labels)
            return
        rows = np.flatnonzero(learnt)
        both = _safe_indexing(X, rows), labels_at(y, learnt)
        call_with_domains(self.estimator_, "fit", *both, sample_domain=domains[rows])

    def _weigh(self, X, y, domains, learnt):
        """Find the weights on training rows and target rows."""
        rows = np.flatnonzero(learnt)
        self._weights, self.weights_estimator_ = fitted_weights(
            self.weights,
            _safe_indexing(X, rows),
            labels_at(y, learnt),
            domains[rows],
            getattr(self, "classes_", None),
        )

    def _thresholds(self, X):
        """Thresholds of checked rows, in a column or in a row; says where there is none."""
        thresholds = conformal_thresholds(
            self.calibration_scores_,
            self.calibration_weights_,
            self._weights.of_new(X),
            confidence_level=self.confidence_level,
        )
        n = _num_samples(X)
        n_without = np.broadcast_to(np.isinf(thresholds).any(axis=1), n).sum()
        if n_without:
            warn_caller(
                f"{n_without} of {n} rows {self._unbounded}: {self.n_calibration_} calibration "
                f"rows, worth {self.effective_calibration_rows_:.3g} of equal weight, beside the "
                f"weight of such a row itself do not reach confidence_level="
                f"{self.confidence_level}. Lower it, or pass more source rows like these."
            )
        return thresholds

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def _predict_rows(self, method, X, sample_domain):
        return call_with_domains(self.estimator_, method, X, sample_domain=sample_domain)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output, tags.target_tags.single_output = False, True
        return tags
