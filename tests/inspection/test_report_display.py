import inspect
import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skdomain.inspection import DomainReportDisplay
from skdomain.metrics import domain_report

OPTIONS = {"measures": ["linear_mmd", "cmd"], "n_permutations": 19, "random_state": 0}


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def shifted_frame(n_features=4):
    """The third feature is moved, the fourth stretched."""
    rng = np.random.default_rng(0)
    sample_domain = np.repeat([1, -1], 40)
    X = rng.normal(size=(80, n_features))
    X[40:, 2] += 3
    X[40:, 3] *= 9
    return pd.DataFrame(X, columns=[f"f{j}" for j in range(n_features)]), sample_domain


def bar_names(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def bar_lengths(display):
    return [bar.get_width() for bar in display.bars_]


def test_bars_are_the_contributions_and_the_title_the_measures(pyplot):
    X, domain = shifted_frame()
    display = DomainReportDisplay.from_data(X, domain, **OPTIONS)
    report = display.report
    assert bar_names(display) == [f"f{j}" for j in report.ranking]
    assert_allclose(bar_lengths(display), report.contributions.ks_statistic[report.ranking])
    assert display.ax_.get_xlabel() == "ks statistic"
    for line in str(report).splitlines()[2:5]:
        assert line in display.text_.get_text()
    assert display.figure_ is display.ax_.figure
    display.figure_.canvas.draw()


def test_the_feature_that_shifts_most_is_on_top(pyplot):
    display = DomainReportDisplay.from_data(*shifted_frame(), **OPTIONS)
    assert bar_names(display)[0] == "f2"
    low, high = display.ax_.get_ylim()
    assert low > high


@pytest.mark.parametrize(
    ("contribution", "first"), [("mean_difference", "f2"), ("log_variance_ratio", "f3")]
)
@pytest.mark.parametrize("swap", [1, -1])
def test_other_contributions_choose_their_own_features(pyplot, contribution, first, swap):
    X, domain = shifted_frame()
    report = domain_report(X, swap * domain, **OPTIONS)
    display = DomainReportDisplay.from_report(report, contribution=contribution, n_features=2)
    assert bar_names(display)[0] == first
    lengths = bar_lengths(display)
    assert len(lengths) == 2
    assert lengths[0] == report.contributions[contribution][int(first[1])]
    assert abs(lengths[0]) >= abs(lengths[1])


def test_at_most_ten_bars_unless_told(pyplot):
    report = domain_report(*shifted_frame(14), **OPTIONS)
    assert len(DomainReportDisplay.from_report(report).bars_) == 10
    assert len(DomainReportDisplay(report).plot(n_features=99).bars_) == 14


def test_plots_on_the_axes_it_is_given(pyplot):
    figure, axes = pyplot.subplots(2)
    report = domain_report(*shifted_frame(), **OPTIONS)
    display = DomainReportDisplay(report)
    assert not hasattr(display, "ax_")
    assert display.plot(axes[0]) is display
    assert display.ax_ is axes[0]
    assert display.figure_ is figure
    assert DomainReportDisplay.from_report(report, ax=axes[1]).ax_ is axes[1]
    assert len(pyplot.get_fignums()) == 1


def test_infinite_contributions_are_drawn_as_long_as_the_longest(pyplot):
    X, domain = shifted_frame()
    X.loc[:39, "f0"] = 1.0
    report = domain_report(X, domain, **OPTIONS)
    display = DomainReportDisplay.from_report(report, contribution="log_variance_ratio")
    assert bar_names(display)[:2] == ["f0", "f3"]
    assert bar_lengths(display)[0] == bar_lengths(display)[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contribution": "variance"}, "The 'contribution' parameter of DomainReportDisplay.plot"),
        ({"n_features": 0}, "The 'n_features' parameter of DomainReportDisplay.plot"),
    ],
)
def test_bad_parameters_are_named(pyplot, options, message):
    report = domain_report(*shifted_frame(), **OPTIONS)
    with pytest.raises(ValueError, match=message):
        DomainReportDisplay(report).plot(**options)


def test_what_is_missing_without_matplotlib_is_said(monkeypatch):
    X, domain = shifted_frame()
    report = domain_report(X, domain, **OPTIONS)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = "DomainReportDisplay.{} requires matplotlib. You can install matplotlib with"
    with pytest.raises(ImportError, match=message.format("plot")):
        DomainReportDisplay(report).plot()
    with pytest.raises(ImportError, match=message.format("from_report")):
        DomainReportDisplay.from_report(report)
    with pytest.raises(ImportError, match=message.format("from_data")):
        DomainReportDisplay.from_data(X, domain)


def test_from_data_takes_what_the_report_takes_with_its_defaults():
    def defaults(function):
        parameters = inspect.signature(function).parameters.values()
        return {p.name: p.default for p in parameters}

    assert defaults(domain_report).items() <= defaults(DomainReportDisplay.from_data).items()


def test_features_without_a_mean_have_no_bar(pyplot):
    X, domain = shifted_frame()
    X = X.assign(kind=np.where(X["f0"] > 0, "a", "b"))
    display = DomainReportDisplay.from_data(X, domain, contribution="mean_difference", **OPTIONS)
    assert sorted(bar_names(display)) == ["f0", "f1", "f2", "f3"]
    display.figure_.canvas.draw()
