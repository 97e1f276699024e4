"""Tables that packages ship: rows of numbers and classes, nothing is downloaded.

scikit-learn: breast cancer, diabetes (above or below the median), digits of 8 x 8 pixels, iris,
wine, and patches of its two photographs. statsmodels and aeon, where they are installed (``pip
install --no-deps`` is enough, as only their data files are read): answers of voters, wives and
patients, schools, and recordings of power, motion, shapes and voices. What is not there is left
out. linnerud's 20 rows are too few to be split.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_sample_images,
    load_wine,
)

_PATCH, _PER_REGION = 16, 150


def bundled(load):
    """Rows and classes of a loader of scikit-learn."""
    return load(return_X_y=True)


def diabetes():
    """Patients whose disease goes on faster than the median, or slower."""
    X, y = load_diabetes(return_X_y=True)
    return X, (y > np.median(y)).astype(int)


def photographs():
    """Patches of two photographs, coarse pixels and spreads; the class is the picture's half."""
    rng, rows, y = np.random.default_rng(0), [], []
    for number, image in enumerate(load_sample_images().images):
        height, width = image.shape[0] // 2, image.shape[1]
        for half in (0, 1):
            tops = half * height + rng.integers(height - _PATCH, size=_PER_REGION)
            lefts = rng.integers(width - _PATCH, size=_PER_REGION)
            for top, left in zip(tops, lefts, strict=True):
                patch = image[top : top + _PATCH, left : left + _PATCH].astype(float)
                coarse = patch.reshape(4, 4, 4, 4, 3).mean(axis=(1, 3))
                rows.append(np.append(coarse.ravel(), patch.std(axis=(0, 1))))
                y.append(2 * number + half)
    return np.array(rows), np.array(y)


def data_folder(package):
    """Folder of the data sets of a package, which is not imported; None where it is missing."""
    spec = find_spec(package)
    return spec and Path(spec.submodule_search_locations[0]) / "datasets"


def answers(name, classes, *, sep=",", leave_out=()):
    """A table of statsmodels; a function of it gives the classes, whose columns are left out."""
    folder = data_folder("statsmodels")
    if folder is None:
        return None
    table = pd.read_csv(folder / name / f"{name}.csv", sep=sep, quotechar='"')
    table.columns = [column.strip("'") for column in table.columns]
    return table.drop(columns=list(leave_out)).to_numpy(float), classes(table).to_numpy(int)


def recordings(name, suffix=""):
    """Series of aeon as rows, all channels beside each other; their classes."""
    folder = data_folder("aeon")
    if folder is None:
        return None
    rows, y = [], []
    for part in ("TRAIN", "TEST"):
        lines = (folder / "data" / name / f"{name}{suffix}_{part}.ts").read_text("utf-8")
        for line in lines[lines.lower().index("@data") + 5 :].split():
            *channels, label = line.split(":")
            rows.append(np.concatenate([np.fromstring(one, sep=",") for one in channels]))
            y.append(label)
    return np.array(rows), np.unique(y, return_inverse=True)[1]


TABLES = {
    "breast cancer": partial(bundled, load_breast_cancer),
    "diabetes": diabetes,
    "digits of 8 x 8": partial(bundled, load_digits),
    "iris": partial(bundled, load_iris),
    "photographs": photographs,
    "wine": partial(bundled, load_wine),
    "wives": partial(answers, "fair", lambda t: t["affairs"] > 0, leave_out=["affairs"]),
    "patients": partial(answers, "randhie", lambda t: t["mdvis"] > 1, leave_out=["mdvis"]),
    "schools": partial(
        answers,
        "star98",
        lambda t: t["PR50M"] > t["MATHTOT"] - t["PR50M"],
        leave_out=["MATHTOT", "PR50M"],
    ),
    "voters": partial(answers, "anes96", lambda t: t["vote"], sep="\t", leave_out=["vote"]),
    "arrow heads": partial(recordings, "ArrowHead"),
    "leaves": partial(recordings, "OSULeaf"),
    "motions": partial(recordings, "BasicMotions"),
    "plugs": partial(recordings, "ACSF1"),
    "power": partial(recordings, "ItalyPowerDemand"),
    "pointing": partial(recordings, "GunPoint"),
    "vowels": partial(recordings, "JapaneseVowels", "_eq"),
}
