"""A candidate on a split: what judges it, what it may see, what is said if it fails."""

from time import perf_counter

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import column_or_1d

from skdomain._domains import source_labels, warn_caller
from skdomain._estimators import call_with_domains
from skdomain.model_selection._criteria._evidence import evidence_is_shared
from skdomain.model_selection._criteria._scorer_names import get_scorer, scorer_names
from skdomain.model_selection._search._candidates import unused

RANK = "rank"


def default_criteria(of_regressors):
    """All that read no target label; of regressors one: others take other rows for other units."""
    if of_regressors:
        return ["circular_validation"]
    return [name for name in scorer_names() if name != "oracle"]


def named_scorers(scoring, *, of_regressors=False):
    """Criteria by name; one is called "score", and "rank" stands for the default ones."""
    if scoring == RANK:
        scoring = default_criteria(of_regressors)
    scoring = list(scoring) if isinstance(scoring, list | tuple) else [scoring]
    if not scoring:
        raise ValueError("scoring is an empty list; pass one criterion at least.")
    scorers, names = [], []
    for name, scorer in map(_named_scorer, scoring):
        scorers.append(scorer)
        names.append(unused(name, names))
    return dict(zip(names if len(names) > 1 else ["score"], scorers, strict=True))


def _named_scorer(one):
    """Name and criterion."""
    if isinstance(one, str):
        return one, get_scorer(one)
    return getattr(one, "__name__", type(one).__name__), one


def hide_target_labels(X, y, source, estimator):
    """Labels of the source rows, None elsewhere."""
    hidden = np.full(len(source), None)
    hidden[source] = column_or_1d(source_labels(X, y, source, estimator), warn=True)
    return hidden


def judge(model, X, y, hidden, domains, train, test, scorers):
    """Values of the criteria on the test rows, what failed, seconds of fit and score, and the fit.

    The last is the fitted model, None if it failed.
    """
    start = fitted_at = perf_counter()
    fitted = None
    try:
        fitted = fitted_to(
            model, _safe_indexing(X, train), hidden[train], sample_domain=domains[train]
        )
        fitted_at = perf_counter()
        rows = _safe_indexing(X, test), y[test], domains[test]
        with evidence_is_shared():
            judged = [_value(scorer, fitted, rows) for scorer in scorers]
    except Exception as error:
        judged = [(np.nan, f"{type(error).__name__}: {error}")] * len(scorers)
    values, failures = zip(*judged, strict=True)
    return values, failures, (fitted_at - start, perf_counter() - fitted_at), fitted


def _value(scorer, fitted, rows):
    """Value of a criterion, and what failed: NaN and the reason, or the value and nothing."""
    try:
        value = float(scorer(fitted, *rows))
    except Exception as error:
        return np.nan, f"{type(error).__name__}: {error}"
    if not np.isfinite(value):
        return np.nan, f"a criterion is [{value}]"
    return value, ""


def fitted_to(model, X, y, *, sample_domain):
    """A clone of the model, fitted."""
    return call_with_domains(clone(model), "fit", X, y, sample_domain=sample_domain)


def report_failures(name, failures, n_splits):
    """Warn of a candidate that fails; without the baseline, nothing can be said of any."""
    if failures and name == "baseline":
        raise ValueError(f"the baseline cannot be judged: {failures[0]}")
    if failures:
        warn_caller(
            f"candidate {name} failed on {len(failures)} of {n_splits} splits and cannot win: "
            f"{failures[0]}",
            FitFailedWarning,
        )


def skipped(names, failures):
    """Criteria that cannot judge the baseline, or a candidate that most of the others can, and why.

    ``failures`` holds texts of shape (n_candidates, n_splits, n_criteria), empty where none is.
    """
    fails = (failures != "").any(axis=1)
    judged = fails[:, ~fails[0]].mean(axis=1) <= 0.5 if not fails[0].all() else fails[:, 0]
    reasons = {
        name: next(filter(None, texts[judged].ravel()))
        for name, texts, failing in zip(names, np.moveaxis(failures, 2, 0), fails.T, strict=True)
        if failing[judged].any()
    }
    if len(reasons) == len(names):
        raise ValueError(f"the baseline cannot be judged: {next(iter(reasons.values()))}")
    return reasons


def eligible(names, scorers, values, failures, left_out):
    """The criteria but some, and their values: NaN on a split where a candidate failed by one."""
    kept = [name not in left_out for name in scorers]
    scorers = {name: scorer for name, scorer in scorers.items() if name not in left_out}
    values, failures = values[:, :, kept], failures[:, :, kept]
    for name, texts in zip(names, failures.tolist(), strict=True):
        report_failures(name, [next(filter(None, each)) for each in texts if any(each)], len(texts))
    values[(failures != "").any(axis=2)] = np.nan
    return scorers, values
