"""The MMD of the linear kernel: the squared distance of the two means."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import validate_params

from skdomain._domains import check_domains
from skdomain.metrics._finite import OVERFLOW, check_finite, scale_advice


@validate_params({"Xs": ["array-like"], "Xt": ["array-like"]}, prefer_skip_nested_validation=True)
def linear_mmd(Xs: ArrayLike, Xt: ArrayLike) -> float:
    """Squared distance of the means of two domains, the MMD of the linear kernel.

    ``|mean(Xs) - mean(Xt)|^2``, cf. Eq. 5 in [1]_ with k(x, y) = x'y. Translating or rotating both
    domains changes nothing; multiplying both by c multiplies it by c^2.

    Parameters
    ----------
    Xs : array-like of shape (n_source, n_features)
        Source rows.
    Xt : array-like of shape (n_target, n_features)
        Target rows.

    Returns
    -------
    float
        The squared distance, in squared units of the features. It equals
        ``mmd(Xs, Xt, kernel="linear")`` up to rounding.

    Raises
    ------
    ValueError
        If a domain is not a finite 2-D array, if the numbers of columns differ, or if the distance
        is too large for a number.

    Notes
    -----
    O(n d) time with n pooled rows.

    References
    ----------
    .. [1] Gretton, Borgwardt, Rasch, Schoelkopf and Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773 (2012).

    Examples
    --------
    >>> from skdomain.metrics import linear_mmd
    >>> linear_mmd([[0.0], [2.0]], [[3.0], [5.0]])  # the means are 1 and 4
    9.0
    """
    Xs, Xt = check_domains(Xs, Xt)
    with np.errstate(**OVERFLOW):
        value = float(np.square(Xs.mean(axis=0) - Xt.mean(axis=0)).sum())
    return check_finite("linear_mmd", value, scale_advice(2))
