"""Seconds of calls: the best of several rounds, of the processor, and means of short calls."""

import gc
import os
import time
from functools import partial


def least(measures, rounds):
    """Least value of each measure by name, taken in turn, the first round left out."""
    values = {name: [] for name in measures}
    for _ in range(rounds + 1):
        for name, measure in measures.items():
            values[name].append(measure())
    return {name: min(of_rounds[1:]) for name, of_rounds in values.items()}


def best_seconds(contestants, rounds, clock=time.perf_counter):
    """Shortest time of each function by name, taken in turn, the first round left out."""
    return least({name: partial(_seconds, f, clock) for name, f in contestants.items()}, rounds)


def _seconds(function, clock):
    gc.collect()
    start = clock()
    function()
    return clock() - start


def cpu_seconds(function):
    """CPU seconds of one call, on all its threads, and what it returned."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def mean_cpu_seconds(function):
    """CPU and system seconds of a call, means over as many as half a second holds; its result."""
    calls, start = 0, os.times()
    while not calls or sum(os.times()[:2]) - sum(start[:2]) < 0.5:
        result = function()
        calls += 1
    user, system = (then - now for then, now in zip(os.times()[:2], start[:2], strict=True))
    return (user + system) / calls, system / calls, result
