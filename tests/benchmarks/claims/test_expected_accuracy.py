"""The tasks on which expected accuracies are judged, and the figures of a table."""

import numpy as np
import pytest

from benchmarks.claims import expected_accuracy as program


@pytest.mark.parametrize("kind", ["guard", "covariate"])
def test_halves_of_generated_tasks_are_disjoint(kind):
    names = [{name for name, _ in program.tasks_of(kind, half)} for half in (0, 1)]
    assert all(names)
    assert not names[0] & names[1]


@pytest.mark.parametrize(("half", "development"), [("development", True), ("once", False)])
def test_tasks_between_domains_are_those_of_the_half(monkeypatch, half, development):
    asked = []

    class Task:
        name, X, y, sample_domain = "one", [[1], [2]], ["b", "a"], np.array([1, -1])

    def tasks(of_development):
        asked.append(of_development)
        return [Task]

    monkeypatch.setattr(program, "natural_tasks", tasks)
    ((name, (X, y, d)),) = program.tasks_of("natural", program.HALVES[half])
    assert asked == [development]
    assert (name, X.dtype, y.tolist(), d.tolist()) == ("one", float, [1, 0], [1, -1])


def test_a_summary_is_of_errors_and_intervals():
    rows = [
        {"true": 80, "expected": 90, "low": 70, "high": 100},
        {"true": 80, "expected": 76, "low": 70, "high": 79},
    ]
    assert program.summary(rows) == ["7.0", "+3.0", "50%", "19.5"]
