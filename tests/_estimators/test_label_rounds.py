"""Rounds of pseudo-labels: where they end, and what is told of it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from skdomain._estimators import LabelRounds


def bits(state):
    return np.array([state >> i & 1 for i in range(3)])


def walk(graph):
    """A step function on the states 0..7, written as three labels each, and its list of calls."""
    calls = []

    def step(labels):
        state = 8 if labels[0] < 0 else int(labels @ [1, 2, 4])
        calls.append(state)
        return bits(graph[state]), {"objective": state}

    return step, calls


def plain_iterations(step, labels, max_iter):
    """Every iteration, one after the other."""
    history = []
    for _ in range(max_iter):
        found, figures = step(labels)
        history.append({"label_changes": int(np.sum(labels != found)), **figures})
        labels = found
    return labels, history


def run(step, labels, max_iter):
    """The rounds that are made of a step, and all figures that the last step gave."""
    rounds = LabelRounds(labels, max_iter)
    for start in rounds:
        found, last = step(start)
        rounds.take(found, last)
    return rounds, last


@settings(max_examples=300)
@given(
    graph=st.lists(st.integers(0, 7), min_size=9, max_size=9),
    start=st.none() | st.integers(0, 7),
    max_iter=st.integers(1, 30),
)
def test_cut_short_iteration_ends_where_the_plain_one_does(graph, start, max_iter):
    """Labels of a deterministic step run into a cycle; only its period is walked."""
    labels = np.full(3, -1) if start is None else bits(start)
    step, calls = walk(graph)
    rounds, last = run(step, labels, max_iter)
    history, period = rounds.history, rounds.period
    plain, full_history = plain_iterations(walk(graph)[0], labels, max_iter)
    assert_array_equal(rounds.labels, plain)
    assert last["objective"] == full_history[len(history) - 1]["objective"]
    assert history == full_history[: len(history)]
    assert len(history) == max_iter or history[-1]["label_changes"] == 0
    assert all(h["label_changes"] for h in history[:-1])
    assert len(calls) <= len(set(calls)) + 1  # one step is repeated at most: the last one
    if period:
        assert full_history[-1]["label_changes"]
        assert period > 1
        again, later = plain_iterations(walk(graph)[0], plain, period)
        assert len({h["objective"] for h in later}) == period
        assert_array_equal(again, plain)


def test_a_fixed_point_stops_the_iteration():
    step, calls = walk([1, 2, 3, 3, 0, 0, 0, 0, 0])
    rounds, _ = run(step, np.full(3, -1), max_iter=100)
    assert (calls, rounds.period) == ([8, 0, 1, 2, 3], 0)
    assert [h["label_changes"] for h in rounds.history] == [3, 1, 2, 1, 0]
    assert_array_equal(rounds.labels, bits(3))


def test_a_cycle_costs_its_period_whatever_max_iter_is():
    step, calls = walk([1, 2, 0, 3, 0, 0, 0, 0, 0])
    rounds, _ = run(step, np.full(3, -1), max_iter=1000)
    assert (len(calls), len(rounds.history), rounds.period) == (5, 1000, 3)
    assert_array_equal(rounds.labels, bits(999 % 3))


class CountedRounds(LabelRounds):
    """Rounds that start from a number besides the labels."""

    def __init__(self, labels, max_iter):
        super().__init__(labels, max_iter)
        self.number = np.array([0])

    @property
    def state(self):
        return self.labels, self.number

    @state.setter
    def state(self, state):
        self.labels, self.number = state


def test_labels_that_return_with_another_state_are_no_cycle():
    """Labels of period 2, a number of period 3 after four rounds: a cycle of 6."""
    rounds, seen = CountedRounds(bits(0), 1000), []
    for labels in rounds:
        seen.append(int(rounds.number[0]))
        found = bits(1) - labels
        number = seen[-1] + 1 if seen[-1] < 6 else 4
        rounds.number = np.array([number])
        rounds.take(found, {"number": seen[-1]})
    assert (rounds.period, len(rounds.history)) == (6, 1000)
    assert seen[:10] == [0, 1, 2, 3, 4, 5, 6, 4, 5, 6]
    plain = [0, 1, 2, 3] + [4 + i % 3 for i in range(996)]
    assert [h["number"] for h in rounds.history] == plain
    assert_array_equal(rounds.labels, bits(0))
    assert len(seen) <= 11


def test_labels_in_a_cycle_are_a_warning_that_says_so():
    step, _ = walk([1, 0, 0, 0, 0, 0, 0, 0, 0])
    rounds, _ = run(step, np.full(3, -1), max_iter=5)
    with pytest.warns(ConvergenceWarning, match="in a cycle of 2 iterations, so raise lam instead"):
        rounds.report(SimpleNamespace(), np.array(["a", "b"]), ridge="lam")


@pytest.mark.parametrize(
    ("graph", "end"), [([1, 2, 2], "converged"), ([1, 2, 3, 4, 5], "max_iter")]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_is_told_is_what_the_rounds_found(graph, end):
    step, _ = walk([*graph, *[0] * (9 - len(graph))])
    rounds, _ = run(step, bits(0), max_iter=3)
    told = SimpleNamespace()
    rounds.report(told, np.array(["a", "b"]), ridge="lam")
    assert (told.n_iter_, told.termination_, told.classes_.tolist()) == (3, end, ["a", "b"])
    assert_array_equal(told.pseudo_labels_, np.array(["a", "b"])[rounds.labels])
    assert_array_equal(told.history_["objective"], [h["objective"] for h in rounds.history])
