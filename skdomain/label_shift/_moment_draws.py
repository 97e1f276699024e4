"""Bootstrap draws of the priors of greatest likelihood."""

import numpy as np

from skdomain.label_shift._confusion import class_confusion, mixture_priors
from skdomain.label_shift._simplex import class_ratios

_SMOOTHING = 0.01


def likelihood_draws(evidence, priors, source_counts, target_counts):
    """Priors of bootstrap draws, by moments that hold whether or not the posteriors are right.

    Features are the posteriors corrected for the priors, ``r_ic ~ p(c | x_i) q_c / p_c`` with rows
    of sum 1. The likelihood is greatest where their mean over target rows is q. Under label shift
    that mean is also the mixture, by the true priors, of their means over the source rows of each
    class, of whatever the features are; these equations are solved in each draw. They agree where
    the posteriors are right; where they are not, draws lie around the true priors, not around q.
    """
    S, T = _responsibilities(evidence, priors)
    return np.array(
        [
            mixture_priors(class_confusion(S, evidence.codes, T, S.shape[1], w, v))
            for w, v in zip(source_counts, target_counts, strict=True)
        ]
    )


def _responsibilities(evidence, priors):
    """Corrected posteriors of both domains, for priors of which none is 0 but in the source."""
    p = evidence.source.mean(axis=0)
    ratio = class_ratios((1 - _SMOOTHING) * priors + _SMOOTHING * p, p)
    scaled = [evidence.source * ratio, evidence.target * ratio]
    return [R / np.where(R.any(axis=1), R.sum(axis=1), 1)[:, None] for R in scaled]
