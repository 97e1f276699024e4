"""Problems on which a method is the right choice: what is drawn, and what the page says of them."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import subspace_angles

from benchmarks.claims import granted_problems as drawn
from benchmarks.claims import right_choice
from benchmarks.lib.tables import group, read_rows

DOCS = Path(__file__).parents[3] / "docs"
CHOSEN = {
    "narrower": "GaussianWeighting",
    "few directions": "KMM",
    "skewed": "ClassifierWeighting",
    "units": "PerDomain",
    "mixed": "LinearMonge",
    "warped": "OptimalTransport",
    "with the value": "JDOTRegressor, ridge",
    "tilted": "MEDA",
    "further drift": "LEACE",
    "other rule": "LinearProbe",
    "digits": "JGSA",
}


@pytest.mark.parametrize("case", right_choice.CASES)
def test_problems_have_a_source_then_a_target_and_are_drawn_again_alike(case):
    problem = right_choice.CASES[case][0]
    first, again, other = (problem(np.random.default_rng(seed)) for seed in (1, 1, 2))
    X, y, d = first[:3]
    assert len(X) == len(y) == len(d)
    assert set(np.sign(d)) == {-1, 1}
    assert (np.diff(np.sign(d)) <= 0).all()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(X, other[0])


def test_tilted_classes_are_seventy_degrees_off():
    X, _, d = drawn.tilted(np.random.default_rng(0), n=5000)
    axes = [np.linalg.eigh(np.cov(X[d == k].T))[1][:, -8:] for k in (1, -2)]
    assert np.rad2deg(subspace_angles(*axes)) == pytest.approx(70, abs=3)


def test_the_other_rule_says_nothing_of_the_first():
    X, y, d, labelled = drawn.other_rule(np.random.default_rng(0))
    means = [X[(y == 1) & (d == k)].mean(0) - X[(y == 0) & (d == k)].mean(0) for k in (1, -2)]
    assert labelled[d > 0].all()
    assert labelled[d < 0].sum() == 80
    sizes = [np.linalg.norm(mean) for mean in means]
    assert min(sizes) > 10
    assert abs(means[0] @ means[1]) < 0.5 * sizes[0] * sizes[1]


def test_later_rows_are_named_as_the_target_and_have_drifted_on():
    X, _, d, drift = drawn.further_drift(np.random.default_rng(0))
    assert sorted({*zip(d.tolist(), drift.tolist(), strict=True)}) == [(-2, 1), (-2, 3), (1, 0)]
    steps = [X[drift == t].mean(axis=0) - X[drift == 0].mean(axis=0) for t in (1, 3)]
    assert steps[1] @ steps[0] / (steps[0] @ steps[0]) == pytest.approx(3, abs=0.2)


def test_a_draw_has_a_row_a_method_and_the_file_gives_the_same_table(tmp_path, capsys):
    path = str(tmp_path / "choice.csv")
    right_choice.main(["--cases", "units", "--draws", "2", "--csv", path])
    printed = capsys.readouterr().out.split("\ntable: ")[0]
    assert len(read_rows(path)) == 2 * 9
    right_choice.main(["--told", "--csv", path])
    assert capsys.readouterr().out.strip() == printed.strip()
    published = group(read_rows(DOCS / "results" / "right_choice.csv"), "case", "draw", "method")
    for row in [*read_rows(path), *right_choice.run_draw("further drift", 0)]:
        (told,) = published[row["case"], str(row["draw"]), row["method"]]
        assert float(row["score"]) == pytest.approx(float(told["score"]), abs=1.0)


def test_the_page_has_the_figures_of_the_file_and_what_it_says_is_not_behind():
    rows = read_rows(DOCS / "results" / "right_choice.csv")
    page = (DOCS / "which_method.md").read_text()
    told = re.findall(
        r"\| `(\w+)`([^|]*) \| ([\d.]+ ± [\d.]+) \| `(\w+)`([^|]*) \| ([^|]+) \|", page
    )
    assert len(told) == len(CHOSEN)
    assert [*CHOSEN] == [*right_choice.CASES]
    for (case, chosen), (name, more, figure, other, what, second) in zip(
        CHOSEN.items(), told, strict=True
    ):
        scores = {
            method: np.array([float(row["score"]) for row in own])
            for (of, method), own in group(rows, "case", "method").items()
            if of == case
        }
        assert all(len(values) == 20 for values in scores.values())
        assert name + more == chosen
        assert figure == with_one_digit(scores[chosen])
        assert second == with_one_digit(scores[other + what])
        for values in scores.values():
            behind = values - scores[chosen]
            assert behind.mean() <= 2 * behind.std(ddof=1) / 20**0.5


def with_one_digit(values):
    return f"{values.mean():.1f} ± {values.std(ddof=1) / len(values) ** 0.5:.1f}"
