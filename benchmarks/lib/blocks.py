"""Parts of Markdown pages that programs write, from ``<!-- generated: NAME -->`` to the end."""

import re
from pathlib import Path


def replace_block(text, name, body):
    """Replace what stands between `<!-- generated: NAME -->` and the next `<!-- end -->`.

    One blank line separates the body from each marker, as Markdown tables need.
    """
    marker = f"<!-- generated: {name} -->"
    block = re.compile(re.escape(marker) + r".*?<!-- end -->", re.DOTALL)
    text, found = block.subn(lambda _: f"{marker}\n\n{body.strip()}\n\n<!-- end -->", text)
    if found != 1:
        raise ValueError(f"expected one block {marker!r} ... '<!-- end -->', found {found}")
    return text


def with_blocks(path, parts):
    """Text of a page with its blocks replaced by the parts of their names."""
    text = Path(path).read_text(encoding="utf-8")
    for name, body in parts.items():
        text = replace_block(text, name, body)
    return text


def write_blocks(path, parts):
    """Replace blocks of a page."""
    text = with_blocks(path, parts)
    Path(path).write_text(text, encoding="utf-8")
