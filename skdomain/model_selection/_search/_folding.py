"""Splits of both domains that a search judges on."""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from skdomain._estimators import call_with_domains
from skdomain.model_selection._splitters._split import DomainKFold, DomainShuffleSplit


class SearchTask(NamedTuple):
    """Rows of both domains, labels of the source rows and None elsewhere, domains, and groups."""

    X: Any
    hidden: np.ndarray
    domains: np.ndarray
    groups: Any = None


def splits_of(cv, X, hidden, domains, groups=None):
    """Pairs of row numbers by a splitter, a number of folds, None, or as they are given."""
    if cv is None:
        cv = DomainShuffleSplit(5, test_size=0.5, random_state=0)
    elif isinstance(cv, Integral):
        cv = DomainKFold(cv)
    elif not hasattr(cv, "split"):
        return list(cv)
    return list(call_with_domains(cv, "split", X, hidden, groups, sample_domain=domains))
