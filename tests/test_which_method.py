"""No method is recommended without a table in which it is the right choice: links lead there."""

import re
from inspect import isclass
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

import skdomain

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "which_method.md").read_text()


def estimators(module):
    """Names of the estimators that a package and the packages in it make public."""
    for name in module.__all__:
        member = getattr(module, name)
        if isclass(member) and issubclass(member, BaseEstimator):
            yield name
        elif hasattr(member, "__all__"):
            yield from estimators(member)


def without_code(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def named(text, names):
    """Those of the names that a text has in code type, whatever their arguments."""
    return {*re.findall(r"`(?:compose\.)?(\w+)", without_code(text))} & {*names}


def links(text):
    """Name in code type, page and anchor of each link."""
    found = re.findall(r"\[`(\w+)[^`]*`\]\(([\w.]*)#([\w-]+)\)", text)
    return {(name, page or "which_method.md", anchor) for name, page, anchor in found}


def slug(heading):
    """The anchor of a heading, as the pages are built."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def sections(text):
    """What stands below each heading, up to the next one, by its anchor."""
    parts = re.split(r"^(#+ .*)$", text, flags=re.MULTILINE)
    return {slug(h.lstrip("#")): body for h, body in zip(parts[1::2], parts[2::2], strict=True)}


PUBLIC = sorted({*estimators(skdomain)})
UNMEASURED = re.search(r"`ESZSL`[^.]*best on no\s+problem", PAGE).group()


@pytest.mark.parametrize("name", sorted(named(PAGE.replace(UNMEASURED, ""), PUBLIC)))
def test_each_method_leads_to_figures_in_which_it_has_a_part(name):
    own = {(page, anchor) for which, page, anchor in links(PAGE) if which == name}
    assert own
    for page, anchor in own:
        section = sections((DOCS / page).read_text())[anchor]
        assert re.search(rf"(?<!\w){name}(?!\w)", section), (page, anchor)
        assert re.search(r"\d", section)


def test_what_was_the_right_choice_nowhere_is_not_recommended():
    left_out = named(UNMEASURED, PUBLIC)
    assert len(left_out) == 4
    assert not left_out & named(PAGE.replace(UNMEASURED, ""), PUBLIC)


def test_names_links_and_sections_are_found():
    text = "# A b-c!\nsee [`TCA(2)`](#a-b-c) `x`\n```\n`JDA`\n```\n## D\n`compose.Pooled(y)`"
    assert named(text, PUBLIC) == {"TCA", "Pooled"}
    assert links(text) == {("TCA", "which_method.md", "a-b-c")}
    assert [*sections(text)] == ["a-b-c", "d"]
