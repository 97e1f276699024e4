"""The labels of the source file: classes or numbers."""

import numpy as np

from skdomain.cli._pair_of_files import tell
from skdomain.cli._refusal import RefusedError, needed

MOST_CLASSES = 20


def label_column(pair, options):
    """Source rows that have a label, their labels, and whether these are numbers to be met."""
    column = pair.source[options.label]
    told = column.notna()
    where = f"column {options.label!r} of {pair.source_path}"
    if not told.any():
        raise RefusedError(f"{where} has no values.")
    if not told.all():
        tell(f"{int((~told).sum())} rows of {pair.source_path} have no label and are left out.")
    labels = column[told]
    regresses = _is_regression(labels, options.task, where)
    if labels.nunique() == 1:
        raise RefusedError(f"{where} is {labels.iloc[0]!r} in all rows: there is nothing to learn.")
    return pair.source[told], _values(labels, regresses), regresses


def _is_regression(labels, task, where):
    types = needed("pandas").api.types
    numeric = types.is_numeric_dtype(labels) and not types.is_bool_dtype(labels)
    if task == "numbers" and not numeric:
        raise RefusedError(
            f"{where} holds text, such as {str(labels.iloc[0])!r}: no --task numbers."
        )
    if not numeric:
        if labels.nunique() > max(MOST_CLASSES, len(labels) / 2):
            raise RefusedError(f"{where} has another text in most rows: it holds no classes.")
        return False
    if task != "auto":
        return task == "numbers"
    fractions = bool(np.any(labels.to_numpy(float) % 1))
    regresses = fractions or labels.nunique() > MOST_CLASSES
    kind, other = ("numbers", "classes") if regresses else ("classes", "numbers")
    tell(f"{where} is taken for {kind}; --task {other} takes it for {other}.")
    return regresses


def _values(labels, regresses):
    """Numbers, whole numbers as classes, or texts."""
    types = needed("pandas").api.types
    if regresses:
        return labels.to_numpy(float)
    if types.is_numeric_dtype(labels) and not types.is_bool_dtype(labels):
        values = labels.to_numpy(float)
        return values if (values % 1).any() else values.astype(int)
    return labels.astype(str).to_numpy(str)
