"""Quantifiers of QuaPy on given posteriors, where it is installed."""

import warnings
from importlib import import_module

import numpy as np
from sklearn.linear_model import LogisticRegression

OTHERS = ("EMQ-BCTS", "ACC", "PACC", "KDEyML")


def quapy_priors(posteriors):
    """Priors by each of ``OTHERS`` with its defaults; NaN where QuaPy is not installed.

    Parameters
    ----------
    posteriors : Posteriors
        Those not calibrated are passed on: EMQ-BCTS calibrates them itself.
    """
    try:
        library = import_module("quapy.method.aggregative")
    except ImportError:
        return dict.fromkeys(OTHERS, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: _priors(library, name, posteriors) for name in OTHERS}


def _priors(library, name, found):
    numbers = np.arange(found.source.shape[1])
    # asked for its classes alone, as the posteriors are there
    told = LogisticRegression().fit(numbers[:, None], numbers)
    made = {
        "EMQ-BCTS": lambda **kw: library.EMQ.EMQ_BCTS(told, on_calib_error="backup", **kw),
        "ACC": lambda **kw: library.ACC(told, **kw),
        "PACC": lambda **kw: library.PACC(told, **kw),
        "KDEyML": lambda **kw: library.KDEyML(told, **kw),
    }[name](fit_classifier=False, val_split=None)
    S, T = found.raw_source, found.raw_target
    if name == "ACC":
        S, T = S.argmax(axis=1), T.argmax(axis=1)
    made.aggregation_fit(S, found.codes)
    return made.aggregate(T)
