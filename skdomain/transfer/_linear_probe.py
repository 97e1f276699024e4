"""A new head on features that stay as they are: linear probing, and fine-tuning of the head."""

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils import _safe_indexing, check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from skdomain._estimators import (
    TAKES_SPARSE,
    DomainPredictorMixin,
    SourceEstimator,
    all_or_nothing,
    answer_of,
    validate_as_given,
)
from skdomain.transfer._few_labels import few_labels, is_source_free
from skdomain.transfer._fine_tuning import fine_tune


class LinearProbe(SourceEstimator):
    """Keep a transformer as it is, and train a new head on the target's labels.

    The transformer, such as a network's body or ``PCA``, is fitted to many rows, or was fitted by
    somebody else; of the few labelled rows of the target, only the head is learned. With
    ``warm_start``, the head starts from that of the source and takes a few steps (fine-tuning).

    Parameters
    ----------
    transformer : transformer, default=None
        In :class:`~sklearn.frozen.FrozenEstimator` it is taken as it is; else a clone is fitted,
        without labels. None: ``StandardScaler()``.
    estimator : estimator, default=None
        Head, a classifier or regressor; None: ``LogisticRegression()``. For ``warm_start``, one
        with ``partial_fit``, such as ``SGDClassifier`` or ``SGDRegressor``. A frozen one is taken
        as the source's head, and ``fit`` needs no source rows if the transformer is frozen, too.
    fit_on : {"all", "source"}, default="all"
        Rows that the transformer is fitted to; unlabelled target rows are among all.
    warm_start : bool, default=False
        False: the head is trained on the labelled target rows alone. True: it is trained on the
        source rows first, and continued on the labelled target rows, all of whose classes the
        source has to know.
    max_epochs : int, default=50
        Passes over the labelled target rows at most.
    n_iter_no_change : int, default=5
        Passes in a row without a better score after which it stops.
    validation_fraction : float, default=0.2
        Share of the labelled target rows, in [0, 1), that is held out to score by. Of 0, or of
        fewer than 5 rows, all are learned from and scored by.
    random_state : int, RandomState or None, default=None
        Draws the rows that are held out and the order of the others.

    Attributes
    ----------
    transformer_ : transformer
        The one fitted.
    estimator_ : estimator
        The head. It is that of the source where there is no labelled target row.
    n_epochs_ : int or None
        Passes that the head kept has taken, 0 if it is that of the source; None without
        ``warm_start``.
    validation_scores_ : list of float or None
        Accuracy, or minus the mean squared error, on the rows held out: of the head of the source
        and after each pass.
    classes_ : ndarray of shape (n_classes,)
        Classes of the head, for a classifier: without ``warm_start`` those of the labelled target
        rows.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SourceRegularizedLogisticRegression : Starts from the source's weights in a convex problem.

    References
    ----------
    J. Yosinski, J. Clune, Y. Bengio and H. Lipson (2014), "How transferable are features in deep
    neural networks?", Advances in Neural Information Processing Systems, 3320-3328.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.transfer import LinearProbe
    >>> data = make_subspace_shift(random_state=0)
    >>> few = (data.sample_domain > 0) | (data.sample_domain.cumsum() % 7 == 0)
    >>> model = LinearProbe(PCA(3, random_state=0))
    >>> model = model.fit(data.X, data.y, sample_domain=data.sample_domain, labelled=few)
    >>> model.predict(data.X).shape
    (400,)
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        "transformer": [HasMethods(["fit", "transform"]), None],
        **SourceEstimator._parameter_constraints,
        "fit_on": [StrOptions({"all", "source"})],
        "warm_start": ["boolean"],
        "max_epochs": [Interval(Integral, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "random_state": ["random_state"],
    }
    _facts = SourceEstimator._facts | TAKES_SPARSE

    def __init__(
        self,
        transformer: Any = None,
        estimator: Any = None,
        *,
        fit_on: str = "all",
        warm_start: bool = False,
        max_epochs: int = 50,
        n_iter_no_change: int = 5,
        validation_fraction: float = 0.2,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.transformer = transformer
        self.estimator = estimator
        self.fit_on = fit_on
        self.warm_start = warm_start
        self.max_epochs = max_epochs
        self.n_iter_no_change = n_iter_no_change
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Fit the transformer, unless it is frozen, and the head.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the transformer takes as rows.
        y : array-like of shape (n_samples,)
            Labels of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, the head is trained on them, and :class:`~skdomain.NoTargetWarning` says
            so; where transformer and head are frozen, all rows are target rows.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. None: all those are known that are not
            missing (NaN, None or NA of pandas).

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If there is no source row and something is not frozen, there are target rows and none
            of them is labelled, an argument does not fit X, the head has no ``partial_fit`` for
            ``warm_start``, or it does not know a class of the target.
        """
        X = validate_as_given(self, X, reset=True)
        free = is_source_free(self.estimator) and is_source_free(self.transformer)
        few = few_labels(self, X, y, sample_domain, None, labelled, source_free=free)
        source, target = few.part(source=True), few.part(source=False)
        body = clone(StandardScaler() if self.transformer is None else self.transformer)
        self.transformer_ = body.fit(
            X if self.fit_on == "all" else _safe_indexing(X, source[0]), None
        )
        self.n_epochs_, self.validation_scores_ = None, None
        starts = self.warm_start or not len(target[0])
        rows, labels, _ = source if starts else target
        Z = self.transformer_.transform(_safe_indexing(X, rows)) if len(rows) else None
        self.estimator_ = clone(self._inner()).fit(Z, labels)
        if self.warm_start and len(target[0]):
            self._continue(X, *target[:2])
        return self

    def _continue(self, X, rows, labels):
        """Fine-tune the head of the source."""
        head = self.estimator_.estimator if is_source_free(self.estimator_) else self.estimator_
        self._check_head(head, labels)
        self.estimator_, self.n_epochs_, self.validation_scores_ = fine_tune(
            head,
            self.transformer_.transform(_safe_indexing(X, rows)),
            labels,
            max_epochs=self.max_epochs,
            patience=self.n_iter_no_change,
            share=self.validation_fraction,
            rng=check_random_state(self.random_state),
        )

    def _check_head(self, head, labels):
        if not hasattr(head, "partial_fit"):
            raise ValueError(
                f"warm_start=True continues the head, but {type(head).__name__} has no "
                "partial_fit; take SGDClassifier or SGDRegressor, or warm_start=False."
            )
        unknown = np.setdiff1d(labels, head.classes_).tolist() if is_classifier(head) else []
        if unknown:
            raise ValueError(
                f"the head of the source knows the classes {head.classes_.tolist()}, but target "
                f"rows are labelled {unknown}; set warm_start=False, or leave these rows out."
            )

    def _predict_rows(self, method, X, sample_domain):
        return answer_of(self.estimator_, method, self.transformer_.transform(X))

    def _score_rows(self, X, y, sample_weight, sample_domain):
        return DomainPredictorMixin._score_rows(self, X, y, sample_weight, sample_domain)

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        body = StandardScaler() if self.transformer is None else self.transformer
        allow_nan = tags.input_tags.allow_nan
        tags.input_tags = get_tags(body).input_tags
        tags.input_tags.allow_nan &= allow_nan
        return tags
