"""The candidates as voters: what rows they take, how one comes to its vote, who has none."""

import dataclasses
import warnings

from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import get_tags

from skdomain._domains import NoTargetWarning, rows_at, warn_caller
from skdomain.model_selection._search._judging import fitted_to
from skdomain.model_selection._voting._ballots import proba_of, votes_of


def fitted_voter(model, X, hidden, domains, classes, soft):
    """A candidate fitted to all rows, and its votes on target rows, or on all if there is none."""
    counted = domains < 0 if (domains < 0).any() else domains > 0
    with warnings.catch_warnings():
        if (domains > 0).all():
            warnings.simplefilter("ignore", NoTargetWarning)  # said already
        fitted = fitted_to(model, X, hidden, sample_domain=domains)
    rows = rows_at(X, counted), domains[counted], classes
    if soft:
        proba_of(fitted, *rows)  # what fails in predict is to fail here
    return fitted, votes_of(fitted, *rows)


def report_absent(names, found):
    """Warn of the candidates that failed; without any that did not, nobody can vote."""
    failures = [(names[k], text) for k, (voter, text) in enumerate(found) if voter is None]
    if len(failures) == len(found):
        name, text = failures[0]
        kind = TypeError if text.startswith("TypeError") else ValueError
        raise kind(f"no candidate can vote; {name} failed: {text}")
    for name, text in failures:
        warn_caller(f"candidate {name} failed and has no vote: {text}", FitFailedWarning)


def _told_tags(candidates):
    """Input tags of the candidates, which are not checked yet."""
    given = candidates.values() if isinstance(candidates, dict) else candidates
    models = [each[0] if isinstance(each, tuple) else each for each in given]
    return [get_tags(each).input_tags for each in models if isinstance(each, BaseEstimator)]


def set_input_tags(tags, candidates):
    """A vote takes what one of the candidates takes, as those that fail are left out."""
    told = _told_tags(candidates)
    for field in dataclasses.fields(tags) if told else ():
        joined = all if field.name == "positive_only" else any
        setattr(tags, field.name, joined(getattr(each, field.name) for each in told))
