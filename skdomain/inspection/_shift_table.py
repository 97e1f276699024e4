"""What a decomposition of a change of loss returns, and how it prints."""

from typing import NamedTuple

from skdomain.metrics import aligned, html_table

_PARTS = ("X, source to shared", "Y given X, on shared rows", "X, shared to target", "in all")


class LossChange(NamedTuple):
    """A part of the change of the mean loss, and the ends of its interval."""

    change: float
    low: float
    high: float


class ShiftDecomposition(NamedTuple):
    """What :func:`~skdomain.inspection.shift_decomposition` returns; prints as a table.

    Parameters
    ----------
    x_source_to_shared, y_given_x, x_shared_to_target : LossChange
        The three parts, ``(change, low, high)`` each.
    total : LossChange
        Their sum, the mean loss on the target less that on the source.
    source_loss, target_loss : float
        Mean losses.
    shared_source_loss, shared_target_loss : float
        Mean losses on the shared distribution under the source's and under the target's rule.
    n_source, n_target : int
        Numbers of rows.
    n_shared_source, n_shared_target : float
        Effective numbers of rows, ``(sum w)^2 / sum w^2``, behind the means on the shared one.
    level : float
        Level of the intervals.
    """

    x_source_to_shared: LossChange
    y_given_x: LossChange
    x_shared_to_target: LossChange
    total: LossChange
    source_loss: float
    target_loss: float
    shared_source_loss: float
    shared_target_loss: float
    n_source: int
    n_target: int
    n_shared_source: float
    n_shared_target: float
    level: float

    def __repr__(self):
        return "\n".join([_title(self), "", *aligned(_table(self))])

    def _repr_html_(self):
        return f"<p>{_title(self)}</p>\n{html_table(_table(self))}"


def _title(found):
    return (
        f"mean loss {found.source_loss:.4g} on {found.n_source} source rows, "
        f"{found.target_loss:.4g} on {found.n_target} target rows; on shared rows "
        f"{found.shared_source_loss:.4g} and {found.shared_target_loss:.4g}, "
        f"of {found.n_shared_source:.0f} and {found.n_shared_target:.0f}"
    )


def _table(found):
    ends = [f"{100 * (1 + sign * found.level) / 2:.3g} %" for sign in (-1, 1)]
    rows = [
        (name, *(f"{value:.4g}" for value in part))
        for name, part in zip(_PARTS, found[:4], strict=True)
    ]
    return [("part of the change", "change", *ends), *rows]
