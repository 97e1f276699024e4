"""Columns of the rows that hold covariates, by number or by name."""

import numpy as np


def covariate_columns(covariates, n_features, names=None):
    """Numbers of the columns that hold covariates, and of all others.

    Raises
    ------
    ValueError
        If one is not there, or no other column is left.
    """
    wanted = [] if covariates is None else list(np.atleast_1d(covariates).tolist())
    chosen = np.unique([_number(column, n_features, names) for column in wanted]).astype(int)
    others = np.setdiff1d(np.arange(n_features), chosen)
    if len(others) == 0:
        raise ValueError(
            f"covariates={wanted} are all {n_features} columns of X, which leaves none to "
            "harmonise; X has to hold features besides."
        )
    return chosen, others


def _number(column, n_features, names):
    if isinstance(column, str):
        columns = [] if names is None else list(names)
        if column in columns:
            return columns.index(column)
        told = f"the columns {columns}" if columns else "no column names"
        raise ValueError(f"covariates name {column!r}, but X has {told}; pass one of its columns.")
    if type(column) is int and -n_features <= column < n_features:
        return column % n_features
    raise ValueError(
        f"covariates hold {column!r}, but X has the columns 0 to {n_features - 1}; pass numbers or "
        "names of columns."
    )
