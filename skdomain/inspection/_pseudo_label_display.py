"""How pseudo-labels settle, iteration by iteration."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._optional_dependencies import check_matplotlib_support

from skdomain.inspection._axes import axes_for, last_step


class PseudoLabelDisplay:
    """Share of the pseudo-labels that each iteration changed, and a second curve beside it.

    Make one with :meth:`from_estimator`, which plots at once. Plotting needs matplotlib.

    Parameters
    ----------
    changed : ndarray of shape (n_iter,)
        Share of the target rows whose pseudo-label an iteration changed, in [0, 1]; in the first
        iteration, all that had none before.
    values : ndarray of shape (n_iter,)
        The second curve.
    quantity : str
        Its name.
    estimator_name : str, default=None
        Name for the title.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the share of changed labels.
    twin_ax_ : matplotlib Axes
        The axes with the second curve, its scale on the right.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    changed_line_, quantity_line_ : matplotlib Line2D
        The two curves.

    Examples
    --------
    >>> from skdomain.datasets import make_rotated_moons
    >>> from skdomain.inspection import PseudoLabelDisplay
    >>> from skdomain.subspace import JDA
    >>> problem = make_rotated_moons(random_state=0)
    >>> jda = JDA(1).fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    >>> jda.history_["label_changes"]
    array([200,  97,  99,  41,  15,   1,   0])
    >>> PseudoLabelDisplay.from_estimator(jda)  # doctest: +SKIP
    """

    def __init__(
        self,
        changed: ArrayLike,
        values: ArrayLike,
        *,
        quantity: str,
        estimator_name: str | None = None,
    ) -> None:
        self.changed = changed
        self.values = values
        self.quantity = quantity
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(cls, estimator: Any, *, quantity: str | None = None, ax: Any = None) -> Self:
        """Plot the history of a fitted method that iterates pseudo-labels.

        Parameters
        ----------
        estimator : estimator or pipeline that ends in one
            Fitted, with ``pseudo_labels_`` and a ``history_`` that has "label_changes": of
            :class:`~skdomain.subspace.JDA` or :class:`~skdomain.regularized.ARTL`.
        quantity : str, default=None
            The second curve: an entry of ``history_`` such as "objective", "mmd" or "mu". None:
            "confidence" where the estimator records it, else "objective".
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        PseudoLabelDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator has no history of pseudo-labels, was fitted without target rows, or
            does not record the quantity.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        model = last_step(estimator)
        name, history = type(model).__name__, getattr(model, "history_", {})
        if "label_changes" not in history:
            raise ValueError(
                "PseudoLabelDisplay needs history_['label_changes'] and pseudo_labels_ of a fitted "
                f"estimator, which {name} has not; pass one that iterates pseudo-labels, such as "
                "JDA, JGSA or ARTL, once it is fitted, or a pipeline that ends in one."
            )
        n_target = len(model.pseudo_labels_)
        if not n_target:
            raise ValueError(f"{name} was fitted without target rows, hence has no pseudo-labels.")
        quantity = quantity or ("confidence" if "confidence" in history else "objective")
        if quantity not in history:
            raise ValueError(f"quantity={quantity!r} is not in history_, which has {[*history]}.")
        changed = np.asarray(history["label_changes"]) / n_target
        display = cls(changed, history[quantity], quantity=quantity, estimator_name=name)
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Plot both curves against the iterations.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        PseudoLabelDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = axes_for(self, ax)
        self.figure_, self.twin_ax_ = self.ax_.figure, self.ax_.twinx()
        iterations = np.arange(1, len(self.changed) + 1)
        (self.changed_line_,) = self.ax_.plot(iterations, self.changed, "o-", c="C0")
        (self.quantity_line_,) = self.twin_ax_.plot(iterations, self.values, "s--", c="C1")
        self.ax_.set(xlabel="iteration", title=self.estimator_name or "")
        self.ax_.set_ylabel("share of pseudo-labels changed", color="C0")
        self.twin_ax_.set_ylabel(self.quantity, color="C1")
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        return self
