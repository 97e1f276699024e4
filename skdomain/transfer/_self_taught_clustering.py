"""Self-taught clustering: target rows, by clusters of features that source rows help to find.

W. Dai, Q. Yang, G.-R. Xue and Y. Yu (2008), "Self-taught clustering", International Conference on
Machine Learning, 200-207.
"""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from skdomain._domains import ENCODING, new_domains
from skdomain._estimators import all_or_nothing
from skdomain.transfer._co_clusters import cluster_scores, merged, self_taught_clusters

_COUNT = Interval(Integral, 1, None, closed="left")


class SelfTaughtClustering(BaseEstimator):
    """Cluster target rows that are few with the help of source rows, none of which has a label.

    Rows are counts, of words in texts for instance, and each domain is scaled to sum 1. Target
    rows, source rows and features are clustered together; the features' clusters are shared. Of
    what rows tell of features, I, as little as possible is to be lost::

        I(X_t, Z) - I(C(X_t), C(Z)) + lam (I(X_s, Z) - I(C(X_s), C(Z))),   C the clusters

    Steps take turns: each row goes to the cluster whose law over the clusters of features is
    nearest by Kullback-Leibler divergence, then each feature likewise, by both domains at once. No
    step raises the loss.

    Parameters
    ----------
    n_clusters : int, default=2
        Number of clusters of the target rows.
    n_source_clusters : int, default=None
        Number of those of the source rows; None: as many, or as many as there are rows.
    n_feature_clusters : int, default=None
        Number of those of the features; None: ten, or as many as there are features.
    lam : float, default=1.0
        Weight of the source, >= 0; 0 is co-clustering of the target alone.
    n_init : int, default=10
        Number of starts, of which the one that loses least is kept.
    max_iter : int, default=100
        Most rounds of a start.
    random_state : int, RandomState instance or None, default=None
        Seed of the starts; an int makes the result reproducible.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        Clusters of the fitted rows: below `n_clusters` of target rows, and from there on of source
        rows, which have clusters of their own.
    feature_labels_ : ndarray of shape (`n_features_in_`,)
        Clusters of the features.
    cluster_features_ : ndarray of shape (n_clusters + n_source_clusters, n_feature_clusters)
        The law of clusters of rows and of features; each domain sums to 1.
    losses_ : ndarray of shape (1 + 3 * `n_iter_`,)
        Nats lost at the start and after each step: target rows, source rows, features.
    n_iter_ : int
        Rounds of the start that was kept.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SelfTaughtFeatures : Learns features for a classifier from such rows.

    Notes
    -----
    The loss has many local minima; starts are rows and features drawn far apart, in an order of
    their values, so that the order of the rows has no say. A cluster may end empty. A row without a
    count stays where it is put first, and counts for nothing. It is no ``ClusterMixin``:
    scikit-learn asks of those that they take negative values.

    A round takes O(n_samples n_features) time and more with each cluster.

    References
    ----------
    W. Dai, Q. Yang, G.-R. Xue and Y. Yu (2008), "Self-taught clustering", International Conference
    on Machine Learning, 200-207.

    Examples
    --------
    >>> from skdomain.transfer import SelfTaughtClustering
    >>> target = [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]]  # no two share a word
    >>> source = [[5, 5, 0, 0], [0, 0, 4, 4]]  # but here words go in pairs
    >>> model = SelfTaughtClustering(n_feature_clusters=2, random_state=0)
    >>> labels = model.fit_predict(target + source, sample_domain=[-2, -2, -2, -2, 1, 1])
    >>> bool(labels[0] == labels[1] != labels[2] == labels[3])
    True
    """

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    _parameter_constraints: dict = {
        "n_clusters": [_COUNT],
        "n_source_clusters": [_COUNT, None],
        "n_feature_clusters": [_COUNT, None],
        "lam": [Interval(Real, 0, None, closed="left")],
        "n_init": [_COUNT],
        "max_iter": [_COUNT],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_clusters: int = 2,
        *,
        n_source_clusters: int | None = None,
        n_feature_clusters: int | None = None,
        lam: float = 1.0,
        n_init: int = 10,
        max_iter: int = 100,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_source_clusters = n_source_clusters
        self.n_feature_clusters = n_feature_clusters
        self.lam = lam
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Cluster the rows of both domains, and their features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain in any order, not negative.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            target rows, and are co-clustered.

        Returns
        -------
        SelfTaughtClustering
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or has negative values, there is no target row, sample_domain does
            not fit X, or there are more clusters than what is to be clustered.
        """
        X = validate_data(self, X, dtype=np.float64)
        check_non_negative(X, f"{type(self).__name__}.fit")
        source = new_domains(sample_domain, len(X)) > 0
        if source.all():
            raise ValueError(
                f"{type(self).__name__} got no target row: all {len(X)} entries of sample_domain "
                f"are positive; pass {ENCODING}."
            )
        k, m, n_features = self._counts(X, source)
        found = self_taught_clusters(
            X[~source],
            X[source],
            n_clusters=k,
            n_source_clusters=m,
            n_feature_clusters=n_features,
            lam=self.lam,
            n_init=self.n_init,
            max_iter=self.max_iter,
            random_state=self.random_state,
        )
        self.labels_ = np.empty(len(X), dtype=np.int64)
        self.labels_[~source], self.labels_[source] = found.labels, k + found.source_labels
        self.feature_labels_, self.losses_ = found.feature_labels, found.losses
        self.n_iter_ = len(self.losses_) // 3
        own = X / np.where(source, X[source].sum() or 1.0, X[~source].sum() or 1.0)[:, None]
        self.cluster_features_ = merged(own, self.labels_, k + m, found.feature_labels, n_features)
        return self

    def _counts(self, X, source):
        """Numbers of clusters of target rows, source rows and features."""
        there = {"n_clusters": np.sum(~source), "n_source_clusters": np.sum(source)}
        there["n_feature_clusters"] = X.shape[1]
        default = {"n_source_clusters": self.n_clusters, "n_feature_clusters": 10}
        counts = []
        for name, most in there.items():
            asked = getattr(self, name)
            count = min(default[name], int(most)) if asked is None else asked
            if not source.any() and name == "n_source_clusters":
                count = 0
            if count > most:
                what = name.removeprefix("n_").removesuffix("clusters").rstrip("_") or "target"
                raise ValueError(f"{name}={count} but there are only n_samples={most} of {what}.")
            counts.append(count)
        return counts

    def fit_predict(
        self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None
    ) -> np.ndarray:
        """Cluster the rows and return their clusters.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of either domain in any order, not negative.
        y : Ignored
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            ``labels_``.
        """
        return self.fit(X, y, sample_domain=sample_domain).labels_

    def predict(self, X: Any, sample_domain: ArrayLike | None = None) -> np.ndarray:
        """Clusters whose law over the clusters of features is nearest.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, not negative.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
            Source rows are looked for among clusters of source rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Clusters, numbered as ``labels_``.

        Raises
        ------
        ValueError
            If X is not finite or has negative values, or there is a source row and none was fitted.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        check_non_negative(X, f"{type(self).__name__}.predict")
        source = new_domains(sample_domain, len(X)) > 0
        k, n_features = self.n_clusters, self.cluster_features_.shape[1]
        if source.any() and len(self.cluster_features_) == k:
            raise ValueError(f"{type(self).__name__} was fitted without source rows.")
        met = X @ np.eye(n_features)[self.feature_labels_]
        labels = np.empty(len(X), dtype=np.int64)
        for rows, first, laws in (
            (~source, 0, self.cluster_features_[:k]),
            (source, k, self.cluster_features_[k:]),
        ):
            if rows.any():
                labels[rows] = first + _nearest(met[rows], laws)
        return labels

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags


def _nearest(met, laws):
    """The best cluster of each row; no share is 0 to a row that some feature keeps out of all."""
    scores = cluster_scores(met, laws)
    nowhere = np.isneginf(scores).all(axis=1)
    scores[nowhere] = cluster_scores(met[nowhere], laws + 1e-9 * laws.sum())
    return np.argmax(scores, axis=1)
