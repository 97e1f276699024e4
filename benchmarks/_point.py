"""One measurement in a process of its own: CPU seconds, memory, and limits to both.

The process that measures is started with the path of a program that calls :func:`report` with a
function to be measured. Linux only: memory is read from /proc.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import subprocess
import sys

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def measured(program, arguments, seconds, gigabytes):
    """What the program reported, or which limit it met.

    Parameters
    ----------
    program : path
        Calls :func:`report`.
    arguments : list of str
        For the program, before the limits, which come last.
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
        If the program failed for another reason.
    """
    command = [sys.executable, str(program), *arguments, str(seconds), str(gigabytes)]
    environment = {**os.environ, **ONE_THREAD, **QUIET}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"status": "time"}
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}:\n{process.stderr}")
    return json.loads(process.stdout.splitlines()[-1])


def report(function, seconds, gigabytes):
    """Run a function under limits and print its figures as a line of JSON."""
    forget_peak()
    before = status("VmRSS")
    limit_to(seconds, gigabytes)
    try:
        taken, system, result = cpu_seconds(function)
    except MemoryError:
        print(json.dumps({"status": "memory"}))
        return
    peak = (status("VmHWM") - before) / 1e6
    figures = {"seconds": taken, "system": system, "megabytes": peak, "result": result}
    print(json.dumps({"status": "ok", **figures}))


def cpu_seconds(function):
    """CPU and system seconds of a call, means over as many as half a second holds; its result."""
    calls, start = 0, os.times()
    while not calls or sum(os.times()[:2]) - sum(start[:2]) < 0.5:
        result = function()
        calls += 1
    user, system = (then - now for then, now in zip(os.times()[:2], start[:2], strict=True))
    return (user + system) / calls, system / calls, result


def limit_to(seconds, gigabytes):
    """Limit CPU seconds from now on and address space beyond what is taken."""
    used = int(sum(os.times()[:2]) + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used, used + 5))
    size = status("VmSize") + int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def forget_peak():
    """Let the peak of resident memory start at what is in use now."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # or what was freed before would serve for what is measured (glibc)
        trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def status(name):
    """Bytes of an entry of /proc/self/status."""
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(name + ":"))
