"""The guard's reasons in words, for classifiers and for regressors."""


def stays_reason(shift, regresses):
    """Why the baseline stays where the first test finds no shift."""
    if not regresses:
        return f"proportions of the classes alone explain the target (p = {shift:.2g})."
    return (
        f"proportions of the values alone explain the target (p = {shift:.2g}); correcting them is "
        "not available for a regressor, which has no class probabilities."
    )


def match_reason(best, shift, distances, circular, regresses):
    """Why a candidate was chosen or, for ``best = 0``, none."""
    classes = "source's classes"
    found = [f"circular accuracy {circular[best]:.2f}", f"{circular[0]:.2f}"]
    if regresses:
        classes = "source's rows grouped by their values"
        found = [f"circular squared error {-circular[best]:.3g}", f"{-circular[0]:.3g}"]
    reason = f"the target is no mixture of the {classes} (p = {shift:.2g})"
    if best == 0:
        return f"{reason}, but no candidate brings it closer to one at no loss of consistency."
    return (
        f"{reason}, and this brings it closest to one: discrepancy {distances[best]:.2g} "
        f"instead of {distances[0]:.2g}, {found[0]} instead of {found[1]}."
    )
