"""Other libraries, where they are installed."""

from importlib import import_module, metadata

from sklearn import set_config

import skdomain


def version(package):
    """Version of a package, and why it cannot be used, if it is not installed."""
    if package == "skdomain":
        return skdomain.__version__, ""
    try:
        return metadata.version(package), ""
    except metadata.PackageNotFoundError as error:
        return "", f"{type(error).__name__}: {error}"


def skada_adapter(name, **parameters):
    """An adapter of skada; None, and a line that says so, where it is not installed.

    Metadata routing, which skada turns on when it is imported, is turned off again.
    """
    try:
        new = getattr(import_module("skada"), name)
    except ImportError:
        print("skada is not installed: no comparison with it.")
        return None
    set_config(enable_metadata_routing=False)
    return new(**parameters)
