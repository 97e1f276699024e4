"""Metrics of a confusion matrix, by scikit-learn's functions of labels and weights."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn import config_context

from skdomain.model_selection._criteria._target_scorer import TargetScorer


def metric_of_confusion(metric):
    """Function of a confusion matrix, whose rows are true classes, and of the classes.

    Parameters
    ----------
    metric : str or callable
        As in :func:`make_target_scorer`: of labels, and taking ``sample_weight``.

    Returns
    -------
    callable
        ``value(confusion, classes)``: the metric of one pair of labels for each cell that is not
        empty, weighted by the cell. NaN where the metric is not defined.

    Raises
    ------
    ValueError
        If there is no such scorer, or it reads more than labels.
    """
    if metric == "accuracy":
        return lambda confusion, classes: float(np.trace(confusion) / confusion.sum())
    scorer = TargetScorer(metric)._stock_scorer()
    if scorer._response_method != "predict":
        raise ValueError(
            f"metric={metric!r} reads {scorer._response_method}, and what is expected is a "
            'confusion of labels; pass a metric of labels, such as "f1_macro".'
        )

    def value(confusion, classes):
        i, j = np.nonzero(confusion)
        labels = np.asarray(classes)[i], np.asarray(classes)[j]
        weights = {"sample_weight": confusion[i, j]}
        with warnings.catch_warnings(), config_context(skip_parameter_validation=True):
            warnings.simplefilter("ignore")  # of a draw that lacks a class
            return float(scorer._sign * scorer._score_func(*labels, **weights, **scorer._kwargs))

    return value


class ClassAccuracy(NamedTuple):
    """What is expected of a class: its share of the target, recall and precision.

    The recall is the share of its rows that are predicted right, the precision that of the rows
    which are predicted as it; each with the ends of its interval, NaN where there are no such rows.
    """

    share: float
    recall: float
    recall_interval: tuple
    precision: float
    precision_interval: tuple


def recalls(confusion):
    """``C_ii / sum_j C_ij``, of shape (..., n_classes); NaN for a class without rows."""
    return _shares(confusion, axis=-1)


def precisions(confusion):
    """``C_jj / sum_i C_ij``, of shape (..., n_classes); NaN for a class that is not predicted."""
    return _shares(confusion, axis=-2)


def _shares(confusion, axis):
    right, rows = np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=axis)
    return np.divide(right, rows, out=np.full(rows.shape, np.nan), where=rows > 0)
