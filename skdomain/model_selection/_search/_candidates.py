"""Candidates: named, with their parameters set, and able to tell source from target."""

from itertools import chain, count, repeat

from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import ParameterGrid

from skdomain._estimators import asks_for_domains


def listed(candidates, baseline=None):
    """Names, estimators with their parameters set, and those parameters; a baseline first."""
    regresses, rows = _regresses(baseline), []
    if baseline is not None:
        rows = [("baseline", check_candidate(baseline, "baseline", regresses), {})]
    for name, model, grid in _named(candidates):
        check_candidate(model, "candidates", regresses)
        name = unused(name or method_name(model), {taken for taken, *_ in rows})
        rows += _points(name, model, grid)
    if not rows:
        raise ValueError("candidates is empty; pass one classifier at least.")
    return map(list, zip(*rows, strict=True))


def _named(candidates):
    """Iterate over names, None in a list, estimators and grids, which are empty of single ones."""
    pairs = candidates.items() if isinstance(candidates, dict) else zip(repeat(None), candidates)
    for name, candidate in pairs:
        is_pair = isinstance(candidate, tuple) and len(candidate) == 2
        yield name, *(candidate if is_pair else (candidate, {}))


def _points(name, model, grid):
    """A row for each point of a grid."""
    return [
        (name, clone(model).set_params(**clone(params, safe=False)), params)
        for params in ParameterGrid(grid)
    ]


def check_candidate(model, where, regresses):
    """The model if it is of the kind of the baseline and takes domains, else an error."""
    if not _is_one(model):
        raise ValueError(
            f"{where} holds {model!r}, which is no estimator; pass estimators, or pairs of an "
            "estimator and a grid of its parameters."
        )
    kind, is_kind = ("regressor", is_regressor) if regresses else ("classifier", is_classifier)
    if not is_kind(model):
        raise ValueError(
            f"{where} holds {model!r}, which is no {kind}. A vote is of classifiers; a search "
            "compares models of the kind of its baseline, of regressors with "
            "baseline=SourceOnly(Ridge())."
        )
    if not asks_for_domains(model):
        raise ValueError(
            f"{where} holds {model!r}, which does not take sample_domain and would learn from "
            "target rows; wrap it: SourceOnly(...)."
        )
    return model


def _is_one(model):
    return hasattr(model, "fit") and not isinstance(model, type)


def _regresses(model):
    return _is_one(model) and is_regressor(model)


def method_name(model):
    """The names of its steps or, in lower case, of its class."""
    return "-".join(step for step, _ in getattr(model, "steps", [])) or type(model).__name__.lower()


def unused(name, taken):
    """The name, with a number behind it if it is taken."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(each for each in chain([name], numbered) if each not in taken)
