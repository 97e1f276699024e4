"""What the methods share that project rows onto the unit sphere and classify by means there."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted, validate_data

from skdomain._domains import fit_domains, new_domains, source_classes
from skdomain._estimators import DomainClassifierMixin, DomainTransformerMixin

ROWS = {"dtype": [np.float64, np.float32], "order": "C"}


def unit_rows(X):
    """Rows scaled to unit norm, however short they are; a row of zeros stays."""
    largest = np.abs(X).max(axis=1, keepdims=True)
    return normalize(X / np.where(largest > 0, largest, 1.0), copy=False)


class SphereProjection(
    DomainClassifierMixin,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    DomainTransformerMixin,
    BaseEstimator,
):
    """Transformer and classifier of projected rows of unit norm.

    A subclass embeds unit rows, float64, in ``_embed(X)`` and says in ``_judge(method, Z)`` what a
    method returns for embedded ones.
    """

    _facts = DomainClassifierMixin._facts | {
        "predict": "Predict classes on the projected rows",
        "predicted": "Class labels",
        "score": "Accuracy on the target rows",
        "scored": "Share of the target rows predicted right, in [0, 1]",
    }

    def transform(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Project rows, of either domain, onto the unit sphere of the common subspace.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows: both are projected alike.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            The embedding, in the order of the rows and in their dtype.
        """
        check_is_fitted(self)
        X = self._new_rows(X)
        new_domains(sample_domain, len(X))
        return self._embed(unit_rows(X.astype(np.float64, copy=False))).astype(X.dtype, copy=False)

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _new_rows(self, X):
        return validate_data(self, X, reset=False, **ROWS)

    def _predict_rows(self, method, X, sample_domain):
        return self._judge(method, self._embed(unit_rows(X.astype(np.float64, copy=False))))

    def _fit_rows(self, X, y, sample_domain):
        """Rows of unit norm in float64, which are source rows, and the classes of these."""
        X = validate_data(self, X, ensure_min_samples=2, **ROWS)
        source = fit_domains(sample_domain, len(X), self) > 0
        y_source = source_classes(X, y, source, self)
        unit = unit_rows(X.astype(np.float64, copy=False))
        if unit.std(axis=0).max() <= 10 * np.finfo(X.dtype).eps:
            raise ValueError(
                f"{type(self).__name__} scales rows to unit norm, and then all {len(X)} rows of X, "
                f"of {X.shape[1]} feature(s), are equal up to rounding; pass rows that differ in "
                "more than their length, such as standardised ones."
            )
        return unit, source, y_source
