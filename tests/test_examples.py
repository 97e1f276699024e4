"""Every script of the gallery runs and draws."""

import runpy
from pathlib import Path

import pytest

pyplot = pytest.importorskip("matplotlib.pyplot", reason="the examples draw with matplotlib")
EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_draws_a_figure(path, monkeypatch):
    monkeypatch.setattr(pyplot, "show", lambda: None)
    pyplot.switch_backend("Agg")
    pyplot.close("all")
    runpy.run_path(str(path))
    assert pyplot.get_fignums()
    pyplot.close("all")
