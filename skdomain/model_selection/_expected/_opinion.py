"""What a rule of another kind says of both domains, learnt from the source rows as they are."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.label_shift import source_posteriors
from skdomain.metrics import lexicographic_order

_MOST_LANDMARKS = 300  # as many as the development tasks have source rows: none was left out there


def second_opinion(here, codes, there, n_classes):
    """Calibrated posteriors of both domains by a kernel logistic regression of the source rows.

    Nothing is adapted, and nothing of the target is learnt. Source rows are judged by models of
    other folds, to which it is calibrated.

    Parameters
    ----------
    here, there : ndarray or sparse matrix of shape (n, n_features), (m, n_features)
        Source rows, whose order does not matter, and target rows, as they are. Both are
        standardised by the source rows.
    codes : ndarray of shape (n,), int
        Classes of the source rows, at least two.
    n_classes : int
        Number of columns; a class without a source row is held to be impossible.

    Returns
    -------
    source, target : ndarray of shape (n, n_classes), (m, n_classes)

    Notes
    -----
    The kernel is ``exp(-|x - z|^2 / n_features)``; of more than 300 rows its features are those of
    so many landmarks. Six fits of a logistic regression of min(n, 300) features.
    """
    order = lexicographic_order(here, codes)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_components > n_samples")
        found = source_posteriors(_learner(sparse.issparse(here)), here[order], codes[order], there)
    columns = np.eye(n_classes)[found.estimator.classes_]
    return found.source[np.argsort(order)] @ columns, found.target @ columns


def _learner(is_sparse):
    return make_pipeline(
        StandardScaler(with_mean=not is_sparse),
        Nystroem(n_components=_MOST_LANDMARKS, random_state=0),
        LogisticRegression(max_iter=1000),
    )
