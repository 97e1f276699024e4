"""The command line, for who does not program: what differs between two files, and predictions."""

from skdomain.cli._main import main

__all__ = ["main"]
