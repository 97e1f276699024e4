"""The balance factor: the weight of the class-wise terms, estimated from the rows."""

import numpy as np
import pytest

from skdomain.metrics import balance_factor, proxy_a_distance


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
