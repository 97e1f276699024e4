"""Mixup validation: a mixture of two target rows is predicted like the one that outweighs.

D. Hu, J. Liang, J. H. Liew, C. Xue, S. Bai and X. Wang (2023), "Mixed samples as probes for
unsupervised model selection in domain adaptation", NeurIPS (MixVal).
"""

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skdomain._domains import new_domains
from skdomain._rows import named_as
from skdomain.model_selection._criteria._evidence import Side
from skdomain.model_selection._criteria._scorer import DomainScorer, Estimate

_KINDS = {"both": ("intra", "inter"), "intra": ("intra",), "inter": ("inter",)}
_PARAMETERS = {
    "mixing": [Interval(Real, 0.5, 1, closed="neither")],
    "probes": [StrOptions(set(_KINDS))],
    "random_state": ["random_state"],
}


@validate_params(
    {"predict": [callable], "X": "no_validation", "sample_domain": ["array-like", None]}
    | _PARAMETERS,
    prefer_skip_nested_validation=True,
)
def mixup_agreement(
    predict: Callable[..., Any],
    X: Any,
    *,
    sample_domain: ArrayLike | None = None,
    mixing: float = 0.55,
    probes: str = "both",
    random_state: int | np.random.RandomState | None = 0,
) -> float:
    """Share of the mixtures of two rows that are predicted like the row that outweighs.

    As in :class:`MixupValidation`, which says how the rows are paired.

    Parameters
    ----------
    predict : callable
        Gives the labels of rows of shape (n, n_features). Called as ``predict(rows)`` or, where
        sample_domain is given, as ``predict(rows, sample_domain=domains)``.
    X : array-like, sparse matrix or DataFrame of shape (n_target, n_features)
        Target rows, numbers, at least 2.
    sample_domain : array-like of shape (n_target,), default=None
        Positive integers for source rows, negative for target rows. Only rows of one domain are
        mixed; None: all are of one.
    mixing : float, default=0.55
        Weight of the row that outweighs, between 1/2 and 1.
    probes : {"both", "intra", "inter"}, default="both"
        Mix rows of equal labels, of different ones, or take the mean of both shares.
    random_state : int, RandomState instance or None, default=0
        Seed of the pairs.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If X is not numeric or infinite, or has fewer than two rows, or if predict does not
        give one label a row.

    Examples
    --------
    >>> from skdomain.model_selection import mixup_agreement
    >>> X = [[-3.0], [-2.0], [2.0], [3.0]]
    >>> mixup_agreement(lambda rows: rows[:, 0] > 0, X, probes="intra")
    1.0
    """
    return _estimate(predict, X, sample_domain, mixing, probes, random_state).value


def _estimate(predict, X, sample_domain, mixing, probes, random_state):
    values = _numeric_rows(X)
    n = values.shape[0]
    domains = new_domains(sample_domain, n)
    ask = _asker(predict, X, sample_domain is not None)
    labels = ask(values, domains)
    order = check_random_state(random_state).permutation(_canonical_order(values, domains))
    shares, influence = [], np.zeros(n)
    for kind in _KINDS[probes]:
        heavy, light = _pairs(kind, order, domains, labels)
        if not len(heavy):
            shares.append(0.0)
            continue
        mixed = mixing * values[heavy] + (1 - mixing) * values[light]
        kept = ask(mixed, domains[heavy]) == labels[heavy]
        shares.append(kept.mean())
        influence[heavy] += (kept - kept.mean()) / len(heavy)
    error = np.sqrt(np.square(influence).sum() * n / (n - 1)) / len(shares)
    return Estimate(float(np.mean(shares)), float(error))


def _asker(predict, X, several_domains):
    """Function that predicts rows of an array, given to the classifier as X is."""

    def ask(values, domains):
        rows = named_as(X, values)
        labels = column_or_1d(
            predict(rows, sample_domain=domains) if several_domains else predict(rows)
        )
        if len(labels) != values.shape[0]:
            raise ValueError(
                f"predict gave {len(labels)} labels for {values.shape[0]} rows; it has to give one "
                "for each row."
            )
        return labels

    return ask


def _pairs(kind, order, domains, labels):
    """Rows that outweigh, and for each the row that it is mixed with."""
    domain = np.unique(domains, return_inverse=True)[1]
    if kind == "inter":
        light = _next_in_cycle(order, domain)
        heavy = np.flatnonzero(labels != labels[light])
    else:
        classes, label = np.unique(labels, return_inverse=True)
        light = _next_in_cycle(order, domain * len(classes) + label)
        heavy = np.flatnonzero(light != np.arange(len(light)))
    return heavy, light[heavy]


def _next_in_cycle(order, groups):
    """For each row the next one of its group, the first following the last."""
    ranked = order[np.argsort(groups[order], kind="stable")]
    _, starts, counts = np.unique(groups[ranked], return_index=True, return_counts=True)
    following = np.arange(1, len(order) + 1)
    following[starts + counts - 1] = starts
    partners = np.empty_like(order)
    partners[ranked] = ranked[following]
    return partners


def _canonical_order(values, domains):
    """Order of the rows by what they hold, so that the order they come in does not matter."""
    # Adding 0 makes -0.0 and 0.0 the same bytes.
    of_rows = (
        _sparse_keys(values) if sparse.issparse(values) else map(np.ndarray.tobytes, values + 0.0)
    )
    keys = list(zip(domains, of_rows, strict=True))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__))


def _sparse_keys(X):
    """Bytes of each row of a sparse matrix, which compare as those of the rows made dense do.

    An entry is the number of features from its own on, then its value, and the end of a row is 0:
    where one row has an entry and another none, the bytes of the one are larger, as any are than
    those of 0.
    """
    X = sparse.csr_array(X, copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    entries = np.empty(X.nnz, dtype=[("place", ">u8"), ("value", X.dtype)])
    entries["place"], entries["value"] = X.shape[1] - X.indices, X.data
    bounds = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    return [entries[start:stop].tobytes() + bytes(8) for start, stop in bounds]


_NUMERIC = "mixup validation forms weighted means of rows and needs numeric ones"


def _numeric_rows(X):
    """The rows as an array or sparse matrix of floats, missing values allowed."""
    values = _floats(sparse.csr_array(X) if sparse.issparse(X) else np.asarray(X))
    if np.isinf(values.data if sparse.issparse(values) else values).any():
        raise ValueError(f"{_NUMERIC}, but X holds infinity; replace such entries.")
    if values.shape[0] < 2:
        raise ValueError(f"{_NUMERIC}, at least 2 target rows, got {values.shape[0]}; pass more.")
    return values


def _floats(values):
    if values.dtype.kind not in "biufO" or values.ndim != 2:
        raise ValueError(
            f"{_NUMERIC}, got dtype {values.dtype} and {values.ndim} dimensions; encode the rows "
            "before the pipeline, or choose another criterion."
        )
    try:
        return values.astype(values.dtype if values.dtype.kind == "f" else np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{_NUMERIC}, but some entry is no number ({error}); encode such columns before the "
            "pipeline, or choose another criterion."
        ) from error


class MixupValidation(DomainScorer):
    """Share of mixed target rows that keep the label of the row that outweighs; higher is better.

    The classifier predicts all target rows. Each row i is then the heavier part of at most one
    mixture of each kind with another target row j::

        m x_i + (1 - m) x_j

    and the share of the mixtures that are predicted like x_i is taken. *Intra* mixtures join rows
    that are predicted alike: they ask whether the rows between them are, too. *Inter* mixtures join
    rows that are predicted differently: they ask whether the boundary lies halfway. The value is
    the mean of the two shares; a kind without any mixture, as inter is where all rows are predicted
    alike, counts as 0.

    Pairs are drawn as follows. Rows are put in an order of their values, then in a random one. For
    inter, j follows i in this order (the first follows the last), and pairs that are predicted
    alike are left out. For intra, j follows i among the rows predicted alike. Only rows of one
    target domain are paired, and the mixture belongs to it.

    Parameters
    ----------
    mixing : float, default=0.55
        m, the weight of the row that outweighs, between 1/2 and 1; the authors' value by default.
    probes : {"both", "intra", "inter"}, default="both"
        Kinds of mixtures. The paper averages the ranks that models have by each kind: use one
        scorer of each to do so.
    random_state : int, RandomState instance or None, default=0
        Seed of the pairs. With an integer, the value does not depend on the order of the rows.

    See Also
    --------
    SoftNeighborhoodDensity : Density of the predictions, without new rows.

    Notes
    -----
    Rows are mixed as they enter the classifier, or pipeline: they must be numbers, of which some
    may be missing; sparse rows stay sparse, and texts have to be vectorized before. Pairs are drawn
    anew for each classifier, by the same seed. The standard error is that of a mean over the rows
    i; that a row is also the lighter part of other mixtures is neglected. Takes predictions of at
    most 3 n rows, and O(n d log n) for ordering.

    Regressors are refused: to compare values of mixtures with mixtures of values would ask for a
    linear function, of which a constant is one.

    References
    ----------
    D. Hu, J. Liang, J. H. Liew, C. Xue, S. Bai and X. Wang (2023), "Mixed samples as probes for
    unsupervised model selection in domain adaptation", Advances in Neural Information Processing
    Systems 36.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import MixupValidation
    >>> Xs, ys = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1]
    >>> model = LogisticRegression().fit(Xs, ys)
    >>> between, beyond = [[-2.0], [-1.9], [1.9], [2.0]], [[-0.1], [-0.2], [5.0], [6.0]]
    >>> MixupValidation()(model, between) > MixupValidation()(model, beyond)
    True
    """

    _parameter_constraints: dict = _PARAMETERS

    def __init__(
        self,
        *,
        mixing: float = 0.55,
        probes: str = "both",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.mixing = mixing
        self.probes = probes
        self.random_state = random_state

    def _judge(self, evidence):
        return _estimate(
            lambda X, sample_domain=None: evidence.call("predict", Side(X, sample_domain)),
            evidence.target.X,
            evidence.target.sample_domain,
            self.mixing,
            self.probes,
            self.random_state,
        )
