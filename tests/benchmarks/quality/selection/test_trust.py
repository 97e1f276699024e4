"""Rules are arithmetic on kept arrays; the halves share no source."""

import numpy as np
import pytest

from benchmarks.quality.selection import shifts
from benchmarks.quality.selection.evidence import CRITERIA, FREE
from benchmarks.quality.selection.trust import (
    guard_choice,
    lists,
    narrowed,
    ranks,
    row_of,
    search_choice,
    table,
    usable,
)


def arrays(n=10, seed=0):
    """What is kept of a task, drawn at random; the second candidate is the best by all."""
    rng = np.random.default_rng(seed)
    value = rng.random((n, 2, len(CRITERIA)))
    value[1] += 1
    closer = np.ones(n)
    closer[1] = 0.001
    return {
        "value": value,
        "accuracy": np.linspace(0.5, 0.9, n),
        "proba": rng.dirichlet([1, 1], (n, 20)),
        "rehearsed": np.full((n, 2), 0.5),
        "closer": closer,
        "matched": closer,
        "candidates": np.arange(n),
        "truth": rng.integers(2, size=20),
        "tests": np.array([0.5, 0.001]),
    }


def test_the_guard_adapts_where_all_its_conditions_hold():
    found = arrays()
    assert guard_choice(found) == ranks(found).argmax() == 1
    assert guard_choice(found | {"tests": np.array([0.03, 0.5])}) == 0
    assert guard_choice(found | {"closer": np.ones(10)}) == 0
    lossy = found["rehearsed"] - 0.02 * (np.arange(10) == 1)[:, None]
    assert guard_choice(found | {"rehearsed": lossy}) == 0


def test_the_search_adapts_where_the_criteria_agree_or_where_one_above_on_each_split_matches():
    found, n = arrays(), len(FREE)
    assert search_choice(found) == 1
    of_two = narrowed(found, [0, 1])
    of_two["value"][1, :, FREE[: n // 2]] -= 2  # worse by four of nine
    assert search_choice(of_two) == 1
    assert search_choice(of_two | {"matched": np.ones(2)}) == 0
    of_two["value"][1, 0, FREE] -= 2  # and on one split by all
    assert search_choice(of_two) == 0


def test_failed_candidates_are_left_out_and_lists_keep_the_first():
    found = arrays()
    found["value"][4, 0, 0] = np.nan
    fine = usable(found)
    assert fine["candidates"].tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    for some in lists(fine, 3, seed=1):
        assert some["candidates"][0] == 0
        assert len(set(some["candidates"])) == 8
        assert 4 not in some["candidates"]


def test_the_table_has_a_row_a_rule():
    tasks = [arrays(seed=seed) for seed in range(3)]
    printed = table(tasks)
    assert all(name in printed for name in ("search", "guard", "never adapt", *CRITERIA[:3]))
    never = row_of("never", np.full(3, 0.5), tasks)
    assert never[1:3] + never[4:] == ["50.0", "40.0", "0%", "0.0", "0%"]
    assert len(FREE) == len(CRITERIA) - 1


def test_the_halves_share_no_source():
    halves = shifts.fresh()
    names = sorted(halves)
    assert [halves[name] for name in names] == [place % 2 == 0 for place in range(len(names))]
    assert not set(shifts.SEEN) & set(names)


@pytest.mark.parametrize("kind", shifts.KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_makes_a_task_of_both_domains(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 5)), np.resize([0, 1, 2], 400)
    task = shifts.task_of("drawn", kind.__name__, True, kind(X, y, rng), rng, hidden=True)
    for domain in (1, -2):
        rows = task.X[task.sample_domain == domain]
        assert 40 < len(rows) <= 300
        np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-9)
