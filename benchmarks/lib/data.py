"""Tasks of the programs: real data, prepared once a set, or problems that stand in for them."""

from contextlib import contextmanager
from itertools import chain

import numpy as np
from sklearn.preprocessing import normalize
from sklearn.utils import Bunch

from benchmarks.lib.preparation import one_hot, prepared, unit_rows
from skdomain.datasets import (
    load_amazon_reviews,
    load_coil20,
    load_mnist_usps,
    load_mushroom,
    load_office_caltech10,
    make_rotated_digits,
    make_subspace_shift,
)


def load_googlenet(**options):
    """Office-Caltech10 as GoogLeNet sees it: the three domains whose files there are."""
    return load_office_caltech10("googlenet1024", domains=("A", "W", "D"), **options)


DATA = {
    "SURF": (load_office_caltech10, prepared),
    "GoogLeNet": (load_googlenet, unit_rows),
    "digits": (load_mnist_usps, unit_rows),
    "COIL": (load_coil20, unit_rows),
    "mushroom": (load_mushroom, one_hot),
    "reviews": (load_amazon_reviews, prepared),
}


@contextmanager
def end_without_data():
    """End the program with the words of the loader where a data file is missing."""
    try:
        yield
    except OSError as error:
        raise SystemExit(str(error)) from None


def real_tasks(names, data_home=None):
    """Iterate over the prepared tasks of these data sets; an OSError if a file is missing."""
    for name in names:
        load, prepare = DATA[name]
        for task in load(data_home=data_home, download_if_missing=False).tasks():
            task.X, task.data = prepare(task.X, task.sample_domain), name
            yield task


def generated_tasks():
    """Small problems for where there are no data."""
    digits = make_rotated_digits(random_state=0)
    subspace = make_subspace_shift(n_features=40, random_state=0)
    for name, task in (("rotated digits", digits), ("subspace shift", subspace)):
        X, y, d = np.asarray(task.X, float), task.y, task.sample_domain
        yield Bunch(data="generated", name=name, X=X, y=y, sample_domain=d)


def real_or_generated_tasks(names, data_home=None, wanted=None):
    """Iterate over tasks of these data sets; without data, say so and take generated ones.

    Only those whose names are wanted, all by default.
    """
    try:
        tasks = real_tasks(names, data_home)
        tasks = chain([next(tasks)], tasks)
    except OSError as error:
        print(f"{error}\nUntil the files are there, generated problems:\n")
        tasks = generated_tasks()
    return (task for task in tasks if not wanted or task.name in wanted)


def surf_task():
    """Rows, labels and domains of C->A, prepared as in the papers; without data, drawn rows."""
    try:
        data = load_office_caltech10("surf", domains=("C", "A"), download_if_missing=False)
    except OSError:
        print("SURF features are not at hand: rows drawn at random, of the same size.")
        rng = np.random.default_rng(0)
        y = rng.integers(10, size=2081)
        X = rng.normal(size=(2081, 800)) + rng.normal(size=(10, 800))[y]
        return normalize(X), y, np.repeat([1, -2], [1123, 958])
    task = next(data.tasks("C->A"))
    return prepared(task.X, task.sample_domain), task.y, task.sample_domain
