"""A criterion against a parameter, with the point that a search has chosen."""

from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._optional_dependencies import check_matplotlib_support

from skdomain.inspection._axes import axes_for


class ScorerDisplay:
    """Mean score of a search against one of its parameters, with the chosen value marked.

    Make one with :meth:`from_search`, which plots at once. Plotting needs matplotlib.

    Parameters
    ----------
    values : list of length n_values
        Values of the parameter.
    scores : ndarray of shape (n_values,)
        Mean score of each, over the splits.
    deviations : ndarray of shape (n_values,)
        Standard deviation of each, over the splits: the error bars.
    chosen : int or None
        Position of the chosen value; None where the choice fell on none of them.
    param : str, default="parameter"
        Name of the parameter.
    scorer_name : str, default="score"
        Name of the score.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes with the plot.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    errorbar_ : matplotlib ErrorbarContainer
        The scores.
    chosen_ : matplotlib Line2D or None
        The mark of the chosen value.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.inspection import ScorerDisplay
    >>> display = ScorerDisplay([0.1, 1, 10], np.array([0.7, 0.8, 0.6]), np.zeros(3), 1)
    >>> display.plot()  # doctest: +SKIP
    """

    def __init__(
        self,
        values: list[Any],
        scores: ArrayLike,
        deviations: ArrayLike,
        chosen: int | None,
        *,
        param: str = "parameter",
        scorer_name: str = "score",
    ) -> None:
        self.values = values
        self.scores = scores
        self.deviations = deviations
        self.chosen = chosen
        self.param = param
        self.scorer_name = scorer_name

    @classmethod
    def from_search(
        cls, search: Any, *, param: str, scorer_name: str | None = None, ax: Any = None
    ) -> Self:
        """Plot the scores of a fitted search along one parameter.

        Of a search over several parameters, the candidates are shown that share all others with the
        chosen one; where that does not have the parameter, being of another method, with the best
        one that has.

        Parameters
        ----------
        search : GridSearchCV, AdaptationSearchCV or the like
            Fitted search with ``cv_results_`` and ``best_index_``.
        param : str
            Name of the parameter, such as "tca__lam".
        scorer_name : str, default=None
            Name of the score, of a search with several. None: the only one.
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        ScorerDisplay
            The display, plotted.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If no candidate has the parameter, there is no such score or not one alone, or the
            search is not fitted or has not chosen.
        """
        check_matplotlib_support(f"{cls.__name__}.from_search")
        for attribute in ("cv_results_", "best_index_"):
            if not hasattr(search, attribute):
                raise ValueError(
                    f"ScorerDisplay needs {attribute}, which this {type(search).__name__} has not; "
                    "fit it, with refit=<name of a score> where it has several."
                )
        results = search.cv_results_
        scorer_name = _scorer_name(results, scorer_name)
        scores = np.asarray(results[f"mean_test_{scorer_name}"], dtype=float)
        centre = _centre(results["params"], param, scores, search.best_index_)
        rows = _along(results, param, centre)
        display = cls(
            [results["params"][i][param] for i in rows],
            scores[rows],
            np.asarray(results[f"std_test_{scorer_name}"], dtype=float)[rows],
            rows.index(centre) if centre == search.best_index_ else None,
            param=param,
            scorer_name=scorer_name,
        )
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Plot the scores, numbers in order and on a log scale if positive and a hundredfold apart.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to plot; None makes a figure.

        Returns
        -------
        ScorerDisplay
            This display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = axes_for(self, ax)
        self.figure_ = self.ax_.figure
        numbers = all(isinstance(v, Real) and not isinstance(v, bool) for v in self.values)
        places = np.asarray(self.values, dtype=float) if numbers else np.arange(len(self.values))
        order = np.argsort(places, kind="stable")
        self.errorbar_ = self.ax_.errorbar(
            places[order], self.scores[order], yerr=self.deviations[order], fmt="o-", capsize=3
        )
        if not numbers:
            self.ax_.set_xticks(places, labels=[str(v) for v in self.values])
        elif 0 < 100 * places.min() <= places.max():
            self.ax_.set_xscale("log")
        self.chosen_ = None
        if self.chosen is not None:
            (self.chosen_,) = self.ax_.plot(
                places[self.chosen],
                self.scores[self.chosen],
                "*",
                c="C3",
                ms=16,
                zorder=3,
                label=f"chosen: {self.values[self.chosen]}",
            )
            self.ax_.legend()
        self.ax_.set(xlabel=self.param, ylabel=f"{self.scorer_name}, mean and deviation of splits")
        return self


def _scorer_name(results, name):
    names = [key.removeprefix("mean_test_") for key in results if key.startswith("mean_test_")]
    if name is None and len(names) == 1:
        return names[0]
    if name not in names:
        raise ValueError(f"scorer_name={name!r}, but the scores of this search are {names}.")
    return name


def _centre(params, param, scores, best):
    """Candidate whose other parameters are held."""
    having = [i for i, given in enumerate(params) if param in given]
    if not having:
        names = sorted({name for given in params for name in given})
        raise ValueError(f"param={param!r}, but the parameters of this search are {names}.")
    if best in having:
        return best
    return having[int(np.argmax(np.nan_to_num(scores[having], nan=-np.inf)))]


def _along(results, param, centre):
    """Candidates of the same method that differ from the central one in the parameter alone."""
    methods = results.get("method", np.zeros(len(results["params"])))
    keys = results["params"][centre].keys()
    return [
        i
        for i, given in enumerate(results["params"])
        if methods[i] == methods[centre]
        and given.keys() == keys
        and all(_same(given[k], results["params"][centre][k]) for k in keys if k != param)
    ]


def _same(a, b):
    return a is b or (type(a) is type(b) and np.array_equal(a, b))
