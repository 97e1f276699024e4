"""One expectation from one method or from all, with intervals."""

from functools import partial
from typing import NamedTuple

import numpy as np

from skdomain.model_selection._expected._confusion_metrics import (
    ClassAccuracy,
    precisions,
    recalls,
)
from skdomain.model_selection._expected._doubts import disagreement, doubts_of_predictions
from skdomain.model_selection._expected._expectations import EXPECTATIONS
from skdomain.model_selection._expected._expected_accuracy import ExpectedAccuracy
from skdomain.model_selection._expected._hidden import hidden_shift
from skdomain.model_selection._expected._spread import (
    confusion_draws,
    labelled_draws,
    prediction_interval,
    quantile_interval,
)

COMBINED = "combined"


class _Found(NamedTuple):
    """Confusions of each method and family, and of draws, of shape (n, [n_draws,] K, K)."""

    points: np.ndarray
    draws: np.ndarray
    level: float
    n_rows: int

    @property
    def point(self):
        """Mean of all."""
        return self.points.mean(axis=0)

    def interval(self, measure, share):
        """Interval of a number that is a function of the confusion, 0 to 1 at most if a share.

        Of one method (8), of several (9) with (8) within.
        """
        value = measure(self.point)
        drawn = np.array([measure(C) for C in self.draws.mean(axis=0)])
        counted = {"estimate": value, "n_rows": self.n_rows} if share else {}
        low, high = quantile_interval(drawn, self.level, **counted)
        if len(self.points) > 1:
            values = np.array([measure(C) for C in self.points])
            least, most = prediction_interval(value, drawn, values, self.level)
            low, high = min(low, least), max(high, most)
        return (max(low, 0.0), min(high, 1.0)) if share else (low, high)

    def one(self, k):
        """The same of a single one."""
        return self._replace(points=self.points[k : k + 1], draws=self.draws[k : k + 1])

    def by(self, groups):
        """The same of the mean of each group."""
        rows = [np.flatnonzero(np.array(groups) == group) for group in dict.fromkeys(groups)]
        points, draws = (np.array([A[k].mean(axis=0) for k in rows]) for A in self[:2])
        return self._replace(points=points, draws=draws)


def expect(told, method, measure, share, *, level, n_draws, rng):
    """Expectation of a metric by a method.

    Parameters
    ----------
    told : Told
    method : str
        A key of ``EXPECTATIONS``, or "combined": the mean of the families, each the mean of its
        methods.
    measure : callable
        ``measure(confusion, classes)``, as :func:`metric_of_confusion` returns it.
    share : bool
        Whether the metric is a share of rows.
    level : float
    n_draws : int
    rng : RandomState

    Returns
    -------
    ExpectedAccuracy
    """
    wanted = list(EXPECTATIONS) if method == COMBINED else [method]
    methods, doubts = _prepared(told, wanted)
    names, functions = list(methods), [method.confusion for method in methods.values()]
    m = len(told.target)
    draws = labelled_draws(confusion_draws(told, functions, n_draws, rng), m, rng)
    points = np.array([function() for function in functions])
    found = _Found(points, draws, level, min(m, len(told.codes)))

    def of(confusion):
        return measure(confusion, told.classes)

    intervals = [found.one(k).interval(of, share) for k in range(len(names))]
    doubts += doubts_of_predictions(told) + disagreement(names, intervals)
    for each in methods.values():
        doubts += each.doubts(level, rng)
    together, hidden = found.by([EXPECTATIONS[name].family for name in names]), hidden_shift(told)
    doubts += hidden.doubts()
    interval = together.interval(of, share)
    return ExpectedAccuracy(
        of(together.point),
        hidden.reached(interval, told.n_classes) if share else interval,
        level,
        "accuracy",
        method,
        tuple(EXPECTATIONS[name].assumes for name in names),
        tuple(doubts),
        together.point,
        told.classes,
        _by_class(together, told.classes),
        dict(zip(names, zip(map(of, points), intervals, strict=True), strict=True)),
    )


def _prepared(told, names):
    """The methods that the rows allow, by name, and why others are left out of several."""
    methods, doubts = {}, []
    for name in names:
        try:
            methods[name] = EXPECTATIONS[name].prepare(told)
        except ValueError as error:
            if len(names) == 1:
                raise
            doubts.append(f"nothing is expected by {name}: {str(error).removesuffix('.')}")
    return methods, doubts


def _by_class(found, classes):
    """ClassAccuracy of each class."""
    shares = found.point.sum(axis=1)

    def one(c):
        pairs = []
        for measure in (recalls, precisions):
            of_class = partial(_entry, measure, c)
            pairs += [of_class(found.point), found.interval(of_class, True)]
        return ClassAccuracy(float(shares[c]), *pairs)

    return {label: one(c) for c, label in enumerate(classes.tolist())}


def _entry(measure, c, confusion):
    return float(measure(confusion)[c])
