"""What the guard against negative transfer decided, and why."""

from typing import Any, NamedTuple

import numpy as np

from skdomain.model_selection._expected._expected_accuracy import ExpectedAccuracy
from skdomain.model_selection._search._choice import told, with_expected


class Decision(NamedTuple):
    """What the guard decided, and why; ``str`` gives it in words.

    Parameters
    ----------
    adapted : bool
        Whether a candidate was chosen.
    method : str
        Name of the chosen model.
    reason : str
        Why, in a sentence.
    shift_pvalue : float
        Of the hypothesis that only the proportions of the classes have changed.
    ranks : ndarray of shape (n_candidates,)
        Their :func:`trimmed_ranks`, in the order of ``cv_results_``; NaN if they failed, or were
        not fitted as there is no shift.
    closer_pvalues : ndarray of shape (n_candidates,)
        Of what they say being no closer to a mixture of the classes than what the baseline says,
        Bonferroni-corrected; NaN of those that do not rank above the baseline on every split.
    rehearsal_gains : ndarray of shape (n_candidates, 2)
        Accuracy, of regressors the share of the variance that is explained, less that of the
        baseline in the rehearsals: where nothing differs, and where the features moved as in the
        target. NaN of those that are not significantly closer, and of rehearsals that cannot be
        made.
    corrected : bool, default=False
        Whether the baseline was corrected for the proportions of the classes in the target.
    priors : dict, default=None
        These proportions by class, if proportions alone explain the target.
    priors_interval : ndarray of shape (2, n_classes), default=None
        Lower and upper ends of their intervals, of confidence ``1 - alpha``.
    expected_gain : ndarray of shape (3,), default=None
        Rise of accuracy expected of the correction, and its interval.
    expected : ExpectedAccuracy, default=None
        How often the chosen model is to be expected right on the target; None if that is not known.
    """

    adapted: bool
    method: str
    reason: str
    shift_pvalue: float
    ranks: np.ndarray
    closer_pvalues: np.ndarray
    rehearsal_gains: np.ndarray
    corrected: bool = False
    priors: dict | None = None
    priors_interval: np.ndarray | None = None
    expected_gain: np.ndarray | None = None
    expected: ExpectedAccuracy | None = None

    def __str__(self):
        verb = "adapts by" if self.adapted else "does not adapt, keeps"
        verb = "does not adapt, but corrects the proportions of" if self.corrected else verb
        return f"{verb} {self.method}: {told(self)}"

    def quoting(self, expected: Any, missing: Any) -> Any:
        """The same with an expected accuracy, or with why there is none."""
        return with_expected(self, expected, missing)

    def with_priors(self, model: Any) -> Any:
        """The same with what a fitted corrector found of the proportions."""
        gain, least, most = 100 * model.expected_gain_
        found = zip(model.classes_.tolist(), model.target_priors_.tolist(), strict=True)
        interval = f"{gain:.1f} points ({least:.1f} to {most:.1f}) by correcting them"
        return self._replace(
            corrected=bool(least > 0),
            priors=dict(found),
            priors_interval=model.priors_interval_,
            expected_gain=model.expected_gain_,
            reason=f"{self.reason[:-1]}; accuracy is expected to rise by {interval}.",
        )
