"""Time of ``import skdomain`` as a ratio to that of what it stands on, in separate processes."""

import subprocess
import sys

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


def main(rounds=7):
    """Print the best of several rounds."""
    seconds = {name: [] for name in STATEMENTS}
    for _ in range(rounds + 1):
        for name, statement in STATEMENTS.items():
            seconds[name].append(seconds_to_run(statement))
    best = {name: min(times[1:]) for name, times in seconds.items()}
    for name, time in best.items():
        print(f"import {name:28}{time:6.2f} s{time / best['sklearn, numba']:7.2f}")


if __name__ == "__main__":
    main()
