"""Boosting where few target rows have labels: on the data of its paper, where they are."""

import numpy as np
import pytest

from benchmarks.claims import few_labels
from benchmarks.lib.tables import read_rows


@pytest.mark.usefixtures("no_data")
def test_without_data_few_labels_says_what_is_missing():
    with pytest.raises(SystemExit, match="is missing"):
        few_labels.main([])


@pytest.mark.usefixtures("real_data")
def test_boosting_beats_few_target_labels_and_pooled_rows_on_mushrooms(monkeypatch, tmp_path):
    """Paired over the draws, of enlarging stalks: the mean gain is two standard errors above 0."""
    path = tmp_path / "few.csv"
    monkeypatch.setitem(few_labels.SHARES, "mushroom", (0.01,))
    few_labels.main(["--draws", "6", "--csv", str(path)])
    rows = [row for row in read_rows(path) if row["target"] == "e"]

    def accuracies(method):
        return np.array([float(row["accuracy"]) for row in rows if row["method"] == method])

    for baseline in ("target only", "pooled"):
        gains = accuracies("TrAdaBoost") - accuracies(baseline)
        assert len(gains) == 6
        assert gains.mean() > 2 * gains.std(ddof=1) / np.sqrt(6)
