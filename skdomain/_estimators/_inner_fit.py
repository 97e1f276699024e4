"""How the fit of an estimator inside is given weights.

Most take them by name. A pipeline, a vote or a search passes them on to what it is made of, if
that asks for them: whether routing is on or off, a copy of it is made to ask. What takes none can
be trained on rows that are drawn by weight.
"""

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    _routing_enabled,
    get_routing_for_object,
)
from sklearn.utils.validation import has_fit_parameter

from skdomain._estimators._inner_params import params_at

WEIGHT = "sample_weight"


def check_takes_weights(estimator, inner, examples):
    """Refuse one inside whose ``fit`` takes and passes on no weights, unless rows may be drawn."""
    if not (estimator.resample or takes_weights(inner)):
        raise ValueError(
            f"{type(estimator).__name__} trains on weighted rows, but {type(inner).__name__}.fit "
            f"takes no sample_weight; wrap an estimator that does, such as {examples}, or a "
            "pipeline, a vote or a search over such; or set resample=True, which trains it on rows "
            "that are drawn by weight."
        )


def takes_weights(estimator):
    """Whether ``fit`` takes ``sample_weight``, or passes it on to all parts that predict."""
    if has_fit_parameter(estimator, WEIGHT):
        return True
    parts = (part for part, _, predicts in _parts(estimator, "") if predicts)
    return _asks(estimator) and all(map(takes_weights, parts))


def fit_weighted(model, X, y, weights, params=None, *, draw=None):
    """Fit an estimator to weighted rows.

    Parameters
    ----------
    model : estimator
        Is fitted, and where it has to pass weights on, made to ask for them.
    X, y : rows and their labels or values
    weights : ndarray of shape (n_samples,)
        At least 0.
    params : dict, default=None
        Further parameters of its ``fit``.
    draw : RandomState, default=None
        Draws the rows for a model that takes no weights.

    Returns
    -------
    estimator
        The model.
    """
    params = params or {}
    if draw is not None and not takes_weights(model):
        rows = drawn_rows(weights, draw)
        X, y, params = _safe_indexing(X, rows), y[rows], params_at(params, X, rows)
        return model.fit(X, y, **params)
    if _by_name(model):
        return model.fit(X, y, sample_weight=weights, **params)
    with config_context(enable_metadata_routing=True):
        return asking(model, params).fit(X, y, sample_weight=weights, **params)


def drawn_rows(weights, rng):
    """As many rows as there are, each as often as its share of the weights says, up to rounding.

    Row i comes ``floor(c_i + u) - floor(c_(i-1) + u)`` times, c the cumulated shares times the
    number of rows and u uniform in [0, 1): once each where all weights are equal, and never where
    the weight is 0.
    """
    cumulated = np.cumsum(weights)
    ends = np.floor(cumulated * (len(weights) / cumulated[-1]) + rng.uniform())
    return np.repeat(np.arange(len(weights)), np.diff(ends, prepend=0).astype(int))


def asking(model, params):
    """The model, changed to pass ``sample_weight`` on to what predicts in it, with routing on.

    What was asked for before stays. Searches weigh their scores, too. The parameters are asked for
    under the names that a pipeline knows them by where routing is off, as ``step__parameter``.
    """
    _ask(model, params, "", predicts=True)
    return model


def _by_name(model):
    """Whether ``fit`` takes weights and nothing has to be asked for."""
    routed = _routing_enabled() and _is_router(model)
    return has_fit_parameter(model, WEIGHT) and not routed


def _is_router(estimator):
    routing = hasattr(estimator, "get_metadata_routing")
    return routing and isinstance(get_routing_for_object(estimator), MetadataRouter)


def _asks(estimator):
    """Whether weights reach what asks for them, unless that is told to ask for none."""
    with config_context(enable_metadata_routing=True):
        routing = get_routing_for_object(asking(clone(estimator), {}))
        return bool(routing.consumes("fit", [WEIGHT]))


def _ask(model, params, prefix, *, predicts):
    for part, inner_prefix, part_predicts in _parts(model, prefix):
        _ask(part, params, inner_prefix, predicts=predicts and part_predicts)
    if hasattr(model, "scoring"):
        model.scoring = _weighted_scoring(model.scoring)
    if not hasattr(model, "_get_metadata_request"):
        return
    request = model._get_metadata_request()
    named = {name[len(prefix) :]: name for name in params if name.startswith(prefix)}
    _set_unless_asked(model, request.fit, named | {WEIGHT: predicts})
    _set_unless_asked(model, request.score, {WEIGHT: predicts})


def _set_unless_asked(model, request, wanted):
    unset = {name for name, alias in request.requests.items() if alias is None}
    asked = {name: wanted[name] for name in unset & wanted.keys()}
    if asked:
        getattr(model, f"set_{request.method}_request")(**asked)


def _parts(estimator, prefix):
    """Estimators that an estimator is made of, their prefix in a pipeline, and if they predict."""
    if hasattr(estimator, "steps"):
        last = len(estimator.steps) - 1
        for number, (name, step) in enumerate(estimator.steps):
            if hasattr(step, "fit"):
                yield step, f"{prefix}{name}__", number == last
    elif hasattr(estimator, "get_params"):
        for part in _estimators_in(estimator.get_params(deep=False)):
            yield part, prefix, hasattr(part, "predict")


def _estimators_in(value):
    if hasattr(value, "fit") and not isinstance(value, type):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _estimators_in(each)


def _weighted_scoring(scoring):
    """Scorers of a search that ask for weights, where they take some."""
    if isinstance(scoring, list | tuple | set):
        scoring = dict(zip(scoring, scoring, strict=True))
    if isinstance(scoring, dict):
        return {name: _weighted_scorer(scorer) for name, scorer in scoring.items()}
    return _weighted_scorer(scoring)


def _weighted_scorer(scoring):
    scorer = get_scorer(scoring) if scoring in get_scorer_names() else scoring
    if getattr(scorer, "_accept_sample_weight", bool)():
        asked = scorer._get_metadata_request().score.requests.get(WEIGHT)
        scorer.set_score_request(**{WEIGHT: True if asked is None else asked})
    return scorer
