"""The strongest combination: its steps in every collection, and the program without data."""

from pathlib import Path

import pytest

from benchmarks.lib.tables import read_rows
from benchmarks.reproduction import strongest
from benchmarks.reproduction.presets import PRESETS
from skdomain.regularized import ARTL
from skdomain.subspace import DJPMMD


@pytest.mark.parametrize("name", strongest.COLLECTIONS)
def test_settings_are_the_same_in_all_collections(name):
    _, prepare = strongest.COLLECTIONS[name]
    baseline, combination = (row.pipeline for row in strongest.rows(prepare).values())
    djpmmd, artl = combination[-2:]
    assert isinstance(djpmmd, DJPMMD)
    assert isinstance(artl, ARTL)
    same = PRESETS["djpmmd-ridge-artl"].pipeline[-2:]
    assert repr(combination[-2:]) == repr(same)
    assert (djpmmd.n_components, djpmmd.lam, djpmmd.mu, djpmmd.max_iter) == (30, 1, 0.1, 10)
    ridge = djpmmd.estimator
    assert (ridge.gamma, ridge.eta, djpmmd.init) == (0.5, 0.1, "estimator")
    assert (artl.gamma, artl.eta, artl.lam, artl.rho, artl.mu) == (0.5, 0.1, 10, 1, 0.5)
    # the row beside it is the same learner on the same rows
    assert repr(baseline[-1].estimator) == repr(ridge)
    assert repr(baseline[:-1]) == repr(combination[:-2])


@pytest.mark.usefixtures("no_data")
def test_without_data_the_stand_in_runs(capsys):
    strongest.main([])
    printed = capsys.readouterr().out
    assert "Caltech10_SURF_L10.mat is missing" in printed
    assert "COIL_1.mat is missing" in printed
    rows = read_rows(Path("results/strongest.csv"))
    assert [(row["data"], row["task"]) for row in rows] == [("rotated digits", "rotated")] * 2
    assert [row["method"] for row in rows] == strongest.HEADER[1:]
    figures = [f"{float(row['accuracy']):.2f}" for row in rows]
    assert printed.splitlines()[-3].split() == ["rotated", "digits", "(1)", *figures]
    source_only, adapted = map(float, figures)
    assert adapted > source_only


def test_the_row_of_a_collection_by_hand():
    figures = [("a", 10, 30), ("b", 40, 35)]
    records = [
        {"task": task, "method": method, "accuracy": value}
        for task, *values in figures
        for method, value in zip(strongest.HEADER[1:], values, strict=True)
    ]
    assert strongest.summary("x", records) == ["x (2)", "25.00", "32.50"]
