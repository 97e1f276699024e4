"""The documentation names everything public, leads nowhere dead, and its code runs."""

import ast
import inspect
import re
import runpy
import tomllib
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import pytest
from sklearn.utils.estimator_checks import check_estimator

import skdomain

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
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


def contents(page):
    """Pages that the tables of contents of a page list, as `page` or `Title <page>`."""
    tables = re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(), re.DOTALL)
    lines = (line for table in tables for line in table.split("\n"))
    return [re.sub(r".*<(.*)>", r"\1", line) for line in lines if line and line[0] != ":"]


def test_contents_list_every_page_once():
    entries = [entry for page in PAGES for entry in contents(page)]
    pages = {page.stem for page in PAGES} - {"index"}
    assert sorted(entries) == sorted(pages | {"reference", "auto_examples/index"})


def test_every_page_is_two_clicks_away_from_a_header_of_six():
    sections = contents(DOCS / "index.md")
    assert len(sections) <= 6
    pages = [DOCS / f"{section}.md" for section in sections]
    within = [entry for page in pages if page.exists() for entry in contents(page)]
    assert {*sections, *within} >= {page.stem for page in PAGES} - {"index"}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_links_to_other_files_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_roles_name_scripts_of_the_gallery(page):
    named = re.findall(r"\{doc\}`auto_examples/(\w+)`", page.read_text())
    assert set(named) <= {"index", *(example.stem for example in EXAMPLES)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_figures_are_there_or_drawn_by_a_script_of_the_gallery(page):
    figures = re.findall(r"^```\{(?:figure|image)\} (\S+)", page.read_text(), re.MULTILINE)
    drawn = {f"auto_examples/images/sphx_glr_{script.stem}_001.png" for script in EXAMPLES}
    assert [name for name in figures if name not in drawn and not (DOCS / name).exists()] == []


METHODS = """alignment boosting bridges conformal expected kernels label_shift multi_source
proportions regularized selection spectral subspace transfer transport weighting zero_shot"""


@pytest.mark.parametrize("name", METHODS.split())
def test_method_page_has_a_figure_on_top_and_ends_with_when_it_fails(name):
    text = (DOCS / f"{name}.md").read_text()
    first, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    assert "```{figure} auto_examples/images/" in first
    titles = [section.partition("\n")[0] for section in sections]
    assert [title for title in titles if title != "Papers"][-1] == "When it fails"
    (fails,) = [section for section in sections if section.startswith("When it fails\n")]
    assert len(fails.split()) > 40


def test_all_pages_of_methods_are_among_those_that_are_held_to_it():
    listed = {page for page in contents(DOCS / "methods.md")}
    assert listed - {*METHODS.split()} == {"papers", "scale", "map"}


def test_gallery_names_every_script_under_one_subject():
    header = (DOCS / "examples" / "GALLERY_HEADER.rst").read_text()
    named = re.findall(r"</auto_examples/(\w+)>", header)
    assert sorted(named) == sorted(script.stem for script in EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_has_a_title_and_says_what_it_shows(path):
    _, title, line, blank, *rest = ast.get_docstring(
        ast.parse(path.read_text()), clean=False
    ).split("\n")
    assert line == "=" * len(title)
    assert not blank
    assert len("".join(rest)) > 100


def fences(page):
    """Language and text of each fenced block."""
    return re.findall(r"^```(\S*)[^\n]*\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def test_doctests_of_all_pages_are_collected():
    """Whatever follows `>>>` on a page is then run, as pytest is configured."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert {"docs", "README.md"} <= set(options["testpaths"])
    assert "--doctest-glob=*.md" in options["addopts"]
    ignored = {o.removeprefix("--ignore=") for o in options["addopts"] if o.startswith("--ignore=")}
    assert not ignored & {str(page.relative_to(ROOT)) for page in WRITTEN}
    assert not [page for page in WRITTEN if "doctest: +SKIP" in page.read_text()]
    assert ">>> " not in (ROOT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_every_block_is_of_a_kind_that_is_checked(page):
    """The only text is the tree of the house, which `tests/test_structure.py` checks."""
    tree = {"text"} if page.stem == "developing" else set()
    kinds = {language for language, _ in fences(page)}
    directives = {f"{{{name}}}" for name in ("toctree", "include", "warning", "image", "figure")}
    assert kinds <= {"", "python"} | directives | tree


def programs(page):
    """Blocks of Python without prompts, which doctest passes over."""
    return [text for language, text in fences(page) if language == "python" and ">>> " not in text]


def run_programs(page, folder, monkeypatch):
    """The blocks of a page as one module, imported in a folder of its own."""
    name = f"page_{page.stem.lower()}"
    (folder / f"{name}.py").write_text("\n\n".join(programs(page)))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(folder)
    return import_module(name)


@pytest.mark.parametrize("page", [*filter(programs, WRITTEN)], ids=lambda page: page.stem)
def test_programs_run(page, tmp_path, monkeypatch):
    run_programs(page, tmp_path, monkeypatch)


def test_the_program_of_the_readme_prints_what_it_says(capsys):
    (program,) = programs(ROOT / "README.md")
    statements = [line for line in program.splitlines() if line and "import" not in line]
    assert len(statements) <= 10
    exec(program, {})
    said = re.search(r"# ([\d.]+), ([\d.]+)$", program, re.MULTILINE).groups()
    alone, guarded, decision = capsys.readouterr().out.splitlines()
    assert (alone, guarded) == said
    assert decision.startswith("adapts by")


def test_the_figure_of_the_readme_is_what_its_script_draws():
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="the figure is drawn with matplotlib")
    pyplot.switch_backend("Agg")
    front_figure = runpy.run_path(str(DOCS / "examples" / "plot_adapted.py"))["front_figure"]
    titles = [ax.get_title() for ax in front_figure("light").axes]
    pyplot.close("all")
    for mode in ("light", "dark"):
        text = (DOCS / "static" / f"adapted_{mode}.svg").read_text()
        assert re.findall(r">(\w[^<>]* right)<", text) == titles, "run `make publish`"


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", DOCS / "index.md"], ids=lambda page: page.stem
)
def test_first_pages_have_the_words_that_are_searched_for(page):
    text = page.read_text().lower()
    words = ["covariate shift", "label shift", "concept drift", "multi-source", "semi-supervised"]
    assert [word for word in [*words, "conformal"] if word not in text] == []


# What is no prose: programs, names, links, quoted titles of papers, tables that programs write.
FOREIGN = [
    r"<!-- generated: .*?<!-- end -->",
    r"```.*?```|``.*?``|`[^`]*`",
    r"\"[^\"]{1,150}\"",
    r"<[^>]*>|\]\([^)]*\)|\w+_\w+",
]
AMERICAN = [
    r"\w*(?<!f)izations?\b",
    r"\b(?:normal|standard|regular|general|minim|maxim|optim|real|summar|penal)iz(?:e[sd]?|ing)\b",
    r"\b(?:color|behavior|neighbor|favor|labor)(?:s|ed|ing|hood)?\b",
    r"\b(?:(?:bary)?center(?:ed|ing)?|meter|fiber)s?\b",
    r"\b(?:label|model|travel|cancel)(?:ed|ing)\b",
    r"\b(?:analyze[sd]?|vectorize|catalogs?|gray|artifacts?|fulfills?)\b",
]


@pytest.mark.parametrize("page", [*WRITTEN, *EXAMPLES], ids=lambda page: page.stem)
def test_words_are_spelled_as_in_britain(page):
    text = page.read_text()
    if page.suffix == ".py":
        text = "\n".join(prose_of(text))
    for pattern in FOREIGN:
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    found = [m for pattern in AMERICAN for m in re.findall(pattern, text, re.IGNORECASE)]
    assert found == []


def prose_of(source):
    """Docstring and comments of a script."""
    yield ast.get_docstring(ast.parse(source))
    yield from re.findall(r"^# (.*)$", source, re.MULTILINE)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_commands_name_what_exists(page):
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = set(config["options.extras_require"])
    text = page.read_text()
    blocks = [text for language, text in fences(page) if not language]
    lines = [line.split("#")[0].split() for text in blocks for line in text.splitlines() if line]
    commands = {"make", "pip", "python", "python3", "skdomain"}
    assert {Path(line[0]).name for line in lines} <= commands
    assert set(re.findall(r"\bmake ((?!VENV)[a-z]+-?[a-z]*)\b", code_of(text))) <= set(targets)
    assert set(re.findall(r"'\.\[(\w+)\]'", text)) <= extras
    modules = [f"{m.replace('.', '/')}.py" for m in re.findall(r"-m (benchmarks\.[a-z_.]+)", text)]
    files = re.findall(r"\b(?:benchmarks|tests)/[\w/]+\.py", text)
    assert [file for file in files + modules if absent(file)] == []


def code_of(text):
    """What stands in blocks and between backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))


def absent(path):
    """Whether a path is no file, but for the file that the developer page has one write."""
    return not (ROOT / path).exists() and Path(path).stem != "test_moment_matching"


# What lectures on transfer learning name.
NAMED = """
fine-tuning, conservative training, layer transfer, multitask learning, progressive networks, DANN,
DSN, zero-shot learning, self-taught learning, self-taught clustering, TrAdaBoost, KMM, TCA, JDA,
DJP-MMD, DDC, DAN, JAN, ADDA, CycleGAN, PixelDA, TTL, DDTL, TransEMDT, STL, negative transfer,
EasyTL, MEDA, TAMAR, DTM"""


def test_what_lectures_name_stands_on_the_map_once():
    bold = re.findall(r"\*\*(.+?)\*\*", (DOCS / "map.md").read_text())
    told = [name for names in bold for name in names.split(", ")]
    named = [name.strip() for name in NAMED.split(",")]
    assert len(named) == 30
    assert [name for name in named if told.count(name) != 1] == []


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
def test_the_method_of_the_developer_page_keeps_its_promises(tmp_path, monkeypatch):
    """Its tests pass, and so do scikit-learn's checks."""
    page = run_programs(DOCS / "developing.md", tmp_path, monkeypatch)
    promises = [name for name in dir(page) if name.startswith("test_")]
    assert len(promises) == 3
    for promise in promises:
        getattr(page, promise)()
    check_estimator(page.MomentMatching(), on_skip=None)


@pytest.mark.parametrize("address", [None, "https://host.example/edit/main/docs/"])
def test_pages_lead_to_their_source_where_its_address_is_known(address, monkeypatch):
    for name in ("docutils", "sphinx", "latex2mathml"):
        pytest.importorskip(name, reason="conf.py needs what the site is made with")
    monkeypatch.setenv("SKDOMAIN_EDIT_URL", address or "")
    conf = runpy.run_path(str(DOCS / "conf.py"))
    shown = conf["html_theme_options"]["secondary_sidebar_items"]
    assert conf["html_theme_options"].get("use_edit_page_button", False) == bool(address)
    assert ("edit-this-page" in shown.get("weighting", [])) == bool(address)
    if address:
        page = conf["html_context"]["edit_page_url_template"]
        assert page.replace("{{ file_name }}", "guide.md") == f"{address}guide.md"
        assert "edit-this-page" not in shown["generated/*"] + shown["auto_examples/*"]
