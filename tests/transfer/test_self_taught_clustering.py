"""Self-taught clustering: no step loses information; source rows say what features go together."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import rel_entr
from sklearn.metrics import adjusted_rand_score

from skdomain.transfer import SelfTaughtClustering, self_taught_clusters
from skdomain.transfer._co_clusters import information_loss, mutual_information

APART = [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]]
PAIRS = [[5, 5, 0, 0], [0, 0, 4, 4]]


def counts(seed, n=9, m=7, d=6, mean=1.0):
    """Counts of target and of source rows; some rows and features may have none."""
    rng = np.random.default_rng(seed)
    return rng.poisson(mean, (n, d)).astype(float), rng.poisson(mean, (m, d)).astype(float)


def approximation(law, rows, columns):
    """What the clusters keep: ``p(clusters) p(row | its cluster) p(column | its cluster)``."""
    of_rows, of_columns = law.sum(axis=1), law.sum(axis=0)
    kept = np.zeros_like(law)
    for i, j in product(range(len(rows)), range(len(columns))):
        block = law[np.ix_(rows == rows[i], columns == columns[j])].sum()
        if block > 0:
            row_share = of_rows[i] / of_rows[rows == rows[i]].sum()
            kept[i, j] = block * row_share * of_columns[j] / of_columns[columns == columns[j]].sum()
    return kept


@given(
    seed=st.integers(0, 2**16),
    k=st.integers(1, 4),
    m=st.integers(1, 4),
    n_features=st.integers(1, 5),
    lam=st.sampled_from([0.0, 0.2, 1.0, 30.0]),
    mean=st.sampled_from([0.2, 1.0, 5.0]),
)
def test_no_step_raises_the_loss(seed, k, m, n_features, lam, mean):
    target, source = counts(seed, mean=mean)
    found = self_taught_clusters(
        target,
        source,
        n_clusters=k,
        n_source_clusters=m,
        n_feature_clusters=n_features,
        lam=lam,
        n_init=2,
        random_state=seed,
    )
    assert (np.diff(found.losses) <= 1e-9).all()
    assert len(found.losses) % 3 == 1
    assert found.losses[-1] >= -1e-9
    for labels, number in ((found.labels, k), (found.source_labels, m)):
        assert set(labels.tolist()) <= set(range(number))


@pytest.mark.parametrize("lam", [0.03, 30.0])
def test_no_step_raises_the_loss_where_the_domains_ask_for_other_features_together(lam):
    for seed in range(20):
        target, source = counts(seed, n=20, m=20, d=12, mean=1.0)
        found = self_taught_clusters(
            target, source, n_feature_clusters=3, lam=lam, n_init=1, random_state=seed
        )
        assert (np.diff(found.losses) <= 1e-9).all()


@given(seed=st.integers(0, 2**16), lam=st.sampled_from([0.0, 0.5, 2.0]))
def test_the_loss_is_the_divergence_from_what_the_clusters_keep(seed, lam):
    target, source = (rows / rows.sum() for rows in counts(seed, mean=2.0))
    rng = np.random.default_rng(seed)
    labels = [rng.integers(3, size=n) for n in (9, 7, 6)]
    parts = [
        rel_entr(law, approximation(law, own, labels[2])).sum()
        for law, own in zip((target, source), labels, strict=False)
    ]
    loss = information_loss((target, source), labels, (3, 3, 3), lam)
    assert loss == pytest.approx(parts[0] + lam * parts[1], abs=1e-12)


def test_words_that_go_together_in_the_source_join_rows_that_share_none():
    """By hand: of log 4 nats four rows and words tell, pairs keep log 2; the source loses none."""
    found = self_taught_clusters(APART, PAIRS, random_state=0)
    assert_array_equal(found.labels[[0, 2]], found.labels[[1, 3]])
    assert_array_equal(found.feature_labels[[0, 2]], found.feature_labels[[1, 3]])
    assert found.labels[0] != found.labels[2]
    assert found.source_labels[0] != found.source_labels[1]
    assert found.losses[-1] == pytest.approx(np.log(2), abs=1e-12)
    other = self_taught_clusters(APART, [[5, 0, 5, 0], [0, 4, 0, 4]], random_state=0)
    assert_array_equal(other.labels[[0, 1]], other.labels[[2, 3]])
    assert other.labels[0] != other.labels[1]


def test_mutual_information_by_hand():
    assert mutual_information(np.eye(4) / 4) == pytest.approx(np.log(4))
    assert mutual_information(np.full((3, 5), 1 / 15)) == pytest.approx(0, abs=1e-15)
    assert mutual_information(np.zeros((0, 4))) == 0


@pytest.mark.parametrize("seed", range(3))
def test_enough_starts_find_the_least_loss_of_all_clusterings(seed):
    target, source = counts(seed, n=4, m=3, d=4, mean=3.0)
    laws = target / target.sum(), source / source.sum()
    found = self_taught_clusters(target, source, lam=0.7, n_init=60, random_state=0)
    each = (product(range(2), repeat=n) for n in (4, 3, 4))
    every = [[np.array(own) for own in labels] for labels in product(*map(list, each))]
    least = min(information_loss(laws, labels, (2, 2, 2), 0.7) for labels in every)
    assert found.losses[-1] == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_source_that_counts_nothing_leaves_plain_co_clustering(seed):
    target, source = counts(seed, n=20, mean=2.0)
    plain = self_taught_clusters(target, n_feature_clusters=3, random_state=seed)
    nothing = self_taught_clusters(target, source, n_feature_clusters=3, lam=0, random_state=seed)
    assert_array_equal(plain.labels, nothing.labels)
    assert_array_equal(plain.feature_labels, nothing.feature_labels)
    assert_allclose(plain.losses[-1], nothing.losses[-1], atol=1e-12)
    helped = self_taught_clusters(
        target,
        np.kron(np.eye(3), [[1, 1]]),
        n_source_clusters=3,
        n_feature_clusters=3,
        lam=9,
        random_state=seed,
    )
    assert adjusted_rand_score(helped.feature_labels, [0, 0, 1, 1, 2, 2]) == 1


def test_one_cluster_of_each_loses_all_and_as_many_as_there_are_nothing():
    target, source = counts(1, mean=2.0)
    one = {"n_clusters": 1, "n_source_clusters": 1, "n_feature_clusters": 1}
    laws = [rows / rows.sum() for rows in (target, source)]
    told = mutual_information(laws[0]) + 0.3 * mutual_information(laws[1])
    assert self_taught_clusters(target, source, lam=0.3, **one).losses[-1] == pytest.approx(told)
    every = {"n_clusters": 9, "n_source_clusters": 7, "n_feature_clusters": 6}
    found = self_taught_clusters(target, source, **every, random_state=0)
    assert found.losses[-1] == pytest.approx(0, abs=1e-12)
    assert sorted(found.labels) == list(range(9))
    alike = self_taught_clusters(np.ones((4, 3)), n_clusters=4, random_state=0)
    assert sorted(alike.labels) == list(range(4))


def test_rows_and_features_without_counts_disturb_nothing():
    found = self_taught_clusters([*APART, [0, 0, 0, 0]], PAIRS, random_state=0)
    assert found.losses[-1] == pytest.approx(np.log(2), abs=1e-12)
    nothing = self_taught_clusters(np.zeros((4, 3)), np.zeros((2, 3)), random_state=0)
    assert_array_equal(nothing.losses, 0)


def problem(seed):
    """Source and target in any order, of two topics a domain, and the topics."""
    rng = np.random.default_rng(seed)
    topics, d = rng.integers(2, size=60), rng.permutation(np.repeat([1, -2], 30))
    rates = np.kron(np.eye(2), np.ones(8))[topics] + 0.1
    return rng.poisson(rates * np.where(d > 0, 3.0, 0.6)[:, None]).astype(float), topics, d


def test_the_class_is_the_function_on_rows_of_two_domains():
    X, topics, d = problem(0)
    model = SelfTaughtClustering(n_feature_clusters=4, lam=0.5, random_state=0)
    labels = model.fit_predict(X, sample_domain=d)
    found = self_taught_clusters(X[d < 0], X[d > 0], n_feature_clusters=4, lam=0.5, random_state=0)
    assert_array_equal(labels[d < 0], found.labels)
    assert_array_equal(labels[d > 0], 2 + found.source_labels)
    assert_array_equal(model.feature_labels_, found.feature_labels)
    assert model.n_iter_ == (len(model.losses_) - 1) / 3
    assert_allclose(model.cluster_features_[:2].sum(), 1)
    assert_allclose(model.cluster_features_[2:].sum(), 1)
    assert adjusted_rand_score(topics[d < 0], labels[d < 0]) > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_fitted_rows_are_predicted_where_they_are(seed):
    X, _, d = problem(seed)
    X[:, 0] += 1
    model = SelfTaughtClustering(3, n_feature_clusters=5, random_state=0).fit(X, sample_domain=d)
    assert_array_equal(model.predict(X, sample_domain=d), model.labels_)
    assert (model.predict(X) < 3).all()


def test_a_row_of_features_that_no_one_cluster_has_together_goes_where_most_of_it_is():
    model = SelfTaughtClustering(n_feature_clusters=2, random_state=0).fit(
        APART + PAIRS, sample_domain=[-1, -1, -1, -1, 1, 1]
    )
    new = model.predict([[3, 2, 1, 0], [1, 0, 2, 2]])
    assert_array_equal(new, model.labels_[[0, 2]])


def test_the_order_of_the_rows_and_the_units_of_a_domain_have_no_say():
    X, _, d = problem(1)
    model = SelfTaughtClustering(n_feature_clusters=4, random_state=0)
    labels = model.fit_predict(X, sample_domain=d)
    order = np.random.default_rng(0).permutation(len(X))
    assert_array_equal(model.fit_predict(X[order], sample_domain=d[order]), labels[order])
    scaled = X * np.where(d > 0, 8, 1)[:, None]
    assert_array_equal(model.fit_predict(scaled, sample_domain=d), labels)
    swapped = model.fit_predict(X, sample_domain=-d)
    assert (swapped[d < 0] >= 2).all()


def test_without_domains_all_rows_are_clustered():
    X, topics, _ = problem(2)
    model = SelfTaughtClustering(n_feature_clusters=4, random_state=0).fit(X)
    assert adjusted_rand_score(topics, model.labels_) > 0.8
    assert len(model.cluster_features_) == 2
    with pytest.raises(ValueError, match="fitted without source rows"):
        model.predict(X, sample_domain=1)


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        (lambda X: X - 1, {}, "Negative values in data passed to"),
        (lambda X: X * np.nan, {}, "Input X contains NaN"),
        (lambda X: X, {"n_clusters": 31}, "n_clusters=31 but there are only n_samples=30"),
        (lambda X: X, {"n_source_clusters": 31}, "n_source_clusters=31 but there are only"),
        (lambda X: X, {"n_feature_clusters": 17}, "n_feature_clusters=17 but there are only"),
        (lambda X: X, {"lam": -1}, "'lam' parameter"),
    ],
)
def test_what_cannot_be_clustered_is_refused(change, parameters, message):
    X, _, d = problem(0)
    with pytest.raises(ValueError, match=message):
        SelfTaughtClustering(**parameters).fit(change(X), sample_domain=d)


def test_target_rows_are_needed_and_new_rows_are_not_negative():
    X, _, d = problem(0)
    with pytest.raises(ValueError, match="got no target row: all 60 entries"):
        SelfTaughtClustering().fit(X, sample_domain=abs(d))
    model = SelfTaughtClustering(random_state=0).fit(X, sample_domain=d)
    with pytest.raises(ValueError, match="Negative values in data passed to"):
        model.predict(-X)
    with pytest.raises(ValueError, match="Negative values"):
        self_taught_clusters([[1.0, -1.0], [1.0, 1.0]])
