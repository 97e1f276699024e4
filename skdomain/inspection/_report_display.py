"""A plot of what `domain_report` finds, in scikit-learn's display convention."""

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints

from skdomain.metrics import domain_report

_CONTRIBUTIONS = ("ks_statistic", "mean_difference", "log_variance_ratio")


class DomainReportDisplay:
    """Bars of the features that shift most between two domains, with the measures of the shift.

    Make one with :meth:`from_data` or :meth:`from_report`, which plot at once. Plotting needs
    matplotlib.

    Parameters
    ----------
    report : DomainReport
        What :func:`~skdomain.metrics.domain_report` returns.

    Attributes
    ----------
    report : DomainReport
        The report.
    ax_ : matplotlib Axes
        The axes with the plot.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    bars_ : matplotlib BarContainer
        One bar a feature, the feature that shifts most on top.
    text_ : matplotlib Text
        The title: the table of measures.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.inspection import DomainReportDisplay
    >>> from skdomain.metrics import domain_report
    >>> X, sample_domain = np.arange(12.0).reshape(6, 2), [1, 1, 1, -1, -1, -1]
    >>> display = DomainReportDisplay(domain_report(X, sample_domain, measures=["cmd"]))
    >>> display.plot()  # doctest: +SKIP
    """

    def __init__(self, report: Any) -> None:
        self.report = report

    @classmethod
    def from_data(
        cls,
        X: Any,
        sample_domain: ArrayLike,
        *,
        measures: Callable[..., Any] | Sequence[Any] = (
            "mmd",
            "linear_mmd",
            "coral_distance",
            "cmd",
            "proxy_a_distance",
        ),
        n_permutations: int = 200,
        random_state: int | np.random.RandomState | None = None,
        ax: Any = None,
        contribution: str = "ks_statistic",
        n_features: int = 10,
    ) -> Self:
        """Make the report of two domains and plot it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows of both domains. The columns of a data frame name the bars.
        sample_domain : array-like of shape (n_samples,)
            Positive integers for source rows, negative for target rows.
        measures : list or tuple of str or callable
            The measures, as in :func:`~skdomain.metrics.domain_report`, by default all.
        n_permutations : int, default=200
            Number of permutations behind the p-values.
        random_state : int, RandomState instance or None, default=None
            Draws the permutations.
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.
        contribution : {"ks_statistic", "mean_difference", "log_variance_ratio"}, \
                default="ks_statistic"
            What the bars show, as in :meth:`plot`.
        n_features : int, default=10
            The largest number of bars.

        Returns
        -------
        DomainReportDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError, TypeError
            As :func:`~skdomain.metrics.domain_report` and :meth:`plot` do.
        """
        check_matplotlib_support(f"{cls.__name__}.from_data")
        options = {"n_permutations": n_permutations, "random_state": random_state}
        report = domain_report(X, sample_domain, measures=measures, **options)
        return cls(report).plot(ax, contribution=contribution, n_features=n_features)

    @classmethod
    def from_report(
        cls,
        report: Any,
        *,
        ax: Any = None,
        contribution: str = "ks_statistic",
        n_features: int = 10,
    ) -> Self:
        """Plot a report.

        Parameters
        ----------
        report : DomainReport
            What :func:`~skdomain.metrics.domain_report` returns.
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.
        contribution : {"ks_statistic", "mean_difference", "log_variance_ratio"}, \
                default="ks_statistic"
            What the bars show, as in :meth:`plot`.
        n_features : int, default=10
            The largest number of bars.

        Returns
        -------
        DomainReportDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            As :meth:`plot` does.
        """
        check_matplotlib_support(f"{cls.__name__}.from_report")
        return cls(report).plot(ax, contribution=contribution, n_features=n_features)

    def plot(
        self, ax: Any = None, *, contribution: str = "ks_statistic", n_features: int = 10
    ) -> Self:
        """Plot the features that shift most, and write the measures beside them.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.
        contribution : {"ks_statistic", "mean_difference", "log_variance_ratio"}, \
                default="ks_statistic"
            What the bars show. The features with the largest absolute values are chosen; an
            infinite value is drawn as long as the longest finite one.
        n_features : int, default=10
            The largest number of bars.

        Returns
        -------
        DomainReportDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``contribution`` is not one of the three or ``n_features`` is not positive.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        validate_parameter_constraints(
            _CONSTRAINTS,
            {"contribution": contribution, "n_features": n_features},
            caller_name=f"{type(self).__name__}.plot",
        )
        from matplotlib import pyplot

        self.ax_ = pyplot.subplots(layout="constrained")[1] if ax is None else ax
        self.figure_ = self.ax_.figure
        names, lengths = _top_features(self.report, contribution, n_features)
        self.bars_ = self.ax_.barh(range(len(names)), lengths)
        self.ax_.set_yticks(range(len(names)), labels=names)
        self.ax_.invert_yaxis()
        self.ax_.set(xlabel=contribution.replace("_", " "), ylabel="feature")
        self.text_ = _write_measures(self.ax_, self.report)
        return self


_CONSTRAINTS = {
    "contribution": [StrOptions(set(_CONTRIBUTIONS))],
    "n_features": [Interval(Integral, 1, None, closed="left")],
}


def _top_features(report, contribution, n_features):
    """Return names and finite bar lengths of the features with the largest absolute values.

    Features without a value, such as the mean of a category, are left out.
    """
    values = report.contributions[contribution][report.ranking]
    top = np.argsort(-np.abs(values), kind="stable")
    top = top[~np.isnan(values[top])][:n_features]
    longest = np.abs(values[np.isfinite(values)]).max(initial=0) or 1
    return report.feature_names[report.ranking][top], np.clip(values[top], -longest, longest)


def _write_measures(ax, report):
    _title, table, *_ = str(report).split("\n\n")
    return ax.set_title(table, loc="left", family="monospace", fontsize="small")
