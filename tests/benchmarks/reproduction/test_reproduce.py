"""The program of the reproduction page: what it needs, and when it fails."""

from pathlib import Path

import pytest

from benchmarks.lib.tables import read_rows
from benchmarks.reproduction import reproduce

RESULTS = Path(__file__).parents[3] / "docs" / "results"


@pytest.mark.usefixtures("no_data")
def test_without_data_nothing_is_reproduced():
    with pytest.raises(SystemExit, match="is missing"):
        reproduce.main([])


@pytest.mark.usefixtures("real_data")
def test_a_row_without_a_reason_to_differ_fails_the_program(monkeypatch, tmp_path, capsys):
    path = tmp_path / "lines.csv"
    rows = [row for row in reproduce.reference_rows() if row.preset in ("1nn", "jda-25")]
    rows = [row for row in rows if row.data == "SURF"]
    monkeypatch.setattr(reproduce, "reference_rows", lambda: rows)
    wanted = ["--tasks", "W->D", "--no-programs", "--csv", str(path)]
    assert reproduce.main(wanted) == 0
    assert capsys.readouterr().out.count("1 of 1") == len(rows) == 3
    tracked = read_rows(RESULTS / "reproduction.csv")
    assert all(cells in tracked for cells in read_rows(path))
    monkeypatch.setitem(rows[0].published, "W->D", "60.24")
    assert reproduce.main(wanted) == 1
    assert "not reproduced: 1-NN" in capsys.readouterr().out
