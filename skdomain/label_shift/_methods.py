"""Methods by their names, of posteriors of both domains and one signature."""

from functools import partial

from skdomain.label_shift._bbse import bbse_priors
from skdomain.label_shift._em import posterior_em_priors
from skdomain.label_shift._kernel_mixture import kernel_mixture_priors
from skdomain.label_shift._rlls import rlls_priors

# (source_posteriors, codes, target_posteriors, *, source_weight=None, target_weight=None) -> priors
PRIORS = {
    "em": posterior_em_priors,
    "bbse": bbse_priors,
    "bbse-soft": partial(bbse_priors, soft=True),
    "rlls": rlls_priors,
    "kernel": kernel_mixture_priors,
}
