"""The labels, and how often each voter is right, from votes alone.

A. P. Dawid and A. M. Skene (1979), "Maximum likelihood estimation of observer error-rates using the
EM algorithm", Applied Statistics 28.
"""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, validate_params

from skdomain._domains import warn_caller


class LatentVote(NamedTuple):
    """What ``dawid_skene`` finds of the classes and of the voters.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Probability of each class, given the votes on a row.
    priors : ndarray of shape (n_classes,)
        Proportions of the classes.
    confusions : ndarray of shape (n_voters, n_classes, n_classes)
        Probability that a voter says the second class where the first is true.
    accuracy : ndarray of shape (n_voters,)
        Estimated share of the rows on which a voter is right.
    log_likelihood : ndarray of shape (n_iter,)
        Mean over the rows of the logarithm of the likelihood, after each iteration; never falls.
    n_iter : int
        Number of iterations.
    termination : str
        "converged" or "max_iter".
    """

    proba: np.ndarray
    priors: np.ndarray
    confusions: np.ndarray
    accuracy: np.ndarray
    log_likelihood: np.ndarray
    n_iter: int
    termination: str


@validate_params(
    {
        "votes": ["array-like"],
        "n_classes": [Interval(Integral, 1, None, closed="left"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    },
    prefer_skip_nested_validation=True,
)
def dawid_skene(
    votes: ArrayLike, *, n_classes: int | None = None, max_iter: int = 1000, tol: float = 1e-6
) -> LatentVote:
    """Estimate true classes and the voters' confusion matrices by maximum likelihood.

    With the class c of a row, which nobody knows, the votes are taken as independent:
    ``p(v_1, ..., v_m) = sum_c p_c prod_k pi^k[c, v_k]``. EM starts at the shares of the votes.

    Parameters
    ----------
    votes : array-like of shape (n_samples, n_voters)
        Classes as integers from 0, one row a sample and one column a voter.
    n_classes : int, default=None
        Number of classes; None: one more than the largest vote.
    max_iter : int, default=1000
        Most iterations.
    tol : float, default=1e-6
        Stop where no class probability of any row changes by more.

    Returns
    -------
    LatentVote
        Probabilities of the classes, their proportions, confusion matrices and accuracies.

    Raises
    ------
    ValueError
        If a vote is no integer from 0 to n_classes - 1.

    Warns
    -----
    ConvergenceWarning
        If max_iter is reached.

    Notes
    -----
    The accuracies are those of **independent** voters. Voters that make the same mistakes confirm
    each other and are rated too high, those that differ from them too low. With one voter, and with
    voters that are all of one mind, the votes are taken as true. With two, the likelihood has a
    continuum of maxima, and what is found depends on where EM starts.

    The likelihood has several maxima, at the least those in which classes have changed their names;
    the shares of the votes lie near the right one if the voters are mostly right. A class that no
    vote goes to has proportion 0, and nothing is known of it: the voters are taken to know it.

    An iteration takes ``O(n_patterns n_voters n_classes)`` time for the rows that differ.

    References
    ----------
    A. P. Dawid and A. M. Skene (1979), "Maximum likelihood estimation of observer error-rates using
    the EM algorithm", Applied Statistics 28.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.model_selection import dawid_skene
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(2, size=(1000, 1))
    >>> right = rng.random((1000, 5)) < [0.9, 0.8, 0.8, 0.7, 0.6]
    >>> dawid_skene(np.where(right, truth, 1 - truth)).accuracy.round(1)
    array([0.9, 0.8, 0.8, 0.7, 0.6])
    """
    votes, n_classes = check_votes(votes, n_classes)
    # rows alike are one row that counts more, and voters stand in an order of their own
    order = np.lexsort(votes)
    patterns, rows, counts = np.unique(
        votes[:, order], axis=0, return_inverse=True, return_counts=True
    )
    said, shares = np.eye(n_classes)[patterns], counts / counts.sum()
    proba, history, termination = said.mean(axis=1), [], "max_iter"
    while len(history) < max_iter and termination == "max_iter":
        priors, confusions = rates(proba, said, shares)
        joint = log_joint(patterns, priors, confusions)
        evidence = logsumexp(joint, axis=1)
        before, proba = proba, np.exp(joint - evidence[:, None])
        history.append(shares @ evidence)  # (2.7)
        if np.abs(proba - before).max() <= tol:
            termination = "converged"
    if termination == "max_iter":
        warn_caller(
            f"dawid_skene has not converged in max_iter={max_iter} iterations; raise max_iter or "
            "tol.",
            ConvergenceWarning,
        )
    back = np.argsort(order)
    accuracy = np.einsum("i,ic,ikc->k", shares, proba, said)[back]
    return LatentVote(
        proba[rows.ravel()],
        priors,
        confusions[back],
        accuracy,
        np.array(history),
        len(history),
        termination,
    )


def check_votes(votes, n_classes):
    """Votes as an array of integers and the number of classes, or what is wrong with them."""
    votes = check_array(votes, dtype=None, input_name="votes")
    integers = votes.astype(np.int64)
    if not np.array_equal(votes, integers):
        raise ValueError(
            f"votes holds {votes[votes != integers][0]}, which is no integer; number the classes "
            "from 0, as np.unique(labels, return_inverse=True) does."
        )
    n_classes = n_classes or max(1, int(integers.max()) + 1)
    outside = integers.clip(0, n_classes - 1) != integers
    if outside.any():
        raise ValueError(
            f"votes holds {integers[outside][0]}; number the classes from 0 to n_classes - 1 = "
            f"{n_classes - 1}."
        )
    return integers, n_classes


def rates(proba, said, shares):
    """Proportions of the classes and confusion matrices, given the classes of the rows.

    ``said`` is 1 where a voter says a class of a row, ``shares`` are the weights of the rows.
    """
    weighted = proba * shares[:, None]
    together = np.einsum("ic,ikl->kcl", weighted, said)
    priors = weighted.sum(axis=0)  # (2.4)
    unknown = np.tile(np.eye(len(priors)), (len(together), 1, 1))
    seen = (priors > 0)[None, :, None]
    confusions = np.divide(together, priors[:, None], out=unknown, where=seen)  # (2.3)
    return priors / priors.sum(), confusions


def log_joint(votes, priors, confusions):
    """Logarithms of the probability of each class together with the votes on a row: (2.5).

    Votes that have not been seen may speak against every class, each by a factor 0. Then those
    classes are left that the fewest factors speak against, by the other factors.
    """
    with np.errstate(divide="ignore"):
        log_priors, log_rates = np.log(priors), np.log(confusions)
    terms = np.array([log_rates[k][:, votes[:, k]].T for k in range(len(confusions))])
    against = np.isneginf(terms).sum(axis=0)
    # in ascending order, so that the order of the voters changes no bit
    known = np.sort(np.where(np.isneginf(terms), 0, terms), axis=0).sum(axis=0)
    known += np.where(priors > 0, log_priors, 0)
    return np.where(against == against.min(axis=1, keepdims=True), known, -np.inf)
