"""The balance factor: the weight of the class-wise terms, estimated from the rows."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from skdomain.metrics import BalanceFactors, balance_factor, proxy_a_distance
from skdomain.metrics._discriminant import discriminant_distance


@pytest.mark.parametrize("unit", [2.0**-14, 2.0**10])
def test_the_estimated_mu_does_not_depend_on_the_units_of_a_feature(unit, make_domains):
    X, y, d = make_domains(n_source=40, n_target=40)
    units = np.array([unit, 1, 1 / unit, 1])
    expected = balance_factor(X, y, d > 0, 2)
    assert 0 < expected < 1
    assert balance_factor(X * units, y, d > 0, 2) == expected


def test_mu_is_estimated_from_distances_of_domains_and_of_classes_across_them(make_domains):
    """mean_c d_c / (d + mean_c d_c), here of one class that moves and one that stays."""
    X, y, d = make_domains(n_source=40, n_target=40, shift=0)
    X[(d < 0) & (y == 1), -1] += 1.5
    source = d > 0
    moved, stays, domains = (
        proxy_a_distance(X[source & rows], X[~source & rows]) for rows in (y == 1, y == 0, y >= 0)
    )
    expected = (moved + stays) / 2 / (domains + (moved + stays) / 2)
    assert 2 > moved > stays
    assert balance_factor(X, y, source, 2) == pytest.approx(expected)


def test_mu_is_nothing_without_labels_of_the_target(make_domains):
    X, y, d = make_domains()
    labels = np.where(d > 0, y, -1)
    assert balance_factor(X, labels, d > 0, 2) == 0
    assert balance_factor(X, y, np.ones(len(X), dtype=bool), 2) == 0


@pytest.mark.parametrize("n_features", [2, 5, 60])
def test_discriminant_is_the_balanced_ridge_solution_for_signs_of_the_domains(n_features):
    """More features than rows, too."""
    rng = np.random.default_rng(n_features)
    for shift in (0, 0.3, 1):
        Xs, Xt = rng.normal(size=(30, n_features)), rng.normal(shift, 2, size=(12, n_features))
        signs = np.repeat([1, -1], [30, 12])
        weights = np.repeat([42 / 60, 42 / 24], [30, 12])
        Z = StandardScaler().fit_transform(np.concatenate([Xs, Xt]))
        scores = Ridge(alpha=1).fit(Z, signs, sample_weight=weights).predict(Z)
        errors = [np.mean(np.sign(scores[rows]) != signs[rows]) for rows in (signs > 0, signs < 0)]
        expected = max(0, 2 * (1 - sum(errors)))
        assert discriminant_distance(Xs, Xt) == pytest.approx(expected, abs=1e-12)


def test_discriminant_distance_of_equal_and_of_parted_domains():
    Xs = np.random.default_rng(0).normal(size=(20, 3))
    assert discriminant_distance(Xs, Xs[::-1]) == 0
    assert discriminant_distance(Xs, np.tile(Xs, (3, 1))) == 0
    assert discriminant_distance(Xs, Xs + 10) == 2
    assert discriminant_distance(Xs, Xs * [1e3, 1, 1e-3]) == discriminant_distance(
        Xs * [1, 1e3, 1], Xs * [1e3, 1e3, 1e-3]
    )


def test_rows_that_rounding_alone_parts_are_on_neither_side():
    Xs, Xt = np.array([[0.0], [0.0], [0.3]]), np.full((3, 1), 0.1)
    assert Xs.mean() != Xt.mean()
    assert discriminant_distance(Xs, Xt) == discriminant_distance(Xt, Xs) == 0
    assert discriminant_distance(-Xs, -Xt) == discriminant_distance(-Xt, -Xs) == 0


def test_distances_of_rows_that_stay_are_found_once(make_domains):
    X, y, d = make_domains(30, 30, n_classes=3)
    source, asked = d > 0, []

    def counted(Xs, Xt):
        asked.append(len(Xt))
        return discriminant_distance(Xs, Xt)

    mu_of, moved = BalanceFactors(X, source, 3, counted), y.copy()
    moved[np.flatnonzero((d < 0) & (y == 0))[0]] = 1
    for labels in (y, moved, y):
        expected = balance_factor(X, labels, source, 3, discriminant_distance)
        assert 0 < expected < 1
        assert mu_of(labels) == expected
    assert len(asked) == 4 + 2
    assert BalanceFactors(X, np.ones(len(X), dtype=bool), 3)(y) == 0
