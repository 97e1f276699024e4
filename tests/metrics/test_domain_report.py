import copy
import pickle
import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.stats import binom, fisher_exact, ks_2samp

from skdomain.metrics import (
    DomainReport,
    cmd,
    coral_distance,
    domain_report,
    linear_mmd,
    mmd,
    proxy_a_distance,
)
from skdomain.metrics._domain_report import _pvalue
from skdomain.metrics._proxy_a_distance import classifier_pvalue

NAMES = ("mmd", "linear_mmd", "coral_distance", "cmd", "proxy_a_distance")
STATISTICS = {
    "mmd": lambda Xs, Xt: mmd(Xs, Xt, gamma="median"),
    "linear_mmd": linear_mmd,
    "coral_distance": coral_distance,
    "cmd": cmd,
    "proxy_a_distance": proxy_a_distance,
}


def shifted_rows(n_source=30, n_target=24, n_features=3, *, shift=0.0, scale=1.0, seed=0):
    """X and sample_domain in mixed order; the last feature of the target is moved, stretched."""
    rng = np.random.default_rng(seed)
    sample_domain = rng.permutation(np.repeat([1, -2], [n_source, n_target]))
    X = rng.normal(size=(len(sample_domain), n_features))
    X[sample_domain < 0, -1] = shift + scale * X[sample_domain < 0, -1]
    return X, sample_domain


def same_reports(one, other):
    assert one.measures == other.measures
    for name, values in one.contributions.items():
        assert_array_equal(values, other.contributions[name])
    assert_array_equal(one.ranking, other.ranking)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_features", [3, 80])
def test_statistics_are_those_of_the_functions(name, n_features):
    X, domain = shifted_rows(n_features=n_features, shift=1)
    report = domain_report(X, domain, measures=[name], n_permutations=5)
    expected = STATISTICS[name](X[domain > 0], X[domain < 0])
    assert report.measures[name].statistic == pytest.approx(expected, rel=1e-9)
    assert {type(value) for value in report.measures[name]} == {float}


@pytest.mark.parametrize("name", NAMES[:4])
@pytest.mark.parametrize("n_features", [3, 80])
def test_pvalues_are_those_of_the_slow_loop_over_permutations(name, n_features):
    """A function is called for each permutation; the named measures take all at once."""
    X, domain = shifted_rows(n_features=n_features, shift=0.3, scale=1.2, seed=3)
    fast, slow = (
        domain_report(X, domain, measures=[measure], n_permutations=60, random_state=1)
        for measure in (name, STATISTICS[name])
    )
    (fast,), (slow,) = fast.measures.values(), slow.measures.values()
    assert fast.pvalue == pytest.approx(slow.pvalue)
    assert fast.statistic == pytest.approx(slow.statistic)
    assert 1 / 61 < fast.pvalue < 1


def classifier_pvalue_of_report(X, domain, seed=0):
    """What a report says of the classifier, without the folds that its statistic takes."""
    order = np.lexsort([domain, *X.T[::-1]])
    X, domain = X[order], domain[order]
    seed = np.random.RandomState(seed).randint(np.iinfo(np.int32).max)
    return classifier_pvalue(X[domain > 0], X[domain < 0], np.random.RandomState(seed))


@pytest.mark.parametrize("seed", range(3))
def test_pvalue_of_the_classifier_is_that_of_the_function_on_sorted_rows(seed):
    draw = shifted_rows(14, 11, 2, shift=1, seed=seed)
    report = domain_report(*draw, measures=["proxy_a_distance"], random_state=seed)
    assert report.measures.proxy_a_distance.pvalue == classifier_pvalue_of_report(*draw, seed)


def test_pvalues_are_uniform_without_shift():
    """Of 150 draws, the number with p <= level is binomial(150, level); Fisher's has fewer."""
    draws = [shifted_rows(14, 11, 2, seed=seed) for seed in range(150)]
    options = {"measures": NAMES[:4], "n_permutations": 39}
    reports = [domain_report(*draw, **options, random_state=k) for k, draw in enumerate(draws)]
    found = {name: [report.measures[name].pvalue for report in reports] for name in NAMES[:4]}
    found["proxy_a_distance"] = [classifier_pvalue_of_report(*draw) for draw in draws]
    for name, pvalues in found.items():
        pvalues = np.array(pvalues)
        for level in (0.1, 0.5, 0.9):
            low, high = binom.interval(0.9995, 150, level)
            n_below = np.count_nonzero(pvalues <= level + 1e-9)
            assert n_below <= high
            assert n_below >= low or name == "proxy_a_distance"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("swap", [1, -1])
def test_pvalues_are_small_under_shift_in_either_direction(name, swap):
    X, domain = shifted_rows(shift=3, scale=3)
    report = domain_report(X, swap * domain, measures=[name], n_permutations=99, random_state=0)
    assert report.measures[name].pvalue < 0.011


def test_a_shift_of_the_mean_is_not_one_of_the_covariance():
    X, domain = shifted_rows(200, 200, shift=2)
    measures = domain_report(X, domain, n_permutations=99, random_state=0).measures
    assert measures.linear_mmd.pvalue == 0.01
    assert measures.coral_distance.pvalue > 0.05


def test_pvalues_are_one_when_all_rows_are_equal():
    report = domain_report(np.ones((9, 2)), [1] * 5 + [-1] * 4, n_permutations=20)
    assert {result.pvalue for result in report.measures.values()} == {1}
    assert_array_equal(
        list(report.contributions.values()), np.repeat([[0] * 2, [1] * 2], [3, 2], 0)
    )


@given(seed=st.integers(0, 99), n_source=st.integers(2, 15), n_target=st.integers(2, 15))
def test_pvalue_of_the_classifier_is_that_of_fisher(seed, n_source, n_target):
    """A threshold on one feature that separates the held-out rows as the table says."""
    rng = np.random.default_rng(seed)
    Xs, Xt = rng.normal(size=(n_source, 1)), 1 + rng.normal(size=(n_target, 1))
    pvalue = classifier_pvalue(Xs, Xt, np.random.RandomState(seed))
    n_s, n_t = n_source - n_source // 2, n_target - n_target // 2
    tables = [[[t, n_t - t], [s, n_s - s]] for t in range(n_t + 1) for s in range(n_s + 1)]
    possible = [fisher_exact(table, alternative="greater").pvalue for table in tables]
    assert np.isclose(possible, pvalue, rtol=1e-6).any()


def test_pvalue_of_a_perfect_classifier_counts_the_ways_to_be_perfect():
    """Of the 6 ways to choose the 2 target rows among 4 held-out ones, 1 is perfect."""
    Xs, Xt = np.arange(4.0).reshape(4, 1), 100 + np.arange(4.0).reshape(4, 1)
    assert classifier_pvalue(Xs, Xt, np.random.RandomState(0)) == pytest.approx(1 / 6)
    assert classifier_pvalue(Xt, Xs, np.random.RandomState(0)) == pytest.approx(1 / 6)


@given(unit=st.sampled_from([1e-9, 1e-4, 1e-3, 10.0, 1e5]), seed=st.integers(0, 99))
def test_pvalue_of_the_classifier_does_not_depend_on_units(unit, seed):
    X, domain = shifted_rows(40, 40, shift=1, seed=seed)
    options = {"measures": ["proxy_a_distance"], "random_state": seed}
    one, other = (domain_report(rows, domain, **options) for rows in (X, X * unit))
    assert one.measures.proxy_a_distance == pytest.approx(other.measures.proxy_a_distance)


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**-20, 2.0**200])
def test_no_pvalue_depends_on_the_unit_of_all_features(unit):
    """Squares of the smallest would vanish, and all statistics tie at zero."""
    X, domain = shifted_rows(shift=0.7, scale=1.2)
    names = [name for name in NAMES if unit < 1 or name != "coral_distance"]
    options = {"measures": names, "n_permutations": 50, "random_state": 0}
    one, other = (domain_report(rows, domain, **options) for rows in (X, unit * X))
    for name in names:
        assert other.measures[name].pvalue == one.measures[name].pvalue < 0.6
    for name, values in one.contributions.items():
        assert_array_equal(values, other.contributions[name])


def test_contributions_do_not_overflow_where_variances_would():
    X, domain = shifted_rows(shift=1)
    report, scaled = (domain_report(rows, domain, measures=[]) for rows in (X, X * 2.0**1020))
    for name, values in report.contributions.items():
        assert_array_equal(values, scaled.contributions[name])


@pytest.mark.parametrize(("measure", "unit"), [("coral_distance", 1e90), ("linear_mmd", 1e160)])
def test_a_statistic_that_overflows_is_an_error_and_not_significant(measure, unit):
    X, domain = shifted_rows()
    with pytest.raises(ValueError, match=f"{measure} is inf, which is no finite number: it has"):
        domain_report(X * unit, domain, measures=[measure])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_measure_that_is_not_finite_is_named(value):
    def broken(Xs, Xt):
        return value

    with pytest.raises(ValueError, match=f"broken is {value}, which is no finite number"):
        domain_report(*shifted_rows(), measures=[broken], n_permutations=3)


def same_measures(X, encoded, domain):
    """Two reports of equal measures."""
    options = {"n_permutations": 19, "random_state": 0}
    one, other = (domain_report(rows, domain, **options) for rows in (X, encoded))
    for name in NAMES:
        assert one.measures[name] == pytest.approx(other.measures[name], rel=1e-9)


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_missing_number_is_the_mean_and_a_flag_in_standard_deviations(as_frame):
    X, domain = shifted_rows(shift=1)
    X[::4, 1] = np.nan
    missing = np.isnan(X[:, 1])
    mean, unit = X[~missing, 1].mean(), X[~missing, 1].std()
    filled = np.where(missing, mean, X[:, 1])
    encoded = np.column_stack([X[:, 0], filled, unit * missing, X[:, 2]])
    same_measures(pd.DataFrame(X) if as_frame else X, encoded, domain)


@pytest.mark.parametrize("dtype", ["category", object, "string"])
def test_a_category_is_a_column_of_0_and_1(dtype):
    X, domain = shifted_rows(shift=1)
    kinds = np.array(["b", "a", None, "c"], dtype=object)[np.arange(len(X)) % 4]
    frame = pd.DataFrame({"x": X[:, 0], "kind": pd.Series(kinds, dtype=dtype), "z": X[:, 2]})
    flags = kinds[:, None] == np.array(["a", "b", "c", None], dtype=object)
    same_measures(frame, np.column_stack([X[:, 0], flags, X[:, 2]]), domain)


def test_missing_values_and_categories_contribute_by_their_shares():
    """Half of the target misses its number; "b" has 1/4 of the source and 3/4 of the target."""
    domain = np.repeat([1, -1], 4)
    numbers = [1.0, 2, 3, 4, 1, 4, np.nan, np.nan]
    frame = pd.DataFrame({"number": numbers, "kind": list("aaabbbba")})
    contributions = domain_report(frame, domain, measures=[]).contributions
    assert_allclose(contributions.ks_statistic, [1 / 2, 1 / 2])
    assert_allclose(contributions.mean_difference, [0, np.nan])
    source, target = np.var([1, 2, 3, 4], ddof=1), np.var([1, 4], ddof=1)
    assert_allclose(contributions.log_variance_ratio, [np.log(target / source), np.nan])


def test_pvalues_are_uniform_without_shift_where_values_are_missing():
    """The encoding knows of no domain, so that rows remain exchangeable."""
    pvalues = []
    for seed in range(100):
        X, domain = shifted_rows(14, 11, 2, seed=seed)
        rng = np.random.default_rng(seed)
        X[rng.random(X.shape) < 0.3] = np.nan
        frame = pd.DataFrame(X, columns=["x", "y"]).assign(kind=rng.choice(list("abc"), len(X)))
        options = {"measures": ["mmd"], "n_permutations": 99, "random_state": seed}
        pvalues.append(domain_report(frame, domain, **options).measures.mmd.pvalue)
    for level in (0.1, 0.5, 0.9):
        low, high = binom.interval(0.9995, 100, level)
        assert low <= np.count_nonzero(np.array(pvalues) <= level + 1e-9) <= high


def test_a_shift_of_what_is_missing_is_seen():
    X, domain = shifted_rows(60, 60)
    X[(domain < 0) & (X[:, 0] > -1), 0] = np.nan
    report = domain_report(X, domain, n_permutations=99, random_state=0)
    for name in ("mmd", "linear_mmd", "cmd", "proxy_a_distance"):
        assert report.measures[name].pvalue < 0.011
    assert report.ranking[0] == 0


def test_a_column_that_is_missing_everywhere_says_nothing():
    X, domain = shifted_rows(shift=1)
    X[:, 1] = np.nan
    same_measures(X, np.column_stack([X[:, 0], 0 * X[:, 0], 0 * X[:, 0], X[:, 2]]), domain)
    assert domain_report(X, domain, measures=[]).contributions.ks_statistic[1] == 0


def test_order_of_rows_does_not_matter_where_values_are_missing():
    X, domain = shifted_rows(shift=0.5)
    X[::3, 0] = np.nan
    frame = pd.DataFrame(X, columns=["x", "y", "z"]).assign(kind=np.where(X[:, 1] > 0, "a", "b"))
    order = np.random.default_rng(1).permutation(len(X))
    options = {"n_permutations": 19, "random_state": 0}
    one, other = (
        domain_report(frame.iloc[rows], domain[rows], **options) for rows in (slice(None), order)
    )
    same_reports(one, other)


def test_polars_frames_are_read_like_pandas_ones():
    pl = pytest.importorskip("polars")
    X, domain = shifted_rows(shift=1)
    kinds = np.array(["b", "a", None], dtype=object)[np.arange(len(X)) % 3]
    numbers = [None if i % 5 == 0 else int(10 * x) for i, x in enumerate(X[:, 2])]
    columns = {"x": X[:, 0], "kind": kinds, "n": numbers}
    polars = pl.DataFrame({name: list(values) for name, values in columns.items()})
    options = {"n_permutations": 19, "random_state": 0}
    reports = [domain_report(frame, domain, **options) for frame in (pd.DataFrame(columns), polars)]
    same_reports(*reports)
    assert list(reports[1].feature_names) == ["x", "kind", "n"]


def test_contributions_are_their_definitions():
    X, domain = shifted_rows(shift=1, scale=2)
    Xs, Xt = X[domain > 0], X[domain < 0]
    contributions = domain_report(X, domain, measures=[]).contributions
    vs, vt = Xs.var(axis=0, ddof=1), Xt.var(axis=0, ddof=1)
    difference = Xt.mean(axis=0) - Xs.mean(axis=0)
    assert_allclose(contributions.mean_difference, difference / np.sqrt((vs + vt) / 2))
    assert_allclose(contributions.log_variance_ratio, np.log(vt / vs))
    ks = [ks_2samp(s, t).statistic for s, t in zip(Xs.T, Xt.T, strict=True)]
    assert_allclose(contributions.ks_statistic, ks)


def test_swapped_domains_turn_the_signs():
    X, domain = shifted_rows(shift=1, scale=2)
    one, other = (domain_report(X, d, measures=[]).contributions for d in (domain, -domain))
    assert_allclose(one.mean_difference, -other.mean_difference)
    assert_allclose(one.log_variance_ratio, -other.log_variance_ratio)
    assert_allclose(one.ks_statistic, other.ks_statistic)


@pytest.mark.parametrize("change", [{"shift": 1.5}, {"scale": 5}, {"shift": 99}])
def test_the_shifted_feature_comes_first(change):
    X, domain = shifted_rows(100, 80, 6, **change)
    report = domain_report(X, domain, measures=[])
    assert report.ranking[0] == 5
    assert_array_equal(np.sort(report.ranking), range(6))


def test_features_that_are_fully_apart_rank_by_their_mean_difference():
    X, domain = shifted_rows(n_features=2)
    X[domain < 0] += [100, 200]
    report = domain_report(X, domain, measures=[])
    assert_array_equal(report.contributions.ks_statistic, 1)
    assert_array_equal(report.ranking, [1, 0])


def test_ties_are_ranked_by_the_size_of_the_mean_difference_whatever_its_sign():
    X, domain = shifted_rows(n_features=3)
    X[domain < 0] += [100, -300, 200]
    report = domain_report(X, domain, measures=[])
    assert_array_equal(report.contributions.ks_statistic, 1)
    assert_array_equal(report.ranking, [1, 2, 0])


def test_constant_features_contribute_nothing_or_infinitely_much():
    domain = np.repeat([1, -1], [7, 6])
    is_target = domain < 0
    column = np.where(is_target, np.arange(13) / 3, 0.1)
    X = np.column_stack([np.full(13, 0.1), np.where(is_target, 0.1, 0.7), column])
    contributions = domain_report(X, domain, measures=[]).contributions
    assert_array_equal(contributions.mean_difference[:2], [0, -np.inf])
    assert_array_equal(contributions.log_variance_ratio, [0, 0, np.inf])
    assert_array_equal(contributions.ks_statistic[:2], [0, 1])


def test_equal_constants_do_not_differ_by_rounding():
    X = np.tile(np.random.default_rng(0).normal(size=50), (13, 1))
    contributions = domain_report(X, [1] * 7 + [-1] * 6, measures=[]).contributions
    assert_array_equal(list(contributions.values())[:3], np.zeros((3, 50)))


def exact_pvalue(statistic, X):
    """All 20 ways to choose 3 of 6 rows as source."""
    choices = [list(rows) for rows in combinations(range(6), 3)]
    null = [statistic(X[rows], np.delete(X, rows, axis=0)) for rows in choices]
    return np.mean(np.array(null) >= statistic(X[:3], X[3:]) - 1e-12)


@pytest.mark.parametrize("name", ["coral_distance", "cmd"])
def test_pvalues_approach_those_of_all_permutations(name):
    """Row choices that mirror each other tie exactly, so lost ties would halve the p-value."""
    X = np.random.default_rng(1).normal(size=(6, 2)) * [[1], [1], [1], [4], [4], [4]]
    exact = exact_pvalue(STATISTICS[name], X)
    domain = [1] * 3 + [-1] * 3
    report = domain_report(X, domain, measures=[name], n_permutations=4000, random_state=0)
    assert report.measures[name].pvalue == pytest.approx(exact, abs=4 * np.sqrt(exact / 4000))


def test_values_that_differ_by_rounding_tie():
    assert _pvalue(np.array([1 + 1e-15, 1, 0.5, 2])) == 3 / 4


def test_order_of_rows_does_not_matter():
    X, domain = shifted_rows(shift=0.5)
    order = np.random.default_rng(1).permutation(len(X))
    options = {"n_permutations": 19, "random_state": 0}
    same_reports(
        domain_report(X, domain, **options), domain_report(X[order], domain[order], **options)
    )


def test_domains_of_one_side_are_pooled():
    X, domain = shifted_rows(shift=0.5)
    several = domain * np.arange(1, len(domain) + 1)
    options = {"n_permutations": 19, "random_state": 0}
    same_reports(domain_report(X, domain, **options), domain_report(X, several, **options))


def test_same_seed_same_result_whatever_else_is_measured():
    X, domain = shifted_rows(shift=0.5)
    first, again, other = (domain_report(X, domain, random_state=seed) for seed in (0, 0, 1))
    same_reports(first, again)
    assert first.measures.cmd.pvalue != other.measures.cmd.pvalue
    for name in NAMES:
        alone = domain_report(X, domain, measures=(name,), random_state=0)
        assert alone.measures == {name: first.measures[name]}


def test_functions_are_measures_too():
    def median_gap(Xs, Xt):
        return abs(np.median(Xs[:, -1]) - np.median(Xt[:, -1]))

    X, domain = shifted_rows(shift=3)
    report = domain_report(X, domain, measures=["cmd", median_gap], n_permutations=49)
    assert list(report.measures) == ["cmd", "median_gap"]
    assert report.measures.median_gap.statistic == median_gap(X[domain > 0], X[domain < 0])
    assert report.measures.median_gap.pvalue == 1 / 50


def test_the_width_falls_back_where_the_median_distance_is_zero():
    X = np.zeros((20, 3))
    X[[0, 15]] = 1
    report = domain_report(X, np.repeat([1, -1], 10), measures=["mmd"], n_permutations=9)
    assert report.measures.mmd.statistic == pytest.approx(mmd(X[:10], X[10:]), abs=1e-15)


@pytest.mark.parametrize(("n_source", "n_target"), [(2, 2), (2, 30), (30, 2)])
@pytest.mark.parametrize("n_features", [1, 50])
def test_two_rows_of_each_domain_are_enough(n_source, n_target, n_features):
    report = domain_report(*shifted_rows(n_source, n_target, n_features), n_permutations=9)
    assert all(0 < result.pvalue <= 1 for result in report.measures.values())


def test_inputs_are_not_written_to_and_float32_is_computed_in_float64():
    X, domain = shifted_rows(shift=0.5)
    X = X.astype(np.float32)
    kept = X.copy(), domain.copy()
    X.flags.writeable = domain.flags.writeable = False
    options = {"n_permutations": 9, "random_state": 0}
    report = domain_report(X, domain, **options)
    same_reports(report, domain_report(X.astype(float), list(domain), **options))
    assert_array_equal(X, kept[0])
    assert_array_equal(domain, kept[1])


def test_names_come_from_the_data_frame(frames):
    X, domain = shifted_rows(shift=2)
    frame = frames.frame(X, ["age", "height", "income"])
    report = domain_report(frame, frames.column(domain), n_permutations=9, random_state=0)
    assert list(report.feature_names) == ["age", "height", "income"]
    assert report.feature_names[report.ranking[0]] == "income"
    same_reports(report, domain_report(X, domain, n_permutations=9, random_state=0))
    assert list(domain_report(X, domain, measures=[]).feature_names) == ["x0", "x1", "x2"]


def test_prints_two_aligned_tables():
    X, domain = shifted_rows(n_features=13, shift=2)
    report = domain_report(X, domain, n_permutations=9)
    lines = str(report).splitlines()
    assert lines[0] == "30 source rows, 24 target rows, 13 features, 9 permutations"
    assert re.split(r" {2,}", lines[2]) == ["measure", "statistic", "p-value"]
    assert [line.split()[0] for line in lines[3:8]] == list(NAMES)
    assert lines[9].split("  ")[0].strip() == "feature"
    assert [line.split()[0] for line in lines[10:20]] == [f"x{j}" for j in report.ranking[:10]]
    assert lines[20:] == ["and 3 more features"]
    assert len({len(line) for line in lines[2:8]}) == len({len(line) for line in lines[9:20]}) == 1
    assert lines[3].split()[1:] == [
        f"{report.measures.mmd.statistic:.4g}",
        f"{report.measures.mmd.pvalue:.3g}",
    ]


def test_html_holds_the_same_cells_and_escapes_names():
    X, domain = shifted_rows(shift=2)
    frame = pd.DataFrame(X, columns=["a", "b", "<b> & c"])
    report = domain_report(frame, domain, n_permutations=9)
    html = report._repr_html_()
    assert html.count("<table>") == html.count("</table>") == 2
    assert html.count("<tr>") == 1 + 5 + 1 + 3
    assert "<th>measure</th><th>statistic</th><th>p-value</th>" in html
    assert f"<td>coral_distance</td><td>{report.measures.coral_distance.statistic:.4g}</td>" in html
    assert "<td>&lt;b&gt; &amp; c</td>" in html
    assert "<b>" not in html
    assert "more features" not in html


def test_is_a_bunch_that_copies_and_pickles():
    report = domain_report(*shifted_rows(), n_permutations=9)
    assert isinstance(report, DomainReport)
    assert report["measures"] is report.measures
    assert str(pickle.loads(pickle.dumps(report))) == str(copy.deepcopy(report)) == str(report)


X, DOMAIN = shifted_rows(4, 3)


@pytest.mark.parametrize(
    ("X", "sample_domain", "message"),
    [
        (X[0], DOMAIN, "Expected 2D array, got 1D array instead"),
        (np.where(X.max() == X, np.inf, X), DOMAIN, "Input X contains infinity"),
        (X, DOMAIN[:3], r"sample_domain has shape \(3,\) but X has 7 rows"),
        (X, 0 * DOMAIN, "sample_domain is 0 in row 0"),
        (
            X,
            np.abs(DOMAIN),
            "needs two rows of each domain, got 7 source and 0 target rows; pass positive integers "
            "for source rows and negative ones for target rows",
        ),
        (X, [1] + [-1] * 6, "needs two rows of each domain, got 1 source and 6 target rows"),
        ("rows", DOMAIN, "The 'X' parameter of domain_report must be an array-like"),
    ],
)
def test_bad_rows_are_named(X, sample_domain, message):
    with pytest.raises(ValueError, match=message):
        domain_report(X, sample_domain)


def test_a_column_that_is_neither_number_nor_category_is_named():
    frame = pd.DataFrame({"age": np.arange(7.0), "born": pd.date_range("2000-01-01", periods=7)})
    with pytest.raises(ValueError, match=r"column 'born' of X has dtype datetime64.*leave it out"):
        domain_report(frame, DOMAIN)


def test_sparse_rows_are_refused():
    with pytest.raises(
        ValueError, match="The 'X' parameter of domain_report must be an array-like"
    ):
        domain_report(csr_array(X), DOMAIN)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ["mdd"]}, "unknown measure 'mdd'; the names are .'cmd', 'coral_distance'"),
        (
            {"measures": ["cmd", cmd]},
            "measures are named twice: .'cmd', 'cmd'.. Give each function",
        ),
        ({"measures": "cmd"}, "The 'measures' parameter of domain_report must be an instance"),
        ({"n_permutations": 0}, "The 'n_permutations' parameter of domain_report"),
        ({"random_state": "x"}, "The 'random_state' parameter of domain_report"),
    ],
)
def test_bad_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        domain_report(X, DOMAIN, **options)


def test_a_measure_is_a_name_or_a_function():
    with pytest.raises(TypeError, match="a measure is a name or a function of Xs and Xt, got 3"):
        domain_report(X, DOMAIN, measures=[3])
