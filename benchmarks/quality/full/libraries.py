"""The libraries behind one interface: a classifier with ``fit(X, y, sample_domain)``.

A library is a function ``fit(name, params, X, y, source)``: the method to fit, as the library calls
it, its parameters, rows, labels 0, 1, ... (those of target rows are hidden) and which rows are of
the source. It gives a function ``proba(X, source)``, class probabilities of rows of one side or
both. Behind every method stands the same classifier.
"""

from importlib import import_module

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def classifier():
    """The classifier of every cell."""
    return LogisticRegression(max_iter=1000)


MODULES = {
    "scikit-learn": ["sklearn.linear_model"],
    "skdomain": [
        f"skdomain.{room}" for room in ("subspace", "alignment", "weighting", "transport")
    ],
    "skada": ["skada"],
    "POT": ["ot.da"],
    "adapt": ["adapt.feature_based", "adapt.instance_based"],
    "transfertools": ["transfertools.models"],
    "libtlda": ["libtlda.tca", "libtlda.suba", "libtlda.iw"],
}


def find(name, library):
    """Class or function of the library's first module that has it; AttributeError if none does."""
    found = [import_module(module) for module in MODULES[library]]
    return getattr(next((m for m in found if hasattr(m, name)), found[0]), name)


def domains(source):
    """Domain of each row."""
    return np.where(source, 1, -2)


def fit_scikit_learn(name, params, X, y, source):
    """No adaptation; PCA is that of the rows of both domains."""
    axes = (PCA(**params) if name == "PCA" else FunctionTransformer()).fit(X)
    model = classifier().fit(axes.transform(X[source]), y[source])
    return lambda X, source: model.predict_proba(axes.transform(X))


def fit_skdomain(name, params, X, y, source):
    """A method that takes the classifier, one that is one itself, or a transformer before it.

    The transformer is called as those of the libraries that have no pipelines are.
    """
    from skdomain.compose import PerDomain

    name, *scaled = name.split()
    model = find(name, "skdomain")(**params)
    if scaled:
        model = make_pipeline(PerDomain(StandardScaler()), model)
    if "estimator" in model.get_params(deep=False):
        model.set_params(estimator=classifier())
    elif not hasattr(model, "predict"):
        Z = model.fit_transform(X, y, sample_domain=domains(source))
        behind = classifier().fit(Z[source], y[source])
        return lambda X, source: behind.predict_proba(
            model.transform(X, sample_domain=domains(source))
        )
    model.fit(X, y, sample_domain=domains(source))
    return lambda X, source: model.predict_proba(X, sample_domain=domains(source))


def fit_skada(name, params, X, y, source):
    """One of its pipelines; it writes into the labels that it is given."""
    base = classifier().set_fit_request(sample_weight=True)
    model = find(name, "skada")(base_estimator=base, **params)
    model.fit(X, y.copy(), sample_domain=domains(source))
    return lambda X, source: model.predict_proba(
        X, sample_domain=domains(source), allow_source=True
    )


def fit_pot(name, params, X, y, source):
    """The classifier on transported source rows; target rows stay where they are."""
    transport = find(name, "POT")(**params)
    transport.fit(Xs=X[source], ys=y[source], Xt=X[~source])
    model = classifier().fit(transport.transform(Xs=X[source]), y[source])

    def proba(X, source):
        X = X.copy()
        if source.any():
            X[source] = transport.transform(Xs=X[source])
        return model.predict_proba(X)

    return proba


def fit_adapt(name, params, X, y, source):
    """Its model transforms rows by their side, or only weighs those of the source."""
    method = find(name, "adapt")
    model = method(classifier(), Xt=X[~source], verbose=0, random_state=0, **params)
    model.fit(X[source], y[source])

    def proba(X, source):
        result = np.empty((len(X), len(model.estimator_.classes_)))
        for side, rows in (("src", source), ("tgt", ~source)):
            if rows.any():
                Z = model.transform(X[rows], side) if hasattr(model, "transform") else X[rows]
                result[rows] = model.estimator_.predict_proba(Z)
        return result

    return proba


def fit_transfertools(name, params, X, y, source):
    """Its ``transfer`` is for source rows; target rows get what its ``fit`` does to them."""
    transfer = find(name, "transfertools")(**params)
    transfer.fit(X[source], X[~source])

    def transform(X, source):
        Z = transfer.transfer(X)
        if name == "CORAL":
            Z[~source] = transfer.target_scaler_.transform(X)[~source]
        return Z

    model = classifier().fit(transform(X[source], source[source]), y[source])
    return lambda X, source: model.predict_proba(transform(X, source))


def fit_libtlda(name, params, X, y, source):
    """Classifiers that map target rows themselves; theirs is replaced by ours."""
    name, *weights = name.split()
    method = find(name, "libtlda")
    model = method(**params, **dict(zip(["iwe"], weights, strict=False)))
    model.clf = classifier()
    model.fit(X[source], y[source], X[~source])
    return lambda X, source: np.eye(y.max() + 1)[model.predict(X)]


LIBRARIES = {
    "scikit-learn": fit_scikit_learn,
    "skdomain": fit_skdomain,
    "skada": fit_skada,
    "POT": fit_pot,
    "adapt": fit_adapt,
    "transfertools": fit_transfertools,
    "libtlda": fit_libtlda,
}


class Adapted(ClassifierMixin, BaseEstimator):
    """A method of a library as a scikit-learn classifier that is told the domains.

    Parameters: a key of ``LIBRARIES``, a ``methods.Way``, and our hyper-parameters or None.
    It has no ``transform``: criteria that look at features see the rows as prepared, for all
    libraries alike.
    """

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True}

    def __init__(self, library, way, setting=None):
        self.library = library
        self.way = way
        self.setting = setting

    def fit(self, X, y, sample_domain):
        """Fit to both domains; of one of them, as a rule the target, labels are not shown."""
        return self.fit_with(self.parameters(X, sample_domain), X, y, sample_domain)

    def parameters(self, X, sample_domain):
        """The setting in the words of the library, for these rows."""
        source = sample_domain > 0
        return self.way.parameters(self.setting, X[source], X[~source])

    def fit_with(self, params, X, y, sample_domain):
        """The fit alone, with these parameters of the library's."""
        source = sample_domain > 0 if self.way.labels == "source" else sample_domain < 0
        self.classes_, codes = np.unique(y[source], return_inverse=True)
        labels = np.full(len(y), codes[0])
        labels[source] = codes
        self.proba_ = LIBRARIES[self.library](self.way.name, params, X, labels, source)
        return self

    def predict_proba(self, X, sample_domain=None):
        """Class probabilities; rows are of the target unless it is said that they are not."""
        source = np.zeros(len(X), bool) if sample_domain is None else sample_domain > 0
        return np.asarray(self.proba_(X, source))

    def predict(self, X, sample_domain=None):
        """The likeliest class of each row."""
        return self.classes_[self.predict_proba(X, sample_domain).argmax(axis=1)]

    def score(self, X, y, sample_domain=None):
        """Accuracy on the target rows."""
        rows = slice(None) if sample_domain is None else sample_domain < 0
        domains = None if sample_domain is None else sample_domain[rows]
        return float(np.mean(self.predict(X[rows], domains) == y[rows]))
