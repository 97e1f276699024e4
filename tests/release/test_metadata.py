"""What is told of a release in several places agrees, and stands in one wherever it can."""

import ast
import re
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import skdomain

ROOT = Path(__file__).parents[2]
CHANGES = ROOT / "docs" / "changes"
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg")


def requirements(text):
    """Versions by package, of lines such as ``numpy>=1.26``."""
    found = re.findall(r"^[\s-]*([\w.-]+?)(?:\[\w+\])? ?([<>=].*)?$", text.strip(), re.MULTILINE)
    return dict(found)


def test_the_version_stands_in_one_place():
    assert SETUP["metadata"]["version"] == "attr: skdomain.__version__"
    for name in ("conda/recipe.yaml", "pyproject.toml", "setup.cfg"):
        assert skdomain.__version__ not in (ROOT / name).read_text(), name
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", skdomain.__version__)


def test_the_citation_is_of_the_last_release():
    told = (ROOT / "CITATION.cff").read_text()
    (version,) = re.findall(r"^version: (.*)$", told, re.MULTILINE)
    (day,) = re.findall(r"^date-released: (.*)$", told, re.MULTILINE)
    if "dev" not in skdomain.__version__:
        assert version == skdomain.__version__
    log = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {version} ({day})" in log or [*CHANGES.glob("[0-9]*.md")]


def test_changes_are_of_a_kind_that_the_changelog_has_and_hold_no_relative_links():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    kinds = "|".join(kind["directory"] for kind in tools["type"])
    assert "<!-- towncrier release notes start -->" in (ROOT / tools["filename"]).read_text()
    for path in CHANGES.iterdir():
        if path.name != "README.md":
            assert re.fullmatch(rf"\d+\.({kinds})\.md", path.name)
            assert re.findall(r"\]\((?!https?:)", path.read_text()) == [], path.name


def test_the_recipe_asks_for_what_the_wheel_asks_for():
    recipe = (ROOT / "conda" / "recipe.yaml").read_text()
    run = recipe.partition("  run:\n")[2].partition("\n\n")[0]
    wanted = requirements(SETUP["options"]["install_requires"])
    python = {"python": SETUP["options"]["python_requires"]}
    assert requirements(run) == wanted | python
    (command,) = SETUP["options.entry_points"]["console_scripts"].split("\n")[1:]
    assert f"- {command}" in recipe


def test_what_is_imported_is_required():
    """At the top of files; what is optional is imported inside of functions."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "skdomain").rglob("*.py")]
    nodes = [node for tree in trees for node in tree.body]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    imported = {name.partition(".")[0] for name in imported}
    names = {"scikit-learn": "sklearn"}
    required = requirements(SETUP["options"]["install_requires"])
    # The file that dask is imported at the top of is itself imported where there are dask arrays.
    ours = {names.get(name, name) for name in required} | {"skdomain", "dask"}
    assert {name for name in imported - ours if name not in sys.stdlib_module_names} == set()


def test_the_oldest_versions_that_are_admitted_are_tested():
    oldest = requirements((ROOT / "tests" / "oldest.txt").read_text())
    for name, version in requirements(SETUP["options"]["install_requires"]).items():
        if name in oldest:
            tested, admitted = oldest[name].strip("="), version.strip(">=")
            assert f"{tested}.".startswith(f"{admitted}."), name


def test_every_extra_is_in_the_table():
    table = (ROOT / "docs" / "policies.md").read_text().partition("## Extras")[2]
    told = {name for line in table.splitlines() for name in re.findall("`([a-z-]+)`", line[:110])}
    extras = {*SETUP["options.extras_require"]}
    assert extras <= told
    for name in ("cli", "dask", "datasets", "ot", "plot"):
        (row,) = [line for line in table.splitlines() if line.startswith(f"| `{name}`")]
        installs = {each.strip() for each in row.split("|")[3].split(",")}
        assert installs == {*requirements(SETUP["options.extras_require"][name])}
    users = "skdomain[cli,dask,datasets,ot,plot]"
    assert SETUP["options.extras_require"]["all"].strip() == users


def test_the_marker_of_annotations_is_shipped():
    assert (ROOT / "skdomain" / "py.typed").exists()
    assert SETUP["options.package_data"]["skdomain"] == "py.typed"
