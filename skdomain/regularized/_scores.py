"""Classifiers whose scores are linear in a kernel, one column a class, and what scores say."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skdomain._kernels import fit_kernel, kernel_constraints, row_batches


def project_to_simplex(F):
    """The probabilities nearest to rows of scores, in Euclidean distance.

    ``p = max(f - t, 0)`` with the t for which p sums to 1; larger scores get larger probabilities.

    Parameters
    ----------
    F : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    ndarray of shape (n_samples, n_classes)

    Notes
    -----
    With the scores falling, ``f_1 >= f_2 >= ...``, t is ``(f_1 + ... + f_k - 1) / k`` for the
    largest k of which ``f_k > t``. O(n_classes log n_classes) a row.
    """
    falling = -np.sort(-F, axis=1)
    ranks = np.arange(1, F.shape[1] + 1)
    t = (np.cumsum(falling, axis=1) - 1) / ranks
    k = np.sum(falling > t, axis=1)
    return np.maximum(F - t[np.arange(len(F)), k - 1][:, None], 0)


def one_hot(codes, n_classes, rows=slice(None), n_rows=None):
    """Rows of the unit matrix; rows of zeros but at ``rows`` where there are to be ``n_rows``."""
    Y = np.zeros((len(codes) if n_rows is None else n_rows, n_classes))
    Y[rows] = np.eye(n_classes)[codes]
    return Y


class KernelClassifier(ClassifierMixin, BaseEstimator):
    """Classifier with scores ``k(x, X_fit) coefs`` or, for the linear kernel, ``x coefs``."""

    _parameter_constraints: dict = {
        **kernel_constraints("gamma", "degree", "coef0", "kernel_params"),
        "eta": [Interval(Real, 0, None, closed="neither")],
    }

    def _new_rows(self, X):
        return validate_data(self, X, dtype=[np.float64, np.float32], reset=False)

    def _mapped(self, X):
        """Rows as the kernel compares them."""
        return X

    def _fit_kernel(self, X, cosines=None):
        """Find the kernel, whose width the cosines of rows of length 1 may tell."""
        names = ("gamma", "degree", "coef0", "kernel_params")
        params = {name: getattr(self, name) for name in names}
        self._K = fit_kernel(self.kernel, X, cosines=cosines, **params)
        self.gamma_ = self._K.gamma

    def _is_primal(self, X):
        """Whether there are fewer features than rows, for the kernel that needs no others."""
        return self.kernel == "linear" and len(X) > X.shape[1]

    def _set_coefs(self, coefs, X, *, primal):
        """Keep the coefficients of the features for the linear kernel, else those of the rows."""
        if self.kernel == "linear":
            self.coef_, self.X_fit_ = (coefs if primal else X.T @ coefs).T, None
        else:
            self.coef_, self.X_fit_ = coefs.T, X.copy()

    def _scores(self, X):
        """Scores (n_samples, n_classes), a block of the kernel matrix at a time."""
        X = self._mapped(X)
        if self.X_fit_ is None:
            return X.astype(np.float64, copy=False) @ self.coef_.T
        scores = np.empty((len(X), len(self.coef_)))
        for rows in row_batches(len(X), len(self.X_fit_)):
            scores[rows] = self._K(X[rows], self.X_fit_) @ self.coef_.T
        return scores

    def _say(self, method, X):
        """What a method says of checked rows."""
        F = self._scores(X)
        if method == "predict":
            return self.classes_[F.argmax(axis=1)]
        if method == "predict_proba":
            return project_to_simplex(F)
        return F[:, 1] - F[:, 0] if F.shape[1] == 2 else F
