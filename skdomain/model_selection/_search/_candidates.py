"""Candidates: named, with their parameters set, and able to tell source from target."""

from itertools import chain, count

from sklearn.base import clone, is_classifier
from sklearn.model_selection import ParameterGrid

from skdomain._estimators import asks_for_domains


def listed(candidates, baseline=None):
    """Names, estimators with their parameters set, and those parameters; a baseline first."""
    named = isinstance(candidates, dict)
    pairs = candidates.items() if named else ((None, candidate) for candidate in candidates)
    rows = [] if baseline is None else [("baseline", check_candidate(baseline, "baseline"), {})]
    for name, candidate in pairs:
        is_pair = isinstance(candidate, tuple) and len(candidate) == 2
        model, grid = candidate if is_pair else (candidate, {})
        check_candidate(model, "candidates")
        name = unused(name or method_name(model), {taken for taken, *_ in rows})
        rows += _points(name, model, grid)
    if not rows:
        raise ValueError("candidates is empty; pass one classifier at least.")
    return map(list, zip(*rows, strict=True))


def _points(name, model, grid):
    """A row for each point of a grid."""
    return [
        (name, clone(model).set_params(**clone(params, safe=False)), params)
        for params in ParameterGrid(grid)
    ]


def check_candidate(model, where):
    """The model if it is a classifier that takes domains, else an error that says so."""
    if isinstance(model, type) or not hasattr(model, "fit"):
        raise ValueError(
            f"{where} holds {model!r}, which is no estimator; pass estimators, or pairs of an "
            "estimator and a grid of its parameters."
        )
    if not is_classifier(model):
        raise ValueError(
            f"{where} holds {model!r}, which is no classifier; the criteria judge classifiers."
        )
    if not asks_for_domains(model):
        raise ValueError(
            f"{where} holds {model!r}, which does not take sample_domain and would learn from "
            "target rows; wrap it: SourceOnly(...)."
        )
    return model


def method_name(model):
    """The names of its steps or, in lower case, of its class."""
    return "-".join(step for step, _ in getattr(model, "steps", [])) or type(model).__name__.lower()


def unused(name, taken):
    """The name, with a number behind it if it is taken."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(each for each in chain([name], numbered) if each not in taken)
