"""What a model takes the classes for, and whether classes can be told apart by it."""

from typing import NamedTuple

import numpy as np

from skdomain._domains import warn_caller
from skdomain.label_shift._simplex import row_weights
from skdomain.metrics import nearest_to_zero


class Confusion(NamedTuple):
    """Means of features of rows, such as posteriors or one-hot predictions.

    ``matrix[i, j]`` is feature i's mean over source rows of class j, ``target[i]`` over target
    rows, ``noise[j]`` the expected squared error of column j, ``shares`` those of the classes.
    """

    matrix: np.ndarray
    target: np.ndarray
    noise: np.ndarray
    shares: np.ndarray


def class_confusion(source, codes, target, n_classes, source_weight=None, target_weight=None):
    """Confusion of features (n, n_features) of both domains; rows of weight 1 unless given."""
    w, v = row_weights(source_weight, len(codes)), row_weights(target_weight, len(target))
    members = np.zeros((len(codes), n_classes))
    members[np.arange(len(codes)), codes] = w
    totals = members.sum(axis=0)
    members /= np.where(totals > 0, totals, 1)
    matrix = source.T @ members
    squares = np.square(source).sum(axis=1) @ members - np.square(matrix).sum(axis=0)
    return Confusion(
        matrix,
        v @ target / v.sum(),
        np.maximum(squares, 0) / np.maximum(totals, 1),
        totals / w.sum(),
    )


def posterior_confusion(S, codes, T, soft=True, source_weight=None, target_weight=None):
    """Confusion of posteriors, or of the predictions by them."""
    n_classes = S.shape[1]
    if not soft:
        S, T = _one_hot(S), _one_hot(T)
    return class_confusion(S, codes, T, n_classes, source_weight, target_weight)


def _one_hot(posteriors):
    """The most probable class, the first of several."""
    return np.eye(posteriors.shape[1])[posteriors.argmax(axis=1)]


def mixture_priors(confusion):
    """Proportions, over the classes that the source has, whose mixture is nearest to the target."""
    present = confusion.shares > 0
    priors = np.zeros(len(present))
    priors[present] = nearest_to_zero(confusion.matrix[:, present] - confusion.target[:, None])
    return priors


def condition_number(confusion):
    """Largest over smallest singular value, infinite where that is 0 up to rounding."""
    values = np.linalg.svd(confusion.matrix, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 1e-14 * values[0] else np.inf


def inseparable_classes(confusion):
    """Numbers of the classes that cannot be told apart, none where all can be.

    With the unit vector v for which ``|A v|`` is least, A the confusion matrix: proportions p and
    p + t v look alike where ``|A v|^2`` is no larger than twice what the sampling error of A alone
    leads to, ``sum_c v_c^2 noise_c``. The classes are those with the large entries of v.
    """
    _, values, right = np.linalg.svd(confusion.matrix)
    v = right[-1]
    noise = np.square(v) @ confusion.noise
    if values[-1] ** 2 > max(2 * noise, 1e-20):
        return np.array([], dtype=int)
    return np.flatnonzero(abs(v) >= abs(v).max() / 2)


def warn_inseparable(confusion, classes, name):
    """Name the classes, if any, whose proportions the rows do not tell."""
    found = classes[inseparable_classes(confusion)].tolist()
    if not found:
        return
    told = ", ".join(map(repr, found[:5])) + (", ..." if len(found) > 5 else "")
    warn_caller(
        f"{name}: the classes {told} cannot be told apart by what is known of the source rows "
        f"(condition number of the confusion {condition_number(confusion):.2g}), so how they share "
        "the target among them is a guess; see interval_. Merge them, or pass an estimator that "
        "separates them or more source rows."
    )
