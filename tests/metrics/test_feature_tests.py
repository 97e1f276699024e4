"""What the tests of each feature promise: the laws that they are named after, and their level."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp

from skdomain.metrics import domain_report
from skdomain.metrics._feature_tests import ks_pvalues, share_pvalue

SIZES = [(1, 1), (2, 9), (6, 6), (12, 8), (30, 41)]


def contributions(frame, domain):
    return domain_report(frame, domain, measures=[]).contributions


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_pvalues_of_numbers_are_the_exact_ones(n, m):
    rng = np.random.default_rng(n)
    for shift in (0, 1, 3):
        exact = ks_2samp(rng.normal(size=n), rng.normal(shift, size=m), method="exact")
        steps = np.rint(np.array([exact.statistic * n * m]))
        assert_allclose(ks_pvalues(steps, n, m), exact.pvalue, rtol=1e-9)
        assert_allclose(ks_pvalues(steps, m, n), exact.pvalue, rtol=1e-9)


def test_the_law_of_many_rows_is_no_smaller_and_near_where_both_are_known():
    """Of twice 150 rows, for 1e-4 < p < 0.2; equal sizes have the longest steps."""
    k, n = np.arange(1, 150), 150
    exact = np.array(
        [
            2
            * sum((-1) ** (j - 1) * comb(2 * n, n - j * s) for j in range(1, n // s + 1))
            / comb(2 * n, n)
            for s in k.tolist()
        ]
    )
    found = ks_pvalues(k * n, n, n)
    seen = (exact > 1e-4) & (exact < 0.2)
    assert (found[seen] >= exact[seen]).all()
    assert (found[seen] <= 1.15 * exact[seen]).all()


@pytest.mark.parametrize("n_first", range(8))
def test_pvalues_of_two_values_count_the_ways_to_deal_the_rows(n_first):
    n, m = 4, 3
    dealt = [sum(i < n_first for i in source) for source in combinations(range(n + m), n)]
    away = np.abs(np.array([a * m - (n_first - a) * n for a in dealt]))
    for steps in np.unique(away):
        assert_allclose(share_pvalue(steps, n_first, n, m), np.mean(away >= steps))


def test_mixed_columns_have_the_tests_of_their_kinds():
    rng, domain = np.random.default_rng(0), np.repeat([1, -1], [40, 30])
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=70),
            "missing": np.where(rng.random(70) < 0.3, np.nan, rng.normal(size=70)),
            "kind": rng.choice(list("abc"), 70),
            "boolean": rng.random(70) < 0.5,
        }
    )
    found, target = contributions(frame, domain), domain < 0
    filled = frame["missing"].fillna(np.inf)
    counts = pd.crosstab(domain, frame["kind"]).to_numpy()
    first = np.count_nonzero(~frame["boolean"])
    steps = np.rint(found.ks_statistic[3] * 1200)
    expected = [
        ks_2samp(frame["number"][~target], frame["number"][target], method="exact").pvalue,
        ks_2samp(filled[~target], filled[target], method="exact").pvalue,
        chi2_contingency(counts, correction=False).pvalue,
        share_pvalue(steps, first, 40, 30),
    ]
    assert_allclose(found.pvalue, expected)
    assert_array_equal(found.adjusted_pvalue, false_discovery_control(found.pvalue))


def test_true_and_false_are_tested_like_two_strings():
    domain = np.repeat([1, -1], 20)
    flags = np.random.default_rng(0).random(40) < np.where(domain > 0, 0.2, 0.8)
    strings = np.where(flags, "yes", "no")
    found = contributions(pd.DataFrame({"flag": flags, "string": strings}), domain)
    assert found.pvalue[0] == found.pvalue[1] < 0.05


def test_increasing_maps_of_numbers_and_names_of_categories_change_no_pvalue():
    domain, rng = np.repeat([1, -1], 20), np.random.default_rng(0)
    x, kind = rng.normal(size=40), rng.choice([*"abc"], 40)
    one = contributions(pd.DataFrame({"x": x, "kind": kind}), domain)
    renamed = np.array([*"zxy"])[np.searchsorted([*"abc"], kind)]
    other = contributions(pd.DataFrame({"x": np.exp(x), "kind": renamed}), domain)
    assert_allclose(other.pvalue, one.pvalue)


@pytest.mark.parametrize("shape", [(8, 8), (15, 9), (130, 100)])
def test_the_level_is_kept_where_nothing_shifts(shape):
    """Of 2000 features p <= 0.05 in 5 % at most, four standard errors beyond that allowed."""
    n, d = sum(shape), 2000
    rng, domain = np.random.default_rng(0), np.repeat([1, -1], shape)
    X = rng.normal(size=(n, d))
    X[:, ::2] = rng.integers(0, 2, (n, d // 2))
    found = contributions(X, domain)
    pvalues = found.pvalue
    for kind in (pvalues[::2], pvalues[1::2]):
        assert np.mean(kind <= 0.05) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 1000)
    assert np.count_nonzero(found.adjusted_pvalue <= 0.01) <= 1


def test_the_report_prints_adjusted_pvalues():
    report = domain_report([[0.0], [1.0], [2.0], [3.0]], [1, 1, -1, -1], measures=[])
    assert "adjusted p-value" in repr(report)
    assert f"{report.contributions.adjusted_pvalue[0]:.3g}" == "0.333"
    assert "0.333" in repr(report)
    assert "<td>0.333</td>" in report._repr_html_()
