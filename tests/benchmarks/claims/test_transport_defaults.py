"""Transport by default beside the source alone: what the table says."""

import pytest

from benchmarks.claims.transport_defaults import HEADER, METHODS, gains, main, table
from benchmarks.lib.tables import read_rows


def test_gains_are_points_above_the_source(make_domains):
    found = gains(*make_domains())
    assert list(found) == HEADER[2:]
    assert all(-100 <= found["source only"] + found[name] <= 100.001 for name in METHODS)


def test_the_mean_is_that_of_data_sets():
    rows = [
        {"data": data, "source only": 50.0} | dict.fromkeys(METHODS, gain)
        for data, gain in (("A", 1.0), ("A", 3.0), ("B", -4.0))
    ]
    assert [line[:4] for line in table(rows)] == [
        ["A", "2", "50.0", "+2.0"],
        ["B", "1", "50.0", "-4.0"],
        ["mean", "", "50.0", "-1.0"],
    ]


def test_a_table_is_printed_and_written(tmp_path, capsys, monkeypatch, make_domains):
    monkeypatch.setattr(
        "benchmarks.claims.transport_defaults.problems",
        lambda names: [(name, "only", make_domains()) for name in names],
    )
    path = tmp_path / "gains.csv"
    main(["--data", "split", "--csv", str(path)])
    assert "JCPOT" in capsys.readouterr().out
    (row,) = read_rows(path)
    assert float(row["source only"]) == pytest.approx(float(row["source only"]), abs=100)
    assert set(METHODS) <= set(row)
