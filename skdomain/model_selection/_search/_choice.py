"""What a search chose, and why."""

from typing import NamedTuple

import numpy as np

from skdomain.model_selection._expected._expected_accuracy import ExpectedAccuracy


class Choice(NamedTuple):
    """What a search chose, and why; ``str`` gives it in words.

    Parameters
    ----------
    adapted : bool
        Whether another candidate than the baseline was chosen.
    method : str
        Name of the chosen model.
    params : dict
        Its parameters from its grid.
    reason : str
        Why, in a sentence.
    expected : ExpectedAccuracy, default=None
        How often it is to be expected right on the target; None if that is not known.
    """

    adapted: bool
    method: str
    params: dict
    reason: str
    expected: ExpectedAccuracy | None = None

    def __str__(self):
        verb = "adapts by" if self.adapted else "does not adapt, keeps"
        params = f" with {self.params}" if self.params else ""
        return f"{verb} {self.method}{params}: {told(self)}"

    @classmethod
    def of_results(cls, results, scores, best):
        """From the table of a search, what decides, and who won."""
        if len(scores) == 1:
            return cls(False, "baseline", {}, "there is no other candidate.")
        kind = next((k for k in ("trimmed_rank", "joint_score") if k in results), "mean value")
        value = f"the highest {kind.replace('_', ' ')}, {scores[best]:.3g}"
        reason = f"{value}, of {len(scores)} candidates; the baseline has {scores[0]:.3g}."
        if "better_pvalue" in results:
            reason = preference(results["better_pvalue"], results["match_pvalue"], best, reason)
        return cls(best > 0, str(results["method"][best]), results["params"][best], reason)

    def quoting(self, expected, missing):
        """The same with an expected accuracy, or with why there is none."""
        return with_expected(self, expected, missing)


def preference(agreed, matched, best, reason):
    """The reason of a choice by ranks, with what speaks for the winner, if it is another one."""
    if not best:
        least = f"least p = {np.nanmin(agreed, initial=1.0):.2g}"
        return (
            f"the criteria agree on none of {len(agreed) - 1} others ({least}), and none matches."
        )
    pvalues = f"p = {agreed[best]:.2g} by the criteria, {matched[best]:.2g} by its match"
    return f"{reason[:-1]} ({pvalues})."


def with_expected(decision, expected, missing):
    """A decision with an expected accuracy, or with why there is none."""
    if expected is not None or not missing:
        return decision._replace(expected=expected)
    return decision._replace(reason=f"{decision.reason} No accuracy is expected, as {missing}.")


def told(decision):
    """The reason of a decision, and the expected accuracy if it is known."""
    return f"{decision.reason} {decision.expected or ''}".rstrip()
