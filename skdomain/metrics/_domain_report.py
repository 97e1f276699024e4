"""All measures of domain shift in one report, each with a p-value, and the features behind them."""

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import _get_feature_names

from skdomain._domains import ENCODING, check_sample_domain
from skdomain.metrics._cmd import cmd, cmds
from skdomain.metrics._columns import as_columns
from skdomain.metrics._coral_distance import coral_distance, coral_distances
from skdomain.metrics._dealt_rows import DealtRows
from skdomain.metrics._feature_shifts import feature_shifts
from skdomain.metrics._finite import OVERFLOW, check_finite, scale_advice
from skdomain.metrics._kernel_two_sample import auto_landmarks, mmd_test
from skdomain.metrics._linear_mmd import linear_mmd
from skdomain.metrics._proxy_a_distance import classifier_pvalue, proxy_a_distance
from skdomain.metrics._report_table import DomainReport, MeasuredShift

_ROUNDING = 1e-10


@validate_params(
    {
        "X": ["array-like"],
        "sample_domain": ["array-like"],
        "measures": [list, tuple],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def domain_report(
    X: ArrayLike,
    sample_domain: ArrayLike,
    *,
    measures: Callable[..., Any] | Sequence[Any] = (
        "mmd",
        "linear_mmd",
        "coral_distance",
        "cmd",
        "proxy_a_distance",
    ),
    n_permutations: int = 200,
    random_state: int | np.random.RandomState | None = None,
) -> DomainReport:
    """Measure the shift between source and target rows in several ways, and per feature.

    The p-values test the hypothesis that both domains have the same distribution. The pooled rows
    are dealt at random to two domains of the given sizes, and cf. [1]_::

        p = (1 + #{permutations with a statistic >= the observed one}) / (1 + n_permutations)

    Refitting the classifiers of ``"proxy_a_distance"`` for each permutation would be costly. Its
    p-value comes from one more classifier instead, which half of the rows of each domain train: on
    the other half, Fisher's exact test asks whether its predictions and the domains go together,
    cf. [2]_. This holds for any sample size, without permutations, at the price of half the rows.

    The measures see numbers, made without a look at the domains: a category is a column of 0 and 1.
    A missing number is the mean of those present, and a column more says where it was, in their
    standard deviations.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows of both domains, in any order. The columns of a data frame name the features, and may
        hold categories or strings. Values may be missing.
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative for target rows. Several source domains
        are pooled, and so are several target domains.
    measures : list or tuple of str or callable
        Names among "mmd" (Gaussian kernel of median width, biased), "linear_mmd",
        "coral_distance", "cmd" (order 5) and "proxy_a_distance"; by default all. A function
        ``f(Xs, Xt)`` that returns a number, larger for a larger shift, goes by its ``__name__``
        and is called once for each permutation.
    n_permutations : int, default=200
        Number of permutations; the smallest possible p-value is ``1 / (1 + n_permutations)``.
    random_state : int, RandomState instance or None, default=None
        Draws the permutations, and the halves for the classifier. All measures use the same
        permutations, so the choice of ``measures`` changes no p-value.

    Returns
    -------
    DomainReport
        A :class:`~sklearn.utils.Bunch` that prints as a table, with

        - ``measures``: for each measure a named tuple ``(statistic, pvalue)``;
        - ``contributions``: for each feature ``mean_difference``, target minus source, in units of
          ``sqrt((vs + vt) / 2)`` with the variances vs and vt; ``log_variance_ratio``,
          ``log(vt / vs)``; and ``ks_statistic``, the largest distance of the two distribution
          functions, a missing value being the largest. A feature without variance may give an
          infinite one; where the domains agree, it is 0. Of categories, ``ks_statistic`` is half
          the sum of the differences of their shares, and the other two are NaN; NaN, too, where
          fewer than two values are present in a domain. ``pvalue`` tests the hypothesis that both
          domains have one distribution of the feature, and ``adjusted_pvalue`` is that of Benjamini
          and Hochberg: of the features with at most q, a share of at most q on average are there by
          chance, cf. [3]_;
        - ``ranking``: the features, the one that shifts most (by ``ks_statistic``) first;
        - ``feature_names``, ``n_source``, ``n_target``, ``n_permutations``;
        - ``n_landmarks``: 1000 where there are more than 20,000 rows, from which on "mmd" is that
          of an approximate kernel, as in :func:`mmd_test`; else None.

    Raises
    ------
    ValueError
        If X is not 2-D, is infinite or has a column that is neither number nor category, if
        ``sample_domain`` is not valid or names fewer than two rows of source or of target, if a
        measure is unknown or named twice, or if a statistic is not finite.
    TypeError
        If a measure is neither a name nor callable, or if ``sample_domain`` does not hold numbers.

    Notes
    -----
    With n rows, d features and B permutations: O(n^2 (d + B)) time for "mmd", linear in n beyond
    20,000 rows, and O(n d B) for "cmd" and "linear_mmd". "coral_distance" takes O(n^2 (d + B))
    time, or O(n d^2 B) if n > d^2. No n x n matrix is in memory. "proxy_a_distance" takes 6 fits,
    of n x min(n, d) numbers each. The contributions take O(d n log n). The p-values of several
    measures on the same rows are not adjusted for each other. The width of "mmd" is that of
    ``gamma="median"`` in :func:`mmd`, 1 if all rows are equal.

    A feature of two values is tested by the difference of their shares, exactly; numbers by the
    Kolmogorov-Smirnov statistic, exactly up to 10,000 pairs of a source and a target row, where
    ties make the p-value larger than need be; more categories by the chi-squared test, which takes
    several rows of each. The adjustment holds for features that are independent or depend on each
    other in a positive way.

    References
    ----------
    .. [1] Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications
       in Genetics and Molecular Biology 9 (2010).
    .. [2] Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", International Conference
       on Learning Representations (2017).
    .. [3] Benjamini and Hochberg, "Controlling the false discovery rate", Journal of the Royal
       Statistical Society B 57 (1995).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import domain_report
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> sample_domain = np.repeat([1, -1], 50)
    >>> X[50:, 1] += 2
    >>> domain_report(X, sample_domain, measures=["mmd", "cmd"], random_state=0)
    50 source rows, 50 target rows, 3 features, 200 permutations
    <BLANKLINE>
    measure  statistic  p-value
    mmd         0.2983  0.00498
    cmd         0.2747  0.00498
    <BLANKLINE>
    feature  mean difference  log variance ratio  ks statistic  adjusted p-value
    x1                 1.810               0.643         0.640          1.82e-09
    x2                -0.671               0.239         0.360           0.00425
    x0                 0.175              -0.086         0.180             0.396
    """
    names = _measure_names(measures)
    feature_names = _get_feature_names(X)
    columns, is_target = _ordered_rows(X, sample_domain)
    rows = columns.encoded()
    Xs, Xt = rows[~is_target], rows[is_target]
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    shifts = [_measured_shift(m, Xs, Xt, n_permutations, seed) for m in measures]
    contributions = feature_shifts(columns.values, is_target, columns.is_category)
    if feature_names is None:
        n_features = columns.values.shape[1]
        feature_names = np.array([f"x{j}" for j in range(n_features)], dtype=object)
    return DomainReport(
        measures=Bunch(**dict(zip(names, shifts, strict=True))),
        contributions=contributions,
        ranking=_ranking(contributions),
        feature_names=feature_names,
        n_source=len(Xs),
        n_target=len(Xt),
        n_permutations=n_permutations,
        n_landmarks=auto_landmarks("rbf", len(rows)) if "mmd" in names else None,
    )


def _measure_names(measures):
    for measure in measures:
        _check_measure(measure)
    names = [m if isinstance(m, str) else getattr(m, "__name__", repr(m)) for m in measures]
    if len(set(names)) < len(names):
        raise ValueError(f"measures are named twice: {names}. Give each function its own name.")
    return names


def _check_measure(measure):
    if not (isinstance(measure, str) or callable(measure)):
        raise TypeError(
            f"a measure is a name or a function of Xs and Xt, got {measure!r}. "
            f"The names are {sorted(_MEASURES)}."
        )
    if isinstance(measure, str) and measure not in _MEASURES:
        raise ValueError(f"unknown measure {measure!r}; the names are {sorted(_MEASURES)}.")


def _ordered_rows(X, sample_domain):
    """Return columns in lexicographic order of the rows, so that theirs does not matter."""
    columns = as_columns(X)
    domains = check_sample_domain(sample_domain, len(columns.values))
    n_source, n_target = np.count_nonzero(domains > 0), np.count_nonzero(domains < 0)
    if min(n_source, n_target) < 2:
        raise ValueError(
            f"domain_report needs two rows of each domain, got {n_source} source and {n_target} "
            f"target rows; pass {ENCODING}."
        )
    columns, domains = columns.sorted(domains)
    return columns, domains < 0


def _measured_shift(measure, Xs, Xt, n_permutations, seed):
    if callable(measure):
        return _call_measure(measure, Xs, Xt, n_permutations, seed)
    # Powers of two change no p-value, and no square overflows or vanishes.
    unit = np.frexp(max(np.abs(Xs).max(), np.abs(Xt).max()))[1]
    Xs, Xt = np.ldexp(Xs, -unit), np.ldexp(Xt, -unit)
    shift = _MEASURES[measure](Xs, Xt, n_permutations, seed)
    power = _UNITS.get(measure, 0)
    with np.errstate(**OVERFLOW):
        statistic = float(np.ldexp(shift.statistic, power * unit))
    return MeasuredShift(check_finite(measure, statistic, scale_advice(power)), shift.pvalue)


def _measure_mmd(Xs, Xt, n_permutations, seed):
    options = {"n_permutations": n_permutations, "random_state": seed}
    return MeasuredShift(*mmd_test(Xs, Xt, gamma="median", unbiased=False, **options))


def _measure_linear_mmd(Xs, Xt, n_permutations, seed):
    options = {"n_permutations": n_permutations, "random_state": seed}
    test = mmd_test(Xs, Xt, kernel="linear", unbiased=False, **options)
    return MeasuredShift(linear_mmd(Xs, Xt), test.pvalue)


def _measure_coral_distance(Xs, Xt, n_permutations, seed):
    Z, deals = _permutations(Xs, Xt, n_permutations, seed)
    return MeasuredShift(coral_distance(Xs, Xt), _pvalue(coral_distances(Z, deals)))


def _measure_cmd(Xs, Xt, n_permutations, seed):
    Z, deals = _permutations(Xs, Xt, n_permutations, seed)
    return MeasuredShift(cmd(Xs, Xt), _pvalue(cmds(Z, deals)))


def _measure_proxy_a_distance(Xs, Xt, n_permutations, seed):
    pvalue = classifier_pvalue(Xs, Xt, check_random_state(seed))
    return MeasuredShift(proxy_a_distance(Xs, Xt), pvalue)


def _call_measure(measure, Xs, Xt, n_permutations, seed):
    Z, deals = _permutations(Xs, Xt, n_permutations, seed)
    values = np.array([float(measure(Z[source], Z[~source])) for source in deals.masks()])
    advice = "a measure gives one for any two sets of rows of these sizes; mend the function."
    check_finite(getattr(measure, "__name__", repr(measure)), values, advice)
    return MeasuredShift(float(values[0]), _pvalue(values))


_MEASURES = {
    "mmd": _measure_mmd,
    "linear_mmd": _measure_linear_mmd,
    "coral_distance": _measure_coral_distance,
    "cmd": _measure_cmd,
    "proxy_a_distance": _measure_proxy_a_distance,
}


_UNITS = {"linear_mmd": 2, "coral_distance": 4}  # powers of the features' unit


def _permutations(Xs, Xt, n_permutations, seed):
    """Return the pooled rows, and how they are dealt, as by `mmd_test`."""
    rng = check_random_state(seed)
    return np.concatenate([Xs, Xt]), DealtRows(len(Xs), len(Xt), n_permutations, rng)


def _pvalue(values):
    """Return the p-value of the first value among all; values that differ by rounding tie."""
    return float(np.mean(values >= values[0] - _ROUNDING * np.abs(values).max()))


def _ranking(contributions):
    keys = (-np.abs(contributions.mean_difference), -contributions.ks_statistic)
    return np.lexsort(keys)
