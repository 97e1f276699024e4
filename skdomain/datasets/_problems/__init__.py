"""Generated problems whose truth is known."""
