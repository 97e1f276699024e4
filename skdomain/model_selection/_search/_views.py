"""What a model says of the rows of both domains, or how it sees them."""

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils import _safe_indexing

from skdomain._domains import labels_at
from skdomain.model_selection._criteria._evidence import Evidence
from skdomain.model_selection._criteria._value_groups import value_groups
from skdomain.model_selection._search._judging import fitted_to
from skdomain.model_selection._splitters._split import DomainKFold


def attempt(view, *args):
    """What the view returns, and what failed."""
    try:
        return view(*args), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


def seen_rows(model, X, hidden, domains, groups=None):
    """Source rows, their classes and target rows, as a model sees them that is fitted to all."""
    fitted = fitted_to(model, X, hidden, sample_domain=domains)
    evidence = Evidence(fitted, X, hidden, domains)
    classes = value_groups(evidence.y_source) if is_regressor(model) else evidence.y_source
    return evidence.source_features, classes, evidence.target_features


def held_out_fits(model, X, hidden, domains, groups=None):
    """Rows of each of five folds, and the model fitted to the others; None for a single row.

    Of less than five rows of a domain, or groups that have rows in it, there are as many folds.
    """
    apart = np.arange(len(domains)) if groups is None else np.asarray(groups)
    n_folds = min(5, *(len(np.unique(apart[domains == d])) for d in np.unique(domains)))
    if n_folds < 2:
        return None
    folds = DomainKFold(n_folds, shuffle=True, random_state=0)
    splits = folds.split(X, hidden, groups, sample_domain=domains)
    return ((test, _fitted_at(train, model, X, hidden, domains)) for train, test in splits)


def _fitted_at(rows, model, X, hidden, domains):
    return fitted_to(model, _safe_indexing(X, rows), hidden[rows], sample_domain=domains[rows])


def held_out_answers(model, X, hidden, domains, groups=None, fits=None):
    """What a model says of source rows, their classes and what it says of target rows.

    Each row is asked of one of the :func:`held_out_fits`. The log odds of a classifier, the values
    of a regressor; None if a classifier says no more than 0 or 1, or a domain has a single row.
    """
    fits = held_out_fits(model, X, hidden, domains, groups) if fits is None else fits
    view = _held_out_values if is_regressor(model) else _held_out_log_odds
    return None if fits is None else view(model, X, hidden, domains, fits)


def _held_out_evidence(fits, X, hidden, domains):
    """Rows of each fold, and what the model says of them that is fitted to the others."""
    for test, fitted in fits:
        yield test, Evidence(fitted, _safe_indexing(X, test), hidden[test], domains[test])


def _held_out_values(model, X, hidden, domains, fits):
    source, values = domains > 0, np.zeros((len(domains), 1))
    for test, evidence in _held_out_evidence(fits, X, hidden, domains):
        values[test[source[test]], 0] = evidence.source_labels
        values[test[~source[test]], 0] = evidence.target_labels
    return values[source], value_groups(labels_at(hidden, source)), values[~source]


def _held_out_log_odds(model, X, hidden, domains, fits):
    source = domains > 0
    y_source = labels_at(hidden, source)
    classes = np.unique(y_source)
    if not (hasattr(model, "predict_proba") or hasattr(model, "decision_function")):
        return None
    proba = np.zeros((len(domains), len(classes)))
    for test, evidence in _held_out_evidence(fits, X, hidden, domains):
        columns = np.searchsorted(classes, evidence.classes)
        proba[np.ix_(test[source[test]], columns)] = evidence.source_proba
        proba[np.ix_(test[~source[test]], columns)] = evidence.target_proba
    odds = class_log_odds(proba)
    return None if odds is None else (odds[source], y_source, odds[~source])


def class_log_odds(proba):
    """Of each class against the first; None where no row is in doubt, so that there is no more."""
    if not ((proba > 0) & (proba < 1)).any():
        return None
    log = np.log(np.clip(proba, 1e-6, 1))
    return log[:, 1:] - log[:, :1]
