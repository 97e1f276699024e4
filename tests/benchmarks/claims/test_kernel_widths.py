"""Power of tests of several kernels: what the table says."""

import numpy as np
import pytest

from benchmarks.claims import kernel_widths
from benchmarks.lib.tables import read_rows
from skdomain.metrics import mmd_test


def test_rejections_are_counted_by_shift_and_test(tmp_path, capsys, monkeypatch):
    shifts = {name: kernel_widths.SHIFTS[name] for name in ("none", "ripple, 2")}
    monkeypatch.setattr(kernel_widths, "SHIFTS", shifts)
    path = tmp_path / "widths.csv"
    kernel_widths.main(["--draws", "2", "--csv", str(path)])
    rows, printed = read_rows(path), capsys.readouterr().out
    assert len(rows) == 2 * 2 * 4
    for shift in shifts:
        cells = []
        for test in kernel_widths.TESTS:
            chosen = [row for row in rows if (row["shift"], row["test"]) == (shift, test)]
            rejected = [100.0 * (float(row["pvalue"]) <= 0.05) for row in chosen]
            cells.append(f"{np.mean(rejected):.2f} +- {np.ptp(rejected) / 2:.2f}")
        assert f"| {shift} | {' | '.join(cells)} |" in printed


def test_the_joined_kernels_are_weighed_as_named(monkeypatch):
    monkeypatch.setattr(kernel_widths, "N_ROWS", 50)
    rows = kernel_widths.run_joined(0)
    assert [row["weights"] for row in rows] == list(kernel_widths.WEIGHTS)
    assert all(50 < row["accuracy"] <= 100 for row in rows)
    table = kernel_widths.joined_table([*rows, *rows])
    assert f"| equal weights | {rows[3]['accuracy']:.2f} +- 0.00 |" in table


def test_the_widths_are_those_of_the_library():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(10, 1)), rng.normal(size=(12, 1))
    options = {"aggregate": True, "n_permutations": 30, "random_state": 0}
    listed = mmd_test(Xs, Xt, gamma=kernel_widths.widths(Xs, Xt), **options)
    assert listed == pytest.approx(mmd_test(Xs, Xt, **options))


def test_a_ripple_has_the_density_that_is_said():
    """E sin(2 pi f x) = (1/2) (1 - exp(-8 pi^2 f^2)): almost 1/2, in standard deviations 0.35."""
    rng = np.random.default_rng(0)
    waves = [np.sin(4 * np.pi * kernel_widths.rippled(2.0, rng)).mean() for _ in range(50)]
    assert np.mean(waves) == pytest.approx(0.5, abs=4 * 0.36 / np.sqrt(50 * kernel_widths.N_ROWS))
