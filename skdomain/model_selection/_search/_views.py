"""What a model says of the rows of both domains, or how it sees them."""

import numpy as np
from sklearn.utils import _safe_indexing

from skdomain._domains import labels_at
from skdomain.model_selection._criteria._evidence import Evidence
from skdomain.model_selection._search._judging import fitted_to
from skdomain.model_selection._splitters._split import DomainKFold


def attempt(view, *args):
    """What the view returns, and what failed."""
    try:
        return view(*args), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


def seen_rows(model, X, hidden, domains):
    """Source rows, their labels and target rows as a model sees them that is fitted to all rows."""
    fitted = fitted_to(model, X, hidden, sample_domain=domains)
    evidence = Evidence(fitted, X, hidden, domains)
    return evidence.source_features, evidence.y_source, evidence.target_features


def held_out_log_odds(model, X, hidden, domains):
    """Log odds of source rows, the labels and log odds of target rows, each by the other folds.

    None if the model says no more than 0 or 1, or a domain has a single row.
    """
    source = domains > 0
    y_source = labels_at(hidden, source)
    classes, n_folds = np.unique(y_source), min(5, np.unique(domains, return_counts=True)[1].min())
    if n_folds < 2 or not (hasattr(model, "predict_proba") or hasattr(model, "decision_function")):
        return None
    proba = np.zeros((len(domains), len(classes)))
    folds = DomainKFold(n_folds, shuffle=True, random_state=0)
    for train, test in folds.split(X, hidden, sample_domain=domains):
        fitted = fitted_to(
            model, _safe_indexing(X, train), hidden[train], sample_domain=domains[train]
        )
        evidence = Evidence(fitted, _safe_indexing(X, test), hidden[test], domains[test])
        columns = np.searchsorted(classes, fitted.classes_)
        proba[np.ix_(test[source[test]], columns)] = evidence.source_proba
        proba[np.ix_(test[~source[test]], columns)] = evidence.target_proba
    if not ((proba > 0) & (proba < 1)).any():
        return None
    log = np.log(np.clip(proba, 1e-6, 1))
    odds = log[:, 1:] - log[:, :1]
    return odds[source], y_source, odds[~source]
