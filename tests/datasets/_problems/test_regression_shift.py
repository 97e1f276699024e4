"""What shifted regressions promise: which of p(x) and p(y | x) is another, and by what map."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import multivariate_normal

from skdomain.datasets import make_regression_shift

KINDS = ["covariate", "affine", "concept"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def rule(x):
    return x + x**2 / 2


def sides(kind, **parameters):
    p = make_regression_shift(60, 50, kind=kind, n_features=3, random_state=0, **parameters)
    target = p.sample_domain < 0
    return p, p.X[~target], p.X[target], p.y_mean[~target], p.y_mean[target]


@every_kind
def test_the_source_has_the_rule_and_the_noise_is_what_is_left(kind):
    p, Xs, _, source, _ = sides(kind)
    assert_allclose(source, rule(Xs[:, 0]))
    assert abs((p.y - p.y_mean).std() - 0.1) < 0.03
    clean = sides(kind, noise=0.0)[0]
    assert_array_equal(clean.y, clean.y_mean)


def test_covariate_shift_keeps_the_rule():
    _, _, Xt, _, target = sides("covariate")
    assert_allclose(target, rule(Xt[:, 0]))


def test_the_affine_map_undone_gives_the_rule_back():
    p, _, Xt, _, target = sides("affine")
    Z = np.linalg.solve(p.linear, (Xt - p.offset).T).T
    assert_allclose(target, rule(Z[:, 0]))
    assert_allclose(p.linear, p.linear.T)
    values = np.linalg.eigvalsh(p.linear)
    assert ((values >= np.exp(-1)) & (values <= np.exp(1))).all()


def test_concept_shift_keeps_the_rows_and_adds_to_the_slope():
    p, _, Xt, _, target = sides("concept", shift=-2.0)
    assert_allclose(target, rule(Xt[:, 0]) - 2 * Xt[:, 0])
    assert_array_equal(p.density_ratio, 1)


@every_kind
def test_the_ratio_is_that_of_the_densities(kind):
    p, *_ = sides(kind, shift=0.7)
    target = multivariate_normal(p.offset, p.linear @ p.linear)
    source = multivariate_normal(np.zeros(3))
    assert_allclose(p.log_density_ratio, target.logpdf(p.X) - source.logpdf(p.X), atol=1e-9)
    assert_allclose(p.density_ratio, np.exp(p.log_density_ratio))


@every_kind
def test_no_shift_changes_nothing(kind):
    p, _, Xt, _, target = sides(kind, shift=0.0)
    assert_allclose(target, rule(Xt[:, 0]))
    assert_allclose(p.log_density_ratio, 0, atol=1e-12)
