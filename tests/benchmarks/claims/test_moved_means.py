"""Moving means by what proportions do not explain: what it undoes, and what it leaves."""

import numpy as np
from numpy.testing import assert_allclose

from benchmarks.claims.moved_means import compare, main, moved_to_mixture


def drawn(rng, shares, n=4000):
    y = rng.choice(3, n, p=shares)
    return np.eye(3)[y] @ [[0, 0, 0], [6, 0, 0], [0, 6, 0]] + rng.normal(size=(n, 3)), y


def test_other_proportions_move_nothing_and_an_offset_off_the_classes_is_undone():
    rng = np.random.default_rng(0)
    S, y = drawn(rng, [0.6, 0.2, 0.2])
    T, _ = drawn(rng, [0.1, 0.3, 0.6])
    assert_allclose(moved_to_mixture(S, y, T), S, atol=0.15)
    offset = np.array([0, 0, 5])
    assert_allclose(moved_to_mixture(S, y, T + offset), S + offset, atol=0.15)


def test_target_labels_are_for_the_score_alone(make_domains):
    X, y, d = make_domains()
    right = list(compare(X, y, d))
    flipped = list(compare(X, np.where(d < 0, 1 - y, y), d))
    for one, other in zip(right, flipped, strict=True):
        settings = [name for name in one if name != "classifier"]
        assert_allclose([one[k] + other[k] for k in settings], 100)


def test_the_program_prints_a_row_a_classifier(capsys, tmp_path):
    main(["--kinds", "rows split along a feature", "--csv", str(tmp_path / "rows.csv")])
    printed = capsys.readouterr().out
    assert printed.count("rows split along a feature") == 2
    assert "standardised" in printed
