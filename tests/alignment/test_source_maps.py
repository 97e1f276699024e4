"""What every map of the source promises about rows, domains, containers and bad input."""

import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdomain import NoTargetWarning, RowBlocks
from skdomain.alignment import CORAL, LinearMonge, coral_map, linear_monge_map
from skdomain.compose import SourceOnly
from skdomain.model_selection import TargetKFold

METHODS = {"CORAL": CORAL(), "LinearMonge": LinearMonge(0.1)}
FUNCTIONS = {"CORAL": coral_map, "LinearMonge": linear_monge_map}
each = pytest.mark.parametrize("name", METHODS)
each_function = pytest.mark.parametrize("function", FUNCTIONS.values())
problems = given(
    n_source=st.integers(2, 12),
    n_target=st.integers(2, 12),
    n_features=st.integers(2, 30),
    seed=st.integers(0, 2**16),
)


def fit(name, X, d, y=None):
    return clone(METHODS[name]).fit(X, y, sample_domain=d)


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@parametrize_with_checks(
    [
        *(CORAL(), CORAL(reg=0), LinearMonge(), LinearMonge(reg=0)),
        *(LinearMonge(reference=reference) for reference in ("target", "barycenter")),
    ]
)
def test_scikit_learn_accepts(estimator, check, routing):
    with config_context(enable_metadata_routing=routing):
        check(estimator)


@each
def test_the_class_is_the_function_on_source_rows_and_nothing_on_target_rows(name, make_domains):
    X, _, d = make_domains()
    model, source = METHODS[name], d > 0
    Z = fit(name, X, d).transform(X, sample_domain=d)
    expected = FUNCTIONS[name](X[source], X[~source], reg=model.reg).apply(X[source])
    assert_array_equal(Z[source], expected)
    assert_array_equal(Z[~source], X[~source])
    assert np.abs(Z[source] - X[source]).max() > 0.05


@each
def test_rows_without_a_domain_are_target_rows_and_a_copy(name, make_domains):
    X, _, d = make_domains()
    Z = fit(name, X, d).transform(X)
    assert_array_equal(Z, X)
    assert not np.shares_memory(Z, X)


@each
def test_without_a_target_all_rows_are_left_alone(name, make_domains):
    X, _, d = make_domains()
    with pytest.warns(NoTargetWarning, match=f"{name} is fitted without target rows"):
        model = clone(METHODS[name]).fit(X)
    assert_array_equal(model.transform(X, sample_domain=abs(d)), X)
    assert_array_equal(model.map_.matrix(), np.eye(X.shape[1]))


@each
@problems
def test_permuting_the_rows_permutes_the_output(
    name, make_domains, n_source, n_target, n_features, seed
):
    X, _, d = make_domains(n_source, n_target, n_features, seed=seed)
    order = np.random.default_rng(seed).permutation(len(X))
    straight = fit(name, X, d).transform(X, sample_domain=d)
    permuted = fit(name, X[order], d[order]).transform(X[order], sample_domain=d[order])
    assert_allclose(permuted, straight[order], rtol=0, atol=1e-9 * np.abs(X).max())


@each
@problems
def test_fit_transform_is_fit_and_transform(
    name, make_domains, n_source, n_target, n_features, seed
):
    X, y, d = make_domains(n_source, n_target, n_features, seed=seed)
    together = clone(METHODS[name]).fit_transform(X, y, sample_domain=d)
    assert_array_equal(together, fit(name, X, d).transform(X, sample_domain=d))


@each
@pytest.mark.parametrize("n_features", [4, 60])
def test_rows_one_at_a_time_give_what_all_at_once_give(name, n_features, make_domains):
    X, _, d = make_domains(n_features=n_features)
    model = fit(name, X, d)
    one_by_one = [model.transform(X[[i]], sample_domain=d[[i]]) for i in range(len(X))]
    assert_allclose(np.concatenate(one_by_one), model.transform(X, sample_domain=d), atol=1e-12)


@each
def test_labels_and_names_of_domains_do_not_matter_and_domains_are_pooled(name, make_domains):
    X, y, d = make_domains()
    expected = fit(name, X, d).transform(X, sample_domain=d)
    several = d * (1 + np.arange(len(d)) % 3)
    for labels, domains in ((y, d), (np.where(d > 0, y, np.nan), d), (None, several), (y, 7 * d)):
        Z = fit(name, X, domains, labels).transform(X, sample_domain=domains)
        assert_array_equal(Z, expected)


@each
@pytest.mark.parametrize("n_features", [4, 60])
def test_inputs_are_read_only(name, n_features, make_domains):
    X, y, d = make_domains(n_features=n_features)
    expected = fit(name, X, d).transform(X, sample_domain=d)
    for array in (X, y, d):
        array.flags.writeable = False
    assert_array_equal(fit(name, X, d, y).transform(X, sample_domain=d), expected)


@each
@pytest.mark.parametrize("n_features", [4, 60])
def test_float32_in_is_float32_out_and_near_float64(name, n_features, make_domains):
    X, _, d = make_domains(n_features=n_features)
    single = X.astype(np.float32)
    Z = fit(name, single, d).transform(single, sample_domain=d)
    assert Z.dtype == np.float32
    expected = fit(name, X, d).transform(X, sample_domain=d)
    assert_allclose(Z, expected, atol=1e-4 * np.abs(X).max())


@each
def test_data_frames_keep_their_index_and_columns(name, frames, make_domains):
    X, _, d = make_domains()
    frame = frames.frame(X, "abcd", index=np.arange(len(X)) * 3 + 1)
    model = clone(METHODS[name]).set_output(transform=frames.name)
    Z = model.fit_transform(frame, sample_domain=frames.column(d))
    assert type(Z) is type(frame)
    if frames.name == "pandas":
        assert_array_equal(Z.index, frame.index)
    assert list(Z.columns) == model.get_feature_names_out().tolist() == list("abcd")
    assert_allclose(Z, fit(name, X, d).transform(X, sample_domain=d), atol=1e-12)


@each
def test_pickles_and_second_fits_give_identical_output(name, make_domains):
    X, _, d = make_domains()
    model = fit(name, X, d)
    expected = model.transform(X, sample_domain=d)
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.transform(X, sample_domain=d), expected)
    other, _, other_domains = make_domains(9, 8, 40, seed=3)
    again.fit(other, sample_domain=other_domains)
    assert_array_equal(again.fit(X, sample_domain=d).transform(X, sample_domain=d), expected)


@each
def test_fitted_state_is_no_larger_than_the_rows(name, make_domains):
    """n < d: factors only, nothing of d x d numbers."""
    X, _, d = make_domains(10, 10, 2000)
    assert len(pickle.dumps(fit(name, X, d))) < 1.5 * X.nbytes


def most_memory(function):
    """What a function gives, and the most bytes that were held while it ran."""
    tracemalloc.start()
    try:
        return function(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each
@pytest.mark.parametrize("n_features", [20, 60], ids=["dense", "in factors"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mapping_rows_holds_one_block_beside_the_result(name, n_features, dtype, make_domains):
    X, _, d = make_domains(30, 20, n_features)
    model, X, d = fit(name, X, d), np.tile(X, (200, 1)).astype(dtype), np.tile(d, 200)
    expected = model.transform(X, sample_domain=d)
    with config_context(working_memory=0.1):
        Z, peak = most_memory(lambda: model.transform(X, sample_domain=d))
    block, domains = 0.1 * 2**20, d.nbytes
    assert 4 * (block + domains) < X.nbytes
    assert peak < Z.nbytes + block + domains
    rounding = n_features * np.finfo(dtype).eps * np.abs(expected).max()
    assert_allclose(Z, expected, rtol=0, atol=rounding)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_fit_holds_less_than_a_second_copy_of_the_rows(name, dtype, make_domains):
    X, _, d = make_domains(3000, 2000, 20)
    X = X.astype(dtype)
    fit(name, X, d)
    assert most_memory(lambda: fit(name, X, d))[1] < 2 * 8 * X.size


@each
def test_a_search_over_reg_runs_in_a_pipeline(name, make_domains):
    X, y, d = make_domains(40, 40)
    step = name.lower()
    pipe = make_pipeline(clone(METHODS[name]), SourceOnly(LogisticRegression()))
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(pipe, {f"{step}__reg": [0.1, 1.0]}, cv=TargetKFold(3))
        search.fit(X, y, sample_domain=d)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# -- Bad input ----------------------------------------------------------------------------------


def one_row(sign):
    def change(X, d):
        kept = (d * sign < 0) | (np.arange(len(d)) == np.argmax(d * sign > 0))
        return X[kept], d[kept]

    return change


def not_finite(value):
    def change(X, d):
        X = X.copy()
        X[3, 0] = value
        return X, d

    return change


BAD = {
    "NaN": (not_finite(np.nan), {}, "Input X contains NaN"),
    "inf": (not_finite(np.inf), {}, "Input X contains infinity"),
    "one source row": (one_row(1), {}, r"Xs has 1 row\(s\), at least 2 in each domain are needed"),
    "one target row": (one_row(-1), {}, r"Xt has 1 row.*a covariance needs two rows; pass more"),
    "reg negative": (lambda X, d: (X, d), {"reg": -1.0}, "The 'reg' parameter.*Got -1.0 instead"),
    "reg unknown": (lambda X, d: (X, d), {"reg": "auto"}, "The 'reg' parameter.*Got 'auto'"),
    "wrong length": (
        lambda X, d: (X, d[1:]),
        {},
        r"sample_domain has shape \(31,\) but X has 32 rows; pass one label a row",
    ),
    "no source": (lambda X, d: (X, -abs(d)), {}, "got no source row: all 32 entries of sample_dom"),
}


@each
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_an_error_that_says_why(name, case, make_domains):
    X, _, d = make_domains()
    change, parameters, text = BAD[case]
    model = clone(METHODS[name]).set_params(**parameters)
    X, d = change(X, d)
    with pytest.raises(ValueError, match=f"(?s){text}"):
        model.fit(X, sample_domain=d)
    with pytest.raises(NotFittedError):
        model.transform(X)


@each_function
@pytest.mark.parametrize(
    ("Xs", "Xt", "reg", "text"),
    [
        ([[0.0], [1.0]], [[0.0], [1.0]], -1, "reg is -1; pass a finite ridge >= 0"),
        ([[0.0], [1.0]], [[0.0], [1.0]], np.nan, "reg is nan; pass a finite ridge >= 0"),
        ([[0.0], [1.0]], [[0.0], [1.0]], np.inf, "reg is inf; pass a finite ridge >= 0"),
        ([[0.0], [1.0]], [[0.0, 1.0]] * 2, 1, "the same columns, got 1 in Xs and 2 in Xt"),
        ([[0.0], [1.0]], [[0.0]], 1, "Xt has 1 row.*a covariance needs two rows; pass more"),
        ([[0.0], [np.nan]], [[0.0]], 1, "Input Xs contains NaN"),
        ([[0.0], [1.0]], [[np.inf]], 1, "Input Xt contains infinity"),
        ([0.0, 1.0], [[0.0]], 1, r"Reshape a single feature with Xs.reshape"),
    ],
    ids=["reg negative", "reg NaN", "reg inf", "features", "one row", "Xs", "Xt", "one dimension"],
)
def test_errors_of_the_functions_name_the_argument(function, Xs, Xt, reg, text):
    with pytest.raises(ValueError, match=text):
        function(Xs, Xt, reg=reg)


@each
@pytest.mark.parametrize("scale", [1e-60, 1e-6, 1e6, 1e60])
@pytest.mark.parametrize("reg", [0, 1e-6])
def test_scales_of_any_size_give_finite_rows(name, scale, reg, make_domains):
    X, _, d = make_domains()
    model = clone(METHODS[name]).set_params(reg=reg)
    assert np.isfinite(model.fit_transform(X * scale, sample_domain=d)).all()


@each
@pytest.mark.parametrize("kind", ["array", "blocks", "call"])
def test_rows_whose_squares_overflow_are_an_error_that_says_so(name, kind, make_domains):
    X, _, d = make_domains()
    model, large = clone(METHODS[name]), X * 1e160
    rows = RowBlocks([large]) if kind == "blocks" else large
    fit = model.partial_fit if kind == "call" else model.fit
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            ValueError, match=r"Xs lie so far from their mean.*divide the features, as S"
        ),
    ):
        fit(rows, sample_domain=d)
    assert not hasattr(model, "map_")


@each_function
def test_rows_whose_squares_vanish_need_a_ridge(function, make_domains):
    X, _, d = make_domains()
    Xs, Xt = 1e-170 * X[d > 0], 1e-170 * X[d < 0]
    with pytest.raises(
        ValueError, match=r"rows of Xs differ by .*e-170 at most.*multiply the featu"
    ):
        function(Xs, Xt, reg=0)
    assert_allclose(function(Xs, Xt, reg=1e-6).matrix(), np.eye(4))
