"""The report: its way back, its colours, and labels that can be read."""

from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.lib.drawing import subplots
from benchmarks.quality.full.page import COLORS, OTHER, texts_of, write_labels, write_page
from benchmarks.quality.full.summary import read

ROOT = Path(__file__).parents[4]


def test_report_of_the_site_leads_back_to_it(tmp_path):
    pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
    write_page(ROOT / "docs" / "results", tmp_path / "report.html", home="index.html")
    assert '<a href="index.html">' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_every_library_has_a_colour_of_its_own():
    colours = [*COLORS.values(), OTHER]
    assert len(set(colours)) == len(colours)
    found = {row["library"] for row in read(ROOT / "docs" / "results" / "full.csv")}
    assert found <= {*COLORS}


def test_labels_of_the_figure_of_time_do_not_overlap():
    pytest.importorskip("matplotlib", reason="the figures are drawn with matplotlib")
    fig, ax = subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    write_labels(fig, ax, {(0.5, 0.5 + i / 1000): f"method {i}" for i in range(20)})
    boxes = [text.get_window_extent() for text in ax.texts]
    assert 3 <= len(boxes) < 20
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_figure_of_time_names_what_lies_below_its_edge():
    places = {("TCA", "skdomain", "default"): (1, 50), ("TCA", "adapt", "matched"): (2, 20.4)}
    texts = dict(texts_of({**places, ("PCA", "skada", "default"): (3, 45)}, 40))
    assert texts == {(1, 50): "TCA", (2, 40): "TCA, adapt (matched): 20 %"}
