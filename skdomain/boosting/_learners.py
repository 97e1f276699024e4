"""The learners that boosting takes by default: linear, on standardised rows, and kept small."""

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import check_sample_weight

PENALTY = 10.0  # of the ridge, whose weights add up to the number of rows
STRENGTH = 0.03  # C of the logistic regression; docs/boosting.md says what it was chosen by
_CONSTANT = 1e-12  # of the largest value, below which a deviation is rounding
_ROWS = {"accept_sparse": "csr", "dtype": [np.float64, np.float32]}


class UnitDeviation(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Divide each feature by its standard deviation over the weighted rows; constants stay.

    A model with a free intercept needs no centring, so sparse rows stay sparse. scikit-learn's
    ``StandardScaler`` can end with the root of a negative number where weights make a constant
    feature vary by rounding.
    """

    def fit(self, X, y=None, sample_weight=None):
        """Find the deviations."""
        X = validate_data(self, X, **_ROWS)
        weight = check_sample_weight(sample_weight, X.shape[0])
        shares = weight / weight.sum()
        mean = shares @ X
        if sparse.issparse(X):
            square = shares @ X.multiply(X).tocsr() - mean**2
            largest = abs(X).max(axis=0).toarray().ravel()
        else:
            square, largest = shares @ np.square(X - mean), np.abs(X).max(axis=0)
        deviation = np.sqrt(np.maximum(square, 0))
        self.scale_ = np.where(deviation > _CONSTANT * largest, deviation, 1.0)
        return self

    def transform(self, X):
        """Divide by the deviations."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **_ROWS)
        scale = self.scale_.astype(X.dtype)
        return X.multiply(1 / scale).tocsr() if sparse.issparse(X) else X / scale

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def default_classifier():
    """Logistic regression with C = 0.03 on rows of standard deviation 1 in each feature."""
    return _on_unit_deviations(LogisticRegression(C=STRENGTH, max_iter=1000))


def default_regressor():
    """Ridge regression with alpha = 10 on rows of standard deviation 1 in each feature."""
    return _on_unit_deviations(Ridge(alpha=PENALTY))


def _on_unit_deviations(learner):
    with config_context(enable_metadata_routing=True):
        scaler = UnitDeviation().set_fit_request(sample_weight=True)
        return make_pipeline(scaler, learner.set_fit_request(sample_weight=True))
