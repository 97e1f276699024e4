"""Soft neighbourhood density: rows that are predicted like many others lie in dense neighbourhoods.

K. Saito, D. Kim, P. Teterwak, S. Sclaroff, T. Darrell and K. Saenko (2021), "Tune it the right way:
unsupervised validation of domain adaptation via soft neighborhood density", ICCV.
"""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval, validate_params

from skdomain.model_selection._criteria._probabilities import check_proba
from skdomain.model_selection._criteria._scorer import DomainScorer, Estimate

# MiB of a block; larger ones leave the cache and took 2 to 8 times as long for 10 000 rows.
_CACHE = 1

# Below 1e-6, the rounding of the similarities decides.
_PARAMETERS = {"temperature": [Interval(Real, 1e-6, None, closed="left")]}


@validate_params(
    {"proba": ["array-like"]} | _PARAMETERS,
    prefer_skip_nested_validation=True,
)
def soft_neighborhood_density(proba: ArrayLike, *, temperature: float = 0.05) -> float:
    """Mean entropy of the rows' similarities to one another.

    With z_i the probabilities of row i over their Euclidean norm and T the temperature::

        1/n sum_i -sum_j q_ij log q_ij,    q_ij = exp(z_i'z_j / T) / sum_{k != i} exp(z_i'z_k / T)

    where j runs over the other rows.

    Parameters
    ----------
    proba : array-like of shape (n_target, n_classes)
        Class probabilities of the target rows, at least 2 rows and 2 classes.
    temperature : float, default=0.05
        T, at least 1e-6; the paper's value by default. The lower, the fewer rows count as
        neighbours.

    Returns
    -------
    float
        In nats, from 0, where each row has one neighbour, to ``log(n_target - 1)``, where all rows
        are predicted alike.

    Raises
    ------
    ValueError
        If proba has fewer than two rows or columns, or rows that are not probabilities.

    Notes
    -----
    Takes O(n^2 C) time for C classes. The similarities are formed in blocks of rows of at most
    1 MiB, less where scikit-learn's ``working_memory`` is less.

    Examples
    --------
    >>> from skdomain.model_selection import soft_neighborhood_density
    >>> soft_neighborhood_density([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    0.6931
    """
    P = check_proba(proba)
    n = len(P)
    if n < 2:
        raise ValueError(
            "the soft neighbourhood density of 1 target row is not defined: its neighbours are the "
            "other target rows; pass at least 2 rows."
        )
    Z = P / np.linalg.norm(P, axis=1, keepdims=True)
    blocks = gen_batches(n, _block_rows(n))
    return float(sum(_entropies(Z, rows, temperature).sum() for rows in blocks) / n)


def _entropies(Z, rows, temperature):
    """Entropies of the neighbourhoods of a slice of the rows."""
    S = Z[rows] @ Z.T
    own = np.arange(len(S)), np.arange(rows.start, rows.start + len(S))
    S[own] = -1
    S -= S.max(axis=1, keepdims=True)
    S /= temperature
    E = np.exp(S)
    E[own] = 0
    sums = E.sum(axis=1)
    return np.log(sums) - np.einsum("ij,ij->i", E, S) / sums


def _block_rows(n):
    """Rows of which the similarities and their exponentials fit the working memory and a cache."""
    memory = 2**20 * min(get_config()["working_memory"], _CACHE)
    return max(1, min(n, int(memory // (2 * 8 * n))))


class SoftNeighborhoodDensity(DomainScorer):
    """Mean entropy of the similarities between target predictions; higher is better.

    With z_i the predicted probabilities of target row i over their Euclidean norm and T the
    temperature::

        1/n sum_i -sum_j q_ij log q_ij,    q_ij = exp(z_i'z_j / T) / sum_{k != i} exp(z_i'z_k / T)

    where j runs over the other rows: a row in a dense neighbourhood is similar to many.

    Parameters
    ----------
    temperature : float, default=0.05
        T, at least 1e-6; the paper's value by default. The lower, the fewer rows count as
        neighbours.

    See Also
    --------
    InformationMaximization : Does not favour a single predicted class.

    Notes
    -----
    A classifier that predicts all rows alike has the highest value, ``log(n - 1)``. The value grows
    with the number n of target rows: compare on the same rows, at least 2. Rows judge each other,
    so that there is no simple standard error; it is NaN. Takes O(n^2 C) time for C classes, and
    O(n C) memory. A classifier without ``predict_proba`` is
    judged by the softmax (for two classes the logistic function) of its decision values.

    References
    ----------
    K. Saito, D. Kim, P. Teterwak, S. Sclaroff, T. Darrell and K. Saenko (2021), "Tune it the right
    way: unsupervised validation of domain adaptation via soft neighborhood density", International
    Conference on Computer Vision, 9164-9173.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.model_selection import SoftNeighborhoodDensity
    >>> Xs, ys = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1]
    >>> model = LogisticRegression().fit(Xs, ys)
    >>> triples = np.array([[-9.0], [-8.0], [-7.0], [7.0], [8.0], [9.0]])
    >>> score = SoftNeighborhoodDensity()
    >>> score(model, triples[[0, 1, 4, 5]]), score(model, triples)
    (0.0, 0.69)
    """

    _parameter_constraints: dict = _PARAMETERS

    def __init__(self, *, temperature: float = 0.05) -> None:
        self.temperature = temperature

    def _judge(self, evidence):
        P = evidence.target_proba
        return Estimate(soft_neighborhood_density(P, temperature=self.temperature))
