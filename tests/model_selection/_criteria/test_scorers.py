"""What holds for every criterion: it reads no target label, and works in scikit-learn's tools."""

import functools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils._param_validation import InvalidParameterError

from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    CircularValidation,
    DeepEmbeddedValidation,
    DomainShuffleSplit,
    ImportanceWeighted,
    Oracle,
    PredictionEntropy,
    TargetKFold,
    get_scorer,
    scorer_names,
)
from skdomain.model_selection._criteria._scorer_names import SCORERS
from skdomain.subspace import JDA

NAMES = scorer_names()
ON_SOURCE_ROWS = (
    "circular_validation",
    "class_mixture",
    "deep_embedded_validation",
    "importance_weighted",
)
LABEL_FREE = [name for name in NAMES if name != "oracle"]
STEPS = ("perdomain", "sourceonly")
GRID = {"sourceonly__estimator__C": [1e-3, 1e-1, 10]}
every = pytest.mark.parametrize("name", NAMES)
label_free = pytest.mark.parametrize("name", LABEL_FREE)
on_source_rows = pytest.mark.parametrize("name", ON_SOURCE_ROWS)
both_routings = pytest.mark.parametrize("routing", [True, False], ids=["routed", "not routed"])
problems = pytest.mark.parametrize("n_classes", [2, 3], ids=["binary", "multiclass"])


def ratio(Xs, Xt):
    Xs, Xt = np.asarray(Xs), np.asarray(Xt)
    return np.exp(-np.square(Xs - Xt.mean(axis=0)).mean(axis=1))


def scorer(name, **parameters):
    """Criterion by name, with a ratio where it takes one."""
    found = get_scorer(name)
    if "ratio" in found.get_params():
        parameters["ratio"] = ratio
    return found.set_params(**parameters)


def pipeline(C=1.0):
    return make_pipeline(PerDomain(StandardScaler()), SourceOnly(LogisticRegression(C=C)))


def told(routing, d):
    """How the domains reach the steps of the pipeline."""
    return {"sample_domain": d} if routing else {f"{step}__sample_domain": d for step in STEPS}


def fit(model, X, y, d):
    with config_context(enable_metadata_routing=True):
        return model.fit(X, y, sample_domain=d)


@pytest.fixture(scope="module")
def fitted(make_overlapping):
    """Of each C, the pipeline as fitted to some of the rows of each size and name of the classes.

    Criteria only ask it, so all of them ask the same.
    """

    @functools.cache
    def model(sizes, rows=None, C=1.0, *, n_classes=2, names=None):
        X, y, d = make_overlapping(*sizes, n_classes=n_classes)
        y = y if names is None else KINDS[names][y]
        rows = slice(None) if rows is None else np.array(rows)
        return fit(pipeline(C), X[rows], y[rows], d[rows])

    return model


# -- Names --------------------------------------------------------------------------------------


def test_each_name_gives_the_criterion_of_that_name():
    assert {name: type(get_scorer(name)).__name__ for name in NAMES} == {
        name: name.title().replace("_", "") for name in NAMES
    }
    assert set(ON_SOURCE_ROWS) < set(NAMES)
    assert {
        "prediction_entropy",
        "soft_neighborhood_density",
        "information_maximization",
        "mixup_validation",
        "oracle",
    } < set(NAMES)


def test_an_unknown_name_is_an_error_that_lists_the_known():
    with pytest.raises(ValueError, match="'accuracy' is not a criterion; choose one of circular_v"):
        get_scorer("accuracy")


@every
def test_criteria_are_cloned_and_pickled(name):
    found = get_scorer(name)
    assert repr(found) == f"{type(found).__name__}()"
    for copy in (clone(found), pickle.loads(pickle.dumps(found))):
        assert type(copy) is type(found)
        assert copy.get_params() == found.get_params()


# -- What is read -------------------------------------------------------------------------------


@label_free
@settings(max_examples=4)
@given(n_classes=st.integers(2, 4), seed=st.integers(0, 2**16))
def test_what_y_holds_on_the_target_changes_no_bit(name, make_overlapping, n_classes, seed):
    X, y, d = make_overlapping(40, 20, n_classes=n_classes, seed=seed)
    model, rng, target = fit(pipeline(), X, y, d), np.random.default_rng(seed), d < 0
    criterion = scorer(name)
    estimate = criterion.estimate(model, X, y, sample_domain=d)
    random = rng.permutation(y)
    kinds = {
        "random": random,
        "NaN": np.full(len(y), np.nan),
        "None": np.full(len(y), None),
        "strings": np.full(len(y), "?", dtype=object),
        "new classes": 100 + random,
    }
    for values in kinds.values():
        labels = np.where(target, values, y)
        assert_array_equal(criterion.estimate(model, X, labels, sample_domain=d), estimate)
    for missing in (None, "?"):
        labels = np.where(target, np.array(missing, dtype=object), y).tolist()
        assert_array_equal(criterion.estimate(model, X, labels, sample_domain=d), estimate)


def test_the_oracle_reads_the_labels_of_the_target_alone(make_overlapping):
    X, y, d = make_overlapping()
    model = fit(pipeline(), X, y, d)
    with config_context(enable_metadata_routing=True):
        correct = model.predict(X[d < 0], sample_domain=d[d < 0]) == y[d < 0]
    a, n = correct.mean(), len(correct)
    hidden = np.where(d > 0, np.nan, y)
    found = Oracle().estimate(model, X, hidden, sample_domain=d)
    assert found == pytest.approx((a, np.sqrt(a * (1 - a) / (n - 1))))
    assert 0.5 < a < 1
    assert Oracle()(model, X, np.where(d < 0, 1 - y, y), sample_domain=d) == pytest.approx(1 - a)


KINDS = {
    "strings": np.array(["a", "b", "c"]),
    "objects": np.array(["a", "b", "c"], dtype=object),
    "floats": np.array([-1.0, 0.0, 7.0]),
    "booleans": np.array([False, True]),
    "integers": np.array([-1, 1, 4], dtype=np.int8),
}


@every
@problems
def test_what_the_classes_are_called_does_not_matter(name, n_classes, fitted, make_overlapping):
    X, y, d = make_overlapping(40, 20, n_classes=n_classes)
    plain = scorer(name).estimate(fitted((40, 20), n_classes=n_classes), X, y, sample_domain=d)
    for kind, names in KINDS.items():
        if kind != "booleans" or n_classes == 2:
            model = fitted((40, 20), n_classes=n_classes, names=kind)
            assert_array_equal(scorer(name).estimate(model, X, names[y], sample_domain=d), plain)


@every
def test_the_order_of_the_rows_does_not_matter(name, fitted, make_overlapping):
    X, y, d = make_overlapping(40, 20)
    model, order = fitted((40, 20)), np.random.default_rng(0).permutation(len(X))
    values = [
        scorer(name).estimate(model, X[rows], y[rows], sample_domain=d[rows])
        for rows in (slice(None), order)
    ]
    assert_allclose(*values, rtol=1e-6, atol=1e-12)


@every
def test_data_frames_and_read_only_float32_are_taken(name, frames, make_overlapping):
    X, y, d = make_overlapping(40, 20)
    X = X.astype(np.float32)
    X.flags.writeable = y.flags.writeable = d.flags.writeable = False
    plain = scorer(name)(fit(pipeline(), X, y, d), X, y, sample_domain=d)
    frame = frames.frame(X, "abcd", index=np.arange(len(X))[::-1])
    model = fit(pipeline(), frame, frames.column(y), d)
    value = scorer(name)(model, frame, frames.column(y), frames.column(d))
    assert type(value) is float
    assert value == pytest.approx(plain, rel=1e-5)


# -- scikit-learn's tools -----------------------------------------------------------------------


@every
def test_with_routing_a_search_judges_test_rows_of_both_domains(name, fitted, make_overlapping):
    X, y, d = make_overlapping(60, 50)
    cv, criterion = DomainShuffleSplit(2, test_size=0.4, random_state=0), scorer(name)
    search = GridSearchCV(pipeline(), GRID, scoring=criterion, cv=cv, error_score="raise")
    search = fit(search, X, y, d)
    expected = np.array(
        [
            [
                criterion(fitted((60, 50), (*a,), C), X[b], y[b], sample_domain=d[b])
                for C in (1e-3, 1e-1, 10)
            ]
            for a, b in cv.split(X, y, sample_domain=d)
        ]
    )
    found = [search.cv_results_[f"split{i}_test_score"] for i in range(2)]
    assert_array_equal(found, expected)
    assert np.isfinite(expected).all()
    assert search.best_index_ == expected.mean(axis=0).argmax()


@every
def test_criteria_by_name_need_no_parameters(name, make_overlapping):
    X, y, d = make_overlapping(60, 50)
    cv = DomainShuffleSplit(2, test_size=0.4, random_state=0)
    search = GridSearchCV(pipeline(), GRID, scoring=get_scorer(name), cv=cv, error_score="raise")
    scores = fit(search, X, y, d).cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert search.best_score_ == scores.max()


@every
def test_without_routing_a_search_judges_target_rows_and_held_out_source_rows(
    name, fitted, make_overlapping
):
    """The rows given are target rows; the domains of the steps are still known to them."""
    X, y, d = make_overlapping(60, 50)
    held = np.flatnonzero(d > 0)[:25]
    Xs, ys = X[held], y[held]
    kept = np.delete(np.arange(len(X)), held)
    X, y, d = X[kept], y[kept], d[kept]
    on_source = name in ON_SOURCE_ROWS
    criterion = scorer(name, source=(Xs, ys)) if on_source else scorer(name)
    cv = TargetKFold(2)
    search = GridSearchCV(pipeline(), GRID, scoring=criterion, cv=cv, error_score="raise")
    search.fit(X, y, groups=d, **told(False, d))
    for i, (a, b) in enumerate(cv.split(X, sample_domain=d)):
        rows, labels, domains = X[b], y[b], d[b]
        if on_source:
            rows, labels = np.vstack([rows, Xs]), np.hstack([labels, ys])
            domains = np.hstack([domains, np.ones_like(held)])
        expected = [
            scorer(name)(fitted((60, 50), (*kept[a],), C), rows, labels, sample_domain=domains)
            for C in (1e-3, 1e-1, 10)
        ]
        assert_array_equal(search.cv_results_[f"split{i}_test_score"], expected)


@both_routings
def test_cross_validation_takes_all_of_them_at_once(routing, fitted, make_overlapping):
    X, y, d = make_overlapping(60, 50)
    parameters = {} if routing else {"source": (X[d > 0], y[d > 0])}
    scoring = {name: scorer(name, **parameters if name in ON_SOURCE_ROWS else {}) for name in NAMES}
    cv = DomainShuffleSplit(2, test_size=0.4, random_state=0) if routing else TargetKFold(2)
    given_ = {"params": told(routing, d)} | ({} if routing else {"groups": d})
    with config_context(enable_metadata_routing=routing):
        results = cross_validate(
            pipeline(), X, y, scoring=scoring, cv=cv, error_score="raise", **given_
        )
    for name in NAMES:
        for i, (a, b) in enumerate(cv.split(X, y, sample_domain=d)):
            model = fitted((60, 50), (*a,))
            domains = d[b] if routing else None
            assert results[f"test_{name}"][i] == scoring[name](model, X[b], y[b], domains)


@every
def test_a_halving_search_chooses_by_it(name, make_overlapping):
    X, y, d = make_overlapping(120, 120)
    search = HalvingGridSearchCV(
        pipeline(),
        GRID,
        scoring=scorer(name),
        cv=DomainShuffleSplit(2, test_size=0.4, random_state=0),
        min_resources=80,
        error_score="raise",
        random_state=0,
    )
    scores = fit(search, X, y, d).cv_results_["mean_test_score"]
    assert search.n_iterations_ > 1
    assert np.isfinite(scores).all()
    assert search.best_score_ == scores[search.best_index_]


@both_routings
def test_two_processes_find_what_one_does(routing, make_overlapping):
    X, y, d = make_overlapping(60, 50)
    criterion = CircularValidation(source=None if routing else (X[d > 0], y[d > 0]))
    cv = DomainShuffleSplit(2, random_state=0) if routing else TargetKFold(2)
    given_ = told(routing, d) | ({} if routing else {"groups": d})
    with config_context(enable_metadata_routing=routing):
        one, two = (
            GridSearchCV(
                pipeline(), GRID, scoring=criterion, cv=cv, n_jobs=n_jobs, error_score="raise"
            )
            .fit(X, y, **given_)
            .cv_results_["mean_test_score"]
            for n_jobs in (1, 2)
        )
    assert_array_equal(one, two)
    assert np.isfinite(one).all()


@every
def test_a_method_that_is_transformer_and_classifier_is_judged(name, make_overlapping):
    X, y, d = make_overlapping(40, 40)
    model = JDA(2, estimator=LogisticRegression(), kernel="primal").fit(X, y, sample_domain=d)
    estimate = scorer(name).estimate(model, X, y, sample_domain=d)
    assert np.isfinite(estimate.value)
    assert estimate == scorer(name).estimate(make_pipeline(model), X, y, sample_domain=d)


def test_the_domains_of_held_out_source_rows_can_be_named(make_overlapping):
    X, y, d = make_overlapping()
    d[d > 0] = np.arange((d > 0).sum()) % 2 + 3
    model, target = fit(pipeline(), X, y, d), d < 0
    for criterion in map(scorer, ON_SOURCE_ROWS):
        expected = criterion.estimate(model, X, y, sample_domain=d)
        criterion.set_params(source=(X[~target], y[~target], d[~target]))
        assert criterion.estimate(model, X[target], sample_domain=d[target]) == expected


@on_source_rows
def test_held_out_source_rows_stand_back_where_there_are_others(name, make_overlapping):
    X, y, d = make_overlapping(40, 20)
    model, elsewhere = fit(pipeline(), X, y, d), (X[:5] + 3, y[:5])
    expected = scorer(name)(model, X, y, sample_domain=d)
    assert scorer(name, source=elsewhere)(model, X, y, sample_domain=d) == expected


# -- Errors -------------------------------------------------------------------------------------


@every
def test_no_target_row_is_an_error(name, make_domains):
    X, y, d = make_domains()
    model, source = fit(pipeline(), X, y, d), d > 0
    with pytest.raises(ValueError, match=r"judges on target rows and got none among 18 rows; sp"):
        scorer(name)(model, X[source], y[source], sample_domain=d[source])


@on_source_rows
def test_no_source_row_is_an_error_that_names_both_ways_out(name, make_domains):
    X, y, d = make_domains()
    model, target = fit(pipeline(), X, y, d), d < 0
    message = (
        r"needs labelled source rows and got none among 14 rows\. Either enable scikit-learn's "
        r"metadata routing, .* such as DomainShuffleSplit; or .*\w+\(source=\(Xs, ys\)\)\."
    )
    with pytest.raises(ValueError, match=message):
        scorer(name)(model, X[target], y[target])


@on_source_rows
def test_missing_labels_of_the_source_are_an_error(name, make_domains):
    X, y, d = make_domains()
    model = fit(pipeline(), X, y, d)
    with pytest.raises(ValueError, match="needs the labels of the source rows, but y is None"):
        scorer(name)(model, X, sample_domain=d)
    with pytest.raises(ValueError, match="y is missing in 18 of 18; label these rows or"):
        scorer(name)(model, X, np.where(d > 0, np.nan, y), sample_domain=d)


@on_source_rows
@pytest.mark.parametrize(
    ("source", "message"),
    [
        (lambda X, y: (X[:0], y[:0]), "holds 0 rows, 0 of them target rows; pass labelled source"),
        (lambda X, y: (X, y, -np.ones(len(X))), "holds 32 rows, 32 of them target rows; pass lab"),
        (lambda X, y: (X, y[:3]), "inconsistent numbers of samples"),
        (lambda X, y: (X,), "source holds 1 entries; pass .Xs, ys. or .Xs, ys, sample_domain."),
        (lambda X, y: [X, y], "'source' parameter of .* must be an instance of 'tuple' or None"),
    ],
    ids=["empty", "target rows", "lengths", "unlabelled", "list"],
)
def test_held_out_rows_that_are_no_labelled_source_rows_are_an_error(
    name, source, message, make_domains
):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=message):
        scorer(name, source=source(X, y))(fit(pipeline(), X, y, d), X[d < 0])


@every
def test_labels_of_another_length_are_an_error(name, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        scorer(name)(fit(pipeline(), X, y, d), X, y[:-1], sample_domain=d)


def test_decision_values_of_pairs_of_classes_are_an_error_that_says_what_to_take(make_domains):
    X, y, d = make_domains(40, 40, n_classes=4)
    pairs, classes = (
        SourceOnly(SVC(decision_function_shape=shape)).fit(X, y, sample_domain=d)
        for shape in ("ovo", "ovr")
    )
    assert np.isfinite(PredictionEntropy()(classes, X, y, sample_domain=d))
    with pytest.raises(ValueError, match=r'6 columns for 4 classes.*decision_function_shape="ovr"'):
        PredictionEntropy()(pairs, X, y, sample_domain=d)


def test_the_oracle_asks_for_every_label_of_the_target(make_domains):
    X, y, d = make_domains()
    model = fit(pipeline(), X, y, d)
    with pytest.raises(ValueError, match="Oracle reads the labels of the target rows, and 14 of"):
        Oracle()(model, X, sample_domain=d)
    for missing in (None, np.nan):
        labels = y.astype(object)
        labels[np.flatnonzero(d < 0)[:2]] = missing
        with pytest.raises(ValueError, match="and 2 of 14 have none; choose a criterion that nee"):
            Oracle()(model, X, labels, sample_domain=d)


@pytest.mark.parametrize(
    "criterion",
    [
        ImportanceWeighted(space="latent"),
        ImportanceWeighted(ratio=np.ones(18)),
        ImportanceWeighted(normalize="yes"),
        DeepEmbeddedValidation(loss="hinge"),
        CircularValidation(balanced=2),
    ],
)
def test_wrong_parameters_are_named(criterion, make_domains):
    X, y, d = make_domains()
    with pytest.raises(InvalidParameterError, match=f"parameter of {type(criterion).__name__} mu"):
        criterion(fit(pipeline(), X, y, d), X, y, sample_domain=d)


@pytest.mark.parametrize("name", [name for name in NAMES if not SCORERS[name]._judges_regressors])
def test_a_regressor_is_an_error_that_says_what_judges_it(name, make_domains):
    X, y, d = make_domains()
    source = d > 0
    for model in (
        Ridge().fit(X[source], y[source]),
        SourceOnly(Ridge()).fit(X, y, sample_domain=d),
        fit(make_pipeline(PerDomain(), SourceOnly(Ridge())), X, y, d),
    ):
        message = rf"judges classifiers, but {type(model).__name__} is a regressor.*make_target_sc"
        with pytest.raises(ValueError, match=message):
            scorer(name)(model, X, y, sample_domain=d)
