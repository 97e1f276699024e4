"""Rows as the numbers that weights are found on."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array

TAKE_SPARSE = "KMM, KLIEP, RuLSIF and ClassifierWeighting"


def as_numbers(estimator, X, *, accept_sparse):
    """Rows of finite numbers in float64, or an error that says what makes some of them."""
    accepted = "csr" if accept_sparse else False
    try:
        numbers = check_array(
            X,
            accept_sparse=accepted,
            dtype=[np.float64, np.float32],
            estimator=estimator,
            input_name="X",
        )
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error}\n{_remedy(estimator, X, accept_sparse)}") from error
    return numbers.astype(np.float64, copy=False)


def _remedy(estimator, X, accept_sparse):
    name = type(estimator).__name__
    if sparse.issparse(X) and not accept_sparse:
        return (
            f"{name} finds weights on dense rows; sparse ones are taken by {TAKE_SPARSE}. Or set "
            "transformer=TruncatedSVD(): the weights are found on what it makes of the rows, and "
            "the estimator inside gets them as they are."
        )
    return (
        f"{name} finds weights on finite numbers. Where the estimator inside takes other rows, "
        "such as missing values or categories, set transformer, as to "
        "make_pipeline(SimpleImputer(), StandardScaler()): the weights are found on what it makes "
        "of the rows, and the estimator gets them as they are."
    )
