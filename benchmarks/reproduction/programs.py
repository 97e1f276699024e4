"""Rows of the reproduction page that are no pipelines: KMM, TrAdaBoost, CORAL on sampled sources.

Each program takes an Office-Caltech task and gives the accuracy of each of its rows in percent.
"""

import warnings
from itertools import product

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import euclidean_distances
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from benchmarks.lib.parallel import run_all
from benchmarks.lib.preparation import prepared, unit, zscored
from benchmarks.reproduction.variants import CoralMatrixSVM, rbf_svm
from skdomain.boosting import TrAdaBoost
from skdomain.weighting import kmm_weights

GAMMAS = ("1/med", "1/d", ".1/med")
BOUNDS = ("B=10", "B=1000", "B=1000, default eps", "B=1")
BINARY_TASKS = ("A->W", "C->D", "W->A", "D->C")
SEEDS, DRAWS = 5, 20


def rows_of(task, preparation=zscored):
    """Prepared rows, labels, and which rows are of the source."""
    X = prepared(task.X, task.sample_domain, preparation)
    return X, task.y, task.sample_domain > 0


def accuracy(model, X, y):
    """Accuracy in percent."""
    return 100 * model.score(X, y)


def logistic(C):
    """Logistic regression; C is that which gives the figures measured without weights."""
    return LogisticRegression(C=C, max_iter=2000)


def kmm(task):
    """Twelve settings of KMM, each under three uses of its weights."""
    X, y, source = rows_of(task)
    Xs, ys, Xt, yt = X[source], y[source], X[~source], y[~source]
    rows = {}

    def add(name, weights, scale):
        for label, model in (("LR", logistic(0.1)), ("SVM", SVC(C=10))):
            rows[f"{name}, {label}"] = accuracy(model.fit(Xs, ys, weights), Xt, yt)
        nearest = KNeighborsClassifier(1).fit(scale * Xs, ys)
        rows[f"{name}, 1-NN"] = accuracy(nearest, Xt, yt)

    add("unweighted", None, 1.0)
    distances = euclidean_distances(X, squared=True)
    median = np.median(distances[np.triu_indices(len(X), 1)])
    widths = dict(zip(GAMMAS, (1 / median, 1 / X.shape[1], 0.1 / median), strict=True))
    root = np.sqrt(len(Xs))
    bounds = dict(zip(BOUNDS, [(10, 10), (1000, 1000), (1000, root - 1), (1, 1)], strict=True))
    for gamma, bound in product(GAMMAS, BOUNDS):
        B, eps = bounds[bound]
        weights = kmm_weights(Xs, Xt, gamma=widths[gamma], reg=0, B=B, eps=eps / root)
        add(f"{gamma}, {bound}", weights, weights[:, None])
    return rows


def boosted(task, seed):
    """Classes 1-5 against 6-10 with three labelled target rows of each of the ten classes."""
    X, y, source = rows_of(task, unit)
    rng = np.random.default_rng(seed)
    target = [
        rng.choice(np.flatnonzero(~source & (y == c)), 3, replace=False) for c in np.unique(y)
    ]
    few = np.zeros(len(y), dtype=bool)
    few[np.concatenate(target)] = True
    labelled, hidden = source | few, ~source & ~few
    y = y > 5
    balance = np.where(source, 1 / source.sum(), 1 / few.sum()) * labelled.sum() / 2
    models = {
        "source only": logistic(10).fit(X[source], y[source]),
        "target only": logistic(10).fit(X[few], y[few]),
        "pooled": logistic(10).fit(X[labelled], y[labelled]),
        "pooled, balanced": logistic(10).fit(X[labelled], y[labelled], balance[labelled]),
    }
    told = {"sample_domain": np.where(source, 1, -1), "labelled": labelled}
    for rounds in (10, 20, 50):
        model = TrAdaBoost(logistic(10), n_estimators=rounds).fit(X, y, **told)
        models[f"TrAdaBoost, {rounds} rounds"] = model
    return {name: accuracy(model, X[hidden], y[hidden]) for name, model in models.items()}


def tradaboost(task):
    """Mean over the seeds; the labelled rows are not those of the measurement."""
    draws = [boosted(task, seed) for seed in range(SEEDS)] if task.name in BINARY_TASKS else []
    return {name: np.mean([d[name] for d in draws]) for name in (draws[0] if draws else ())}


def sampled_coral(task):
    """Mean over random sources of 20 rows a class, or all rows of a class that has fewer."""
    X, y, source = rows_of(task)
    scores = {"sampled SVM": [], "sampled CORAL": []}
    for draw in range(DRAWS):
        rng = np.random.default_rng(draw)
        drawn = [rng.permutation(np.flatnonzero(source & (y == c)))[:20] for c in np.unique(y)]
        rows = np.concatenate([*drawn, np.flatnonzero(~source)])
        told = {"sample_domain": np.where(source[rows], 1, -1)}
        for name, model in zip(scores, (rbf_svm(), CoralMatrixSVM()), strict=True):
            fitted = model.fit(X[rows], y[rows], **told)
            scores[name].append(100 * fitted.score(X[rows], y[rows], **told))
    return {name: np.mean(values) for name, values in scores.items()}


def run_programs(programs, tasks, jobs):
    """Run each program on each task: records as those of run_cells, with the columns used here."""
    cells = [(program, task) for program in programs for task in tasks]
    runs = run_all(_records, cells, jobs, "program")
    return [record for records in runs for record in records]


def _records(program, task):
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = program(task)
    return [{"task": task.name, "method": m, "accuracy": value} for m, value in rows.items()]
