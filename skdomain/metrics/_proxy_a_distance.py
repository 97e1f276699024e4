"""Proxy A-distance: how well a classifier tells the domains apart (Ben-David et al., 2007)."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import hypergeom
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils._param_validation import HasMethods, Interval, validate_params

from skdomain._domains import check_domains


@validate_params(
    {
        "Xs": ["array-like"],
        "Xt": ["array-like"],
        "estimator": [HasMethods(["fit", "predict"]), None],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def proxy_a_distance(
    Xs: ArrayLike,
    Xt: ArrayLike,
    *,
    estimator: Any = None,
    cv: int = 5,
    random_state: int | np.random.RandomState | None = 0,
) -> float:
    """Proxy A-distance of two domains.

    ``2 (1 - 2 err)``, cf. [1]_, where err is the cross-validated error of a classifier that tells
    source rows from target rows. It is 0 when the classifier does no better than chance and 2 when
    it makes no mistake. Here err is the balanced error, the mean of the two domains' error rates,
    so that domains of different sizes are compared fairly; err above 1/2 counts as 1/2.

    The classifier sees each feature centred and divided by its standard deviation over the rows of
    both domains, so the units of the features do not matter. Which row belongs to which domain is
    not looked at for that.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.
    estimator : classifier or None, default=None
        Tells the domains apart from standardised rows; a clone of it is fitted in each fold. None
        is ``LogisticRegression(max_iter=1000, class_weight="balanced")``. For domains of different
        sizes choose one that weights its classes likewise.
    cv : int, default=5
        Number of folds, stratified by domain; lowered to the number of rows of the smaller domain.
    random_state : int, RandomState instance or None, default=0
        Shuffles the rows into folds. They are first put in lexicographic order, so the order in
        which they are passed does not matter.

    Returns
    -------
    float
        The distance, from 0 to 2.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array or has fewer than two rows, or if the numbers of
        columns differ.

    Notes
    -----
    Takes ``cv`` fits of the estimator on all rows but a fold, and O(d n log n) for the ordering.
    With fewer rows than features, the logistic regression is fitted to the n coordinates of the
    rows in an orthonormal basis of their span: its ridge does not tell the difference.

    References
    ----------
    .. [1] Ben-David, Blitzer, Crammer and Pereira, "Analysis of representations for domain
       adaptation", Advances in Neural Information Processing Systems 19 (2007).

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.metrics import proxy_a_distance
    >>> Xs = np.random.default_rng(0).normal(size=(50, 2))
    >>> proxy_a_distance(Xs, Xs + 10)
    2.0
    """
    reason = "some rows of each train the classifier while others test it; pass more rows"
    Xs, Xt = check_domains(Xs, Xt, min_rows=2, reason=reason)
    X, is_target = _ordered_rows(Xs, Xt)
    X = standardised(X)
    if estimator is None:
        estimator, X = _domain_classifier(), in_their_span(X)
    folds = StratifiedKFold(min(cv, len(Xs), len(Xt)), shuffle=True, random_state=random_state)
    predicted = cross_val_predict(estimator, X, is_target, cv=folds)
    error = 1 - balanced_accuracy_score(is_target, predicted)
    return float(max(0, 2 * (1 - 2 * error)))


def _domain_classifier():
    return LogisticRegression(max_iter=1000, class_weight="balanced")


def classifier_pvalue(Xs, Xt, rng):
    """Return the p-value of the classifier that half of each domain trains, on the other half.

    Given its predictions, and if both domains have one distribution, which of the held-out rows are
    target rows is a matter of chance: the one-sided test of Fisher is exact. Lopez-Paz and Oquab,
    "Revisiting classifier two-sample tests", ICLR (2017), with their normal approximation replaced.
    """
    X = in_their_span(standardised(np.concatenate([Xs, Xt])))
    domains = X[: len(Xs)], X[len(Xs) :]
    halves = [np.array_split(rng.permutation(rows), [len(rows) // 2]) for rows in domains]
    (X_train, y_train), (X_test, y_test) = (
        _label_domains(*half) for half in zip(*halves, strict=True)
    )
    said_target = _domain_classifier().fit(X_train, y_train).predict(X_test)
    n_right = np.count_nonzero(said_target & y_test)
    return float(hypergeom.sf(n_right - 1, len(y_test), y_test.sum(), said_target.sum()))


def standardised(X):
    """Return features of mean 0 and variance 1, constant ones as 0, whatever their units are."""
    low, high = X.min(axis=0), X.max(axis=0)
    # Halves, so that not even the range of the largest numbers overflows.
    span = high / 2 - low / 2
    Z = (X / 2 - low / 2) / np.where(span > 0, span, np.inf)
    Z -= Z.mean(axis=0)
    return Z / np.where(span > 0, Z.std(axis=0), 1)


def in_their_span(X):
    """Return coordinates with the same products of rows, at most one a row."""
    return np.linalg.qr(X.T, mode="r").T if len(X) < X.shape[1] else X


def _label_domains(Xs, Xt):
    return np.concatenate([Xs, Xt]), np.repeat([0, 1], [len(Xs), len(Xt)])


def _ordered_rows(Xs, Xt):
    """Return the pooled rows in lexicographic order, of equal ones the source first, and labels."""
    X, is_target = _label_domains(Xs, Xt)
    order = np.lexsort(X.T[::-1])
    return X[order], is_target[order]
