"""Rows with a copy for what all domains share and one for each domain by itself.

Eq. (1)   phi(x) = (sigma x, 0, ..., x, ..., 0), the second x in the slot of its domain,
Eq. (2)   phi(x)'phi(x') = (sigma^2 + [same domain]) x'x'.

H. Daume III (2007), "Frustratingly easy domain adaptation", ACL, 256-263.
H. Daume III, A. Kumar and A. Saha (2010), "Frustratingly easy semi-supervised domain adaptation",
DANLP, 53-59.
"""

import numpy as np
from scipy import sparse


def augmented_rows(X, slots, n_slots, shared_scale):
    """Eq. (1).

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    slots : ndarray of shape (n_samples,), int
        Number of the slot of each row's domain, -1 for none: of such a row there is the shared
        copy alone.
    n_slots : int
    shared_scale : float
        sigma.

    Returns
    -------
    ndarray or csr matrix of shape (n_samples, (1 + n_slots) n_features)
    """
    if sparse.issparse(X):
        copies = [X.multiply((slots == slot)[:, None]) for slot in range(n_slots)]
        return sparse.hstack([X * shared_scale, *copies], format="csr", dtype=X.dtype)
    Z = np.zeros((X.shape[0], 1 + n_slots, X.shape[1]), dtype=X.dtype)
    Z[:, 0] = shared_scale * X
    placed = np.flatnonzero(slots >= 0)
    Z[placed, 1 + slots[placed]] = X[placed]
    return Z.reshape(len(Z), -1)


def agreement_rows(X, n_slots, pairs):
    """Rows ``(0, ..., x, ..., -x, ...)``: what two domains' own weights say of x differs by 0.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    n_slots : int
    pairs : list of tuple of int
        The slots of each pair of domains, of which every row is asked.

    Returns
    -------
    ndarray or csr matrix of shape (n_samples * len(pairs), (1 + n_slots) n_features)
    """
    stack = sparse.vstack if sparse.issparse(X) else np.concatenate
    ones = np.ones(X.shape[0], dtype=int)
    zero = 0.0
    rows = [
        augmented_rows(X, first * ones, n_slots, zero)
        - augmented_rows(X, second * ones, n_slots, zero)
        for first, second in pairs
    ]
    return stack(rows)


def augmented_kernel(K, slots, other_slots, shared_scale):
    """Eq. (2) for a kernel: ``(sigma^2 + [same domain]) K``.

    Parameters
    ----------
    K : ndarray of shape (n_samples, n_others)
    slots, other_slots : ndarray of int
        As in :func:`augmented_rows`; rows without a slot share none.
    shared_scale : float
    """
    same = (slots[:, None] == other_slots) & (slots[:, None] >= 0)
    return (shared_scale**2 + same) * K
