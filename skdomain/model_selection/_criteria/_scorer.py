"""Criteria that judge a fitted model on the target without a label of the target.

A criterion sees :class:`Evidence`: the rows, the domains, the labels of the source and what the
model says, and no label of the target. All judge classifiers, and some regressors as well.
"""

from abc import abstractmethod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import _num_samples, assert_all_finite

from skdomain._domains import missing_labels
from skdomain.model_selection._criteria._evidence import evidence_of


class Estimate(NamedTuple):
    """Value of a criterion, higher is better, and its standard error, NaN where none is known."""

    value: float
    standard_error: float = np.nan


def mean_estimate(values):
    """Mean of independent values and its standard error, NaN for a single one."""
    n = len(values)
    error = np.std(values, ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return Estimate(float(np.mean(values)), float(error))


class DomainScorer(BaseEstimator):
    """Criterion usable as ``scoring=``; a subclass gives its :class:`Estimate` in ``_judge``."""

    _parameter_constraints: dict = {}
    _judges_regressors = False

    def __call__(self, estimator, X, y=None, sample_domain=None):
        """Value of the criterion; higher is better.

        Parameters
        ----------
        estimator : estimator
            Fitted classifier or, where the criterion judges them, regressor, or a pipeline.
        X : array-like of shape (n_samples, n_features)
            Rows of both domains, best such as were not fitted to.
        y : array-like of shape (n_samples,), default=None
            Labels of the source rows; what it holds on target rows is not read, but by the
            criterion that is named for it, :class:`Oracle`.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.

        Returns
        -------
        float
            The value.

        Raises
        ------
        ValueError
            As :meth:`estimate`.
        """
        return self.estimate(estimator, X, y, sample_domain).value

    def estimate(
        self, estimator: Any, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> Estimate:
        """Value of the criterion and its standard error.

        Parameters
        ----------
        estimator, X, y, sample_domain
            As in a call of the criterion.

        Returns
        -------
        Estimate
            ``(value, standard_error)``; the error is NaN where theory gives none.

        Raises
        ------
        ValueError
            If a parameter is not valid, the estimator is a regressor and the criterion judges
            classifiers alone, rows that it needs are missing or the classifier lacks a method.
        """
        self._validate_params()
        return self._judge(self._evidence(estimator, X, y, sample_domain))

    def get_metadata_routing(self) -> MetadataRequest:
        """Metadata that the criterion asks for: the domains.

        Returns
        -------
        MetadataRequest
            What scikit-learn's routing reads.
        """
        # Class attributes would do for an estimator, which has the method that is asked for.
        request = MetadataRequest(owner=self)
        request.score.add_request(param="sample_domain", alias=True)
        return request

    def _evidence(self, estimator, X, y, sample_domain, source=None):
        if is_regressor(estimator) and not self._judges_regressors:
            raise ValueError(
                f"{type(self).__name__} judges classifiers, but {type(estimator).__name__} is a "
                "regressor, which has no classes. CircularValidation, ClassMixture, "
                "DeepEmbeddedValidation and ImportanceWeighted judge regressors; with labels of "
                'the target, so do Oracle and make_target_scorer("r2").'
            )
        evidence = evidence_of(estimator, X, y, sample_domain, source)
        if not evidence.target.n_rows:
            raise ValueError(
                f"{type(self).__name__} judges on target rows and got none among "
                f"{_num_samples(X)} rows; split with a splitter of skdomain.model_selection, whose "
                "test folds hold target rows."
            )
        return evidence

    @abstractmethod
    def _judge(self, evidence):
        """Estimate from :class:`Evidence`."""


class SourceScorer(DomainScorer):
    """Criterion that needs labelled source rows: those given, else those of its ``source``."""

    def _evidence(self, estimator, X, y, sample_domain):
        evidence = super()._evidence(estimator, X, y, sample_domain, self.source)
        name = type(self).__name__
        if not evidence.source.n_rows:
            raise ValueError(
                f"{name} needs labelled source rows and got none among {_num_samples(X)} rows. "
                "Either enable scikit-learn's metadata routing, pass sample_domain to fit and "
                "split with one whose test folds hold source rows, such as DomainShuffleSplit; "
                f"or hand it held-out source rows: {name}(source=(Xs, ys))."
            )
        if evidence.y_source is None:
            raise ValueError(f"{name} needs the labels of the source rows, but y is None.")
        n_missing = int(missing_labels(evidence.y_source).sum())
        if n_missing:
            raise ValueError(
                f"{name} needs the labels of all source rows, but y is missing in {n_missing} of "
                f"{evidence.source.n_rows}; label these rows or leave them out."
            )
        assert_all_finite(evidence.y_source, input_name="y of the source rows")
        return evidence
