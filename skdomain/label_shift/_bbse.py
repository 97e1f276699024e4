"""Black box shift estimation: priors whose mixture of confusions is what is seen in the target."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skdomain.label_shift._confusion import mixture_priors, posterior_confusion
from skdomain.label_shift._priors_estimator import PosteriorPriorsEstimator, documented
from skdomain.label_shift._simplex import check_pair


def bbse_priors(
    source_posteriors: ArrayLike,
    codes: int | ArrayLike,
    target_posteriors: ArrayLike,
    *,
    soft: bool = False,
    source_weight: Any = None,
    target_weight: Any = None,
) -> np.ndarray:
    """Target priors by black box shift estimation (BBSE).

    With the confusion A_ij, the share of source rows of class j that are predicted as i, and mu_i
    that of target rows::

        min_q |A q - mu|   subject to   q >= 0,  sum_c q_c = 1                      (1)

    Under label shift ``A q = mu`` for the priors q, whatever the model. With ``soft=True`` the
    columns of A and mu are means of the posteriors.

    Parameters
    ----------
    source_posteriors : array-like of shape (n, n_classes)
        Posteriors of held-out source rows.
    codes : array-like of shape (n,), int
        Numbers of their classes, which index the columns.
    target_posteriors : array-like of shape (m, n_classes)
        Posteriors of target rows.
    soft : bool, default=False
        Mean posteriors in the place of shares of predictions.
    source_weight, target_weight : array-like of shape (n,), (m,), default=None
        Weights of the rows, at least 0. None: all 1.

    Returns
    -------
    ndarray of shape (n_classes,)
        Priors. A class without source rows gets 0.

    Raises
    ------
    ValueError
        If the posteriors are no probabilities, or codes does not fit them.

    Notes
    -----
    O((n + m + n_classes^2) n_classes) time. The paper [1]_ solves ``A q = mu`` and sets what is
    negative to 0. This is the same where nothing is negative; elsewhere (1) is nearer to what was
    seen.

    References
    ----------
    .. [1] Z. C. Lipton, Y.-X. Wang and A. Smola (2018), "Detecting and correcting for label shift
       with black box predictors", ICML.

    Examples
    --------
    >>> from skdomain.label_shift import bbse_priors
    >>> source = [[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]
    >>> bbse_priors(source, [0, 0, 1, 1], [[0.3, 0.7], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9]])
    array([0.25, 0.75])
    """
    S, codes, T = check_pair(source_posteriors, codes, target_posteriors)
    found = posterior_confusion(S, codes, T, soft, source_weight, target_weight)
    return mixture_priors(found)


@documented
class BBSE(PosteriorPriorsEstimator):
    """Target priors by black box shift estimation: ``A q = mu``.

    A is the confusion of a classifier on held-out source rows and mu how often it predicts each
    class in the target. Right for any classifier that tells the classes apart, calibrated or not,
    and with ``soft=False`` at the price of what its probabilities know. Formula and paper:
    :func:`bbse_priors`.

    Parameters
    ----------
    <estimator>
    soft : bool, default=False
        Means of posteriors in the place of shares of predictions.
    <folds>
    <interval>

    Attributes
    ----------
    <attributes>
    <estimator_>

    See Also
    --------
    EMPriors : Uses all that calibrated posteriors know.
    RLLS : The same with shrinkage towards the proportions of the source.

    Examples
    --------
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.label_shift import BBSE
    >>> problem = make_label_shift(target_priors=[0.2, 0.8], random_state=0)
    >>> BBSE().fit(problem.X, problem.y, sample_domain=problem.sample_domain).priors_.round(2)
    array([0.2, 0.8])
    """

    _parameter_constraints: dict = PosteriorPriorsEstimator._parameter_constraints | {
        "soft": ["boolean"]
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        soft: bool = False,
        calibration: str | None = "bcts",
        cv: int = 5,
        n_bootstrap: int = 200,
        level: float = 0.95,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            estimator,
            calibration=calibration,
            cv=cv,
            n_bootstrap=n_bootstrap,
            level=level,
            random_state=random_state,
        )
        self.soft = soft

    def _priors(self, S, codes, T, **weights):
        return bbse_priors(S, codes, T, soft=self.soft, **weights)

    def _confusion(self, evidence):
        return posterior_confusion(*evidence[:3], soft=self.soft)
