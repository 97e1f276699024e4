"""What the transformers of both domains share."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import TransformerMixin


class DomainTransformerMixin(TransformerMixin):
    """Transformer whose ``fit`` and ``transform`` take ``sample_domain``."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__transform = {"sample_domain": True}

    def fit_transform(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> np.ndarray:
        """Fit to X and return X transformed, its rows in the order they came in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains, in any order and in the forms that ``fit`` takes.
        y : array-like of shape (n_samples,), default=None
            Labels, for the methods that use those of the source rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out), or RowBlocks or a dask array if X is
            The same as ``fit(X, y, sample_domain).transform(X, sample_domain)``; of blocks and
            dask arrays, computed when it is read.
        """
        return self.fit(X, y, sample_domain=sample_domain).transform(X, sample_domain=sample_domain)
