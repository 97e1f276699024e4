"""Expected confusion of a classifier on the target: share of the rows of class i predicted as j.

Functions of posteriors and weights of rows; every matrix they return has the sum 1. In the formulas
f is what is predicted, P are calibrated posteriors, s are source rows that the classifier was not
fitted to and t target rows.
"""

import numpy as np

_DIGITS = 9  # scores that differ by less are ties: rounding tells no rows apart


def calibrated_confusion(posteriors, predicted, weight=None):
    """Equation (1), ``C_ij = mean_t P_i(x_t) [f(x_t) = j]``; its trace is the mean confidence."""
    weighted = posteriors if weight is None else posteriors * weight[:, None]
    joint = weighted.T @ np.eye(posteriors.shape[1])[predicted]
    return joint / joint.sum()


def residual_confusion(posteriors, codes, predicted, weight=None):
    """Equation (2), ``mean_s ([y_s = i] - P_i(x_s)) [f(x_s) = j]``: what (1) misses there."""
    seen = counted_confusion(codes, predicted, posteriors.shape[1], weight)
    return seen - calibrated_confusion(posteriors, predicted, weight)


def counted_confusion(codes, predicted, n_classes, weight=None):
    """Equation (3), ``C_ij = sum_s w_s [y_s = i] [f(x_s) = j] / sum_s w_s``."""
    weight = np.ones(len(codes)) if weight is None else weight
    cells = np.bincount(codes * n_classes + predicted, weight, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes) / weight.sum()


def mixture_confusion(codes, predicted, priors, weight=None):
    """Equation (4), ``C_ij = q_i P_s(f = j | y = i)`` with the priors q of the target.

    A class of which the source has no row is taken to be predicted as itself.
    """
    K = len(priors)
    counted = counted_confusion(codes, predicted, K, weight)
    share = counted.sum(axis=1, keepdims=True)
    return priors[:, None] * np.divide(counted, share, out=np.eye(K), where=share > 0)


def negative_entropy(posteriors):
    """``sum_c P_c log P_c``, highest where a row is surest; rounded, so that ties are ties."""
    logs = np.log(np.where(posteriors > 0, posteriors, 1))
    return np.round(np.sum(posteriors * logs, axis=1), _DIGITS)


def thresholded_right(scores, right, target_scores, weight=None):
    """Whether target rows are right by average thresholded confidence, in [0, 1].

    The threshold a leaves as many source rows above it as are predicted right [1]_::

        share_s(s > a) + phi share_s(s = a) = share_s(right)                        (5)

    A target row is right above it, wrong below it, and at it right with the chance phi, which is
    what the share of the source asks for: among the source rows themselves as many are right as
    are.

    References
    ----------
    .. [1] S. Garg, S. Balakrishnan, Z. C. Lipton, B. Neyshabur and H. Sedghi (2022), "Leveraging
       unlabeled data to predict out-of-distribution performance", ICLR.
    """
    weight = np.ones(len(scores)) if weight is None else weight
    levels, level = np.unique(scores, return_inverse=True)
    share = np.bincount(level.ravel(), weight) / weight.sum()
    at_least = share[::-1].cumsum()[::-1]
    accuracy = weight @ right / weight.sum()
    k = max(np.searchsorted(-at_least, -accuracy, side="right") - 1, 0)
    phi = np.clip((accuracy - (at_least[k] - share[k])) / max(share[k], 1e-300), 0, 1)
    return (target_scores > levels[k]) + phi * (target_scores == levels[k])


def shifted_accuracy(accuracy, confidence, target_confidence):
    """Equation (6), ``acc_s - (conf_s - conf_t)`` of mean confidences, within [0, 1] [1]_.

    References
    ----------
    .. [1] D. Guillory, V. Shankar, S. Ebrahimi, T. Darrell and L. Schmidt (2021), "Predicting with
       confidence on unseen distributions", ICCV.
    """
    return float(np.clip(accuracy - confidence + target_confidence, 0, 1))


def scaled_right(confidence, mean, weight=None):
    """Chances of being right with a given mean that rise with the confidence, all in [0, 1].

    The chances of being right, or of being wrong if these are too high, are multiplied by a number.
    """
    now = np.average(confidence, weights=weight)
    if mean <= now:
        return confidence * (mean / max(now, 1e-300))
    return 1 - (1 - confidence) * ((1 - mean) / (1 - now))


def right_confusion(posteriors, predicted, right, weight=None):
    """Equation (7): rows are right with known chances, and if wrong of what the posteriors say.

    ``C_ij = mean_t [f_t = j] (r_t [i = j] + (1 - r_t) [i != j] P_i(x_t) / (1 - P_j(x_t)))``, whose
    trace is the mean of r.
    """
    rows, K = np.arange(len(predicted)), posteriors.shape[1]
    wrong = np.array(posteriors)
    wrong[rows, predicted] = 0
    total = wrong.sum(axis=1, keepdims=True)
    other = (1 - np.eye(K))[predicted] / (K - 1)
    chances = np.divide(wrong, total, out=other, where=total > 0) * (1 - right)[:, None]
    chances[rows, predicted] = right
    return calibrated_confusion(chances, predicted, weight)
