"""What the displays share: somewhere to plot, and the step of a pipeline that is shown."""

from sklearn.pipeline import Pipeline
from sklearn.utils._optional_dependencies import check_matplotlib_support


def axes_for(display, ax=None, **options):
    """Axes to plot on: those given or, with the options of ``subplots``, new ones."""
    check_matplotlib_support(f"{type(display).__name__}.plot")
    from matplotlib import pyplot

    return pyplot.subplots(layout="constrained", **options)[1] if ax is None else ax


def last_step(estimator):
    """Return the last step of a pipeline, or what is none."""
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator
