"""Target rows whose labels are known: those that are marked, or else those not missing."""

import numpy as np

from skdomain._domains._labels import labels_at, missing_labels


def labelled_rows(y, domains, labelled):
    """Where the labels of target rows are known: where they are marked, or else not missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels or values; of target rows that are not marked as labelled, they are not read.
    domains : ndarray of shape (n_samples,)
        Positive for source rows and negative for target rows.
    labelled : array-like of shape (n_samples,), bool, or None
        True where the label of a target row is known; None takes those that are not missing.

    Returns
    -------
    ndarray of shape (n_samples,), bool
        What it holds of source rows says nothing.

    Raises
    ------
    ValueError, TypeError
        If ``labelled`` is no mask of the rows, or True where a target row's label is missing.
    """
    known = _label_mask(labelled, len(domains))
    read = known & (domains < 0)
    missing = np.zeros(len(domains), dtype=bool)
    missing[read] = missing_labels(labels_at(y, read))
    if labelled is not None and missing.any():
        raise ValueError(
            f"labelled is True in row {np.argmax(missing)}, a target row in which y is missing; "
            "set it to False there, or leave labelled out: missing labels then mark themselves."
        )
    return known & ~missing


def check_some_labelled(name, domains, known, *, needed=False):
    """Refuse target rows of which none is labelled; where they are needed, none at all, too."""
    if known.any() or not ((domains < 0).any() or needed):
        return
    raise ValueError(
        f"{name} learns from labels of the target, but none of the {np.sum(domains < 0)} target "
        "rows is labelled; label a few, or take a method of skdomain.weighting, which needs none."
    )


def _label_mask(labelled, n_samples):
    if labelled is None:
        return np.ones(n_samples, dtype=bool)
    mask = np.asarray(labelled)
    if mask.dtype == object:
        mask = np.asarray(mask.tolist())
    if mask.shape != (n_samples,):
        raise ValueError(
            f"labelled has shape {mask.shape} but X has {n_samples} rows; pass one boolean a row, "
            "True where the label of a target row is known."
        )
    if mask.dtype != bool:
        raise TypeError(
            f"labelled has dtype {mask.dtype}; pass a boolean mask, True where the label of a "
            "target row is known."
        )
    return mask
