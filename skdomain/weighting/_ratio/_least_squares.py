"""A sum of bumps by least squares, for :class:`RuLSIF`."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from skdomain._domains import check_domains
from skdomain._estimators import few_threads
from skdomain.weighting._ratio._bumps import (
    KernelRatio,
    candidate_gammas,
    check_leave_out,
    ratio_problem,
)

_EPS = np.finfo(float).eps
LAMS = 10.0 ** np.arange(-3, 1.5, 0.5)


class RulsifFit(NamedTuple):
    """What RuLSIF finds."""

    ratio: KernelRatio
    lam: float
    gammas: np.ndarray
    lams: np.ndarray
    scores: np.ndarray


def fit_rulsif(Xs, Xt, *, alpha, gamma, lam, n_centers):
    """Choose width and ridge, as far as that is asked for, and fit the ratio to all rows."""
    Xs, Xt = check_domains(Xs, Xt, accept_sparse=True)
    gammas = candidate_gammas(gamma, Xs, Xt)
    problem = ratio_problem(Xs, Xt, n_centers, gammas[-1])
    lams = LAMS if lam == "loo" else np.array([float(lam)])
    for name, value in (("gamma", gamma), ("lam", lam)):
        if value == "loo":
            check_leave_out(problem, name, value)
    with few_threads(problem.source.distances.size):
        return _best(problem, alpha, gammas, lams)


def _best(problem, alpha, gammas, lams):
    """Fit of the best candidate, by their scores where there are several."""
    scores = np.full((len(gammas), len(lams)), np.nan)
    if scores.size > 1:
        scores = np.array([left_out_scores(problem, g, lams, alpha) for g in gammas])
    width, ridge = np.unravel_index(np.argmin(scores), scores.shape)
    moments = BumpMoments.of(problem, gammas[width], alpha)
    coef = moments.solver(lams[ridge : ridge + 1]).coef[:, 0]
    ratio = KernelRatio(problem.centers, coef, gammas[width])
    return RulsifFit(ratio, float(lams[ridge]), gammas, lams, scores)


class BumpMoments(NamedTuple):
    """``alpha H_t``, ``(1 - alpha) H_s`` and h, with H the mean of k k' and h that of k."""

    Ks: np.ndarray
    Kt: np.ndarray
    Hs: np.ndarray
    Ht: np.ndarray
    h: np.ndarray

    @classmethod
    def of(cls, problem, gamma, alpha):
        """Those of the bumps of this width."""
        Ks, Kt = problem.kernels(gamma)
        ps, pt = problem.source.share, problem.target.share
        Hs, Ht = (1 - alpha) * second_moment(Ks, ps), alpha * second_moment(Kt, pt)
        return cls(Ks, Kt, Hs, Ht, pt @ Kt)

    def solver(self, lams, source_scale=1.0, target_scale=1.0):
        """Solver of the normal equations for these ridges, the two terms of H scaled."""
        values, vectors = eigh(target_scale * self.Ht + source_scale * self.Hs, driver="evd")
        values = np.maximum(values, _EPS * values[-1])
        return Ridges(vectors, 1 / (values[:, None] + lams), self.h)


def second_moment(K, share):
    """``sum_i share_i k_i k_i'`` of the rows of K, by a product of K with itself."""
    scaled = K * np.sqrt(share)[:, None]
    return scaled.T @ scaled


class Ridges(NamedTuple):
    """``(H + lam I)^-1 = V diag(inverse) V'`` for several lam, a column each, and h."""

    V: np.ndarray
    inverse: np.ndarray
    h: np.ndarray

    @property
    def coef(self):
        """``(H + lam I)^-1 h``."""
        return self.V @ (self.inverse * (self.V.T @ self.h)[:, None])

    def forms(self, K):
        """``k'(H + lam I)^-1 k`` and ``k'(H + lam I)^-1 h`` of the rows k of K."""
        projected = K @ self.V
        kh = projected @ (self.inverse * (self.V.T @ self.h)[:, None])
        return np.square(projected, out=projected) @ self.inverse, kh


def left_out_scores(problem, gamma, lams, alpha):
    """Least-squares score of each ridge, each row predicted by a fit without it.

    Without a row k of share p, a mean H becomes ``(H - p k k') / (1 - p)``: the inverse changes by
    rank one, and by a factor that all rows of equal share have in common.
    """
    moments = BumpMoments.of(problem, gamma, alpha)
    ps, pt = problem.source.share, problem.target.share
    rs, rt = np.empty((len(ps), len(lams))), np.empty((len(pt), len(lams)))
    for p in np.unique(ps):
        rows, scale = ps == p, 1 / (1 - p)
        kk, kh = moments.solver(lams, source_scale=scale).forms(moments.Ks[rows])
        rs[rows] = kh / np.maximum(1 - (1 - alpha) * p * scale * kk, _EPS)
    for p in np.unique(pt):
        rows, scale = pt == p, 1 / (1 - p)
        kk, kh = moments.solver(lams, target_scale=scale).forms(moments.Kt[rows])
        rt[rows] = scale * (kh - p * kk) / np.maximum(1 - alpha * p * scale * kk, _EPS)
    rs, rt = np.maximum(rs, 0), np.maximum(rt, 0)
    return (1 - alpha) / 2 * ps @ rs**2 + pt @ (alpha / 2 * rt**2 - rt)
