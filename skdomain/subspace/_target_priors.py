"""Proportions of the classes in the target: given, or estimated from embedding to embedding."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skdomain._estimators import fit_weighted, takes_weights
from skdomain.metrics import class_mixture_discrepancy
from skdomain.mmd import check_class_shares

PRIORS = {"target_priors": [StrOptions({"estimate"}), "array-like", dict, None]}


def is_estimated(target_priors):
    """Whether the parameter asks for an estimate."""
    return isinstance(target_priors, str)


def first_priors(target_priors, X, source, codes, classes):
    """Proportions to start from, of shape (n_classes,), or None where none are wanted.

    Estimates start from the rows as they are.
    """
    if target_priors is None:
        return None
    if is_estimated(target_priors):
        return mixture_of(X, source, codes)
    return check_class_shares(target_priors, classes)


def mixture_of(Z, source, codes):
    """Proportions of the mixture of source classes that is nearest to the target rows.

    That of :func:`skdomain.metrics.class_mixture_discrepancy`; the shares of the source where there
    are no target rows.
    """
    if source.all():
        return np.bincount(codes) / len(codes)
    return class_mixture_discrepancy(Z[source], codes, Z[~source])[1]


def fit_with_priors(model, Z, y, codes, priors, n_target):
    """Fit to source rows that weigh ``q_c / p_c``, if the model takes weights and there are priors.

    A class whose q_c is 0 weighs as half a target row would, so that the model still knows of it.
    """
    if priors is None or not takes_weights(model):
        return model.fit(Z, y)
    least = 0.5 / max(n_target, 1)
    weights = np.maximum(priors, least) / (np.bincount(codes) / len(codes))
    return fit_weighted(model, Z, y, weights[codes])


def refuse_blocks(name):
    """Say that estimates need all rows in memory."""
    raise ValueError(
        f"{name} takes rows in blocks with target_priors that are given, not with 'estimate', "
        "which compares all pairs of rows. Pass proportions, such as those that "
        "skdomain.metrics.class_mixture_discrepancy finds on some of the rows, or X.to_array() (of "
        "dask: X.compute())."
    )
