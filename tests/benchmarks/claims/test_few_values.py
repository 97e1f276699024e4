"""A few known values of the target: which rows are told, and what the tables say."""

import numpy as np
import pytest

from benchmarks.claims import few_values
from benchmarks.lib.tables import read_rows


@pytest.mark.parametrize("name", ["diabetes, sex1->sex2", "affine"])
def test_a_task_has_two_domains_and_only_a_generated_one_changes_with_the_draw(name):
    (X, y, d), (other, _, _) = (few_values.task_of(name, draw) for draw in (0, 1))
    assert X.shape == (len(y), X.shape[1])
    assert set(np.sign(d)) == {-1, 1}
    assert np.array_equal(X, other) == (name in few_values.DIABETES)


def test_the_tables_of_a_small_run_are_those_of_its_file(tmp_path, capsys):
    path = str(tmp_path / "few.csv")
    options = ["--data", "affine", "--labels", "10", "--draws", "2", "--methods", "pooled"]
    few_values.main([*options, few_values.BASELINE, "--csv", path])
    printed = capsys.readouterr().out.split("\ntable: ")[0]
    assert [row["method"] for row in read_rows(path)] == 2 * ["target only", "pooled", "half-half"]
    few_values.main(["--told", "--csv", path])
    assert capsys.readouterr().out.strip() == printed.strip()
    assert printed.split("half-half")[-1].split() == ["+0.0", "+0.0", "+0.0", "1"]
