"""What `domain_report` returns, and how it prints: two tables, as text or HTML."""

from html import escape
from typing import NamedTuple

from sklearn.utils import Bunch

_N_SHOWN = 10
_FORMATS = {
    "mean_difference": ("mean difference", ".3f"),
    "log_variance_ratio": ("log variance ratio", ".3f"),
    "ks_statistic": ("ks statistic", ".3f"),
    "adjusted_pvalue": ("adjusted p-value", ".3g"),
}


class MeasuredShift(NamedTuple):
    """Statistic and p-value of one measure."""

    statistic: float
    pvalue: float


class DomainReport(Bunch):
    """Shift between two domains, per measure and per feature.

    Printing it gives two aligned tables; a notebook shows them as HTML. Of the features, the ten
    that shift most are printed.

    Attributes
    ----------
    measures : :class:`~sklearn.utils.Bunch` of named tuples ``(statistic, pvalue)``
        One for each measure, by its name.
    contributions : :class:`~sklearn.utils.Bunch` of ndarray of shape (n_features,)
        ``mean_difference``, ``log_variance_ratio``, ``ks_statistic``, ``pvalue`` and
        ``adjusted_pvalue`` of each feature.
    ranking : ndarray of shape (n_features,), int
        Features by falling Kolmogorov-Smirnov statistic, then by falling mean difference.
    feature_names : ndarray of shape (n_features,), object
        Column names of the data frame, else "x0", "x1", ...
    n_source, n_target : int
        Number of rows.
    n_permutations : int
        Number of permutations behind the p-values.
    n_landmarks : int or None
        Landmarks of the kernel of "mmd", None where that is exact.

    Examples
    --------
    >>> from skdomain.metrics import domain_report
    >>> X, sample_domain = [[0.0], [1.0], [2.0], [3.0]], [1, 1, -1, -1]
    >>> report = domain_report(X, sample_domain, measures=["linear_mmd"])
    >>> report.measures.linear_mmd.statistic
    4.0
    """

    def __repr__(self):
        measures, features = _measure_rows(self), _feature_rows(self)
        parts = [_title(self), "", *aligned(measures), "", *aligned(features)]
        return "\n".join([*parts, *_rest(self)])

    def _repr_html_(self):
        tables = [html_table(_measure_rows(self)), html_table(_feature_rows(self))]
        rest = [f"<p>{line}</p>" for line in _rest(self)]
        return "\n".join([f"<p>{escape(_title(self))}</p>", *tables, *rest])


def _title(report):
    return (
        f"{report.n_source} source rows, {report.n_target} target rows, "
        f"{len(report.feature_names)} features, {report.n_permutations} permutations"
        + (f", mmd by {report.n_landmarks} landmarks" if report.n_landmarks else "")
    )


def _measure_rows(report):
    header = ("measure", "statistic", "p-value")
    values = report.measures.items()
    return [header, *((name, f"{r.statistic:.4g}", f"{r.pvalue:.3g}") for name, r in values)]


def _feature_rows(report):
    shown = [name for name in _FORMATS if name in report.contributions]
    header = ("feature", *(_FORMATS[name][0] for name in shown))
    return [header] + [
        (
            str(report.feature_names[j]),
            *(format(report.contributions[name][j], _FORMATS[name][1]) for name in shown),
        )
        for j in report.ranking[:_N_SHOWN]
    ]


def _rest(report):
    n_rest = len(report.ranking) - _N_SHOWN
    return [f"and {n_rest} more features"] if n_rest > 0 else []


def aligned(rows):
    """Return lines with the first column flush left and the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])])
        for name, *cells in rows
    ]


def html_table(rows):
    header, *body = rows
    lines = [_html_row(header, "th"), *(_html_row(row, "td") for row in body)]
    return "\n".join(["<table>", *lines, "</table>"])


def _html_row(cells, tag):
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
