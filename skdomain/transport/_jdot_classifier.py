"""JDOT for classes: target rows count for each class as much as mass of it comes to them.

N. Courty, R. Flamary, A. Habrard and A. Rakotomamonjy (2017), "Joint distribution optimal
transportation for domain adaptation", NeurIPS 30.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression

from skdomain._domains import source_classes
from skdomain._estimators import check_takes_weights, fit_weighted
from skdomain.transport._joint import JointTransport
from skdomain.transport._plans import class_masses

_LEAST_SHARE = 1e-6  # of a class in a target row, to be trained on: that of the authors' program


def class_losses(model, classes, X):
    """Loss of what a classifier predicts of each row, with each class as the truth.

    Parameters
    ----------
    model : classifier
        Fitted, to some of the classes at least.
    classes : ndarray of shape (n_classes,)
        Sorted.
    X : ndarray of shape (n_samples, n_features)
        Rows.

    Returns
    -------
    ndarray of shape (n_classes, n_samples), float64
        Minus the logarithm of the probability, of at least 2e-16; where there are no probabilities,
        1 for each class that is not the predicted one.
    """
    if not hasattr(model, "predict_proba"):
        return (classes[:, None] != model.predict(X)).astype(np.float64)
    shares = np.zeros((len(X), len(classes)))
    shares[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(X)
    return -np.log(np.maximum(shares.T, np.finfo(np.float64).eps))


class JDOTClassifier(JointTransport):
    """Joint distribution optimal transport around any classifier.

    Finds a plan G and a classifier f of target rows that fit each other, in turn::

        min <G, (1 - alpha) M + alpha L(f)> + reg KL(G|ab')

    with M the distances of rows, in units of ``cost_scale``, and L the loss of what f predicts of a
    target row with the class of a source row. f is trained on the target rows, each as often as
    there are classes, weighted by the mass that comes from each.

    Parameters
    ----------
    estimator : classifier, default=None
        Any whose ``fit`` takes sample_weight, or passes it on. None: LogisticRegression.
    alpha : float in [0, 1], default=0.2
        Share of the loss in the cost.
    reg : float or None, default=0.02
        Weight of the entropy, > 0, in units of the cost. None: none, exact plans, which need POT
        (``pip install skdomain[ot]``) where the domains have different numbers of rows.
    metric : str or callable, default="sqeuclidean"
        Distance of two rows, one of :func:`sklearn.metrics.pairwise_distances`.
    cost_scale : {"median", "mean", "max"} or None, default="median"
        Which distance counts as 1, so that units of the rows change nothing.
    max_iter : int, default=20
        Largest number of rounds.
    tol : float, default=1e-3
        Rounds end where the objective falls by no more than this share of itself.
    resample : bool, default=False
        Whether to draw rows by weight for a classifier that takes no weights.
    random_state : int, RandomState instance or None, default=None
        Draws these rows.
    verbose : int, default=0
        Show a progress bar.

    Attributes
    ----------
    estimator_ : classifier
        The classifier of the last round.
    classes_ : ndarray of shape (n_classes,)
        Classes of the source.
    plan_ : ndarray of shape (n_source, n_target)
        Masses, in the order of the rows of each domain.
    soft_labels_ : ndarray of shape (n_target, n_classes)
        Share of each class in the mass that a fitted target row gets.
    n_iter_ : int
        Number of rounds.
    termination_ : {"converged", "estimator", "max_iter"}
        Why they ended: the objective stayed nearly the same; a new fit of the estimator did not
        lower it, and was not taken; or there were ``max_iter``.
    history_ : dict of ndarray of shape (`n_iter_`,)
        After each round ``objective``, which falls, and ``loss``, ``<G, L>``.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    JDOTRegressor : The same for values.
    OptimalTransport : Plan alone, and the source moved by it.

    Notes
    -----
    The loss is minus the logarithm of probabilities, where the estimator has such, else 1 for a
    wrong class. The plan of the first round sees no loss. Of what the estimator minimises besides,
    as a penalty, the objective knows nothing; so a fit that does not lower it is not taken.

    O(n_source n_target) memory, and as much time an iteration of a plan, of which a round has tens
    to hundreds.

    References
    ----------
    N. Courty, R. Flamary, A. Habrard and A. Rakotomamonjy (2017), "Joint distribution optimal
    transportation for domain adaptation", NeurIPS 30.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_moons
    >>> from skdomain.transport import JDOTClassifier
    >>> data = make_rotated_moons(random_state=0)
    >>> model = JDOTClassifier().fit(data.X, data.y, sample_domain=data.sample_domain)
    >>> bool((model.history_["objective"][1:] < model.history_["objective"][:-1]).all())
    True
    """

    _parameter_constraints: dict = JointTransport._parameter_constraints | {
        "resample": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        alpha: Any = 0.2,
        reg: float | None = 0.02,
        metric: str | Callable[..., Any] = "sqeuclidean",
        cost_scale: str | None = "median",
        max_iter: int = 20,
        tol: float = 1e-3,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.alpha = alpha
        self.reg = reg
        self.metric = metric
        self.cost_scale = cost_scale
        self.max_iter = max_iter
        self.tol = tol
        self.resample = resample
        self.random_state = random_state
        self.verbose = verbose

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _check_inner(self):
        if not is_classifier(self._inner()):
            raise ValueError(
                f"JDOTClassifier needs a classifier, got {type(self._inner()).__name__}; take "
                "JDOTRegressor for values."
            )
        check_takes_weights(self, self._inner(), "LogisticRegression or RandomForestClassifier")

    def _labels(self, X, y, source):
        return np.unique(source_classes(X, y, source, self), return_inverse=True)

    def _train(self, labels, Xt, plan, rng):
        classes, codes = labels
        shares = class_masses(plan, np.eye(len(classes))[codes])
        weights = np.where(shares >= np.minimum(_LEAST_SHARE, shares.max(axis=0)), shares, 0.0)
        rows, which = np.nonzero(weights)
        draw = rng if self.resample else None
        return fit_weighted(
            clone(self._inner()), Xt[rows], classes[which], weights[rows, which], draw=draw
        )

    def _losses(self, labels, Xt, model):
        classes, codes = labels
        return class_losses(model, classes, Xt)[codes]

    def _keep(self, rounds, labels, Xt):
        super()._keep(rounds, labels, Xt)
        classes, codes = labels
        self.soft_labels_ = class_masses(rounds[-1].plan, np.eye(len(classes))[codes])
