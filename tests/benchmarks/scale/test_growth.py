"""How growth with the rows and features is measured."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks.lib.tables import read_rows
from benchmarks.scale import growth

DOCS = Path(__file__).parents[3] / "docs"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, 3.0])
def test_exponent_of_a_power_is_that_power(power):
    sizes = np.array([10, 30, 100, 300, 1000])
    assert_allclose(growth.exponent(sizes, 7 * sizes**power), power, atol=1e-12)


def test_exponent_is_that_of_the_upper_half():
    sizes = np.array([10, 30, 100, 300, 1000, 3000, 10_000])
    values = np.where(sizes < 300, 5.0, sizes**2.0)
    assert_allclose(growth.exponent(sizes, values), 2)


def test_exponent_of_one_point_is_unknown():
    assert np.isnan(growth.exponent([10], [3.0]))


def test_curve_ends_where_far_more_than_a_limit_is_expected():
    limits = {"seconds": 600, "megabytes": 8000}
    points = [{"size": n, "seconds": (n / 1000) ** 3, "megabytes": 1.0} for n in (1000, 4000)]
    assert growth.reason_to_end(points, 10_000, limits) is None
    assert growth.reason_to_end(points, 20_000, limits) == "not run: 8e+03 s expected"
    assert growth.reason_to_end(points[:1], 20_000, limits) is None


@linux
def test_run_is_resumed_and_says_where_a_curve_ends(tmp_path, capsys):
    path, png = tmp_path / "scale.csv", tmp_path / "scale.png"
    pytest.importorskip("matplotlib", reason="the curves are drawn with matplotlib")
    run = ["--curves", "TCA rbf", "--axes", "n", "--csv", str(path), "--png", str(png)]
    growth.main([*run, "--points", "100"])
    (first,) = read_rows(path)
    assert first["status"] == "ok"
    assert float(first["seconds"]) > 0
    # a kernel matrix of 3000 rows does not fit in
    growth.main([*run, "--points", "100", "3000", "5000", "--gigabytes", "0.05"])
    again, end = read_rows(path)
    assert again == first
    assert (end["n"], end["status"], end["seconds"]) == ("3000", "more than 0.05 GB", "")
    assert "3000: more than 0.05 GB" in capsys.readouterr().out
    assert png.stat().st_size > 0


def test_tables_of_the_page_are_those_of_the_results(tmp_path):
    page, text = tmp_path / "scale.md", (DOCS / "scale.md").read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    growth.put_tables(growth.Results(DOCS / "results" / "scale.csv"), page)
    assert page.read_text(encoding="utf-8") == text
