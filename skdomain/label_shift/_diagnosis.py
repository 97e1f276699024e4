"""Whether the proportions of the classes are all that has changed, as far as rows can tell."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing, check_array

from skdomain._domains import warn_caller
from skdomain.label_shift._calibration import log_posteriors
from skdomain.label_shift._confusion import (
    condition_number,
    posterior_confusion,
    warn_inseparable,
)
from skdomain.metrics import class_mixture_test, lexicographic_order

_MOST_ROWS = 1000


class Reference(NamedTuple):
    """Source rows that targets are tested against: as numbers, or None, and as log-odds."""

    numbers: Any
    odds: np.ndarray
    codes: np.ndarray

    def pvalue(self, X, posteriors, *, n_bootstrap, rng):
        """p-value of :func:`~skdomain.metrics.class_mixture_test`, on at most 1000 target rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Target rows. Their log-odds are tested where these, or those of the source, are no
            finite numbers.
        posteriors : ndarray of shape (n_samples, n_classes)
            Their calibrated posteriors.
        n_bootstrap : int
            Draws of the test; of 0 the p-value is NaN.
        rng : RandomState
            Draws rows, and the seed of the test.

        Returns
        -------
        float
        """
        if not n_bootstrap:
            return np.nan
        source, target = self.numbers, finite_numbers(X)
        if source is None or target is None:
            source, target = self.odds, log_odds_of(posteriors)
        rows = drawn_by_class(target, np.zeros(target.shape[0], dtype=int), _MOST_ROWS, rng)
        return class_mixture_test(
            source,
            self.codes,
            target[rows],
            n_bootstrap=n_bootstrap,
            random_state=rng.randint(2**31 - 1),
        ).pvalue


def source_reference(X, posteriors, codes, rng):
    """Reference of source rows X with calibrated posteriors, at most about 1000, by class."""
    numbers, odds = finite_numbers(X), log_odds_of(posteriors)
    rows = drawn_by_class(odds if numbers is None else numbers, codes, _MOST_ROWS, rng)
    if numbers is not None:
        numbers = numbers[rows]
    return Reference(numbers, odds[rows], codes[rows])


def finite_numbers(X):
    """Rows in float64, or None where they are no finite numbers of two dimensions."""
    try:
        return check_array(X, dtype=np.float64, accept_sparse="csr")
    except (TypeError, ValueError):
        return None


def log_odds_of(posteriors):
    """Logarithms of posteriors relative to the first class."""
    logs = log_posteriors(posteriors)
    return logs[:, 1:] - logs[:, :1]


def drawn_by_class(X, codes, n_rows, rng):
    """Numbers of about n_rows rows, each class with its share of them, rounded up."""
    counts = np.bincount(codes)
    quota = np.ceil(counts * min(1.0, n_rows / len(codes))).astype(int)
    members = np.split(lexicographic_order(X, codes), np.cumsum(counts)[:-1])
    drawn = [rng.choice(rows, k, replace=False) for rows, k in zip(members, quota, strict=True)]
    return np.sort(np.concatenate(drawn))


def diagnostics(model, targets, reference, X, domains, *, n_bootstrap, rng):
    """What :class:`LabelShiftClassifier` says of its assumption and of its evidence.

    It warns where the assumption is refuted, and of classes that cannot be told apart.

    Parameters
    ----------
    model : LabelShiftClassifier
        Whose classes and level these are.
    targets : Targets
    reference : Reference
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows that the targets were found in.
    domains : ndarray of shape (n_samples,), int
        Their domains.
    n_bootstrap, rng
        As in :meth:`Reference.pvalue`.

    Returns
    -------
    dict
        The smallest p-value of a target, times the number of targets, NaN without any or without
        draws; the condition number of the confusion of the classes, and the temperature of the
        calibration.
    """
    pvalues = [
        reference.pvalue(
            _safe_indexing(X, np.flatnonzero(domains == d)),
            correction.evidence.target,
            n_bootstrap=n_bootstrap,
            rng=rng,
        )
        for d, correction in targets.by_domain.items()
    ]
    confusion, name = confusion_of(targets.together), type(model).__name__
    pvalue = min(1.0, len(pvalues) * min(pvalues)) if pvalues else np.nan
    if targets.by_domain:
        warn_inseparable(confusion, model.classes_, name)
    if pvalue + model.level < 1 - 1e-9:  # less by more than rounding
        warn_caller(
            f"{name}: the target is no mixture of the source's classes (p = {pvalue:.2g} by "
            "skdomain.metrics.class_mixture_test), so more than their proportions has changed, and "
            "corrected posteriors rest on an assumption that does not hold; let SafeTransfer or "
            "AdaptationSearchCV of skdomain.model_selection choose a method."
        )
    return {
        "class_mixture_pvalue": pvalue,
        "condition_number": condition_number(confusion),
        "temperature": targets.together.evidence.calibration.temperature,
    }


def confusion_of(correction):
    """Confusion of the classes in weighted, held-out source rows; its target stands unused."""
    S, codes = correction.evidence[:2]
    return posterior_confusion(S, codes, S, source_weight=correction.weights.total)
