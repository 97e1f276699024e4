"""How much the class-wise terms of an MMD matter beside the marginal one, seen from the rows.

J. Wang, W. Feng, Y. Chen, H. Yu, M. Huang and P. S. Yu (2018), "Visual domain adaptation with
manifold embedded distribution alignment", ACM Multimedia, Eq. 11 and 12.
"""

import numpy as np

from skdomain.metrics._proxy_a_distance import proxy_a_distance


def balance_factor(X, labels, source, n_classes, distance=proxy_a_distance):
    """Weight of the class-wise terms from A-distances, ``mean_c d_c / (d + mean_c d_c)``.

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
    distance : callable, default=proxy_a_distance
        Distance of two arrays of rows.

    Returns
    -------
    float
        mu in [0, 1]: 0.5 where no distance is seen at all, 0 without labels of the target.
    """
    return BalanceFactors(X, source, n_classes, distance)(labels)


class BalanceFactors:
    """:func:`balance_factor` of one set of rows for one labelling after another, few distances.

    That of the domains does not depend on labels and is found once; that of a class is found again
    when its rows have changed.

    Parameters
    ----------
    X, source, n_classes, distance
        As in :func:`balance_factor`.
    """

    def __init__(self, X, source, n_classes, distance=proxy_a_distance):
        self.X, self.source, self.n_classes, self.distance = X, source, n_classes, distance
        self._known = {}

    def __call__(self, labels):
        """The balance factor of these labels."""
        if self.source.all() or labels.min() < 0:
            return 0.0
        return _share(labels, self.source, self.n_classes, self._distance)

    def _distance(self, source, target):
        rows = source.tobytes() + target.tobytes()
        if rows not in self._known:
            self._known[rows] = self.distance(self.X[source], self.X[target])
        return self._known[rows]


def _share(labels, source, n_classes, distance):
    conditional = _mean_within(labels, source, n_classes, distance)
    total = conditional + distance(source, ~source)
    return conditional / total if total > 0 else 0.5


def _mean_within(labels, source, n_classes, distance):
    """Mean distance of the rows of a class, 0 where none can be computed."""
    of_class = [labels == c for c in range(n_classes)]
    pairs = [(rows & source, rows & ~source) for rows in of_class]
    distances = [distance(s, t) for s, t in pairs if min(s.sum(), t.sum()) > 1]
    return float(np.mean(distances)) if distances else 0.0
