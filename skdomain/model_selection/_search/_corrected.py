"""A model that does not adapt, corrected for the proportions of the classes in the target."""

import warnings
from functools import partial

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skdomain.compose import SourceOnly
from skdomain.label_shift import LabelShiftClassifier
from skdomain.model_selection._search._judging import fitted_to, report_failures
from skdomain.model_selection._search._views import attempt


def corrected(model, **parameters):
    """The model with a :class:`LabelShiftClassifier` for the SourceOnly that it is or ends in.

    Parameters
    ----------
    model : estimator
        Not fitted.
    **parameters : dict
        Of the LabelShiftClassifier.

    Returns
    -------
    estimator or None
        None where there is no SourceOnly, or it has no class probabilities.
    """
    if isinstance(model, Pipeline):
        last = corrected(model[-1], **parameters)
        return last and clone(model).set_params(**{model.steps[-1][0]: last})
    if isinstance(model, SourceOnly) and hasattr(model, "predict_proba"):
        return LabelShiftClassifier(model._inner(), **parameters)
    return None


def fitted_correction(model, X, hidden, domains, **parameters):
    """The corrected model fitted to all rows, and its LabelShiftClassifier; None, None without."""
    corrected_model = corrected(model, **parameters)
    if corrected_model is None:
        return None, None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LabelShiftClassifier: ")  # the guard has tested
        fit = partial(fitted_to, sample_domain=domains)
        fitted, failure = attempt(fit, corrected_model, X, hidden)
    if failure:
        report_failures("corrected baseline", [failure], 1)
        return None, None
    return fitted, fitted[-1] if isinstance(fitted, Pipeline) else fitted
