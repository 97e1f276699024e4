"""What holds for everything public: it is documented, and costs nothing to import."""

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


def documented_parameters(docstring):
    """Names in the Parameters section."""
    lines = inspect.cleandoc(docstring).splitlines()
    if "Parameters" not in lines:
        return []
    start = lines.index("Parameters") + 2
    names = []
    for line, underline in zip(lines[start:], [*lines[start + 1 :], ""], strict=True):
        if underline.startswith("---"):
            break
        if match := re.match(r"(\*{0,2}\w+(?:, \w+)*)(?: :|$)", line):
            names += match[1].replace("*", "").split(", ")
    return names


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


def test_subpackages_come_with_the_package():
    assert skdomain.subspace.TCA().n_components == 30
    with pytest.raises(AttributeError, match="no attribute 'subspaces'"):
        skdomain.subspaces  # noqa: B018


def test_import_compiles_nothing_and_prints_nothing():
    program = (
        "import skdomain\n"
        "[getattr(skdomain, name) for name in skdomain.__all__]\n"
        "from skdomain.mmd._grouped import expand_groups, grouped_sums\n"
        "assert not expand_groups.signatures and not grouped_sums.signatures\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == run.stderr == ""


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
        "from skdomain.weighting._qp._gram import weighted_rows\n"
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
