"""Parts of pages that programs write."""

import pytest

from benchmarks.lib.blocks import replace_block


def test_a_block_is_replaced_and_a_missing_one_is_named():
    text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- generated: y --><!-- end -->"
    once = replace_block(text, "x", r"| \1 |")
    assert once == text.replace("\nold\n", "\n\n| \\1 |\n\n")
    assert replace_block(once, "x", r"| \1 |") == once
    with pytest.raises(ValueError, match=r"generated: z.*found 0"):
        replace_block(text, "z", "new")
