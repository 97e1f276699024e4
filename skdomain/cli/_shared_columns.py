"""Which columns of two files are features, and of which kind."""

from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from skdomain.cli._refusal import RefusedError, needed

# A text that differs in most rows names the row; up to that many texts are a category all the same.
MOST_TEXTS = 20


class Pair(NamedTuple):
    """A frame of each domain and the path it was read from."""

    source: object
    target: object
    source_path: object
    target_path: object

    def sides(self):
        """Path and frame of each."""
        return [(self.source_path, self.source), (self.target_path, self.target)]


class Features(NamedTuple):
    """Names of the columns that hold numbers and of those that hold text; what was left out."""

    numbers: list
    texts: list
    notes: list

    @property
    def names(self):
        """All features."""
        return [*self.numbers, *self.texts]


def check_label(pair, label):
    """Refuse a label that is no column of the source."""
    if label not in pair.source.columns:
        near = get_close_matches(label, pair.source.columns, n=1)
        guess = f" Is {near[0]!r} meant?" if near else ""
        raise RefusedError(
            f"{pair.source_path} has no column {label!r}; it has "
            f"{_told(pair.source.columns)}.{guess}"
        )


def features(pair, ignored):
    """The features that both files share, or a refusal that says what differs."""
    _check_ignored(pair, ignored)
    names = _same_names(pair, ignored)
    numbers, texts, notes = [], [], []
    for name in names:
        kind = "no name" if name.startswith("Unnamed: ") else _kind_of(pair, name)
        if kind in ("numbers", "text"):
            (numbers if kind == "numbers" else texts).append(name)
        else:
            notes.append(f"column {name!r} is left out: it has {kind}.")
    if not numbers and not texts:
        raise RefusedError(" ".join(["no column is left to compare.", *notes]))
    return Features(numbers, texts, notes)


def _check_ignored(pair, ignored):
    known = {*pair.source.columns, *pair.target.columns}
    unknown = [name for name in ignored if name not in known]
    if unknown:
        raise RefusedError(f"--ignore names {_told(unknown)}, which is in neither file.")


def _same_names(pair, ignored):
    """Columns of the source, in their order, if the target has the same."""
    kept = [[name for name in frame if name not in ignored] for _, frame in pair.sides()]
    lacking = [
        f"only {path} has {_told(only)}"
        for (path, _), mine, other in zip(pair.sides(), kept, kept[::-1], strict=True)
        if (only := [name for name in mine if name not in other])
    ]
    if lacking:
        raise RefusedError(
            f"the files have other columns: {'; '.join(lacking)}. Rename them, leave them out by "
            "--ignore, or name the column of the answers by --label."
        )
    return kept[0]


def _kind_of(pair, name):
    """Whether it is "numbers" or "text", or what is the reason to leave a column out."""
    kinds = [_kind_in(path, frame[name]) for path, frame in pair.sides()]
    if None in kinds:
        return f"no values in {pair.sides()[kinds.index(None)][0]}"
    if kinds[0] != kinds[1]:
        path, frame = pair.sides()[kinds.index("text")]
        other = pair.sides()[kinds.index("numbers")][0]
        raise RefusedError(
            f"column {name!r} holds numbers in {other}, but {_first_text(frame[name])} in {path}. "
            "Mend the file (is --decimal ',' meant?), or leave the column out by --ignore."
        )
    return _of_texts(pair, name) if kinds[0] == "text" else "numbers"


def _kind_in(path, column):
    types = needed("pandas").api.types
    if column.isna().all():
        return None
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        if types.is_complex_dtype(column) or np.isinf(column.to_numpy(float, na_value=0)).any():
            raise RefusedError(
                f"column {column.name!r} of {path} holds numbers that are infinite or complex."
            )
        return "numbers"
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise RefusedError(
            f"column {column.name!r} of {path} holds times; turn them into numbers, such as days "
            "since a day that matters, or leave the column out by --ignore."
        )
    return "text"


def _first_text(column):
    """The first value that is no number, and its row."""
    numbers = needed("pandas").to_numeric(column.astype(object), errors="coerce")
    row = int(np.argmax((numbers.isna() & column.notna()).to_numpy()))
    return f"text in row {row + 1} below the names, {str(column.iloc[row])!r},"


def _of_texts(pair, name):
    counts = [frame[name].map(str, na_action="ignore") for _, frame in pair.sides()]
    both = needed("pandas").concat(counts).dropna()
    if both.nunique() > max(MOST_TEXTS, len(both) / 2):
        return f"another text in most rows, such as {both.iloc[0]!r}, and seems to name them"
    return "text"


def _told(names):
    names = [repr(str(name)) for name in names]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
