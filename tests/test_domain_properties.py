"""What every estimator promises about rows, domains and labels, whatever its method."""

import functools
import inspect
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import OneToOneFeatureMixin, clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdomain import NoTargetWarning
from skdomain.alignment import (
    GFK,
    LEACE,
    MIDA,
    ComBat,
    LinearMonge,
    SharedPrivateSubspaces,
    SubspaceAlignment,
)
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import MultiSource, PerDomain, Pooled, SourceOnly, TransitiveTransfer
from skdomain.conformal import DomainConformalClassifier, DomainConformalRegressor
from skdomain.label_shift import BBSE, RLLS, EMPriors, KernelMixture, LabelShiftClassifier
from skdomain.model_selection import AdaptationVotingClassifier
from skdomain.regularized import ARTL, MEDA, KernelRidgeClassifier
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.transfer import (
    AdaptiveSVM,
    FeatureAugmentation,
    LinearProbe,
    SelfTaughtFeatures,
    SelfTrainingAdapter,
    SourceRegularizedLogisticRegression,
    SourceRegularizedRidge,
    TransEMDT,
    TransferForestClassifier,
    TransferForestRegressor,
    TransferTreeClassifier,
    TransferTreeRegressor,
)
from skdomain.transport import (
    JCPOT,
    JDOTClassifier,
    JDOTRegressor,
    OptimalTransport,
    OTLabelPropagation,
    SlicedTransport,
)
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)
from skdomain.zero_shot import DAP, ESZSL, AttributeHinge, SemanticAutoencoder

KERNELS = ("primal", "linear", "rbf")
PROJECTIONS = {
    f"{method.__name__} {kernel}": method(2, kernel=kernel)
    for method in (TCA, TJM, JDA, DJPMMD)
    for kernel in KERNELS
}
PROJECTED_CLASSIFIERS = {
    **{name: model for name, model in PROJECTIONS.items() if not name.startswith(("TCA", "TJM"))},
    "JDA logistic": JDA(2, estimator=LogisticRegression(), weighted=True, init="estimator"),
    "JDA priors": JDA(2, target_priors="estimate", kernel="primal"),
    "DJPMMD priors": DJPMMD(2, estimator=LogisticRegression(), target_priors="estimate"),
}
OWN_MAPS = {
    **{f"JGSA {kernel}": JGSA(2, kernel=kernel) for kernel in KERNELS},
    "JGSA logistic": JGSA(2, estimator=LogisticRegression(), normalize=True, init="none"),
}
ON_SPHERE = {
    "SelectivePseudoLabels": SelectivePseudoLabels(2, max_iter=5),
    "SelectivePseudoLabels bayes": SelectivePseudoLabels(2, estimator=GaussianNB(), max_iter=3),
    "SelectivePseudoLabels CAPLS": SelectivePseudoLabels(2, structured=False, n_axes=3, max_iter=3),
    "CMMS": CMMS(2, max_iter=3),
    "CMMS logistic": CMMS(2, estimator=LogisticRegression(), n_neighbors=3, rho=0, max_iter=3),
}
REGULARIZED = {
    "ARTL": ARTL(),
    "ARTL linear": ARTL(kernel="linear", mu="auto", init=LogisticRegression()),
    "MEDA": MEDA(2, mu=0.5, n_neighbors=3),
}
WEIGHTED = {
    "ClassifierWeighting": ClassifierWeighting(),
    "ClassifierWeighting bayes": ClassifierWeighting(classifier=GaussianNB()),
    "GaussianWeighting": GaussianWeighting(),
    "KLIEP": KLIEP(),
    "KMM": KMM(),
    "NearestNeighborWeighting": NearestNeighborWeighting(n_neighbors=3),
    "RuLSIF": RuLSIF(),
}
STUMP = DecisionTreeClassifier(max_depth=1, random_state=0)
BOOSTED_CLASSIFIERS = {
    "TrAdaBoost": TrAdaBoost(n_estimators=2, random_state=0),
    "TrAdaBoost logistic": TrAdaBoost(LogisticRegression(), n_estimators=2, min_error=0.01),
    "MultiSourceTrAdaBoost": MultiSourceTrAdaBoost(STUMP, n_estimators=4, min_error=0),
}
POOLED_CLASSIFIERS = {
    "Pooled": Pooled(),
    "Pooled bayes": Pooled(GaussianNB(var_smoothing=0.1)),
    "Pooled plain": Pooled(KNeighborsClassifier(3), balance=False),
    "MultiSource": MultiSource(Pooled(LogisticRegression()), weights="stacked"),
}
SELF_TRAINED = {
    "SelfTrainingAdapter": SelfTrainingAdapter(),
    "SelfTrainingAdapter leave": SelfTrainingAdapter(
        GaussianNB(var_smoothing=0.1), "threshold", threshold=0.8, leave=True, max_iter=4
    ),
}
TRANSFERRED_CLASSIFIERS = {
    **{
        f"TransferTreeClassifier {method}": TransferTreeClassifier(method=method, random_state=0)
        for method in ("relabel", "ser", "strut")
    },
    "TransferTreeClassifier prune": TransferTreeClassifier(unreached="prune", random_state=0),
    **{
        f"TransferForestClassifier {method}": TransferForestClassifier(
            RandomForestClassifier(9), method=method, random_state=0
        )
        for method in ("relabel", "mix")
    },
}
TRANSFERRED_REGRESSORS = {
    "TransferTreeRegressor": TransferTreeRegressor(random_state=0),
    "TransferTreeRegressor relabel": TransferTreeRegressor(method="relabel", random_state=0),
    "TransferForestRegressor": TransferForestRegressor(RandomForestRegressor(5), random_state=0),
}
LABEL_SHIFT = {
    "LabelShiftClassifier": LabelShiftClassifier(n_bootstrap=10, random_state=0),
    "LabelShiftClassifier weights": LabelShiftClassifier(correct="weights", n_bootstrap=0),
    "LabelShiftClassifier both": LabelShiftClassifier(GaussianNB(), correct="both", n_bootstrap=0),
    **{
        f"LabelShiftClassifier {method}": LabelShiftClassifier(method=method, n_bootstrap=0)
        for method in ("bbse", "bbse-soft", "rlls", "kernel")
    },
}
CONFORMAL_CLASSIFIERS = {
    "DomainConformalClassifier": DomainConformalClassifier(random_state=0),
    "DomainConformalClassifier ratio": DomainConformalClassifier(
        weights=GaussianWeighting(), method="aps", random_state=0
    ),
    "DomainConformalClassifier inside": DomainConformalClassifier(
        SourceOnly(LogisticRegression()), weights=BBSE(cv=2, n_bootstrap=0), random_state=0
    ),
}
TRANSPORT = {
    "JDOTClassifier": JDOTClassifier(),
    "JDOTClassifier bayes": JDOTClassifier(GaussianNB(), alpha=0.8, max_iter=3),
    "OTLabelPropagation": OTLabelPropagation(),
    "JCPOT": JCPOT(),
}
ZERO_SHOT = {
    "ESZSL": ESZSL(),
    "SemanticAutoencoder": SemanticAutoencoder(),
    "SemanticAutoencoder features": SemanticAutoencoder(space="features"),
    "AttributeHinge": AttributeHinge(),
    "DAP": DAP(),
}
VOTERS = [SourceOnly(LogisticRegression()), SourceOnly(GaussianNB()), JDA(2, kernel="primal")]
TRANSFER_CLASSIFIERS = {
    "SourceRegularizedLogisticRegression": SourceRegularizedLogisticRegression(),
    "SourceRegularizedLogisticRegression bayes": SourceRegularizedLogisticRegression(
        GaussianNB(), metric="identity"
    ),
    "AdaptiveSVM": AdaptiveSVM(LogisticRegression()),
    "LinearProbe": LinearProbe(estimator=GaussianNB()),
    "FeatureAugmentation": FeatureAugmentation(LogisticRegression(tol=1e-8)),
    "FeatureAugmentation kernel": FeatureAugmentation(SVC(tol=1e-9), kernel="rbf"),
}
CLASSIFIERS = {
    **PROJECTED_CLASSIFIERS,
    **OWN_MAPS,
    **ON_SPHERE,
    "JDA ridge": JDA(2, estimator=KernelRidgeClassifier()),
    **REGULARIZED,
    **WEIGHTED,
    **BOOSTED_CLASSIFIERS,
    **TRANSFER_CLASSIFIERS,
    **POOLED_CLASSIFIERS,
    **SELF_TRAINED,
    **TRANSFERRED_CLASSIFIERS,
    "TransEMDT": TransEMDT(random_state=0),
    "TransEMDT all": TransEMDT(confident=1, max_iter=4, random_state=0),
    **LABEL_SHIFT,
    **CONFORMAL_CLASSIFIERS,
    **TRANSPORT,
    **ZERO_SHOT,
    "TransitiveTransfer": TransitiveTransfer(),
    "TransitiveTransfer logistic": TransitiveTransfer(LogisticRegression()),
    "SourceOnly": SourceOnly(),
    "SourceOnly logistic": SourceOnly(LogisticRegression()),
    **{
        f"AdaptationVotingClassifier {voting}": AdaptationVotingClassifier(VOTERS, voting=voting)
        for voting in ("soft", "hard", "latent")
    },
}
TRANSFORMERS = {
    **PROJECTIONS,
    **OWN_MAPS,
    **ON_SPHERE,
    "ComBat": ComBat(),
    "ComBat target": ComBat(reference="target"),
    "ComBat unshrunk": ComBat(prior_strength=0),
    "LinearMonge target": LinearMonge(reference="target"),
    "LinearMonge barycenter": LinearMonge(reference="barycenter"),
    "LEACE": LEACE(),
    "MIDA": MIDA(2),
    "MIDA rbf": MIDA(2, kernel="rbf"),
    "MIDA labels": MIDA(2, eta=1.0),
    "SharedPrivateSubspaces": SharedPrivateSubspaces(2, n_components=2),
    "SelfTaughtFeatures": SelfTaughtFeatures(2, max_iter=5, random_state=0),
    "SubspaceAlignment": SubspaceAlignment(2),
    "GFK": GFK(1),
    "OptimalTransport": OptimalTransport(),
    "OptimalTransport rows": OptimalTransport(class_reg=0.0, out_of_sample="kernel"),
    "OptimalTransport unbalanced": OptimalTransport(class_reg=0.0, unbalanced=0.5, debias=False),
    "SlicedTransport": SlicedTransport(3, random_state=0),
    "PerDomain": PerDomain(),
    "PerDomain MinMax": PerDomain(MinMaxScaler()),
}
BOOSTED_REGRESSORS = {
    "TrAdaBoostR2": TrAdaBoostR2(n_estimators=2, random_state=0),
    "TrAdaBoostR2 ridge": TrAdaBoostR2(Ridge(), n_estimators=4),
    "TwoStageTrAdaBoostR2": TwoStageTrAdaBoostR2(
        n_estimators=3, n_steps=3, n_folds=2, random_state=0
    ),
}
TRANSFER_REGRESSORS = {
    "SourceRegularizedRidge": SourceRegularizedRidge(),
    "SourceRegularizedRidge identity": SourceRegularizedRidge(metric="identity"),
    "FeatureAugmentation ridge": FeatureAugmentation(Ridge(), agreement=0.5),
}
POOLED_REGRESSORS = {
    "Pooled ridge": Pooled(Ridge()),
    "MultiSource ridge": MultiSource(Pooled(Ridge()), weights="stacked"),
}
REGRESSORS = {
    **BOOSTED_REGRESSORS,
    **TRANSFER_REGRESSORS,
    **POOLED_REGRESSORS,
    **TRANSFERRED_REGRESSORS,
    "DomainConformalRegressor": DomainConformalRegressor(confidence_level=0.5, random_state=0),
    "DomainConformalRegressor ratio": DomainConformalRegressor(
        SourceOnly(Ridge()), weights=GaussianWeighting(), confidence_level=0.5, random_state=0
    ),
    "JDOTRegressor": JDOTRegressor(),
    "SourceOnly ridge": SourceOnly(Ridge()),
    **{
        f"{name} ridge": clone(model).set_params(estimator=Ridge())
        for name, model in WEIGHTED.items()
        if "bayes" not in name
    },
}
PROPORTIONS = {
    "EMPriors": EMPriors(n_bootstrap=5, random_state=0),
    "EMPriors bayes": EMPriors(GaussianNB(), calibration="vector", cv=2, n_bootstrap=0),
    "BBSE": BBSE(n_bootstrap=5, random_state=0),
    "RLLS": RLLS(soft=True, n_bootstrap=5, random_state=0),
    "KernelMixture": KernelMixture(n_bootstrap=5, random_state=0),
}
ESTIMATORS = {**TRANSFORMERS, **CLASSIFIERS, **REGRESSORS, **PROPORTIONS}
SUPERVISED = {
    **BOOSTED_REGRESSORS,
    **BOOSTED_CLASSIFIERS,
    **TRANSFER_REGRESSORS,
    **TRANSFER_CLASSIFIERS,
    **POOLED_REGRESSORS,
    **POOLED_CLASSIFIERS,
    **SELF_TRAINED,
    **TRANSFERRED_CLASSIFIERS,
    **TRANSFERRED_REGRESSORS,
}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning"),
    pytest.mark.filterwarnings("ignore:.* cannot be told apart:UserWarning"),
    pytest.mark.filterwarnings("ignore:.* rows get an infinite interval:UserWarning"),
]


def each(table):
    """Parametrize a test over the estimators of a table; each run gets a fresh clone."""
    return pytest.mark.parametrize("name", table)


problems = given(
    n_source=st.integers(4, 20),
    n_target=st.integers(3, 20),
    n_features=st.integers(2, 6),
    seed=st.integers(0, 2**16),
)


def fit(name, X, y, sample_domain):
    return clone(ESTIMATORS[name]).fit(X, y, sample_domain=sample_domain)


@pytest.fixture(scope="module")
def fitted(make_domains):
    """Each estimator as fitted to ``make_domains()``, once for the tests that only ask it."""
    return functools.cache(lambda name: fit(name, *make_domains()))


def outputs(model, X, sample_domain):
    """What a fitted estimator says about rows: one entry a row in each value."""
    if hasattr(model, "interval_"):  # the same of each row
        told = np.concatenate([model.priors_, model.interval_.ravel()])
        return {"proportions": np.repeat(told[None], X.shape[0], axis=0)}
    methods = (
        "transform",
        "predict",
        "predict_proba",
        "decision_function",
        "predict_interval",
    )
    return {
        method: getattr(model, method)(X, sample_domain=sample_domain)
        for method in methods
        if hasattr(model, method)
    }


def summary(model):
    """What a fit reports that does not depend on the order of the rows."""
    found = {"eigenvalues": getattr(model, "eigenvalues_", None)}
    return {**found, "n_iter": getattr(model, "n_iter_", None), **getattr(model, "history_", {})}


def assert_close(got, expected, *, tolerance=1e-8):
    """Equal labels; numbers equal to within a share of the largest finite one."""
    assert got.keys() == expected.keys()
    for key, value in expected.items():
        if value is None or np.asarray(value).dtype.kind in "OU":
            assert_array_equal(got[key], value, err_msg=key)
        else:
            atol = tolerance * np.max(np.abs(value), where=np.isfinite(value), initial=1)
            assert_allclose(got[key], value, rtol=0, atol=atol, err_msg=key)


def assert_identical(got, expected):
    """Equal but for the last bits, in which BLAS may differ with where the arrays lie."""
    assert_close(got, expected, tolerance=1e-12)


# -- Rows ---------------------------------------------------------------------------------------


@each(ESTIMATORS)
def test_fit_takes_the_rows_then_the_labels_then_the_domains(name):
    parameters = inspect.signature(ESTIMATORS[name].fit).parameters
    assert list(parameters)[:3] == ["X", "y", "sample_domain"]


@each(ESTIMATORS)
@settings(max_examples=4)
@problems
def test_permuting_the_rows_permutes_the_output_and_nothing_else(
    name, make_domains, n_source, n_target, n_features, seed
):
    X, y, d = make_domains(n_source, n_target, n_features, seed=seed)
    order = np.random.default_rng(seed).permutation(len(X))
    straight, permuted = fit(name, X, y, d), fit(name, X[order], y[order], d[order])
    expected = {key: value[order] for key, value in outputs(straight, X, d).items()}
    assert_close(outputs(permuted, X[order], d[order]), expected)
    assert_close(summary(permuted), summary(straight))
    if hasattr(straight, "pseudo_labels_"):
        labels = np.full(len(X), -1)
        labels[d < 0] = straight.pseudo_labels_
        assert_array_equal(permuted.pseudo_labels_, labels[order][d[order] < 0])
    if len(getattr(straight, "weights_", ())) == np.sum(d > 0):
        weights = np.zeros(len(X))
        weights[d > 0] = straight.weights_
        assert_allclose(permuted.weights_, weights[order][d[order] > 0], atol=1e-8)


@each(ESTIMATORS)
def test_rows_one_at_a_time_give_what_all_at_once_give(name, fitted, make_domains):
    model, (X, _, d) = fitted(name), make_domains(seed=1)
    one_by_one = [outputs(model, X[[i]], d[[i]]) for i in range(len(X))]
    stacked = {key: np.concatenate([one[key] for one in one_by_one]) for key in one_by_one[0]}
    assert_close(stacked, outputs(model, X, d), tolerance=1e-12)


@each(ESTIMATORS)
def test_new_rows_without_a_domain_are_target_rows(name, fitted, make_domains):
    model, (X, _, d) = fitted(name), make_domains(seed=1)
    assert_identical(outputs(model, X, None), outputs(model, X, np.full_like(d, -2)))


# -- Target labels ------------------------------------------------------------------------------

KINDS = ("random", "NaN", "None", "strings", "strings in a list")


def unlabelled(y, d, kind, seed):
    """Replace the labels of the target rows, in the container that fits."""
    n_target = np.sum(d < 0)
    rng = np.random.default_rng(seed)
    hidden = {
        "random": lambda: (y, rng.integers(-5, 5, n_target)),
        "NaN": lambda: (y.astype(float), np.full(n_target, np.nan)),
        "None": lambda: (y.astype(object), np.full(n_target, None)),
        "strings": lambda: (y.astype(object), rng.choice(["?", "no idea"], n_target)),
    }
    labels, values = hidden[kind.removesuffix(" in a list")]()
    labels = labels.copy()
    labels[d < 0] = values
    return labels.tolist() if kind.endswith("list") else labels


@each([name for name in ESTIMATORS if name not in SUPERVISED])
@settings(max_examples=2)
@problems
def test_what_y_holds_on_target_rows_changes_nothing(
    name, make_domains, n_source, n_target, n_features, seed
):
    X, y, d = make_domains(n_source, n_target, n_features, seed=seed)
    told = fit(name, X, y, d)
    for kind in KINDS:
        blind = fit(name, X, unlabelled(y, d, kind, seed), d)
        assert_identical(outputs(blind, X, d), outputs(told, X, d))
        assert_identical(summary(blind), summary(told))
        if hasattr(told, "pseudo_labels_"):
            assert_array_equal(blind.pseudo_labels_, told.pseudo_labels_)


@each(SUPERVISED)
@settings(max_examples=3)
@problems
def test_what_y_holds_on_unlabelled_target_rows_changes_nothing_but_labels_do(
    name, make_domains, n_source, n_target, n_features, seed
):
    """Every fifth target row is unlabelled, the first of them included."""
    X, y, d = make_domains(n_source, n_target, n_features, seed=seed)
    y = np.where(d < 0, y, 1 - y)
    labelled = np.ones(len(y), dtype=bool)
    labelled[np.flatnonzero(d < 0)[::5]] = False
    told = clone(SUPERVISED[name]).fit(X, y, sample_domain=d, labelled=labelled)
    for kind in KINDS:
        hidden = unlabelled(y, np.where(labelled, 1, -1), kind, seed)
        blind = clone(SUPERVISED[name]).fit(X, hidden, sample_domain=d, labelled=labelled)
        assert_identical(outputs(blind, X, d), outputs(told, X, d))
        assert_identical(summary(blind), summary(told))


# -- Names --------------------------------------------------------------------------------------


# For 1, 2, -2 and -4. The order of the two sources and that of the two targets is kept or reversed.
NAMES = [(3, 8, 1, 5), (7, 1, 3, 8), (2, 5, 8, 7), (6, 2, 5, 1)]


# To TransitiveTransfer the lowest number says which domain is the target.
@each([name for name in ESTIMATORS if not name.startswith("TransitiveTransfer")])
def test_the_names_of_the_domains_do_not_matter(name, make_domains):
    X, y, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 2)
    expected = outputs(fit(name, X, y, several), X, several)
    for first, second, third, fourth in NAMES:
        names = {1: first, 2: second, -2: -third, -4: -fourth}
        renamed = np.array([names[number] for number in several])
        assert_identical(outputs(fit(name, X, y, renamed), X, renamed), expected)


# Methods to which each number is a domain of its own.
EACH_DOMAIN = (
    "PerDomain",
    "MultiS",
    "LabelShift",
    "ComBat",
    "LinearMonge",
    "LEACE",
    "MIDA",
    "SharedPrivate",
    "FeatureAug",
    "TransitiveTransfer",
    "JCPOT",
)


@each([name for name in ESTIMATORS if not name.startswith(EACH_DOMAIN)])
def test_several_sources_and_several_targets_are_pooled(name, fitted, make_domains):
    X, y, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 3)
    one, many = fitted(name), fit(name, X, y, several)
    assert_identical(outputs(many, X, several), outputs(one, X, d))
    assert_identical(outputs(many, X, None), outputs(one, X, None))


@each(CLASSIFIERS)
def test_the_names_of_the_classes_do_not_matter(name, fitted, make_domains):
    X, y, d = three = make_domains(n_classes=3)
    of_two = fitted(name).predict(make_domains()[0])
    of_three = fit(name, *three).predict(X)
    for names in (["no", "yes", "maybe"], [-1, 1, 0], [1.0, -2.0, 7.0], ["b", "", "a"]):
        assert_named(fit(name, X, np.array(names)[y], d), X, names, of_three)
    X, y, d = make_domains()
    assert_named(fit(name, X, y == 0, d), X, [True, False], of_two)


def assert_named(model, X, names, numbers):
    """The model has the classes of these names, and predicts those of these numbers."""
    predicted = model.predict(X)
    assert_array_equal(predicted, np.array(names)[numbers])
    assert predicted.dtype == np.array(names).dtype
    assert_array_equal(model.classes_, np.unique(names))
    assert len(np.unique(predicted)) == len(names)


# -- Containers ---------------------------------------------------------------------------------


@each(ESTIMATORS)
def test_inputs_are_left_as_they_were(name, make_domains):
    inputs = make_domains()
    copies = [array.copy() for array in inputs]
    outputs(fit(name, *inputs), inputs[0], inputs[2])
    for array, copy in zip(inputs, copies, strict=True):
        assert_array_equal(array, copy)


@each(ESTIMATORS)
def test_rows_that_lie_together_are_neither_written_to_nor_looked_at_later(name, make_domains):
    """A domain that is a part of X need not be copied; what was fitted to it stays as it was."""
    X, y, d = make_domains()
    order = np.argsort(-d, kind="stable")
    X, y, d = (array[order].copy() for array in (X, y, d))
    rows, model = X.copy(), fit(name, X, y, d)
    before = outputs(model, rows, d)
    assert_array_equal(X, rows)
    X[:] = 7.0
    assert_identical(outputs(model, rows, d), before)


@pytest.fixture(scope="module", params=[np.float64, np.float32], ids=["float64", "float32"])
def maps(request, make_domains, tmp_path_factory):
    """X, y and domains on disk, read-only, and in memory."""
    (X, *rest), folder = make_domains(), tmp_path_factory.mktemp("maps")
    arrays, paths = [X.astype(request.param), *rest], [folder / f"{i}.npy" for i in range(3)]
    for path, array in zip(paths, arrays, strict=True):
        np.save(path, array)
    return [np.load(path, mmap_mode="r") for path in paths], arrays


@each(ESTIMATORS)
def test_read_only_memory_maps_are_accepted(name, maps):
    mapped, (X, y, d) = maps
    assert_identical(
        outputs(fit(name, *mapped), mapped[0], mapped[2]), outputs(fit(name, X, y, d), X, d)
    )


@pytest.mark.parametrize("kernel", ["precomputed", "callable"])
@pytest.mark.parametrize("method", [TCA, TJM, JDA, DJPMMD, JGSA])
def test_a_given_kernel_matrix_serves_as_well_as_its_name(method, kernel, make_domains):
    X, y, d = make_domains()
    K = rbf_kernel(X, gamma=0.25)
    K.flags.writeable = False
    named = method(2, kernel="rbf", gamma=0.25).fit(X, y, sample_domain=d)
    if kernel == "precomputed":
        given_, rows = method(2, kernel=kernel).fit(K, y, sample_domain=d), K
    else:
        given_ = method(2, kernel=lambda a, b: np.exp(-0.25 * np.sum((a - b) ** 2)))
        given_, rows = given_.fit(X, y, sample_domain=d), X
    assert_close(outputs(given_, rows, d), outputs(named, X, d))


@each(TRANSFORMERS)
def test_float32_in_is_float32_out_and_near_float64(name, fitted, make_domains):
    X, y, d = make_domains()
    double, single = fitted(name), fit(name, X.astype(np.float32), y, d)
    Z = single.transform(X.astype(np.float32), sample_domain=d)
    assert Z.dtype == np.float32
    assert_allclose(Z, double.transform(X, sample_domain=d), atol=2e-5 * np.abs(Z).max())
    if hasattr(double, "predict"):
        assert_array_equal(single.predict(X.astype(np.float32)), double.predict(X))


@each(TRANSFORMERS)
def test_data_frames_keep_their_index_and_name_the_output(name, frames, fitted, make_domains):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd", index=np.arange(len(X)) * 3 + 1)
    model = clone(ESTIMATORS[name]).set_output(transform=frames.name)
    Z = model.fit_transform(frame, frames.column(y), sample_domain=frames.column(d))
    assert type(Z) is type(frame)
    if frames.name == "pandas":
        assert_array_equal(Z.index, frame.index)
    prefix = name.split()[0].lower()
    keeps_names = isinstance(model, (PerDomain, OneToOneFeatureMixin))
    expected = list("abcd") if keeps_names else [f"{prefix}0", f"{prefix}1"]
    assert list(Z.columns) == model.get_feature_names_out().tolist() == expected
    assert model.feature_names_in_.tolist() == list("abcd")
    assert_allclose(Z, fitted(name).transform(X, sample_domain=d), rtol=0, atol=1e-12)


@each(CLASSIFIERS)
def test_data_frames_predict_what_arrays_predict(name, frames, fitted, make_domains):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd")
    model = fit(name, frame, frames.column(y), frames.column(d))
    assert_array_equal(model.predict(frame), fitted(name).predict(X))


@each(CLASSIFIERS)
def test_integers_of_pandas_that_may_be_missing_are_taken(name, fitted, make_domains):
    X, y, d = make_domains()
    model = fit(name, X, pd.Series(y, dtype="Int64"), pd.Series(d, dtype="Int64"))
    assert_array_equal(model.predict(X), fitted(name).predict(X))


@each(ESTIMATORS)
def test_columns_in_another_order_are_refused_as_scikit_learn_does(name, frames, make_domains):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd")
    model = fit(name, frame, y, d)
    assert model.feature_names_in_.tolist() == list("abcd")
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
                getattr(model, method)(frame[list("cabd")])


@pytest.mark.filterwarnings("ignore:n_components=:UserWarning")
@each(ESTIMATORS)
def test_one_number_is_the_domain_of_all_rows(name, fitted, make_domains):
    X, y, _ = make_domains()
    model = fitted(name)
    for method in ("predict", "transform"):
        if hasattr(model, method):
            one_a_row = getattr(model, method)(X, sample_domain=np.full(len(X), -2))
            assert_array_equal(getattr(model, method)(X, sample_domain=-2), one_a_row)
    if hasattr(model, "score"):
        assert model.score(X, y, sample_domain=-2) == model.score(X, y)
    with pytest.warns(NoTargetWarning):
        clone(ESTIMATORS[name]).fit(X, y, sample_domain=1)


# -- Life of an estimator -----------------------------------------------------------------------


@each(ESTIMATORS)
def test_pickles_clones_and_second_fits_give_identical_output(name, fitted, make_domains):
    X, y, d = make_domains()
    model = fit(name, X, y, d)
    expected = outputs(fitted(name), X, d)
    assert_identical(outputs(pickle.loads(pickle.dumps(model)), X, d), expected)
    assert_identical(outputs(clone(model).fit(X, y, sample_domain=d), X, d), expected)
    other_X, other_y, other_d = make_domains(20, 9, 3, seed=5)
    model.fit(other_X, other_y, sample_domain=other_d)
    assert_identical(outputs(model.fit(X, y, sample_domain=d), X, d), expected)


@each(TRANSFORMERS)
@settings(max_examples=5)
@problems
def test_fit_transform_is_fit_and_transform(
    name, make_domains, n_source, n_target, n_features, seed
):
    X, y, d = make_domains(n_source, n_target, n_features, seed=seed)
    together = clone(ESTIMATORS[name]).fit_transform(X, y, sample_domain=d)
    one_by_one = fit(name, X, y, d).transform(X, sample_domain=d)
    if name != "TCA rbf":
        assert_array_equal(together, one_by_one)
        return
    # which computes K(X, X) once; K(X, copy of X) differs by rounding
    assert_allclose(together, one_by_one, rtol=0, atol=1e-12 * np.abs(one_by_one).max())


@each(PROJECTED_CLASSIFIERS)
def test_predictions_are_those_of_the_inner_classifier_on_the_embedding(name, make_domains):
    X, y, d = make_domains(n_classes=3)
    model = fit(name, X, y, d)
    Z, source = model.transform(X), d > 0
    inner = clone(model.estimator or KNeighborsClassifier(1)).fit(Z[source], y[source])
    assert_array_equal(model.predict(X), inner.predict(Z))
    assert_array_equal(model.pseudo_labels_, inner.predict(Z[~source]))


# -- Invariance ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method",
    [TCA(2, kernel="primal"), JDA(2, kernel="primal", normalize=False)],
    ids=lambda method: type(method).__name__,
)
@given(offset=arrays(float, 4, elements=st.floats(-10, 10)))
def test_translating_both_domains_changes_nothing(method, make_domains, offset):
    """F'MF and F'HFA do not see a common offset, as M1 = 0 and H1 = 0."""
    X, y, d = make_domains()
    here = clone(method).fit(X, y, sample_domain=d)
    there = clone(method).fit(X + offset, y, sample_domain=d)
    signs = np.sign(np.sum(here.components_ * there.components_, axis=1))  # fixed by Z, not by A
    assert_allclose(there.components_ * signs[:, None], here.components_, atol=1e-8)
    assert_allclose(there.eigenvalues_, here.eigenvalues_, rtol=1e-8)
    if hasattr(here, "predict"):
        assert_array_equal(there.predict(X + offset), here.predict(X))


@each(PROJECTIONS)
def test_swapping_source_and_target_matters_to_what_tells_them_apart(name, make_domains):
    """TCA's objective is symmetric in the domains, and TJM's where rows of A are features.

    Otherwise TJM weighs source rows; pseudo-labels replace one domain's labels.
    """
    X, y, d = make_domains(shift=4)
    y[d > 0] = np.random.default_rng(0).integers(2, size=np.sum(d > 0))
    there, back = (fit(name, X, y, labels).transform(X) for labels in (d, -d))
    assert np.allclose(there, back) == name.startswith(("TCA", "TJM primal"))


# -- PerDomain and SourceOnly -------------------------------------------------------------------


@each(["PerDomain", "SourceOnly logistic"])
def test_sparse_rows_give_what_dense_rows_give(name, make_domains):
    X, y, d = make_domains()
    inner = {"PerDomain": {"transformer": MaxAbsScaler()}}.get(name, {})
    dense, thin = (
        outputs(clone(ESTIMATORS[name]).set_params(**inner).fit(S, y, sample_domain=d), S, d)
        for S in (X, sparse.csr_array(X))
    )
    if name == "PerDomain":
        thin["transform"] = thin["transform"].toarray()
    assert_close(thin, dense)


# -- Score --------------------------------------------------------------------------------------


@each(CLASSIFIERS)
def test_score_is_the_accuracy_on_target_rows(name, make_domains):
    X, y, d = make_domains(seed=3)
    model = fit(name, X, y, d)
    target, weight = d < 0, np.arange(len(d)) + 1.0
    wrong = np.where(target & (np.arange(len(d)) % 3 == 0), 1 - y, y)
    expected = accuracy_score(wrong[target], model.predict(X[target]))
    assert 0 < expected < 1
    assert model.score(X, wrong, sample_domain=d) == expected
    assert model.score(X[target], wrong[target]) == expected
    hidden = np.where(target, wrong.astype(object), "never read")
    assert model.score(X, hidden, sample_domain=d) == expected
    assert model.score(X, wrong, sample_weight=weight, sample_domain=d) == pytest.approx(
        accuracy_score(wrong[target], model.predict(X[target]), sample_weight=weight[target])
    )


@each(REGRESSORS)
def test_score_of_a_regressor_is_r2_on_target_rows(name, fitted, make_domains):
    X, y, d = make_domains()
    model = fitted(name)
    expected = r2_score(y[d < 0], model.predict(X[d < 0]))
    assert model.score(X, y, sample_domain=d) == expected


@each(CLASSIFIERS)
def test_score_without_target_rows_names_the_splitter_that_holds_them(name, fitted, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=r"got none among 32 rows; split with .*TargetKFold"):
        fitted(name).score(X, y, sample_domain=abs(d))


@each(CLASSIFIERS)
def test_score_needs_a_label_for_each_row(name, fitted, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[32, 31\]"):
        fitted(name).score(X, y[1:], sample_domain=d)


# -- Delegation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "has"),
    [
        (LogisticRegression(), {"predict_proba", "decision_function"}),
        (KNeighborsClassifier(), {"predict_proba"}),
        (SVC(), {"decision_function"}),
        (None, {"predict_proba"}),
    ],
    ids=["logistic", "neighbours", "SVC", "default"],
)
@pytest.mark.parametrize("method", [JDA, DJPMMD, JGSA, SourceOnly])
def test_methods_exist_exactly_where_the_inner_classifier_has_them(
    method, inner, has, make_domains
):
    X, y, d = make_domains(n_classes=3)
    model = method(estimator=inner)
    if method is not SourceOnly:
        model.set_params(n_components=2)
    for state in (model, clone(model).fit(X, y, sample_domain=d)):
        found = {m for m in ("predict_proba", "decision_function") if hasattr(state, m)}
        assert found == has
    for name in has:
        columns = getattr(state, name)(X)
        assert_array_equal(state.classes_[columns.argmax(axis=1)], state.predict(X))
