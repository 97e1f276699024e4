"""Where data files are kept, and how a missing one is downloaded.

A download is written to ``<name>.part``, resumed after an interruption, checked, and only then
given its final name.
"""

import hashlib
import os
import time
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

_ATTEMPTS = 3
_PAUSE = 0.5  # seconds before the second attempt, twice that before the third
_TIMEOUT = 30  # seconds
_CHUNK = 2**16  # bytes


def get_data_home(data_home=None):
    """Return the folder that holds the data files.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder. If None, the environment variable ``SKDOMAIN_DATA``, and if that is not set
        ``~/skdomain_data``. It need not exist: a download creates it.

    Returns
    -------
    data_home : pathlib.Path
        The folder, with ``~`` expanded.

    Examples
    --------
    >>> from skdomain.datasets import get_data_home
    >>> get_data_home("some_folder").name
    'some_folder'
    """
    return Path(data_home or os.environ.get("SKDOMAIN_DATA") or "~/skdomain_data").expanduser()


def fetch_file(file, data_home=None, *, download_if_missing=True, verbose=True):
    """Return the path of a data file, downloading it if it is not there.

    Parameters
    ----------
    file : RemoteFile
        The file. A copy that is already in place is used as it is, whatever its checksum.
    data_home : str or path-like, default=None
        See `get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error.
    verbose : bool, default=True
        Show a progress bar on a terminal, if tqdm is installed.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    FileNotFoundError
        The file is missing and `download_if_missing` is False.
    OSError
        The download failed, or its size or checksum is wrong.
    """
    path = get_data_home(data_home) / file.name
    if path.is_file():
        return path
    if not download_if_missing:
        raise FileNotFoundError(
            f"{file.name} is missing and download_if_missing=False. {_by_hand(file, path)}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with _private_part(path) as part:
        _transfer_with_retries(file, path, part, verbose)
        _verify(file, path, part)
        os.replace(part, path)
    return path


def _by_hand(file, path):
    return f"To provide it yourself, get {file.url} and put it at {path.absolute()}."


@contextmanager
def _private_part(path):
    """Take ``<name>.part`` under a name of our own, and give back what is left at the end.

    A rename has one winner, so two processes never write to one file.
    """
    shared = path.with_name(f"{path.name}.part")
    private = path.with_name(f"{path.name}.{uuid4().hex}.part")
    with suppress(FileNotFoundError):
        os.replace(shared, private)
    try:
        yield private
    finally:
        with suppress(FileNotFoundError):
            os.replace(private, shared)


def _transfer_with_retries(file, path, part, verbose):
    for attempt in range(_ATTEMPTS):
        time.sleep(attempt * _PAUSE)
        try:
            return _transfer(file, part, verbose)
        except HTTPError as error:
            error.close()
            failure = error
            if error.code == 416:  # nothing to resume from: what we hold is not a beginning
                part.unlink(missing_ok=True)
            elif error.code < 500:
                break
        except (OSError, HTTPException) as error:
            failure = error
    raise OSError(
        f"Could not download {file.url}: {failure!r}. What arrived is kept, and the next call "
        f"resumes from it. {_by_hand(file, path)}"
    ) from failure


def _transfer(file, part, verbose):
    """Append to `part` what is still missing from it."""
    start = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "skdomain"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with urlopen(Request(file.url, headers=headers), timeout=_TIMEOUT) as response:
        if response.status != 206:  # the server sends the whole file
            start = 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else file.size
        with open(part, "ab" if start else "wb") as out:
            with _progress(file.name, total, start, verbose) as update:
                while chunk := response.read(_CHUNK):
                    out.write(chunk)
                    update(len(chunk))
            received = out.tell()
    if total is not None and received < total:
        raise ConnectionError(f"the connection ended after {received} of {total} bytes")


@contextmanager
def _progress(name, total, initial, verbose):
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda n: None
        return
    # disable=None means: off unless the output is a terminal
    disable = None if verbose else True
    with tqdm(
        desc=name, total=total, initial=initial, unit="B", unit_scale=True, disable=disable
    ) as bar:
        yield bar.update


def _verify(file, path, part):
    if file.md5 is None:
        return
    with open(part, "rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    got, size = digest.hexdigest(), part.stat().st_size
    if (got, size) != (file.md5, file.size):
        part.unlink()
        raise OSError(
            f"{file.url} was expected to have {file.size} bytes and md5 {file.md5}; got {size} "
            f"bytes and md5 {got}. The download has been removed. Try again; if it happens again, "
            "the file has changed or a proxy alters it. A copy you trust is accepted as it is. "
            f"{_by_hand(file, path)}"
        )
