"""What is told in place of a traceback."""

from importlib import import_module


class RefusedError(Exception):
    """What a file or an argument lacks, in words for whoever gave it, and the exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def needed(package):
    """A package that the command line needs and the library does not."""
    try:
        return import_module(package)
    except ImportError:
        raise RefusedError(
            f"{package} is not installed; `pip install 'skdomain[cli]'` installs all that the "
            "command line needs.",
            code=3,
        ) from None
