"""What is drawn is what was computed."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.inspection import (
    EmbeddingDisplay,
    PseudoLabelDisplay,
    ScorerDisplay,
    TransportDisplay,
    WeightDisplay,
)
from skdomain.model_selection import TransductiveSplit
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.weighting import GaussianWeighting

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SEARCH = SimpleNamespace(
    cv_results_={
        "params": [{"lam": 1.0}, {"lam": 100.0}, {"lam": 10.0}],
        "mean_test_score": np.array([0.5, 0.7, 0.9]),
        "std_test_score": np.array([0.1, 0.2, 0.3]),
    },
    best_index_=2,
)


def stub(**attributes):
    return SimpleNamespace(**attributes)


def make_displays():
    """One of each, not plotted."""
    return [
        EmbeddingDisplay(np.zeros((2, 2)), np.ones((2, 2)), np.array([1, -2])),
        PseudoLabelDisplay(np.array([1, 0.0]), np.array([2.0, 1.0]), quantity="objective"),
        ScorerDisplay([1, 2], np.array([0.1, 0.2]), np.zeros(2), 1),
        WeightDisplay(np.array([0.5, 1.5])),
        WeightDisplay(np.array([0.5, 1.5]), np.array([1.0, 1.0])),
        TransportDisplay(np.eye(2) / 2, np.array([0, 1])),
    ]


# -- All displays -------------------------------------------------------------------------------


@pytest.mark.parametrize("i", range(6))
def test_plots_on_the_axes_it_is_given_and_else_on_new_ones(i, pyplot):
    display = make_displays()[i]
    assert not hasattr(display, "ax_")
    options = {"ncols": 2} if isinstance(display, EmbeddingDisplay) else {}
    figure, ax = pyplot.subplots(**options)
    assert display.plot(ax) is display
    assert_array_equal(display.ax_, ax)
    assert display.figure_ is figure
    assert len(pyplot.get_fignums()) == 1
    assert display.plot().figure_ is not figure
    assert len(pyplot.get_fignums()) == 2
    for shown in np.ravel(display.ax_):
        assert shown.get_xlabel()
        assert shown.get_ylabel()
    display.figure_.canvas.draw()


@pytest.mark.parametrize("i", range(5))
def test_plotting_without_matplotlib_says_what_is_missing(i, monkeypatch):
    display = make_displays()[i]
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    name = type(display).__name__
    with pytest.raises(ImportError, match=f"{name}.plot requires matplotlib. You can install"):
        display.plot()


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (EmbeddingDisplay.from_estimator, (None, None)),
        (PseudoLabelDisplay.from_estimator, (None,)),
        (WeightDisplay.from_estimator, (None, None, None)),
        (lambda: ScorerDisplay.from_search(None, param="lam"), ()),
    ],
    ids=["embedding", "pseudo-labels", "weights", "scorer"],
)
def test_making_a_plot_without_matplotlib_says_so_before_any_work(call, arguments, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"Display\.from_\w+ requires matplotlib. You can"):
        call(*arguments)


# -- EmbeddingDisplay ---------------------------------------------------------------------------


def offsets(points):
    return np.asarray(points.get_offsets())


def test_points_are_the_rows_before_and_after(pyplot, make_domains):
    X, y, d = make_domains(n_features=2)
    coral = CORAL().fit(X, sample_domain=d)
    display = EmbeddingDisplay.from_estimator(coral, X, y, d, y_target=1 - y[d < 0])
    after = coral.transform(X, sample_domain=d)
    shown = np.where(d < 0, 1 - y, y)
    for points, Z in zip(display.points_, (X, after), strict=True):
        assert points.keys() == {(1, 0), (1, 1), (-2, 0), (-2, 1)}
        for (domain, label), collection in points.items():
            assert_array_equal(offsets(collection), Z[(d == domain) & (shown == label)])
    assert [ax.get_title() for ax in display.ax_] == ["before", "after CORAL"]
    assert display.ax_[0].get_xlabel() == "component 1"


def test_target_rows_are_grey_unless_labels_are_given_for_them(pyplot, make_domains):
    X, y, d = make_domains()
    tca = TCA(2).fit(X, sample_domain=d)
    for labels in (y, np.where(d < 0, 7, y), np.where(d < 0, np.nan, y)):
        display = EmbeddingDisplay.from_estimator(tca, X, labels, d)
        for points in display.points_:
            assert points.keys() == {(1, 0), (1, 1), (-2, None)}
            assert_array_equal(points[-2, None].get_edgecolor()[0, :3], 0.6)
    display = EmbeddingDisplay.from_estimator(tca, X, sample_domain=d)
    assert display.points_[0].keys() == {(1, None), (-2, None)}


def test_colours_tell_the_classes_and_markers_the_domains(pyplot, make_domains):
    X, y, d = make_domains()
    d = np.where(d > 0, np.arange(len(d)) % 2 + 1, d)
    names = np.array(["yes", "no"])[y]
    tca = TCA(2).fit(X, sample_domain=d)
    display = EmbeddingDisplay.from_estimator(tca, X, names, d, y_target=names[d < 0])
    for points in display.points_:
        colours = {key: tuple(c.get_edgecolor()[0]) for key, c in points.items()}
        shapes = {key: len(c.get_paths()[0].vertices) for key, c in points.items()}
        faces = {domain: len(c.get_facecolor()) for (domain, _), c in points.items()}
        assert len(points) == len(set(colours)) == 6
        for label in ("yes", "no"):
            assert len({colours[domain, label] for domain in (1, 2, -2)}) == 1
            assert len({shapes[domain, label] for domain in (1, 2, -2)}) == 3
        assert colours[1, "yes"] != colours[1, "no"]
        assert faces == {1: 1, 2: 1, -2: 0}
    texts = [text.get_text() for text in display.ax_[1].get_legend().get_texts()]
    assert texts == ["source 2", "source 1", "target -2", "no", "yes"]


def test_more_than_two_columns_become_principal_components_or_the_first(pyplot, make_domains):
    X, y, d = make_domains()
    tca = TCA(3).fit(X, sample_domain=d)
    Z = tca.transform(X, sample_domain=d)
    display = EmbeddingDisplay.from_estimator(tca, X, y, d)
    assert_allclose(display.before, PCA(2).fit_transform(X))
    assert_allclose(display.after, PCA(2).fit_transform(Z))
    assert display.ax_[1].get_ylabel() == "principal component 2"
    first = EmbeddingDisplay.from_estimator(tca, X, y, d, reduction="first")
    assert_array_equal(first.before, X[:, :2])
    assert_array_equal(first.after, Z[:, :2])


def test_a_single_column_lies_on_a_line(pyplot, make_domains):
    X, y, d = make_domains()
    tca = TCA(1).fit(X, sample_domain=d)
    display = EmbeddingDisplay.from_estimator(tca, X, y, d)
    assert_array_equal(display.after[:, 0], tca.transform(X, sample_domain=d)[:, 0])
    assert not display.after[:, 1].any()


@pytest.mark.parametrize("routing", [True, False])
def test_a_pipeline_that_classifies_is_shown_up_to_its_classifier(routing, pyplot, make_domains):
    X, y, d = make_domains()
    steps = PerDomain(StandardScaler()), CORAL()
    Z = X
    for step in steps:
        Z = step.fit_transform(Z, sample_domain=d)
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(*steps, SourceOnly()).fit(X, y, sample_domain=d)
    with config_context(enable_metadata_routing=routing):
        for model in (pipe, pipe[:-1]):
            display = EmbeddingDisplay.from_estimator(model, X, y, d, reduction="first")
            assert_allclose(display.after, Z[:, :2])


def polars_frame(X):
    return pytest.importorskip("polars").DataFrame(X, orient="row")


@pytest.mark.parametrize(
    "convert", [pd.DataFrame, polars_frame, sparse.csr_matrix, sparse.csr_array]
)
@pytest.mark.parametrize("reduction", ["first", "pca"])
def test_frames_and_sparse_rows_are_shown_as_arrays_are(convert, reduction, pyplot, make_domains):
    X, y, d = make_domains()
    scaler = PerDomain(StandardScaler(with_mean=False))
    options = {"reduction": reduction}
    expected, got = (
        EmbeddingDisplay.from_estimator(scaler.fit(rows, sample_domain=d), rows, y, d, **options)
        for rows in (X, convert(X))
    )
    assert_allclose(np.abs(got.before), np.abs(expected.before), atol=1e-10)
    assert_allclose(np.abs(got.after), np.abs(expected.after), atol=1e-10)


def test_more_classes_than_can_be_told_apart_are_left_out_of_the_legend(pyplot):
    y = np.repeat(np.arange(12), 2)
    display = EmbeddingDisplay(
        np.zeros((24, 2)), np.zeros((24, 2)), np.tile([1, -2], 12), labels=y.astype(object)
    ).plot()
    colours = {tuple(c.get_edgecolor()[0]) for c in display.points_[0].values()}
    assert len(colours) == 12
    texts = [text.get_text() for text in display.ax_[1].get_legend().get_texts()]
    assert texts == ["source 1", "target -2"]


def test_rows_without_domains_are_target_rows_as_in_transform(pyplot, make_domains):
    X, y, d = make_domains()
    tca = TCA(2).fit(X, sample_domain=d)
    display = EmbeddingDisplay.from_estimator(tca, X, y)
    assert_array_equal(display.sample_domain, np.full(len(X), -1))
    assert_array_equal(display.after, tca.transform(X))
    assert {domain for domain, _ in display.points_[0]} == {-1}


def test_markers_are_filled_for_source_rows_alone_in_the_legend_as_in_the_plot(pyplot):
    Z, d = np.zeros((4, 2)), np.array([1, 2, -1, -3])
    display = EmbeddingDisplay(Z, Z, d).plot()
    legend = display.ax_[1].get_legend()
    filled = {
        text.get_text(): handle.get_markerfacecolor() != "none"
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    assert filled == {"source 2": True, "source 1": True, "target -1": False, "target -3": False}
    for (domain, _), points in display.points_[1].items():
        assert bool(len(points.get_facecolor())) == (domain > 0)


def test_what_cannot_be_embedded_is_an_error(pyplot, make_domains):
    X, y, d = make_domains()
    tca = TCA(2).fit(X, sample_domain=d)
    show = EmbeddingDisplay.from_estimator
    with pytest.raises(ValueError, match="needs a transform, which KNeighborsClassifier has not"):
        show(KNeighborsClassifier().fit(X, y), X, y, d)
    with pytest.raises(ValueError, match="y_target has 32 labels for 14 target rows"):
        show(tca, X, y, d, y_target=y)
    with pytest.raises(ValueError, match=r"sample_domain has shape \(31,\) but X has 32 rows"):
        show(tca, X, y, d[:-1])
    with pytest.raises(ValueError, match=r"The 'reduction' parameter of EmbeddingDisplay.from_est"):
        show(tca, X, y, d, reduction="tsne")
    with pytest.raises(ValueError, match="plots on two axes and got 1; pass those of"):
        show(tca, X, y, d, ax=pyplot.subplots()[1])


# -- PseudoLabelDisplay -------------------------------------------------------------------------


@pytest.mark.parametrize("method", [JDA, DJPMMD])
@pytest.mark.parametrize("quantity", [None, "objective", "mmd", "mu"])
def test_curves_are_the_history(method, quantity, pyplot, make_domains):
    X, y, d = make_domains()
    model = method(2).fit(X, y, sample_domain=d)
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(method(2)).fit(X, y, sample_domain=d)
    for fitted in (model, pipe):
        display = PseudoLabelDisplay.from_estimator(fitted, quantity=quantity)
        shown = quantity or ("confidence" if "confidence" in model.history_ else "objective")
        iterations = np.arange(1, model.n_iter_ + 1)
        changed, other = display.changed_line_, display.quantity_line_
        assert_array_equal(changed.get_xdata(), iterations)
        assert_array_equal(other.get_xdata(), iterations)
        assert_allclose(changed.get_ydata() * (d < 0).sum(), model.history_["label_changes"])
        assert changed.get_ydata()[0] == 1
        assert_array_equal(other.get_ydata(), model.history_[shown])
        assert changed.axes is display.ax_
        assert other.axes is display.twin_ax_
        assert display.twin_ax_.get_ylabel() == shown
        assert display.ax_.get_title() == method.__name__


def test_confidence_is_shown_where_it_is_recorded(pyplot):
    history = {"label_changes": [4, 1, 0], "objective": [3, 2, 1], "confidence": [0.5, 0.7, 0.8]}
    display = PseudoLabelDisplay.from_estimator(stub(history_=history, pseudo_labels_=[0] * 4))
    assert_array_equal(display.quantity_line_.get_ydata(), history["confidence"])
    assert_array_equal(display.changed_line_.get_ydata(), [1, 0.25, 0])


def test_a_classifier_with_probabilities_is_shown_with_its_confidence(pyplot, make_domains):
    X, y, d = make_domains()
    jda = JDA(2, estimator=GaussianNB()).fit(X, y, sample_domain=d)
    display = PseudoLabelDisplay.from_estimator(jda)
    assert_array_equal(display.quantity_line_.get_ydata(), jda.history_["confidence"])
    assert display.twin_ax_.get_ylabel() == "confidence"
    assert PseudoLabelDisplay.from_estimator(jda, quantity="mmd").quantity == "mmd"


def test_histories_that_cannot_be_shown_are_errors(pyplot, make_domains):
    X, y, d = make_domains()
    show = PseudoLabelDisplay.from_estimator
    with pytest.raises(ValueError, match=r"label_changes'. and .*, which TJM has not; pass one"):
        show(TJM(2).fit(X, sample_domain=d))
    with pytest.raises(ValueError, match=r"label_changes'. and .*, which JDA has not; pass one"):
        show(JDA(2))
    jda = JDA(2).fit(X, y, sample_domain=d)
    with pytest.raises(ValueError, match=r"quantity='loss' is not in history_, which has \['label"):
        show(jda, quantity="loss")
    with pytest.raises(ValueError, match="fitted without target rows, hence has no pseudo-labels"):
        show(stub(history_={"label_changes": [0]}, pseudo_labels_=[]))


# -- ScorerDisplay ------------------------------------------------------------------------------


def drawn(display):
    """Values, means and lengths of the error bars."""
    line, _, (bars,) = display.errorbar_
    heights = [np.ptp(segment[:, 1]) if len(segment) else np.nan for segment in bars.get_segments()]
    return line.get_xdata(), line.get_ydata(), np.array(heights) / 2


def test_curve_and_bars_are_the_results_of_the_search_in_order_of_the_values(pyplot):
    display = ScorerDisplay.from_search(SEARCH, param="lam")
    values, means, deviations = drawn(display)
    assert_array_equal(values, [1, 10, 100])
    assert_array_equal(means, [0.5, 0.9, 0.7])
    assert_allclose(deviations, [0.1, 0.3, 0.2])
    assert display.chosen_.get_xydata().tolist() == [[10, 0.9]]
    assert display.chosen_.get_label() == "chosen: 10.0"
    assert display.ax_.get_xlabel() == "lam"
    assert display.ax_.get_ylabel().startswith("score, mean")
    assert display.ax_.get_xscale() == "log"


@pytest.mark.parametrize("values", [[1, 2, 3], [0, 1, 1000], [-1, 10, 1000]])
def test_values_close_together_or_not_positive_are_on_a_linear_scale(values, pyplot):
    display = ScorerDisplay(values, np.arange(3.0), np.zeros(3), 0).plot()
    assert display.ax_.get_xscale() == "linear"
    assert_array_equal(drawn(display)[0], values)


@pytest.mark.parametrize("values", [["rbf", "linear"], [True, False], [None, 0.5]])
def test_values_that_are_no_numbers_are_named_on_the_axis(values, pyplot):
    display = ScorerDisplay(values, np.array([0.2, 0.1]), np.zeros(2), 0).plot()
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == [str(v) for v in values]
    assert display.chosen_.get_xydata().tolist() == [[0, 0.2]]


def test_other_parameters_are_those_of_the_chosen_candidate(pyplot, make_domains):
    X, y, d = make_domains()
    X = X + np.random.default_rng(0).normal(scale=2, size=X.shape)
    grid = {"tca__lam": [10, 0.1], "tca__kernel": ["rbf", "linear"], "sourceonly": [SourceOnly()]}
    pipe = make_pipeline(TCA(1), SourceOnly())
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(pipe, grid, cv=TransductiveSplit()).fit(X, y, sample_domain=d)
    display = ScorerDisplay.from_search(search, param="tca__lam")
    expected = [
        search.cv_results_["mean_test_score"][
            [p["tca__lam"] == lam and p["tca__kernel"] == search.best_params_["tca__kernel"]
             for p in search.cv_results_["params"]]
        ]
        for lam in (0.1, 10)
    ]  # fmt: skip
    assert_array_equal(drawn(display)[1], np.ravel(expected))
    assert display.chosen_.get_ydata() == [search.best_score_]
    assert display.chosen_.get_xdata() == [search.best_params_["tca__lam"]]


def several_methods(best):
    """As a search over methods holds it."""
    return stub(
        cv_results_={
            "method": np.array(["baseline", "tca", "tca", "tca", "tjm"]),
            "params": [{}, *({"lam": lam, "k": k} for lam, k in [(1, 2), (2, 2), (2, 3), (1, 2)])],
            "mean_test_dev": np.array([9.0, 1.0, np.nan, 3.0, 2.0]),
            "std_test_dev": np.zeros(5),
            "mean_test_entropy": np.arange(5.0),
            "std_test_entropy": np.zeros(5),
        },
        best_index_=best,
    )


def test_a_search_over_methods_is_shown_for_the_chosen_one(pyplot):
    display = ScorerDisplay.from_search(several_methods(1), param="lam", scorer_name="entropy")
    assert_array_equal(drawn(display)[0], [1, 2])
    assert_array_equal(drawn(display)[1], [1, 2])
    assert display.chosen_.get_xydata().tolist() == [[1, 1]]


@pytest.mark.parametrize("other", [True, 1.0, np.int64(1)], ids=repr)
def test_values_of_another_type_are_other_values_even_where_they_compare_equal(other, pyplot):
    """``degree=1`` and ``degree=True`` are two candidates: one curve must not hold both."""
    search = stub(
        cv_results_={
            "params": [{"lam": lam, "degree": v} for v in (1, other) for lam in (1, 2)],
            "mean_test_score": np.arange(4.0),
            "std_test_score": np.zeros(4),
        },
        best_index_=1,
    )
    display = ScorerDisplay.from_search(search, param="lam")
    assert_array_equal(drawn(display)[1], [0, 1])


def test_where_the_choice_has_no_such_parameter_the_best_that_has_is_shown(pyplot):
    display = ScorerDisplay.from_search(several_methods(0), param="k", scorer_name="dev")
    values, means, _ = drawn(display)
    assert_array_equal(values, [2, 3])
    assert_array_equal(means, [np.nan, 3])
    assert display.chosen_ is None
    assert display.ax_.get_legend() is None


@pytest.mark.parametrize(
    ("search", "options", "text"),
    [
        (SEARCH, {"param": "lambda"}, r"param='lambda', but the parameters .* are \['lam'\]"),
        (several_methods(1), {"param": "lam"}, r"scorer_name=None, but .* \['dev', 'entropy'\]"),
        (SEARCH, {"param": "lam", "scorer_name": "f1"}, r"scorer_name='f1', .* \['score'\]"),
        (stub(), {"param": "lam"}, "needs cv_results_, which this SimpleNamespace has not; fit it"),
        (stub(cv_results_={}), {"param": "lam"}, r"needs best_index_, .* fit it, with refit="),
    ],
    ids=["parameter", "several scores", "no such score", "not fitted", "no choice"],
)
def test_searches_that_cannot_be_shown_are_errors(search, options, text, pyplot):
    with pytest.raises(ValueError, match=text):
        ScorerDisplay.from_search(search, **options)


# -- WeightDisplay ------------------------------------------------------------------------------

DOMAINS = np.array([1, -2, 1, 1, -2, 1])
ROWS = np.arange(6.0).reshape(6, 1)
WEIGHTED = stub(weights_=np.array([0.0, 1.0, 1.0, 2.0]))


def test_points_are_weights_against_the_ratio_at_source_rows(pyplot):
    ratio = np.array([1.0, np.inf, 2.0, 3.0, np.nan, 2.0])
    display = WeightDisplay.from_estimator(WEIGHTED, ROWS, DOMAINS, density_ratio=ratio)
    assert_allclose(offsets(display.points_), np.column_stack([[0.5, 1, 1.5, 1], [0, 1, 1, 2]]))
    assert display.line_.get_slope() == 1
    assert display.line_.get_xy1() == (0, 0)
    assert display.ax_.get_xlabel() == "true density ratio"
    assert display.ax_.get_title() == "SimpleNamespace: effective sample size 2.7 of 4"


def test_the_ratio_may_be_a_function_of_the_rows(pyplot):
    display = WeightDisplay.from_estimator(
        WEIGHTED, ROWS, DOMAINS, density_ratio=lambda X: 10 * X[:, 0]
    )
    assert_allclose(offsets(display.points_)[:, 0], [0, 0.8, 1.2, 2])


def test_without_the_ratio_bars_count_the_weights(pyplot):
    weights = np.random.default_rng(0).exponential(3.0, 200)
    display = WeightDisplay(weights).plot()
    scaled, edges = weights / weights.mean(), [bar.get_x() for bar in display.bars_]
    edges.append(display.bars_[-1].get_x() + display.bars_[-1].get_width())
    counts = [bar.get_height() for bar in display.bars_]
    assert_array_equal(counts, np.histogram(scaled, bins="auto")[0])
    assert_allclose([edges[0], edges[-1]], [scaled.min(), scaled.max()])


def test_the_effective_sample_size_lies_between_one_row_and_all():
    assert WeightDisplay(np.ones(7)).effective_sample_size == pytest.approx(7)
    assert WeightDisplay(np.array([0, 5.0, 0])).effective_sample_size == pytest.approx(1)
    weights = np.random.default_rng(0).exponential(size=50)
    size = WeightDisplay(weights).effective_sample_size
    assert 1 < size < 50
    assert WeightDisplay(100 * weights).effective_sample_size == pytest.approx(size)


def test_weighting_methods_are_shown_with_their_effective_sample_size(pyplot, make_domains):
    X, y, d = make_domains()
    model = GaussianWeighting().fit(X, y, sample_domain=d)
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(GaussianWeighting()).fit(X, y, sample_domain=d)
    for fitted in (model, pipe):
        display = WeightDisplay.from_estimator(fitted, X, d, density_ratio=np.ones(len(X)))
        assert_allclose(offsets(display.points_)[:, 1], model.weights_)
        assert display.effective_sample_size == pytest.approx(model.effective_sample_size_)


@pytest.mark.parametrize(
    ("model", "ratio", "text"),
    [
        (stub(), None, "needs weights_, which SimpleNamespace has not; pass a fitted estimator"),
        (stub(weights_=np.ones(5)), None, r"weights_ of shape \(5,\), but X has 4 source rows"),
        (WEIGHTED, np.ones(4), r"density_ratio has shape \(4,\) but X has 6 rows"),
        (WEIGHTED, np.full(6, np.inf), "negative, infinite or missing"),
        (WEIGHTED, np.full(6, np.nan), "negative, infinite or missing"),
        (WEIGHTED, -np.ones(6), "negative, infinite or missing"),
        (WEIGHTED, np.zeros(6), "or zeros alone"),
    ],
)
def test_weights_that_cannot_be_shown_are_errors(model, ratio, text, pyplot):
    with pytest.raises(ValueError, match=text):
        WeightDisplay.from_estimator(model, ROWS, DOMAINS, density_ratio=ratio)
