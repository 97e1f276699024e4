"""A page of HTML in one file, which needs nothing beside it."""

import sys
from html import escape

_STYLE = """body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem;
padding: 0 1rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ccc }
th:first-child, td:first-child { text-align: left }
svg { max-width: 100%; height: auto } pre { overflow-x: auto } footer { color: #595959 }"""


def page(title, parts):
    """The page around its parts; parts that are empty are left out."""
    version = sys.modules["skdomain"].__version__
    lines = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{escape(title)}</h1>",
        *filter(None, parts),
        f"<footer>skdomain {version}</footer>\n</body>\n</html>\n",
    ]
    return "\n".join(lines)


def paragraph(text):
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def preformatted(text):
    """Text as it is printed, folded away."""
    return f"<details><summary>As text</summary><pre>{escape(text)}</pre></details>"


def heading(text):
    """A heading within the page."""
    return f"<h2>{escape(text)}</h2>"
