"""The dense MMD matrix, for whoever wants to see it; the estimators never form it."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import _num_samples

from skdomain._domains import check_sample_domain, labels_at, missing_labels
from skdomain.mmd._class_shares import check_class_shares
from skdomain.mmd._couplings import (
    conditional_coupling,
    discriminative_coupling,
    joint_coupling,
    marginal_coupling,
)


@validate_params(
    {
        "sample_domain": ["array-like"],
        "y": ["array-like", None],
        "coupling": [StrOptions({"marginal", "conditional", "joint", "discriminative"})],
        "mu": [Interval(Real, 0, None, closed="left"), None],
        "weighted": ["boolean"],
        "target_priors": ["array-like", dict, None],
    },
    prefer_skip_nested_validation=True,
)
def mmd_matrix(
    sample_domain: ArrayLike,
    y: Any = None,
    *,
    coupling: str = "marginal",
    mu: float | None = None,
    weighted: bool = False,
    target_priors: ArrayLike | dict[Any, Any] | None = None,
) -> np.ndarray:
    """MMD matrix M of a set of rows, as the papers define it (not divided by its norm).

    ``tr(A'F'MFA)`` is the squared distance between the domains that a method minimises over
    embeddings ``Z = FA``.

    Parameters
    ----------
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative for target rows.
    y : array-like of shape (n_samples,), default=None
        Classes of all rows, predicted ones on target rows; not used by ``"marginal"``.
    coupling : {"marginal", "conditional", "joint", "discriminative"}, default="marginal"
        - ``"marginal"``, TCA: ``M0 = e e'`` with e = 1/n_s on source and -1/n_t on target rows.
        - ``"conditional"``, JDA and BDA: ``(1 - mu) C M0 + mu sum_c Mc`` over the C classes,
          ``Mc`` as M0 on the rows of class c; a class without target rows keeps its source half.
        - ``"joint"``, JP-MMD: ``Rmin = sum_c r_c r_c'`` with r_c = 1/n_s on source and -1/n_t
          on target rows of class c.
        - ``"discriminative"``, DJP-MMD: ``Rmin/|Rmin|_F - mu Rmax/|Rmax|_F`` with Rmax the sum
          of ``r r'`` over all pairs of a source class and a different target class.
    mu : float, default=None
        Weight in the conditional (in [0, 1], None: 0.5) or discriminative (None: 0.1) coupling.
    weighted : bool, default=False
        W-BDA's class weights in the conditional coupling.
    target_priors : array-like of shape (n_classes,) or dict, default=None
        Proportions q_c of the classes in the target, in their order or by class: source rows of
        class c, that are a share p_c of the source, weigh q_c / p_c in M0, in r_c and in W-BDA's
        ratios. The Mc compare the means of a class and have no weights, but there is none where
        q_c is 0. Not used by ``"marginal"``. None: all rows weigh 1.

    Returns
    -------
    ndarray of shape (n_samples, n_samples), float64
        M, symmetric. Takes O(n_samples^2) memory.

    Raises
    ------
    ValueError
        If a domain is missing, y is missing where it is needed, or target_priors are no
        proportions or give some to a class without source rows.

    References
    ----------
    Pan et al. (2011), IEEE TNN 22(2); Long et al. (2013), ICCV; Wang et al. (2017), ICDM;
    Zhang and Wu (2020), IJCNN.

    Examples
    --------
    >>> from skdomain.mmd import mmd_matrix
    >>> mmd_matrix([1, 1, -2])
    array([[ 0.25,  0.25, -0.5 ],
           [ 0.25,  0.25, -0.5 ],
           [-0.5 , -0.5 ,  1.  ]])
    """
    source = check_sample_domain(sample_domain, _num_samples(sample_domain)) > 0
    if source.all() or not source.any():
        raise ValueError(
            "sample_domain has rows of one sign only; an MMD matrix needs source rows (positive) "
            "and target rows (negative)."
        )
    if coupling == "marginal":
        return marginal_coupling(source).dense()
    classes, labels = _classes(y, sample_domain, coupling)
    priors = _priors(target_priors, classes, labels[source])
    shared = {"labels": labels, "source": source, "target_priors": priors}
    shared["n_classes"] = len(classes)
    if coupling == "joint":
        return joint_coupling(**shared).dense()
    if coupling == "discriminative":
        return discriminative_coupling(**shared, mu=0.1 if mu is None else mu).dense()
    mu = 0.5 if mu is None else mu
    if mu > 1:
        raise ValueError(f"mu={mu} is outside [0, 1], the range of the conditional coupling.")
    return conditional_coupling(**shared, mu=mu, weighted=weighted).dense()


def _priors(target_priors, classes, labels):
    """Proportions, checked, or None; all of them need source rows with these labels."""
    if target_priors is None:
        return None
    q = check_class_shares(target_priors, classes)
    without = classes[(q > 0) & (np.bincount(labels, minlength=len(classes)) == 0)]
    if len(without):
        raise ValueError(
            f"target_priors are positive for the classes {without.tolist()}, of which there are no "
            "source rows to weigh; give them 0."
        )
    return q


def _classes(y, sample_domain, coupling):
    """The classes, and that of each row."""
    if y is None:
        raise ValueError(f"coupling={coupling!r} compares classes: pass y, one label a row.")
    check_consistent_length(sample_domain, y)
    labels = labels_at(y, slice(None))
    if (missing := missing_labels(labels)).any():
        raise ValueError(
            f"coupling={coupling!r} compares classes, but y is missing in {missing.sum()} rows, "
            f"first in row {np.argmax(missing)}; pass guessed labels of target rows there."
        )
    return np.unique(labels, return_inverse=True)
