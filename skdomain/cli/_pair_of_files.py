"""Both files as one table of numbers, or of numbers and categories."""

import sys

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skdomain.cli._refusal import needed
from skdomain.cli._shared_columns import MOST_TEXTS, Pair, check_label, features
from skdomain.cli._tables import read_table

_MISSING = "(missing)"


def read_pair(options):
    """Both files, and their features: what is left out is told."""
    paths = options.source, options.target
    pair = Pair(*(read_table(path, options) for path in paths), *paths)
    ignored = [*options.ignore]
    if options.label is not None:
        check_label(pair, options.label)
        ignored.append(options.label)
    found = features(pair, ignored)
    for note in found.notes:
        tell(note)
    return pair, found


def tell(note):
    """Say something beside the result."""
    print(f"note: {note}", file=sys.stderr)


def joined(source, target, found):
    """The features of both, source rows first, texts and None where one is missing; domains."""
    pandas = needed("pandas")
    frame = pandas.concat([source[found.names], target[found.names]], ignore_index=True)
    for name in found.texts:
        texts = frame[name].map(str, na_action="ignore").astype(object)
        frame[name] = texts.where(texts.notna(), None)
    for name in found.numbers:
        frame[name] = frame[name].to_numpy(float, na_value=np.nan)
    return frame, np.repeat([1, -2], [len(source), len(target)])


def standardised_numbers(frame, found):
    """Standardised numbers and indicators of categories, made without a look at labels.

    A missing number is the median of those present, and a column more says where it was; a missing
    text is a category of its own. The rarest of many categories are one, so that one column of text
    does not outnumber all others.
    """
    filled = frame.copy()
    filled[found.texts] = filled[found.texts].fillna(_MISSING)
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = OneHotEncoder(max_categories=MOST_TEXTS, drop="if_binary", sparse_output=False)
    parts = [("numbers", numbers, found.numbers), ("texts", categories, found.texts)]
    return ColumnTransformer(parts).fit_transform(filled)
