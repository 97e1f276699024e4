"""Public names, parameters and defaults are the ones that are listed.

``python -m tests.test_api`` writes the list, `tests/golden/api.txt`, anew.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import skdomain

LISTING = Path(__file__).parent / "golden" / "api.txt"
ADVICE = (
    "If a change of the public names, parameters or defaults is meant, see what docs/policies.md "
    "asks of it, write the entry in docs/changes, and then the list: python -m tests.test_api"
)


def signature(function):
    """Parameters and defaults, without annotations."""
    empty = inspect.Parameter.empty
    found = inspect.signature(function)
    plain = [each.replace(annotation=empty) for each in found.parameters.values()]
    return str(found.replace(parameters=plain, return_annotation=empty))


def methods(cls):
    """Public methods and properties that are the library's own."""
    for name in (name for name in sorted(dir(cls)) if not name.startswith("_")):
        member = getattr(cls, name, None)
        function = getattr(member, "fget", member)
        if str(getattr(function, "__module__", "")).startswith("skdomain"):
            yield f"{name}{signature(member)}" if callable(member) else name


def described(name, member):
    """Lines on a public object: its signature and, of a class, its methods."""
    if inspect.ismodule(member):
        return []
    if not inspect.isclass(member):
        return [f"{name}{signature(member)}"]
    plain = issubclass(member, dict | Warning)
    first = f"class {name}" if plain else f"class {name}{signature(member)}"
    return [first, *(f"    {method}" for method in methods(member))]


def public_api():
    """All that is public, by name."""
    packages = [skdomain, *(import_module(f"skdomain.{n}") for n in skdomain._SUBPACKAGES)]
    return [
        line
        for package in packages
        for name in sorted(package.__all__)
        for line in described(f"{package.__name__}.{name}", getattr(package, name))
    ]


def changes(listed, found):
    """What is gone and what is new, each with the object that it stands under."""
    listed, found = with_owner(listed), with_owner(found)
    gone = [f"- {line}" for line in listed if line not in {*found}]
    return gone + [f"+ {line}" for line in found if line not in {*listed}]


def with_owner(lines):
    owner, told = "", []
    for line in lines:
        owner = owner if line.startswith(" ") else line.partition("(")[0]
        told.append(f"{owner}: {line.strip()}" if line.startswith(" ") else line)
    return told


def test_public_names_parameters_and_defaults_are_those_listed():
    differ = changes(LISTING.read_text().splitlines(), public_api())
    assert not differ, "\n".join(["the public API has changed:", *differ, ADVICE])


@pytest.mark.parametrize(
    ("before", "after"),
    [("def f(a, b=1): ...", "def f(a, b=2): ..."), ("def f(a): ...", "def f(b): ...")],
)
def test_a_change_is_found(before, after):
    spaces = {}, {}
    for code, space in zip((before, after), spaces, strict=True):
        exec(code, space)
    lines = [described("f", space["f"]) for space in spaces]
    assert changes(*lines) == [f"- {lines[0][0]}", f"+ {lines[1][0]}"]
    assert changes(lines[0], lines[0]) == []


def test_annotations_are_no_part_of_it():
    def annotated(a: int, *, b: str = "x") -> float: ...

    assert signature(annotated) == "(a, *, b='x')"


DOMAINS = "Positive integers for source rows, negative for target rows"


def takers_of_domains():
    """Public functions and methods that take `sample_domain`, by name."""
    for package in (skdomain, *(import_module(f"skdomain.{n}") for n in skdomain._SUBPACKAGES)):
        for name in package.__all__:
            member = getattr(package, name)
            inner = inspect.getmembers(member) if inspect.isclass(member) else [("", member)]
            for method, function in inner:
                if method[:1] != "_" and takes_domains(function):
                    yield f"{name}.{method}", function


def takes_domains(function):
    """Whether something is a function of the library that has the parameter."""
    ours = str(getattr(function, "__module__", "")).startswith("skdomain")
    plain = ours and inspect.isroutine(function)
    return plain and "sample_domain" in inspect.signature(function).parameters


def told_of_domains(function):
    """What a docstring says of `sample_domain`, in one line."""
    pattern = r"^(?:[\w, ]+, )?sample_domain(?:, [\w, *]+)?(?: :.*)?\n((?:    .*(?:\n|$))+)"
    found = re.search(pattern, inspect.getdoc(function), re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def test_all_say_in_the_same_words_what_sample_domain_is():
    """The site links these words to the page on domains."""
    told = {name: told_of_domains(function) for name, function in takers_of_domains()}
    assert len(told) > 250
    allowed = f"{DOMAINS}|As in (:meth:`(fit|predict|transform|split)`|a call of the criterion)"
    assert {name: words for name, words in told.items() if not re.match(allowed, words)} == {}


if __name__ == "__main__":
    LISTING.write_text("\n".join(public_api()) + "\n")
