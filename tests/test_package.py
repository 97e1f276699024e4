"""What holds for everything public: it is documented, and costs nothing to import."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import skdomain

PACKAGES = [getattr(skdomain, name) for name in skdomain._SUBPACKAGES]
PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (skdomain, *PACKAGES)
    for name in package.__all__
    if not inspect.ismodule(getattr(package, name))
}
METHODS = {
    f"{name}.{method}": getattr(cls, method)
    for name, cls in PUBLIC.items()
    if inspect.isclass(cls) and not issubclass(cls, (dict, Warning))
    for method in dir(cls)
    if not method.startswith("_")
    and (inspect.isfunction(getattr(cls, method)) or inspect.ismethod(getattr(cls, method)))
    and getattr(cls, method).__module__.startswith("skdomain")
}
DOCUMENTED = METHODS | {
    name: public
    for name, public in PUBLIC.items()
    if not (inspect.isclass(public) and issubclass(public, (dict, Warning)))
}


def parameter_entries(docstring):
    """Name, type and default as written, and description of each entry in the section."""
    lines = inspect.cleandoc(docstring).splitlines()
    if "Parameters" not in lines:
        return []
    start, entries = lines.index("Parameters") + 2, []
    for line, underline in zip(lines[start:], [*lines[start + 1 :], ""], strict=True):
        if underline.startswith("---"):
            break
        if match := re.match(r"(\*{0,2}\w+(?:, \w+)*)(?: : (.*)|$)", line):
            names = match[1].replace("*", "").split(", ")
            entries += [[name, match[2] or "", ""] for name in names]
        elif entries:
            entries[-1][-1] += line
    return entries


def documented_parameters(docstring):
    """Names in the Parameters section."""
    return [name for name, _, _ in parameter_entries(docstring)]


def documented_defaults(docstring):
    """What stands behind ``default=``, by name: as `repr` writes it where it is a literal."""
    found = {}
    for name, kind, _ in parameter_entries(docstring):
        if match := re.search(r"default=(.*)$", kind):
            try:
                found[name] = repr(ast.literal_eval(match[1]))
            except ValueError:
                found[name] = match[1]
    return found


def actual_defaults(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: repr(p.default) for p in parameters if p.default is not p.empty}


def signature_parameters(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_of_each_public_object_has_its_parameters(name):
    public = PUBLIC[name]
    assert public.__doc__
    if not issubclass(type(public), type) or not issubclass(public, (dict, Warning)):
        assert documented_parameters(public.__doc__) == signature_parameters(public)


@pytest.mark.parametrize("name", METHODS)
def test_docstring_of_each_public_method_has_its_parameters(name):
    method = METHODS[name]
    assert method.__doc__
    documented = documented_parameters(method.__doc__)
    assert documented == signature_parameters(method) or not documented


@pytest.mark.parametrize("name", [name for name in DOCUMENTED if DOCUMENTED[name].__doc__])
def test_documented_defaults_are_those_of_the_signature(name):
    """Of the same type, too; a default other than None is told wherever a type is."""
    public = DOCUMENTED[name]
    actual, documented = actual_defaults(public), documented_defaults(public.__doc__)
    assert {key: actual.get(key, "it has to be passed") for key in documented} == documented
    for key, kind, text in parameter_entries(public.__doc__):
        if kind and actual.get(key, "None") != "None":
            assert key in documented or "default" in text


def test_a_default_that_differs_is_found():
    def function(a, b=2.0, *, c="x", d=(1, 2)):
        """Sum up.

        Parameters
        ----------
        a : float
        b : float, default=2
            A number.
        c, d : object, default="x"

        Returns
        -------
        default=7
        """

    documented = documented_defaults(function.__doc__)
    assert documented == {"b": "2", "c": "'x'", "d": "'x'"}
    assert actual_defaults(function) == {"b": "2.0", "c": "'x'", "d": "(1, 2)"}


def test_subpackages_come_with_the_package():
    assert skdomain.subspace.TCA().n_components == 30
    with pytest.raises(AttributeError, match="no attribute 'subspaces'"):
        skdomain.subspaces  # noqa: B018


def test_import_compiles_nothing_changes_no_setting_and_prints_nothing():
    program = """
import warnings, sklearn, numpy
config, filters, errors = sklearn.get_config(), list(warnings.filters), numpy.geterr()
import skdomain, skdomain.subspace, skdomain.compose, skdomain.model_selection
import skdomain.metrics, skdomain.mmd, skdomain.datasets
[getattr(skdomain, name) for name in skdomain.__all__]
from skdomain.mmd._grouped import expand_groups, grouped_sums
assert not expand_groups.signatures and not grouped_sums.signatures
assert sklearn.get_config() == config
assert warnings.filters == filters
assert numpy.geterr() == errors
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_nothing_has_to_be_writable(tmp_path):
    """Files in place of the folders that caches are written to stop the superuser too."""
    package = tmp_path / "skdomain"
    shutil.copytree(
        Path(skdomain.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    for folder in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (folder / "__pycache__").touch()
    program = (
        "import numpy as np, skdomain\n"
        "from skdomain.mmd._grouped import expand_groups, grouped_sums\n"
        "from skdomain.weighting._qp._box import step_to_bound\n"
        "from skdomain.weighting._qp._box import weighted_rows\n"
        "assert grouped_sums(np.eye(2), np.zeros(2, dtype=int), 1).tolist() == [[1, 1]]\n"
        "assert expand_groups(np.eye(1), np.zeros(2, dtype=int)).tolist() == [[1, 1], [1, 1]]\n"
        "assert step_to_bound(np.ones(1), -2 * np.ones(1), 3.0) == (0.5, 0)\n"
        "assert weighted_rows(np.eye(2), np.arange(2), np.ones(2)).tolist() == [1, 1]\n"
        "print(skdomain.__file__)"
    )
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**keep, "HOME": os.devnull, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert Path(run.stdout.strip()).parent == package
