"""What the guard asks of a shift and of candidates."""

import numpy as np
from scipy.stats import norm

from skdomain.metrics import class_mixture_test, resampled_discrepancies

# In accuracy: what counts as harm.
HARM = 0.01


def shift_pvalue(views, n_bootstrap):
    """P-value of the hypothesis that only the proportions of the classes have changed.

    Each view holds source rows, their labels and target rows; of several the smallest p-value
    counts, times their number.
    """
    tests = [class_mixture_test(*one, n_bootstrap=n_bootstrap, random_state=0) for one in views]
    return min(1.0, len(tests) * min(test.pvalue for test in tests))


def closer_pvalues(sides, n_models, n_bootstrap):
    """P-values of models being no closer to a mixture of the classes than the first, the baseline.

    Parameters
    ----------
    sides : dict of int to list of tuple
        What models say of source rows, their labels, and what they say of target rows, on each of
        some splits, by number of model; the baseline is 0.
    n_models, n_bootstrap : int

    Returns
    -------
    ndarray of shape (n_models,)
        Of a normal law of the differences over bootstrap samples of the rows, the same for all
        models; of several splits, which share rows, with the mean of their standard deviations.
        NaN of the baseline, and of models that are not among the sides.
    """
    options = {"n_bootstrap": n_bootstrap, "random_state": 0}
    drawn = {
        k: np.array([resampled_discrepancies(*side, **options) for side in splits])
        for k, splits in sides.items()
    }
    found = np.full(n_models, np.nan)
    for k in drawn.keys() - {0}:
        gain = drawn[0] - drawn[k]
        found[k] = norm.sf(gain.mean() / max(gain.std(axis=1).mean(), np.finfo(float).tiny))
    return found


def bonferroni(pvalues):
    """The same by Bonferroni's correction: times their number, those that are missing aside."""
    return np.minimum(1, pvalues * np.isfinite(pvalues).sum())


def ranks_above(ranks):
    """Whether candidates rank above the first, the baseline, in each row of ranks."""
    ranks = np.asarray(ranks)
    return (ranks > ranks[:, :1]).all(axis=0)


def allowed(gains):
    """Whether candidates with these gains in each kind of rehearsal may adapt: none does harm."""
    return (gains >= -HARM).all(axis=1)


def chosen(ranks, gains):
    """The candidate that ranks highest of those allowed; 0, the baseline, if there is none."""
    fine = allowed(gains)
    fine[0] = False
    return int(np.argmax(np.where(fine, ranks, -1))) if fine.any() else 0


def what_is_lacking(closer, gains, alpha):
    """Why no candidate is allowed, in words."""
    if np.isnan(closer).all():
        return "no candidate ranks above the baseline on every split"
    if not (closer < alpha).any():
        return "none that ranks above the baseline brings it closer to one"
    least = gains[1:].min(axis=1)
    if np.isnan(least).all():
        return "what brings it closer to one fails in rehearsals"
    return f"what brings it closer to one loses {-100 * np.nanmax(least):.1f} points in a rehearsal"
