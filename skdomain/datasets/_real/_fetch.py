"""Where data files are kept, and how a missing one is downloaded.

A download is written to ``<name>.part``, resumed after an interruption, checked, and only then
given its final name. The data home may be shared with others: nothing is written through a link,
and a server is believed neither in what it sends nor in how much.
"""

import os
import stat
import time
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

from skdomain.datasets._real._integrity import fault, path_below

_ATTEMPTS = 3
_PAUSE = 0.5  # seconds before the second attempt, twice that before the third
_TIMEOUT = 30  # seconds
_CHUNK = 2**16  # bytes
_MOST = 2**26  # bytes, of a file whose size is not known


class _RefusedError(OSError):
    """What a server does is not what was asked for; another attempt would not help."""


def get_data_home(data_home: Any = None) -> Any:
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
        The file. A copy that is already in place is checked as a download is.
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
        The download failed, or its size or checksum is wrong, or ``<name>.part`` is no file that a
        download left behind.
    ValueError
        The file that is in place is not the one that is meant, or its name leads out of the home.
    """
    path = path_below(get_data_home(data_home), file.name)
    if path.is_file():
        _check_in_place(file, path)
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


def _check_in_place(file, path):
    if wrong := fault(file, path):
        raise ValueError(
            f"{path.absolute()} {wrong}, so it is not the file that is meant. Remove it, and the "
            f"next call downloads it. {_by_hand(file, path)}"
        )


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
        _check_part(shared, private)
        yield private
    finally:
        with suppress(FileNotFoundError):
            os.replace(private, shared)


def _check_part(shared, private):
    """Refuse a link, a pipe or a folder that somebody has put where a part is looked for."""
    with suppress(FileNotFoundError):
        found = private.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise OSError(
                f"{shared.absolute()} is not a file that a download left behind but "
                f"{_kind(found)}, and nothing is written to it. Find out who has put it there, and "
                "remove it."
            )


def _kind(found):
    if stat.S_ISREG(found.st_mode):
        return f"one of {found.st_nlink} names of a file"
    return "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no regular file"


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
        except _RefusedError as error:
            raise OSError(
                f"Could not download {file.url}: {error} {_by_hand(file, path)}"
            ) from error
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
    request = Request(file.url, headers=headers)
    with build_opener(_HttpsRedirects).open(request, timeout=_TIMEOUT) as response:
        if response.status != 206:  # the server sends the whole file
            start = 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else file.size
        with _progress(file.name, total, start, verbose) as update:
            received = _append(response, file, part, start, update)
    if total is not None and received < total:
        raise ConnectionError(f"the connection ended after {received} of {total} bytes")


def _append(response, file, part, start, update):
    """Write what is sent, up to the size that the file has; return the size of the part."""
    most = _MOST if file.size is None else file.size
    if not start:
        part.unlink(missing_ok=True)
    with _open_part(part, "ab" if start else "xb") as out:
        while out.tell() <= most and (chunk := response.read(_CHUNK)):
            out.write(chunk)
            update(len(chunk))
        received = out.tell()
    if received > most:
        part.unlink()
        raise _RefusedError(
            f"it sends more than {most} bytes, the most that {file.name} can have. The download "
            "has been removed."
        )
    return received


def _open_part(part, mode):
    try:
        return open(part, mode, opener=_open_no_link)
    except FileExistsError as error:
        raise _RefusedError(f"somebody else has just put a file at {part}.") from error


def _open_no_link(path, flags):
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


class _HttpsRedirects(HTTPRedirectHandler):
    """Follow no redirect to an address whose answers anybody on the way can change."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise _RefusedError(f"it redirects to {newurl}, which is not https.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


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
    if wrong := fault(file, part):
        part.unlink()
        raise OSError(
            f"What {file.url} sends {wrong}. The download has been removed. Try again; if it "
            f"happens again, the file has changed or a proxy alters it. {_by_hand(file, path)}"
        )
