import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skdomain import NoTargetWarning, RowBlocks, split_domains, stack_domains
from skdomain._domains import check_sample_domain, labels_at, missing_labels, rows_where
from skdomain.compose import PerDomain, SourceOnly
from skdomain.subspace import DJPMMD, JDA, TCA

ESTIMATORS = [TCA(1), JDA(1), DJPMMD(1), SourceOnly(), PerDomain()]
ADVICE = "pass .*positive integers for source rows and negative ones for target rows"


# -- check_sample_domain ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels",
    [
        [1, -2, 3],
        (1, -2, 3),
        np.array([1, -2, 3], dtype=np.int8),
        np.array([1.0, -2.0, 3.0], dtype=np.float32),
        np.array([1, -2, 3], dtype=object),
        pd.Series([1, -2, 3], index=[7, 7, 0]),
        pd.Series([1, -2, 3], dtype="Int64"),
        pd.Series([1.0, -2.0, 3.0], dtype="Float64"),
    ],
    ids=lambda labels: f"{type(labels).__name__} {getattr(labels, 'dtype', '')}",
)
def test_integers_are_accepted_in_any_container(labels):
    checked = check_sample_domain(labels, 3)
    assert checked.dtype == np.int64
    assert_array_equal(checked, [1, -2, 3])


@pytest.mark.parametrize(
    ("labels", "error", "got"),
    [
        ([1, 0, -1], ValueError, "is 0 in row 1"),
        ([1, -0.5, -1], ValueError, "holds -0.5, which is not an integer"),
        ([1, np.nan, -1], ValueError, "holds nan, which is not an integer"),
        ([1, np.inf, -1], ValueError, "holds inf, which is not an integer"),
        ([1, 1e300, -1], ValueError, r"holds 1e\+300, which is not an integer"),
        (pd.Series([1, None, -1], dtype="Int64"), ValueError, "holds nan, which is not an integer"),
        ([1, None, -1], TypeError, "has dtype object"),
        (["1", "2", "-1"], TypeError, "has dtype <U2"),
        (["source", "target", "target"], TypeError, "has dtype <U6"),
        ([True, False, True], TypeError, "has dtype bool"),
        ([[1], [1], [-1]], ValueError, r"has shape \(3, 1\) but X has 3 rows"),
        ([[1, 1, -1]], ValueError, r"has shape \(1, 3\) but X has 3 rows"),
        ([1, -1], ValueError, r"has shape \(2,\) but X has 3 rows"),
        (0, ValueError, "is 0 in row 0"),
        (1.5, ValueError, "holds 1.5, which is not an integer"),
        (True, TypeError, "has dtype bool"),
        ("source", TypeError, "has dtype <U6"),
    ],
)
def test_what_is_no_domain_label_is_named_with_what_to_pass(labels, error, got):
    with pytest.raises(error, match=f"(?s)^sample_domain {got}.*{ADVICE}"):
        check_sample_domain(labels, 3)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_every_method_checks_its_domains(estimator, make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=rf"sample_domain has shape \({len(X) - 1},\)"):
        estimator.fit(X, y, sample_domain=d[1:])
    estimator.fit(X, y, sample_domain=d)
    for method in ("transform", "predict"):
        if hasattr(estimator, method):
            with pytest.raises(ValueError, match="sample_domain is 0 in row 0"):
                getattr(estimator, method)(X, sample_domain=0 * d)


def test_one_number_is_the_domain_of_all_rows():
    for number in (-2, np.int8(-2), -2.0, np.array(-2)):
        checked = check_sample_domain(number, 3)
        assert (checked.tolist(), checked.dtype) == ([-2, -2, -2], np.int64)
    (Xs, _), (Xt, _) = split_domains(np.eye(3), [0, 1, 0], 4)
    assert (len(Xs), len(Xt)) == (3, 0)


# -- Missing labels -----------------------------------------------------------------------------

MISSING = {
    "nan": np.array([0, 1, np.nan]),
    "float32": np.array([0, 1, np.nan], dtype=np.float32),
    "None": np.array(["a", "b", None], dtype=object),
    "list": ["a", "b", None],
    "NaN beside texts": np.array(["a", "b", np.nan], dtype=object),
    "NA": np.array([0, 1, pd.NA], dtype=object),
    "nullable": pd.Series([0, 1, None], dtype="Int64"),
    "strings": pd.Series(["a", "b", None], dtype="str"),
    "categories": pd.Series(["a", "b", None], dtype="category"),
    "NaT": np.array(["2020", "2021", "NaT"], dtype="datetime64[D]"),
}


@pytest.mark.parametrize("labels", MISSING.values(), ids=MISSING)
def test_missing_labels_are_told_in_any_container(labels):
    assert missing_labels(labels).tolist() == [False, False, True]
    assert missing_labels(labels_at(labels, [0, 1])).tolist() == [False, False]


def test_a_row_misses_a_label_where_one_of_its_outputs_does():
    assert missing_labels([[0, 1], [np.nan, 1]]).tolist() == [False, True]
    assert missing_labels(np.empty(0)).tolist() == []


@pytest.mark.parametrize("labels", MISSING.values(), ids=MISSING)
@pytest.mark.parametrize("estimator", [JDA(1), SourceOnly()], ids=lambda e: type(e).__name__)
def test_a_missing_label_in_a_source_row_names_y_and_the_row_and_what_to_do(estimator, labels):
    text = (
        rf"^y is missing in 1 of 2 source rows, first in row 2, and {type(estimator).__name__} "
        "learns from the labels of all of them; label these rows, leave them out, or count them"
    )
    X, d = np.eye(3), [1, -2, 3]
    with pytest.raises(ValueError, match=text):
        estimator.fit(X, labels, sample_domain=d)
    estimator.fit(np.eye(4), [0, 1, 1, 0], sample_domain=[*d, -2])


@pytest.mark.parametrize("labels", MISSING.values(), ids=MISSING)
def test_score_of_unlabelled_target_rows_names_the_criteria(labels):
    model = SourceOnly().fit(np.eye(3), [0, 1, 1], sample_domain=[1, 1, -2])
    text = "y is missing in 1 of 2, first in row 2; .*criterion of skdomain.model_selection"
    with pytest.raises(ValueError, match=text):
        model.score(np.eye(3), labels, sample_domain=[1, -2, -2])


# -- No target, no source -----------------------------------------------------------------------


@pytest.mark.parametrize("domains", [None, 1], ids=["None", "all positive"])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_no_target_rows_warn_once(estimator, domains, make_domains):
    X, y, d = make_domains()
    with pytest.warns(NoTargetWarning, match="without target rows and does not adapt") as caught:
        estimator.fit(X, y, sample_domain=domains and abs(d))
    assert len(caught) == 1
    assert str(caught[0].message).startswith(type(estimator).__name__)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_no_source_rows_are_an_error(estimator, make_domains):
    X, y, d = make_domains()
    text = f"{type(estimator).__name__} got no source row: all 32 entries of sample_domain are neg"
    with pytest.raises(ValueError, match=text):
        estimator.fit(X, y, sample_domain=-abs(d))


# -- stack_domains and split_domains ------------------------------------------------------------


def blocks(*lengths, seed=0):
    """One block of rows for each length."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(length, 3)) for length in lengths]


def test_stacked_rows_split_into_what_they_came_from():
    Xs, Xt = blocks(4, 2)
    (Xs2, ys2), (Xt2, yt2) = split_domains(*stack_domains((Xs, list("abab")), (Xt, list("bb"))))
    assert_array_equal(Xs2, Xs)
    assert_array_equal(Xt2, Xt)
    assert ys2.tolist() == list("abab")
    assert yt2.tolist() == list("bb")


def test_split_keeps_the_order_within_each_domain():
    (Xs, ys), (Xt, yt) = split_domains([[0], [1], [2], [3]], [0, 1, 2, 3], [-1, 4, -7, 2])
    assert (Xs, ys.tolist()) == ([[1], [3]], [1, 3])
    assert (Xt, yt.tolist()) == ([[0], [2]], [0, 2])


def test_blocks_are_split_into_blocks(make_domains):
    X, y, d = make_domains()
    whole, split = split_domains(X, y, d), split_domains(RowBlocks([X[:9], X[9:]]), y, d)
    for (rows, labels), (blocks, block_labels) in zip(whole, split, strict=True):
        assert blocks.shape == rows.shape
        assert_array_equal(blocks.to_array(), rows)
        assert_array_equal(block_labels, labels)


def test_several_domains_are_numbered_sources_first():
    A, B, C, D = blocks(2, 1, 3, 2)
    X, y, d = stack_domains([(A, [0, 1]), (B, [1])], [C, (D, [1, 0])])
    assert_array_equal(X, np.concatenate([A, B, C, D]))
    assert d.tolist() == [1, 1, 2, -3, -3, -3, -4, -4]
    assert d.dtype == np.int64
    assert y.tolist() == [0, 1, 1, None, None, None, 1, 0]


def test_missing_target_labels_are_nan_beside_floats_and_none_beside_others():
    Xs, Xt = blocks(2, 1)
    _, y, _ = stack_domains((Xs, np.float32([0.5, 2])), Xt)
    assert y.dtype == np.float32
    assert_array_equal(y, [0.5, 2, np.nan])
    for labels in ([3, 4], ["a", "b"], [True, False]):
        assert stack_domains((Xs, labels), Xt)[1].tolist() == [*labels, None]


def test_a_list_of_rows_is_one_domain():
    X, _, d = stack_domains(([[1, 2], [3, 4]], [0, 1]), [[5, 6]])
    assert X.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert d.tolist() == [1, 1, -2]


def test_data_frames_stay_data_frames_with_a_fresh_index(frames):
    values = np.array([[1.0, 10.0], [2.0, 20.0]])
    frame = frames.frame(values, ["size", "age"], index=[5, 5])
    X, y, d = stack_domains((frame, frames.column([1, 0])), frame[:1])
    assert type(X) is type(frame)
    assert list(X.columns) == ["size", "age"]
    if frames.name == "pandas":
        assert X.index.tolist() == [0, 1, 2]
    (Xs, ys), (Xt, _) = split_domains(X, y, d)
    assert type(Xs) is type(Xt) is type(frame)
    assert list(Xs.columns) == list(Xt.columns) == ["size", "age"]
    assert_array_equal(Xs, values)
    assert_array_equal(Xt, values[:1])
    assert ys.tolist() == [1, 0]


def test_columns_of_frames_keep_their_types(frames):
    columns = {"size": [1, 2], "colour": ["red", "blue"], "late": [True, False]}
    frame = frames.library.DataFrame(columns)
    X, _, _ = stack_domains((frame, [0, 1]), frame)
    assert list(X.dtypes) == list(frame.dtypes)
    assert X["colour"].to_list() == ["red", "blue"] * 2


def test_whole_numbers_and_fractions_of_frames_become_fractions(frames):
    whole, fractions = (frames.library.DataFrame({"size": v}) for v in ([1, 2], [0.5]))
    X, _, _ = stack_domains((whole, [0, 1]), fractions)
    assert X["size"].to_list() == [1, 2, 0.5]


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (["crp", "Albumin"], r"columns: \['albumin'\] only in the first.*\['Albumin'\] only in"),
        (["crp"], r"columns: \['albumin'\] only in the first of them, \[\] only in the second"),
        (["albumin", "crp"], "same columns in another order.*select those of one from the other"),
    ],
    ids=["names", "number", "order"],
)
def test_frames_whose_columns_differ_are_named_with_their_columns(frames, columns, text):
    source = frames.frame(np.ones((2, 2)), ["crp", "albumin"])
    target = frames.frame(np.ones((1, len(columns))), columns)
    with pytest.raises(ValueError, match=f"domains 1 and -3 .*{text}"):
        stack_domains([(source, [0, 1]), (source, [0, 1])], target)


def test_frames_of_two_libraries_are_compared_by_name_and_become_an_array():
    polars = pytest.importorskip("polars")
    rows, columns = np.eye(2), ["a", "b"]
    one, other = pd.DataFrame(rows, columns=columns), polars.DataFrame(rows, schema=columns)
    assert_array_equal(stack_domains((one, [0, 1]), other)[0], np.vstack([rows, rows]))
    with pytest.raises(ValueError, match="another order"):
        stack_domains((one, [0, 1]), other[["b", "a"]])


@pytest.mark.parametrize("missing", [None, np.nan])
def test_labels_of_several_outputs_are_missing_as_those_of_one_are(missing):
    Xs, Xt = blocks(2, 1)
    labels = [[0, 1], [1, 0]] if missing is None else [[0.5, 1], [1, 2.5]]
    _, y, d = stack_domains((Xs, labels), Xt)
    assert_array_equal(y, np.array([*labels, [missing] * 2], dtype=y.dtype))
    (_, ys), _ = split_domains(np.zeros((3, 1)), y, d)
    assert ys.tolist() == labels
    assert ys.dtype != object


def test_texts_are_stacked_as_objects():
    X, y, d = stack_domains((["good", "bad"], [1, 0]), ["a much longer text"])
    assert X.tolist() == ["good", "bad", "a much longer text"]
    assert X.dtype == object
    assert (y.tolist(), d.tolist()) == ([1, 0, None], [1, 1, -2])


def test_rows_of_more_dimensions_are_stacked():
    images = np.arange(24.0).reshape(2, 3, 4)
    X, _, d = stack_domains((images, [0, 1]), [images, images])
    assert_array_equal(X, np.concatenate([images] * 3))
    assert d.tolist() == [1, 1, -2, -2, -3, -3]
    with pytest.raises(ValueError, match=r"number of columns: \[\(3, 3\), \(3, 4\)\]"):
        stack_domains((images, [0, 1]), images[:, :, 1:])


def test_sparse_rows_stay_sparse():
    Xs, Xt = blocks(2, 3)
    X, y, d = stack_domains((sparse.csr_matrix(Xs), [0, 1]), sparse.csc_matrix(Xt))
    assert X.format == "csr"
    (Xs2, _), (Xt2, _) = split_domains(X, y, d)
    assert_array_equal(Xs2.toarray(), Xs)
    assert_array_equal(Xt2.toarray(), Xt)


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        (np.ones((2, 3)), np.ones((1, 3)), r"source needs labels: pass it as a tuple \(Xs, ys\)"),
        ((np.ones((2, 3)), [0, 1]), np.ones((0, 3)), r"at least one row, got \[2, 0\] rows"),
        (
            (np.ones((2, 3)), [0, 1]),
            np.ones((1, 2)),
            r"differ in their number of columns: \[2, 3\]",
        ),
        ((np.ones((2, 3)), [0]), np.ones((1, 3)), r"inconsistent numbers of samples: \[2, 1\]"),
        (
            (np.ones((2, 3)), [0, 1]),
            (np.ones((1, 3)), [0, 1]),
            r"inconsistent numbers of samples: \[1, 2\]",
        ),
    ],
    ids=["no labels", "empty", "columns", "source labels", "target labels"],
)
def test_domains_that_do_not_stack_are_errors(source, target, text):
    with pytest.raises(ValueError, match=text):
        stack_domains(source, target)


def test_split_needs_labels_of_every_row():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        split_domains(np.ones((3, 1)), [0, 1], [1, 1, -2])


# -- rows_where ---------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["1100", "0111", "0100", "1111", "1010", "1011", "0000"])
def test_rows_that_lie_together_are_a_part_of_the_array(chosen):
    X, mask = np.arange(12.0).reshape(4, 3), np.array(list(chosen)) == "1"
    rows = rows_where(X, mask)
    assert_array_equal(rows, X[mask])
    assert np.shares_memory(rows, X) == ("1" in chosen and "01" not in chosen.strip("0"))
    as_frame = rows_where(pd.DataFrame(X), mask)
    assert_array_equal(as_frame, X[mask])
    assert_array_equal(rows_where(sparse.csr_array(X), mask).toarray(), X[mask])
