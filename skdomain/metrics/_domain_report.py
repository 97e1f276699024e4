"""All measures of domain shift in one report, each with a p-value, and the features behind them."""

from numbers import Integral

import numpy as np
from scipy.stats import ks_2samp
from sklearn.utils import Bunch, check_array, check_random_state
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import _get_feature_names

from skdomain._domains import ENCODING, check_sample_domain
from skdomain.metrics._cmd import cmd, cmds
from skdomain.metrics._coral_distance import coral_distance, coral_distances
from skdomain.metrics._kernel_two_sample import mmd_test
from skdomain.metrics._linear_mmd import linear_mmd
from skdomain.metrics._mmd import _source_indicators
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
    X,
    sample_domain,
    *,
    measures=("mmd", "linear_mmd", "coral_distance", "cmd", "proxy_a_distance"),
    n_permutations=200,
    random_state=None,
):
    """Measure the shift between source and target rows in several ways, and per feature.

    The p-values test the hypothesis that both domains have the same distribution. The pooled rows
    are dealt at random to two domains of the given sizes, and cf. [1]_::

        p = (1 + #{permutations with a statistic >= the observed one}) / (1 + n_permutations)

    Refitting the classifiers of ``"proxy_a_distance"`` for each permutation would be costly. Its
    p-value comes from one more classifier instead, which half of the rows of each domain train: on
    the other half, Fisher's exact test asks whether its predictions and the domains go together,
    cf. [2]_. This holds for any sample size, without permutations, at the price of half the rows.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows of both domains, in any order. The columns of a data frame name the features.
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative ones for target rows. Several source domains
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
          functions. A feature without variance may give an infinite one; where the domains agree,
          it is 0;
        - ``ranking``: the features, the one that shifts most (by ``ks_statistic``) first;
        - ``feature_names``, ``n_source``, ``n_target``, ``n_permutations``.

    Raises
    ------
    ValueError
        If X is not a finite 2-D array, if ``sample_domain`` is not valid or names fewer than two
        rows of source or of target, or if a measure is unknown or named twice.
    TypeError
        If a measure is neither a name nor callable, or if ``sample_domain`` does not hold numbers.

    Notes
    -----
    With n rows, d features and B permutations: O(n^2 (d + B)) time for "mmd", O(n d B) for "cmd"
    and "linear_mmd". "coral_distance" takes O(n^2 (d + B)) time, or O(n d^2 B) if n > d^2. No n x n
    matrix is in memory. "proxy_a_distance" takes 6 fits. The contributions take
    O(d n log n). The p-values of several measures on the same rows are not adjusted for each other.
    The width of "mmd" is that of ``gamma="median"`` in :func:`mmd`, 1 if all rows are equal.

    References
    ----------
    .. [1] Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications
       in Genetics and Molecular Biology 9 (2010).
    .. [2] Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", International Conference
       on Learning Representations (2017).

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
    feature  mean difference  log variance ratio  ks statistic
    x1                 1.810               0.643         0.640
    x2                -0.671               0.239         0.360
    x0                 0.175              -0.086         0.180
    """
    names = _measure_names(measures)
    feature_names = _get_feature_names(X)
    Xs, Xt = _ordered_domains(X, sample_domain)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    shifts = [_measured_shift(m, Xs, Xt, n_permutations, seed) for m in measures]
    contributions = _contributions(Xs, Xt)
    if feature_names is None:
        feature_names = np.array([f"x{j}" for j in range(Xs.shape[1])], dtype=object)
    return DomainReport(
        measures=Bunch(**dict(zip(names, shifts, strict=True))),
        contributions=contributions,
        ranking=_ranking(contributions),
        feature_names=feature_names,
        n_source=len(Xs),
        n_target=len(Xt),
        n_permutations=n_permutations,
    )


def _measure_names(measures):
    for measure in measures:
        if not (isinstance(measure, str) or callable(measure)):
            raise TypeError(
                f"a measure is a name or a function of Xs and Xt, got {measure!r}. "
                f"The names are {sorted(_MEASURES)}."
            )
        if isinstance(measure, str) and measure not in _MEASURES:
            raise ValueError(f"unknown measure {measure!r}; the names are {sorted(_MEASURES)}.")
    names = [m if isinstance(m, str) else getattr(m, "__name__", repr(m)) for m in measures]
    if len(set(names)) < len(names):
        raise ValueError(f"measures are named twice: {names}. Give each function its own name.")
    return names


def _ordered_domains(X, sample_domain):
    """Return source and target rows in lexicographic order, so that theirs does not matter."""
    X = check_array(X, dtype=np.float64, input_name="X")
    source = check_sample_domain(sample_domain, len(X)) > 0
    Xs, Xt = (rows[np.lexsort(rows.T[::-1])] for rows in (X[source], X[~source]))
    if min(len(Xs), len(Xt)) < 2:
        raise ValueError(
            f"domain_report needs two rows of each domain, got {len(Xs)} source and {len(Xt)} "
            f"target rows; pass {ENCODING}."
        )
    return Xs, Xt


def _measured_shift(measure, Xs, Xt, n_permutations, seed):
    if callable(measure):
        return _call_measure(measure, Xs, Xt, n_permutations, seed)
    return _MEASURES[measure](Xs, Xt, n_permutations, seed)


def _measure_mmd(Xs, Xt, n_permutations, seed):
    options = {"n_permutations": n_permutations, "random_state": seed}
    return MeasuredShift(*mmd_test(Xs, Xt, gamma="median", unbiased=False, **options))


def _measure_linear_mmd(Xs, Xt, n_permutations, seed):
    options = {"n_permutations": n_permutations, "random_state": seed}
    test = mmd_test(Xs, Xt, kernel="linear", unbiased=False, **options)
    return MeasuredShift(linear_mmd(Xs, Xt), test.pvalue)


def _measure_coral_distance(Xs, Xt, n_permutations, seed):
    Z, P = _permutations(Xs, Xt, n_permutations, seed)
    return MeasuredShift(coral_distance(Xs, Xt), _pvalue(coral_distances(Z, P)))


def _measure_cmd(Xs, Xt, n_permutations, seed):
    Z, P = _permutations(Xs, Xt, n_permutations, seed)
    return MeasuredShift(cmd(Xs, Xt), _pvalue(cmds(Z, P)))


def _measure_proxy_a_distance(Xs, Xt, n_permutations, seed):
    pvalue = classifier_pvalue(Xs, Xt, check_random_state(seed))
    return MeasuredShift(proxy_a_distance(Xs, Xt), pvalue)


def _call_measure(measure, Xs, Xt, n_permutations, seed):
    Z, P = _permutations(Xs, Xt, n_permutations, seed)
    values = np.array([float(measure(Z[source], Z[~source])) for source in P.T > 0])
    return MeasuredShift(float(values[0]), _pvalue(values))


_MEASURES = {
    "mmd": _measure_mmd,
    "linear_mmd": _measure_linear_mmd,
    "coral_distance": _measure_coral_distance,
    "cmd": _measure_cmd,
    "proxy_a_distance": _measure_proxy_a_distance,
}


def _permutations(Xs, Xt, n_permutations, seed):
    """Return the pooled rows, and the columns that `mmd_test` permutes them with."""
    rng = check_random_state(seed)
    return np.concatenate([Xs, Xt]), _source_indicators(len(Xs), len(Xt), n_permutations, rng)


def _pvalue(values):
    """Return the p-value of the first value among all; values that differ by rounding tie."""
    return float(np.mean(values >= values[0] - _ROUNDING * np.abs(values).max()))


def _contributions(Xs, Xt):
    (mean_s, var_s), (mean_t, var_t) = _mean_variance(Xs), _mean_variance(Xt)
    difference = mean_t - mean_s
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = np.where(difference == 0, 0.0, difference / np.sqrt((var_s + var_t) / 2))
        log_ratio = np.where(var_s == var_t, 0.0, np.log(var_t) - np.log(var_s))
    return Bunch(
        mean_difference=standardised,
        log_variance_ratio=log_ratio,
        ks_statistic=ks_2samp(Xs, Xt, axis=0, method="asymp").statistic,
    )


def _mean_variance(X):
    """Return both for each column, those of constant columns without rounding error."""
    constant = np.ptp(X, axis=0) == 0
    return np.where(constant, X[0], X.mean(axis=0)), np.where(constant, 0, X.var(axis=0, ddof=1))


def _ranking(contributions):
    keys = (-np.abs(contributions.mean_difference), -contributions.ks_statistic)
    return np.lexsort(keys)
