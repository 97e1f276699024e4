"""Posteriors of the source, corrected for the priors of a target: ``r_c ~ p(c | x) q_c / p_c``."""

from typing import Any, NamedTuple

import numpy as np

from skdomain.label_shift._calibration import Calibration
from skdomain.label_shift._gain import expected_gains
from skdomain.label_shift._held_out import RowWeights, held_out_posteriors, with_target
from skdomain.label_shift._interval import bootstrap_interval, resample_counts
from skdomain.label_shift._methods import PRIORS
from skdomain.label_shift._moment_draws import likelihood_draws
from skdomain.label_shift._posteriors import aligned_posteriors
from skdomain.label_shift._shrinkage import dirichlet_priors, effective_rows, james_stein_priors
from skdomain.label_shift._simplex import class_ratios, weighted_mean

_LEAST_WEIGHT = 1e-6  # of a class that the target has none of: learners want all their classes


class Corrected(NamedTuple):
    """A model whose posteriors are calibrated, then multiplied by a ratio for each class."""

    estimator: Any
    calibration: Calibration
    ratio: np.ndarray

    def posteriors(self, X):
        """Corrected posteriors of rows, of shape (n_samples, n_classes)."""
        return self.of(aligned_posteriors(self.estimator, X, self.estimator.classes_))

    def of(self, posteriors):
        """The same of what the estimator, or one like it, says of rows."""
        return corrected_posteriors(self.calibration.apply(posteriors), self.ratio)


class PriorShift(NamedTuple):
    """Priors of source and target, as found and as used; ``ratio`` is used over source."""

    source: np.ndarray
    target: np.ndarray
    used: np.ndarray

    @property
    def ratio(self):
        """What posteriors are multiplied by; 0 for a class that the source has none of."""
        return class_ratios(self.used, self.source)


def corrected_posteriors(posteriors, ratio):
    """``P_ic ratio_c`` with rows of sum 1; a row of which nothing is left stays as it is."""
    scaled = posteriors * ratio
    total = scaled.sum(axis=1, keepdims=True)
    return np.divide(scaled, total, out=np.array(posteriors, dtype=float), where=total > 0)


def prior_shift(evidence, weights, method, *, shrink):
    """Priors of the target by one method, and those that its rows can be trusted with.

    Parameters
    ----------
    evidence : Posteriors
        Of both domains.
    weights : RowWeights
        Of the source rows.
    method : str
        A key of ``PRIORS``.
    shrink : bool
        Whether those used are drawn towards those of the source.

    Returns
    -------
    PriorShift
    """
    p = weighted_mean(evidence.source, weights.total)
    q = PRIORS[method](*evidence[:3], source_weight=weights.total)
    if not shrink:
        return PriorShift(p, q, q)
    n_rows = effective_rows(len(evidence.target), weights.n_rows)
    if method == "em":
        return PriorShift(p, q, dirichlet_priors(evidence.target, p, n_rows))
    return PriorShift(p, q, james_stein_priors(q, evidence.target, p, n_rows))


class How(NamedTuple):
    """The parameters of :class:`LabelShiftClassifier` that say how a target is corrected for."""

    method: str
    shrink: bool
    calibration: str | None


class Correction(NamedTuple):
    """What one target is predicted with: the model, its evidence and the weights it was fitted to.

    ``class_weight`` are the ratios by which posteriors are multiplied or, if ``reweighted``, source
    rows were before the model was trained.
    """

    model: Corrected
    shift: PriorShift
    evidence: Any
    weights: RowWeights
    class_weight: np.ndarray
    reweighted: bool = False

    def again(self, how, Xt):
        """The same model, corrected for the priors of other target rows."""
        found = correct_posteriors(self.evidence, self.weights, Xt, how)
        return found._replace(class_weight=self.class_weight) if self.reweighted else found


def no_correction(evidence, weights):
    """The correction to the source's own priors: calibrated posteriors as they are."""
    p = weighted_mean(evidence.source, weights.total)
    model = Corrected(evidence.estimator, evidence.calibration, np.ones(len(p)))
    return Correction(model, PriorShift(p, p, p), evidence, weights, model.ratio)


def correct_posteriors(evidence, weights, Xt, how):
    """Keep the model, and correct what it says from its priors to those of the target."""
    evidence = with_target(evidence, Xt)
    shift = prior_shift(evidence, weights, how.method, shrink=how.shrink)
    model = Corrected(evidence.estimator, evidence.calibration, shift.ratio)
    return Correction(model, shift, evidence, weights, shift.ratio)


def _corrected_posteriors(task, evidence, how, Xt):
    return correct_posteriors(evidence, task.weights, Xt, how)


def _reweighted(task, first):
    """The task with source rows weighted by the class weights of a first correction."""
    weights = np.maximum(first.class_weight, _LEAST_WEIGHT)
    return task.weighted(weights[first.evidence.codes])


def correct_weights(task, evidence, how, Xt):
    """Train the model again on source rows that are weighted as their classes are in the target."""
    first = correct_posteriors(evidence, task.weights, Xt, how)
    model = _reweighted(task, first).fit()
    return first._replace(model=Corrected(model, Calibration(), np.ones(len(first.class_weight))))


def correct_both(task, evidence, how, Xt):
    """Train on weighted rows, and correct from **that** model's priors to those of the target.

    The priors of a model trained on weighted rows are the weighted mean of its own held-out
    posteriors, near those of the target already; what is left to correct is what the first
    estimate had wrong, and nothing is corrected twice.
    """
    first = correct_posteriors(evidence, task.weights, Xt, how)
    task = _reweighted(task, first)
    evidence = held_out_posteriors(task, how.calibration)
    second = correct_posteriors(evidence, task.weights, Xt, how)
    return second._replace(class_weight=first.class_weight, reweighted=True)


# (task, evidence, how, Xt) -> Correction
CORRECTIONS = {
    "posterior": _corrected_posteriors,
    "weights": correct_weights,
    "both": correct_both,
}


def priors_draws(correction, method, *, n_bootstrap, rng):
    """Bootstrap draws of the target's priors, of shape (n_bootstrap, n_classes); none of no row."""
    evidence, priors = correction.evidence, correction.shift.target
    if not (n_bootstrap and len(evidence.target)):
        return np.empty((0, len(priors)))
    source, target = resample_counts(*evidence[:3], n_bootstrap, rng)
    weights = source * correction.weights.total, target
    return _DRAWS.get(method, _redrawn)(evidence, priors, *weights, method)


def intervals(correction, draws, level):
    """Intervals of the target's priors, (2, n_classes), and the gain of :func:`gain_interval`."""
    priors = correction.shift.target
    if not len(draws):
        return np.full((2, len(priors)), np.nan), np.full(3, np.nan)
    m = len(correction.evidence.target)
    ends = bootstrap_interval(draws, level, estimate=priors, n_rows=m)
    return ends, gain_interval(correction, draws, level)


def gain_interval(correction, draws, level):
    """Expected rise of accuracy by corrected posteriors, and its interval.

    Not known of a model that was trained again.
    """
    P, after = correction.evidence.target, correction.model
    again = correction.reweighted or after.estimator is not correction.evidence.estimator
    if again:
        return np.full(3, np.nan)
    predicted = corrected_posteriors(P, after.ratio).argmax(axis=1)
    before = correction.evidence.raw_target.argmax(axis=1)
    gains = expected_gains(P, correction.shift.source, draws, before, predicted)
    return np.array([gains.mean(), *np.quantile(gains, [(1 - level) / 2, (1 + level) / 2])])


def _redrawn(evidence, priors, source_weight, target_weight, method):
    """Priors of each draw, of the same posteriors."""
    return np.array(
        [
            PRIORS[method](*evidence[:3], source_weight=w, target_weight=v)
            for w, v in zip(source_weight, target_weight, strict=True)
        ]
    )


_DRAWS = {"em": lambda *args: likelihood_draws(*args[:-1])}
