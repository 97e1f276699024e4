"""Warnings that point at the line of the user's code that led to them."""

import sys
import warnings

# what stands between a warning and the code that is to be told
_BETWEEN = ("skdomain", "sklearn", "joblib", "contextlib", "functools")


def warn_caller(message, category=UserWarning):
    """Warn at the innermost line outside of this library and of those that call it.

    How many frames lie between depends on decorators, pipelines and searches, so no ``stacklevel``
    is right for all of them.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and _module(frame).partition(".")[0] in _BETWEEN:
        frame = frame.f_back
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=_module(frame),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _module(frame):
    return frame.f_globals.get("__name__", "<string>")
