"""Transfer over domains between source and target, in steps small enough for self-training.

Tan, Song, Zhong and Yang, "Transitive transfer learning", KDD (2015), for the idea of a bridge, and
Kumar, Ma and Liang, "Understanding self-training for gradual domain adaptation", ICML (2020).
"""

from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, source_labels, warn_caller
from skdomain._estimators import SourceEstimator, all_or_nothing, answer_of
from skdomain.compose._bridges import domain_distances, shortest_bridge


class TransitiveTransfer(SourceEstimator):
    """Carry a classifier from the source to a far target, over domains between them.

    Domains are the nodes of a graph, and steps cost their distance. Of all paths from the source to
    the target, that one is taken whose largest step is smallest, and of several the shortest. Along
    it, the classifier labels the rows of the next domain, and is trained anew on these alone::

        f_0 = fit(X_source, y_source),   f_k = fit(X_k, f_{k-1}(X_k)),   k = 1, 2, ..., target

    Target and bridges are all unlabelled, and are told apart by their negative numbers.

    Parameters
    ----------
    estimator : classifier, default=None
        Any; None: the nearest neighbour.
    bridge : "auto", array-like of int or None, default="auto"
        The domains to go over: chosen among all; these numbers of sample_domain, in this order; or
        none, which is self-training on the target.
    target : int, default=None
        The number of the target in sample_domain. None: the most negative one, which is the last
        of those that :func:`~skdomain.stack_domains` stacks.
    distance : {"mmd", "proxy_a"} or callable, default="mmd"
        How far two domains are apart: the root of :func:`~skdomain.metrics.mmd` with the Gaussian
        kernel of the median distance of all rows, :func:`~skdomain.metrics.proxy_a_distance`, or a
        function of two arrays of rows that returns a number, at least 0.

    Attributes
    ----------
    estimator_ : estimator
        The classifier at the end of the path.
    models_ : list of estimator
        The classifiers along it: that of the source, and one for each domain of `path_`.
    path_ : list of int
        Numbers of the bridges, in their order, and of the target. Domains that are not on it were
        not used.
    domains_ : list of int
        0, all source domains together, and the numbers of the others, from -1 downwards.
    distances_ : ndarray of shape (n_domains, n_domains) or None
        Distances of `domains_`; None where the path was given.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SourceOnly : Train on the source and stay there.
    skdomain.datasets.make_gradual_shift : A problem with bridges.

    Notes
    -----
    The papers' parts are here in shallow form: TTL factorises matrices of two neighbouring domains
    together and chooses its bridge by a classifier of distances; distant transfer (DDTL) selects
    rows of many domains by an auto-encoder. Self-training takes their place, hence any classifier.

    Each step has to be small against the gap between the classes: a step that mislabels rows hands
    the error on, and nothing later repairs it. Where a step predicts fewer classes than the source
    has, a warning says so and the model of the step before goes on, as the class would be lost.
    Where classes overlap, errors grow with every step: many steps are no gain by themselves.

    "proxy_a" is as good as its classifier, a linear one. It sees no change that keeps the means,
    such as a rotation about them, and is 2 for all domains that a plane separates, between which
    the direct path is then as good as any.

    With n rows: one fit a step, and for "mmd" O(n^2 d) time for all distances together. A score
    counts the rows of bridges, too, if they are passed.

    References
    ----------
    .. [1] Tan, Song, Zhong and Yang, "Transitive transfer learning", KDD (2015).
    .. [2] Kumar, Ma and Liang, "Understanding self-training for gradual domain adaptation", ICML
       (2020).

    Examples
    --------
    >>> from skdomain.compose import TransitiveTransfer
    >>> from skdomain.datasets import make_gradual_shift
    >>> problem = make_gradual_shift(random_state=0)
    >>> X, y, d = problem.X, problem.y, problem.sample_domain
    >>> target = d == d.min()
    >>> for bridge in (None, "auto"):
    ...     model = TransitiveTransfer(bridge=bridge).fit(X, y, sample_domain=d)
    ...     print(model.path_, model.score(X[target], y[target]))
    [-9] 0.12
    [-2, -3, -4, -5, -6, -7, -8, -9] 0.84
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "bridge": [StrOptions({"auto"}), "array-like", None],
        "target": [Integral, None],
        "distance": [StrOptions({"mmd", "proxy_a"}), callable],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        bridge: str | ArrayLike | None = "auto",
        target: int | None = None,
        distance: str | Callable[..., float] = "mmd",
    ) -> None:
        self.estimator = estimator
        self.bridge = bridge
        self.target = target
        self.distance = distance

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: ArrayLike, sample_domain: ArrayLike | None = None) -> Self:
        """Find the path, and train a classifier for each domain on it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : array-like of shape (n_samples,)
            Labels of the source rows; what it holds on all other rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows and those of the
            bridges, one number a domain. None: all rows are source rows.

        Returns
        -------
        TransitiveTransfer
            The fitted estimator.

        Raises
        ------
        ValueError
            If there is no source row, y is missing, sample_domain does not fit X, ``target`` or
            ``bridge`` names a domain that has no row, or the estimator is no classifier.

        Warns
        -----
        UserWarning
            If a step predicts fewer classes than the source has.
        """
        self._check_classifier()
        X = self._validate(X, reset=True)
        numbers = np.minimum(fit_domains(sample_domain, len(X), self), 0)  # all sources are 0
        labels = column_or_1d(source_labels(X, y, numbers == 0, self), warn=True)
        self.domains_ = sorted(set(numbers.tolist()), reverse=True)
        self.path_ = self._path(X, numbers)
        self.models_ = [clone(self._inner()).fit(X[numbers == 0], labels)]
        for number in self.path_:
            self.models_.append(self._next_model(X[numbers == number], number))
        self.estimator_ = self.models_[-1]
        return self

    def _path(self, X, numbers):
        """Numbers of the domains after the source."""
        self.distances_ = None
        if self.domains_ == [0]:
            return []
        target = self.domains_[-1] if self.target is None else self.target
        if not isinstance(self.bridge, str):
            return self._given_path(target)
        self._check_has_rows([target], "target")
        rows = {number: X[numbers == number] for number in self.domains_}
        self.distances_ = domain_distances(rows, self.distance)
        path = shortest_bridge(self.distances_, 0, self.domains_.index(target))
        return [self.domains_[k] for k in path[1:]]

    def _given_path(self, target):
        bridge = [] if self.bridge is None else np.asarray(self.bridge).tolist()
        self._check_has_rows([target], "target")
        self._check_has_rows(bridge, "bridge")
        if target in bridge:
            raise ValueError(
                f"bridge={bridge} holds {target}, the target; name the domains before it only, or "
                "say by target= which one is meant."
            )
        return [*bridge, target]

    def _check_has_rows(self, numbers, name):
        known = self.domains_[1:]
        if missing := [number for number in numbers if number not in known]:
            raise ValueError(
                f"{name} names {missing}, but the negative numbers of sample_domain are {known}; "
                "take these, or pass rows of the others."
            )

    def _next_model(self, X, number):
        """The classifier of the rows as the last one labels them."""
        labels = answer_of(self.models_[-1], "predict", X)
        lost = sorted(set(self.models_[-1].classes_.tolist()) - set(labels.tolist()))
        if not lost:
            return clone(self._inner()).fit(X, labels)
        warn_caller(
            f"no row of domain {number} is predicted to be of {lost}, so the classifier is not "
            "trained on it, and goes on as it is; the step may be too large, the domain may lack "
            "the class, or have too few rows."
        )
        return self.models_[-1]

    def _check_classifier(self):
        if not is_classifier(self._inner()):
            raise ValueError(
                f"TransitiveTransfer needs a classifier, got {self._inner()!r}: a regressor that "
                "is trained on its own predictions learns nothing from them."
            )

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_data(self, X, reset=reset, dtype=[np.float64, np.float32])

    def __sklearn_tags__(self):
        """Say that distances take dense, finite rows, and that a row has one label."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.allow_nan = False
        tags.target_tags.multi_output = False
        if tags.classifier_tags is not None:
            tags.classifier_tags.multi_label = False
        return tags
