"""What estimators share that correct the predictions of a source's model."""

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import validate_data

from skdomain._estimators import TAKES_SPARSE, fit_weighted
from skdomain._rows import is_frame
from skdomain.transfer._few_labels import few_labels, is_source_free

_SAME = 1e-5  # of the largest value, within which predictions are those of linear weights
STARTS_FROM = TAKES_SPARSE | {
    "which": "Rows of any domain; sparse ones where the source's model takes them."
}


class StartsFromSource:
    """Trains the source's model, or takes it as it is where it is frozen, and asks it.

    A subclass says in ``_default_source()`` what to train where nothing is given.
    """

    _source_constraints: dict = {"source_estimator": [HasMethods(["fit", "predict"]), None]}

    def _begin(self, X, y, sample_domain, sample_weight, labelled):
        """Validated rows of X, those of them that are learned from, and the source's model."""
        free, given = is_source_free(self.source_estimator), X
        X = self._numbers(X, reset=True)
        few = few_labels(self, X, y, sample_domain, sample_weight, labelled, source_free=free)
        if free:
            self.source_estimator_ = self.source_estimator
        else:
            rows, labels, weights = few.part(source=True)
            model = self._to_train(X[rows], weights)
            if sample_weight is None:
                self.source_estimator_ = model.fit(X[rows], labels)
            else:
                self.source_estimator_ = fit_weighted(model, X[rows], labels, weights)
        return (given if is_frame(given) else X), X, few

    def _at(self, given, X, rows):
        """Some of the rows, as they were given and as numbers."""
        return _safe_indexing(given, rows), X[rows]

    def _as_trained(self, given, X):
        """Rows as the source's model knows them: a frame only if it was trained on one."""
        named = is_frame(given) and hasattr(self.source_estimator_, "feature_names_in_")
        return given if named else X

    def _to_train(self, X, s):
        """What is trained on the source rows, of these weights."""
        return clone(self._inner())

    def _inner(self):
        return self._default_source() if self.source_estimator is None else self.source_estimator

    def _numbers(self, X, *, reset):
        return validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset
        )

    def _new_rows(self, X):
        numbers = self._numbers(X, reset=False)
        return X if is_frame(X) else numbers

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self._inner()).input_tags.sparse
        return tags


def cautious_inverse_penalty(X, s):
    """The smaller of 1 and 30 divided by the sum of the variances of the features.

    Under a prior ``w ~ N(0, C I)``, C times that sum is how much scores vary from row to row. With
    hundreds of features of variance 1, C = 1 expects scores of 20 and more, odds of e^20 to 1.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    s : ndarray of shape (n_samples,), weights
    """
    total = StandardScaler(with_mean=False).fit(X, sample_weight=s).var_.sum()
    return 30 / max(total, 30.0)


def linear_part(model, ask, given, X):
    """Weights and intercepts of a model that says ``X coef' + intercept``, None of any other.

    Parameters
    ----------
    model : estimator
    ask : callable
        ``ask(model, given)`` is what it says of rows.
    given, X : rows to see by, as the model takes them and as numbers

    Returns
    -------
    tuple of ndarrays of shape (n_outputs, n_features) and (n_outputs,), or None
    """
    coef, intercept = getattr(model, "coef_", None), getattr(model, "intercept_", None)
    if coef is None or intercept is None or np.shape(coef)[-1:] != X.shape[1:]:
        return None
    coef = np.atleast_2d(coef.toarray() if sparse.issparse(coef) else coef)
    intercept = np.broadcast_to(np.ravel(intercept), len(coef))
    said = ask(model, given).reshape(X.shape[0], -1)
    if said.shape[1] != len(coef):
        return None
    rest = X @ coef.T + intercept - said
    return (coef, intercept) if np.abs(rest).max() <= _SAME * max(np.abs(said).max(), 1) else None
