"""Downloads, against a server on this machine that misbehaves on request."""

import hashlib
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skdomain.datasets import get_data_home
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
        if how.isdigit() or start >= len(server.content):
            self.send_error(int(how) if how.isdigit() else 416)
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
        for i in range(0, len(body), 10_000):
            self.wfile.write(body[i : i + 10_000])
            self.wfile.flush()

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
            host=f"http://127.0.0.1:{server.server_port}",
        )
        return SimpleNamespace(file=file, log=server.log)

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def files_in(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def ranges(log):
    return [headers.get("Range") for headers in log]


def leave_part(home, content):
    part = home / f"{NAME}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)


def test_missing_file_is_downloaded(serve, tmp_path):
    served = serve()
    path = fetch_file(served.file, tmp_path / "new")
    assert path == tmp_path / "new" / NAME
    assert path.read_bytes() == CONTENT
    assert files_in(tmp_path) == [path.name]
    assert served.log[0]["User-Agent"] == "skdomain"


def test_present_file_is_used_whatever_its_checksum(serve, tmp_path):
    served = serve()
    path = tmp_path / NAME
    path.parent.mkdir()
    path.write_bytes(b"my own copy")
    assert fetch_file(served.file, tmp_path) == path
    assert path.read_bytes() == b"my own copy"
    assert not served.log


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


@pytest.mark.parametrize("wrong", [CONTENT[::-1], CONTENT[:-1], CONTENT + b"x"])
def test_wrong_content_is_removed_and_reported(serve, tmp_path, wrong):
    served = serve(content=wrong)
    with pytest.raises(OSError, match="was expected to have") as error:
        fetch_file(served.file, tmp_path)
    message = str(error.value)
    assert f"expected to have 300000 bytes and md5 {served.file.md5}" in message
    assert f"got {len(wrong)} bytes and md5 {hashlib.md5(wrong).hexdigest()}" in message
    assert "Try again" in message
    assert str(tmp_path / NAME) in message
    assert not files_in(tmp_path)


def test_part_of_another_file_is_detected_and_the_next_call_is_clean(serve, tmp_path):
    served = serve()
    leave_part(tmp_path, b"?" * 1000)
    with pytest.raises(OSError, match="md5"):
        fetch_file(served.file, tmp_path)
    assert fetch_file(served.file, tmp_path).read_bytes() == CONTENT


def test_file_without_known_checksum_is_accepted(serve, tmp_path):
    served = serve(content=b"anything")
    file = served.file._replace(size=None, md5=None)
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
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        paths = list(pool.map(fetch_file, [served.file] * 2, [tmp_path] * 2))
    assert paths[0].read_bytes() == CONTENT
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
    assert (file.md5 is None) == (file.size is None) == (Path(file.name).name in unknown)
    assert file.md5 is None or len(bytes.fromhex(file.md5)) == 16
