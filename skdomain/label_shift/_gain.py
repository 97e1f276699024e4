"""What a correction is expected to gain, with all that is not known of the priors."""

import numpy as np

from skdomain.label_shift._simplex import class_ratios


def expected_gains(posteriors, source_priors, priors, before, after):
    """Expected rise of the accuracy by other predictions, were these the priors of the target.

    A row i of class c with probability ``r_ic ~ P_ic q_c / p_c`` is predicted right more often by

        mean_i (r_i,after(i) - r_i,before(i))                                        (1)

    Parameters
    ----------
    posteriors : ndarray of shape (m, n_classes)
        Calibrated posteriors P of the target rows by a model of the source.
    source_priors : ndarray of shape (n_classes,)
        Priors p of the source. A class of 0 is left out.
    priors : ndarray of shape (n_draws, n_classes)
        Priors q of the target, such as bootstrap draws of them.
    before, after : ndarray of shape (m,), int
        Numbers of the classes that the rows are predicted to be of.

    Returns
    -------
    ndarray of shape (n_draws,)
        In [-1, 1]. O(m n_draws n_classes) time, O(m n_draws) memory.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.label_shift._gain import expected_gains
    >>> P = np.array([[0.6, 0.4], [0.4, 0.6]])
    >>> expected_gains(P, np.array([0.5, 0.5]), np.array([[0.5, 0.5], [0.9, 0.1]]), [0, 1], [0, 0])
    array([-0.1       ,  0.35714286])
    """
    rows = np.arange(len(posteriors))
    ratios = class_ratios(priors, source_priors)
    total = np.maximum(posteriors @ ratios.T, np.finfo(float).tiny)

    def right(predicted):
        return posteriors[rows, predicted][:, None] * ratios[:, predicted].T / total

    return (right(after) - right(before)).mean(axis=0)
