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

from benchmarks.lib.process import command, environment

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
                command("benchmarks.quality.full.server", self.library),
                env=environment(),
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
    from benchmarks.quality.full.cell import run_here
    from benchmarks.quality.full.libraries import MODULES

    for module in MODULES[library]:
        with contextlib.suppress(Exception):
            import_module(module)
    for line in sys.stdin:
        print(json.dumps(run_apart(run_here, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
