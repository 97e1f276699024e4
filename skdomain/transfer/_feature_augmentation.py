"""A copy of the features for all domains and one for each: any estimator learns what differs."""

from collections.abc import Callable
from itertools import product
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from skdomain._estimators import (
    TAKES_SPARSE,
    DomainPredictorMixin,
    SourceEstimator,
    all_or_nothing,
    answer_of,
    fit_weighted,
    takes_weights,
)
from skdomain._kernels import fit_kernel, kernel_constraints
from skdomain.transfer._augmented_rows import agreement_rows, augmented_kernel, augmented_rows
from skdomain.transfer._few_labels import every_domain, few_labels


class FeatureAugmentation(SourceEstimator):
    """Give each row its features twice: for what all domains share, and for its own domain.

    Trains an estimator on the labelled rows of all domains as::

        x -> (sigma x, 0, ..., x, ..., 0),   sigma = shared_scale

    the second x in the slot of its domain. A linear model then has weights ``sigma w0 + w_d`` in
    domain d: a common part and a part of its own, as large as that domain's labels ask for.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier or regressor; None: ``LogisticRegression()``.
    shared_scale : float, default=1.0
        sigma, > 0: the larger, the more alike the domains. Of a penalty ``|w0|^2 + sum_d |w_d|^2``
        it makes what is shared ``sigma^2`` times cheaper than what is not.
    kernel : str or callable, default=None
        None augments rows. A kernel k of scikit-learn's, by name or as a function of two rows,
        gives the estimator the matrix ``(sigma^2 + [same domain]) k(x, x')`` instead; it has to
        take such, and its parameter ``kernel`` is set to ``"precomputed"``.
    gamma : float, "median", "scale" or None, default="median"
        Width of a named kernel that has one; "median" is 1 over the median squared distance of two
        distinct labelled rows.
    agreement : float, default=0.0
        Weight, >= 0, of a row ``(0, u, -u)`` for each unlabelled target row u and each source
        domain: the models of both domains are asked to agree there (EA++). A regressor gets it with
        the value 0, a classifier once with each of the classes, of which the sum of the losses is
        smallest where no class is preferred. The estimator is then fitted without an intercept, if
        it has ``fit_intercept``, on features with a 1 behind them.

    Attributes
    ----------
    estimator_ : estimator
        The one trained on augmented rows.
    domains_ : ndarray of shape (n_domains,)
        Entries of sample_domain with a slot, in the order in which they come.
    classes_ : ndarray of shape (n_classes,)
        Classes, for a classifier.
    X_fit_ : ndarray or sparse matrix of shape (n_labelled, n_features) or None
        Rows that the kernel needs.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    Notes
    -----
    The estimator sees ``1 + n_domains`` times as many features, of which sparse rows hold twice as
    many entries. Trees split on either copy, and nearest neighbours count rows of the same domain
    as nearer: the weights above are those of linear models.

    References
    ----------
    H. Daume III (2007), "Frustratingly easy domain adaptation", Annual Meeting of the Association
    for Computational Linguistics, 256-263.

    H. Daume III, A. Kumar and A. Saha (2010), "Frustratingly easy semi-supervised domain
    adaptation", Workshop on Domain Adaptation for Natural Language Processing, 53-59.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from skdomain.transfer import FeatureAugmentation
    >>> X, d = [[1.0], [2.0], [1.0], [2.0]], [1, 1, -2, -2]
    >>> ridge = Ridge(alpha=1e-6, fit_intercept=False)
    >>> model = FeatureAugmentation(ridge).fit(X, [1.0, 2.0, 3.0, 6.0], sample_domain=d)
    >>> model.predict([[10.0], [10.0]], sample_domain=[1, -2]).round(3)
    array([10., 30.])
    >>> model.estimator_.coef_.round(3)
    array([ 1.333, -0.333,  1.667])
    """

    __metadata_request__fit = {"sample_domain": True, "labelled": True}
    _parameter_constraints: dict = {
        **SourceEstimator._parameter_constraints,
        "shared_scale": [Interval(Real, 0, None, closed="neither")],
        **kernel_constraints("gamma"),
        "agreement": [Interval(Real, 0, None, closed="left")],
    }
    _parameter_constraints["kernel"] = [*_parameter_constraints["kernel"], None]
    _facts = (
        SourceEstimator._facts
        | TAKES_SPARSE
        | {
            "domains": "A row meets the weights of its domain, one of a domain that was not fitted "
            "the shared ones alone. None is the only target domain that was fitted, or the only "
            "domain; of several, the shared weights alone count.",
        }
    )

    def __init__(
        self,
        estimator: Any = None,
        *,
        shared_scale: float = 1.0,
        kernel: str | Callable[..., Any] | None = None,
        gamma: str | float | None = "median",
        agreement: float = 0.0,
    ) -> None:
        self.estimator = estimator
        self.shared_scale = shared_scale
        self.kernel = kernel
        self.gamma = gamma
        self.agreement = agreement

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        labelled: bool | ArrayLike | None = None,
    ) -> Self:
        """Train a clone of the estimator on augmented rows of all domains.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of all domains in any order.
        y : array-like of shape (n_samples,)
            Labels of the source rows and of the labelled target rows; what it holds on the other
            target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; each number is a
            domain of its own. None: all rows are of one source domain, and
            :class:`~skdomain.NoTargetWarning` says so.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0, that the estimator gets.
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
            If X is not finite, there is no source row, there are target rows and none of them is
            labelled, an argument does not fit X, the estimator takes no weights where there are
            some, or ``agreement`` is asked of a kernel.
        """
        self._check_settings(sample_weight)
        X = self._validate(X, reset=True)
        few = few_labels(self, X, y, sample_domain, sample_weight, labelled)
        domains = every_domain(sample_domain, X.shape[0])
        found, first = np.unique(domains, return_index=True)
        self.domains_ = found[np.argsort(first)]
        self._fit_slots, self.X_fit_, self._kernel = self._slots(few.domains), None, None
        if self.kernel is not None:
            self.X_fit_ = X[few.rows]
            self._kernel = fit_kernel(self.kernel, self.X_fit_, gamma=self.gamma)
        training = self._augmented(X[few.rows], self._fit_slots), few.y, few.weights
        if self.agreement:
            unlabelled = np.setdiff1d(np.flatnonzero(domains < 0), few.rows)
            training = self._with_agreement(*training, X[unlabelled], domains[unlabelled])
        if sample_weight is None and not self.agreement:
            self.estimator_ = self._model().fit(*training[:2])
        else:
            self.estimator_ = fit_weighted(self._model(), *training)
        return self

    def _check_settings(self, sample_weight):
        if self.agreement and self.kernel is not None:
            raise ValueError(
                f"agreement={self.agreement} needs augmented rows, but kernel={self.kernel!r} "
                "makes none; set kernel=None, or agreement=0."
            )
        inner = self._inner()
        if (self.agreement or sample_weight is not None) and not takes_weights(inner):
            raise ValueError(
                f"{type(inner).__name__}.fit takes no sample_weight, which FeatureAugmentation has "
                "to pass on to it; leave sample_weight out and set agreement=0, or wrap an "
                "estimator that takes weights, such as LogisticRegression or Ridge."
            )

    def _model(self):
        """The estimator to train, told of what is done for it."""
        model, told = clone(self._inner()), {}
        if self.kernel is not None:
            told["kernel"] = "precomputed"
        if self.agreement and "fit_intercept" in model.get_params():
            told["fit_intercept"] = False
        return model.set_params(**told)

    def _augmented(self, X, slots):
        """What the estimator takes of rows whose domains have these slots."""
        if self._kernel is not None:
            return augmented_kernel(
                self._kernel(X, self.X_fit_), slots, self._fit_slots, self.shared_scale
            )
        return augmented_rows(self._extended(X), slots, len(self.domains_), self.shared_scale)

    def _extended(self, X):
        """Rows with a 1 behind them where agreement takes the place of the intercept."""
        if not self.agreement:
            return X
        ones = np.ones((X.shape[0], 1), dtype=X.dtype)
        if sparse.issparse(X):
            return sparse.hstack([X, ones], format="csr")
        return np.concatenate([X, ones], axis=1)

    def _with_agreement(self, Z, y, weights, U, domains):
        """The training rows and those on whose unlabelled rows two domains are to agree."""
        X, blocks = self._extended(U), [Z]
        sources = self._slots(self.domains_[self.domains_ > 0])
        for target in np.unique(domains):
            pairs = list(product(sources, self._slots([target])))
            blocks.append(agreement_rows(X[domains == target], len(self.domains_), pairs))
        asked = np.zeros((1, *y.shape[1:])) if not is_classifier(self) else np.unique(y)
        n_rows = sum(block.shape[0] for block in blocks[1:])
        blocks += blocks[1:] * (len(asked) - 1)
        return (
            sparse.vstack(blocks, format="csr") if sparse.issparse(Z) else np.concatenate(blocks),
            np.concatenate([y, np.repeat(asked, n_rows, axis=0)]),
            np.append(weights, np.full(n_rows * len(asked), self.agreement)),
        )

    def _slots(self, domains):
        """Number of the slot of each domain, -1 for those that were not fitted."""
        places = np.equal.outer(np.asarray(domains), self.domains_)
        return np.where(places.any(axis=1), places.argmax(axis=1), -1)

    def _new_slots(self, sample_domain, n_samples):
        if sample_domain is not None:
            return self._slots(sample_domain)
        targets = self.domains_[self.domains_ < 0] if (self.domains_ < 0).any() else self.domains_
        slot = self._slots(targets)[0] if len(targets) == 1 else -1
        return np.full(n_samples, slot)

    def _predict_rows(self, method, X, sample_domain):
        Z = self._augmented(X, self._new_slots(sample_domain, X.shape[0]))
        return answer_of(self.estimator_, method, Z)

    def _score_rows(self, X, y, sample_weight, sample_domain):
        return DomainPredictorMixin._score_rows(self, X, y, sample_weight, sample_domain)

    def _validate(self, X, *, reset):
        return validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset
        )

    def _inner(self):
        return LogisticRegression() if self.estimator is None else self.estimator
