"""Formulas of the pages are whole, and the site shows all of them as formulas."""

import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[1] / "docs").glob("*.md"))


def without_code(page):
    return re.sub(r"```.*?```|`[^`]+`", "", page.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_formulas_are_closed(page):
    """A dollar sign without its partner would swallow the text behind it."""
    parts = without_code(page).split("\n\n")
    assert [part for part in parts if part.count("$") % 2] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_command_of_a_formula_is_shown_as_it_is_written(page):
    """What the converter does not know, such as ``\\Big`` before a brace, it leaves as it is."""
    convert = pytest.importorskip(
        "latex2mathml.converter", reason="the site is made with it"
    ).convert
    formulas = re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", without_code(page), re.DOTALL)
    shown = {text: convert(text) for pair in formulas for text in pair if text}
    assert [text for text, mathml in shown.items() if "\\" in mathml] == []
