"""How much each of several sources counts for a target: weights of sum 1, one a source."""

import numpy as np
from scipy.optimize import nnls
from sklearn.utils import check_array

from skdomain._kernels import gamma_of
from skdomain.metrics import mmd

UNIQUE = 1e-8  # of the mean squared residual: what makes models that agree share their weight


def inverse_weights(losses):
    """Weights in proportion to ``1 / loss_k``; sources without loss share all, if there are any.

    Parameters
    ----------
    losses : ndarray of shape (n_sources,)
        At least 0.

    Returns
    -------
    ndarray of shape (n_sources,)
    """
    perfect = losses == 0
    shares = perfect.astype(float) if perfect.any() else losses.min() / losses
    return shares / shares.sum()


def gain_weights(right, n_classes):
    """Weights in proportion to ``max(0, a_k - 1 / C)``, a_k the accuracy; equal if all are 0.

    Parameters
    ----------
    right : ndarray of shape (n_sources, n_rows), bool
        Whether the model of each source is right about each row.
    n_classes : int
        C.

    Returns
    -------
    ndarray of shape (n_sources,)
    """
    gains = np.maximum(right.mean(axis=1) - 1 / n_classes, 0)
    gains = gains if gains.any() else np.ones(len(gains))
    return gains / gains.sum()


def stacked_weights(residuals):
    """The w of the simplex that minimises ``|sum_k w_k r_k|^2``, the residuals of the mixture.

    With the columns r_k of R, ``u = argmin_{u >= 0} |R u|^2 + (sum(u) - 1)^2`` is that w up to its
    sum: the conditions of optimality are the same. A ridge of 1e-8 of the mean ``|r_k|^2`` is added
    to R'R, so that models that agree get equal weights and the minimum is unique.

    Parameters
    ----------
    residuals : ndarray of shape (n_sources, n_values)
        Values that the model of each source predicts, less the true ones.

    Returns
    -------
    ndarray of shape (n_sources,)
    """
    square = np.square(residuals).sum(axis=1).mean()
    if square == 0:
        return np.full(len(residuals), 1 / len(residuals))
    ridge = np.sqrt(UNIQUE) * np.eye(len(residuals))
    rows = [residuals.T / np.sqrt(square), ridge, np.ones((1, len(residuals)))]
    right = np.zeros(sum(map(len, rows)))
    right[-1] = 1
    shares = nnls(np.vstack(rows), right)[0]
    return shares / shares.sum()


def discrepancy_weights(sources, Xt):
    """Weights in proportion to ``1 / MMD^2``, of each source to the target.

    Parameters
    ----------
    sources : list of ndarray of shape (n_rows_k, n_features)
        Rows of each source.
    Xt : ndarray of shape (n_target, n_features)
        Rows of the target.

    Returns
    -------
    ndarray of shape (n_sources,)
        With the rbf kernel whose width is 1 over the median squared distance of all rows, so that
        it is the same for each source.
    """
    *sources, Xt = (check_array(X, dtype=np.float64, input_name="X") for X in (*sources, Xt))
    gamma = gamma_of("median", *sources, Xt)
    return inverse_weights(np.array([mmd(Xs, Xt, gamma=gamma) for Xs in sources]))
