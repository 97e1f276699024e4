"""The kernel two-sample test: the MMD against those of random permutations of the rows."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain.metrics._dealt_rows import DealtRows
from skdomain.metrics._mmd import _PARAMETERS, _check_statistic, _mmd_values
from skdomain.metrics._row_order import sorted_rows

_EXACT_ROWS, _LANDMARKS = 20_000, 1000


class _StatisticAndPvalue(NamedTuple):
    statistic: float
    pvalue: float


class MMDTestResult(_StatisticAndPvalue):
    """Statistic and p-value of `mmd_test`; ``n_landmarks`` says of which kernel."""

    n_landmarks = None


@validate_params(
    _PARAMETERS
    | {
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "n_landmarks": [*_PARAMETERS["n_landmarks"], StrOptions({"auto"})],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def mmd_test(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    kernel: str | Callable[..., Any] = "rbf",
    gamma: str | float | None = None,
    kernel_params: dict[Any, Any] | None = None,
    unbiased: bool = True,
    n_permutations: int = 1000,
    random_state: int | np.random.RandomState | None = None,
    n_landmarks: str | int | None = "auto",
) -> MMDTestResult:
    """Permutation test of the hypothesis that both domains have the same distribution.

    The statistic is that of `mmd`. Its null distribution is drawn by dealing the pooled rows at
    random to two domains of the given sizes, and the p-value, cf. [2]_, is::

        (1 + #{permutations with a statistic >= the observed one}) / (1 + n_permutations)

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    kernel : str or callable, default="rbf"
        The kernel, as in `mmd`.
    gamma : float, "median", "scale" or None, default=None
        The kernel's coefficient, as in `mmd`.
    kernel_params : dict or None, default=None
        Further arguments of the kernel, as in `mmd`.
    unbiased : bool, default=True
        Whether the statistic is the U-statistic.
    n_permutations : int, default=1000
        Number of permutations; the smallest possible p-value is ``1 / (1 + n_permutations)``.
    random_state : int, RandomState instance or None, default=None
        Draws the permutations, of the rows of each domain in lexicographic order: the order in
        which they are passed does not matter.
    n_landmarks : int, None or "auto", default="auto"
        Landmarks of Nystroem's approximation of the kernel, as in `mmd`; None: the kernel itself.
        "auto" is None up to 20,000 rows of both domains together, and 1000 beyond, or None for the
        linear kernel.

    Returns
    -------
    MMDTestResult
        A named tuple ``(statistic, pvalue)``. Beside these, its attribute ``n_landmarks`` is the
        number that was asked for, None where the statistic is that of the kernel itself.

    Raises
    ------
    ValueError
        As `mmd` does.

    Notes
    -----
    With landmarks, too, the test has its level in samples of any size: they are chosen from the
    pooled rows without a look at the domains, so that the approximate kernel is the same for all
    permutations. [3]_ shows that its power can have the rate of the kernel's own, with a number of
    landmarks of the order of ``sqrt(n) log(n)``.

    With n pooled rows and B permutations: the kernel is evaluated once, O(n^2 d), and each tile of
    it is multiplied with all permutations, O(n^2 B). m landmarks take O(n m (d + m + B)) time. In
    memory are tiles, B n bits, and with landmarks O(m (m + B)) numbers. The linear kernel takes
    O(n d B) time, the order of the rows O(d n log n). Statistics that differ by rounding only count
    as equal.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).
    .. [2] Phipson and Smyth, "Permutation p-values should never be zero", Statistical Applications
       in Genetics and Molecular Biology 9 (2010).
    .. [3] Chatalic, Letizia, Schreuder and Rosasco, "A scalable Nystrom-based kernel two-sample
       test with permutations", arXiv:2502.13570 (2025).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import mmd_test
    >>> Xs = np.random.default_rng(0).normal(size=(40, 2))
    >>> mmd_test(Xs, Xs + 2, n_permutations=99, random_state=0).pvalue
    0.01
    """
    Xs, Xt = map(sorted_rows, _check_statistic(Xs, Xt, unbiased))
    if n_landmarks == "auto":
        n_landmarks = auto_landmarks(kernel, len(Xs) + len(Xt))
    deals = DealtRows(len(Xs), len(Xt), n_permutations, check_random_state(random_state))
    options = kernel, gamma, kernel_params, unbiased, n_landmarks
    values, rounding = _mmd_values(np.concatenate([Xs, Xt]), deals, *options)
    n_above = np.count_nonzero(values[1:] >= values[0] - rounding)
    result = MMDTestResult(float(values[0]), float((1 + n_above) / (1 + n_permutations)))
    result.n_landmarks = n_landmarks
    return result


def auto_landmarks(kernel, n_rows):
    """Return the number of landmarks that "auto" stands for."""
    return None if kernel == "linear" or n_rows <= _EXACT_ROWS else _LANDMARKS
