"""What every public estimator says of its methods, held against what they do.

Each method that takes domains asks for them where metadata is routed. Each docstring that says that
domains are not used, or which forms of rows are taken, is tried.
"""

import inspect
import re
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import LinearSVC
from sklearn.utils._metadata_requests import SIMPLE_METHODS
from sklearn.utils.metadata_routing import get_routing_for_object

import skdomain
from skdomain import RowBlocks
from skdomain._estimators import DomainClassifierMixin, DomainPredictorMixin
from skdomain.boosting import TrAdaBoost, TrAdaBoostR2
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import AdaptationSearchCV
from skdomain.subspace import DJPMMD, JDA
from skdomain.weighting import KMM
from skdomain.zero_shot import DAP

WRITTEN_ONCE = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")
TAKE_ROWS = (
    *WRITTEN_ONCE,
    "staged_predict",
    "density_ratio",
    "transform",
    "inverse_transform",
    "fit",
    "partial_fit",
    "fit_transform",
)
# where something has to be said, or the defaults take fewer rows than the class
BASELINE = make_pipeline(
    PerDomain(MaxAbsScaler()), TruncatedSVD(2, random_state=0), SourceOnly(LogisticRegression())
)
ARGUMENTS = {
    "PerDomain": {"transformer": MaxAbsScaler()},
    "LinearProbe": {"transformer": MaxAbsScaler()},
    "AdaptationSearchCV": {
        "candidates": [],
        "baseline": BASELINE,
        "scoring": "class_mixture",  # what the methods do does not depend on who chose the winner
        "cv": 2,
    },
    "AdaptationVotingClassifier": {"candidates": [BASELINE]},
    "SafeTransfer": {"candidates": [], "baseline": BASELINE, "cv": 2, "n_bootstrap": 40},
    "MultiSource": {"estimator": BASELINE},
    "TrAdaBoostR2": {"n_estimators": 5, "n_folds": 2},
    "TwoStageTrAdaBoostR2": {"n_estimators": 2, "n_steps": 3, "n_folds": 2},
    **{
        f"Transfer{model}{kind}": {"random_state": 0}
        for model in ("Tree", "Forest")
        for kind in ("Classifier", "Regressor")
    },
    "TransEMDT": {"random_state": 0},
    "DomainConformalClassifier": {"random_state": 0},
    "DomainConformalRegressor": {"random_state": 0},
    "MEDA": {"n_components": 2, "mu": 0.5},
    # rows of these tests are no label shift, of which the class would warn
    "LabelShiftClassifier": {"n_bootstrap": 0, "shrink": False},
    **{
        name: {"n_components": 2}
        for name in ("TCA", "TJM", "JDA", "DJPMMD", "JGSA", "CMMS", "SubspaceAlignment", "MIDA")
    },
}
KNOW_NO_DOMAINS = {"KernelRidgeClassifier"}  # a classifier to be put into those that do
CLASSES = {
    name: getattr(package, name)
    for package in (getattr(skdomain, name) for name in skdomain._SUBPACKAGES)
    for name in package.__all__
    if hasattr(getattr(package, name), "get_metadata_routing") and name not in KNOW_NO_DOMAINS
}
FITTED = {name: cls for name, cls in CLASSES.items() if hasattr(cls, "fit")}
# Clusters are predicted too, and scored by nothing.
PREDICTORS = {name: cls for name, cls in FITTED.items() if {"predict", "score"} <= {*dir(cls)}}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*reduces to PCA:UserWarning"),
    pytest.mark.filterwarnings("ignore:this .* was fitted by fit:UserWarning"),
]


def make(name):
    return CLASSES[name](**ARGUMENTS.get(name, {}))


def methods_of(model, names):
    return [name for name in names if hasattr(model, name)]


def text_of(cls, method, parameter):
    """What the docstring of a method says of a parameter, and what it refers to."""
    lines = inspect.cleandoc(getattr(cls, method).__doc__).splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(rf"(\w+, )*{parameter}\b", line)]
    if not starts:
        return ""
    rest = lines[starts[0] + 1 :]
    ends = [i for i, line in enumerate(rest) if not line.startswith("    ")]
    text = " ".join([lines[starts[0]], *(line.strip() for line in rest[: ends[0]])])
    if match := re.search(r"As in :meth:`(\w+)`|in the forms that ``(\w+)`` takes", text):
        text += " " + text_of(cls, match[1] or match[2], parameter)
    return text


def promised(cls, method, word):
    """Whether a method says that it takes a form of rows."""
    return word in text_of(cls, method, "X")


def call(model, method, X, y, d):
    """Call a method of a clone if it fits, else of the model, and read all that it returns."""
    takes = inspect.signature(getattr(model, method)).parameters
    passed = {"y": y, "sample_domain": d}
    model = clone(model) if "fit" in method else model
    result = getattr(model, method)(X, **{key: passed[key] for key in passed if key in takes})
    if inspect.isgenerator(result):
        return list(result)
    return result.to_array() if isinstance(result, RowBlocks) else result


def takes(model, method, X, y, d):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(model, method, X, y, d)
        except (TypeError, ValueError):
            return False
    return True


def fitted(name, problem):
    X, y, d = problem
    return make(name).fit(X, y, sample_domain=d)


@pytest.fixture(scope="module")
def problem(make_domains):
    """Domains on different scales and away from zero, so that PerDomain tells them apart."""
    X, y, d = make_domains(30, 24, n_classes=2, shift=0.3)
    return (X + 6) * np.where(d > 0, 1.0, 1.3)[:, None], y, d


each = pytest.mark.parametrize("name", FITTED)
predictors = pytest.mark.parametrize("name", PREDICTORS)
FORMS = {"sparse": sparse.csr_array, "RowBlocks": lambda X: RowBlocks([X[:20], X[20:]])}


# -- Domains ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_each_method_that_takes_domains_asks_for_them(name):
    model, found = make(name), []
    with config_context(enable_metadata_routing=True):
        for method in methods_of(model, SIMPLE_METHODS):
            if "sample_domain" in inspect.signature(getattr(model, method)).parameters:
                asked = get_routing_for_object(model).consumes(method, ["sample_domain"])
                assert asked == {"sample_domain"}, method
                found.append(method)
    assert found or not hasattr(model, "fit")


@predictors
def test_a_pipeline_hands_domains_to_the_last_step(name, problem):
    X, y, d = problem
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(PerDomain(), make(name)).fit(X, y, sample_domain=d)
        Z = PerDomain().fit_transform(X, sample_domain=d)
        alone = make(name).fit(Z, y, sample_domain=d)
        for method in methods_of(alone, WRITTEN_ONCE[:-1]):
            got = getattr(pipe, method)(X, sample_domain=d)
            assert_array_equal(got, getattr(alone, method)(Z, sample_domain=d), err_msg=method)
        assert pipe.score(X, y, sample_domain=d) == alone.score(Z, y, sample_domain=d)


@each
def test_domains_change_a_result_unless_the_docstring_says_not(name, problem):
    X, y, d = problem
    d = np.where((d < 0) & (y == 1), -3, d)  # two targets, of a class each
    model = fitted(name, (X, y, d))
    for method in methods_of(model, (*WRITTEN_ONCE[:-1], "staged_predict", "transform")):
        results = [call(model, method, X, y, given) for given in (d, np.where(d > 0, -2, 1))]
        same = np.array_equal(*results)
        said = text_of(type(model), method, "sample_domain")
        assert same == bool(re.search("not used|changes no prediction|alike", said)), method
        with pytest.raises(ValueError, match="sample_domain has shape"):
            call(model, method, X, y, d[1:])


@predictors
def test_the_score_is_that_of_target_rows_told_their_domains(name, problem):
    X, y, d = problem
    model, target, weight = fitted(name, problem), d < 0, np.arange(len(y)) % 3
    score = model.score(X, y, sample_weight=weight, sample_domain=d)
    rows = X[target], y[target], weight[target]
    assert score == model.score(*rows, sample_domain=d[target])
    predicted = model.predict(X, sample_domain=d)[target]
    if hasattr(model, "classes_"):
        assert_allclose(score, np.average(predicted == y[target], weights=weight[target]))
    changed = np.where(target, y, y[::-1])
    assert score == model.score(X, changed, sample_weight=weight, sample_domain=d)


def test_a_search_predicts_by_the_domains_that_it_is_told(problem):
    X, y, d = problem
    search = make("AdaptationSearchCV").fit(X, y, sample_domain=d)
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        with config_context(enable_metadata_routing=True):
            expected = getattr(search.best_estimator_, method)(X, sample_domain=d)
        assert_array_equal(getattr(search, method)(X, sample_domain=d), expected)


def test_a_search_scores_each_target_domain_by_its_own_transformer(problem):
    X, y, d = problem
    d = np.where((d < 0) & (np.arange(len(d)) % 2 == 0), -3, d)
    search = make("AdaptationSearchCV").fit(X, y, sample_domain=d)
    right = (search.predict(X, sample_domain=d) == y)[d < 0]
    assert search.score(X, y, sample_domain=d) == right.mean()
    with pytest.raises(ValueError, match="pass sample_domain"):
        search.score(X[d < 0], y[d < 0])


# -- Forms of rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@each
def test_a_method_takes_the_forms_of_rows_that_it_names_and_no_other(name, form, problem):
    X, y, d = problem
    model = fitted(name, problem)
    rows = FORMS[form](X)
    if form == "sparse" and takes(model, "fit", rows, y, d):
        model.fit(rows, y, sample_domain=d)
    for method in methods_of(model, TAKE_ROWS):
        assert takes(model, method, rows, y, d) == promised(type(model), method, form), method


@each
def test_a_method_that_names_dask_arrays_gives_them_back(name, problem):
    da = pytest.importorskip("dask.array", reason="dask arrays need skdomain[dask]")
    X, _, d = problem
    model = fitted(name, problem)
    rows = da.from_array(X, chunks=(20, X.shape[1]))
    for method in methods_of(model, (*WRITTEN_ONCE[:-1], "transform")):
        lazy = isinstance(getattr(model, method)(rows, sample_domain=d), da.Array)
        assert lazy == promised(type(model), method, "dask"), method


# -- One mixin ----------------------------------------------------------------------------------


@predictors
def test_methods_are_written_once_and_told_of_each_class(name):
    cls = PREDICTORS[name]
    assert issubclass(cls, DomainPredictorMixin)
    for method in methods_of(cls, WRITTEN_ONCE):
        # those that are told which classes to choose from have one more parameter, written once too
        told = "classes" in inspect.signature(getattr(cls, method)).parameters
        once = getattr(DAP if told else DomainClassifierMixin, method)
        written = inspect.unwrap(inspect.getattr_static(cls, method))
        assert written.__code__ is inspect.unwrap(once).__code__, method
        assert not re.search(r"\{\w+\}", written.__doc__), method


@pytest.mark.parametrize(
    ("model", "has"),
    [
        (
            SourceOnly(LogisticRegression()),
            {"predict_proba", "predict_log_proba", "decision_function"},
        ),
        (SourceOnly(GaussianNB()), {"predict_proba", "predict_log_proba"}),
        (SourceOnly(), {"predict_proba"}),
        (SourceOnly(Ridge()), set()),
        (JDA(estimator=LinearSVC()), {"decision_function"}),
        (DJPMMD(), {"predict_proba"}),
        (KMM(Ridge()), set()),
        (TrAdaBoost(), {"predict_proba", "predict_log_proba", "decision_function"}),
        (TrAdaBoostR2(), set()),
        (make("TwoStageTrAdaBoostR2"), set()),
        (AdaptationSearchCV([]), {"predict_proba"}),
    ],
)
def test_a_predictor_has_the_methods_of_the_estimator_inside(model, has):
    assert set(methods_of(model, WRITTEN_ONCE[1:4])) == has


@predictors
def test_log_probabilities_are_logarithms_of_probabilities(name, problem):
    model = fitted(name, problem)
    if not hasattr(model, "predict_log_proba"):
        assert not hasattr(getattr(model, "estimator_", None), "predict_log_proba")
        return
    X, _, d = problem
    with np.errstate(divide="ignore"):
        expected = np.log(model.predict_proba(X, sample_domain=d))
    assert_allclose(model.predict_log_proba(X, sample_domain=d), expected, atol=1e-9)


class Nearest(DomainClassifierMixin, ClassifierMixin, BaseEstimator):
    """The class of the nearer mean: all that a classifier has to write."""

    _facts = DomainClassifierMixin._facts | {"predict": "Predict the class of the nearer mean"}

    def fit(self, X, y, sample_domain=None):
        self.classes_ = np.unique(y)
        self.means_ = np.array([X[y == label].mean(axis=0) for label in self.classes_])
        return self

    def _new_rows(self, X):
        return np.asarray(X)

    def _predict_rows(self, method, X, sample_domain):
        nearest = np.argmin(((X[:, None] - self.means_) ** 2).sum(axis=2), axis=1)
        return self.classes_[nearest]

    def _answers(self, method):
        return False


class Counting(Nearest):
    """A method of a subclass is its own, and that of its subclasses."""

    def predict(self, X, sample_domain=None):
        return np.zeros(len(X))


class CountingOn(Counting):
    pass


def test_a_new_classifier_writes_fit_and_one_hook(problem):
    X, y, d = problem
    model = Nearest().fit(X, y)
    assert model.score(X, y, sample_domain=d) == np.mean(model.predict(X[d < 0]) == y[d < 0])
    assert not methods_of(model, WRITTEN_ONCE[1:4])
    assert Nearest.predict.__doc__.startswith("Predict the class of the nearer mean.")
    assert DomainClassifierMixin.predict.__doc__ != Nearest.predict.__doc__
    assert not CountingOn().fit(X, y).predict(X).any()
