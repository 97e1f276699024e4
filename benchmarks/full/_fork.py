"""A process for each cell without the imports of each: a server imports a library once and forks.

Run as a program with the name of a library it is the server; :class:`Server` is the other side.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from importlib import import_module
from pathlib import Path

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
# skada and POT import TensorFlow where it is installed, which they do not need here.
QUIET = {"POT_BACKEND_DISABLE_TENSORFLOW": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
TIMERS = (-signal.SIGPROF, -signal.SIGALRM)


class Server:
    """Runs cells of a library, one at a time; a context manager, started by the first cell."""

    def __init__(self, library):
        self.library = library
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.communicate()

    def run(self, cell):
        """Nothing if the process of a cell ended well, else how it ended."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, __file__, self.library],
                env={**os.environ, **ONE_THREAD, **QUIET, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        print(json.dumps(cell), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def how_it_ended(code, said, seconds):
    """Nothing for code 0, else a status and an error."""
    if code in TIMERS:
        return {"status": "time limit", "error": f"not finished after {seconds:g} CPU seconds"}
    last = (said.strip().splitlines() or [""])[-1]
    status = "memory limit" if "memory" in last.lower() else "failed"
    return {"status": status, "error": f"exit code {code}: {last[-300:]}"} if code else {}


def run_apart(call, cell):
    """Call with a cell in a fork of this process."""
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
                call(cell)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        file.seek(0)
        said = file.read().decode(errors="replace")
    return how_it_ended(code, said, cell["seconds"])


def main(library):
    """Import a library, then run the cells that come by stdin, a line each."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what an import prints is no answer
    warnings.simplefilter("ignore")
    from _cell import run_cell
    from _peers import MODULES

    for module in MODULES[library]:
        with contextlib.suppress(Exception):
            import_module(module)
    for line in sys.stdin:
        print(json.dumps(run_apart(run_cell, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1])
