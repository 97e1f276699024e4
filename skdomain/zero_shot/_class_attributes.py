"""What is known of each class: a vector of attributes, in whatever container it comes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array

from skdomain._rows import is_frame


class ClassAttributes(NamedTuple):
    """Classes in sorted order and the attributes of each, a row a class."""

    classes: np.ndarray
    rows: np.ndarray

    def of(self, classes):
        """Attributes of these classes, in their order.

        Parameters
        ----------
        classes : array-like of shape (n_wanted,)

        Returns
        -------
        ndarray of shape (n_wanted, n_attributes)

        Raises
        ------
        ValueError
            If one of them has no attributes.
        """
        unknown = ~np.isin(classes, self.classes)
        if unknown.any():
            raise ValueError(
                f"attributes describe the classes {self.classes.tolist()}, but not "
                f"{np.unique(np.asarray(classes)[unknown]).tolist()}; pass a vector for each class "
                "of y and each that is to be predicted."
            )
        return self.rows[np.searchsorted(self.classes, classes)]


def class_attributes(attributes, seen):
    """Check attributes; None is one attribute for each of the seen classes, which is its own.

    Parameters
    ----------
    attributes : mapping, pandas data frame, array-like of shape (n_classes, n_attributes) or None
        Class to vector; or a row a class, which the index names; or class c in row c.
    seen : ndarray of shape (n_seen,)
        Classes of the training rows, sorted.

    Returns
    -------
    ClassAttributes

    Raises
    ------
    ValueError, TypeError
        If a class is named twice, vectors differ in length or are not finite, or a frame has no
        index.
    """
    if attributes is None:
        return ClassAttributes(seen, np.eye(len(seen)))
    names, vectors = _named_rows(attributes)
    rows = check_array(vectors, dtype=np.float64, input_name="attributes")
    classes, first = np.unique(names, return_index=True)
    if len(classes) < len(names):
        repeated = np.delete(names, first).tolist()[0]
        raise ValueError(f"attributes name the class {repeated!r} twice; keep one row of it.")
    return ClassAttributes(classes, rows[first])


def _named_rows(attributes):
    if isinstance(attributes, Mapping):
        lengths = {np.size(vector) for vector in attributes.values()}
        if len(lengths) != 1:
            raise ValueError(
                f"attributes hold vectors of {sorted(lengths)} entries; pass vectors of one "
                "length, with an entry for each attribute."
            )
        vectors = [np.ravel(vector) for vector in attributes.values()]
        return np.asarray(list(attributes)), vectors
    if hasattr(attributes, "index") and is_frame(attributes):
        return np.asarray(attributes.index.tolist()), attributes.to_numpy()
    if is_frame(attributes):
        raise TypeError(
            f"attributes are a {type(attributes).__module__} frame, which has no index to name the "
            "classes by; pass a mapping from class to vector."
        )
    return np.arange(len(attributes)), attributes
