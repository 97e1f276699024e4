"""Where the answer is known: what skada and adapt return, and what we return.

Each line is one call whose right answer is known: a permutation that must not matter, a true
density ratio, a dense solution, an input that must stay as it was. Prints the table; ``--write``
also puts it into docs/peers.md and docs/results/peer_checks.csv. A peer that is not installed is
left out, with its reason.

    python -m benchmarks.claims.peer_checks --write
"""

import argparse
import datetime
import os
import re
import warnings
from importlib import import_module
from pathlib import Path

import sklearn

from benchmarks.claims.known_answers import CHECKS
from benchmarks.lib.blocks import write_blocks
from benchmarks.lib.peers import version
from benchmarks.lib.tables import read_rows, write_rows

DOCS = Path(__file__).parents[2] / "docs"
PAGE, CSV = DOCS / "peers.md", DOCS / "results" / "peer_checks.csv"
FIELDS = ("library", "version", "measured", "asked", "peer", "skdomain")


def measure(library):
    """Rows of one library."""
    import_module(f"benchmarks.claims.{library}_checks")
    today = datetime.date.today().strftime("%Y-%m")
    number, _ = version(library)
    for name, asked, function in CHECKS:
        if name == library:
            peer, ours = function()
            yield dict(zip(FIELDS, (library, number, today, asked, peer, ours), strict=True))


def cell(text):
    """An error in typewriter face, anything else as it is; no bar breaks the table."""
    text = text.replace("|", "/")
    return f"`{text.replace('`', '')}`" if re.match(r"\w+Error: ", text) else text


def table(rows):
    """Markdown: one table a library, below a line that dates it."""
    parts = []
    for library in dict.fromkeys(row["library"] for row in rows):
        own = [row for row in rows if row["library"] == library]
        title = f"{library} {own[0]['version']}"
        lines = [f"| what is asked | {title} | skdomain |", "|---|---|---|"]
        lines += [f"| {r['asked']} | {cell(r['peer'])} | {cell(r['skdomain'])} |" for r in own]
        parts += [f"{title}, measured {own[0]['measured']}:", "\n".join(lines)]
    return "\n\n".join(parts)


def read():
    """Rows of the tracked file."""
    return read_rows(CSV)


def write(rows):
    """Keep the rows and show them on the page."""
    write_rows(rows, CSV, FIELDS)
    write_blocks(PAGE, {"checks": table(rows)})


def main(argv=None):
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="into docs/, if both are installed")
    options = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    sklearn.set_config(enable_metadata_routing=True)  # as skada does when it is imported
    rows, absent = [], []
    for library in ("skada", "adapt"):
        try:
            rows += measure(library)
        except ImportError as error:
            absent.append(f"{library}: {error}")
    print(table(rows), *absent, sep="\n")
    if options.write and not absent:
        write(rows)


if __name__ == "__main__":
    main()
