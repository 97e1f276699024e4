"""Every method in every library that has it, on every task, one process a cell.

Rows are prepared as for quality.selection.study: one preparation a data set, without labels. The
classifier is LogisticRegression(max_iter=1000) everywhere. Accuracy is in percent.

* Protocol "all rows", as in the methods' papers: fit to all source rows with labels and all target
  rows without, accuracy on these target rows. Source rows stand before target rows. Two settings:
  "default" is what the library's constructor takes if it is told nothing; "matched" means the same
  hyper-parameters in all libraries, put into the words of each (methods.py).
* Protocol "nested", as in SKADA-Bench: random outer splits, 20 % of the rows to test, drawn within
  each class of each domain; for that, and for the accuracy on the test rows of the target, labels
  of the target are read. A method sees the training rows, in random order, of the target without
  labels. It is fitted to them with each of its settings, and a rule chooses one of these by a
  criterion, its mean over inner splits of the training rows (DomainShuffleSplit, 20 % to test,
  labels of target rows not read). "oracle" does read those of the inner test rows, as SKADA-Bench's
  "supervised" does. Methods without hyper-parameters to choose run with their defaults. skada's TCA
  and TJM stand beside ours, as they give the rows of a fit back in another order than they came in.
  "target only" learns from the labels of target training rows, which nobody has; where these rows
  are few it is no upper bound. SKADA-Bench takes 5 outer and 5 inner splits, chooses the classifier
  too and has other settings; here they are --outer, --inner, one classifier and methods.py.
* Each cell has a process with one BLAS thread, a limit of CPU seconds for each fit (with its
  prediction) and each choice, and one of address space. A first fit to about 60 rows a side and 50
  columns is not counted. Times are CPU seconds, user and system; memory is the peak of the resident
  memory while it ran, above that before. Transformers are called by hand, the classifier behind
  them too, without a pipeline; skada's methods come as pipelines. Needs Linux.
* A cell that did not succeed is a row that says why: "absent" (the library has no such method),
  "no match" (no hyper-parameters of that meaning), "not installed", "failed", "time limit", "memory
  limit". Where a library's method ran out of time, its other settings on that task are not tried.

Results are kept a file a cell, named by its content: the digest of the prepared rows, library,
version, method, parameters, classifier and splits. What is there is not run again;
delete the folder after a change of code that leaves the version as it is.
"""

import argparse
import json
import os
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from benchmarks.lib.data import DATA, real_or_generated_tasks
from benchmarks.lib.tables import write_rows
from benchmarks.quality.full.methods import METHODS, PEERS, PLAIN
from benchmarks.quality.full.plan import PROTOCOLS, cells_of, digest
from benchmarks.quality.full.publish import report
from benchmarks.quality.full.server import Server
from skdomain.model_selection import scorer_names

CRITERIA = scorer_names()
DEFAULT_DATA = ["SURF", "digits", "COIL", "mushroom"]
ORDER = [PLAIN, *PEERS]
LIMITS = {"time limit": "seconds", "memory limit": "megabytes"}
COLUMNS = [
    *("protocol", "split", "data", "task", "library", "version", "method", "setting", "status"),
    *("accuracy", "fit_seconds", "predict_seconds", "memory_mb", *CRITERIA, "error", "key"),
]


def path_of(cell, args):
    """File of a cell."""
    return Path(args.results) / "cells" / f"{cell['key']}.json"


def kept(cell, args):
    """Rows in the file of a cell; None if there is none, or they ran into a lower limit."""
    if not path_of(cell, args).exists():
        return None
    found = json.loads(path_of(cell, args).read_text(encoding="utf-8"))
    for row in found["rows"]:
        limit = LIMITS.get(row.get("stopped", row["status"]))
        if limit and found[limit] < getattr(args, limit):
            return None
    return found["rows"]


def run_and_keep(cell, task_file, args, server):
    """Run one cell and keep its rows."""
    path = path_of(cell, args)
    out = path.with_suffix(".running")
    out.unlink(missing_ok=True)
    limits = {"seconds": args.seconds, "megabytes": args.megabytes}
    names = ("library", "method", "setting", "outer", "inner", "test_size")
    here = {"task": str(task_file), "out": str(out)}
    ended = server.run({**{n: cell[n] for n in names}, **limits, **here})
    rows = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    out.unlink(missing_ok=True)
    rows = completed(rows, ended, cell)
    path.with_suffix(".part").write_text(json.dumps({**limits, "rows": rows}), "utf-8")
    os.replace(path.with_suffix(".part"), path)
    return rows


def completed(rows, ended, cell):
    """A row for each split, also if the process ended early."""
    if ended and rows and cell["inner"] and CRITERIA[0] not in rows[-1]:
        rows[-1] |= {"stopped": ended["status"], "error": f"criteria: {ended['error']}"}
    return rows + [ended] * (max(1, cell["outer"]) - len(rows))


def save(task, folder):
    """Write a task for its cells to read."""
    path = Path(folder) / f"{digest(task)[:20]}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_suffix(".part.npz")
        np.savez(part, X=task.X, y=task.y, sample_domain=task.sample_domain)
        os.replace(part, path)
    return path


def run_library(cells, task_file, args, bar):
    """Rows of the cells of one library on a task, and how many were computed now."""
    rows, computed, late = [], 0, {}
    with Server(cells[0]["library"]) as server:
        for cell in cells:
            found, which = known(cell, args), (cell["protocol"], cell["method"])
            if found is None and which in late:
                error = f"not run: as with setting {late[which]}"
                found = [{"status": "time limit", "error": error}] * max(1, cell["outer"])
                bar.update()
            elif found is None:
                found, computed = run_and_keep(cell, task_file, args, server), computed + 1
                bar.update()
            if any(row.get("status") == "time limit" for row in found):
                late.setdefault(which, cell["setting"])
            splits = range(cell["outer"]) if cell.get("outer") else [""]
            rows += [cell | {"split": k} | row for k, row in zip(splits, found, strict=True)]
    return rows, computed


def known(cell, args):
    """Rows of a cell that need no run; None if it has to run."""
    return kept(cell, args) if "key" in cell else [{}]


def run(tasks, args):
    """All rows, and how many cells were computed now; those that are kept are read."""
    Path(args.results, "cells").mkdir(parents=True, exist_ok=True)
    groups, missing = [], 0
    for task in tasks:
        cells = sorted(cells_of(task, args), key=lambda cell: ORDER.index(cell["library"]))
        missing += sum(known(cell, args) is None for cell in cells)
        file = save(task, Path(args.results) / "tasks")
        groups += [(list(some), file) for _, some in groupby(cells, itemgetter("library"))]
    with tqdm(total=missing, unit="cell", mininterval=1, file=sys.stderr) as bar:
        calls = (delayed(run_library)(*group, args, bar) for group in groups)
        done = Parallel(args.jobs, prefer="threads")(calls)
    return [row for rows, _ in done for row in rows], sum(n for _, n in done)


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--protocols", nargs="+", choices=PROTOCOLS, default=list(PROTOCOLS))
    parser.add_argument("--data", nargs="+", choices=DATA, default=DEFAULT_DATA)
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="such as 'C->A'; default: all")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--libraries", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--outer", type=int, default=3, help="splits; default: %(default)s")
    parser.add_argument("--inner", type=int, default=1, help="splits; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=40, help="of CPU; default: %(default)s")
    parser.add_argument("--megabytes", type=int, default=8192, help="address space of a cell")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time, one core each")
    parser.add_argument("--results", default="results/full", help="folder, kept and resumed")
    parser.add_argument("--data-home", help="folder of the data files")
    return parser.parse_args(argv)


def main(argv=None):
    """Run what is missing, then print and write what the cells say."""
    args = parse_args(argv)
    print(f"{__doc__}\n", flush=True)
    tasks = real_or_generated_tasks(args.data, args.data_home, args.tasks)
    rows, computed = run(tasks, args)
    if not rows:
        raise SystemExit("no data set has a task of that name.")
    path = f"{args.results}/cells.csv"
    write_rows([{c: row.get(c, "") for c in COLUMNS} for row in rows], path, COLUMNS)
    report(path, f"{args.results}/report.html")
    print(f"{len(rows)} rows, {computed} cells computed now\nreport: {args.results}/report.html")


if __name__ == "__main__":
    main()
