"""One model of source rows and labelled target rows together, each side with half of the weight.

H. Daume III (2007), "Frustratingly easy domain adaptation", ACL, 256-263, has both as the baselines
"All" and "Weighted".
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import _fit_context, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _num_samples

from skdomain._domains import (
    balanced_weights,
    check_sample_weight,
    fit_domains,
    labelled_rows,
    source_labels,
)
from skdomain._estimators import (
    TAKES_SPARSE,
    RoutesFitMixin,
    SourceEstimator,
    all_or_nothing,
    check_takes_weights,
    fit_weighted,
    inner_params,
    params_at,
    validate_as_given,
)


class Pooled(RoutesFitMixin, SourceEstimator):
    """Train an estimator on source rows and labelled target rows together.

    The first thing to try with a few target labels. A few rows among many are not heard, so by
    default each side gets half of the weight::

        w_i = n / (2 n_source)     source rows
        w_i = n / (2 n_target)     labelled target rows,    n = n_source + n_target

    Their sum is the number of rows, so that a penalty means what it does without weights.

    Parameters
    ----------
    estimator : estimator, default=None
        Any classifier or regressor; Pooled is one as it is. None: ``LogisticRegression()``.
    balance : bool, default=True
        Whether source and target count for half each, which takes an estimator whose ``fit`` takes
        ``sample_weight``, or passes it on, as a pipeline does. False: every row counts the same.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on rows drawn by weight, as
        many as there are; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Attributes
    ----------
    estimator_ : estimator
        The estimator trained on the rows of both domains.
    row_weights_ : ndarray of shape (n_fitted,)
        Weights of the source rows and the labelled target rows, in their order in X.
    classes_ : ndarray of shape (n_classes,)
        Classes of these rows, for a classifier.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    SourceOnly : Reads no target label.
    skdomain.boosting.TrAdaBoost : Starts from these weights, and changes them.

    Notes
    -----
    All source domains together are one side, and so are all target domains. Unlabelled target rows
    are not looked at; without any labelled one this is :class:`SourceOnly`.

    Half of the weight is a convention, not an optimum: with 3 labels and a source that agrees with
    the target, rows that count for half are noise; with hundreds, the source should count for less.

    Costs one fit.

    References
    ----------
    H. Daume III (2007), "Frustratingly easy domain adaptation", Proceedings of the 45th Annual
    Meeting of the Association of Computational Linguistics, 256-263.

    Examples
    --------
    The border lies at 0 in the source and at 2 in the target, of which four rows are labelled:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.compose import Pooled
    >>> X = np.array([-3.0, -2, -1, 1, 2, 3, 0.5, 1.5, 2.5, 3.5])[:, None]
    >>> y = np.array([0, 0, 0, 1, 1, 1, 0, 0, 1, 1])
    >>> sample_domain = np.repeat([1, -2], [6, 4])
    >>> model = Pooled(LogisticRegression()).fit(X, y, sample_domain=sample_domain)
    >>> model.row_weights_.round(2)
    array([0.83, 0.83, 0.83, 0.83, 0.83, 0.83, 1.25, 1.25, 1.25, 1.25])
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _facts = SourceEstimator._facts | TAKES_SPARSE
    _parameter_constraints: dict = SourceEstimator._parameter_constraints | {
        "balance": ["boolean"],
        "resample": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        balance: bool = True,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.balance = balance
        self.resample = resample
        self.random_state = random_state

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Train a clone of the estimator on the source rows and the labelled target rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of both domains in any order, or whatever else the estimator takes as rows, such
            as texts.
        y : array-like of shape (n_samples,)
            Labels or values of the source rows and of the labelled target rows; what it holds on
            the other target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all rows are
            source rows, and :class:`~skdomain.NoTargetWarning` says so.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of your own, at least 0; of each side, their sum is made half of that of all.
        labelled : array-like of shape (n_samples,), bool, default=None
            True where the label of a target row is known. What it holds on source rows is not
            read: they all need a label. None: all target rows are labelled in which y is not
            missing (NaN, None or NA of pandas).
        **params : dict
            Further parameters of the estimator's ``fit``; of those with an entry a row, it gets
            the entries of the rows that it is trained on.

        Returns
        -------
        Pooled
            The fitted estimator.

        Raises
        ------
        ValueError, TypeError
            If there is no source row, y is missing on one, an argument does not fit X, a side has
            no weight, or the estimator takes no sample_weight where it is needed.
        """
        X = validate_as_given(self, X, reset=True)
        domains = fit_domains(sample_domain, _num_samples(X), self)
        source_labels(X, y, domains > 0, self)
        fitted = (domains > 0) | labelled_rows(y, domains, labelled)
        rows, labels = np.flatnonzero(fitted), source_labels(X, y, fitted, self)
        self.row_weights_ = check_sample_weight(sample_weight, len(domains))[rows]
        if self.balance:
            self.row_weights_ = balanced_weights(domains[rows] > 0, self.row_weights_)
        params = params_at(inner_params(self, "estimator", "fit", "fit", params), X, rows)
        self.estimator_ = self._trained(_safe_indexing(X, rows), labels, params)
        return self

    def _trained(self, X, y, params):
        """A clone trained with the weights, or without any where they are all 1."""
        model = clone(self._inner())
        if (self.row_weights_ == 1).all():
            return model.fit(X, y, **params)
        check_takes_weights(self, model, "LogisticRegression, RandomForestClassifier or Ridge")
        draw = check_random_state(self.random_state) if self.resample else None
        return fit_weighted(model, X, y, self.row_weights_, params, draw=draw)

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator

    def _validate(self, X, *, reset):
        return validate_as_given(self, X, reset=reset)
