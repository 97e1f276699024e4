"""Rows of the reproduction page beyond the presets: variants that were measured, and other papers'.

VARIANTS are for Office-Caltech, IMAGE_VARIANTS for COIL20 and the digits. Their figures stand in
reference_figures.csv. Kinds as in presets.py; *guess* marks rows of papers whose settings are not
known, fitted with plain settings that were not selected.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC, LinearSVC

from benchmarks.lib.preparation import pixels, unit, zscored
from benchmarks.reproduction.presets import Preset, linear_svm, nearest
from skdomain.alignment import CORAL, GFK, SubspaceAlignment
from skdomain.compose import SourceOnly
from skdomain.regularized import MEDA
from skdomain.subspace import DJPMMD, JDA, TCA, TJM

POST_HOC_C = {"C->A": 1e-2, "C->D": 1e-3}


class CoralMatrixSVM(ClassifierMixin, BaseEstimator):
    """SVM as in the CORAL authors' program: ``Xs A Xs'`` takes the place of a kernel matrix.

    It is no kernel, as A is not symmetric, and the target rows are compared by ``Xt A' Xs'``.

    Parameters
    ----------
    C : float, default=None
        None: the best of 1e-3, ..., 1e4 in two folds of the source rows.
    """

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}

    def __init__(self, C=None):
        self.C = C

    def fit(self, X, y, sample_domain):
        """Train on the source rows."""
        source = sample_domain > 0
        moved = CORAL(1.0, center=False).fit_transform(X, sample_domain=sample_domain)
        self.moved_ = moved[source]
        svm = SVC(kernel="precomputed", C=self.C or 1.0, max_iter=100_000)
        if self.C is None:
            svm = GridSearchCV(svm, {"C": 10.0 ** np.arange(-3, 5)}, cv=2)
        self.svm_ = svm.fit(self.moved_ @ X[source].T, y[source])
        self.classes_ = self.svm_.classes_
        return self

    def predict(self, X):
        """Classes of target rows."""
        return self.svm_.predict(X @ self.moved_.T)

    def score(self, X, y, sample_weight=None, sample_domain=None):
        """Accuracy on the target rows."""
        target = sample_domain < 0
        return np.mean(self.predict(X[target]) == y[target])


class ProgramMEDA(MEDA):
    """MEDA with mu of its authors' program.

    A linear SVM with the hinge loss, C = 1, tells domains and classes apart, before rows are
    scaled to unit length. Its error, not balanced, is that on the rows that it was trained on.
    """

    def _fit_map(self, X, source):
        unit = super()._fit_map(X, source)
        self._rows = self.gfk_.transform(X)[np.argsort(~source, kind="stable")]
        return unit

    def _balance(self, X, source, n_classes):
        def distance(rows):
            svm = SVC(kernel="linear").fit(self._rows[rows], source[rows])
            return 2 * (1 - 2 * (1 - svm.score(self._rows[rows], source[rows])))

        def mu_of(labels):
            seen = [c for c in range(n_classes) if (labels[~source] == c).any()]
            by_class = np.mean([distance(labels == c) for c in seen])
            return by_class / (by_class + domains)

        domains = distance(source | ~source)
        return mu_of


def coral_post_hoc(task):
    """C of two tasks that gives the published figure, cross-validated elsewhere."""
    return zscored(CoralMatrixSVM(POST_HOC_C.get(task)))


def rbf_svm():
    """SVM with C = 10; larger C give the same."""
    return SourceOnly(SVC(C=10))


def liblinear():
    """Linear SVM of the measured variants: squared hinge loss, one class against the rest."""
    return LinearSVC(random_state=0)


VARIANTS = {
    "svm-rbf": Preset("published", zscored(rbf_svm())),
    "tca-primal-30": Preset(
        "published", unit(TCA(30, lam=1.0, kernel="primal"), Normalizer(), nearest())
    ),
    "tca-100-whitened": Preset(
        "published", unit(TCA(100, lam=1.0, whiten=True), Normalizer(), nearest())
    ),
    "coral-unit": Preset("published", zscored(CORAL(1.0, center=False), Normalizer(), nearest())),
    "coral-svm": Preset(
        "published", zscored(CORAL(1.0, center=False), SourceOnly(SVC(kernel="linear", C=1e-3)))
    ),
    "coral-matrix": Preset("published", zscored(CoralMatrixSVM())),
    "coral-matrix-post-hoc": Preset("oracle", coral_post_hoc),
    "jda-20": Preset("oracle", unit(JDA(20, lam=1.0))),
    "jda-25": Preset("oracle", unit(JDA(25, lam=1.0))),
    "djpmmd-40": Preset("oracle", unit(DJPMMD(40, lam=1.0))),
    "djpmmd-40-mu02": Preset("oracle", unit(DJPMMD(40, lam=1.0, mu=0.2))),
    "jda-init": Preset("published", unit(JDA(100, lam=1.0, init="estimator"))),
    "djpmmd-init": Preset("published", unit(DJPMMD(100, lam=1.0, init="estimator"))),
    "djpmmd-40-init": Preset("oracle", unit(DJPMMD(40, lam=1.0, init="estimator"))),
    "wbda-init": Preset(
        "published", unit(JDA(100, lam=1.0, mu=1, weighted=True, init="estimator"))
    ),
    "jda-whitened": Preset("published", unit(JDA(100, lam=1.0, whiten=True))),
    "djpmmd-whitened": Preset("published", unit(DJPMMD(100, lam=1.0, whiten=True))),
    "jda-40-svm": Preset("oracle", unit(JDA(40, lam=1.0, estimator=liblinear()))),
    "djpmmd-40-svm": Preset("oracle", unit(DJPMMD(40, lam=1.0, estimator=liblinear()))),
    "jda-40-ncm": Preset("oracle", unit(JDA(40, lam=1.0, estimator=NearestCentroid()))),
    "djpmmd-40-ncm": Preset("oracle", unit(DJPMMD(40, lam=1.0, estimator=NearestCentroid()))),
    "meda-program-mu": Preset("published", zscored(ProgramMEDA(gamma=0.5))),
    "meda-mu05": Preset("published", zscored(MEDA(gamma=0.5, mu=0.5))),
    "sa-svm": Preset("guess", zscored(SubspaceAlignment(20, center=False), rbf_svm())),
    "gfk-svm": Preset("guess", zscored(GFK(20), rbf_svm())),
    "tca-rbf-svm": Preset("guess", unit(TCA(20, lam=1.0), Normalizer(), rbf_svm())),
}

IMAGE_VARIANTS = {
    "tca-unit-images": Preset(
        "published", pixels(TCA(100, lam=0.1, kernel="primal"), Normalizer(), nearest())
    ),
    "tca-lam1-images": Preset("published", pixels(TCA(100, lam=1.0, kernel="primal"), nearest())),
    "tjm-images": Preset("published", pixels(TJM(100, lam=0.1, tol=0), nearest())),
    "djpmmd-mu001-images": Preset(
        "published", pixels(DJPMMD(100, lam=0.1, mu=0.01, kernel="primal"))
    ),
    "djpmmd-mu0001-images": Preset(
        "published", pixels(DJPMMD(100, lam=0.1, mu=0.001, kernel="primal"))
    ),
    "jda-whitened-images": Preset(
        "published", pixels(JDA(100, lam=0.1, kernel="primal", whiten=True))
    ),
    "meda-mu05-images": Preset("published", pixels(MEDA(gamma=0.5, mu=0.5))),
    "svm-images": Preset("guess", pixels(SourceOnly(linear_svm()))),
    "coral-images": Preset("guess", pixels(CORAL(1.0, center=False), nearest())),
}
