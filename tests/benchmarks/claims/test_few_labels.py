"""Few target labels: which rows a draw takes, and what is compared with what."""

import numpy as np
import pytest

from benchmarks.claims import few_labels
from benchmarks.claims.few_label_methods import FAMILY, methods_for
from benchmarks.lib.tables import read_rows


@pytest.mark.usefixtures("no_data")
def test_without_data_few_labels_says_what_is_missing():
    with pytest.raises(SystemExit, match="is missing"):
        few_labels.main([])


def test_a_draw_labels_as_many_rows_of_each_class_and_scores_others():
    y, domain_index = np.arange(600) % 3, np.repeat([0, 1, 2], 200)
    rng = np.random.default_rng(0)
    source, told, hidden = few_labels.drawn(y, domain_index, 1, 5, rng)
    assert (domain_index[source] != 1).all()
    assert (domain_index[np.concatenate([told, hidden])] == 1).all()
    assert np.bincount(y[told]).tolist() == [5, 5, 5]
    assert len(np.intersect1d(told, hidden)) == 0
    assert (len(source), len(hidden)) == (400, 185)


def test_gains_are_over_the_better_baseline_and_the_best_is_corrected():
    steady, noise = np.full(6, 70.0), np.array([1.0, -1, 2, -2, 0.5, -0.5])
    of = {"target only": steady - 5, "pooled": steady} | {m: steady + noise for m in FAMILY}
    of["FEDA"] = steady + 3 + noise
    better, gains = few_labels.compared(of)
    assert better == "pooled"
    assert gains["FEDA"][0] == pytest.approx(3)
    told = few_labels._gains(of)
    assert told[3:5] == ["FEDA", "+3.00"]
    assert float(told[5]) == pytest.approx(gains["FEDA"][1] * len(FAMILY), rel=0.05)
    three = {m: of[m] for m in ("target only", "pooled", "FEDA", "forest")}
    told = few_labels._gains(three, "forest")
    assert (told[1], told[3]) == ("+0.00", "FEDA")
    assert float(told[5]) == pytest.approx(gains["FEDA"][1] * 2, rel=0.05)


def test_only_the_methods_that_are_wanted_are_fitted():
    wanted = ["pooled", "FEDA, self-training"]
    assert list(methods_for(np.array([1, 1, -2]), wanted)) == wanted
    assert next(iter(methods_for(np.array([1, 1, -2])))) == "target only"


@pytest.mark.usefixtures("real_data")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_on_mushrooms_every_method_answers_and_the_tables_are_printed_again(tmp_path, capsys):
    path = str(tmp_path / "few.csv")
    few_labels.main(["--data", "mushroom", "--labels", "3", "--draws", "2", "--csv", path])
    printed = capsys.readouterr().out
    rows = read_rows(path)
    assert {row["method"] for row in rows} >= {"target only", "pooled", *FAMILY}
    assert {row["target"] for row in rows} == {"e", "t"}
    few_labels.main(["--told", "--csv", path])
    assert capsys.readouterr().out == printed.replace(f"\ntable: {path}\n", "")
