"""Plans from several sources, and proportions that none of them sets."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning

from skdomain.transport import JCPOT, jcpot_plans

PROPORTIONS = np.array([0.1, 0.3, 0.6])


def domains(sizes=(30, 45), n_target=40, spread=1.0, seed=0):
    """Rows and classes of sources whose classes are equally frequent, and rows of a target."""
    rng = np.random.default_rng(seed)
    ys = [np.arange(n) % 3 for n in sizes]
    yt = np.repeat([0, 1, 2], (PROPORTIONS * n_target).astype(int))
    *Xs, Xt = (spread * rng.normal(size=(len(y), 3)) + 2 * np.eye(3)[y] for y in (*ys, yt))
    return Xs, ys, Xt, yt


def costs(Xs, Xt):
    return [cdist(X, Xt, "sqeuclidean") for X in Xs]


def stacked(Xs, ys, Xt):
    """One matrix of all domains; labels of the target say nothing."""
    X, y = np.concatenate([*Xs, Xt]), np.concatenate([*ys, np.full(len(Xt), -9)])
    names = np.repeat([*range(1, len(Xs) + 1), -1], [len(each) for each in (*Xs, Xt)])
    return X, y, names


# -- The iteration ------------------------------------------------------------------------------


@pytest.mark.parametrize("reg", [0.3, 1.0])
@pytest.mark.parametrize("sizes", [(31,), (30, 45), (12, 20, 9)])
def test_where_it_ends_sums_hold_and_proportions_are_the_geometric_mean(reg, sizes):
    Xs, ys, Xt, _ = domains(sizes)
    found = jcpot_plans(costs(Xs, Xt), ys, reg=reg, max_iter=20000, tol=1e-11)
    masses = []
    for plan, y in zip(found.plans, ys, strict=True):
        assert plan.error <= 1e-11
        assert_allclose(plan.plan.sum(axis=0), 1 / len(Xt), atol=1e-10)
        assert_allclose(plan.plan.sum(axis=1), (found.proportions / np.bincount(y))[y], atol=1e-10)
        masses.append([plan.plan[y == c].sum() for c in range(3)])
    assert_allclose(np.exp(np.log(masses).mean(axis=0)), found.proportions, atol=1e-10)
    assert found.proportions.sum() == pytest.approx(1)


def test_plans_are_scaled_kernels():
    """log G + M / reg is a sum of a vector of rows and one of columns: doubly centred, it is 0."""
    Xs, ys, Xt, _ = domains()
    Ms = costs(Xs, Xt)
    for M, found in zip(Ms, jcpot_plans(Ms, ys, reg=0.5).plans, strict=True):
        rest = np.log(found.plan) + M / 0.5
        centred = rest - rest.mean(axis=0) - rest.mean(axis=1)[:, None] + rest.mean()
        assert_allclose(centred, 0, atol=1e-9)
        potentials = np.add.outer(found.source_potential, found.target_potential)
        assert_allclose(np.exp((potentials - M) / 0.5), found.plan, atol=1e-12)


def test_the_first_iteration_by_hand():
    """Columns to 1/2; class masses 2/3 and 1/3 of one source, 1/2 of the other."""
    kernels = np.array([[2.0, 2.0], [1.0, 1.0]]), np.ones((2, 2))
    found = jcpot_plans([-np.log(K) for K in kernels], [[0, 1]] * 2, reg=1.0, max_iter=1)
    h = np.sqrt([2 / 3 / 2, 1 / 3 / 2])
    assert_allclose(found.proportions, h / h.sum())
    assert_allclose(found.plans[0].plan.sum(axis=1), h / h.sum())


def test_iterations_that_end_early_say_so():
    Xs, ys, Xt, _ = domains()
    with pytest.warns(ConvergenceWarning, match="after 3 iterations .* raise reg, max_iter or tol"):
        found = jcpot_plans(costs(Xs, Xt), ys, reg=0.1, max_iter=3)
    assert found.plans[0].n_iter == 3
    assert found.plans[0].error > 1e-9


@pytest.mark.parametrize("reg", [0.5, 3.0])
def test_proportions_and_plans_are_those_of_pot(reg):
    ot = pytest.importorskip("ot")
    Xs, ys, Xt, _ = domains()
    h, log = ot.bregman.jcpot_barycenter(
        Xs, [y.copy() for y in ys], Xt, reg, numItermax=5000, stopThr=1e-13, log=True
    )
    found = jcpot_plans(costs(Xs, Xt), ys, reg=reg, max_iter=5000, tol=1e-12)
    assert_allclose(found.proportions, h, atol=1e-9)
    for ours, theirs in zip(found.plans, log["gamma"], strict=True):
        assert_allclose(ours.plan, theirs, atol=1e-9)


def test_the_estimator_is_that_of_pot():
    ot = pytest.importorskip("ot")
    Xs, ys, Xt, _ = domains((20, 25, 31))
    peer = ot.da.JCPOTTransport(reg_e=4.0, tol=1e-12, log=True).fit(
        Xs=Xs, ys=[y.copy() for y in ys], Xt=Xt
    )
    X, y, names = stacked(Xs, ys, Xt)
    model = JCPOT(4.0, cost_scale=None, tol=1e-12).fit(X, y, sample_domain=names)
    assert_allclose(model.target_priors_, peer.proportions_, atol=1e-9)
    for ours, theirs in zip(model.plans_, peer.coupling_, strict=True):
        assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_nothing_underflows_at_a_small_reg(offset):
    """The kernel itself is 0 in every entry of the second case; a constant changes no plan."""
    Xs, ys, Xt, yt = domains(spread=0.3)
    found = jcpot_plans([M + offset for M in costs(Xs, Xt)], ys, reg=0.02, max_iter=5000, tol=1e-6)
    assert_allclose(found.proportions, np.bincount(yt) / len(yt), atol=1e-2)
    plain = jcpot_plans(costs(Xs, Xt), ys, reg=0.02, max_iter=5000, tol=1e-6)
    assert_allclose(found.plans[1].plan, plain.plans[1].plan, atol=1e-6)


def test_iterations_that_start_from_costs_take_the_same_way():
    """Where they end depends on the way, so that a step in another place would be seen."""
    Xs, ys, Xt, _ = domains()
    plain = jcpot_plans(costs(Xs, Xt), ys, reg=0.5)
    far = jcpot_plans([M + 1e5 for M in costs(Xs, Xt)], ys, reg=0.5)
    assert_allclose(far.proportions, plain.proportions, atol=1e-7)
    assert_allclose(far.plans[0].plan, plain.plans[0].plan, atol=1e-7)


def test_a_source_that_lacks_a_class_leaves_it_to_the_others():
    Xs, ys, Xt, yt = domains(spread=0.2)
    Xs[1], ys[1] = Xs[1][ys[1] < 2], ys[1][ys[1] < 2]
    found = jcpot_plans(costs(Xs, Xt), ys, reg=0.3, max_iter=20000, tol=1e-8)
    h = found.proportions
    own = [found.plans[1].plan[ys[1] == c].sum() for c in (0, 1)]
    assert_allclose(own, h[:2] / h[:2].sum(), atol=1e-7)
    assert_allclose(h, np.bincount(yt) / len(yt), atol=0.1)


def test_the_order_of_rows_and_of_sources_does_not_matter():
    Xs, ys, Xt, _ = domains()
    straight = jcpot_plans(costs(Xs, Xt), ys, reg=0.5)
    order = np.random.default_rng(1).permutation(len(Xs[0]))
    turned = jcpot_plans(costs([Xs[1], Xs[0][order]], Xt), [ys[1], ys[0][order]], reg=0.5)
    assert_allclose(turned.proportions, straight.proportions, atol=1e-9)
    assert_allclose(turned.plans[1].plan, straight.plans[0].plan[order], atol=1e-9)


def test_the_same_source_twice_is_that_source():
    Xs, ys, Xt, _ = domains((30,))
    once = jcpot_plans(costs(Xs, Xt), ys, reg=0.5)
    twice = jcpot_plans(costs(Xs * 2, Xt), ys * 2, reg=0.5)
    assert_allclose(twice.proportions, once.proportions)
    assert_allclose(twice.plans[1].plan, once.plans[0].plan)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reg": 0.0}, "reg is 0.0; pass a number above 0"),
        ({"costs": [], "labels": []}, "costs is empty; pass the cost matrix of at least one"),
        ({"labels": [[0, 1, 1]]}, "inconsistent numbers of samples"),
        ({"costs": [np.eye(2), np.ones((2, 3))], "labels": [[0, 1]] * 2}, "inconsistent numbers"),
        ({"costs": [[[np.nan, 1.0]]], "labels": [[0]]}, "Input M contains NaN"),
    ],
)
def test_errors_say_what_is_wanted(change, message):
    arguments = {"costs": [np.eye(2)], "labels": [[0, 1]], "reg": 1.0} | change
    with pytest.raises(ValueError, match=message):
        jcpot_plans(**arguments)


# -- The classifier -----------------------------------------------------------------------------


@pytest.mark.parametrize("n_sources", [1, 2])
def test_proportions_and_classes_of_the_target_are_found(n_sources):
    Xs, ys, Xt, yt = domains((60, 45), 100, spread=0.4)
    X, y, names = stacked(Xs[:n_sources], ys[:n_sources], Xt)
    model = JCPOT().fit(X, y, sample_domain=names)
    assert_allclose(model.target_priors_, PROPORTIONS, atol=0.03)
    assert model.score(Xt, yt) > 0.98
    assert_array_equal(model.sources_, np.arange(1, n_sources + 1))
    assert len(model.plans_) == n_sources


def test_fitted_target_rows_have_the_mean_shares_of_the_plans():
    Xs, ys, Xt, _ = domains((30, 44))
    X, y, names = stacked(Xs, ys, Xt)
    order = np.random.default_rng(2).permutation(len(X))
    model = JCPOT(tol=1e-10, max_iter=20000).fit(X[order], y[order], sample_domain=names[order])
    shares = []
    for name, plan in zip(model.sources_, model.plans_, strict=True):
        own = y[order][names[order] == name]
        shares.append((plan.T @ np.eye(3)[own]) / plan.sum(axis=0)[:, None])
    found = model.predict_proba(X[order][names[order] < 0])
    assert_allclose(found, np.mean(shares, axis=0), atol=1e-8)


def test_a_unit_of_the_rows_changes_nothing_and_float32_stays():
    Xs, ys, Xt, _ = domains()
    X, y, names = stacked(Xs, ys, Xt)
    model = JCPOT().fit(X, y, sample_domain=names)
    scaled = JCPOT().fit(8 * X, y, sample_domain=names)
    assert_allclose(scaled.target_priors_, model.target_priors_)
    single = JCPOT().fit(X.astype(np.float32), y, sample_domain=names)
    assert single.plans_[0].dtype == np.float32
    assert_allclose(single.target_priors_, model.target_priors_, atol=1e-3)
