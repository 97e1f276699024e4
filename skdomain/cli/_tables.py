"""Tables from files and into files, never half-written and never over an input."""

import os
import warnings
from codecs import BOM_UTF8
from contextlib import contextmanager
from functools import partial

from skdomain.cli._refusal import RefusedError, needed

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_KINDS = ".csv, .tsv, .txt, .parquet"


def read_table(path, options, **how):
    """The data frame in a file, or a refusal that says what to do."""
    if not path.is_file():
        raise RefusedError(f"{path} is no file.")
    read = (
        _read_parquet if _kind(path) == ".parquet" else partial(_read_text, options=options, **how)
    )
    frame = read(path)
    frame.columns = [str(name) for name in frame.columns]
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise RefusedError(f"{path} has two columns {twice[0]!r}; rename one.")
    if not len(frame):
        raise RefusedError(f"{path} has column names and no rows.")
    return frame


def _kind(path):
    kind = path.suffix.lower()
    if kind not in (*_SEPARATORS, ".parquet"):
        raise RefusedError(
            f"{path}: the name has to end in one of {_KINDS}; save the table as CSV."
        )
    return kind


def _read_parquet(path):
    pandas = needed("pandas")
    needed("pyarrow")
    try:
        return pandas.read_parquet(path).reset_index(drop=True)
    except (OSError, ValueError) as error:
        raise RefusedError(f"{path} cannot be read as Parquet: {error}") from None


def _read_text(path, options, **how):
    pandas = needed("pandas")
    separator = options.separator or _SEPARATORS[_kind(path)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            frame = pandas.read_csv(
                path,
                sep=separator,
                decimal=options.decimal,
                encoding="utf-8-sig" if options.encoding == "utf-8" else options.encoding,
                index_col=False,
                low_memory=False,
                **how,
            )
    except pandas.errors.EmptyDataError:
        raise RefusedError(f"{path} is empty.") from None
    except (UnicodeError, LookupError):
        raise RefusedError(
            f"{path} is not text in the encoding {options.encoding!r}; save it as 'CSV UTF-8', or "
            "name its encoding, often --encoding cp1252."
        ) from None
    except (pandas.errors.ParserError, pandas.errors.ParserWarning) as error:
        raise RefusedError(
            f"{path} is no table with {separator!r} between its columns: "
            f"{str(error).strip()}. Name another one by --separator, or put text that holds it "
            "between quotes."
        ) from None
    return _with_columns(path, frame, separator)


def _with_columns(path, frame, separator):
    """The frame, unless its one column looks like several with another separator between them."""
    if frame.shape[1] == 1:
        for other in {",", ";", "\t"} - {separator}:
            if other in frame.columns[0]:
                raise RefusedError(
                    f"{path} has one column, {frame.columns[0]!r}: is {other!r} between its "
                    f"columns? Then say --separator {other!r} (and --decimal ',' if that is the "
                    "decimal sign)."
                )
    return frame


def check_outputs(outputs, inputs):
    """Refuse what cannot be written, or is an input or written twice, before work begins."""
    taken = [(path, "an input") for path in inputs]
    for path in filter(None, outputs):
        for other, what in taken:
            if path.resolve() == other.resolve() or _is_one_file(path, other):
                raise RefusedError(f"{path} is {what}, too; write to another file.")
        if path.is_dir():
            raise RefusedError(f"{path} is a folder; name a file.")
        if not path.parent.is_dir():
            raise RefusedError(f"{path} cannot be written: {path.parent} is no folder.")
        taken.append((path, "another output"))


def check_table_kind(path):
    """Refuse a name that does not say how to write a table."""
    if _kind(path) == ".parquet":
        needed("pyarrow")


def _is_one_file(path, other):
    return path.exists() and other.exists() and os.path.samefile(path, other)


def write_table(frame, path, options):
    """Write a table as the end of the name says; text as the inputs were."""
    if _kind(path) == ".parquet":
        with whole_file(path) as part:
            frame.to_parquet(part, index=False)
        return
    separator, encoding = options.separator or _SEPARATORS[_kind(path)], options.encoding
    if encoding == "utf-8" and _begins_with_a_mark(options.target):
        encoding = "utf-8-sig"
    with whole_file(path) as part:
        frame.to_csv(part, sep=separator, decimal=options.decimal, encoding=encoding, index=False)


def _begins_with_a_mark(path):
    """Whether a file begins with the byte order mark by which spreadsheets know UTF-8."""
    with path.open("rb") as file:
        return file.read(len(BOM_UTF8)) == BOM_UTF8


def as_it_was(frame, options):
    """The target as it is in its file: no leading zero lost, no digit changed."""
    if _kind(options.target) == ".parquet" or _kind(options.out) == ".parquet":
        return frame
    return read_table(options.target, options, dtype=str, keep_default_na=False)


def write_page(text, path):
    """Write a page."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def whole_file(path):
    """A new file beside the one to be written, which takes its place once it is whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
