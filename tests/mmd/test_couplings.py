"""MMD matrices against the papers' definitions, written out entry by entry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skdomain.mmd import (
    conditional_coupling,
    discriminative_coupling,
    joint_coupling,
    marginal_coupling,
    mmd_matrix,
)

exact = settings(max_examples=40, deadline=None, derandomize=True)


@st.composite
def labelled_domains(draw, min_classes=2):
    """Source mask and labels in any order; every class in the source, any in the target."""
    n_classes = draw(st.integers(min_classes, 4))
    extra = draw(st.lists(st.integers(0, n_classes - 1), max_size=6))
    target = draw(st.lists(st.integers(0, n_classes - 1), min_size=1, max_size=8))
    labels = np.array([*range(n_classes), *extra, *target])
    source = np.arange(len(labels)) < n_classes + len(extra)
    order = np.array(draw(st.permutations(range(len(labels)))))
    return labels[order], source[order], n_classes


def outer_of_means(source_rows, target_rows, ns, nt):
    """``e e'`` with e = 1/ns on the source rows and -1/nt on the target rows, by loops."""
    n = len(source_rows)
    M = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            e_i = source_rows[i] / ns - target_rows[i] / nt if nt else source_rows[i] / ns
            e_j = source_rows[j] / ns - target_rows[j] / nt if nt else source_rows[j] / ns
            M[i, j] = e_i * e_j
    return M


def marginal_by_definition(source):
    return outer_of_means(source, ~source, source.sum(), (~source).sum())


def conditional_by_definition(labels, source, n_classes, mu):
    M = (1 - mu) * n_classes * marginal_by_definition(source)
    for c in range(n_classes):
        s, t = source & (labels == c), ~source & (labels == c)
        M += mu * outer_of_means(s, t, s.sum(), t.sum())
    return M


def joint_by_definition(labels, source, n_classes):
    ns, nt = source.sum(), (~source).sum()
    return sum(
        outer_of_means(source & (labels == c), ~source & (labels == c), ns, nt)
        for c in range(n_classes)
    )


def separation_by_definition(labels, source, n_classes):
    ns, nt = source.sum(), (~source).sum()
    return sum(
        outer_of_means(source & (labels == c), ~source & (labels == other), ns, nt)
        for c in range(n_classes)
        for other in range(n_classes)
        if other != c
    )


@exact
@given(labelled_domains())
def test_marginal_matrix_is_tca_s(problem):
    _, source, _ = problem
    M = mmd_matrix(np.where(source, 1, -2))
    np.testing.assert_allclose(M, marginal_by_definition(source), atol=1e-15)


@exact
@given(labelled_domains(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_conditional_matrix_is_jda_s_and_bda_s(problem, mu):
    labels, source, n_classes = problem
    M = mmd_matrix(np.where(source, 1, -2), labels, coupling="conditional", mu=mu)
    expected = conditional_by_definition(labels, source, n_classes, mu)
    np.testing.assert_allclose(M, expected, atol=1e-14)


@exact
@given(labelled_domains())
def test_weighted_matrix_has_the_ratios_of_class_shares(problem):
    labels, source, n_classes = problem
    M = mmd_matrix(np.where(source, 1, -2), labels, coupling="conditional", mu=1, weighted=True)
    expected = np.zeros_like(M)
    for c in range(n_classes):
        s, t = source & (labels == c), ~source & (labels == c)
        alpha = (t.sum() / (~source).sum()) / (s.sum() / source.sum())
        column = s / s.sum() - (alpha * t / t.sum() if t.any() else 0.0)
        expected += np.outer(column, column)
    np.testing.assert_allclose(M, expected, atol=1e-14)


@exact
@given(labelled_domains())
def test_joint_matrix_is_jp_mmd_s(problem):
    labels, source, n_classes = problem
    M = mmd_matrix(np.where(source, 1, -2), labels, coupling="joint")
    np.testing.assert_allclose(M, joint_by_definition(labels, source, n_classes), atol=1e-15)


@exact
@given(labelled_domains(), st.floats(0, 2))
def test_discriminative_matrix_is_djp_mmd_s(problem, mu):
    labels, source, n_classes = problem
    Rmin = joint_by_definition(labels, source, n_classes)
    Rmax = separation_by_definition(labels, source, n_classes)
    expected = Rmin / np.linalg.norm(Rmin) - mu * Rmax / np.linalg.norm(Rmax)
    M = mmd_matrix(np.where(source, 1, -2), labels, coupling="discriminative", mu=mu)
    np.testing.assert_allclose(M, expected, atol=1e-14)


def test_balance_half_is_the_sum_of_the_marginal_and_all_class_terms():
    # JDA: C M0 + sum_c Mc, up to the factor 1/2 that the norm of M takes out again
    labels, source = np.array([0, 1, 0, 1, 1]), np.array([1, 1, 0, 0, 0], dtype=bool)
    M = mmd_matrix(np.where(source, 1, -1), labels, coupling="conditional")
    total = 2 * marginal_by_definition(source)
    for c in (0, 1):
        s, t = source & (labels == c), ~source & (labels == c)
        total += outer_of_means(s, t, s.sum(), t.sum())
    np.testing.assert_allclose(2 * M, total, atol=1e-15)


COUPLINGS = {
    "marginal": lambda labels, source, n: marginal_coupling(source),
    "conditional": lambda labels, source, n: conditional_coupling(
        labels, source, n_classes=n, mu=0.3
    ),
    "weighted": lambda labels, source, n: conditional_coupling(
        labels, source, n_classes=n, mu=1, weighted=True
    ),
    "joint": lambda labels, source, n: joint_coupling(labels, source, n_classes=n),
    "discriminative": lambda labels, source, n: discriminative_coupling(
        labels, source, n_classes=n, mu=0.2
    ),
}
every_coupling = pytest.mark.parametrize("coupling", COUPLINGS.values(), ids=COUPLINGS)


@every_coupling
@exact
@given(problem=labelled_domains())
def test_norm_and_means_are_those_of_the_dense_matrix(coupling, problem):
    factored = coupling(*problem)
    M = factored.dense()
    F = np.arange(3.0 * len(M)).reshape(-1, 3) ** 0.5
    means = factored.means(F)
    assert factored.norm() == pytest.approx(np.linalg.norm(M))
    assert np.linalg.norm(factored.normalized().dense()) == pytest.approx(1.0)
    np.testing.assert_allclose(means.T @ factored.G @ means, F.T @ M @ F, atol=1e-12)


@every_coupling
@exact
@given(problem=labelled_domains())
def test_first_iteration_has_no_class_of_the_target(coupling, problem):
    labels, source, n_classes = problem
    first = coupling(np.where(source, labels, -1), source, n_classes)
    other = np.where(source, labels, (labels + 1) % n_classes)
    again = coupling(np.where(source, other, -1), source, n_classes)
    np.testing.assert_array_equal(first.dense(), again.dense())
    assert np.isfinite(first.normalized().dense()).all()


def test_first_iteration_of_jda_has_the_marginal_term_alone():
    labels, source = np.array([0, 1, 1, -1, -1]), np.array([1, 1, 1, 0, 0], dtype=bool)
    for mu in (0.0, 0.5, 1.0):
        M = conditional_coupling(labels, source, n_classes=2, mu=mu).dense()
        np.testing.assert_allclose(M, 2 * marginal_by_definition(source), atol=1e-15)


@pytest.mark.parametrize("name", ["weighted", "joint", "discriminative"])
def test_first_iteration_of_the_class_wise_methods_has_the_source_blocks_alone(name):
    labels, source = np.array([0, 1, 1, -1, -1]), np.array([1, 1, 1, 0, 0], dtype=bool)
    M = COUPLINGS[name](labels, source, 2).dense()
    assert np.any(M[:3, :3])
    assert not np.any(M[3:])


def test_discrimination_of_full_weight_leaves_nothing_at_the_first_iteration():
    # both source blocks are multiples of sum_c e_c e_c', so mu = 1 cancels them
    labels, source = np.array([0, 1, 1, -1]), np.array([1, 1, 1, 0], dtype=bool)
    coupling = discriminative_coupling(labels, source, n_classes=2, mu=1)
    np.testing.assert_allclose(coupling.dense(), 0, atol=1e-15)
    assert np.isfinite(coupling.normalized().dense()).all()


def test_empty_class_of_the_target_keeps_the_source_half():
    labels, source = np.array([0, 1, 1, 0]), np.array([1, 1, 1, 0], dtype=bool)
    M = conditional_coupling(labels, source, n_classes=2, mu=1).dense()
    np.testing.assert_allclose(M[1:3, 1:3], 0.25)
    np.testing.assert_allclose(M[3, 1:3], 0)


@every_coupling
def test_without_target_nothing_is_matched(coupling):
    source = np.ones(4, dtype=bool)
    factored = coupling(np.array([0, 1, 1, 0]), source, 2)
    assert not np.any(factored.normalized().dense())


@pytest.mark.parametrize(
    ("sample_domain", "arguments", "message"),
    [
        ([1, 1], {}, "one sign only.*target rows"),
        ([1, 0], {}, "sample_domain is 0 in row 1"),
        ([1, -1], {"coupling": "joint"}, "coupling='joint' compares classes: pass y"),
        ([1, -1], {"coupling": "joint", "y": [0]}, "inconsistent numbers of samples"),
        ([1, -1], {"coupling": "conditional", "y": [0, 0], "mu": 1.5}, r"mu=1.5 is outside"),
        ([1, -1], {"coupling": "maximal"}, "'coupling' parameter"),
    ],
)
def test_dense_matrix_says_what_it_needs(sample_domain, arguments, message):
    with pytest.raises(ValueError, match=message):
        mmd_matrix(sample_domain, **arguments)


# -- Source rows re-weighted to the proportions of the target -------------------------------------


@st.composite
def domains_with_priors(draw, least=0):
    """Labelled domains and proportions of their classes, some of which may be 0."""
    labels, source, n_classes = draw(labelled_domains())
    parts = draw(st.lists(st.integers(least, 5), min_size=n_classes, max_size=n_classes))
    parts[draw(st.integers(0, n_classes - 1))] += 1
    return labels, source, n_classes, np.array(parts) / sum(parts)


def class_columns(labels, source, n_classes):
    """Averages of the source rows of each class as columns, and of the target rows."""
    own = [source & (labels == c) for c in range(n_classes)]
    other = [~source & (labels == c) for c in range(n_classes)]
    return [[rows / max(rows.sum(), 1) for rows in side] for side in (own, other)]


@exact
@given(domains_with_priors(), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans())
def test_conditional_matrix_with_priors_is_the_explicit_one(problem, mu, weighted):
    labels, source, n_classes, q = problem
    own, other = class_columns(labels, source, n_classes)
    shares = [(labels[~source] == c).mean() for c in range(n_classes)]
    marginal = sum(q[c] * own[c] - shares[c] * other[c] for c in range(n_classes))
    expected = (1 - mu) * n_classes * np.outer(marginal, marginal)
    for c in np.flatnonzero(q):
        column = own[c] - (shares[c] / q[c] if weighted else 1) * other[c]
        expected += mu * np.outer(column, column)
    options = {"coupling": "conditional", "mu": mu, "weighted": weighted, "target_priors": q}
    M = mmd_matrix(np.where(source, 1, -2), labels, **options)
    np.testing.assert_allclose(M, expected, rtol=1e-12, atol=1e-13)


@exact
@given(domains_with_priors(), st.floats(0, 2))
def test_discriminative_matrix_with_priors_is_the_explicit_one(problem, mu):
    labels, source, n_classes, q = problem
    own, other = class_columns(labels, source, n_classes)
    shares = [(labels[~source] == c).mean() for c in range(n_classes)]
    parts = [np.zeros((len(labels), len(labels))) for _ in range(2)]
    for c in range(n_classes):
        for b in range(n_classes):
            column = q[c] * own[c] - shares[b] * other[b]
            parts[c != b] += np.outer(column, column)
    expected = parts[0] / np.linalg.norm(parts[0]) - mu * parts[1] / np.linalg.norm(parts[1])
    arguments = np.where(source, 1, -2), labels
    M = mmd_matrix(*arguments, coupling="joint", target_priors=q)
    np.testing.assert_allclose(M, parts[0], atol=1e-14)
    M = mmd_matrix(*arguments, coupling="discriminative", mu=mu, target_priors=q)
    np.testing.assert_allclose(M, expected, atol=1e-13)


WITH_PRIORS = {
    "conditional": lambda labels, source, n, q: conditional_coupling(
        labels, source, n_classes=n, mu=0.3, target_priors=q
    ),
    "weighted": lambda labels, source, n, q: conditional_coupling(
        labels, source, n_classes=n, mu=1, weighted=True, target_priors=q
    ),
    "joint": lambda labels, source, n, q: joint_coupling(
        labels, source, n_classes=n, target_priors=q
    ),
    "discriminative": lambda labels, source, n, q: discriminative_coupling(
        labels, source, n_classes=n, mu=0.2, target_priors=q
    ),
}
every_weighted_coupling = pytest.mark.parametrize("name", WITH_PRIORS)


@every_weighted_coupling
@exact
@given(problem=labelled_domains())
def test_priors_that_are_the_shares_of_the_source_change_nothing(name, problem):
    labels, source, n_classes = problem
    shares = np.bincount(labels[source], minlength=n_classes) / source.sum()
    given_ = WITH_PRIORS[name](labels, source, n_classes, shares)
    without = WITH_PRIORS[name](labels, source, n_classes, None)
    np.testing.assert_allclose(given_.dense(), without.dense(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", ["conditional", "weighted", "joint"])
@exact
@given(problem=domains_with_priors(), times=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_priors_do_what_source_rows_in_that_proportion_would(name, problem, times):
    """Rows of class c repeated k_c times; means of groups, so that M is that of the same rows."""
    labels, source, n_classes, _ = problem
    rows = np.repeat(np.arange(len(labels)), np.where(source, np.array(times)[labels], 1))
    q = np.bincount(labels[rows][source[rows]], minlength=n_classes) / source[rows].sum()
    F = np.random.default_rng(0).normal(size=(len(labels), 3))
    repeated = WITH_PRIORS[name](labels[rows], source[rows], n_classes, None).dense()
    weighed = WITH_PRIORS[name](labels, source, n_classes, q).dense()
    expected = F[rows].T @ repeated @ F[rows]
    np.testing.assert_allclose(F.T @ weighed @ F, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["conditional", "weighted", "joint"])
@exact
@given(problem=domains_with_priors(), absent=st.integers(0, 3))
def test_at_the_truth_nothing_is_left_to_match(name, problem, absent):
    """Classes at the same place in both domains, their target rows known, and q their shares."""
    labels, source, n_classes, _ = problem
    if np.any(labels[~source] != absent):
        source = source | (labels == absent)  # a class that the target lacks
    q = np.bincount(labels[~source], minlength=n_classes) / (~source).sum()
    F = np.random.default_rng(0).normal(size=(n_classes, 3))[labels]
    M = WITH_PRIORS[name](labels, source, n_classes, q).dense()
    np.testing.assert_allclose(F.T @ M @ F, 0, atol=1e-13)
    p = np.bincount(labels[source], minlength=n_classes) / source.sum()
    if abs(p - q).max() > 0.1:  # and without q there is
        M = WITH_PRIORS[name](labels, source, n_classes, None).dense()
        assert name == "weighted" or np.trace(F.T @ M @ F) > 1e-6


@every_weighted_coupling
def test_constants_are_ignored_as_without_priors(name):
    """What keeps the basis of rows far from zero exact."""
    labels, source = np.array([0, 1, 1, 0, 1, 0]), np.array([1, 1, 1, 0, 0, 0], dtype=bool)
    coupling = WITH_PRIORS[name](labels, source, 2, np.array([0.25, 0.75]))
    assert coupling.ignores_constants() == (name == "conditional")


def test_priors_by_class_are_those_in_the_order_of_the_classes():
    d, y = [1, 1, 1, -1, -1], ["b", "a", "b", "a", "b"]
    options = {"coupling": "conditional"}
    by_class = mmd_matrix(d, y, **options, target_priors={"b": 0.25, "a": 0.75})
    in_order = mmd_matrix(d, y, **options, target_priors=[0.75, 0.25])
    np.testing.assert_array_equal(by_class, in_order)
    assert np.any(by_class != mmd_matrix(d, y, **options))


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ([0.5, 0.25, 0.25], r"shape \(3,\), and the source has 2 classes, \['a', 'b'\]"),
        (0.5, "'target_priors' parameter"),
        ([0.5, 0.6], r"at least 0 and of sum 1; got \[0.5, 0.6\] of sum 1.1"),
        ([-0.5, 1.5], "at least 0 and of sum 1"),
        ([np.nan, 1.0], "at least 0 and of sum 1"),
        ([2, 6], "Divide counts by their sum"),
        ({"a": 1}, r"keys \['a'\], and the classes of the source are \['a', 'b'\]"),
        ({"a": 0.5, "b": 0.25, "c": 0.25}, "keys .*'c'"),
    ],
)
def test_what_are_no_proportions_is_refused(priors, message):
    with pytest.raises(ValueError, match=message):
        mmd_matrix([1, 1, -1], ["a", "b", "a"], coupling="joint", target_priors=priors)


def test_proportions_need_source_rows():
    with pytest.raises(ValueError, match=r"the classes \['b'\], of which there are no source rows"):
        mmd_matrix([1, -1], ["a", "b"], coupling="joint", target_priors=[0.5, 0.5])
