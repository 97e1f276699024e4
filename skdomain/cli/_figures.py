"""Figures for a page, as SVG; none where matplotlib is not installed."""

from io import StringIO

import numpy as np

from skdomain._domains import warn_caller
from skdomain.inspection import DomainReportDisplay

_SHOWN = 4
_WITHOUT = "the page has no figures without matplotlib: pip install 'skdomain[cli]'"
_SIDES = (("source", "C0"), ("target", "C1"))


def drawn(draw):
    """A figure that a function draws on ``(figure, *arguments)``, as text of SVG."""

    def svg(*arguments):
        try:
            from matplotlib import rc_context
            from matplotlib.figure import Figure
        except ImportError:
            warn_caller(_WITHOUT)
            return ""
        # A name may hold dollar signs; the same figure is the same text.
        with rc_context({"text.parse_math": False, "svg.hashsalt": "skdomain"}):
            figure, text = Figure(layout="constrained"), StringIO()
            draw(figure, *arguments)
            figure.savefig(text, format="svg", metadata={"Date": None})
        says = f'<svg role="img" aria-label="{draw.__doc__}"'
        return says + text.getvalue().partition("<svg")[2]

    return svg


@drawn
def feature_bars(figure, report):
    """The columns that shift most."""
    DomainReportDisplay.from_report(report, ax=figure.subplots())


@drawn
def feature_columns(figure, frame, domains, report):
    """What the columns that shift most hold in each file."""
    names = [str(report.feature_names[j]) for j in report.ranking[:_SHOWN]]
    figure.set_size_inches(6.4, 2.2 * len(names))
    for ax, name in zip(np.ravel(figure.subplots(len(names))), names, strict=True):
        column = frame[name]
        values = [column[domains > 0].dropna(), column[domains < 0].dropna()]
        (_histograms if column.dtype.kind == "f" else _shares)(ax, values)
        ax.set(title=name, ylabel="share of rows")
    figure.axes[0].legend()


@drawn
def label_shares(figure, told, predicted):
    """Shares of the classes among source labels and among predictions."""
    import pandas

    ax = figure.subplots()
    _shares(ax, [pandas.Series(told).astype(str), pandas.Series(predicted).astype(str)])
    ax.set(ylabel="share of rows")
    ax.legend()


@drawn
def label_values(figure, told, predicted):
    """Values of source labels and of predictions."""
    ax = figure.subplots()
    _histograms(ax, [told, predicted])
    ax.set(ylabel="share of rows")
    ax.legend()


def _histograms(ax, values):
    edges = np.histogram_bin_edges(np.concatenate(values), bins=30)
    for each, (name, colour) in zip(values, _SIDES, strict=True):
        weights = np.full(len(each), 1 / len(each))
        ax.hist(each, edges, weights=weights, color=colour, alpha=0.5, label=name)


def _shares(ax, values):
    """Bars side by side, the most frequent ten values."""
    shares = [each.value_counts(normalize=True) for each in values]
    total = shares[0].add(shares[1], fill_value=0).sort_values(ascending=False)[:10]
    places = np.arange(len(total))
    for k, (share, (name, colour)) in enumerate(zip(shares, _SIDES, strict=True)):
        heights = share.reindex(total.index, fill_value=0)
        ax.bar(places + 0.4 * k - 0.2, heights, 0.4, color=colour, label=name)
    ax.set_xticks(places, labels=[str(value)[:20] for value in total.index])
