"""Time of ``import skdomain`` as a ratio to that of what it stands on, in separate processes."""

import argparse
import subprocess
import sys
from functools import partial

from benchmarks.lib.clock import least

STATEMENTS = {
    "sklearn, numba": "import sklearn, numba",
    "skdomain": "import skdomain",
    "skdomain, all subpackages": (
        "import skdomain; [getattr(skdomain, name) for name in skdomain.__all__]"
    ),
}
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds_to_run(statement):
    """Time of a statement in a process of its own, its start left out."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(argv=None):
    """Print the best of several rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count")
    rounds = parser.parse_args(argv).rounds
    best = least({name: partial(seconds_to_run, s) for name, s in STATEMENTS.items()}, rounds)
    for name, time in best.items():
        print(f"import {name:28}{time:6.2f} s{time / best['sklearn, numba']:7.2f}")


if __name__ == "__main__":
    main()
