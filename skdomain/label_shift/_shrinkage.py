"""Priors that a small target batch may be trusted with: drawn towards those of the source.

The most likely priors of few rows, or of classes that overlap, are noise, and posteriors corrected
by noise are worse than those that were not corrected. How far to go the rows themselves tell.
"""

import numpy as np
from scipy.special import gammaln

_GRID = 2.0 ** np.arange(14)
_MAX_ITER = 50
_TOLERANCE = 1e-9


def effective_rows(n_target, n_source):
    """Rows that a comparison of both domains is worth, as the source's priors are estimated, too.

    The variance of a difference of means is the sum of theirs: ``1 / n_source + 1 / n_target``.
    """
    return n_source * n_target / (n_source + n_target)


def dirichlet_priors(posteriors, source_priors, n_rows):
    """Target priors as expected of a Dirichlet law around the source's, of unknown concentration.

    The likelihood of the target's posteriors is that of n_rows rows (a power of it where there are
    more), and q is drawn from the Dirichlet law of parameters A p, p the source's priors. For each
    A on a grid from the number of classes, twice the last at each step, to infinity, the most
    probable q in the softmax basis is where::

        (n_rows + A) q_c = n_rows mean_i r_ic + A p_c                                (1)

    with ``r_ic`` the corrected posteriors, the fixed point of EM with A more rows that are as in
    the source. The result is their mean over A, weighted by the evidence of A in Laplace's
    approximation [1]_: a shift that is beyond doubt is followed, and one that the rows do not speak
    for is not.

    Parameters
    ----------
    posteriors : ndarray of shape (m, n_classes)
        Calibrated posteriors of the target rows.
    source_priors : ndarray of shape (n_classes,)
        The mean calibrated posterior of the source. A class of 0 gets 0.
    n_rows : float
        What the rows are worth, as by :func:`effective_rows`.

    Returns
    -------
    ndarray of shape (n_classes,)
        Priors of sum 1, positive where those of the source are.

    Notes
    -----
    O(m n_classes^2) time for each of some 40 Newton steps.

    References
    ----------
    .. [1] D. J. C. MacKay (1998), "Choice of basis for Laplace approximation", Machine Learning 33.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.label_shift._shrinkage import dirichlet_priors
    >>> p = np.array([0.5, 0.5])
    >>> sure = np.eye(2)[[0] * 8 + [1] * 2]
    >>> dirichlet_priors(sure, p, 10).round(2)
    array([0.59, 0.41])
    >>> dirichlet_priors(np.tile(sure, (50, 1)), p, 500).round(2)
    array([0.8, 0.2])
    """
    present = source_priors > 0
    p = source_priors[present] / source_priors[present].sum()
    told = posteriors[:, present].any(axis=1)  # what is of an absent class tells of no other
    ratios = posteriors[told][:, present] / p
    weight = n_rows / max(len(ratios), 1)
    found, evidence = [p], [weight * np.log(ratios @ p).sum()]
    for concentration in _GRID[::-1] * len(p):
        q = most_probable_priors(ratios, weight, p, concentration, start=found[-1])
        found.append(q)
        evidence.append(log_evidence(ratios, weight, p, concentration, q))
    shares = np.exp(np.array(evidence) - max(evidence))
    priors = np.zeros(len(source_priors))
    priors[present] = shares @ np.array(found) / shares.sum()
    return priors


def most_probable_priors(ratios, weight, p, concentration, *, start):
    """Equation (1) solved by Newton steps on ``log likelihood + A sum_c p_c log q_c``, over q > 0.

    With ``- (W + A) sum_c q_c`` in the place of the constraint, W the sum of the weights: the
    maximum then has the sum 1.
    """
    total, q = weight * len(ratios) + concentration, start
    for _ in range(_MAX_ITER):
        R = ratios * q / (ratios @ q)[:, None]
        rise = weight * R.sum(axis=0) + concentration * p - total * q  # times q the gradient
        if np.max(np.abs(rise)) <= _TOLERANCE * total:
            break
        step = q * np.linalg.solve(_curvature(R, weight, p, concentration), rise)
        ahead = _ascend(ratios, weight, p, concentration, q, step)
        if ahead is None:  # no rise is left but rounding
            break
        q = ahead
    return q / q.sum()


def _curvature(R, weight, p, concentration):
    """Minus the Hessian by q, times q from both sides."""
    return weight * R.T @ R + concentration * np.diag(p)


def _ascend(ratios, weight, p, concentration, q, step):
    """Point in the direction of the step, halved until it is positive and higher."""

    def height(q):
        total = weight * len(ratios) + concentration
        told = weight * np.log(ratios @ q).sum() + concentration * p @ np.log(q)
        return told - total * q.sum()

    here = height(q)
    for halvings in range(40):
        there = q + step / 2**halvings
        if there.min() > 0 and height(there) >= here:
            return there
    return None


def log_evidence(ratios, weight, p, concentration, q):
    """Logarithm of the likelihood's mean over the Dirichlet law, by Laplace around q.

    In the softmax basis the curvature is ``C - C11'C / 1'C1`` with C that by q; its cofactors are
    ``det C / 1'C1``, and ``1'C1 = W + A``.
    """
    A, k = concentration * p, len(p) - 1
    R = ratios * q / (ratios @ q)[:, None]
    _, logdet = np.linalg.slogdet(_curvature(R, weight, p, concentration))
    logdet -= np.log(weight * len(ratios) + concentration)
    law = gammaln(concentration) - gammaln(A).sum() + A @ np.log(q)
    likelihood = weight * np.log(ratios @ q).sum()
    return likelihood + law + k / 2 * np.log(2 * np.pi) - logdet / 2


def james_stein_priors(priors, posteriors, source_priors, n_rows):
    """Priors by any method, drawn towards the source's by how much the likelihood prefers them.

    Twice the rise of the log likelihood of n_rows rows, ``s``, is about chi-squared with
    ``k = n_classes - 1`` degrees of freedom where nothing has shifted. The positive part of James
    and Stein's rule gives::

        p + max(0, 1 - k / s) (q - p)                                                (2)

    Parameters
    ----------
    priors : ndarray of shape (n_classes,)
        The estimate q.
    posteriors, source_priors, n_rows
        As in :func:`dirichlet_priors`.

    Returns
    -------
    ndarray of shape (n_classes,)
        Priors of sum 1.
    """
    present = source_priors > 0
    mixed = posteriors[:, present] @ (priors[present] / source_priors[present])
    least = np.finfo(float).tiny
    rise = 2 * n_rows * np.mean(np.log(np.maximum(mixed, least)))
    kept = max(0.0, 1 - (np.count_nonzero(present) - 1) / rise) if rise > 0 else 0.0
    return source_priors + kept * (priors - source_priors)
