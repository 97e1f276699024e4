"""The guard's reasons in words, for classifiers and for regressors."""


def stays_reason(shift, regresses):
    """Why the baseline stays where the first test finds no shift."""
    if not regresses:
        return f"proportions of the classes alone explain the target (p = {shift:.2g})."
    return (
        f"proportions of the values alone explain the target (p = {shift:.2g}); correcting them is "
        "not available for a regressor, which has no class probabilities."
    )


def target_is_other(shift, regresses):
    """What the first test has found where it finds a shift."""
    classes = "rows grouped by their values" if regresses else "classes"
    return f"the target is no mixture of the source's {classes} (p = {shift:.2g})"
