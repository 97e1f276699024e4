"""Whether a file is the one that was meant: its size, its checksums, and what a look tells."""

import hashlib
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath

_HASHES = {"sha256": hashlib.sha256, "md5": partial(hashlib.md5, usedforsecurity=False)}
_LOOK = 80  # bytes


def fault(file, path):
    """What is wrong with a copy of a file, as a sentence without subject; None if nothing is.

    The size is compared first, then each checksum that is known: the files have at most 4 MB,
    which take some 20 ms. Of a file without a checksum, an empty one and a web page are told.
    """
    size = path.stat().st_size
    if size == 0:
        return "is empty"
    with open(path, "rb") as stream:
        start = stream.read(_LOOK).lstrip()
    if start.startswith(b"<"):
        line = start.decode("ascii", "replace").splitlines()[0]
        return f"is a web page, not data: it begins with {line!r}"
    if file.size not in (None, size):
        return f"has {size} bytes instead of {file.size}"
    for name, algorithm in _HASHES.items():
        known = getattr(file, name)
        if known is not None and (got := _digest(path, algorithm)) != known:
            return f"has {name} {got} instead of {known}"
    return None


def _digest(path, algorithm):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def path_below(home, name):
    """Path of a file in the data home; a name that would lead out of it is a ValueError."""
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.anchor or ".." in path.parts or not path.parts:
            raise ValueError(
                f"the name {name!r} does not stay in the data home {home}; a file's name is a "
                "relative path without '..', such as 'folder/file.mat'."
            )
    return home / name
