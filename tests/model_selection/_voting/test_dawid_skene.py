"""Classes and accuracies from votes alone: a case by hand, the equations, and planted truths."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from skdomain.model_selection import dawid_skene
from skdomain.model_selection._voting._dawid_skene import log_joint

PRIORS = np.array([0.5, 0.3, 0.2])
slow = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
problems = given(
    n=st.integers(1, 40),
    n_voters=st.integers(1, 6),
    n_classes=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)


def planted(n_voters, seed=0):
    """Confusion matrices of voters that are right in 55 to 90 of 100 rows of each class."""
    right = np.linspace(0.55, 0.9, n_voters)
    noise = np.random.default_rng(seed).dirichlet([2, 2], size=(n_voters, 3))
    confusions = np.zeros((n_voters, 3, 3))
    for c in range(3):
        confusions[:, c, c] = right
        others = np.delete(np.arange(3), c)
        confusions[:, c, others] = (1 - right)[:, None] * noise[:, c]
    return confusions


def draw(n, confusions, seed):
    """True classes, and votes that are independent given these."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, size=n, p=PRIORS)
    below = np.cumsum(confusions[:, truth], axis=2) < rng.random((len(confusions), n, 1))
    return truth, below.sum(axis=2).T


def similar_votes(n, n_voters, n_classes, seed):
    """Votes of which two thirds are those of a common opinion."""
    rng = np.random.default_rng(seed)
    votes, opinion = rng.integers(n_classes, size=(2, n, n_voters))
    return np.where(rng.random((n, n_voters)) < 2 / 3, opinion[:, :1], votes)


def likelihood(votes, priors, confusions):
    """Mean logarithm of (2.7), written out."""
    rows = []
    for row in votes:
        terms = [
            p * np.prod([confusions[k, c, vote] for k, vote in enumerate(row)])
            for c, p in enumerate(priors)
        ]
        rows.append(np.log(sum(terms)))
    return np.mean(rows)


# -- By hand --------------------------------------------------------------------------------------


def test_three_rows_and_two_voters_by_hand():
    """From shares 1, 1/2, 0 of the first class, an iteration leads to these again."""
    found = dawid_skene([[0, 0], [0, 1], [1, 1]], tol=1e-12)
    assert_allclose(found.proba, [[1, 0], [0.5, 0.5], [0, 1]], atol=1e-12)
    assert_allclose(found.priors, [0.5, 0.5])
    first, second = [[1, 0], [1 / 3, 2 / 3]], [[2 / 3, 1 / 3], [0, 1]]
    assert_allclose(found.confusions, [first, second])
    assert_allclose(found.accuracy, [5 / 6, 5 / 6])
    assert_allclose(found.log_likelihood, [np.log(1 / 3)])
    assert (found.n_iter, found.termination) == (1, "converged")


def test_votes_that_cannot_be_go_to_the_classes_that_the_fewest_speak_against():
    """Three voters say 1, 1, 0: one factor 0 for class 0, two for class 1, three for class 2."""
    sure = np.eye(3)
    doubtful = np.array([[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1.0]])
    confusions, priors = np.array([doubtful, sure, sure]), np.array([0.6, 0.3, 0.1])
    got = log_joint(np.array([[1, 1, 0], [0, 0, 0]]), priors, confusions)
    # class 1: the third says 0; class 0: the second says 1
    assert_allclose(got[0, :2], np.log([0.6 * 0.5, 0.3]))
    assert_array_equal(got[:, 2], -np.inf)
    assert_allclose(got[1], [np.log(0.6 * 0.5), -np.inf, -np.inf])


@slow
@problems
def test_the_logarithms_are_those_of_the_products(n, n_voters, n_classes, seed):
    votes = similar_votes(n, n_voters, n_classes, seed)
    found = dawid_skene(votes, n_classes=n_classes, max_iter=3)
    joint = log_joint(votes, found.priors, found.confusions)
    rows = np.log(np.exp(joint).sum(axis=1))
    assert_allclose(rows.mean(), likelihood(votes, found.priors, found.confusions), atol=1e-12)
    assert_allclose(found.log_likelihood[-1], rows.mean(), atol=1e-12)


# -- EM -------------------------------------------------------------------------------------------


@slow
@problems
def test_the_likelihood_never_falls(n, n_voters, n_classes, seed):
    votes = similar_votes(n, n_voters, n_classes, seed)
    found = dawid_skene(votes, n_classes=n_classes, tol=0, max_iter=200)
    assert len(found.log_likelihood) == found.n_iter
    assert np.diff(found.log_likelihood).min(initial=0) >= -1e-12
    assert found.log_likelihood[-1] <= 0


@slow
@problems
def test_where_it_stops_the_equations_hold(n, n_voters, n_classes, seed):
    """(2.3) to (2.5) written out: classes give rates, and rates give these classes."""
    votes = similar_votes(n, n_voters, n_classes, seed)
    found = dawid_skene(votes, n_classes=n_classes, tol=1e-10, max_iter=20000)
    assume(found.termination == "converged")
    T = found.proba
    assert_allclose(T.sum(axis=1), 1)
    assert_allclose(found.priors, T.mean(axis=0), atol=1e-8)
    for k in range(n_voters):
        for c in np.flatnonzero(found.priors > 1e-6):
            for said in range(n_classes):
                share = T[votes[:, k] == said, c].sum() / T[:, c].sum()
                assert_allclose(found.confusions[k, c, said], share, atol=1e-4)
    products = np.array(
        [
            [
                found.priors[c]
                * np.prod([found.confusions[k, c, vote] for k, vote in enumerate(row)])
                for c in range(n_classes)
            ]
            for row in votes
        ]
    )
    assert_allclose(T, products / products.sum(axis=1, keepdims=True), atol=1e-10)


def test_no_way_leads_up_from_where_it_stops():
    """The derivative of the likelihood is at most 0 towards every other set of rates."""
    _, votes = draw(300, planted(5), seed=0)
    found = dawid_skene(votes, tol=1e-10, max_iter=10000)
    rng, step = np.random.default_rng(0), 1e-5
    top = likelihood(votes, found.priors, found.confusions)
    for _ in range(10):
        priors = found.priors + step * (rng.dirichlet(np.ones(3)) - found.priors)
        others = rng.dirichlet(np.ones(3), size=(5, 3))
        confusions = found.confusions + step * (others - found.confusions)
        assert likelihood(votes, priors, confusions) <= top + 1e-3 * step


# -- Planted truths -------------------------------------------------------------------------------


def test_accuracies_of_independent_voters_are_recovered():
    """Mean over 60 draws within 3 of its standard errors; priors and confusions likewise."""
    confusions, runs = planted(7), []
    for seed in range(60):
        found = dawid_skene(draw(1500, confusions, seed)[1])
        runs.append(np.concatenate([found.accuracy, found.priors, found.confusions.ravel()]))
    accuracy = np.einsum("c,kcc->k", PRIORS, confusions)
    expected = np.concatenate([accuracy, PRIORS, confusions.ravel()])
    error = np.std(runs, axis=0, ddof=1) / np.sqrt(len(runs))
    z = (np.mean(runs, axis=0) - expected) / error
    assert np.abs(z[: len(accuracy) + 3]).max() < 3
    assert np.mean(np.abs(z) < 3) > 0.95
    assert np.std(runs, axis=0)[:7].max() < 0.03


def test_what_it_says_is_more_often_right_than_any_voter_and_than_most_votes():
    """Two good voters among five that guess."""
    rng = np.random.default_rng(0)
    guess = np.full((3, 3), 1 / 3)
    good = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    truth, votes = draw(3000, np.array([good, good, *[0.8 * guess + 0.2 * np.eye(3)] * 5]), seed=1)
    votes = votes[:, rng.permutation(7)]
    right = np.mean(dawid_skene(votes).proba.argmax(axis=1) == truth)
    most = [np.bincount(row, minlength=3).argmax() for row in votes]
    assert right > np.mean(votes == truth[:, None], axis=0).max() + 0.02
    assert right > np.mean(np.array(most) == truth) + 0.02


def test_voters_that_make_the_same_mistakes_are_rated_too_high():
    """Four copies of a voter that is right in 60 of 100 rows, against two that are in 80."""
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=(2000, 1))
    right = rng.random((2000, 3)) < [0.6, 0.8, 0.8]
    votes = np.where(right, truth, 1 - truth)[:, [0, 0, 0, 0, 1, 2]]
    accuracy = dawid_skene(votes).accuracy
    assert accuracy[:4].min() > 0.95
    assert accuracy[4:].max() < 0.65


# -- What does not matter -------------------------------------------------------------------------


@slow
@problems
def test_the_order_of_the_voters_changes_no_bit(n, n_voters, n_classes, seed):
    votes = similar_votes(n, n_voters, n_classes, seed)
    order = np.random.default_rng(seed).permutation(n_voters)
    one, other = (
        dawid_skene(each, n_classes=n_classes, max_iter=50) for each in (votes, votes[:, order])
    )
    assert_array_equal(other.proba, one.proba)
    assert_array_equal(other.confusions, one.confusions[order])
    assert_array_equal(other.accuracy, one.accuracy[order])
    assert other.n_iter == one.n_iter


def test_order_and_copies_of_the_rows_do_not_matter():
    _, votes = draw(200, planted(5), seed=0)
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(200), 3))
    one, other = dawid_skene(votes), dawid_skene(votes[order])
    assert_allclose(other.proba, one.proba[order], atol=1e-9)
    assert_allclose(other.accuracy, one.accuracy, atol=1e-9)
    assert_allclose(other.log_likelihood, one.log_likelihood, atol=1e-9)


def test_the_names_of_the_classes_do_not_matter():
    _, votes = draw(200, planted(5), seed=0)
    names = np.array([2, 0, 1])
    one, other = dawid_skene(votes), dawid_skene(names[votes])
    assert_allclose(other.proba[:, names], one.proba, atol=1e-9)
    assert_allclose(other.accuracy, one.accuracy, atol=1e-9)


# -- Ends -----------------------------------------------------------------------------------------


@given(votes=st.lists(st.integers(0, 3), min_size=1, max_size=20), n_voters=st.integers(1, 4))
def test_voters_of_one_mind_are_believed(votes, n_voters):
    found = dawid_skene(np.tile(np.array(votes)[:, None], n_voters), n_classes=4)
    assert_array_equal(found.proba, np.eye(4)[votes])
    assert_array_equal(found.accuracy, np.ones(n_voters))
    assert_array_equal(found.confusions, np.tile(np.eye(4), (n_voters, 1, 1)))
    assert_allclose(found.priors, np.bincount(votes, minlength=4) / len(votes))
    assert (found.n_iter, found.termination) == (1, "converged")


def test_a_class_that_nobody_names_has_proportion_0():
    found = dawid_skene([[0, 0], [2, 2], [0, 2]], n_classes=4)
    assert_array_equal(found.priors[[1, 3]], 0)
    assert_array_equal(found.proba[:, [1, 3]], 0)
    assert np.isfinite(found.log_likelihood).all()


def test_rates_and_probabilities_add_up_to_1():
    found = dawid_skene(draw(200, planted(5), seed=0)[1])
    assert_allclose(found.confusions.sum(axis=2), 1)
    assert_allclose(found.proba.sum(axis=1), 1)
    assert_allclose(found.priors.sum(), 1)


def test_a_loop_that_ends_too_soon_says_so():
    votes = draw(200, planted(5), seed=0)[1]
    with pytest.warns(ConvergenceWarning, match="has not converged in max_iter=2 iterations; rais"):
        found = dawid_skene(votes, max_iter=2)
    assert (found.n_iter, found.termination) == (2, "max_iter")


@pytest.mark.parametrize(
    ("votes", "parameters", "message"),
    [
        ([[0, 0.5]], {}, "votes holds 0.5, which is no integer; number the classes from 0"),
        ([[0, -1]], {}, "votes holds -1; number the classes from 0"),
        ([[0, 3]], {"n_classes": 3}, "votes holds 3; .* to n_classes - 1 = 2"),
        ([0, 1], {}, "Expected 2D array"),
        ([[0, 1]], {"max_iter": 0}, "'max_iter' parameter of dawid_skene"),
        ([[0, 1]], {"tol": -1}, "'tol' parameter of dawid_skene"),
    ],
)
def test_wrong_votes_are_named(votes, parameters, message):
    with pytest.raises(ValueError, match=message):
        dawid_skene(votes, **parameters)
