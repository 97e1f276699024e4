"""Coverage by every kind of weights: what the table says."""

import numpy as np
import pytest

from benchmarks.claims import coverage
from benchmarks.lib.tables import read_rows


def test_a_line_a_problem_and_kind_of_weights_is_tabulated(tmp_path, capsys, monkeypatch):
    kinds = {"numbers": ("none", "true ratio"), "proportions": ("known proportions",)}
    problems = {
        name: (*coverage.PROBLEMS[name][:2], {key: coverage.PROBLEMS[name][2][key] for key in keys})
        for name, keys in kinds.items()
    }
    monkeypatch.setattr(coverage, "PROBLEMS", problems)
    path = tmp_path / "coverage.csv"
    coverage.main(["--draws", "2", "--csv", str(path)])
    rows, printed = read_rows(path), capsys.readouterr().out
    assert len(rows) == 6
    for name, keys in kinds.items():
        for key in keys:
            first, second = (
                float(row["coverage"])
                for row in rows
                if (row["problem"], row["weights"]) == (name, key)
            )
            expected = f"{(first + second) / 2:.2f} +- {abs(first - second) / 2:.2f}"
            assert f"| {name} | {key} | {expected} |" in printed


def test_the_true_ratio_is_that_of_the_rows_that_are_drawn():
    X = np.random.default_rng(0).normal(size=(5, 2))
    log_ratio = -((X[:, 0] - 2) ** 2) / 2 + X[:, 0] ** 2 / 2
    ratio = coverage.true_ratio(X, 2.0)
    assert np.ptp(np.log(ratio) - log_ratio) == pytest.approx(0, abs=1e-12)
