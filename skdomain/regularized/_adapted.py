"""Rounds of pseudo-labels in which a minimiser in a kernel space takes a new coupling each time."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import validate_data

from skdomain._domains import fit_domains, source_classes
from skdomain._estimators import DomainClassifierMixin, LabelRounds, answer_of, progress
from skdomain.metrics import BalanceFactors, discriminant_distance
from skdomain.mmd import conditional_coupling
from skdomain.regularized._graph import Cosines, cosine_laplacian
from skdomain.regularized._minimizer import Minimizer
from skdomain.regularized._scores import KernelClassifier, one_hot


class AdaptedClassifier(DomainClassifierMixin, KernelClassifier):
    """Kernel classifier with an MMD and a graph term; what it compares is ``_mapped(X)``."""

    _parameter_constraints: dict = {
        **KernelClassifier._parameter_constraints,
        "lam": [Interval(Real, 0, None, closed="left")],
        "rho": [Interval(Real, 0, None, closed="left")],
        "mu": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "init": [HasMethods(["fit", "predict"]), None],
        "verbose": ["verbose"],
    }
    _facts = DomainClassifierMixin._facts | {
        "predict": "Predict the classes of largest score",
        "predicted": "Class labels",
        "predict_proba": "Class probabilities: those nearest to the scores. Squared loss on "
        "one-hot\nclasses estimates probabilities, so there is no softmax; the terms beside the\n"
        "loss shrink the scores and with them the differences between the probabilities",
        "decision_function": "Scores ``f(x) = k(x, X) beta``",
        "decisions": "A column a class; with two classes the second score less the first",
        "score": "Accuracy on the target rows",
        "scored": "Share of the target rows predicted right, in [0, 1]",
    }

    def _answers(self, method):
        return method != "predict_log_proba"

    def _predict_rows(self, method, X, sample_domain):
        return self._say(method, X)

    def _fit_rounds(self, X, y, sample_domain):
        """Fit to validated rows."""
        source = fit_domains(sample_domain, len(X), self) > 0
        classes, codes = np.unique(source_classes(X, y, source, self), return_inverse=True)
        X = self._fit_map(X, source).astype(np.float64, copy=False)
        order = np.argsort(~source, kind="stable")
        rows = X if source[: len(codes)].all() else X[order]
        coefs, primal = self._rounds(rows, classes, codes), self._is_primal(X)
        self._set_coefs(coefs if primal else coefs[np.argsort(order)], X, primal=primal)
        return self

    def _rounds(self, X, classes, codes):
        """Coefficients of rows of which those of the source come first."""
        source = np.arange(len(X)) < len(codes)
        cosines = self._cosines(X, source)
        self._fit_kernel(X, cosines.values if cosines is not None and cosines.unit else None)
        rounds = LabelRounds(self._first_labels(X, cosines, classes, codes), self.max_iter)
        Y = one_hot(codes, len(classes), source, len(X))
        minimizer = self._minimizer(X, cosines, Y, source)
        mu_of, name = self._balance(X, source, len(classes)), type(self).__name__
        for found in progress(rounds, description=name, verbose=self.verbose, n=self.max_iter):
            labels = np.concatenate([codes, found])
            mu = mu_of(labels) if self.mu == "auto" else self.mu
            coupling = conditional_coupling(labels, source, n_classes=len(classes), mu=mu)
            scores, figures = minimizer.minimum(coupling.normalized(), lam=self.lam)
            rounds.take(scores.argmax(axis=1), figures | {"mu": mu})
        rounds.report(self, classes, ridge="eta")
        return minimizer.coefs()

    def _validate_rows(self, X, **options):
        return validate_data(self, X, dtype=[np.float64, np.float32], order="C", **options)

    def _fit_map(self, X, source):
        """Rows as the kernel compares them, from this fit on."""
        return X

    def _balance(self, X, source, n_classes):
        """What estimates mu from the labels of a round."""
        return BalanceFactors(X, source, n_classes, discriminant_distance)

    def _cosines(self, X, source):
        """All cosines where the graph needs them and K is as large, else None."""
        graph = self.rho and not source.all()
        return Cosines(X) if graph and not self._is_primal(X) else None

    def _first_labels(self, X, cosines, classes, codes):
        """Classes of target rows, as codes, before the first round."""
        source, target = np.split(np.arange(len(X)), [len(codes)])
        if not len(target):
            return target
        if self.init is None and cosines is not None and cosines.unit:
            return codes[cosines.nearest(target, source)]
        init = KNeighborsClassifier(n_neighbors=1) if self.init is None else clone(self.init)
        init.fit(X[source], classes[codes])
        return np.searchsorted(classes, answer_of(init, "predict", X[target]))

    def _minimizer(self, X, cosines, Y, source):
        F, L = X if self._is_primal(X) else None, None
        if cosines is not None:
            L = cosines.laplacian(self.n_neighbors)
            F = cosines.kernel(self._K, X)
        elif self.rho and not source.all():
            L = cosine_laplacian(X, n_neighbors=self.n_neighbors)
        F = self._K(X) if F is None else F
        return Minimizer(F, Y, source, L, eta=self.eta, rho=self.rho, primal=F is X)
