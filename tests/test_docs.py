"""The documentation names everything public, leads nowhere dead, and its code runs."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from sklearn.utils.estimator_checks import check_estimator

import skdomain

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
EXAMPLES = sorted((DOCS / "examples").glob("plot_*.py"))


def listed(text):
    """Entries of the autosummary tables."""
    return re.findall(r"^   ([\w.]+)$", text, flags=re.MULTILINE)


def public_names():
    """Names in ``__all__`` of the package and of all subpackages, as the reference writes them."""
    for name in skdomain.__all__:
        member = getattr(skdomain, name)
        if inspect.ismodule(member):
            yield from (f"{name}.{inner}" for inner in member.__all__)
        else:
            yield name


def test_reference_lists_every_public_name_once():
    assert sorted(listed((DOCS / "reference.rst").read_text())) == sorted(public_names())


def test_contents_list_every_page():
    tables = re.findall(r"```\{toctree\}\n(.*?)```", (DOCS / "index.md").read_text(), re.DOTALL)
    entries = {line for table in tables for line in table.split("\n") if line and line[0] != ":"}
    pages = {page.stem for page in PAGES} - {"index"}
    assert entries == pages | {"reference", "auto_examples/index"}


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_links_to_other_files_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_roles_name_scripts_of_the_gallery(page):
    named = re.findall(r"\{doc\}`auto_examples/(\w+)`", page.read_text())
    assert set(named) <= {"index", *(example.stem for example in EXAMPLES)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_has_a_title_and_says_what_it_shows(path):
    _, title, line, blank, *rest = ast.get_docstring(
        ast.parse(path.read_text()), clean=False
    ).split("\n")
    assert line == "=" * len(title)
    assert not blank
    assert len("".join(rest)) > 100


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
def test_the_method_of_the_developer_page_keeps_its_promises(tmp_path, monkeypatch):
    """Its tests pass, and so do scikit-learn's checks."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "developing.md").read_text(), re.DOTALL)
    (tmp_path / "method_of_the_page.py").write_text("\n\n".join(blocks))
    monkeypatch.syspath_prepend(tmp_path)
    page = import_module("method_of_the_page")
    promises = [name for name in dir(page) if name.startswith("test_")]
    assert len(promises) == 3
    for promise in promises:
        getattr(page, promise)()
    check_estimator(page.MomentMatching(), on_skip=None)
