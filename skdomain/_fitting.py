"""What estimators that fit others share: a fit that fails undoes itself, methods are passed on."""

from functools import wraps


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


def inner_has(method):
    """Whether the estimator inside, fitted or still to be, has this method."""

    def check(self):
        getattr(self.estimator_ if hasattr(self, "estimator_") else self._inner(), method)
        return True

    return check
