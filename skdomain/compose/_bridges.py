"""The way from the source to the target over domains between them, by how far apart they are."""

from heapq import heappop, heappush
from itertools import combinations

import numpy as np

from skdomain._kernels import median_gamma
from skdomain.metrics import mmd, proxy_a_distance


def domain_distances(domains, distance):
    """Distance of each pair of domains.

    Parameters
    ----------
    domains : dict of int to ndarray of shape (n_rows, n_features)
        Rows of each domain, by its number.
    distance : {"mmd", "proxy_a"} or callable
        As in :class:`TransitiveTransfer`.

    Returns
    -------
    ndarray of shape (n_domains, n_domains)
    """
    measure = _measure(list(domains.values()), distance)
    D = np.zeros((len(domains), len(domains)))
    for (i, a), (j, b) in combinations(enumerate(domains), 2):
        D[i, j] = D[j, i] = found = measure(domains[a], domains[b])
        if not found >= 0:
            raise ValueError(
                f"distance returned {found} of domains {a} and {b}; a distance is a number, at "
                "least 0, for any two domains."
            )
    return D


def _measure(domains, distance):
    if distance == "mmd":
        gamma = median_gamma(*domains)  # one kernel for all, or distances could not be compared
        return lambda Xs, Xt: np.sqrt(mmd(Xs, Xt, gamma=gamma))
    return proxy_a_distance if distance == "proxy_a" else distance


def shortest_bridge(D, start, end):
    """The shortest of the paths whose largest step is as small as possible, of the fewest steps.

    Parameters
    ----------
    D : ndarray of shape (n_domains, n_domains)
        Distances, at least 0.
    start, end : int
        Where the path begins and where it ends.

    Returns
    -------
    list of int
    """
    widest = _least_widest(D)[start, end]
    heap = [(0.0, 0, [start])]
    done = set()
    while True:
        length, n_steps, path = heappop(heap)
        if path[-1] == end:
            return path
        if path[-1] not in done:
            done.add(path[-1])
            for k in np.flatnonzero(D[path[-1]] <= widest).tolist():
                heappush(heap, (length + D[path[-1], k], n_steps + 1, [*path, k]))


def _least_widest(D):
    """For each pair, the largest step of the path on which that is smallest."""
    W = D.copy()
    for k in range(len(D)):
        W = np.minimum(W, np.maximum(W[:, [k]], W[k]))
    return W
