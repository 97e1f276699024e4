"""What all fits share: one that fails undoes itself."""

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
