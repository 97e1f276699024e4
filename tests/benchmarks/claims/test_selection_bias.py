"""Weights against biased sampling: what the table says."""

from benchmarks.claims.selection_bias import main
from benchmarks.lib.tables import read_rows


def test_biased_sampling_is_tabulated_with_errors_and_paired_tests(tmp_path, capsys):
    path = tmp_path / "bias.csv"
    main(["--draws", "2", "--csv", str(path)])
    rows, printed = read_rows(path), capsys.readouterr().out
    assert {row["draw"] for row in rows} == {"0", "1"}
    for bias in ("single feature", "joint", "label"):
        own = [row for row in rows if row["bias"] == bias]
        assert len({row["method"] for row in own}) * 2 == len(own) == 2 * 9
        first, second = (float(r["accuracy"]) for r in own if r["method"] == "unweighted")
        expected = f"{(first + second) / 2:.2f} +- {abs(first - second) / 2:.2f}"
        table = printed.split(f"\n{bias}\n")[1].split("\n\n")[0]
        assert expected in next(line for line in table.splitlines() if "unweighted" in line)
