"""The table of what every method takes now and took before."""

from benchmarks.lib.tables import read_rows
from benchmarks.speed.standing import FILE, PROBLEMS, drawn, fits, line, weights


def test_the_file_has_every_method_on_every_problem():
    X, y, d = drawn(10, 3)
    names = [*weights(X[d > 0], X[d < 0]), *fits(X, y, d)]
    kept = [(row["problem"], row["method"]) for row in read_rows(FILE)]
    assert kept == [(problem, name) for problem in PROBLEMS for name in names]


def test_a_line_sets_now_beside_before():
    row = {"method": "TJM", "products": "3", "peer": "0.5"}
    cells = line(0.25, row, {"products": "2", "peer": "0.4"}, "*").split()
    assert cells == ["TJM", "0.2500", "3", "2", "1.50", "0.5*", "0.4"]
    assert line(0.25, row | {"peer": ""}, {}, "*").split() == ["TJM", "0.2500", "3"]
