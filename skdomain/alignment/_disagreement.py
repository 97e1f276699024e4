"""The dimension in which the principal subspaces of two domains part: subspace disagreement.

B. Gong, Y. Shi, F. Sha and K. Grauman (2012), "Geodesic flow kernel for unsupervised domain
adaptation", IEEE Conference on Computer Vision and Pattern Recognition, 2066-2073, section 3.4.
"""

import numpy as np

ORTHOGONAL = 0.99  # disagreement that counts as 1
FIRST, FURTHER = 32, 4  # axes that are tried, and how many times as many if they do not decide


def disagreeing_axes(source, target, joint, half, tried=FIRST):
    """Axes of both domains up to the first d with the largest disagreement, or to half.

    Further axes are found only where those that were tried do not decide.
    """
    tried = min(tried, half)
    found = [rows.axes(tried) for rows in (source, target, joint)]
    k = gfk_dimension(*found, min(tried, found[0].rank, found[1].rank))
    if k == tried < half:
        return disagreeing_axes(source, target, joint, half, FURTHER * tried)
    return [domain.axes[:, :k] for domain in found[:2]]


def gfk_dimension(source, target, joint, largest):
    """First d with the largest subspace disagreement, at most ``largest``."""
    to_source, to_target = (
        joint.axes[:, :largest].T @ domain.axes[:, :largest] for domain in (source, target)
    )
    for d in range(1, largest):
        sines = [_largest_sine(C[:d, :d]) for C in (to_source, to_target)]
        if sum(sines) / 2 >= ORTHOGONAL:
            return d
    return largest


def _largest_sine(C):
    """Sine of the largest principal angle, from the products of two orthonormal bases."""
    return np.sqrt(max(1 - np.linalg.eigvalsh(C @ C.T)[0], 0))
