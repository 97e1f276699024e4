"""Checks that leave the rest of the validation to the wrapped estimator."""

from sklearn.utils import check_array
from sklearn.utils.validation import validate_data


def validate_as_given(estimator, X, *, reset):
    """Note or compare the features of X; a data frame stays one, all else becomes an array."""
    if not hasattr(X, "iloc"):
        X = check_array(
            X, accept_sparse="csr", dtype=None, ensure_all_finite=False, estimator=estimator
        )
    return validate_data(estimator, X, skip_check_array=True, reset=reset)
