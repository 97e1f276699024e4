"""Checks that leave the rest of the validation to the wrapped estimator."""

from collections.abc import Mapping

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skdomain._rows import is_frame


def validate_as_given(estimator, X, *, reset):
    """Note or compare the features of X; a data frame stays one, all else becomes an array.

    Texts, or dictionaries, become an array of objects of shape (n_samples,). Rows may have more
    than one dimension.
    """
    if _holds_texts(X):
        X = np.asarray(X, dtype=object)
    elif not is_frame(X):
        X = check_array(
            X,
            accept_sparse="csr",
            dtype=None,
            ensure_all_finite=False,
            allow_nd=True,
            estimator=estimator,
        )
    return validate_data(estimator, X, skip_check_array=True, reset=reset)


def _holds_texts(X):
    """Whether X has one dimension and entries that a vectorizer takes, not numbers."""
    if not isinstance(X, list | tuple) and len(getattr(X, "shape", ())) != 1:
        return False
    return any(isinstance(entry, str | bytes | Mapping) for entry in X)
