"""Progress is shown where it is asked for, and changes nothing of what is iterated."""

import sys

import pytest

from skdomain._estimators import progress


def test_without_verbose_the_iterable_is_handed_back():
    items = [1, 2]
    assert progress(items, description="x", verbose=False) is items


def test_without_tqdm_each_iteration_is_a_line(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert [*progress(iter("ab"), description="JDA", verbose=True, n=2)] == ["a", "b"]
    assert [*progress([5], description="TJM", verbose=True)] == [5]
    assert capsys.readouterr().out.splitlines() == [
        "JDA: iteration 1 of 2",
        "JDA: iteration 2 of 2",
        "TJM: iteration 1 of 1",
    ]


def test_with_tqdm_there_is_a_bar_of_the_length_told(capsys):
    pytest.importorskip("tqdm")
    assert [*progress(iter("abc"), description="JDA", verbose=True, n=3)] == ["a", "b", "c"]
    assert "JDA: 100%" in (shown := capsys.readouterr().err)
    assert "3/3" in shown
