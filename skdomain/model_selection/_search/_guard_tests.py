"""What the guard asks of a shift and of candidates."""

import numpy as np

from skdomain.metrics import class_mixture_test

# In accuracy: what counts as harm.
HARM = 0.01


def shift_pvalue(views, n_bootstrap):
    """P-value of the hypothesis that only the proportions of the classes have changed.

    Each view holds source rows, their labels and target rows; of several the smallest p-value
    counts, times their number.
    """
    tests = [class_mixture_test(*one, n_bootstrap=n_bootstrap, random_state=0) for one in views]
    return min(1.0, len(tests) * min(test.pvalue for test in tests))


def worth_rehearsing(ranks, circular):
    """Whether each candidate ranks above the first, the baseline, and leads back as well."""
    return (ranks > ranks[0]) & (circular >= circular[0])


def allowed(gains):
    """Whether candidates with these gains in the three kinds of rehearsals may adapt.

    With g the gains: no harm where only the proportions of the standardised mixture differ,
    ``g_1 >= -HARM``, and what is gained where the features moved is twice what is lost where only
    those of the plain mixture differ, ``g_2 >= 2 max(HARM, -g_0)``.
    """
    return (gains[:, 1] >= -HARM) & (gains[:, 2] >= 2 * np.maximum(HARM, -gains[:, 0]))


def chosen(ranks, gains):
    """The candidate that ranks highest of those allowed; 0, the baseline, if there is none."""
    return int(np.argmax(np.where(allowed(gains), ranks, -1))) if allowed(gains).any() else 0


def what_is_lacking(ranks, circular, gains):
    """Why no candidate is allowed, in words."""
    ahead = ranks > ranks[0]
    if not ahead.any():
        return "no candidate ranks above the baseline"
    if not worth_rehearsing(ranks, circular).any():
        return "all that rank above the baseline lead back worse"
    if np.isnan(gains[:, 2]).all():
        return "no shift can be rehearsed, as the rows are no dense table of numbers"
    most, best = np.nanmax(gains[:, 2]), np.nanargmax(gains[:, 2])
    if most < 2 * HARM:
        return f"in a rehearsal of the shift, adapting gains {100 * most:.1f} points at most"
    return (
        f"what gains most in a rehearsal of the shift, {100 * most:.1f} points, loses "
        f"{-100 * gains[best, :2].min():.1f} where only proportions differ"
    )
