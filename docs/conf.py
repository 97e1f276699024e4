"""Sphinx configuration: Markdown pages, reference from docstrings, gallery from scripts."""

import ast
import inspect
import os
import re
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx import addnodes

import skdomain

DOCS = Path(__file__).parent
# The gallery's order is that of its header, which names every script under its subject.
SUBJECTS = re.findall(
    r"auto_examples/(\w+)", (DOCS / "examples" / "GALLERY_HEADER.rst").read_text()
)

WRITTEN = sorted({path.stem for path in (*DOCS.glob("*.md"), *DOCS.glob("*.rst"))} - {"index"})

project = "skdomain"
copyright = "The skdomain developers"
version = release = skdomain.__version__


def by_subject(file):
    """Place of a script in the header of the gallery."""
    return SUBJECTS.index(Path(file).stem)


extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "changes", "examples", "templates", "generated/changes.md"]
templates_path = ["templates"]
default_role = "literal"
highlight_language = "text"  # a formula of a docstring is no program
suppress_warnings = ["config.cache"]  # the gallery's order is a function
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(sklearn|numpy|scipy|matplotlib|pandas|dask)\..*")]

# A link to a heading of a page, as a code host makes them.
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skdomain",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "thumbnail_size": (640, 448),
    "within_subsection_order": by_subject,
}

html_theme = "pydata_sphinx_theme"
html_title = f"skdomain {version}"
html_favicon = "favicon.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["generated/extra"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}
html_theme_options = {
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "navigation_with_keys": False,
}

# Where a code host edits the folder docs, if it is said: pages that people wrote link there.
if EDITOR := os.environ.get("SKDOMAIN_EDIT_URL"):
    html_context |= {"edit_page_url_template": EDITOR.rstrip("/") + "/{{ file_name }}"}
    html_theme_options["use_edit_page_button"] = True
    html_theme_options["secondary_sidebar_items"] = {
        **{page: ["page-toc", "edit-this-page"] for page in WRITTEN},
        "index": ["edit-this-page"],
        "auto_examples/*": ["page-toc"],
        "generated/*": ["page-toc"],
    }


def write_changes(app):
    """Gather the fragments of the next release, the newest first, for the changelog page."""
    fragments = sorted((DOCS / "changes").glob("[0-9]*.md"), key=number, reverse=True)
    entries = (path.read_text().strip().replace("\n", "\n  ") for path in fragments)
    text = "\n".join(f"* {entry}" for entry in entries) or "Nothing yet."
    target = DOCS / "generated" / "changes.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text + "\n")


def number(path):
    """Number that the name of a fragment begins with."""
    return int(path.name.split(".")[0])


def write_report(app, config):
    """Make the page of the full benchmark from the figures that are tracked."""
    target = DOCS / "generated" / "extra" / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    if (DOCS / "results" / "full.csv").exists():
        sys.path.insert(0, str(DOCS.parent))
        from benchmarks.quality.full.page import write_page

        write_page(DOCS / "results", target, home="index.html")


def public_names():
    """Full name of what is public by the names that pages call it, `TCA` and `subspace.TCA`."""
    found = {}
    for package in skdomain._SUBPACKAGES:
        for name in getattr(skdomain, package).__all__:
            full = f"skdomain.{package}.{name}"
            found |= {name: full, f"{package}.{name}": full}
    return found


def link_names(app, doctree):
    """Let what a page of words sets as code lead to the reference, where it is a public name."""
    if app.env.doc2path(app.env.docname).suffix == ".md":
        names = public_names()
        for word in list(doctree.findall(nodes.literal)):
            full = names.get(word.astext().split("(")[0])
            if full and not isinstance(word.parent, nodes.reference | nodes.title):
                told = {"refdomain": "py", "reftype": "obj", "reftarget": full, "refexplicit": True}
                link = addnodes.pending_xref("", refdoc=app.env.docname, **told)
                word.replace_self(link)
                link += word


def link_domains(app, what, name, obj, options, lines):
    """Let the words that say what ``sample_domain`` is lead to the page on it."""
    words = "Positive integers for source rows"
    lines[:] = [line.replace(words, f":doc:`{words} </domains>`") for line in lines]


def end_blocks(app, doctree):
    """Leave out the empty line that ends a block of code, which is for doctest alone."""
    for block in doctree.findall(nodes.literal_block):
        if len(block) == 1 and block.rawsource == block.astext():
            block.rawsource = block.astext().rstrip()
            block[:] = [nodes.Text(block.rawsource)]


def find_source(app, name):
    """Text of a module and the lines of its classes, methods and functions.

    Sphinx's own reader gives up at `{**names}` in a decorator.
    """
    code = inspect.getsource(sys.modules[name])
    return code, dict(places(ast.parse(code).body, ""))


def places(body, prefix):
    """Name, kind, first and last line of what is defined."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield prefix + node.name, ("def", first, node.end_lineno)
            yield from places(node.body, f"{prefix}{node.name}.")


def mathml(display):
    """Visitors for formulas as MathML, which browsers show without a script."""

    def visit(translator, node):
        translator.body.append(convert(node.astext(), display=display))
        raise nodes.SkipNode

    return visit, None


def skip_foreign(app, what, name, obj, skip, options):
    """Leave out what a class inherits from outside the package, such as `get_params`."""
    function = inspect.unwrap(getattr(obj, "fget", None) or getattr(obj, "__func__", obj))
    return skip or not str(getattr(function, "__module__", "")).startswith("skdomain")


def setup(app):
    """Connect what is to be done while Sphinx builds."""
    app.add_html_math_renderer("mathml", mathml("inline"), mathml("block"))
    app.connect("builder-inited", write_changes)
    app.connect("config-inited", write_report)  # Sphinx then looks whether the folder is there
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("autodoc-process-docstring", link_domains)
    app.connect("doctree-read", link_names)
    app.connect("doctree-read", end_blocks)
    app.connect("viewcode-find-source", find_source)
