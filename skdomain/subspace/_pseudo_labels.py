"""Pseudo-label iteration: project, classify the target, let the new labels shape the projection."""

from abc import abstractmethod
from dataclasses import replace
from functools import partial
from numbers import Integral

import numpy as np
from sklearn.base import _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from skdomain._domains import fit_domains, source_labels, warn_caller
from skdomain._estimators import DomainClassifierMixin, all_or_nothing, inner_has, progress
from skdomain._rows import concatenate_over, in_blocks, map_over
from skdomain.subspace._label_steps import Stepper, iterate_labels
from skdomain.subspace._projection import EIGEN_SOLVERS, Projection
from skdomain.subspace._spectral._pencil import solve


class PseudoLabelProjection(DomainClassifierMixin, Projection):
    """Projection shaped by the classes of the source and the pseudo-labels of the target."""

    _parameter_constraints: dict = {
        **Projection._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "normalize": ["boolean"],
        "init": [StrOptions({"none", "estimator"})],
        "eigen_solver": [EIGEN_SOLVERS],
        "verbose": ["verbose"],
    }
    _fits_blocks = True

    @abstractmethod
    def _coupling(self, X, labels, source, n_classes):
        """Return the coupling of these labels, -1 where there is none, and its mu."""

    @all_or_nothing
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, sample_domain=None):
        """Iterate projection and pseudo-labels.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
            Rows of both domains in any order, or their kernel matrix if precomputed. Blocks need
            ``kernel="primal"`` or ``"linear"``, no fewer rows than features, and a ``mu`` that is
            a number. In memory stands the embedding of the source rows alone (with
            ``init="estimator"`` these rows themselves).
        y : array-like of shape (n_samples,)
            Classes of the source rows; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative ones for target rows. None: all rows are
            source rows, nothing is matched, and :class:`~skdomain.NoTargetWarning` says so.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If X is not finite or all its rows are equal, the source has fewer than two classes,
            sample_domain does not fit X, or the objective is unbounded below (DJPMMD).
        """
        X = self._validate_rows(X)
        source = fit_domains(sample_domain, len(X), self) > 0
        y_source = self._source_classes(X, y, source)
        basis, X_fit = self._basis(X)
        rows = in_blocks(X) if basis.rows is X else basis.rows
        step = Stepper(
            source=source,
            y_source=y_source,
            classifier=self._inner(),
            rows=rows,
            project=partial(self._project_fitted, X, source, replace(basis, rows=rows)),
        )
        last, history, period = iterate_labels(
            step,
            step.classify(X, lambda X: X)[1] if self.init == "estimator" else None,
            max_iter=self.max_iter,
            bar=partial(progress, description=type(self).__name__, verbose=self.verbose),
        )
        self._warn_without_signal(last.solution, source, X.dtype)
        self._warn_unless_converged(history, period)
        self._set_projection(last.solution, X, X_fit)
        self.classes_ = step.classes
        self.estimator_ = last.estimator
        self.pseudo_labels_ = step.classes[last.labels]
        self.history_ = {name: np.array([h[name] for h in history]) for name in history[0]}
        self.n_iter_ = len(history)
        self.termination_ = "max_iter" if history[-1]["label_changes"] else "converged"
        return self

    def predict(self, X, sample_domain=None):
        """Predict classes with the inner classifier on the projected rows.

        Parameters
        ----------
        X : array-like, RowBlocks or dask array of shape (n_samples, n_features)
            Rows, or with ``kernel="precomputed"`` their kernel with the fitted rows.
        sample_domain : array-like of shape (n_samples,), default=None
            Checked and otherwise not used.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels; of a dask array a dask array, whose chunks are predicted when it is
            computed.
        """
        return concatenate_over(self._project(X, sample_domain), self.estimator_.predict)

    @available_if(inner_has("predict_proba"))
    def predict_proba(self, X, sample_domain=None):
        """Class probabilities, where the inner classifier has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or a dask array if X is
            Probabilities in the order of ``classes_``.
        """
        return concatenate_over(self._project(X, sample_domain), self.estimator_.predict_proba)

    @available_if(inner_has("decision_function"))
    def decision_function(self, X, sample_domain=None):
        """Decision values, where the inner classifier has them.

        Parameters
        ----------
        X, sample_domain
            As in :meth:`predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes), or a dask array if X is
            What the inner classifier returns.
        """
        return concatenate_over(self._project(X, sample_domain), self.estimator_.decision_function)

    def _embed(self, X):
        return self._finish(super()._embed(X))

    def _finish(self, Z):
        return normalize(Z, copy=False) if self.normalize else Z

    def _validate_blocks(self, X):
        if self.mu == "auto":
            raise ValueError(
                "mu='auto' trains classifiers on the rows and takes no blocks; pass a number, or "
                "X.to_array() (of dask: X.compute())."
            )
        return super()._validate_blocks(X)

    def _project_fitted(self, X, source, basis, labels, n_classes, sums):
        """Projection of rows for the inner classifier, the solution it comes from, and mu."""
        coupling, mu = self._coupling(X, labels, source, n_classes)
        solution = solve(
            basis,
            sums.complete(coupling),
            lam=self.lam,
            n_components=self.n_components,
            whiten=self.whiten,
            eigen_solver=self.eigen_solver,
        )
        weights, dtype = basis.weights(solution), X.dtype  # X itself is not sent to workers

        def embed(rows):
            return self._finish((rows @ weights).astype(dtype, copy=False))

        return partial(map_over, function=embed, width=weights.shape[1]), solution, mu

    def _source_classes(self, X, y, source):
        y_source = column_or_1d(source_labels(X, y, source, self), warn=True)
        classes = np.unique(y_source).tolist()
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs source rows of at least 2 classes, got only one "
                f"class, {classes[0]!r}; check y on the rows with sample_domain > 0."
            )
        return y_source

    def _inner(self):
        return KNeighborsClassifier(n_neighbors=1) if self.estimator is None else self.estimator

    def _warn_unless_converged(self, history, period):
        changes = history[-1]["label_changes"]
        if not changes:
            return
        advice = "raise max_iter"
        if period:
            advice = f"the labels run in a cycle of {period} iterations, so raise lam instead"
        warn_caller(
            f"iteration {len(history)} of {type(self).__name__} still changed {changes} "
            f"pseudo-labels; the labels returned are its. To reach a fixed point, {advice}.",
            ConvergenceWarning,
        )
