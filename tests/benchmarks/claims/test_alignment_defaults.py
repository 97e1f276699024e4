"""The alignment defaults beside the papers' settings: what the table says."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmarks.claims.alignment_defaults import HALVES, accuracy, compare, main, problems, summary
from benchmarks.lib.tables import read_rows
from skdomain.alignment import CORAL
from skdomain.compose import SourceOnly
from skdomain.subspace import TCA


def test_accuracy_is_that_of_the_target_rows(make_domains):
    X, y, d = make_domains()
    model = make_pipeline(CORAL(), SourceOnly(LogisticRegression()))
    Z = CORAL().fit_transform(X, sample_domain=d)
    expected = LogisticRegression().fit(Z[d > 0], y[d > 0]).score(Z[d < 0], y[d < 0])
    assert accuracy(model, X, y, d) == pytest.approx(100 * expected)


def test_the_halves_share_no_feature_of_a_split():
    found = {half: set() for half in HALVES}
    for half, _, task, _ in problems(["iris, split"]):
        found[half].add(task.split()[1])
    assert found == {"chosen": {"0", "2"}, "held out": {"1", "3"}}


@pytest.mark.filterwarnings("ignore:n_components=30 is more than the rank:UserWarning")
def test_methods_whose_ridge_is_the_same_on_unit_rows_are_not_run_there(make_domains):
    X, y, d = make_domains()
    assert len(list(compare([TCA, CORAL], ["logistic"], X, y, d))) == 2
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert [row["method"] for row in compare([TCA, CORAL], ["logistic"], X, y, d)] == ["CORAL"]


def test_fits_that_fail_are_counted():
    rows = [{"source only": 50, "before": before, "after": 60} for before in (40, float("nan"))]
    assert summary(rows) == ["2", "50.0", "40.0 (1 failed)", "60.0"]


def test_a_table_is_printed_and_written(tmp_path, capsys):
    path = tmp_path / "defaults.csv"
    arguments = ["--data", "iris, split", "--methods", "CORAL", "--classifiers", "1-NN"]
    main([*arguments, "--halves", "chosen", "--csv", str(path)])
    assert "iris, split" in capsys.readouterr().out
    assert {row["half"] for row in read_rows(path)} == {"chosen"}
