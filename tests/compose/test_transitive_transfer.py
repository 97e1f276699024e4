"""A path over domains between source and target, and self-training along it."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from skdomain import stack_domains
from skdomain.compose import SourceOnly, TransitiveTransfer
from skdomain.compose._bridges import domain_distances, shortest_bridge
from skdomain.datasets import make_gradual_shift
from skdomain.metrics import mmd, proxy_a_distance


def moons(seed=0, **options):
    problem = make_gradual_shift(40, 40, n_bridge=40, random_state=seed, **options)
    return problem.X, problem.y, problem.sample_domain


def drifting(n_steps=4, step=0.8):
    """Two classes at -1 and 1, all of which drifts: the first is past the second in the end."""
    centres = step * np.arange(n_steps)
    X = np.concatenate([[c - 1.1, c - 0.9, c + 0.9, c + 1.1] for c in centres])[:, None]
    numbers = np.repeat([1, *-np.arange(2, n_steps + 1)], 4)
    return X, np.tile(["a", "a", "b", "b"], n_steps), numbers


# -- The path -----------------------------------------------------------------------------------


def drawn_distances(seed, n=5):
    D = np.random.default_rng(seed).integers(0, 6, size=(n, n)).astype(float)
    return np.triu(D, 1) + np.triu(D, 1).T


def steps(D, path):
    return [D[i, j] for i, j in pairwise(path)]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_path_has_a_smaller_largest_step_and_of_those_none_is_shorter(seed):
    """All paths of five domains; whole distances, so ties and zeros are common."""
    D = drawn_distances(seed)
    between = [p for k in range(4) for p in permutations([1, 2, 3], k)]
    costs = [(max(s), sum(s), len(s)) for s in (steps(D, [0, *p, 4]) for p in between)]
    found = steps(D, shortest_bridge(D, 0, 4))
    assert (max(found), sum(found), len(found)) == min(costs)


def test_hand_worked_path():
    """Domains on a line at 0, 1, 3, 4 and 9: the step from 4 to 9 cannot be avoided, others can."""
    places = np.array([0.0, 1.0, 3.0, 4.0, 9.0])
    D = np.abs(places[:, None] - places)
    assert shortest_bridge(D, 0, 3) == [0, 1, 2, 3]  # largest step 2
    D = np.sqrt(D)  # under a root the detour is longer, and 5 has to be gone anyway
    assert shortest_bridge(D, 0, 4) == [0, 3, 4]


@pytest.mark.parametrize("seed", range(3))
def test_the_way_back_is_the_way(seed):
    rng = np.random.default_rng(seed)
    D = rng.uniform(size=(6, 6))
    D = D + D.T
    np.fill_diagonal(D, 0)
    assert shortest_bridge(D, 5, 0) == shortest_bridge(D, 0, 5)[::-1]


def test_domains_that_are_alike_need_no_bridge():
    assert shortest_bridge(np.zeros((4, 4)), 0, 3) == [0, 3]


def test_distances_are_those_of_the_metrics_with_one_kernel_for_all():
    domains = [np.random.default_rng(k).normal(k, size=(8 + k, 2)) for k in range(3)]
    rows = np.concatenate(domains)
    squares = ((rows[:, None] - rows) ** 2).sum(axis=2)[np.triu_indices(len(rows), 1)]
    named = dict(enumerate(domains))
    D = domain_distances(named, "mmd")
    expected = np.sqrt(mmd(domains[0], domains[2], gamma=1 / np.median(squares)))
    assert D[0, 2] == D[2, 0] == pytest.approx(expected)
    assert D[0, 2] <= D[0, 1] + D[1, 2]
    assert_array_equal(np.diag(D), 0)
    assert domain_distances(named, "proxy_a")[0, 1] == proxy_a_distance(*domains[:2])
    assert domain_distances(named, lambda Xs, Xt: len(Xs) + len(Xt))[1, 2] == 19


def test_a_linear_classifier_does_not_tell_domains_that_turn_about_their_mean():
    X, _, d = moons(n_bridges=0, angle=90)
    named = {0: X[d > 0] - X[d > 0].mean(axis=0), -2: X[d < 0] - X[d < 0].mean(axis=0)}
    assert domain_distances(named, "proxy_a")[0, 1] < 0.3
    assert domain_distances(named, "mmd")[0, 1] > 0.1


@pytest.mark.parametrize("seed", range(3))
def test_bridges_are_found_in_their_order_whatever_their_numbers_are(seed):
    X, y, d = moons(seed, n_bridges=5, angle=100)
    shuffled = np.random.default_rng(seed).permutation(np.arange(2, 8))
    d = np.where(d > 0, d, -shuffled[np.abs(d) - 2])
    model = TransitiveTransfer(target=-shuffled[-1]).fit(X, y, sample_domain=d)
    assert model.path_ == (-shuffled).tolist()


@pytest.mark.parametrize("names", [(9, 4, 5), (7, 8, 9), (2, 3, 4)])
def test_where_the_target_is_named_the_names_do_not_matter(names):
    X, y, d = moons(n_bridges=2, angle=40)
    renamed = np.where(d > 0, 5, -np.take(names, np.abs(d) - 2, mode="clip"))
    expected = TransitiveTransfer().fit(X, y, sample_domain=d)
    model = TransitiveTransfer(target=-names[2]).fit(X, y, sample_domain=renamed)
    assert_array_equal(model.predict(X), expected.predict(X))


def test_a_domain_that_leads_elsewhere_is_left_out():
    X, y, d = moons(n_bridges=5, angle=100)
    aside = X[d == -3] * [5, 5] + 20
    X, y, d = np.r_[X, aside], np.r_[y, y[d == -3]], np.r_[d, np.full(40, -99)]
    model = TransitiveTransfer(target=-7).fit(X, y, sample_domain=d)
    assert model.path_ == [-2, -3, -4, -5, -6, -7]
    assert model.domains_ == [0, -2, -3, -4, -5, -6, -7, -99]


def test_sources_are_one_place():
    X, y, d = moons(n_bridges=3, angle=60)
    parts = np.where(d > 0, 1 + np.arange(len(d)) % 3, d)
    one, several = (TransitiveTransfer().fit(X, y, sample_domain=e) for e in (d, parts))
    assert_array_equal(one.distances_, several.distances_)
    assert_array_equal(one.predict(X), several.predict(X))


# -- Self-training along it ----------------------------------------------------------------------


def test_hand_worked_drift():
    """Classes at -1 and 1 end at 1.4 and 3.4: the source takes all for "b", the bridge does not."""
    X, y, d = drifting()
    target = d == -4
    assert_array_equal(SourceOnly().fit(X, y, sample_domain=d).predict(X[target]), ["b"] * 4)
    model = TransitiveTransfer().fit(X, y, sample_domain=d)
    assert model.path_ == [-2, -3, -4]
    assert_array_equal(model.predict(X[target]), y[target])


@pytest.mark.parametrize("learner", [None, LogisticRegression(), SVC()], ids=["1-NN", "LR", "SVC"])
def test_the_models_are_those_of_the_loop_written_out(learner):
    X, y, d = moons(n_bridges=3, angle=60)
    model = TransitiveTransfer(learner).fit(X, y, sample_domain=d)
    inner = KNeighborsClassifier(1) if learner is None else learner
    labels = y[d > 0]
    expected = clone(inner).fit(X[d > 0], labels)
    for number in (-2, -3, -4, -5):
        expected = clone(inner).fit(X[d == number], expected.predict(X[d == number]))
    assert model.path_ == [-2, -3, -4, -5]
    assert len(model.models_) == 5
    assert model.models_[-1] is model.estimator_
    assert_array_equal(model.predict(X), expected.predict(X))


def test_a_far_target_is_reached_over_bridges_only():
    """Four draws: the source's classifier is wrong nearly everywhere, one step does not help."""
    scores = []
    for seed in range(4):
        problem = make_gradual_shift(random_state=seed)
        X, y, d = problem.X, problem.y, problem.sample_domain
        target = d == d.min()
        models = (
            SourceOnly(SVC()),
            TransitiveTransfer(SVC(), bridge=None),
            TransitiveTransfer(SVC()),
        )
        scores.append([m.fit(X, y, sample_domain=d).score(X[target], y[target]) for m in models])
    assert np.max(scores, axis=0)[1] < 0.3
    assert np.min(scores, axis=0)[2] > 0.8


def test_without_a_bridge_it_is_one_step_of_self_training():
    X, y, d = moons(n_bridges=1, angle=40)
    model = TransitiveTransfer(bridge=None).fit(X, y, sample_domain=d)
    assert model.path_ == [-3]
    assert model.distances_ is None
    alone = d != -2
    expected = TransitiveTransfer().fit(X[alone], y[alone], sample_domain=d[alone])
    assert_array_equal(model.predict(X), expected.predict(X))


def test_a_path_that_is_given_is_taken():
    X, y, d = moons(n_bridges=3, angle=60)
    model = TransitiveTransfer(bridge=[-4, -2], target=-3).fit(X, y, sample_domain=d)
    assert model.path_ == [-4, -2, -3]
    found = TransitiveTransfer().fit(X, y, sample_domain=d)
    given = TransitiveTransfer(bridge=np.array([-2, -3, -4])).fit(X, y, sample_domain=d)
    assert_array_equal(given.predict(X), found.predict(X))


def test_the_target_is_the_last_that_is_stacked():
    X, y, d = drifting()
    target, *bridges = [X[d == number] for number in (-4, -2, -3)]
    X, y, d = stack_domains((X[d > 0], y[d > 0]), [*bridges, target])
    assert TransitiveTransfer().fit(X, y, sample_domain=d).path_[-1] == -4


def test_labels_of_bridges_and_target_are_not_read():
    X, y, d = moons(n_bridges=2, angle=40)
    poisoned = np.where(d > 0, y, 7)
    models = [TransitiveTransfer().fit(X, labels, sample_domain=d) for labels in (y, poisoned)]
    assert_array_equal(models[0].predict(X), models[1].predict(X))
    assert_array_equal(models[1].classes_, [0, 1])


def test_neither_the_order_of_rows_nor_their_translation_matters():
    X, y, d = moons(n_bridges=2, angle=40)
    order = np.random.default_rng(0).permutation(len(X))
    model = TransitiveTransfer().fit(X, y, sample_domain=d)
    other = TransitiveTransfer().fit(X[order] + 3, y[order], sample_domain=d[order])
    assert_array_equal(model.predict(X), other.predict(X + 3))
    assert_allclose(model.distances_, other.distances_, atol=1e-7)


def test_a_step_that_loses_a_class_is_said_and_not_taken():
    X, y, d = drifting(2, step=5.0)
    with pytest.warns(UserWarning, match=r"domain -2 is predicted to be of \['a'\]"):
        model = TransitiveTransfer().fit(X, y, sample_domain=d)
    assert model.models_[1] is model.models_[0]
    assert_array_equal(model.classes_, ["a", "b"])
    expected = SourceOnly().fit(X, y, sample_domain=d).predict(X)
    assert_array_equal(model.predict(X), expected)


def test_without_other_domains_it_is_the_classifier_of_the_source():
    X, y, _ = drifting(1)
    with pytest.warns(UserWarning, match="without target rows"):
        model = TransitiveTransfer().fit(X, y)
    assert (model.path_, model.distances_, len(model.models_)) == ([], None, 1)


# -- Bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": -9}, r"target names \[-9\], but the negative numbers of sample_domain are"),
        ({"target": 1}, r"target names \[1\]"),
        ({"bridge": [-2, -9]}, r"bridge names \[-9\]"),
        ({"bridge": [-4]}, r"bridge=\[-4\] holds -4, the target"),
        ({"bridge": None, "target": -9}, r"target names \[-9\]"),
        ({"estimator": Ridge()}, r"needs a classifier, got Ridge\(\)"),
        ({"distance": "mdm"}, "The 'distance' parameter of TransitiveTransfer"),
        ({"bridge": "none"}, "The 'bridge' parameter of TransitiveTransfer"),
    ],
)
def test_what_leads_nowhere_is_refused(options, message):
    X, y, d = drifting()
    model = TransitiveTransfer(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, sample_domain=d)
    assert not hasattr(model, "models_")


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_a_function_has_to_return_distances(value):
    X, y, d = drifting()
    with pytest.raises(ValueError, match=r"distance returned .* of domains 0 and -2"):
        TransitiveTransfer(distance=lambda Xs, Xt: value).fit(X, y, sample_domain=d)
