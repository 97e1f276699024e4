"""Supervised locality preserving projection, and rounds that trust more pseudo-labels each time.

With labels on some of the rows F (n x p), ``W_ij = 1`` where i and j have the same one, D the
diagonal of the row sums of W and ``L = D - W``, a round takes four steps (numbers are
this page's)::

    max tr(P'F'DFP) / tr(P'(F'LF + lam I)P),   Z = FP, centred, rows of unit norm        (1)
    p1(c | z) = softmax_c -|z - m_c|,   m_c the class means of the source, of unit norm  (2)
    p2(c | z) the same with cluster means of the target, from k-means started at m_c     (3)
    y = argmax_c max(p1, p2); of each class the surest rows keep it to the next round    (4)

As ``F'DF = sum_c n_c sum_(i in c) f_i f_i'`` and ``F'LF = sum_c n_c S_c`` with S_c the scatter of
class c about its mean, no matrix of n x n is needed.

Q. Wang and T. P. Breckon (2020), "Unsupervised domain adaptation via structured prediction based
selective pseudo-labeling", AAAI.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.preprocessing import normalize

from skdomain.mmd import grouped_sums
from skdomain.subspace._spectral import column_signs, rounding

MAX_ASSIGNMENTS = 100  # of k-means, as in the authors' program


def slpp_projection(F, labels, *, n_classes, n_components, lam=1.0):
    """Directions that keep rows of a class together: step (1).

    Parameters
    ----------
    F : ndarray of shape (n_samples, p)
        Rows.
    labels : ndarray of shape (n_samples,), int
        Classes 0, ..., n_classes - 1, -1 where there is none.
    n_classes, n_components : int
    lam : float, default=1.0
        Ridge, > 0.

    Returns
    -------
    P : ndarray of shape (p, k)
        With ``P'(F'LF + lam I)P = I``. Directions in which no labelled row extends are left out, so
        that k may be less than n_components.
    eigenvalues : ndarray of shape (k,)
        Falling.
    """
    rows, labels = F[labels >= 0], labels[labels >= 0]
    counts = np.bincount(labels, minlength=n_classes)
    means = grouped_sums(rows, labels, n_classes) / np.maximum(counts, 1)[:, None]
    roots = np.sqrt(counts)[labels][:, None]
    extent, spread = roots * rows, roots * (rows - means[labels])
    within = spread.T @ spread + lam * np.eye(F.shape[1])
    theta, P = eigh(extent.T @ extent, within, check_finite=False)
    kept = np.flatnonzero(theta > rounding(len(theta)) * theta[-1])[::-1][:n_components]
    return P[:, kept] * column_signs(P[:, kept]), theta[kept]


def class_probabilities(Z, means):
    """``softmax_c -|z - m_c|``, (n_samples, n_classes): step (2)."""
    return softmax(-cdist(Z, means), axis=1)


def unit_class_means(Z, codes, n_classes):
    """Class means of rows, scaled to unit norm."""
    counts = np.bincount(codes, minlength=n_classes)
    return normalize(grouped_sums(Z, codes, n_classes) / counts[:, None])


def cluster_means(Z, means):
    """Means of the clusters that k-means finds from these on, for (3); an empty one stays."""
    nearest = None
    for _ in range(MAX_ASSIGNMENTS):
        found = cdist(Z, means).argmin(axis=1)
        if np.array_equal(found, nearest):
            break
        nearest, counts = found, np.bincount(found, minlength=len(means))[:, None]
        sums = grouped_sums(Z, nearest, len(means))
        means = np.where(counts > 0, sums / np.maximum(counts, 1), means)
    return means


def surest_rows(codes, confidences, left_out):
    """Rows that keep their label: of each class those surer than a share ``left_out``: step (4).

    Of the n rows of a class, those whose confidence is above that of the (floor(n left_out) + 1)-th
    least sure, as in the authors' program: the least sure row never counts.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int
        Predicted classes.
    confidences : ndarray of shape (n_samples,)
    left_out : float in [0, 1)

    Returns
    -------
    ndarray of shape (n_samples,), bool
    """
    selected = np.zeros(len(codes), dtype=bool)
    for c in np.unique(codes):
        rows = codes == c
        ordered = np.sort(confidences[rows])
        selected[rows] = confidences[rows] > ordered[int(np.floor(len(ordered) * left_out))]
    return selected


@dataclass(frozen=True, eq=False)
class SphereRound:
    """What a round ends with: the projection, and what says how far a row is from each class.

    Parameters
    ----------
    P : ndarray of shape (p, k)
    eigenvalues : ndarray of shape (k,)
    mean : ndarray of shape (k,)
        Of the projected rows.
    class_means : ndarray of shape (n_classes, k)
    clusters : ndarray of shape (n_classes, k) or None
        Cluster means of the target, of unit norm.
    estimator : classifier or None
        In the place of the class means.
    """

    P: np.ndarray
    eigenvalues: np.ndarray
    mean: np.ndarray
    class_means: np.ndarray
    clusters: np.ndarray | None
    estimator: object

    def probabilities(self, Z):
        """The larger of (2) and (3) for rows of the sphere, (n_samples, n_classes)."""
        if self.estimator is None:
            p = class_probabilities(Z, self.class_means)
        else:
            p = self.estimator.predict_proba(Z)
        return p if self.clusters is None else np.maximum(p, class_probabilities(Z, self.clusters))


def spl_round(F, labels, source, codes, *, train, structured, **options):
    """Steps (1) to (3) from labels of all rows, -1 where there is none.

    Parameters
    ----------
    F : ndarray of shape (n_samples, p), float64
    labels : ndarray of shape (n_samples,), int
    source : ndarray of shape (n_samples,), bool
    codes : ndarray of shape (n_source,), int
        Labels of the source rows.
    train : callable or None
        Makes a classifier of projected source rows, for (2).
    structured : bool
        Whether there is a step (3).
    options
        Of :func:`slpp_projection`.

    Returns
    -------
    SphereRound
    Z : ndarray of shape (n_samples, k)
    """
    P, eigenvalues = slpp_projection(F, labels, **options)
    mean = (F @ P).mean(axis=0)
    Z = normalize(F @ P - mean, copy=False)
    means = unit_class_means(Z[source], codes, options["n_classes"])
    clusters = None
    if structured and not source.all():
        clusters = normalize(cluster_means(Z[~source], means))
    estimator = None if train is None else train(Z[source])
    return SphereRound(P, eigenvalues, mean, means, clusters, estimator), Z


def spl_rounds(F, source, codes, *, n_rounds, **options):
    """Rounds of the steps (1) to (4), in each of which more target rows keep their label.

    Parameters
    ----------
    F : ndarray of shape (n_samples, p), float64
        Rows of both domains.
    source : ndarray of shape (n_samples,), bool
        True for source rows.
    codes : ndarray of shape (n_source,), int
        Classes of the source rows, 0, ..., n_classes - 1.
    n_rounds : int
        T.
    options
        Of :func:`spl_round`.

    Yields
    ------
    last : SphereRound
    labels : ndarray of shape (n_target,), int
        Classes predicted.
    selected : ndarray of shape (n_target,), bool
        Which of them the next round trusts.
    confidences : ndarray of shape (n_target,)
    """
    known = np.full(len(F), -1)
    known[source] = codes
    for t in range(1, n_rounds + 1):
        last, Z = spl_round(F, known, source, codes, **options)  # (1) to (3)
        labels, confidences = np.empty(0, dtype=np.intp), np.empty(0)
        if not source.all():
            p = last.probabilities(Z[~source])
            labels, confidences = p.argmax(axis=1), p.max(axis=1)
        left_out = max(0.0, 1 - t / max(n_rounds - 1, 1))
        selected = surest_rows(labels, confidences, left_out)  # (4)
        known[~source] = np.where(selected, labels, -1)
        yield last, labels, selected, confidences
