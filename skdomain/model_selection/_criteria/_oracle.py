"""The accuracy or error on the target: what every other criterion has to guess."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skdomain._domains import labels_at, missing_labels, new_domains
from skdomain.model_selection._criteria._gains import row_gains
from skdomain.model_selection._criteria._scorer import DomainScorer, mean_estimate


class Oracle(DomainScorer):
    """Accuracy on the target rows, or less the mean squared error, by their true labels.

    The only criterion that reads labels of target rows. It is no way to choose a model, but the
    measure of those that are.

    See Also
    --------
    CircularValidation : Reads no label of the target.

    Notes
    -----
    The standard error is that of a mean: ``sqrt(a (1 - a) / (n - 1))`` for the accuracy a on n
    target rows.

    Examples
    --------
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.model_selection import Oracle
    >>> X, y, d = [[0.0], [1.0], [0.1], [0.9]], ["a", "b", "a", "a"], [1, 1, -2, -2]
    >>> Oracle()(SourceOnly().fit(X, y, sample_domain=d), X, y, sample_domain=d)
    0.5
    """

    _judges_regressors = True

    def estimate(
        self, estimator: Any, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> Any:
        """Accuracy, or less the mean squared error, on the target rows and its standard error.

        Parameters
        ----------
        estimator : estimator
            Fitted classifier, regressor or pipeline.
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            True labels or values; only those of target rows are read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        Estimate
            ``(value, standard_error)``.

        Raises
        ------
        ValueError
            If there is no target row or one without a label.
        """
        evidence = self._evidence(estimator, X, y, sample_domain)
        n = evidence.target.n_rows
        known = [None] * n
        if y is not None:
            known = labels_at(y, np.flatnonzero(new_domains(sample_domain, len(y)) < 0))
        n_missing = int(missing_labels(known).sum())
        if n_missing:
            raise ValueError(
                f"Oracle reads the labels of the target rows, and {n_missing} of {n} have none; "
                "choose a criterion that needs no labels of the target."
            )
        return mean_estimate(row_gains(estimator, known, evidence.target_labels))
