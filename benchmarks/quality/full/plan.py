"""The rows of the table before anything has run: what each cell is, or why there is none."""

import hashlib
import json

import numpy as np

from benchmarks.lib.peers import version
from benchmarks.quality.full.libraries import classifier
from benchmarks.quality.full.methods import METHODS, NESTED, PLAIN

ALL, NESTED_SPLITS = "all rows", "nested"
PROTOCOLS = (ALL, NESTED_SPLITS)
TEST_SIZE = 0.2


def digest(task):
    """Hash of the rows, labels and domains of a task."""
    parts = (task.X, task.y, task.sample_domain)
    content = b"".join(str(np.shape(a)).encode() + np.ascontiguousarray(a).tobytes() for a in parts)
    return hashlib.sha256(content).hexdigest()


def cells_of(task, args):
    """Yield a cell for each protocol, method, library and setting on a task."""
    content = digest(task)
    for protocol in args.protocols:
        for name in args.methods:
            method = METHODS[name]
            for library in libraries(protocol, name, args):
                for setting in settings(protocol, method, library):
                    cell = {"protocol": protocol, "data": task.data, "task": task.name}
                    cell |= {"library": library, "method": name, "setting": setting}
                    yield cell | state(cell, task, content, args)


def libraries(protocol, name, args):
    """Libraries that a method is asked of."""
    wanted = [PLAIN, *args.libraries]
    if protocol == NESTED_SPLITS:
        return [library for library in NESTED[name] if library in wanted]
    if PLAIN in METHODS[name].ways:  # training on what is tested is no measurement
        return [] if name == "target only" else [PLAIN]
    return args.libraries


def settings(protocol, method, library):
    """Settings to run; one for the row that says that there is no such method."""
    if library not in method.ways:
        return ["default"]
    return method.grid if protocol == NESTED_SPLITS else method.fixed


def state(cell, task, content, args):
    """Version, key and splits of a cell, or the reason for which there is no such cell."""
    method, library = METHODS[cell["method"]], cell["library"]
    installed, reason = version(library)
    row = {"version": installed}
    if library not in method.ways:
        return row | {"status": "absent", "error": f"{library} has no such method"}
    way, values = method.ways[library], method.settings[cell["setting"]]
    if values is not None and way.translate is None:
        return row | {"status": "no match", "error": f"{way.name} has no such hyper-parameter"}
    if reason:
        return row | {"status": "not installed", "error": reason}
    plan = {"outer": 0, "inner": 0, "test_size": TEST_SIZE}
    if cell["protocol"] == NESTED_SPLITS:
        plan |= {"outer": args.outer, "inner": args.inner if len(method.grid) > 1 else 0}
    source = task.sample_domain > 0
    params = way.parameters(values, task.X[source], task.X[~source])
    what = [content, library, installed, way.name, way.labels, params, str(classifier()), plan]
    return row | plan | {"key": hashlib.sha256(json.dumps(what).encode()).hexdigest()[:20]}
