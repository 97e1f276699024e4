"""Proportions of the classes in the target: given, or estimated from embedding to embedding."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skdomain._estimators import fit_weighted, takes_weights
from skdomain.label_shift import em_priors

TARGET_PRIORS = {"target_priors": [StrOptions({"estimate"}), "array-like", dict, None]}


def is_estimated(target_priors):
    """Whether the parameter asks for an estimate."""
    return isinstance(target_priors, str)


def confusion_em_priors(held_out, codes, predicted):
    """Proportions that make the labels predicted of the target rows most likely, and one row more.

    Of a row of which class i is predicted, ``p(c | i)`` is the share of class c among the source
    rows of which i is predicted by models that were not trained on them. These posteriors are
    calibrated, whatever the classifier, and their mean is p. A class that is predicted of no such
    row tells nothing. The further row is of class c with probability p_c, and known: it decides
    between proportions that are equally likely, as those of classes that are never told apart.

    Parameters
    ----------
    held_out, codes : ndarray of shape (n_source,), int
        Classes predicted of source rows, and their own.
    predicted : ndarray of shape (n_target,), int
        Classes predicted of target rows.

    Returns
    -------
    ndarray of shape (n_classes,)
        p where there are no target rows.
    """
    counts = np.bincount(codes)
    joint = np.zeros((len(counts), len(counts)))
    np.add.at(joint, (held_out, codes), 1)
    joint[~joint.any(axis=1)] = counts
    posteriors = joint / joint.sum(axis=1, keepdims=True)
    p, found = counts / len(codes), np.bincount(predicted, minlength=len(counts))
    rows = np.vstack([posteriors, np.eye(len(p))])
    return em_priors(rows, p, sample_weight=np.append(found, p))[0]


def fit_with_priors(model, Z, y, codes, priors, n_target):
    """Fit to source rows that weigh ``q_c / p_c``, if the model takes weights and there are priors.

    A class whose q_c is 0 weighs as half a target row would, so that the model still knows of it.
    """
    if priors is None or not takes_weights(model):
        return model.fit(Z, y)
    least = 0.5 / max(n_target, 1)
    weights = np.maximum(priors, least) / (np.bincount(codes) / len(codes))
    return fit_weighted(model, Z, y, weights[codes])
