"""The harmonic mean of seen and unseen accuracy, of classes and not of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.zero_shot import ESZSL, harmonic_accuracy, harmonic_accuracy_scorer


@given(seed=st.integers(0, 2**16), n_seen=st.integers(1, 4))
def test_it_is_the_harmonic_mean_of_two_balanced_accuracies(seed, n_seen):
    rng = np.random.default_rng(seed)
    y = np.r_[:5, rng.integers(5, size=40)]
    found = np.where(rng.random(45) < 0.5, y, rng.integers(5, size=45))
    seen = y < n_seen
    a, b = (
        np.mean([np.mean(found[y == c] == c) for c in np.unique(y[rows])]) for rows in (seen, ~seen)
    )
    expected = 2 / (1 / a + 1 / b) if a * b > 0 else 0
    assert harmonic_accuracy(y, found, seen_classes=range(n_seen)) == pytest.approx(expected)


def test_a_case_by_hand():
    """Seen: 1 and 1/2 right of two classes, hence 3/4; unseen 1/4: 2 * 3/16 / 1."""
    y, found = [*"aabbzzzz"], [*"aabazabb"]
    assert harmonic_accuracy(y, found, seen_classes=["a", "b"]) == pytest.approx(0.375)
    assert balanced_accuracy_score(y[:4], found[:4]) == 0.75


def test_one_group_that_is_lost_loses_all():
    assert harmonic_accuracy([0, 0, 1], [0, 0, 0], seen_classes=[0]) == 0.0
    assert harmonic_accuracy([0, 1], [1, 0], seen_classes=[0]) == 0.0


@pytest.mark.parametrize(("seen", "told"), [([0, 1], "all"), ([2], "none")])
def test_both_groups_have_to_be_there(seen, told):
    with pytest.raises(ValueError, match=rf"got \[0, 1\], {told} of them seen; take"):
        harmonic_accuracy([0, 1], [0, 1], seen_classes=seen)


def test_the_scorer_knows_what_was_seen_through_pipelines_and_searches():
    rng = np.random.default_rng(0)
    S = np.array([[1, -1], [-1, 1], [1, 1], [-1, -1]])
    y = np.arange(80) % 4
    X = S[y] + 0.5 * rng.normal(size=(80, 2))
    rows = y < 3
    pipe = make_pipeline(StandardScaler(), ESZSL(S))
    model = pipe.fit(X[rows], y[rows])
    expected = harmonic_accuracy(y, model.predict(X), seen_classes=[0, 1, 2])
    assert expected > 0
    assert harmonic_accuracy_scorer(model, X, y) == expected
    # each split holds one class out: it is unseen there, and among the rows to score
    splits = [(np.flatnonzero(y != c), np.arange(80)) for c in range(4)]
    grid = {"eszsl__eta": [0.1, 1.0]}
    search = GridSearchCV(pipe, grid, scoring=harmonic_accuracy_scorer, cv=splits).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    search = GridSearchCV(pipe, {"eszsl__eta": [1.0]}, cv=2).fit(X[rows], y[rows])
    assert harmonic_accuracy_scorer(search, X, y) == expected
