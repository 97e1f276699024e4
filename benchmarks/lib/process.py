"""One measurement in a process of its own: CPU seconds, memory, and limits to both.

The process that measures is started with the name of a module that calls :func:`report` with a
function to be measured. Linux only: memory is read from /proc.
"""

import json
import os
import resource
import signal
import subprocess
import sys

from benchmarks.lib.clock import mean_cpu_seconds
from benchmarks.lib.memory import own_bytes, reset_peak, return_freed_memory

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
ONE_THREAD = dict.fromkeys(POOLS, "1")
# skada and POT import TensorFlow where it is installed, which they do not need here.
QUIET = {
    "POT_BACKEND_DISABLE_TENSORFLOW": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def command(module, *arguments):
    """Command line of a module of this package."""
    return [sys.executable, "-m", module, *arguments]


def environment():
    """Environment of a child: as here, with one thread, finding the modules that are found here."""
    return {**os.environ, **ONE_THREAD, **QUIET, "PYTHONPATH": os.pathsep.join(sys.path)}


def measured(module, arguments, seconds, gigabytes):
    """What the module reported, or which limit it met.

    Parameters
    ----------
    module : str
        Calls :func:`report`.
    arguments : list of str
        For the module, before the limits, which come last.
    seconds, gigabytes : float
        Limits of CPU time and of address space beyond what is taken at the start.

    Returns
    -------
    dict
        ``status`` ("ok", "time" or "memory") and where ok ``seconds``, those of them
        in the ``system``, as for fresh pages of memory, ``megabytes``, and ``result``, what the
        function returned.

    Raises
    ------
    RuntimeError
        If the module failed for another reason.
    """
    line = command(module, *arguments, str(seconds), str(gigabytes))
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"status": "time"}
    if done.returncode:
        raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def report(function, seconds, gigabytes):
    """Run a function under limits and print its figures as a line of JSON."""
    return_freed_memory()
    reset_peak()
    before = own_bytes("VmRSS")
    limit_to(seconds, gigabytes)
    try:
        taken, system, result = mean_cpu_seconds(function)
    except MemoryError:
        print(json.dumps({"status": "memory"}))
        return
    peak = (own_bytes("VmHWM") - before) / 1e6
    figures = {"seconds": taken, "system": system, "megabytes": peak, "result": result}
    print(json.dumps({"status": "ok", **figures}))


def limit_to(seconds, gigabytes):
    """Limit CPU seconds from now on and address space beyond what is taken."""
    used = int(sum(os.times()[:2]) + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used, used + 5))
    size = own_bytes("VmSize") + int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
