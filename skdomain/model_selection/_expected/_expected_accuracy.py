"""What is expected of a fitted classifier on the target, and how it is said."""

from typing import NamedTuple

import numpy as np


class ExpectedAccuracy(NamedTuple):
    """What :func:`~skdomain.model_selection.estimate_accuracy` expects; prints as one sentence.

    Parameters
    ----------
    value : float
        The accuracy, or another metric, expected on the target.
    interval : tuple of float
        Lower and upper end of its interval.
    level : float
        Level of the intervals.
    metric : str
        Name of the metric.
    method : str
        Name of the method.
    assumptions : tuple of str
        What the method takes for granted. No rows without labels can prove it.
    doubts : tuple of str
        What the rows have against it; empty where they have nothing.
    confusion : ndarray of shape (n_classes, n_classes)
        Expected share of target rows of the class of the row that are predicted as the class of the
        column.
    classes : ndarray of shape (n_classes,)
        Their classes.
    by_class : dict
        For each class its share, recall and precision, each of these with its interval.
    by_method : dict
        Value and interval of each method that the value is made of.
    """

    value: float
    interval: tuple
    level: float
    metric: str
    method: str
    assumptions: tuple
    doubts: tuple
    confusion: np.ndarray
    classes: np.ndarray
    by_class: dict
    by_method: dict

    def __str__(self):
        low, high = self.interval
        doubt = f", but this is in doubt: {'; '.join(self.doubts)}" if self.doubts else ""
        return (
            f"The {self.metric} on the target is expected to be {self.value:.3g} ({low:.3g} to "
            f"{high:.3g} at {self.level:.0%}) by the method {self.method!r}{doubt}."
        )
