"""Posteriors and priors as they are passed: finite, not negative, of sum 1."""

import numpy as np
from sklearn.utils import check_array

_ROUNDING = 1e-6


def check_posteriors(posteriors, name="posteriors"):
    """Rows of probabilities in float64, or an error that says which row is none."""
    P = check_array(posteriors, dtype=np.float64, input_name=name)
    wrong = (P.min(axis=1) < 0) | (abs(P.sum(axis=1) - 1) > _ROUNDING)
    if wrong.any():
        row = np.argmax(wrong)
        raise ValueError(
            f"{name} must hold probabilities of the classes, of sum 1 in each row; row {row} is "
            f"{P[row].tolist()}. Pass what predict_proba returns."
        )
    return P


def check_priors(priors, n_classes):
    """Priors in float64, one a class."""
    p = np.asarray(priors, dtype=np.float64)
    if p.shape != (n_classes,):
        raise ValueError(
            f"source_priors has shape {p.shape} and the posteriors have {n_classes} classes; pass "
            "one prior a class, in the order of the columns."
        )
    return check_posteriors(p[None], "source_priors")[0]


def class_ratios(priors, source_priors):
    """``q_c / p_c``, 0 for a class that the source has none of."""
    ratios = np.zeros_like(priors)
    return np.divide(priors, source_priors, out=ratios, where=source_priors > 0)


def row_weights(weight, n_rows):
    """Weights of rows as they are given, or 1 each."""
    return np.ones(n_rows) if weight is None else np.asarray(weight, dtype=np.float64)


def weighted_mean(P, weight):
    """Mean of the rows, all of weight 1 where none are given."""
    return P.mean(axis=0) if weight is None else weight @ P / weight.sum()


def check_pair(source, codes, target):
    """Posteriors of both domains and the classes of the source rows."""
    S, T = (
        check_posteriors(source, "source_posteriors"),
        check_posteriors(target, "target_posteriors"),
    )
    codes = np.asarray(codes)
    if S.shape[1] != T.shape[1]:
        raise ValueError(
            f"the posteriors have {S.shape[1]} classes in the source and {T.shape[1]} in the "
            "target; pass a column for each class of the model, in one order."
        )
    integers = codes.shape == (len(S),) and codes.dtype.kind in "iu"
    if not integers or codes.min() < 0 or codes.max() >= S.shape[1]:
        raise ValueError(
            f"codes must hold the number of the class, 0 to {S.shape[1] - 1}, of each of the "
            f"{len(S)} source rows; got shape {codes.shape} and dtype {codes.dtype}. Make them by "
            "np.unique(y, return_inverse=True)[1]."
        )
    return S, codes, T
