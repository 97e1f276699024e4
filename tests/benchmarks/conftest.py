"""What the tests of the benchmark programs share: with the real data, and without them."""

import os
import sys
from importlib.util import find_spec

import pytest

# The programs show their progress with tqdm; the limits of a cell need Linux.
collect_ignore_glob = ["*"] if find_spec("tqdm") is None else []
if sys.platform != "linux":
    collect_ignore_glob += ["quality/full/test_run.py", "quality/full/test_cell.py"]


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """Hide the real data, in an empty folder."""
    monkeypatch.delenv("SKDOMAIN_DATA", raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def real_data():
    """Skip the test where the real data are not at hand."""
    if "SKDOMAIN_DATA" not in os.environ:
        pytest.skip("SKDOMAIN_DATA does not name the real data")
