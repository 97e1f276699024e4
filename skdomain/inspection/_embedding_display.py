"""Both domains in two dimensions, before and after an adaptation."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import StrOptions, validate_parameter_constraints
from sklearn.utils.validation import _num_samples

from skdomain._domains import labels_at, new_domains
from skdomain._estimators import call_with_domains
from skdomain.inspection._axes import axes_for

_MARKERS = "os^Dv<>P*X"
_UNLABELLED = "0.6"


class EmbeddingDisplay:
    """Scatter of both domains before and after an adaptation, side by side.

    Markers tell the domains apart, filled for source rows and hollow for target rows; colours tell
    the classes. Make one with :meth:`from_estimator`, which plots at once. Plotting needs
    matplotlib.

    Parameters
    ----------
    before, after : ndarray of shape (n_samples, 2)
        Coordinates of all rows.
    sample_domain : ndarray of shape (n_samples,)
        Positive integers for source rows, negative for target rows.
    labels : ndarray of shape (n_samples,), default=None
        Class of each row, None where there is none to show, which is drawn grey.
    axis_names : tuple of str, default=("component", "component")
        What the axes of the two plots are called, a number being added.
    estimator_name : str, default=None
        Name for the title.

    Attributes
    ----------
    ax_ : ndarray of shape (2,) of matplotlib Axes
        The axes with the plots before and after.
    figure_ : matplotlib Figure
        The figure that contains them.
    points_ : tuple of two dicts
        Of the plots before and after: from (domain, class) to the matplotlib PathCollection.

    Examples
    --------
    >>> from skdomain.datasets import make_subspace_shift
    >>> from skdomain.inspection import EmbeddingDisplay
    >>> from skdomain.subspace import TCA
    >>> problem = make_subspace_shift(random_state=0)
    >>> X, y, sample_domain = problem.X, problem.y, problem.sample_domain
    >>> tca = TCA(2).fit(X, sample_domain=sample_domain)
    >>> EmbeddingDisplay.from_estimator(tca, X, y, sample_domain)  # doctest: +SKIP
    """

    def __init__(
        self,
        before: ArrayLike,
        after: ArrayLike,
        sample_domain: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        axis_names: tuple[Any, ...] = ("component", "component"),
        estimator_name: str | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.sample_domain = sample_domain
        self.labels = labels
        self.axis_names = axis_names
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        sample_domain: ArrayLike | None = None,
        *,
        y_target: ArrayLike | None = None,
        reduction: str = "pca",
        ax: Any = None,
    ) -> Self:
        """Transform the rows and plot them as they were and as they became.

        Parameters
        ----------
        estimator : estimator
            Fitted transformer, classifier with a ``transform``, or pipeline; of a pipeline that
            ends without one, the steps before the last.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows of both domains in any order.
        y : array-like of shape (n_samples,), default=None
            Labels of the source rows, for the colours; what it holds on target rows is not read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows. None: all are target
            rows, as in ``transform``.
        y_target : array-like of shape (n_target,), default=None
            Labels of the target rows, in their order, such as true ones of a benchmark or
            predicted ones. None: target rows are grey.
        reduction : {"pca", "first"}, default="pca"
            How more than two columns become two: the principal components of the rows of both
            domains, or the first two columns.
        ax : sequence of two matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        EmbeddingDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator does not transform, sample_domain or the labels do not fit X, or
            ``reduction`` is not one of the two.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        validate_parameter_constraints(
            {"reduction": [StrOptions({"pca", "first"})]},
            {"reduction": reduction},
            caller_name=f"{cls.__name__}.from_estimator",
        )
        domains = new_domains(sample_domain, _num_samples(X))
        check_consistent_length(X, y)
        names, coordinates = zip(
            *(_in_two_columns(Z, reduction) for Z in (X, _transform(estimator, X, domains))),
            strict=True,
        )
        display = cls(
            *coordinates,
            domains,
            labels=_shown_labels(domains, y, y_target),
            axis_names=names,
            estimator_name=type(estimator).__name__,
        )
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Plot both domains before and after.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        EmbeddingDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``ax`` is not two axes.
        """
        axes = np.ravel(axes_for(self, ax, ncols=2, figsize=(9, 4)))
        if len(axes) != 2:
            raise ValueError(
                f"EmbeddingDisplay plots on two axes and got {len(axes)}; pass those of "
                "pyplot.subplots(ncols=2), or None."
            )
        self.ax_, self.figure_ = axes, axes[0].figure
        labels = np.full(len(self.before), None) if self.labels is None else self.labels
        colours = _class_colours(labels)
        titles = ("before", f"after {self.estimator_name or 'adaptation'}")
        self.points_ = tuple(
            _scatter(ax, Z, self.sample_domain, labels, colours)
            for ax, Z in zip(axes, (self.before, self.after), strict=True)
        )
        for ax, title, name in zip(axes, titles, self.axis_names, strict=True):
            ax.set(title=title, xlabel=f"{name} 1", ylabel=f"{name} 2")
        axes[1].legend(handles=_legend_handles(self.sample_domain, colours))
        return self


def _transform(estimator, X, domains):
    """Rows as the estimator, or the steps of a pipeline before the last, transform them."""
    if isinstance(estimator, Pipeline) and not hasattr(estimator, "transform"):
        estimator = estimator[:-1]
    if not hasattr(estimator, "transform"):
        raise ValueError(
            f"EmbeddingDisplay needs a transform, which {type(estimator).__name__} has not; pass "
            "the transformer, or the pipeline that it is a step of."
        )
    return call_with_domains(estimator, "transform", X, sample_domain=domains)


def _in_two_columns(X, reduction):
    """Name of an axis, and X in two columns."""
    n_columns = X.shape[1] if hasattr(X, "shape") else np.shape(X)[1]
    if n_columns > 2 and reduction == "pca" and _num_samples(X) > 1:
        return "principal component", PCA(2, random_state=0).fit_transform(X)
    X = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    return "component", np.pad(X[:, :2], ((0, 0), (0, max(0, 2 - n_columns))))


def _shown_labels(domains, y, y_target):
    """Labels of the rows, None where none are given."""
    labels = np.full(len(domains), None)
    source, target = np.flatnonzero(domains > 0), np.flatnonzero(domains < 0)
    if y is not None:
        labels[source] = labels_at(y, source)
    if y_target is not None:
        if _num_samples(y_target) != len(target):
            raise ValueError(
                f"y_target has {_num_samples(y_target)} labels for {len(target)} target rows; "
                "pass one for each of them, in their order."
            )
        labels[target] = np.asarray(y_target)
    return labels


def _class_colours(labels):
    from matplotlib import colormaps

    classes = sorted({*labels.tolist()} - {None}, key=lambda label: (str(type(label)), label))
    few = len(classes) <= 10
    colours = colormaps["tab10" if few else "viridis"].resampled(10 if few else len(classes))
    return {label: colours(i) for i, label in enumerate(classes)}


def _domain_markers(domains):
    """Marker of each domain, and what it is called."""
    return {
        domain: (_MARKERS[i % len(_MARKERS)], f"{'source' if domain > 0 else 'target'} {domain}")
        for i, domain in enumerate(sorted({*domains.tolist()}, reverse=True))
    }


def _scatter(ax, Z, domains, labels, colours):
    """Plot each class of each domain; return the collections."""
    points = {}
    for domain, (marker, _) in _domain_markers(domains).items():
        for label, colour in {**colours, None: _UNLABELLED}.items():
            rows = (domains == domain) & (labels == label)
            if rows.any():
                points[domain, label] = ax.scatter(
                    *Z[rows].T,
                    s=18,
                    marker=marker,
                    edgecolors=[colour],
                    facecolors=[colour] if domain > 0 else "none",
                    alpha=0.7,
                )
    return points


def _legend_handles(domains, colours):
    """Markers of the domains, and colours of the classes unless there are too many to tell."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], c="k", ls="", marker=marker, mfc="k" if domain > 0 else "none", label=name)
        for domain, (marker, name) in _domain_markers(domains).items()
    ]
    if len(colours) <= 10:
        handles += [
            Line2D([], [], c=colour, lw=4, label=str(label)) for label, colour in colours.items()
        ]
    return handles
