"""The weighting defaults beside the papers' weights: what the table says."""

import numpy as np
import pytest

from benchmarks.claims.weighting_defaults import apart_problems, compare, main, split, summary
from benchmarks.lib.tables import read_rows


@pytest.mark.filterwarnings("ignore:the weights of .* rows are worth:UserWarning")
def test_a_row_a_method_says_what_both_settings_gain_on_the_learner_alone():
    name, problem = next(apart_problems())
    rows = list(compare("apart", name, *problem))
    assert len({row["method"] for row in rows}) == 6
    gaussian = next(row for row in rows if row["method"] == "GaussianWeighting")
    assert float(gaussian["papers rows"]) < 0.05 < 0.5 <= float(gaussian["default rows"])
    assert 50 < float(gaussian["alone"]) + float(gaussian["default gain"]) <= 100


def test_the_summary_is_of_means_worst_and_paired_differences():
    rows = [
        {"papers gain": p, "papers rows": 0.1, "default gain": d, "default rows": 0.5}
        for p, d in ((-4, -1), (0, 1))
    ]
    assert summary(rows) == ["-2.0", "-4.0", "0.10", "+0.0", "-1.0", "0.50", "+2.00 +- 1.00"]


def test_a_split_falls_along_its_feature():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    parts, y, d = split(X, np.arange(500), 1, 12, rng)
    assert sorted(y) == list(range(500))
    assert parts[d > 0, 1].mean() < -0.4 < 0.4 < parts[d < 0, 1].mean()


def test_a_table_a_kind_is_printed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        "benchmarks.claims.weighting_defaults.PROBLEMS", {"apart": lambda: two(apart_problems())}
    )
    path = tmp_path / "defaults.csv"
    main(["--kinds", "apart", "--csv", str(path)])
    assert "apart: 2 tasks" in capsys.readouterr().out
    rows = [row for row in read_rows(path) if row["method"] == "KMM"]
    gains = [float(row["papers gain"]) for row in rows]
    assert summary(rows)[0] == f"{np.mean(gains):+.1f}"
    assert float(summary(rows)[1]) == pytest.approx(min(gains), abs=0.06)


def two(problems):
    return [next(problems), next(problems)]
