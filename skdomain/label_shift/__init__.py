"""Label shift: the proportions of the classes in the target, from unlabelled rows of it."""

from skdomain.label_shift._bbse import BBSE, bbse_priors
from skdomain.label_shift._calibration import fit_calibration as fit_calibration
from skdomain.label_shift._diagnosis import drawn_by_class as drawn_by_class
from skdomain.label_shift._diagnosis import finite_numbers as finite_numbers
from skdomain.label_shift._diagnosis import log_odds_of as log_odds_of
from skdomain.label_shift._em import EMPriors, em_priors
from skdomain.label_shift._held_out import source_folds as source_folds
from skdomain.label_shift._held_out import source_posteriors as source_posteriors
from skdomain.label_shift._interval import bootstrap_interval as bootstrap_interval
from skdomain.label_shift._interval import redrawn_priors as redrawn_priors
from skdomain.label_shift._interval import resample_counts as resample_counts
from skdomain.label_shift._kernel_mixture import KernelMixture, kernel_mixture_priors
from skdomain.label_shift._label_shift_classifier import LabelShiftClassifier
from skdomain.label_shift._methods import PRIORS as PRIORS
from skdomain.label_shift._moment_draws import likelihood_draws as likelihood_draws
from skdomain.label_shift._posteriors import class_folds as class_folds
from skdomain.label_shift._rlls import RLLS, rlls_priors

__all__ = [
    "BBSE",
    "RLLS",
    "EMPriors",
    "KernelMixture",
    "LabelShiftClassifier",
    "bbse_priors",
    "em_priors",
    "kernel_mixture_priors",
    "rlls_priors",
]
