"""A candidate on a split: what judges it, what it may see, what is said if it fails."""

from time import perf_counter

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import column_or_1d

from skdomain._domains import source_labels, warn_caller
from skdomain._estimators import call_with_domains
from skdomain.model_selection._criteria._scorer_names import get_scorer
from skdomain.model_selection._search._candidates import unused


def named_scorers(scoring):
    """Criteria by name; a single one is called "score"."""
    scoring = list(scoring) if isinstance(scoring, list | tuple) else [scoring]
    if not scoring:
        raise ValueError("scoring is an empty list; pass one criterion at least.")
    scorers, names = [], []
    for one in scoring:
        scorers.append(get_scorer(one) if isinstance(one, str) else one)
        name = one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__)
        names.append(unused(name, names))
    return dict(zip(names if len(names) > 1 else ["score"], scorers, strict=True))


def hide_target_labels(X, y, source, estimator):
    """Labels of the source rows, None elsewhere."""
    hidden = np.full(len(source), None)
    hidden[source] = column_or_1d(source_labels(X, y, source, estimator), warn=True)
    return hidden


def judge(model, X, y, hidden, domains, train, test, scorers):
    """Values of the criteria on the test rows, seconds of fit and score, and what failed."""
    start = fitted_at = perf_counter()
    values, failure = [np.nan] * len(scorers), ""
    try:
        fitted = fitted_to(
            model, _safe_indexing(X, train), hidden[train], sample_domain=domains[train]
        )
        fitted_at = perf_counter()
        rows = _safe_indexing(X, test), y[test], domains[test]
        found = [float(scorer(fitted, *rows)) for scorer in scorers]
        if np.isfinite(found).all():
            values = found
        else:
            failure = f"a criterion is {found}"
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    return values, (fitted_at - start, perf_counter() - fitted_at), failure


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
