"""How far two domains are apart along Fisher's discriminant, in closed form."""

import numpy as np

from skdomain.metrics._proxy_a_distance import in_their_span, standardised

RIDGE = 1.0  # beside the scatter of the rows, whose features have variance 1
UNDECIDED = 1e-9  # beside scores of which those of the means are about 1 apart


def discriminant_distance(Xs, Xt):
    """A-distance of two domains as Fisher's linear discriminant sees them, from 0 to 2.

    With means m and covariances S of the domains' standardised rows, of which there are n,

        w = ((Ss + St) / 2 + I / n)^-1 (ms - mt),   f(x) = (x - (ms + mt) / 2)'w

    and the distance is the mean of sign f over the source less that over the target, if it is
    positive: ``2 (1 - 2 err)`` with the balanced error of f on the rows that w was found from. That
    is an optimistic error, the more so the fewer rows there are for the features.

    Parameters
    ----------
    Xs, Xt : ndarray of shape (n_source, n_features) and (n_target, n_features)
        Rows.

    Returns
    -------
    float

    Notes
    -----
    w is in proportion to the ridge solution, of weight 1 and balanced, for signs of the domains.
    O(n p^2) with p the smaller of the numbers of rows and features, besides O(n^2 n_features) where
    there are fewer rows.
    """
    n_source, X = len(Xs), in_their_span(standardised(np.concatenate([Xs, Xt])))
    means = X[:n_source].mean(axis=0), X[n_source:].mean(axis=0)
    parts = X[:n_source] - means[0], X[n_source:] - means[1]
    within = sum(part.T @ part / len(part) for part in parts) / 2
    within[np.diag_indices_from(within)] += RIDGE / len(X)
    scores = (X - (means[0] + means[1]) / 2) @ np.linalg.solve(within, means[0] - means[1])
    sides = np.where(np.abs(scores) > UNDECIDED, np.sign(scores), 0.0)
    return max(0.0, float(sides[:n_source].mean() - sides[n_source:].mean()))
