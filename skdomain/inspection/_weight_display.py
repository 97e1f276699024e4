"""Weights of source rows, against the true ratio of densities where it is known."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import _num_samples

from skdomain._domains import check_sample_domain
from skdomain.inspection._axes import axes_for, last_step


class WeightDisplay:
    """Estimated weights against the true density ratio, or their histogram.

    The title tells the effective sample size ``(sum w)^2 / sum w^2``: how many
    unweighted rows would give averages as certain. Make one with :meth:`from_estimator`, which
    plots at once. Plotting needs matplotlib.

    Parameters
    ----------
    weights : ndarray of shape (n_source,)
        Weights of the source rows.
    density_ratio : ndarray of shape (n_source,), default=None
        True ratio of the target's density to the source's at the source rows.
    estimator_name : str, default=None
        Name for the title.

    Attributes
    ----------
    effective_sample_size : float
        The number in the title, between 1 and n_source.
    ax_ : matplotlib Axes
        The axes with the plot.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    points_ : matplotlib PathCollection
        One point a source row, if density_ratio is given.
    line_ : matplotlib AxLine
        Where weight and ratio are equal, if density_ratio is given.
    bars_ : matplotlib BarContainer
        The histogram, if not.

    Notes
    -----
    Only the relative size of weights matters, so weights and ratios are both scaled to mean 1 over
    the source rows.

    References
    ----------
    .. [1] A. Kong, J. S. Liu, W. H. Wong. Sequential imputations and Bayesian missing data
       problems. Journal of the American Statistical Association 89, 1994.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.inspection import WeightDisplay
    >>> display = WeightDisplay(np.array([0.0, 1.0, 1.0, 2.0]))
    >>> display.effective_sample_size
    2.67
    >>> display.plot()  # doctest: +SKIP
    """

    def __init__(
        self,
        weights: ArrayLike,
        density_ratio: ArrayLike | None = None,
        *,
        estimator_name: str | None = None,
    ) -> None:
        self.weights = weights
        self.density_ratio = density_ratio
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        sample_domain: ArrayLike,
        *,
        density_ratio: ArrayLike | Callable[..., Any] | None = None,
        ax: Any = None,
    ) -> Self:
        """Plot the weights of a fitted weighting method.

        Parameters
        ----------
        estimator : estimator or a pipeline that ends in one
            Fitted estimator with ``weights_``, one for each source row.
        X : array-like of shape (n_samples, n_features)
            The rows that it was fitted to.
        sample_domain : array-like of shape (n_samples,)
            Positive integers for source rows, negative for target rows.
        density_ratio : array-like of shape (n_samples,) or callable, default=None
            True ratio of the target's density to the source's at all rows, or a function of X that
            returns it. None: a histogram is drawn.
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        WeightDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator has no weights, X has another number of source rows than the estimator
            was fitted to, or a ratio is missing, negative or infinite.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        model = last_step(estimator)
        name, weights = type(model).__name__, getattr(model, "weights_", None)
        if weights is None:
            raise ValueError(
                f"WeightDisplay needs weights_, which {name} has not; pass a fitted estimator of "
                "skdomain.weighting."
            )
        source = check_sample_domain(sample_domain, _num_samples(X)) > 0
        if np.shape(weights) != (source.sum(),):
            raise ValueError(
                f"{name} has weights_ of shape {np.shape(weights)}, but X has {source.sum()} "
                "source rows; pass the rows that it was fitted to."
            )
        if density_ratio is not None:
            density_ratio = _ratio_at(density_ratio, X, source)
        return cls(np.asarray(weights), density_ratio, estimator_name=name).plot(ax)

    @property
    def effective_sample_size(self) -> Any:
        """How many unweighted rows would give averages as certain."""
        return float(np.sum(self.weights) ** 2 / np.square(self.weights).sum())

    def plot(self, ax: Any = None) -> Self:
        """Plot the weights.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        WeightDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = axes_for(self, ax)
        self.figure_ = self.ax_.figure
        weights = self.weights / np.mean(self.weights)
        if self.density_ratio is None:
            *_, self.bars_ = self.ax_.hist(weights, bins="auto")
            self.ax_.set(xlabel="weight", ylabel="source rows")
        else:
            ratio = self.density_ratio / np.mean(self.density_ratio)
            self.points_ = self.ax_.scatter(ratio, weights, s=14, alpha=0.7)
            self.line_ = self.ax_.axline((0, 0), slope=1, c="0.5", ls="--")
            self.ax_.set(xlabel="true density ratio", ylabel="weight")
        size = f"effective sample size {self.effective_sample_size:.1f} of {len(weights)}"
        self.ax_.set_title(f"{self.estimator_name}: {size}" if self.estimator_name else size)
        return self


def _ratio_at(density_ratio, X, source):
    """Ratio at the source rows."""
    ratio = np.asarray(density_ratio(X) if callable(density_ratio) else density_ratio)
    if ratio.shape != source.shape:
        raise ValueError(
            f"density_ratio has shape {ratio.shape} but X has {len(source)} rows; pass one value a "
            "row, of which those of source rows are read."
        )
    ratio = ratio[source]
    if not (np.isfinite(ratio).all() and ratio.min() >= 0 and ratio.any()):
        raise ValueError(
            "density_ratio holds values at source rows that are negative, infinite or missing, or "
            "zeros alone; pass finite ratios of the target's density to the source's."
        )
    return ratio
