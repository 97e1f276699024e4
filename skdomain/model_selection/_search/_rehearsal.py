"""Rehearsals: targets made of source rows, whose labels are known, on which adapting can be tried.

Half of the rows of each class stay the source, the others are the target; the halves are then
exchanged. There are two kinds:

0. Nothing differs. What loses accuracy there costs something wherever there is nothing to adapt to.
1. The features have the means and standard deviations that they have in the real target, and the
   classes the proportions of their mixture that is nearest to it once each domain is standardised.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.utils import _safe_indexing, check_random_state

from skdomain._domains import labels_at, stack_rows
from skdomain._estimators import call_with_domains
from skdomain._rows import named_as
from skdomain.label_shift import finite_numbers
from skdomain.metrics import class_mixture_discrepancy
from skdomain.model_selection._criteria._gains import squared_gains
from skdomain.model_selection._search._judging import fitted_to
from skdomain.model_selection._splitters._domain_splitter import stratum_codes
from skdomain.model_selection._splitters._groups import group_codes, group_folds


class Rehearsal(NamedTuple):
    """Rows of both domains, labels hidden on the target, domains, and the target's true labels."""

    X: object
    hidden: np.ndarray
    domains: np.ndarray
    truth: np.ndarray


def halves(labels, rng, groups=None):
    """True for half of the rows of each class, drawn at random; of a single row, for that one.

    With groups, for whole ones, so that each class has about half of its rows there.
    """
    if groups is not None:
        return group_folds(group_codes(groups, len(labels)), [stratum_codes(labels)], 2, rng) == 0
    first = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        first[rows[::2]] = True
    return first


def in_proportions(labels, proportions, n_rows, rng):
    """Numbers of about n rows whose classes have these proportions; as few twice as can be.

    Classes are those of ``np.unique`` of the source; one that has no row here is left out.
    """
    rows = []
    for label, n in zip(*proportions, strict=True):
        members = rng.permutation(np.flatnonzero(labels == label))
        rows.append(np.resize(members, round(n * n_rows)) if len(members) else members)
    return np.concatenate(rows).astype(int)


def moments_of(values, wanted):
    """Values whose features have the means and standard deviations that others have."""
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return scaled * wanted.std(axis=0) + wanted.mean(axis=0)


def rehearsals(X, hidden, domains, sides, random_state=0, groups=None):
    """Rehearsals of each kind; the first alone where rows are no table of dense numbers.

    Parameters
    ----------
    X, hidden, domains
        All rows, labels of the source, and domains.
    sides : tuple
        Source rows, their classes and target rows as the baseline sees them.
    random_state : int
    groups : array-like of shape (n_samples,), default=None
        Rows that belong together stay in one half.

    Returns
    -------
    list of list of Rehearsal
    """
    rng = check_random_state(random_state)
    source, target = np.flatnonzero(domains > 0), np.flatnonzero(domains < 0)
    labels, numbers, kinds = sides[1], finite_numbers(X), ([], [])
    together = None if groups is None else np.asarray(groups)[source]
    first, mixture = halves(labels, rng, together), _standardised_mixture(sides)
    for half in (first, ~first):
        kept, others = source[half], source[~half]
        drawn = others[in_proportions(labels[~half], mixture, len(target), rng)]
        if len(others):
            alike = _safe_indexing(X, others)
            kinds[0].append(_rehearsal(X, hidden, domains, kept, others, alike))
        if len(drawn) and isinstance(numbers, np.ndarray):
            moved = named_as(X, moments_of(numbers[drawn], numbers[target]))
            kinds[1].append(_rehearsal(X, hidden, domains, kept, drawn, moved))
    return [kind for kind in kinds if kind]


def _rehearsal(X, hidden, domains, kept, rows, drawn):
    told = np.resize(domains[domains < 0], len(rows))
    labels = np.concatenate([hidden[kept], np.full(len(rows), None)])
    stacked = stack_rows([_safe_indexing(X, kept), drawn])
    return Rehearsal(stacked, labels, np.concatenate([domains[kept], told]), hidden[rows])


def _standardised_mixture(sides):
    """Classes and proportions of the nearest mixture, each domain standardised if it is dense."""
    Xs, labels, Xt = sides
    if not sparse.issparse(Xs):
        Xs, Xt = (moments_of(rows, np.array([[-1.0], [1.0]])) for rows in (Xs, Xt))
    return np.unique(labels), class_mixture_discrepancy(Xs, labels, Xt)[1]


def rehearsed_accuracy(model, some):
    """Mean accuracy of a model over rehearsals.

    Of a regressor, the mean share of the variance of the source's values that is explained: 1 less
    the mean squared error over that variance.
    """
    return np.mean([_accuracy(model, *one) for one in some])


def _accuracy(model, X, hidden, domains, truth):
    fitted = fitted_to(model, X, hidden, sample_domain=domains)
    target = np.flatnonzero(domains < 0)
    rows, told = _safe_indexing(X, target), domains[target]
    labels = call_with_domains(fitted, "predict", rows, sample_domain=told)
    if not is_regressor(model):
        return np.mean(np.asarray(labels) == truth)
    variance = labels_at(hidden, domains > 0).var()
    return 1 + squared_gains(truth, labels).mean() / (variance if variance > 0 else 1.0)
