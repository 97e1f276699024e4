"""Build what would be released and check it as a stranger meets it; needs pip's index.

Wheel and source are built without a warning of setuptools and accepted by twine; they hold what
they have to and nothing else; the wheel runs the examples of all docstrings, and of the README, in
an environment with its dependencies alone; the tests are collected from the source; mypy accepts a
user's program, and finds its mistakes; CITATION.cff and the forms for issues are valid.
"""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
HERE = ROOT / ".ci"


def run(*command, **options):
    """Output of a command, which ends this program if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-5000:]}{done.stderr[-5000:]}")
    return done.stdout + done.stderr


def expect(true, message):
    """End this program unless something is so."""
    if not true:
        sys.exit(f"release-check: {message}")


def build(folder):
    """The source archive, and the wheel that is built from it."""
    told = run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    expect(not re.search("deprecat", told, re.IGNORECASE), f"the build warns:\n{told}")
    (source,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    run(sys.executable, "-m", "twine", "check", "--strict", source, wheel)
    return source, wheel


def check_wheel(wheel):
    """All modules, the marker of annotations, the licence, the metadata; nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith("/METADATA"))
        fields = message_from_bytes(archive.read(metadata))
    info = metadata.rpartition("/")[0]
    tracked = [*tracked_files("skdomain")]
    modules = {name for name in names if not name.startswith(f"{info}/")}
    expect(modules == {*tracked}, f"the wheel differs in {sorted(modules ^ {*tracked})}")
    expect(f"{info}/licenses/LICENSE" in names, "the wheel has no licence")
    expect(fields["License-Expression"] == "BSD-3-Clause", "the licence is not told as SPDX has it")
    expect(fields["License"] is None, "the licence is told in the old field, too")


def tracked_files(*under):
    """Paths that git tracks, or all where there is no git."""
    try:
        told = run("git", "-C", ROOT, "ls-files", *under)
    except FileNotFoundError:
        sys.exit("release-check: git is needed, to know which files belong to a release")
    return told.splitlines()


def unpacked(source, folder):
    """Folder of the unpacked source, which holds all that is tracked."""
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    tracked = {*tracked_files()}
    expect(not tracked - found, f"the source lacks {sorted(tracked - found)}")
    more = {name for name in found - tracked if not name.startswith("skdomain.egg-info/")}
    expect(more <= {"PKG-INFO"}, f"the source holds {sorted(more)}")
    return root


def check_tests_are_collected(root):
    """From the source, beside which there is no clone."""
    told = run(sys.executable, "-m", "pytest", "--collect-only", "--quiet", "tests", cwd=root)
    print(told.splitlines()[-1])


def clean_environment(folder, wheel):
    """Python of an environment that has the wheel and what it requires."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    return python


def check_installed(python, folder):
    """Examples, the command, and a user's program under mypy."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    options = {"cwd": folder, "env": bare}
    print(run(python, HERE / "run_examples.py", ROOT / "README.md", **options).strip())
    command = python.with_name("skdomain")
    told = run(command, "--version", **options).split()
    expect(told[-1] in run(python, "-m", "pip", "show", "skdomain", **options), "another version")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
    print(run(*mypy, ROOT / "tests" / "release" / "user_program.py", **options).strip())


def check_forms():
    """The citation, and the forms for issues."""
    run(Path(sys.executable).with_name("cffconvert"), "--validate", cwd=ROOT)
    from ruamel.yaml import YAML

    for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")):
        form = YAML(typ="safe").load(path)
        if path.stem != "config":
            expect({"name", "description", "body"} <= {*form}, f"{path} lacks a field")


def main():
    """Check all of it."""
    check_forms()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("dist", "source", "elsewhere"):
            (folder / each).mkdir()
        source, wheel = build(folder / "dist")
        check_wheel(wheel)
        check_tests_are_collected(unpacked(source, folder / "source"))
        check_installed(clean_environment(folder / "clean", wheel), folder / "elsewhere")
    print(f"{wheel.name} and {source.name} can be released")


if __name__ == "__main__":
    main()
