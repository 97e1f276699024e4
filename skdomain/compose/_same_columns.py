"""Whether the columns that several fitted transformers give out mean the same."""

import numpy as np
from sklearn.base import OneToOneFeatureMixin

SHOWN = 5  # columns that a message names, at most
REMEDY = (
    "Joined, one column would mean different things. Fit the transformer to all rows, without "
    "PerDomain, or fix what it keeps: as by OneHotEncoder(categories=...), "
    "SimpleImputer(keep_empty_features=True), or a choice of columns beforehand."
)


def check_same_columns(transformers):
    """Refuse transformers, by domain, whose output columns are not the same in the same order.

    Compared are the names of the output columns. Where a transformer gives none, the columns that
    it selects take their place. Of encoders the categories must agree, as their order is a code.
    """
    described = {domain: columns_of(transformer) for domain, transformer in transformers.items()}
    (first, expected), *others = described.items()
    for domain, columns in others:
        if columns != expected:
            raise ValueError(
                f"PerDomain({_name(transformers)}) gives out other columns in domain {domain} than "
                f"in domain {first}: {_difference(expected, columns, first, domain)}. {REMEDY}"
            )


def columns_of(transformer):
    """What the output columns are called or selected from, and the categories behind codes."""
    names = _output_names(transformer)
    parts = list(_parts(transformer))
    if names is None:
        names = [name for part in parts for name in _selected(part)]
    return names + [text for part in parts for text in _coded(part)]


def _output_names(transformer):
    """Names of the output columns, or None of a transformer that has none."""
    try:
        return list(transformer.get_feature_names_out())
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None


def _parts(transformer):
    """The transformer and what stands inside it, as in a pipeline."""
    yield transformer
    for attribute in ("steps", "transformers_", "transformer_list"):
        for _, part, *_ in getattr(transformer, attribute, ()):
            if hasattr(part, "fit"):
                yield from _parts(part)


def _selected(part):
    if not hasattr(part, "get_support"):
        return []
    support = part.get_support()
    return [_input_names(part, len(support))[i] for i in np.flatnonzero(support)]


def _coded(part):
    """Categories of an encoder whose columns keep the names of the inputs."""
    if not isinstance(part, OneToOneFeatureMixin):
        return []
    categories = [values.tolist() for values in getattr(part, "categories_", ())]
    names = _input_names(part, len(categories))
    return [f"{name} of {values}" for name, values in zip(names, categories, strict=False)]


def _input_names(part, n_features):
    return getattr(part, "feature_names_in_", [f"x{i}" for i in range(n_features)])


def _difference(expected, columns, first, domain):
    only = {first: _without(expected, columns), domain: _without(columns, expected)}
    found = [f"{_some(names)} only in domain {where}" for where, names in only.items() if names]
    return ", ".join(found) or "they are in another order"


def _without(names, others):
    others = set(others)
    return [name for name in names if name not in others]


def _some(names):
    more = len(names) - SHOWN
    return ", ".join(map(repr, names[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _name(transformers):
    return type(next(iter(transformers.values()))).__name__
