"""What the classifiers that are scored on target rows share."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from skdomain._domains import target_rows


class DomainClassifierMixin(ClassifierMixin):
    """Classifier whose ``fit`` takes ``sample_domain`` and which is scored on target rows."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__decision_function = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}

    def score(self, X, y, sample_weight=None, sample_domain=None):
        """Accuracy on the target rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to predict. :class:`~skdomain.RowBlocks` and dask arrays where ``predict`` says
            so.
        y : array-like of shape (n_samples,)
            True labels; only those of target rows are read.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            Share of the target rows predicted right, in [0, 1].

        Raises
        ------
        ValueError
            If there is no target row.
        """
        X, y, sample_weight = target_rows(X, y, sample_weight, sample_domain)
        return accuracy_score(y, np.asarray(self.predict(X)), sample_weight=sample_weight)
