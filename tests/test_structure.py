"""How the library is laid out: rooms with arrows that run one way, short files, one name a thing.

A room is a package or a private module that lies directly in ``skdomain/``. All of this is read
from the sources; nothing is imported.
"""

import ast
from collections import Counter, defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]

# Imports that are left out of the search for circles, each with the reason why it does no harm.
LEFT_OUT = {
    ("skdomain.metrics", "skdomain.inspection"): (
        "an old name: DomainReportDisplay is handed on from where it was, when it is asked for"
    ),
}


def module_name(path):
    """``skdomain/mmd/_matrix.py`` is skdomain.mmd._matrix; an ``__init__`` is its package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted((ROOT / "skdomain").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}
PACKAGES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}


def imported(tree, known):
    """Modules among the known ones that a file imports, inside of functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def ancestors(name):
    """The packages that a module lies in, which are imported with it."""
    parts = name.split(".")
    return {".".join(parts[:k]) for k in range(1, len(parts))}


def arrows(trees):
    """Imports from module to module: those written, and the packages that come with them."""
    found = defaultdict(set)
    for name, tree in trees.items():
        for target in {*imported(tree, trees)} & {*trees}:
            new = ({target} | ancestors(target) - ancestors(name)) - {name}
            found[name] |= {other for other in new if (name, other) not in LEFT_OUT}
    return found


def circle(graph):
    """Nodes of one circle, in order, the first again at the end; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def room(name):
    return ".".join(name.split(".")[:2])


def children(graph, package):
    """The arrows between what lies directly in a package, files and packages alike."""
    depth = package.count(".") + 2

    def child(name):
        return ".".join(name.split(".")[:depth]) if name.startswith(f"{package}.") else None

    found = defaultdict(set)
    for name, targets in graph.items():
        found[child(name)] |= {child(target) for target in targets} - {child(name), None}
    return found


ARROWS = arrows(TREES)
# A package is handed out on demand, so importing skdomain itself may import any of them.
ARROWS["skdomain"] |= {room(name) for name in TREES} - {"skdomain"}


# -- The search itself --------------------------------------------------------------------------


def test_circles_are_found_and_told():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) in (
        ["a", "c", "b", "a"],
        [*"bacb"],
        [*"cbac"],
    )
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []


def test_imports_are_found_wherever_they_stand():
    source = (
        "import p.one\n"
        "from p import two, name\n"
        "def f():\n"
        "    from p.three import other\n"
        "    return importlib.import_module('p.four')\n"
    )
    known = {"p", "p.one", "p.two", "p.three", "p.four"}
    assert {*imported(ast.parse(source), known)} == known


def test_a_file_is_imported_with_the_packages_around_it():
    trees = {name: ast.parse("") for name in ("p", "p.a", "p.a.x", "p.b", "p.b.y")}
    trees["p.b.y"] = ast.parse("from p.a.x import f")
    assert arrows(trees) == {"p.b.y": {"p.a", "p.a.x"}}
    assert children(arrows(trees), "p") == {"p.b": {"p.a"}}
    trees["p.b"], trees["p.b.y"] = ast.parse("from p.b.y import f"), ast.parse("from p.b import g")
    assert circle(arrows(trees)) in (["p.b", "p.b.y", "p.b"], ["p.b.y", "p.b", "p.b.y"])


# -- Rooms and arrows ---------------------------------------------------------------------------


def test_no_file_imports_itself_through_others():
    assert circle(ARROWS) == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_arrows_between_the_parts_of_a_package_run_one_way(package):
    """Of ``skdomain``, these are the arrows between the rooms."""
    assert circle(children(ARROWS, package)) == []


def test_what_is_left_out_is_still_there():
    for name, target in LEFT_OUT:
        assert target in imported(TREES[name], TREES)


def test_rooms_can_be_counted():
    rooms = {room(name) for name in TREES} - {"skdomain"}
    private = {name for name in rooms if name.startswith("skdomain._")}
    # Prediction sets, parameter transfer, attributes of unseen classes and transport plans are
    # each a family with words of its own, and have a room of their own, as has the command line.
    assert len(rooms) <= 21
    assert len(private) <= 4


def test_the_developers_page_has_a_line_for_each_room_and_each_room_within():
    page = (ROOT / "docs" / "developing.md").read_text()
    tree = page.split("```text\nskdomain/\n")[1].split("```")[0]
    told, around = set(), ""
    for line in tree.splitlines():
        name = line.split()[0].removesuffix("/").removesuffix(".py")
        around = around if line.startswith("    ") else name
        told.add(f"skdomain.{name}" if name == around else f"skdomain.{around}.{name}")
    assert told == ({room(name) for name in TREES} | PACKAGES) - {"skdomain"}


def test_a_room_is_entered_through_its_door_alone():
    """From other rooms, what a package has is imported from its ``__init__``."""
    through_the_wall = {
        f"{name} -> {target}"
        for name, tree in TREES.items()
        for target in {*imported(tree, TREES)} & {*TREES}
        if room(target) not in ("skdomain", room(name), target)
    }
    assert through_the_wall == set()


# -- Sizes --------------------------------------------------------------------------------------


# Annotated signatures take lines that there is nothing to read in: up to a dozen more a file.
LONGEST = {"skdomain": 312, "benchmarks": 300}


@pytest.mark.parametrize("folder", LONGEST)
def test_no_file_is_longer_than_300_lines(folder):
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST[folder]} == {}


def functions():
    return {
        f"{name}:{node.lineno} {node.name}": (node, SOURCES[name].read_text().splitlines())
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def code_lines(function, lines):
    """Lines from ``def`` on without docstring, comments and blank lines."""
    first = function.body[0]
    docstring = range(first.lineno, first.end_lineno + 1) if ast.get_docstring(function) else ()
    rest = (i for i in range(function.lineno, function.end_lineno + 1) if i not in docstring)
    return sum(1 for i in rest if lines[i - 1].strip() and not lines[i - 1].strip().startswith("#"))


def complexity(function):
    """One more than the places where the way parts; a function inside is such a place, no more."""
    count, nodes = 1, list(ast.iter_child_nodes(function))
    while nodes:
        node = nodes.pop()
        count += parting_ways(node)
        if not isinstance(node, ast.FunctionDef):
            nodes += ast.iter_child_nodes(node)
    return count


def parting_ways(node):
    ways = ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.FunctionDef
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, ways))


def test_functions_are_short():
    lengths = {name: code_lines(*function) for name, function in functions().items()}
    assert {name: length for name, length in lengths.items() if length > 36} == {}
    values = list(lengths.values())
    assert np.median(values) <= 5
    assert np.percentile(values, 90) <= 16


def test_functions_are_simple():
    found = {name: complexity(function) for name, (function, _) in functions().items()}
    assert {name: ways for name, ways in found.items() if ways > 10} == {}
    assert round(np.mean(list(found.values())), 1) <= 2.3


# -- Names --------------------------------------------------------------------------------------


def defined(tree):
    """Names without a leading underscore that a file defines at its top."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for each in targets for name in ast.walk(each) if name_of(name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def name_of(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def test_no_name_stands_for_two_things():
    places = defaultdict(list)
    for name, tree in TREES.items():
        for each in defined(tree):
            places[each].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_two_files_are_called_alike():
    stems = Counter(path.stem for path in SOURCES.values() if path.stem != "__init__")
    assert {stem for stem, times in stems.items() if times > 1} == set()
