"""Mixup validation: the share of mixed target rows that keep the label of the heavier row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array, issparse
from sklearn.compose import ColumnTransformer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdomain.model_selection import MixupValidation, mixup_agreement

problems = given(
    n=st.integers(2, 30),
    n_classes=st.integers(1, 5),
    n_domains=st.integers(1, 3),
    mixing=st.sampled_from([0.51, 0.55, 0.9]),
    seed=st.integers(0, 2**16),
    decimals=st.integers(0, 2),
)


def draw(n, n_classes, n_domains=1, seed=0, decimals=2):
    """Rows, few decimals making equal ones, a rule that labels any row, and domains."""
    rng = np.random.default_rng(seed)
    X, centers = rng.normal(size=(n, 2)).round(decimals), rng.normal(size=(n_classes, 2))
    names = np.array(["d", "b", "a", "e", "c"])

    def predict(rows, sample_domain=None):
        return names[np.argmin(((rows[:, None] - centers) ** 2).sum(axis=2), axis=1)]

    return X, predict, -1 - rng.integers(n_domains, size=n)


def slow_agreement(X, predict, domains, mixing, kind, seed):
    """Pair by pair: in the random order, the next row of the domain, or of domain and label."""
    labels = predict(X)
    canonical = sorted(range(len(X)), key=lambda i: (domains[i], (X[i] + 0.0).tobytes()))
    order = list(np.random.RandomState(seed).permutation(canonical))
    kept = []
    for k, i in enumerate(order):
        for j in order[k + 1 :] + order[:k]:
            alike = labels[i] == labels[j]
            if domains[i] == domains[j] and (kind == "inter" or alike):
                if kind == "intra" or not alike:
                    kept.append(
                        predict((mixing * X[i] + (1 - mixing) * X[j])[None])[0] == labels[i]
                    )
                break
    return np.mean(kept) if kept else 0.0


@problems
def test_it_is_the_share_over_pairs_taken_one_by_one(
    n, n_classes, n_domains, mixing, seed, decimals
):
    X, predict, domains = draw(n, n_classes, n_domains, seed, decimals)
    shares = [slow_agreement(X, predict, domains, mixing, kind, 7) for kind in ("intra", "inter")]
    for probes, expected in zip(
        ("intra", "inter", "both"), [*shares, np.mean(shares)], strict=True
    ):
        found = mixup_agreement(
            predict, X, sample_domain=domains, mixing=mixing, probes=probes, random_state=7
        )
        assert found == pytest.approx(expected, rel=1e-12)
        assert 0 <= found <= 1


@problems
def test_the_order_of_rows_does_not_matter_for_a_seed(
    n, n_classes, n_domains, mixing, seed, decimals
):
    X, predict, domains = draw(n, n_classes, n_domains, seed, decimals)
    order = np.random.default_rng(seed).permutation(n)
    found = [
        mixup_agreement(predict, X[rows], sample_domain=domains[rows], mixing=mixing)
        for rows in (slice(None), order)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_the_sign_of_a_zero_does_not_matter():
    X, predict, _ = draw(20, 3, decimals=0)
    assert mixup_agreement(predict, X) == mixup_agreement(predict, np.where(X == 0, -X, X))


def test_renaming_the_classes_does_not_matter():
    X, predict, _ = draw(30, 4)
    names = dict(zip("abcde", [9, 1, 5, 7, 3], strict=True))
    renamed = mixup_agreement(lambda rows: [names[label] for label in predict(rows)], X)
    assert renamed == mixup_agreement(predict, X)


def test_a_problem_solved_by_hand():
    """0, 1 | 3, 4 with labels x > 1: each keeps its label between equals.

    Of mixtures 0.55 x + 0.45 x' with the other side, 0 and 1 go over to it (from 1.35 on), 3 and 4
    stay (at 1.65 at least).
    """
    X = np.array([[0.0], [1.0], [3.0], [4.0]])
    assert mixup_agreement(lambda rows: rows[:, 0] > 1, X, probes="intra") == 1
    for seed in range(5):
        options = {"random_state": seed}
        assert mixup_agreement(lambda r: r[:, 0] > 1, X, probes="inter", **options) == 0.5
        assert mixup_agreement(lambda r: r[:, 0] > 1, X, **options) == 0.75


def test_convex_classes_keep_every_mixture_of_equals():
    X, predict, _ = draw(40, 3)
    assert mixup_agreement(predict, X, probes="intra") == 1


def test_a_mirror_boundary_halfway_keeps_every_mixture_of_opposites():
    """Two points and the plane halfway between them: the nearer one is the heavier one."""
    X = np.repeat([[-1.0, 2.0], [1.0, -2.0]], 5, axis=0)
    assert mixup_agreement(lambda rows: rows[:, 0] > 0, X, probes="inter", mixing=0.51) == 1
    assert mixup_agreement(lambda rows: rows[:, 0] > 0.5, X, probes="inter", mixing=0.51) == 0.5


def test_where_all_rows_are_predicted_alike_the_missing_kind_counts_as_zero():
    X, predict, _ = draw(9, 1)
    shares = {probes: mixup_agreement(predict, X, probes=probes) for probes in ("intra", "inter")}
    assert shares == {"intra": 1, "inter": 0}
    assert mixup_agreement(predict, X) == 0.5


def test_two_rows_of_different_labels_have_no_pair_of_equals():
    X = np.array([[-1.0], [1.0]])
    assert mixup_agreement(lambda rows: rows[:, 0] > 0, X, probes="intra") == 0
    assert mixup_agreement(lambda rows: rows[:, 0] > 0, X, probes="inter") == 1


def test_only_rows_of_one_domain_are_mixed_and_the_mixture_belongs_to_it():
    X, domains = np.array([[0.0], [1.0], [100.0], [101.0]]), np.array([-1, -1, -2, -2])
    seen = []

    def predict(rows, sample_domain):
        seen.append(rows[:, 0] > 50)
        assert_array_equal(sample_domain == -2, seen[-1])
        assert rows.max() <= 1 or not ((rows > 1) & (rows < 100)).any()
        return rows[:, 0].astype(int) % 2

    mixup_agreement(predict, X, sample_domain=domains)
    assert [len(rows) for rows in seen] == [4, 4]  # no pair of equal labels in a domain


def test_the_standard_error_is_that_of_a_mean_over_the_heavier_rows():
    """Of the mean of two shares, each row adds to it by all of its mixtures."""
    X = np.repeat([[0.0], [1.0], [3.0], [4.0]], [5, 6, 7, 8], axis=0)
    model = fitted(np.array([[0.0], [2.4]]))
    for seed in range(3):
        share, error = MixupValidation(probes="inter", random_state=seed).estimate(model, X)
        heavy = []
        mixup_agreement(
            lambda rows, seen=heavy: seen.append(rows) or model.predict(rows),
            X,
            probes="inter",
            random_state=seed,
        )
        m, n = len(heavy[1]), len(X)
        assert 0 < share < 1
        assert error == pytest.approx(np.sqrt(share * (1 - share) / m * n / (n - 1)), rel=1e-12)
        # All mixtures of equals are kept, so that the other share alone varies.
        both = MixupValidation(random_state=seed).estimate(model, X)
        assert both == pytest.approx(((1 + share) / 2, error / 2), rel=1e-12)


def test_same_seed_same_result_and_the_seed_draws_the_pairs():
    X, predict, _ = draw(30, 4)
    values = [mixup_agreement(predict, X, random_state=seed) for seed in (0, 0, 1, 2, 3)]
    assert values[0] == values[1] == mixup_agreement(predict, X)
    assert len(set(values)) > 1
    from_state = mixup_agreement(predict, X, random_state=np.random.RandomState(0))
    assert from_state == values[0]


def fitted(X):
    """Labels rows as the nearest row of X is: whether its first entry is positive."""
    return KNeighborsClassifier(1).fit(X, X[:, 0] > 0)


def test_named_columns_reach_the_classifier(frames):
    X = draw(30, 3)[0]
    named = frames.frame(X, "ab", index=np.arange(30) % 7)

    def estimate(rows, column):
        chosen = ColumnTransformer([("chosen", "passthrough", [column])])
        model = make_pipeline(chosen, KNeighborsClassifier()).fit(rows, X[:, 1] > 0)
        return MixupValidation().estimate(model, rows)

    assert estimate(named, "b") == estimate(X, 1) != estimate(X, 0)


def test_whole_numbers_and_float32_are_mixed_as_numbers():
    X = np.arange(-6, 6).reshape(-1, 1) * 3
    whole = MixupValidation()(fitted(X), X)
    assert whole == MixupValidation()(fitted(X), X.astype(float))
    dtypes = []
    mixup_agreement(lambda rows: dtypes.append(rows.dtype) or rows[:, 0] > 0, X.astype(np.float32))
    assert set(dtypes) == {np.dtype(np.float32)}


GOOD = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (csr_array(np.where(GOOD > 2, np.inf, GOOD)), ValueError, "but X holds infinity; replace"),
        (csr_array(GOOD[:1]), ValueError, "at least 2 target rows, got 1; pass more"),
        (["a", "b"], ValueError, r"needs numeric ones, got dtype <U1 and 1 dimensions; enco"),
        (GOOD[0], ValueError, "got dtype float64 and 1 dimensions"),
        ([["a"], ["b"]], ValueError, "got dtype <U1 and 2 dimensions"),
        (np.array([["a", 1], ["b", 2]], dtype=object), ValueError, "but some entry is no number"),
        (np.where(GOOD > 2, np.inf, GOOD), ValueError, "but X holds infinity; replace"),
        (GOOD[:1], ValueError, "at least 2 target rows, got 1; pass more"),
    ],
)
def test_rows_that_cannot_be_mixed_are_named(X, error, message):
    with pytest.raises(error, match=f"mixup validation forms weighted means of rows.*{message}"):
        mixup_agreement(lambda rows: np.zeros(len(rows)), X)


@pytest.mark.parametrize(
    "options", [{"mixing": 0.5}, {"mixing": 1}, {"probes": "all"}, {"random_state": "seed"}]
)
def test_bad_parameters_are_named(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"The '{name}' parameter of mixup_agreement"):
        mixup_agreement(lambda rows: rows[:, 0] > 1, GOOD, **options)
    with pytest.raises(ValueError, match=f"The '{name}' parameter of MixupValidation"):
        MixupValidation(**options)(fitted(GOOD), GOOD)


def test_missing_values_may_be_mixed():
    X = np.array([[-2.0, np.nan], [-1.0, 0.0], [1.0, 0.0], [2.0, np.nan]])
    assert mixup_agreement(lambda rows: rows[:, 0] > 0, X, probes="intra") == 1


def test_predictions_that_are_not_one_a_row_are_an_error():
    X = [[-3.0], [-2.0], [2.0], [3.0]]
    with pytest.raises(ValueError, match="predict gave 1 labels for 4 rows; it has to give one"):
        mixup_agreement(lambda rows: rows[:1, 0] > 0, X)
    column = mixup_agreement(lambda rows: rows > 0, X)
    assert column == mixup_agreement(lambda rows: rows[:, 0] > 0, X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(seed=st.integers(0, 2**16))
def test_sparse_rows_are_paired_and_mixed_as_dense_ones(dtype, seed):
    """And stay sparse, whatever their order."""
    rng = np.random.default_rng(seed)
    X = (rng.integers(-2, 3, (20, 6)) * (rng.random((20, 6)) < 0.4)).astype(dtype)
    d, order = rng.choice([-1, -2], 20), rng.permutation(20)

    def predict(rows, sample_domain):
        assert rows.dtype == dtype
        return np.ravel(rows @ np.arange(-2.0, 4.0)) > 0

    seen = []
    expected = mixup_agreement(predict, X, sample_domain=d)
    for rows in (np.arange(20), order):
        found = mixup_agreement(
            lambda Z, sample_domain: seen.append(Z) or predict(Z, sample_domain),
            csr_array(X[rows]),
            sample_domain=d[rows],
        )
        assert found == expected
    assert all(map(issparse, seen))
