"""Run the examples of all public docstrings, and of pages, by what the standard library has.

Numbers agree if they do to the digits that are written. An example that imports a package which is
not installed, such as matplotlib, is passed over and counted.
"""

import doctest
import re
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import skdomain

_NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_OPTIONAL = ("pandas", "polars", "matplotlib", "h5py", "dask", "tqdm")


class WrittenDigits(doctest.OutputChecker):
    """Takes for equal what agrees to the digits that are written."""

    def check_output(self, want, got, optionflags):
        """Whether the output is what is wanted, once its numbers are rounded like those."""
        wanted, numbers = _NUMBER.findall(want), _NUMBER.findall(got)
        if len(wanted) == len(numbers):
            pairs = iter([_alike(*pair) for pair in zip(wanted, numbers, strict=True)])
            got = _NUMBER.sub(lambda _: next(pairs), got)
        return super().check_output(want, got, optionflags)


def _alike(want, got):
    """What is wanted if the number got is the same to its digits, else the number got."""
    mantissa, _, exponent = want.partition("e")
    digits = len(mantissa.partition(".")[2])
    close = abs(float(want) - float(got)) <= 10.0 ** (int(exponent or 0) - digits)
    return want if close else got


def public_examples():
    """Examples of all that is public, its methods included, each once."""
    finder, seen = doctest.DocTestFinder(exclude_empty=True), set()
    for package in (skdomain, *(import_module(f"skdomain.{n}") for n in skdomain._SUBPACKAGES)):
        for name in package.__all__:
            member = getattr(package, name)
            if hasattr(member, "__module__") and member not in seen:
                seen.add(member)
                module = sys.modules[member.__module__]
                yield from finder.find(member, f"{package.__name__}.{name}", module)


def page_examples(path):
    """Examples of a page, which share their names."""
    return doctest.DocTestParser().get_doctest(Path(path).read_text(), {}, path, path, 0)


def runs_here(test):
    """Whether there are examples, and all that they import is installed."""
    code = "".join(example.source for example in test.examples)
    return bool(code) and all(name not in code or find_spec(name) for name in _OPTIONAL)


def main(pages):
    """Run all, print how many, and return the number that failed."""
    tests = [test for test in public_examples() if test.examples]
    tests += [test for page in pages if (test := page_examples(page)).examples]
    runner = doctest.DocTestRunner(WrittenDigits(), verbose=False, optionflags=_FLAGS)
    warnings.simplefilter("ignore")
    run = [runner.run(test) for test in tests if runs_here(test)]
    passed_over = f"{len(tests) - len(run)} passed over, which need more"
    print(f"{len(run)} docstrings and pages with examples, {passed_over}")
    return sum(each.failed for each in run)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
