"""One point of a curve of growth.py: ``python -m benchmarks.scale.point CURVE N D SECONDS GB``."""

import sys
import warnings

from benchmarks.lib.process import report
from benchmarks.scale.curves import CURVES, call_of, drawn_rows


def main(name, n, d, seconds, gigabytes):
    """Measure after a fit to few rows, which imports and compiles all that is used."""
    warnings.simplefilter("ignore")
    curve = CURVES[name]
    call_of(curve, *drawn_rows(200, 32))()
    call = call_of(curve, *drawn_rows(int(n), int(d)))
    report(lambda: call()[1], float(seconds), float(gigabytes))


if __name__ == "__main__":
    main(*sys.argv[1:])
