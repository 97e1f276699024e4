"""Two domains as functions on arrays take them: Xs, the source rows, and Xt, the target rows."""

import numpy as np
from sklearn.utils import check_array


def check_domains(Xs, Xt, *, min_rows=1, reason="pass rows of both domains", accept_sparse=False):
    """Return both domains as finite float64 arrays with the same columns, or say what is wrong."""
    options = min_rows, reason, "csr" if accept_sparse else False
    Xs, Xt = _check_rows(Xs, "Xs", *options), _check_rows(Xt, "Xt", *options)
    if Xs.shape[1] != Xt.shape[1]:
        raise ValueError(
            "Xs and Xt must have the same columns, got "
            f"{Xs.shape[1]} in Xs and {Xt.shape[1]} in Xt. Bring both domains to the same features."
        )
    return Xs, Xt


def _check_rows(X, name, min_rows, reason, accept_sparse):
    if np.ndim(X) != 2:
        raise ValueError(
            f"{name} must have 2 dimensions (rows, features), got {np.ndim(X)}. "
            f"Reshape a single feature with {name}.reshape(-1, 1), rows of more dimensions with "
            f"{name}.reshape(len({name}), -1); turn texts into numbers first."
        )
    X = check_array(
        X, accept_sparse=accept_sparse, dtype=np.float64, input_name=name, ensure_min_samples=0
    )
    n = X.shape[0]
    if n < min_rows:
        raise ValueError(
            f"{name} has {n} row(s), at least {min_rows} in each domain are needed: {reason}."
        )
    return X
