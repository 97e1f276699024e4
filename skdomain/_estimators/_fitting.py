"""What estimators that fit others share: a fit that fails undoes itself, and needs weights."""

from functools import wraps

from sklearn.utils.validation import has_fit_parameter


def all_or_nothing(fit):
    """Undo what a failing ``fit`` has set: nothing half-fitted stays, an earlier fit does."""

    @wraps(fit)
    def guarded(self, *args, **kwargs):
        before = vars(self).copy()
        try:
            return fit(self, *args, **kwargs)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return guarded


def check_takes_weights(estimator, inner, examples):
    """Refuse an estimator inside whose ``fit`` takes no ``sample_weight``."""
    if not has_fit_parameter(inner, "sample_weight"):
        raise ValueError(
            f"{type(estimator).__name__} trains on weighted rows, but {type(inner).__name__}.fit "
            f"takes no sample_weight; wrap an estimator that does, such as {examples}. The steps "
            f"of a Pipeline go before {type(estimator).__name__}, not into it."
        )
