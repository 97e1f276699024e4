"""Rows that belong together, such as those of one subject: no group stands on both sides."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from skdomain._domains import missing_labels
from skdomain.model_selection._splitters._domain_splitter import stratum_codes


def group_codes(groups, n_samples):
    """Integers that number the groups in the order in which they first appear."""
    groups = np.asarray(groups)
    if groups.shape != (n_samples,):
        raise ValueError(
            f"groups has shape {groups.shape} but X has {n_samples} rows; pass one group a row."
        )
    missing = missing_labels(groups)
    if missing.any():
        raise ValueError(
            f"groups is missing in row {np.argmax(missing)}; give each row that belongs to no "
            "other one a group of its own."
        )
    return stratum_codes(groups)


def group_folds(groups, strata, n_splits, rng=None):
    """Fold of each row: whole groups, the largest first, each where its strata are rarest.

    Parameters
    ----------
    groups : ndarray of shape (n_rows,), int
        Numbers of the groups, from 0.
    strata : list of ndarray of shape (n_rows,), int
        Several ways to number strata, whose rows are to be spread evenly.
    n_splits : int
        Number of folds.
    rng : RandomState, default=None
        Puts groups of one size in random order.

    Returns
    -------
    ndarray of shape (n_rows,), int

    Notes
    -----
    A group with the share s_k of stratum k goes to the fold for which ``sum_k s_k F_k`` is least, F
    being what the fold holds so far: the step that raises the sum of the squared shares least. Of
    equal folds it takes the one with the fewest rows. A fold that has no row of the domains of the
    group gives 0, and others more, so that domains with no group in common each reach all folds if
    they have as many groups.
    """
    shares = np.hstack([_counts(groups, codes) for codes in strata])
    shares = shares / shares.sum(axis=0)
    sizes = np.bincount(groups)
    order = np.arange(len(sizes)) if rng is None else rng.permutation(len(sizes))
    held, n_held = np.zeros((n_splits, shares.shape[1])), np.zeros(n_splits, dtype=int)
    fold_of = np.empty(len(sizes), dtype=np.intp)
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        # rounded, so that the order of the sums does not decide
        fold = np.lexsort((n_held, np.round(held @ shares[group], 12)))[0]
        held[fold] += shares[group]
        n_held[fold] += sizes[group]
        fold_of[group] = fold
    return fold_of[groups]


def group_pools(groups, domains):
    """Groups to draw from by themselves, and a stratum of each group.

    Domains that have groups in common are one pool. The stratum says in which domains a group has
    rows.
    """
    counts = _counts(groups, stratum_codes(domains))
    n_groups = len(counts)
    edges = np.nonzero(counts)
    graph = coo_matrix(
        (np.ones(len(edges[0])), (edges[0], n_groups + edges[1])), shape=(sum(counts.shape),) * 2
    )
    pool = connected_components(graph, directed=False)[1][:n_groups]
    _, stratum = np.unique(counts > 0, axis=0, return_inverse=True)
    return [np.flatnonzero(pool == one) for one in dict.fromkeys(pool.tolist())], stratum.ravel()


def check_sides(splitter, domains, train, test, *, tested):
    """Refuse a split in which groups leave no source or no target row where some have to be."""
    for where, rows, signs in (("training", train, (1, -1)), ("test", test, tested)):
        for sign in signs:
            if not (np.sign(domains[rows]) == sign).any():
                raise ValueError(
                    f"{type(splitter).__name__} found no split of the groups with a "
                    f"{'source' if sign > 0 else 'target'} row among the {where} rows: too few "
                    "groups, or too large ones; lower n_splits or test_size, or split by smaller "
                    "groups."
                )


def _counts(groups, codes):
    """Numbers of rows of each group and code."""
    counts = np.zeros((groups.max() + 1, codes.max() + 1))
    np.add.at(counts, (groups, codes), 1)
    return counts
