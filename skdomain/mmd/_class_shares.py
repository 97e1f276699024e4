"""Proportions of the classes, as a caller gives them."""

from collections.abc import Mapping

import numpy as np

_ROUNDING = 1e-6


def check_class_shares(target_priors, classes):
    """Proportions in float64, of shape (n_classes,), from a vector or a dictionary.

    Parameters
    ----------
    target_priors : array-like of shape (n_classes,) or dict
        In the order of the classes, or by class.
    classes : ndarray of shape (n_classes,)
        Sorted.

    Raises
    ------
    ValueError
        If a class has none or two, or they are not at least 0 and of sum 1.
    """
    if isinstance(target_priors, Mapping):
        target_priors = _in_order(target_priors, classes)
    q = np.asarray(target_priors, dtype=np.float64)
    if q.shape != (len(classes),):
        raise ValueError(
            f"target_priors has shape {q.shape}, and the source has {len(classes)} classes, "
            f"{classes.tolist()}; pass one proportion a class, in this order or as a dictionary."
        )
    if not (q.min() >= 0 and abs(q.sum() - 1) <= _ROUNDING):
        raise ValueError(
            f"target_priors must be proportions, at least 0 and of sum 1; got {q.tolist()} of sum "
            f"{q.sum():.6g}. Divide counts by their sum."
        )
    return q / q.sum()


def _in_order(by_class, classes):
    """Values of a dictionary in the order of the classes, which are its keys."""
    known = classes.tolist()
    if {*by_class} != {*known}:
        raise ValueError(
            f"target_priors has the keys {[*by_class]}, and the classes of the source are {known}; "
            "give each of them a proportion, 0 where the target lacks it."
        )
    return [by_class[c] for c in known]
