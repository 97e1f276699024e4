"""Real shifts between two samples of at most 300 rows, made of tables or found between domains.

Of each table of ``packaged`` two tasks; of each pair of domains of the published data one, of many
every second or third, by turns with other proportions of the classes besides; of each generated
family of ``guard`` one. What is done to the target of a table:

null        nothing: both are drawn at random
value       its rows are in the source with a probability that falls along one feature
cluster     the source has three quarters of each of four clusters, of the other four a quarter
units       each feature has another unit and zero
noise       three quarters of a standard deviation of noise on each feature
missing     a third of the features are not there (their mean is)
shares      other proportions of the classes
mixed       other units, half as far, and other proportions

Rows of tables are standardised over both domains, reduced to their 60 principal components at most,
and in part standardised per domain ("hidden"): that is what a scaler in front does to a shift.

Which sources are for development is fixed by the alphabet: of the tables and GoogLeNet and DeCAF,
those at even places (the first is 0); so of the generated families. What the first study has looked
at is for development. The others are for confirmation, to be looked at
once; the guard's second rule was a second look.
"""

from zlib import crc32

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.utils import Bunch

from benchmarks.lib.data import DATA
from benchmarks.lib.preparation import unit_rows
from benchmarks.quality.selection.guard import FAMILIES
from benchmarks.quality.selection.packaged import TABLES
from skdomain import stack_domains
from skdomain.datasets import load_office_caltech10

N_ROWS, N_FEATURES = 300, 60
SEEN = ("SURF", "digits", "COIL", "mushroom", "reviews")
PAIRS = {
    **DATA,
    "DeCAF": (
        lambda **options: load_office_caltech10("decaf6", domains=("W", "D"), **options),
        unit_rows,
    ),
}


def null(X, y, rng):
    """Two random samples."""
    return _halves(X, y, rng.random(len(X)) < 0.5)


def value(X, y, rng):
    """A soft split along a feature, of more than 30 along the first principal component."""
    feature = PCA(1).fit_transform(_scaled(X))[:, 0] if X.shape[1] > 30 else X[:, _widest(X, rng)]
    rank = np.argsort(np.lexsort([rng.random(len(X)), feature])) / len(X)
    return _halves(X, y, rng.random(len(X)) < 1 / (1 + np.exp(8 * (rank - 0.5))))


def cluster(X, y, rng):
    """Clusters that are mostly in the source or mostly in the target."""
    clusters = KMeans(8, n_init=3, random_state=0).fit_predict(_scaled(X))
    likely = np.where(np.isin(clusters, rng.permutation(8)[:4]), 0.75, 0.25)
    return _halves(X, y, rng.random(len(X)) < likely)


def units(X, y, rng, size=1.0):
    """Another unit and zero of each feature of the target."""
    Xs, ys, Xt, yt = null(X, y, rng)
    d, spread = X.shape[1], X.std(axis=0)
    gain = np.exp(size * rng.uniform(-1, 1, d))
    return Xs, ys, (Xt - X.mean(0)) * gain + X.mean(0) + size * spread * rng.normal(size=d), yt


def noise(X, y, rng):
    """Noise on the features of the target."""
    Xs, ys, Xt, yt = null(X, y, rng)
    return Xs, ys, Xt + 0.75 * X.std(axis=0) * rng.normal(size=Xt.shape), yt


def missing(X, y, rng):
    """A third of the features of the target are their mean."""
    Xs, ys, Xt, yt = null(X, y, rng)
    return Xs, ys, np.where(rng.random(X.shape[1]) < 1 / 3, X.mean(axis=0), Xt), yt


def shares(X, y, rng):
    """Other proportions of the classes."""
    return other_shares(*null(X, y, rng), rng)


def mixed(X, y, rng):
    """Other units and other proportions."""
    return other_shares(*units(X, y, rng, 0.5), rng)


KINDS = (null, value, cluster, units, noise, missing, shares, mixed)


def other_shares(Xs, ys, Xt, yt, rng):
    """Of each class of the target a random share between 0.1 and 1, one of them whole."""
    classes = np.unique(yt)
    share = rng.permutation(np.linspace(0.1, 1, len(classes)))
    kept = rng.random(len(yt)) < share[np.searchsorted(classes, yt)]
    return Xs, ys, Xt[kept], yt[kept]


def _halves(X, y, source):
    return X[source], y[source], X[~source], y[~source]


def _scaled(X):
    return (X - X.mean(axis=0)) / np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)


def _widest(X, rng):
    """One of the features with more than ten values, or any."""
    wide = [j for j in range(X.shape[1]) if len(np.unique(X[:, j])) > 10]
    return rng.choice(wide or X.shape[1])


def task_of(source, name, development, sides, rng, *, hidden=None):
    """Rows drawn, reduced and standardised; classes that the source lacks are left out."""
    Xs, ys, Xt, yt = sides
    known = np.isin(yt, ys)
    drawn = _drawn(Xs, ys, rng), _drawn(Xt[known], yt[known], rng)
    X, y, d = stack_domains(*drawn)
    X = np.asarray(X, float)
    X = X[:, np.ptp(X, axis=0) > 0]
    if hidden is not None:
        X = _scaled(X)
    if X.shape[1] > N_FEATURES:
        X = PCA(min(N_FEATURES, len(X) // 4), random_state=0).fit_transform(X)
    if hidden:
        for rows in (d > 0, d < 0):
            X[rows] = _scaled(X[rows])
    return Bunch(
        source=source, name=name, development=development, X=X, y=np.asarray(y), sample_domain=d
    )


def _drawn(X, y, rng):
    rows = rng.permutation(len(X))[:N_ROWS]
    return X[rows], y[rows]


def seeded(*names):
    """Numbers that depend on names alone."""
    return np.random.default_rng([crc32(name.encode()) for name in names])


def fresh():
    """Names of the sources that the first study has not seen, with whether for development."""
    names = sorted([*TABLES, *(name for name in PAIRS if name not in SEEN)])
    return {name: place % 2 == 0 for place, name in enumerate(names)}


def table_tasks(source, place, development):
    """Two tasks of a table, of kinds that go round with its place."""
    table = TABLES[source]()
    for j in range(2 if table else 0):
        kind = KINDS[(3 * place + j) % len(KINDS)]
        rng = seeded(source, kind.__name__)
        rows = rng.permutation(len(table[0]))[: 4 * N_ROWS]
        X, y = table[0][rows], table[1][rows]
        hidden = j == 1 and place // 2 % 2 == 0
        name = f"{source}: {kind.__name__}{', hidden' * hidden}"
        yield task_of(source, name, development, kind(X, y, rng), rng, hidden=hidden)


def pair_tasks(source, development):
    """Pairs of domains, every third of twelve and every second of six; proportions by turns."""
    load, prepare = PAIRS[source]
    found = list(load(download_if_missing=False).tasks())
    for j, task in enumerate(found[:: {12: 3, 6: 2}.get(len(found), 1)]):
        rng, d = seeded(source, task.name), task.sample_domain
        X, y = np.asarray(prepare(task.X, d)), np.asarray(task.y)
        sides = X[d > 0], y[d > 0], X[d < 0], y[d < 0]
        sides = other_shares(*sides, rng) if j % 2 else sides
        name = f"{source}: {task.name}{', shares' * (j % 2)}"
        yield task_of(source, name, development, sides, rng)


def family_task(family, development):
    """A problem of a generated family."""
    rng = seeded(family)
    X, y = FAMILIES[family][0](rng)
    sides = _halves(X, y, np.arange(len(X)) < len(X) // 2)
    return task_of("generated", f"generated: {family}", development, sides, rng)


def shift_tasks(development):
    """Iterate over the tasks of one half."""
    for place, (source, mine) in enumerate(fresh().items()):
        if mine == development:
            make = pair_tasks(source, mine) if source in PAIRS else None
            yield from make or table_tasks(source, place, mine)
    for source in SEEN if development else ():
        yield from pair_tasks(source, True)
    for place, family in enumerate(sorted(FAMILIES)):
        if (place % 2 == 0) == development:
            yield family_task(family, development)
