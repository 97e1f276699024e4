"""A sum of bumps that makes the target rows most likely, for :class:`KLIEP`."""

from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import warn_caller
from skdomain.weighting._ratio._bumps import (
    KernelRatio,
    candidate_gammas,
    check_leave_out,
    ratio_problem,
)
from skdomain.weighting._ratio._proportions import Proportions, mixture_proportions


class KliepFit(NamedTuple):
    """What KLIEP finds."""

    ratio: KernelRatio
    proportions: Proportions
    gammas: np.ndarray
    scores: np.ndarray


def fit_kliep(Xs, Xt, *, gamma, n_centers, n_folds, max_iter, tol):
    """Choose the width, if that is asked for, and fit the ratio to all rows."""
    problem, Xs, Xt = ratio_problem(Xs, Xt, n_centers)
    gammas = candidate_gammas(gamma, Xs, Xt)
    scores = np.full(len(gammas), np.nan)
    if gamma == "likelihood":
        check_leave_out(problem, "gamma", gamma)
        scores = np.array([left_out_score(problem, g, n_folds, max_iter, tol) for g in gammas])
    chosen = gammas[np.argmax(scores)]
    Ks, Kt = problem.kernels(chosen)
    found = fit_coef(Ks, problem.source.share, Kt, problem.target.share, max_iter, tol)
    if found is None:
        raise ValueError(
            f"at gamma={chosen:.3g}, some target row lies outside all bumps that source rows lie "
            "in: KLIEP needs domains that overlap. Lower gamma to widen the bumps, or take another "
            "method."
        )
    coef, proportions = found
    if proportions.gap > tol:
        warn_caller(
            f"KLIEP stopped after max_iter={max_iter} iterations with a duality gap of "
            f"{proportions.gap:.1e}, more than tol={tol}; raise max_iter, or tol to accept this.",
            ConvergenceWarning,
        )
    return KliepFit(KernelRatio(problem.centers, coef, chosen), proportions, gammas, scores)


def fit_coef(Ks, source_share, Kt, target_share, max_iter, tol):
    """Most likely coefficients of the bumps, None if none gives each target row a density.

    With ``theta_l = coef_l mean_s k(x_s, center_l)`` the constraint says that theta sums to 1, so
    these are the proportions of a mixture.
    """
    means = source_share @ Ks
    # A center that no source row sees could be given any coefficient: it is given none.
    seen = means >= np.finfo(float).tiny
    densities = Kt[:, seen] / means[seen]
    if not densities.any(axis=1).all():
        return None
    proportions = mixture_proportions(densities, target_share, max_iter=max_iter, tol=tol)
    coef = np.zeros(len(means))
    coef[seen] = proportions.theta / means[seen]
    return coef, proportions


def left_out_score(problem, gamma, n_folds, max_iter, tol):
    """``sum_t log r(x_t) - sum_s r(x_s) + 1``, shares as weights, r fitted without these rows."""
    Ks, Kt = problem.kernels(gamma)
    ps, pt = problem.source.share, problem.target.share
    n_folds = min(n_folds, len(ps), len(pt))
    source_fold, target_fold = np.arange(len(ps)) % n_folds, np.arange(len(pt)) % n_folds
    score = 1.0
    for fold in range(n_folds):
        s, t = source_fold != fold, target_fold != fold
        found = fit_coef(Ks[s], ps[s] / ps[s].sum(), Kt[t], pt[t] / pt[t].sum(), max_iter, tol)
        if found is None:
            return -np.inf
        with np.errstate(divide="ignore"):
            score += pt[~t] @ np.log(Kt[~t] @ found[0]) - ps[~s] @ (Ks[~s] @ found[0])
    return score
