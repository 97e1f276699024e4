"""How the programs are laid out: a package of small files whose arrows run one way."""

import ast
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "benchmarks").rglob("*.py"))
MODULES = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FILES]
PROGRAMS = {
    name
    for name, file in zip(MODULES, FILES, strict=True)
    if '__name__ == "__main__"' in file.read_text(encoding="utf-8")
}
CHILDREN = {"benchmarks.scale.point", "benchmarks.quality.full.server"}  # started by programs
# Who may import whom: each group those before it.
ORDER = ["lib", "scale", "speed", "reproduction", "quality", "claims"]


def imported(file):
    """Modules of the package that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("benchmarks"):
            yield node.module


def test_no_file_is_long_and_no_two_have_one_name():
    assert [f.name for f in FILES if len(f.read_text("utf-8").splitlines()) > 300] == []
    names = Counter(file.stem for file in FILES if file.stem != "__init__")
    assert [name for name, count in names.items() if count > 1] == []


def test_no_class_name_stands_for_two_things():
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in FILES]
    classes = [n.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    assert len(classes) == len(set(classes))


def test_no_path_is_searched_but_the_usual_ones():
    parts = [ROOT / "benchmarks", ROOT / "tests"]
    files = [file for part in parts for file in part.rglob("*.py") if file != Path(__file__)]
    assert [f.name for f in files if "sys.path.insert" in f.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_imports_point_one_way(file):
    group = file.relative_to(ROOT / "benchmarks").parts[0]
    others = {name.split(".")[1] for name in imported(file)}
    assert others <= set(ORDER[: ORDER.index(group) + 1] if group in ORDER else ())


def test_every_program_is_started_by_a_command_and_named_by_the_package():
    started = re.findall(r"-m (benchmarks\.[\w.]+)", (ROOT / "Makefile").read_text("utf-8"))
    assert (
        set(started) | CHILDREN | {"benchmarks.speed.searches", "benchmarks.speed.tjm"} == PROGRAMS
    )
    named = ast.get_docstring(ast.parse((ROOT / "benchmarks" / "__init__.py").read_text("utf-8")))
    assert {name.rpartition(".")[2] for name in PROGRAMS - CHILDREN} <= set(
        re.findall(r"``(\w+)``", named)
    )


@pytest.mark.parametrize("program", sorted(PROGRAMS - CHILDREN))
def test_program_says_what_it_does(program, capsys):
    with pytest.raises(SystemExit) as ended:
        import_module(program).main(["--help"])
    assert ended.value.code == 0
    assert "usage: " in capsys.readouterr().out
