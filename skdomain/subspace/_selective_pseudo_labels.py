"""Selective pseudo-labels: of each class the surest target rows take part, more in each round.

Q. Wang and T. P. Breckon (2020), "Unsupervised domain adaptation via structured prediction based
selective pseudo-labeling", AAAI. Q. Wang, P. Bu and T. P. Breckon (2019), "Unifying unsupervised
domain adaptation and zero-shot visual recognition", IJCNN.
"""

from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, clone
from sklearn.preprocessing import normalize
from sklearn.utils._param_validation import HasMethods, Interval

from skdomain._domains import warn_caller
from skdomain._estimators import all_or_nothing, progress, set_history
from skdomain.subspace._selective import spl_rounds
from skdomain.subspace._spectral import centred_eigh, column_signs
from skdomain.subspace._sphere_projection import SphereProjection


def joint_axes(X, n_axes):
    """First principal axes of rows, (n_features, k), k at most the rank of the centred rows."""
    _, W = centred_eigh(X, X.mean(axis=0))
    axes = W[:, ::-1][:, :n_axes]
    return axes * column_signs(axes)


class SelectiveRounds:
    """What comes out of the rounds: the last one, its labels, and the figures of all."""

    def __init__(self, n_target):
        self.labels, self.figures, self.last = np.full(n_target, -1), [], None

    def take(self, last, labels, selected, confidences):
        """Take what a round gives."""
        figures = {
            "label_changes": np.count_nonzero(labels != self.labels),
            "selected": np.count_nonzero(selected),
            "confidence": confidences.mean() if len(confidences) else np.nan,
        }
        self.figures.append(figures)
        self.labels, self.last = labels, last


class SelectivePseudoLabels(SphereProjection):
    """Selective pseudo-labels, with structured prediction (SPL) or without (CAPLS).

    Projects both domains so that rows of one class lie together, source rows and those target rows
    whose predicted class is trusted::

        max tr(P'X'DXP) / tr(P'(X'LX + lam I)P),   Z = XP

    with L = D - W the Laplacian of the graph that joins rows with the same label, W, and D its row
    sums. Z is centred and its rows scaled to unit norm. A target row is then given the class for
    which the larger of two numbers is largest: the softmax over the classes of minus the distance
    to the class means of the source, and the same with means of clusters of the target, which
    k-means finds from these class means on. In round t of T, of each predicted class all but a
    share ``1 - t / (T - 1)`` are trusted, the surest ones.

    A transformer and a classifier. Target labels are never read.

    Parameters
    ----------
    n_components : int, default=None
        Dimension of the subspace, at most ``n_axes``. None: as many as there are. Fewer, with a
        warning, are kept where the labelled rows do not extend in as many.
    n_axes : int, default=128
        Principal axes of both domains together that the rows, scaled to unit norm, are first
        projected on; fewer where their rank is lower.
    estimator : classifier, default=None
        Any scikit-learn classifier with ``predict_proba``, trained on the projected source rows,
        whose probabilities take the place of those by class means. None: the class means, as in
        the paper.
    structured : bool, default=True
        Whether clusters of the target have a say (SPL). False is CAPLS.
    lam : float, default=1.0
        Ridge on P, > 0.
    max_iter : int, default=11
        Number of rounds, T: 10 in the paper, 11 in the authors' program.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, k)
        P', of the coordinates on the axes.
    axes_ : ndarray of shape (k, n_features)
        The principal axes.
    mean_ : ndarray of shape (n_components,)
        Mean of the projected rows.
    class_means_ : ndarray of shape (n_classes, n_components)
        Of the source, of unit norm.
    cluster_means_ : ndarray of shape (n_classes, n_components) or None
        Of the target, of unit norm; None without structured prediction or target rows.
    eigenvalues_ : ndarray of shape (n_components,)
        Generalised eigenvalues of the last round, falling.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    estimator_ : classifier or None
        The classifier trained on the projected source rows, where one was given.
    pseudo_labels_ : ndarray of shape (n_target,)
        Predicted classes of the fitted target rows, in their order.
    n_iter_ : int
        Number of rounds: `max_iter`, or 1 without target rows.
    termination_ : {"converged", "max_iter"}
        Whether the last round changed no predicted class. The schedule ends with it either way.
    history_ : dict of ndarray of shape (`n_iter_`,)
        An entry a round: ``label_changes``, the number of predicted classes changed; ``selected``,
        that of target rows trusted in the next round; and ``confidence``, the mean over the target
        rows of the number that their class has.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    JDA : Matches the means of the classes.

    Notes
    -----
    Rows of a zero norm stay zero. Rows are scaled to unit norm three times: as they are, on the
    axes, and projected.

    The graph is never formed: with class counts n_c, ``X'LX = sum_c n_c S_c`` with S_c the scatter
    of class c about its mean. O(n_samples n_features min(n_samples, n_features)) for the axes, then
    O(n_samples k^2 + k^3) a round, with k axes.

    As in the authors' program the least sure row of a predicted class is never trusted, and P has
    ``P'(X'LX + lam I)P = I``. ``predict_proba`` gives the larger of the two numbers of each class
    over the sum of them.

    References
    ----------
    Q. Wang and T. P. Breckon (2020), "Unsupervised domain adaptation via structured prediction
    based selective pseudo-labeling", AAAI.

    ``structured=False``: Q. Wang, P. Bu and T. P. Breckon (2019), "Unifying unsupervised domain
    adaptation and zero-shot visual recognition", IJCNN.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_digits
    >>> from skdomain.subspace import SelectivePseudoLabels
    >>> data = make_rotated_digits(random_state=0)
    >>> X, domains = data.X, data.sample_domain
    >>> model = SelectivePseudoLabels().fit(X, data.y, sample_domain=domains)
    >>> bool((model.predict(X[domains < 0]) == model.pseudo_labels_).all())
    True
    >>> [int(number) for number in model.history_["selected"][[0, 4, 10]]]
    [85, 442, 889]
    """

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "n_axes": [Interval(Integral, 1, None, closed="left")],
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        "structured": ["boolean"],
        "lam": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
    }
    _facts = SphereProjection._facts | {
        "predict_proba": "Class probabilities",
        "predict_log_proba": "Logarithms of probabilities",
    }

    def __init__(
        self,
        n_components: int | None = None,
        *,
        n_axes: int = 128,
        estimator: Any = None,
        structured: bool = True,
        lam: float = 1.0,
        max_iter: int = 11,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.n_axes = n_axes
        self.estimator = estimator
        self.structured = structured
        self.lam = lam
        self.max_iter = max_iter
        self.verbose = verbose

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, sample_domain: ArrayLike | None = None) -> Self:
        """Iterate projection and selection.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, there is one round, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        SelectivePseudoLabels
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or its rows all point in one direction, the source has fewer than two
            classes, or sample_domain does not fit X.
        """
        X, source, y_source = self._fit_rows(X, y, sample_domain)
        self.classes_, codes = np.unique(y_source, return_inverse=True)
        self.axes_ = np.ascontiguousarray(joint_axes(X, self.n_axes).T)
        F = normalize(X @ self.axes_.T)
        rounds = spl_rounds(
            F,
            source,
            codes,
            n_rounds=1 if source.all() else self.max_iter,
            train=None if self.estimator is None else partial(self._train, y_source),
            structured=self.structured,
            n_classes=len(self.classes_),
            n_components=self.n_components or F.shape[1],
            lam=self.lam,
        )
        bar = progress(rounds, description="SPL", verbose=self.verbose, n=self.max_iter)
        history = SelectiveRounds(np.count_nonzero(~source))
        for last, labels, selected, confidences in bar:
            history.take(last, labels, selected, confidences)
        self.pseudo_labels_ = self.classes_[history.labels]
        set_history(self, history.figures)
        self._set_round(history.last)
        return self

    def _train(self, y_source, Z_source):
        return clone(self.estimator).fit(Z_source, y_source)

    def _set_round(self, last):
        if self.n_components is not None and last.P.shape[1] < self.n_components:
            warn_caller(
                f"n_components={self.n_components} is more than the {last.P.shape[1]} directions "
                "in which labelled rows extend; these are kept. Lower it to silence this.",
                UserWarning,
            )
        self._round = last
        self.components_, self.mean_ = np.ascontiguousarray(last.P.T), last.mean
        self.eigenvalues_, self.estimator_ = last.eigenvalues, last.estimator
        self.class_means_, self.cluster_means_ = last.class_means, last.clusters

    def _embed(self, X):
        F = normalize(X @ self.axes_.T)
        return normalize(F @ self._round.P - self.mean_, copy=False)

    def _answers(self, method):
        return method != "decision_function"

    def _judge(self, method, Z):
        p = self._round.probabilities(Z)
        if method == "predict":
            return self.classes_[p.argmax(axis=1)]
        p = p / p.sum(axis=1, keepdims=True)
        if method == "predict_proba":
            return p
        with np.errstate(divide="ignore"):
            return np.log(p)
