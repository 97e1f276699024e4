"""A transport plan as a picture: how much mass goes from which rows to which."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._optional_dependencies import check_matplotlib_support

from skdomain._domains import check_sample_domain, labels_at
from skdomain.inspection._axes import axes_for, last_step


class TransportDisplay:
    """A transport plan as an image, rows of a class side by side.

    Source rows stand in the order of their classes, target rows in that of the class that most of
    their mass comes from. The title tells the purity, the mean share of that class: 1 where
    every target row gets mass from a single class. Make one with :meth:`from_estimator`, which
    plots at once. Plotting needs matplotlib.

    Parameters
    ----------
    plan : ndarray of shape (n_source, n_target)
        Masses.
    labels : ndarray of shape (n_source,)
        Classes of the source rows.
    estimator_name : str, default=None
        Name for the title.

    Attributes
    ----------
    purity : float
        The number in the title.
    ax_ : matplotlib Axes
        The axes with the plot.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    image_ : matplotlib AxesImage
        The plan, rows and columns in their new order.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.inspection import TransportDisplay
    >>> display = TransportDisplay(np.array([[0.5, 0.1], [0.0, 0.4]]), np.array(["a", "b"]))
    >>> round(display.purity, 2)
    0.9
    >>> display.plot()  # doctest: +SKIP
    """

    def __init__(
        self, plan: ArrayLike, labels: ArrayLike, *, estimator_name: str | None = None
    ) -> None:
        self.plan = plan
        self.labels = labels
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls, estimator: Any, y: Any, sample_domain: ArrayLike, *, ax: Any = None
    ) -> Self:
        """Plot the plan of a fitted method of transport.

        Parameters
        ----------
        estimator : estimator or a pipeline that ends in one
            Fitted estimator with ``plan_``.
        y : array-like of shape (n_samples,)
            Classes; those of the source rows are read.
        sample_domain : array-like of shape (n_samples,)
            Positive integers for source rows, negative for target rows, as in its fit.
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        TransportDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator has no plan, or one of another number of rows.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        model = last_step(estimator)
        name, plan = type(model).__name__, getattr(model, "plan_", None)
        if plan is None:
            raise ValueError(
                f"TransportDisplay needs plan_, which {name} has not; pass a fitted estimator of "
                "skdomain.transport."
            )
        source = check_sample_domain(sample_domain, len(y)) > 0
        if plan.shape != (source.sum(), (~source).sum()):
            raise ValueError(
                f"{name} has plan_ of shape {plan.shape}, but sample_domain has {source.sum()} "
                f"source rows and {(~source).sum()} target rows; pass that of its fit."
            )
        return cls(plan, labels_at(y, source), estimator_name=name).plot(ax)

    @property
    def purity(self) -> Any:
        """Mean share of the class that a target row gets most of its mass from."""
        masses = self._class_masses()
        return float(np.mean(masses.max(axis=0) / masses.sum(axis=0)))

    def _class_masses(self):
        """Mass that comes to each target row from each class, (n_classes, n_target)."""
        classes = np.unique(self.labels)
        return np.array([self.plan[self.labels == c].sum(axis=0) for c in classes])

    def plot(self, ax: Any = None) -> Self:
        """Plot the plan.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        TransportDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = axes_for(self, ax)
        self.figure_ = self.ax_.figure
        rows = np.argsort(self.labels, kind="stable")
        columns = np.argsort(self._class_masses().argmax(axis=0), kind="stable")
        ordered = self.plan[rows][:, columns]
        self.image_ = self.ax_.imshow(ordered, aspect="auto", cmap="Greys", interpolation="nearest")
        for end in np.cumsum(np.unique(self.labels, return_counts=True)[1])[:-1]:
            self.ax_.axhline(end - 0.5, color="C3", linewidth=0.8)
        title = f"purity {self.purity:.2f}"
        self.ax_.set(
            xlabel="target rows",
            ylabel="source rows",
            title=f"{self.estimator_name}: {title}" if self.estimator_name else title,
        )
        return self
