"""How much the class-wise terms of an MMD matter beside the marginal one, seen from the rows.

J. Wang, W. Feng, Y. Chen, H. Yu, M. Huang and P. S. Yu (2018), "Visual domain adaptation with
manifold embedded distribution alignment", ACM Multimedia, Eq. 11 and 12.
"""

import numpy as np

from skdomain.metrics._proxy_a_distance import proxy_a_distance


def balance_factor(X, labels, source, n_classes):
    """Weight of the class-wise terms from proxy A-distances, ``mean_c d_c / (d + mean_c d_c)``.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Rows of both domains.
    labels : ndarray of shape (n_samples,), int
        Classes 0, ..., n_classes - 1; -1 where there is none.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    n_classes : int
        Number of classes; those with fewer than two rows in a domain are left out.

    Returns
    -------
    float
        mu in [0, 1]: 0.5 where no distance is seen at all, 0 without labels of the target.
    """
    if source.all() or labels.min() < 0:
        return 0.0
    conditional = _mean_within(X, labels, source, n_classes)
    total = conditional + proxy_a_distance(X[source], X[~source])
    return conditional / total if total > 0 else 0.5


def _mean_within(X, labels, source, n_classes):
    """Mean proxy A-distance of the rows of a class, 0 where none can be computed."""
    of_class = [labels == c for c in range(n_classes)]
    pairs = [(rows & source, rows & ~source) for rows in of_class]
    distances = [proxy_a_distance(X[s], X[t]) for s, t in pairs if min(s.sum(), t.sum()) > 1]
    return float(np.mean(distances)) if distances else 0.0
