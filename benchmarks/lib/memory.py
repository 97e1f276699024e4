"""Memory of this process: what NumPy allocates, what is resident, and what is kept."""

import ctypes
import gc
import tracemalloc
from pathlib import Path

OWN = Path("/proc/self")


def peak_bytes(run):
    """Peak of traced memory while running, above what was there before."""
    gc.collect()
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def keep_freed_memory():
    """Have the C library's allocator reuse large blocks instead of returning them (glibc)."""
    mmap_threshold, trim_threshold = -3, -1
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(mmap_threshold, 2**30)
        mallopt(trim_threshold, 2**31 - 1)


def return_freed_memory():
    """Have the C library give back what was freed, or it would serve for what is measured."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc
        trim(0)


def reset_peak():
    """Let the peak of resident memory, VmHWM, start at what is in use now (Linux)."""
    (OWN / "clear_refs").write_text("5")


def own_bytes(name):
    """Bytes of an entry of /proc/self/status, such as VmRSS (Linux)."""
    lines = (OWN / "status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name + ":"))
