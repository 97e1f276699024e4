"""What the program about unseen classes measures, and with what."""

import numpy as np
import pytest

from benchmarks.claims import zero_shot


@pytest.mark.parametrize("problem", zero_shot.PROBLEMS)
def test_unseen_classes_have_no_training_row_and_dap_binary_attributes(problem):
    draw, binary = zero_shot.PROBLEMS[problem]
    (X, y), (Xu, yu), S, coarse = draw(3, binary)
    assert not set(y) & set(yu)
    assert (len(X), len(Xu)) == (len(y), len(yu))
    assert set(np.unique(coarse)) == {-1, 1}
    assert S.shape == coarse.shape
    assert np.array_equal(S, coarse) == binary


def test_lines_share_out_one():
    lines = zero_shot.strokes(np.random.default_rng(0))
    np.testing.assert_allclose(lines.sum(axis=1), 1)
    assert (lines > 0).all()


def test_graded_attributes_gain_over_attribute_by_attribute(monkeypatch, tmp_path, capsys):
    names = ("DAP", "SAE, attributes")
    monkeypatch.setattr(zero_shot, "METHODS", {name: zero_shot.METHODS[name] for name in names})
    path = tmp_path / "zero.csv"
    zero_shot.main(["--draws", "2", "--problems", "generated, graded", "--csv", str(path)])
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    dap, sae = (
        [float(row[-1]) for row in rows if name in ",".join(row)] for name in ("DAP", "SAE")
    )
    assert min(np.subtract(sae, dap)) > 5
    assert "generated, graded" in capsys.readouterr().out
