"""``skdomain report`` and ``skdomain adapt``: arguments in, an exit code out."""

import sys
import warnings
from argparse import ArgumentParser
from contextlib import contextmanager
from pathlib import Path

from skdomain.cli._adapt_command import adapt
from skdomain.cli._refusal import RefusedError
from skdomain.cli._report_command import report

_EXITS = """exit codes: 0 done; 1 a file cannot be used as it is, and the message says why; 2 wrong
arguments; 3 a package is missing; 130 interrupted."""


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments; None: those of the process.

    Returns
    -------
    int
        The exit code: 0 done; 1 a file cannot be used; 3 a package is missing; 130 interrupted.

    Raises
    ------
    SystemExit
        With 2 for wrong arguments, with 0 after ``--help`` and ``--version``.
    """
    options = command_line().parse_args(argv)
    try:
        with _warnings_as_notes():
            options.run(options)
    except RefusedError as refusal:
        return _tell(refusal, refusal.code)
    except (ValueError, OSError) as error:
        return _tell(error, 1)
    except KeyboardInterrupt:
        return _tell("interrupted; nothing is half-written", 130)
    return 0


def command_line():
    """The parser of both commands."""
    parser = ArgumentParser(
        "skdomain",
        description="Predict for rows without labels that come from another place than the rows "
        "with labels, or say how the two differ.",
        epilog=_EXITS,
    )
    version = sys.modules["skdomain"].__version__
    parser.add_argument("--version", action="version", version=f"skdomain {version}")
    commands = parser.add_subparsers(required=True, metavar="{report,adapt}")
    _add_report(commands)
    _add_adapt(commands)
    return parser


def _add_report(commands):
    text = "say how two files differ, column by column, and whether it may be chance"
    parser = commands.add_parser("report", help=text, description=text, epilog=_EXITS)
    _add_files(parser)
    parser.add_argument("--label", help="column of the answers, which is not compared")
    parser.add_argument("--out", type=Path, help="page to write, as report.html", metavar="HTML")
    parser.add_argument(
        "--permutations", type=_count, default=200, help="draws behind the p-values (200)"
    )
    parser.set_defaults(run=report)


def _add_adapt(commands):
    text = "predict a column of the target file, adapting only where evidence says that it helps"
    parser = commands.add_parser("adapt", help=text, description=text, epilog=_EXITS)
    _add_files(parser)
    parser.add_argument("--label", required=True, help="column of the source file to predict")
    parser.add_argument(
        "--out", type=Path, required=True, help="file to write the predictions to: .csv, .parquet"
    )
    parser.add_argument(
        "--report", type=Path, help="page to write on the prediction", metavar="HTML"
    )
    parser.add_argument(
        "--task",
        choices=["auto", "classes", "numbers"],
        default="auto",
        help="what the label is; auto: numbers where it has fractions or over 20 values",
    )
    parser.add_argument(
        "--rows",
        type=_count,
        default=2000,
        help="rows of each file, drawn at random, that the choice of a method looks at (2000); "
        "what is chosen learns from all",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes; -1: one a processor (1)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=adapt)


def _add_files(parser):
    parser.add_argument("source", type=Path, help="file of rows with labels: .csv, .tsv, .parquet")
    parser.add_argument("target", type=Path, help="file of rows from the other place")
    parser.add_argument(
        "--ignore", nargs="+", default=[], metavar="COLUMN", help="columns to leave out"
    )
    parser.add_argument("--separator", help="between columns of text files (a comma)")
    parser.add_argument("--decimal", default=".", help="decimal sign of text files (a point)")
    parser.add_argument("--encoding", default="utf-8", help="of text files (UTF-8)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn at random (0)")


def _count(text):
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


_count.__name__ = "positive whole number"  # argparse's word for it


def _tell(message, code):
    print(f"skdomain: {message}", file=sys.stderr)
    return code


@contextmanager
def _warnings_as_notes():
    """Warnings in a line each on stderr, without the place in the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        told = set()
        warnings.showwarning = lambda message, *where: _tell_once(str(message), told)
        yield


def _tell_once(message, told):
    """A note, unless it was told before."""
    if message not in told:
        told.add(message)
        print(f"note: {message}", file=sys.stderr)
