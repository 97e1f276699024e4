"""Mushrooms: edible or poisonous? The domains are two shapes of the stalk."""

import csv
import os
from typing import Any

import numpy as np
from sklearn.utils._param_validation import validate_params

from skdomain.datasets._bunch import bunch_domains
from skdomain.datasets._real._fetch import fetch_file
from skdomain.datasets._real._files import FILES

_DESCR = """Mushroom (UCI)

8124 descriptions of hypothetical mushrooms by 22 categories, each one letter ("?" is missing). Two
classes, "e" edible and "p" poisonous. The attribute stalk-shape defines the domains, "e" enlarging
(3516 rows) and "t" tapering (4608), and is left out of X. From the Audubon Society Field Guide, by
way of the UCI machine learning repository.
"""

_COLUMNS = (
    "class",
    "cap-shape",
    "cap-surface",
    "cap-color",
    "bruises",
    "odor",
    "gill-attachment",
    "gill-spacing",
    "gill-size",
    "gill-color",
    "stalk-shape",
    "stalk-root",
    "stalk-surface-above-ring",
    "stalk-surface-below-ring",
    "stalk-color-above-ring",
    "stalk-color-below-ring",
    "veil-type",
    "veil-color",
    "ring-number",
    "ring-type",
    "spore-print-color",
    "population",
    "habitat",
)
_STALK_SHAPE = _COLUMNS.index("stalk-shape")
_FEATURES = tuple(name for name in _COLUMNS[1:] if name != "stalk-shape")


@validate_params(
    {
        "as_frame": ["boolean"],
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_mushroom(
    *, as_frame: bool = False, data_home: Any = None, download_if_missing: bool = True
) -> Any:
    """Load the mushrooms: 21 categorical features, two shapes of the stalk as domains.

    Parameters
    ----------
    as_frame : bool, default=False
        If True, `X` is a :class:`pandas.DataFrame`.
    data_home : str or path-like, default=None
        Folder of the data, see :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error instead of being downloaded.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (8124, 21), objects: one letter for each category, ``"?"`` if missing; `y` of
        strings, ``"e"`` edible or ``"p"`` poisonous; the domains ``("e", "t")``, enlarging and
        tapering stalks; `feature_names`, `domain_index`, `filenames`, `DESCR`, the method `tasks`.

    Raises
    ------
    ImportError
        `as_frame` is True and pandas is not installed.
    OSError
        The file is missing and could not be downloaded.
    ValueError
        The file in place is not the one that is meant.

    References
    ----------
    .. [1] J. Schlimmer. Mushroom. UCI machine learning repository, 1981.
       https://doi.org/10.24432/C5959T
    .. [2] W. Dai, Q. Yang, G.-R. Xue, Y. Yu. Boosting for transfer learning. ICML 2007 (which
       splits the data in this way).

    Examples
    --------
    >>> from skdomain.datasets import load_mushroom
    >>> load_mushroom().X.shape  # doctest: +SKIP
    (8124, 21)
    """
    path = fetch_file(
        FILES["mushroom/agaricus-lepiota.data"], data_home, download_if_missing=download_if_missing
    )
    with open(path, newline="") as stream:
        table = np.array([row for row in csv.reader(stream) if row][1:], dtype=object)
    X = np.delete(table, [0, _STALK_SHAPE], axis=1)
    y, shape = table[:, 0].astype(str), table[:, _STALK_SHAPE]
    data = bunch_domains(
        {name: (X[shape == name], y[shape == name]) for name in ("e", "t")},
        feature_names=_FEATURES,
        filenames=(str(path),),
        DESCR=_DESCR,
    )
    if as_frame:
        data.X = _as_frame(data.X)
    return data


def _as_frame(X):
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("as_frame=True needs pandas: pip install pandas") from error
    return pd.DataFrame(X, columns=_FEATURES)
