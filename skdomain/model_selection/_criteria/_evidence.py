"""What a criterion sees: rows, domains, labels of the source, and what the model says."""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples, check_consistent_length

from skdomain._domains import check_sample_domain, labels_at, new_domains
from skdomain._estimators import call_with_domains


class Side(NamedTuple):
    """Rows of one side, source or target, and their domains."""

    X: object
    sample_domain: np.ndarray

    @property
    def n_rows(self):
        """Number of rows."""
        return _num_samples(self.X)


class Evidence:
    """A fitted model and rows of both domains that it may or may not have seen.

    Parameters
    ----------
    estimator : estimator
        Fitted classifier, regressor or pipeline.
    X : array-like of shape (n_samples, n_features)
        Rows.
    y : array-like of shape (n_samples,) or None
        Labels; those of target rows are not read.
    sample_domain : array-like of shape (n_samples,), default=None
        Positive integers for source rows, negative for target rows; None: all are target rows.
    source : tuple (Xs, ys) or (Xs, ys, sample_domain), default=None
        Labelled source rows to take where X holds none; their domain is 1 unless given.

    Attributes
    ----------
    source, target : Side
        Rows and domains of each side, in their order.
    y_source : ndarray of shape (n_source,) or None
        Labels of the source rows.
    """

    def __init__(self, estimator, X, y=None, sample_domain=None, source=None):
        check_consistent_length(X, y)
        self.estimator = estimator
        domains = new_domains(sample_domain, _num_samples(X))
        rows, others = np.flatnonzero(domains > 0), np.flatnonzero(domains < 0)
        self._is_told = sample_domain is not None
        self.target = Side(_safe_indexing(X, others), domains[others])
        if len(rows) or source is None:
            self.source = Side(_safe_indexing(X, rows), domains[rows])
            self.y_source = None if y is None else labels_at(y, rows)
        else:
            self.source, self.y_source = held_out(source)

    @property
    def classes(self):
        """Classes of the classifier, in the order of the columns of probabilities."""
        return self.estimator.classes_

    @cached_property
    def source_labels(self):
        """Predicted labels or values of the source rows, predicted as source rows."""
        return self.call("predict", self.source)

    @cached_property
    def target_labels(self):
        """Predicted labels or values of the target rows."""
        return self.call("predict", self.target)

    @cached_property
    def source_proba(self):
        """Class probabilities of the source rows, predicted as source rows."""
        return self._proba(self.source)

    @cached_property
    def target_proba(self):
        """Class probabilities of the target rows."""
        return self._proba(self.target)

    @cached_property
    def source_features(self):
        """Source rows as the classifier's own transformation, or the steps before it, give them."""
        return self._features(self.source)

    @cached_property
    def target_features(self):
        """Target rows as the classifier's own transformation, or the steps before it, give them."""
        return self._features(self.target)

    def call(self, method, side):
        """What a method of the model says of the rows of one side."""
        return self._call(self.estimator, method, side)

    def _call(self, model, method, side):
        # Target rows whose domain nobody named are passed as such: the model may know it.
        named = self._is_told or (side.sample_domain > 0).all()
        domains = side.sample_domain if named else None
        return call_with_domains(model, method, side.X, sample_domain=domains)

    def _proba(self, side):
        if hasattr(self.estimator, "predict_proba"):
            return self.call("predict_proba", side)
        if not hasattr(self.estimator, "decision_function"):
            raise ValueError(
                f"{type(self.estimator).__name__} has neither predict_proba nor decision_function; "
                "choose a classifier that has one, or a criterion that needs labels only."
            )
        values = self.call("decision_function", side)
        if values.ndim == 1:
            return np.column_stack([expit(-values), expit(values)])
        if values.shape[1] != len(self.classes):
            raise ValueError(
                f"decision_function of {type(self.estimator).__name__} has {values.shape[1]} "
                f"columns for {len(self.classes)} classes, as one value a pair of classes makes "
                'them; take one value a class, in SVC by decision_function_shape="ovr".'
            )
        return softmax(values, axis=1)

    def _features(self, side):
        model = self.estimator
        if isinstance(model, Pipeline) and len(model) > 1 and not hasattr(model, "transform"):
            model = model[:-1]
        rows = self._call(model, "transform", side) if hasattr(model, "transform") else side.X
        rows = rows if sparse.issparse(rows) else np.asarray(rows)
        if rows.ndim != 2:
            raise ValueError(
                f"the criterion compares tables of numbers, but the rows that reach "
                f"{type(self.estimator).__name__} have {rows.ndim} dimension(s). Put the step that "
                "makes tables of them before the classifier: make_pipeline(TfidfVectorizer(), "
                "TruncatedSVD(), SourceOnly(classifier)); or choose a criterion that reads "
                "predictions alone, such as CircularValidation()."
            )
        return rows


_KEPT = ContextVar("_KEPT", default=None)


@contextmanager
def evidence_is_shared():
    """Criteria that are asked inside of this context about the same objects share what they see.

    So a fitted model is asked once what it says of the rows that several criteria judge it on.
    """
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def evidence_of(*asked):
    """:class:`Evidence` of some arguments, or the one that is kept of the same objects."""
    kept = _KEPT.get()
    if kept is None:
        return Evidence(*asked)
    key = tuple(map(id, asked))  # of objects that are held, so that no other gets their number
    if key not in kept:
        kept[key] = asked, Evidence(*asked)
    return kept[key][1]


def held_out(source):
    """Side and labels of source rows that are not among the rows to judge on."""
    if len(source) not in (2, 3):
        raise ValueError(
            f"source holds {len(source)} entries; pass (Xs, ys) or (Xs, ys, sample_domain)."
        )
    X, y, sample_domain = (*source, None)[:3]
    check_consistent_length(X, y)
    n_samples = _num_samples(X)
    domains = np.ones(n_samples, dtype=np.int64)
    if sample_domain is not None:
        domains = check_sample_domain(sample_domain, n_samples)
    if not n_samples or (domains < 0).any():
        raise ValueError(
            f"source=(Xs, ys) holds {n_samples} rows, {(domains < 0).sum()} of them target rows; "
            "pass labelled source rows only, at least one."
        )
    return Side(X, domains), labels_at(y, slice(None))
