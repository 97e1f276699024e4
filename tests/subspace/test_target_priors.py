"""Source classes weighed by the target's proportions inside JDA and DJP-MMD."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import softmax
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from skdomain import NoTargetWarning, RowBlocks
from skdomain._estimators import _label_rounds
from skdomain.datasets import make_label_shift
from skdomain.label_shift import class_folds
from skdomain.mmd import mmd_matrix
from skdomain.subspace import DJPMMD, JDA, JGSA
from skdomain.subspace._target_priors import confusion_em_priors

both = pytest.mark.parametrize("method", [JDA, DJPMMD])
kernels = pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
nothing_left = pytest.mark.filterwarnings("ignore:the domains have equal means")


def shares(labels):
    return np.unique(labels, return_counts=True)[1] / len(labels)


def same_classes(source_counts=(8, 4, 4), target_counts=(1, 3, 4), seed=0):
    """Each class is the same five rows in both domains, repeated as often as the counts say."""
    rng = np.random.default_rng(seed)
    places = 8 * np.eye(3, 4)[:, None] + rng.normal(size=(3, 5, 4))
    y = np.repeat(np.tile([0, 1, 2], 2), [*source_counts, *target_counts])
    X, y = places[y].reshape(-1, 4), np.repeat(y, 5)
    d = np.where(np.arange(len(y)) < 5 * sum(source_counts), 1, -1)
    order = rng.permutation(len(y))
    return X[order], y[order], d[order]


@both
@kernels
@pytest.mark.parametrize("inner", [KNeighborsClassifier(1), LogisticRegression(tol=1e-12)])
def test_priors_that_are_the_shares_of_the_source_change_nothing(
    method, kernel, inner, make_domains
):
    X, y, d = make_domains(19, 14, n_classes=3)
    plain = method(2, kernel=kernel, estimator=inner).fit(X, y, sample_domain=d)
    q = shares(y[d > 0])
    same = clone(plain).set_params(target_priors=q).fit(X, y, sample_domain=d)
    assert_allclose(same.components_, plain.components_, atol=1e-10)
    assert_allclose(same.eigenvalues_, plain.eigenvalues_, rtol=1e-10)
    assert_array_equal(same.predict(X), plain.predict(X))
    assert plain.target_priors_ is None
    assert "target_priors" not in plain.history_
    assert_allclose(same.target_priors_, q)


@both
def test_other_priors_do_change_something(method, make_domains):
    X, y, d = make_domains(n_classes=3)
    plain = method(2).fit(X, y, sample_domain=d)
    other = method(2, target_priors=[0.1, 0.1, 0.8]).fit(X, y, sample_domain=d)
    assert abs(other.eigenvalues_ - plain.eigenvalues_).max() > 1e-3


@nothing_left
@both
@kernels
def test_where_only_proportions_differ_nothing_is_left_to_match(method, kernel):
    """The domains' classes are the same and their labels found, so that every term is 0."""
    X, y, d = same_classes()
    q = np.array([1 / 8, 3 / 8, 4 / 8])
    model = method(3, kernel=kernel, gamma=0.01, init="estimator", target_priors=q)
    if method is DJPMMD:
        model.set_params(mu=0)  # Rmax is not to vanish
    model.fit(X, y, sample_domain=d)
    assert_array_equal(model.pseudo_labels_, y[d < 0])
    assert_allclose(model.target_priors_, q)
    found = clone(model).set_params(target_priors="estimate").fit(X, y, sample_domain=d)
    assert_allclose(found.target_priors_, (40 * q + shares(y[d > 0])) / 41, atol=1e-6)
    rest = clone(model).set_params(target_priors=None).fit(X, y, sample_domain=d)
    assert abs(model.history_["mmd"][-1]) < 1e-5 * rest.history_["mmd"][-1]


@both
@pytest.mark.parametrize("init", ["none", "estimator"])
def test_rounds_are_those_of_the_explicit_matrix(method, init, make_domains):
    """The eigenvalues of a round with the priors of the history, M formed."""
    X, y, d = make_domains(24, 20, n_classes=3)
    source = d > 0
    model = method(2, kernel="primal", init=init, target_priors="estimate", max_iter=2, lam=0.5)
    first = clone(model).set_params(max_iter=1).fit(X, y, sample_domain=d)
    second = model.fit(X, y, sample_domain=d)
    labels = y.copy()
    labels[~source] = first.pseudo_labels_
    name = "conditional" if method is JDA else "discriminative"
    priors = second.history_["target_priors"][-1]
    M = mmd_matrix(d, labels, coupling=name, target_priors=priors)
    if method is JDA:
        M /= np.linalg.norm(M)
    A = second.components_.T
    Z = X @ A
    along = np.diag(Z.T @ M @ Z + 0.5 * A.T @ A) / np.diag(Z.T @ (Z - Z.mean(axis=0)))
    assert_allclose(along, second.eigenvalues_, rtol=1e-8)


def held_out_estimate(Z, y, d):
    """The likelihood of the predicted classes, from its formula and an optimiser of its own."""
    Zs, ys = Z[d > 0], y[d > 0]
    held_out = np.empty_like(ys)
    for train, test in class_folds(Zs, ys, 5):
        held_out[test] = GaussianNB().fit(Zs[train], ys[train]).predict(Zs[test])
    predicted = GaussianNB().fit(Zs, ys).predict(Z[d < 0])
    confusion = np.array([[np.mean(held_out[ys == c] == i) for c in range(3)] for i in range(3)])

    def loss(t):
        of_rows = np.log(confusion @ softmax(t))[predicted].sum()
        return -(of_rows + shares(ys) @ np.log(softmax(t))) / len(predicted)

    return softmax(minimize(loss, np.zeros(3), tol=1e-14).x)


@both
def test_estimates_are_most_likely_given_the_predicted_classes(method, make_domains):
    """Of the rows as they are in the first round, of the embedding of the last one afterwards."""
    X, y, d = make_domains(60, 50, n_classes=3)
    X = X * [0.5, 0.5, 1, 1]  # so that the classes overlap
    inner = Unweighed()
    model = method(2, estimator=inner, target_priors="estimate", kernel="primal", max_iter=2)
    model.set_params(init="estimator", lam=1.0).fit(X, y, sample_domain=d)
    assert_allclose(model.history_["target_priors"][0], held_out_estimate(X, y, d), atol=1e-4)
    assert_allclose(model.target_priors_, held_out_estimate(model.transform(X), y, d), atol=1e-4)
    assert model.history_["target_priors"].shape == (model.n_iter_, 3)
    if method is JDA:  # and the embedding tells another story than the rows
        assert abs(model.target_priors_ - model.history_["target_priors"][0]).max() > 1e-3


class Unweighed(GaussianNB):
    """Takes no weights."""

    def fit(self, X, y):
        return super().fit(X, y)


def test_predictions_as_in_the_source_are_no_shift():
    """Whatever the classifier confuses; and those of one class alone are of that class."""
    rng = np.random.default_rng(0)
    codes, held_out = rng.integers(3, size=90), rng.integers(3, size=90)
    p = np.bincount(codes) / 90
    assert_allclose(confusion_em_priors(held_out, codes, held_out), p, atol=1e-6)
    assert_allclose(confusion_em_priors(held_out, codes, held_out[:0]), p)
    found = confusion_em_priors(codes, codes, np.array([1, 1, 2]))
    assert_allclose(found, (np.array([0, 2, 1]) + p) / 4, atol=1e-6)
    never = np.where(held_out == 2, 0, held_out)
    assert_allclose(confusion_em_priors(never, codes, np.array([2, 2])), p, atol=1e-6)
    nothing = np.zeros(90, dtype=int)  # is told apart
    assert_allclose(confusion_em_priors(nothing, codes, nothing[:5]), p, atol=1e-6)


def test_an_embedding_in_which_the_target_had_no_part_tells_nothing(make_domains):
    """The first coupling of DJP-MMD has the source's blocks alone; so has that of W-BDA."""
    X, y, d = make_domains(40, 30, n_classes=3)
    for model in (DJPMMD(2), JDA(2, mu=1, weighted=True)):
        model.set_params(target_priors="estimate", max_iter=3).fit(X, y, sample_domain=d)
        first, second = model.history_["target_priors"][:2]
        assert_array_equal(first, second)
        assert abs(model.target_priors_ - second).max() > 1e-6


@both
def test_the_classifier_inside_is_weighed_alike(method, make_domains):
    X, y, d = make_domains(20, 14)
    q = np.array([0.2, 0.8])
    pipeline = make_pipeline(MinMaxScaler(), LogisticRegression())
    for inner in (LogisticRegression(), pipeline):
        model = method(2, estimator=inner, target_priors=q).fit(X, y, sample_domain=d)
        Z, own = model.transform(X[d > 0]), y[d > 0]
        weights, name = (q / shares(own))[own], "sample_weight"
        if inner is pipeline:
            name = "logisticregression__sample_weight"
        expected = clone(inner).fit(Z, own, **{name: weights}).predict_proba(Z)
        assert_allclose(model.predict_proba(X[d > 0]), expected, atol=1e-6)


@nothing_left
@both
@pytest.mark.parametrize(
    "inner", [None, GaussianNB(), SVC(), LogisticRegression()], ids=lambda inner: str(inner)
)
def test_a_class_that_the_target_lacks_is_left_to_itself(method, inner):
    """The embedding is finite, and does not depend on where the absent class lies."""
    X, y, d = same_classes(target_counts=(3, 0, 5))
    model = method(3, estimator=inner, target_priors=[3 / 8, 0, 5 / 8], kernel="primal", max_iter=3)
    model.fit(X, y, sample_domain=d)
    assert np.isfinite(model.components_).all()
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_array_equal(model.estimator_.classes_, [0, 1, 2])
    assert np.mean(model.pseudo_labels_ == y[d < 0]) == 1
    found = clone(model).set_params(target_priors="estimate", init="estimator")
    found.fit(X, y, sample_domain=d)

    assert found.target_priors_[1] < 0.02


@both
def test_priors_by_class_are_those_in_the_order_of_the_classes(method, make_domains):
    X, y, d = make_domains()
    names = np.array(["pear", "apple"])[y]
    by_class = method(2, target_priors={"pear": 0.3, "apple": 0.7}).fit(X, names, sample_domain=d)
    in_order = method(2, target_priors=[0.7, 0.3]).fit(X, names, sample_domain=d)
    assert_array_equal(by_class.components_, in_order.components_)
    assert_allclose(by_class.target_priors_, [0.7, 0.3])


@both
@kernels
def test_the_order_of_the_rows_does_not_matter(method, kernel, make_domains):
    X, y, d = make_domains(30, 25, n_classes=3)
    order = np.random.default_rng(1).permutation(len(X))
    model = method(2, kernel=kernel, target_priors="estimate", max_iter=3)
    straight = clone(model).fit(X, y, sample_domain=d)
    permuted = clone(model).fit(X[order], y[order], sample_domain=d[order])
    assert_allclose(permuted.target_priors_, straight.target_priors_, atol=1e-6)
    assert_array_equal(permuted.pseudo_labels_, straight.pseudo_labels_[_ranks(order, d)])


def _ranks(order, d):
    """Which target row, counted in the first order, stands at each target place of the second."""
    rank = np.cumsum(d < 0) - 1
    return rank[order[d[order] < 0]]


@both
def test_labels_that_return_with_other_priors_are_no_cycle(method, monkeypatch):
    """Rounds end as they do where no round is skipped."""
    rng, d = np.random.default_rng(0), np.repeat([1, -1], 30)
    model = method(2, estimator=KNeighborsClassifier(3), kernel="primal", lam=0.1, max_iter=15)
    model.set_params(target_priors="estimate")
    for _ in range(3):
        X, y = rng.normal(size=(60, 3)), rng.integers(2, size=60)
        found = clone(model).fit(X, y, sample_domain=d)
        with monkeypatch.context() as patch:
            patch.setattr(_label_rounds, "_key", lambda _: object())
            plain = clone(model).fit(X, y, sample_domain=d)
        assert_array_equal(found.pseudo_labels_, plain.pseudo_labels_)
        assert_array_equal(found.history_["target_priors"], plain.history_["target_priors"])


@both
@pytest.mark.parametrize("priors", ["estimate", [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("init", ["none", "estimator"])
def test_blocks_are_fitted_as_the_array_is(method, priors, init, make_domains):
    X, y, d = make_domains(40, 30, n_classes=3)
    model = method(2, kernel="primal", target_priors=priors, estimator=GaussianNB(), init=init)
    in_memory = clone(model).fit(X, y, sample_domain=d)
    for rows in (RowBlocks([X[:9], X[9:]]), csr_array(X)):
        streamed = clone(model).fit(rows, y, sample_domain=d)
        assert_allclose(streamed.components_, in_memory.components_, atol=1e-8)
        assert_allclose(streamed.target_priors_, in_memory.target_priors_, atol=1e-8)
        assert_array_equal(streamed.pseudo_labels_, in_memory.pseudo_labels_)


@both
def test_an_array_of_many_rows_is_estimated_as_one_of_few(method, make_domains):
    """Rows that the fit reads in blocks although they are in memory."""
    X, y, d = make_domains(60, 50)
    model = method(2, kernel="primal", target_priors="estimate", max_iter=3)
    whole = clone(model).fit(X, y, sample_domain=d)
    with config_context(working_memory=5e-4):
        parts = clone(model).fit(X, y, sample_domain=d)
    assert_allclose(parts.target_priors_, whole.target_priors_, atol=1e-8)
    assert_array_equal(parts.pseudo_labels_, whole.pseudo_labels_)


@both
def test_without_target_the_estimate_is_what_the_source_has(method, make_domains):
    X, y, _ = make_domains(20, 13)
    model = method(2, target_priors="estimate")
    with pytest.warns(NoTargetWarning):
        model.fit(X, y)
    assert_allclose(model.target_priors_, shares(y))


@both
@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ([0.5, 0.25, 0.25], r"target_priors has shape \(3,\), and the source has 2 classes"),
        ([0.9, 0.3], "at least 0 and of sum 1"),
        ({0: 1.0}, r"keys \[0\], and the classes of the source are \[0, 1\]"),
        ("guess", r"The 'target_priors' parameter.*'estimate'.*Got 'guess'"),
        (0.5, "The 'target_priors' parameter"),
    ],
)
def test_what_are_no_proportions_is_refused(method, priors, message, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=message):
        method(2, target_priors=priors).fit(X, y, sample_domain=d)


def test_jgsa_has_no_priors(make_domains):
    X, y, d = make_domains()
    model = JGSA(2).fit(X, y, sample_domain=d)
    assert "target_priors" not in model.get_params()
    assert "target_priors" not in model.history_


def test_true_proportions_keep_the_direction_of_the_classes():
    """Where the shares alone differ, matching means takes the direction of the classes for shift.

    Generated rows differ in proportions only, so the difference of means lies along the classes.
    JDA without priors drops that axis; with the true ones it keeps it.
    """
    problem = make_label_shift(2000, 2000, target_priors=(0.1, 0.9), class_sep=6, random_state=0)
    X, y, d = problem.X, problem.y, problem.sample_domain
    model = JDA(1, kernel="primal", normalize=False, lam=1e-6)
    plain = clone(model).fit(X, y, sample_domain=d)
    weighed = clone(model).set_params(target_priors=problem.class_priors[1], mu=0)
    weighed.fit(X, y, sample_domain=d)
    assert abs(plain.components_[0, 0]) < 0.5 < 0.9 < abs(weighed.components_[0, 0])
