"""A sum of bumps that makes the target rows most likely, for :class:`KLIEP`."""

from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdomain._domains import check_domains, warn_caller
from skdomain._estimators import few_threads
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
    Xs, Xt = check_domains(Xs, Xt, accept_sparse=True)
    gammas = candidate_gammas(gamma, Xs, Xt)
    problem = ratio_problem(Xs, Xt, n_centers, gammas[-1])
    scores = np.full(len(gammas), np.nan)
    if gamma == "likelihood":
        check_leave_out(problem, "gamma", gamma)
        with few_threads(problem.target.distances.size):
            scores = np.array([left_out_score(problem, g, n_folds, max_iter, tol) for g in gammas])
    chosen = gammas[np.argmax(scores)]
    Ks, Kt = problem.kernels(chosen)
    with few_threads(Kt.size):
        found = fit_coef(problem.source.share @ Ks, Kt, problem.target.share, max_iter, tol)
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


def fit_coef(means, Kt, target_share, max_iter, tol):
    """Most likely coefficients of the bumps, None if none gives each target row a density.

    With ``theta_l = coef_l means_l``, where ``means_l = mean_s k(x_s, center_l)``, the constraint
    says that theta sums to 1, so these are the proportions of a mixture.
    """
    # A center that no source row sees could be given any coefficient: it is given none.
    seen = means >= np.finfo(float).tiny
    densities = (Kt if seen.all() else Kt[:, seen]) / means[seen]
    if not densities.any(axis=1).all():
        return None
    proportions = mixture_proportions(densities, target_share, max_iter=max_iter, tol=tol)
    coef = np.zeros(len(means))
    coef[seen] = proportions.theta / means[seen]
    return coef, proportions


def left_out_score(problem, gamma, n_folds, max_iter, tol):
    """``sum_t log r(x_t) - sum_s r(x_s) + 1``, shares as weights, r fitted without these rows.

    Of the source, a fold's sum of bumps is all that a fit without it or its score asks for.
    """
    Ks, Kt = problem.kernels(gamma)
    ps, pt = problem.source.share, problem.target.share
    n_folds = min(n_folds, len(ps), len(pt))
    folds = [slice(fold, None, n_folds) for fold in range(n_folds)]
    sums, total = np.array([ps[f] @ Ks[f] for f in folds]), np.array([ps[f].sum() for f in folds])
    score = 1.0
    for fold, rows in enumerate(folds):
        others = np.arange(n_folds) != fold
        kept = np.delete(np.arange(len(pt)), rows)
        share = pt[kept] / pt[kept].sum()
        means = sums[others].sum(axis=0) / total[others].sum()
        found = fit_coef(means, Kt[kept], share, max_iter, tol)
        if found is None:
            return -np.inf
        with np.errstate(divide="ignore"):
            score += pt[rows] @ np.log(Kt[rows] @ found[0]) - sums[fold] @ found[0]
    return score
