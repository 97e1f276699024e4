"""Docstrings with fields that each class fills in, so that one method tells the truth of many."""

import inspect
from types import FunctionType


def template(method):
    """Mark a method whose docstring has fields, as :meth:`str.format` takes them."""
    method.template = inspect.cleandoc(method.__doc__)
    return method


def filled_in(method, facts):
    """A copy of a marked method with the facts in its docstring."""
    copy = FunctionType(
        method.__code__,
        method.__globals__,
        method.__name__,
        method.__defaults__,
        method.__closure__,
    )
    copy.__qualname__, copy.__module__ = method.__qualname__, method.__module__
    copy.template = method.template
    copy.__doc__ = method.template.format(**facts)
    return copy
