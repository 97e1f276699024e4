"""What several criteria say together does not depend on candidates that are worse by all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from skdomain.compose import SourceOnly
from skdomain.model_selection import AdaptationSearchCV, DomainShuffleSplit
from skdomain.model_selection._search._results import joint_scores, undominated

values = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6).map(lambda x: round(x, 6)))
tables = st.tuples(st.integers(1, 8), st.integers(2, 4)).flatmap(
    lambda shape: arrays(float, shape, elements=values)
)


@given(means=tables, seed=st.integers(0, 2**16))
def test_a_dominated_candidate_changes_no_bit_of_the_others(means, seed):
    """Also one that equals another, wherever it stands, and several at once."""
    rng = np.random.default_rng(seed)
    expected, winner = joint_scores(means), means[np.argmax(joint_scores(means))]
    for n_added in (1, 3):
        worse = means[rng.integers(len(means), size=n_added)]
        worse = worse - rng.integers(0, 3, worse.shape) * rng.random(worse.shape)
        order = rng.permutation(len(means) + n_added)
        scores = joint_scores(np.concatenate([means, worse])[order])
        own = np.argsort(order)[: len(means)]
        assert_array_equal(scores[own], expected)
        behind = np.concatenate([means, worse])
        assert_array_equal(behind[np.argmax(joint_scores(behind))], winner)


@given(means=tables)
def test_the_winner_is_undominated_and_from_0_to_1(means):
    scores, front = joint_scores(means), undominated(means)
    best = int(np.argmax(scores))
    assert front[best] or (means[front] == means[best]).all(axis=1).any()
    assert (scores[front] >= 0).all()
    assert (scores[front] <= 1).all()
    for one in means:
        above = (means >= one).all(axis=1) & (means > one).any(axis=1)
        assert (scores[above] > scores[(means == one).all(axis=1)].max() - 1e-12).all()


@given(means=tables)
def test_who_is_the_best_by_every_criterion_has_1(means):
    topped = np.concatenate([means, means.max(axis=0, keepdims=True)])
    assert joint_scores(topped)[-1] == joint_scores(topped).max() == 1


@given(means=arrays(float, (6, 3), elements=st.integers(-5, 5)), seed=st.integers(0, 2**16))
def test_units_of_the_criteria_do_not_matter(means, seed):
    rng = np.random.default_rng(seed)
    units, zeros = 10.0 ** rng.integers(-3, 4, 3), rng.normal(size=3)
    front = undominated(means)
    other = joint_scores(means * units + zeros)
    assert_allclose(other[front], joint_scores(means)[front], atol=1e-9)


def test_what_failed_has_no_score_and_no_part_in_the_scales():
    means = np.array([[1.0, 0.0], [np.nan, np.nan], [0.0, 1.0], [9.0, np.nan], [0.25, 0.75]])
    assert_array_equal(joint_scores(means), [0.5, np.nan, 0.5, np.nan, 0.5])
    assert_array_equal(joint_scores(means[[1, 3]]), [np.nan, np.nan])


def test_the_scale_of_a_criterion_is_that_of_the_undominated():
    """The last one is dominated; the others reach from 1 to 3 and from 10 to 30."""
    means = np.array([[1.0, 30.0], [2.5, 20.0], [3.0, 10.0], [-1.0, 10.0]])
    assert_allclose(joint_scores(means), [0.5, (0.75 + 0.5) / 2, 0.5, (-1 + 0) / 2])


def _digit(place):
    def criterion(model, X, y, sample_domain):
        return int(str(int(model.estimator_.C))[place])

    criterion.__name__ = f"digit{place}"
    return criterion


def searched(*values):
    """A search over candidates whose values by two criteria are digits, the baseline first."""
    X, y, d = np.arange(16.0)[:, None], np.tile([0, 1], 8), np.tile([1] * 4 + [-2] * 4, 2)
    first, *others = (SourceOnly(LogisticRegression(C=100 + value)) for value in values)
    model = AdaptationSearchCV(
        others,
        baseline=first,
        scoring=[_digit(1), _digit(2)],
        cv=DomainShuffleSplit(2, test_size=0.5, random_state=0),
    )
    return model.fit(X, y, sample_domain=d)


def test_a_search_finds_the_same_with_and_without_a_dominated_candidate():
    """By averaged ranks, two candidates behind the second of two that tie made it win."""
    for values, best, score in [
        ((60, 16), 0, 0.5),
        ((60, 16, 50), 0, 0.5),
        ((60, 16, 14, 15), 0, 0.5),
        ((60, 16, 44), 2, (3 / 5 + 4 / 6) / 2),
        ((60, 16, 44, 33), 2, (3 / 5 + 4 / 6) / 2),
        ((60, 16, 66), 2, 1.0),
    ]:
        model = searched(*values)
        assert model.best_index_ == best
        assert model.best_score_ == model.cv_results_["joint_score"].max()
        assert_allclose(model.best_score_, score)
