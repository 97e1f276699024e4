"""Downloads, against a server on this machine that misbehaves on request."""

import hashlib
import multiprocessing
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.request import Request

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skdomain.datasets import get_data_home
from skdomain.datasets._real import _fetch
from skdomain.datasets._real._fetch import fetch_file
from skdomain.datasets._real._files import FILES, RemoteFile

CONTENT = np.random.RandomState(0).bytes(300_000)
NAME = "folder/data file.bin"


class Handler(BaseHTTPRequestHandler):
    """Serve the server's content; the n-th request is answered as the n-th word of its script."""

    def do_GET(self):
        server = self.server
        server.log.append(self.headers)
        how = server.script.pop(0) if server.script else "honest"
        start = 0 if how == "ignore range" else self.range_start()
        if how.isdigit() or (start and start >= len(server.content)):
            self.send_error(int(how) if how.isdigit() else 416)
            return
        if how.startswith("to "):
            self.send_response(302)
            self.send_header("Location", how.removeprefix("to "))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if how == "endless":
            self.send_response(200)
            self.end_headers()
            self.send_without_end()
            return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if how != "no length":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if how == "together":
            server.barrier.wait()
        self.send_body(body[: len(body) // 2] if how == "cut" else body)

    def range_start(self):
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def send_body(self, body):
        with suppress(ConnectionError):
            for i in range(0, len(body), 10_000):
                self.wfile.write(body[i : i + 10_000])
                self.wfile.flush()

    def send_without_end(self):
        with suppress(ConnectionError):
            for self.server.sent in range(0, 10**9, 10_000):
                self.wfile.write(bytes(10_000))

    def log_message(self, *args):
        """Keep the test's output clean."""


@pytest.fixture
def serve(monkeypatch):
    """Return a factory: ``serve(*script)`` starts a server and describes the file it holds."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("skdomain.datasets._real._fetch._PAUSE", 0)
    servers = []

    def start(*script, content=CONTENT):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.script, server.content, server.log = list(script), content, []
        server.barrier = threading.Barrier(2, timeout=60)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        file = RemoteFile(
            name=NAME,
            repo="someone/something",
            commit="0123abcd",
            path="a folder/file.bin",
            size=len(CONTENT),
            md5=hashlib.md5(CONTENT).hexdigest(),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            host=f"http://127.0.0.1:{server.server_port}",
        )
        return SimpleNamespace(file=file, log=server.log, server=server)

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def files_in(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def ranges(log):
    return [headers.get("Range") for headers in log]


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def leave_part(home, content):
    return put(home / f"{NAME}.part", content)


def test_missing_file_is_downloaded(serve, tmp_path):
    served = serve()
    path = fetch_file(served.file, tmp_path / "new")
    assert path == tmp_path / "new" / NAME
    assert path.read_bytes() == CONTENT
    assert files_in(tmp_path) == [path.name]
    assert served.log[0]["User-Agent"] == "skdomain"


def test_file_in_place_is_used_without_a_download(serve, tmp_path):
    served = serve()
    path = put(tmp_path / NAME, CONTENT)
    assert fetch_file(served.file, tmp_path) == path
    assert not served.log


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "is empty"),
        (b"\n<!DOCTYPE html>\n<html>", "is a web page, not data: it begins with '<!DOCTYPE html>'"),
        (CONTENT[:-1], "has 299999 bytes instead of 300000"),
        (CONTENT[::-1], f"has sha256 {hashlib.sha256(CONTENT[::-1]).hexdigest()} instead of "),
    ],
    ids=["empty", "web page", "size", "checksum"],
)
def test_wrong_file_in_place_is_named_with_what_is_wrong_and_what_to_do(
    serve, tmp_path, content, wrong
):
    served = serve()
    path = put(tmp_path / NAME, content)
    with pytest.raises(ValueError, match="Remove it, and the next call downloads it") as error:
        fetch_file(served.file, tmp_path)
    assert str(error.value).startswith(f"{path} {wrong}")
    assert served.file.url in str(error.value)
    assert path.read_bytes() == content
    assert not served.log


@pytest.mark.parametrize("content", [b"", b"<html>"])
def test_without_a_checksum_an_empty_file_and_a_web_page_are_told(serve, tmp_path, content):
    served = serve(content=content)
    file = served.file._replace(size=None, md5=None, sha256=None)
    with pytest.raises(OSError, match=r"sends is (empty|a web page).*has been removed"):
        fetch_file(file, tmp_path)
    assert not files_in(tmp_path)
    put(tmp_path / NAME, content)
    with pytest.raises(ValueError, match=r"is (empty|a web page)"):
        fetch_file(file, tmp_path)


def test_missing_file_without_download_says_what_to_do(serve, tmp_path):
    served = serve()
    with pytest.raises(FileNotFoundError) as error:
        fetch_file(served.file, tmp_path, download_if_missing=False)
    assert NAME in str(error.value)
    assert str(tmp_path / NAME) in str(error.value)
    assert served.file.url in str(error.value)
    assert not served.log
    assert not files_in(tmp_path)


def test_cut_connection_is_resumed_in_the_same_call(serve, tmp_path):
    served = serve("cut")
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT
    assert ranges(served.log) == [None, "bytes=150000-"]
    assert files_in(tmp_path) == ["data file.bin"]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.integers(1, len(CONTENT) - 1))
def test_only_what_is_missing_is_asked_for(serve, tmp_path_factory, kept):
    home = tmp_path_factory.mktemp("home")
    served = serve()
    leave_part(home, CONTENT[:kept])
    assert fetch_file(served.file, home).read_bytes() == CONTENT
    assert ranges(served.log) == [f"bytes={kept}-"]


def test_part_of_a_failed_download_is_kept_and_resumed_by_the_next_call(serve, tmp_path):
    served = serve("cut", "cut", "cut")
    with pytest.raises(OSError, match=r"Could not download .* resumes from it") as error:
        fetch_file(served.file, tmp_path)
    assert str(tmp_path / NAME) in str(error.value)
    assert files_in(tmp_path) == ["data file.bin.part"]
    # half, then half of the rest, and again
    assert (tmp_path / f"{NAME}.part").read_bytes() == CONTENT[:262_500]
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT
    assert ranges(served.log)[-1] == "bytes=262500-"


def test_server_that_ignores_range_makes_the_download_start_over(serve, tmp_path):
    served = serve("ignore range")
    leave_part(tmp_path, CONTENT[:1000])
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT
    assert ranges(served.log) == ["bytes=1000-"]


def test_part_that_is_too_long_makes_the_download_start_over(serve, tmp_path):
    served = serve()
    leave_part(tmp_path, CONTENT + b"more")
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT
    assert ranges(served.log) == ["bytes=300004-", None]


def test_length_need_not_be_told(serve, tmp_path):
    served = serve("no length")
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT


def test_passing_server_error_is_retried(serve, tmp_path):
    served = serve("503")
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT


def test_lasting_error_is_not_retried(serve, tmp_path):
    served = serve("404", "404")
    with pytest.raises(OSError, match="404"):
        fetch_file(served.file, tmp_path)
    assert len(served.log) == 1
    assert not files_in(tmp_path)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (CONTENT[::-1], f"sends has sha256 {hashlib.sha256(CONTENT[::-1]).hexdigest()} instead of"),
        (CONTENT[:-1], "sends has 299999 bytes instead of 300000"),
        (CONTENT + b"x", "sends more than 300000 bytes, the most that folder/data file.bin can"),
        (b"<html>Log in first</html>", "sends is a web page, not data: it begins with '<html>Log"),
    ],
    ids=["content", "short", "long", "web page"],
)
def test_wrong_content_is_removed_and_reported(serve, tmp_path, content, wrong):
    served = serve(content=content)
    with pytest.raises(OSError, match="The download has been removed") as error:
        fetch_file(served.file, tmp_path)
    assert wrong in str(error.value)
    assert served.file.url in str(error.value)
    assert str(tmp_path / NAME) in str(error.value)
    assert len(served.log) == 1
    assert not files_in(tmp_path)


@pytest.mark.parametrize("checksum", ["md5", "sha256"])
def test_each_checksum_is_checked(serve, tmp_path, checksum):
    file = serve().file._replace(**{"md5": None, "sha256": None, checksum: "0" * 32})
    with pytest.raises(OSError, match=f"has {checksum} [0-9a-f]+ instead of {'0' * 32}"):
        fetch_file(file, tmp_path)


def test_part_of_another_file_is_detected_and_the_next_call_is_clean(serve, tmp_path):
    served = serve()
    leave_part(tmp_path, b"?" * 1000)
    with pytest.raises(OSError, match="sha256"):
        fetch_file(served.file, tmp_path)
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT


# --- whom a download does not believe


@pytest.mark.parametrize("size", [len(CONTENT), None], ids=["size known", "size unknown"])
def test_body_without_end_is_cut_off(serve, tmp_path, monkeypatch, size):
    monkeypatch.setattr("skdomain.datasets._real._fetch._MOST", 10**6)
    served = serve("endless", "endless", "endless")
    most = size or 10**6
    with pytest.raises(OSError, match=f"sends more than {most} bytes"):
        fetch_file(served.file._replace(size=size), tmp_path)
    assert len(served.log) == 1
    assert not files_in(tmp_path)
    # what was under way in buffers when the connection was closed
    assert served.server.sent < most + 2**24


def test_redirect_to_http_is_refused(serve, tmp_path):
    other = serve()
    served = serve(f"to {other.file.url}")
    with pytest.raises(OSError, match=r"Could not download .*which is not https") as error:
        fetch_file(served.file, tmp_path)
    assert f"it redirects to {other.file.url}, which" in str(error.value)
    assert len(served.log) == 1
    assert not other.log
    assert not files_in(tmp_path)


def test_redirect_to_https_is_followed():
    before, address = Request("https://here/file"), "https://there/file"
    after = _fetch._HttpsRedirects().redirect_request(before, None, 302, "Found", {}, address)
    assert after.full_url == address


@pytest.mark.parametrize("target", ["precious", "not there"])
def test_link_in_place_of_a_part_is_not_followed(serve, tmp_path, target):
    served = serve()
    precious = put(tmp_path / "home of another" / "precious", b"precious")
    link = tmp_path / f"{NAME}.part"
    link.parent.mkdir()
    link.symlink_to(precious.with_name(target))
    with pytest.raises(OSError, match="but a symbolic link, and nothing is written") as error:
        fetch_file(served.file, tmp_path)
    assert str(link) in str(error.value)
    assert not served.log
    assert link.is_symlink()
    assert files_in(precious.parent) == ["precious"]
    assert precious.read_bytes() == b"precious"


def test_further_name_of_a_file_in_place_of_a_part_is_refused(serve, tmp_path):
    served = serve()
    precious = put(tmp_path / "folder" / "precious", b"precious")
    os.link(precious, tmp_path / f"{NAME}.part")
    with pytest.raises(OSError, match="but one of 2 names of a file"):
        fetch_file(served.file, tmp_path)
    assert precious.read_bytes() == b"precious"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_part_that_is_no_file_is_refused(serve, tmp_path, make):
    served = serve()
    (tmp_path / NAME).parent.mkdir()
    make(tmp_path / f"{NAME}.part")
    with pytest.raises(OSError, match="but no regular file, and nothing is written"):
        fetch_file(served.file, tmp_path)
    assert not served.log


def test_link_that_appears_during_the_download_is_not_followed(serve, tmp_path, monkeypatch):
    precious = put(tmp_path / "precious", b"precious")
    check = _fetch._check_part

    def plant(shared, private):
        check(shared, private)
        private.symlink_to(precious)

    monkeypatch.setattr(_fetch, "_check_part", plant)
    with pytest.raises(OSError, match="Could not download"):
        fetch_file(serve().file, tmp_path)
    assert precious.read_bytes() == b"precious"


def test_file_that_appears_during_the_download_is_not_written_to(serve, tmp_path, monkeypatch):
    """Whoever put it there could still write to it after it has been checked."""
    monkeypatch.setattr(Path, "unlink", lambda path, missing_ok: path.write_bytes(b"planted"))
    with pytest.raises(OSError, match="somebody else has just put a file at"):
        fetch_file(serve().file, tmp_path)
    assert (tmp_path / f"{NAME}.part").read_bytes() == b"planted"


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/x", "", ".", "..", "C:/x", "C:x", r"a\..\x", r"\\host\share\x"]
)
def test_name_that_leads_out_of_the_home_is_refused(serve, tmp_path, name):
    served = serve()
    with pytest.raises(ValueError, match=r"does not stay in the data home .*relative path without"):
        fetch_file(served.file._replace(name=name), tmp_path / "home")
    assert not served.log
    assert not files_in(tmp_path)


# --- what a download does without


def test_file_without_known_checksum_is_accepted(serve, tmp_path):
    served = serve(content=b"anything")
    file = served.file._replace(size=None, md5=None, sha256=None)
    assert fetch_file(file, tmp_path).read_bytes() == b"anything"


@pytest.mark.parametrize("part", [None, CONTENT[:1000]])
def test_two_threads_do_not_disturb_each_other(serve, tmp_path, part):
    served = serve("together", "together")
    if part:
        leave_part(tmp_path, part)
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(fetch_file, [served.file] * 2, [tmp_path] * 2))
    assert paths[0].read_bytes() == CONTENT
    assert files_in(tmp_path) == ["data file.bin"]
    # what was left over is resumed by one of them only
    assert set(ranges(served.log)) == {None, "bytes=1000-" if part else None}


def test_two_processes_do_not_disturb_each_other(serve, tmp_path):
    served = serve("together", "together")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        other = pool.submit(fetch_file, served.file, tmp_path)
        assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT
        assert other.result().read_bytes() == CONTENT
    assert files_in(tmp_path) == ["data file.bin"]


def test_tqdm_is_optional(serve, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert fetch_file(serve().file, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(("verbose", "disable"), [(True, None), (False, True)])
def test_progress_counts_all_bytes(serve, tmp_path, monkeypatch, verbose, disable):
    bars = []

    class Bar:
        def __init__(self, **kwargs):
            self.kwargs, self.n = kwargs, kwargs["initial"]
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def update(self, n):
            self.n += n

    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace(tqdm=Bar))
    leave_part(tmp_path, CONTENT[:1000])
    fetch_file(serve().file, tmp_path, verbose=verbose)
    (bar,) = bars
    assert bar.n == bar.kwargs["total"] == len(CONTENT)
    assert bar.kwargs["disable"] is disable


def test_data_home_is_argument_then_environment_then_home(monkeypatch, tmp_path):
    monkeypatch.setenv("SKDOMAIN_DATA", str(tmp_path))
    assert get_data_home("elsewhere") == Path("elsewhere")
    assert get_data_home(Path("~/x")) == Path.home() / "x"
    assert get_data_home() == tmp_path
    monkeypatch.delenv("SKDOMAIN_DATA")
    assert get_data_home() == Path.home() / "skdomain_data"


@pytest.mark.parametrize("file", FILES.values(), ids=list(FILES))
def test_table_names_a_fixed_commit_and_a_checksum(file):
    assert len(bytes.fromhex(file.commit)) == 20
    assert file.url.startswith(f"https://raw.githubusercontent.com/{file.repo}/{file.commit}/")
    assert Path(file.path).name == Path(file.name).name
    # nobody has told us the checksums of these two
    unknown = {"caltech_decaf.mat", "amazon_decaf.mat"}
    assert file.has_checksum == (Path(file.name).name not in unknown)
    assert (file.size is not None) == file.has_checksum
    for checksum, n_bytes in ((file.md5, 16), (file.sha256, 32)):
        assert (checksum is not None) == file.has_checksum
        assert checksum is None or len(bytes.fromhex(checksum)) == n_bytes
