"""What a fit to many rows costs: time against one ``X.T @ X``, memory, and growth with the rows.

JDA in primal form with k = 30 components on float32 rows of 100 features and 10 classes, half of
them source rows, in mixed order. Each measurement runs in a process of its own that draws its rows
in blocks. Times are CPU seconds on the threads asked for; those of the inner classifier (its fit,
``predict`` and ``predict_proba``) are taken apart. Peak memory is the largest resident set of the
process, its imports included.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from threadpoolctl import threadpool_limits

from benchmarks.lib.clock import cpu_seconds
from skdomain import RowBlocks
from skdomain.subspace import JDA

D, CLASSES, K, T = 100, 10, 30, 10
BLOCK = 50_000
INNER = {
    "NearestCentroid": NearestCentroid(),
    "LogisticRegression": LogisticRegression(),
    "1-NN": KNeighborsClassifier(1),
}


class Timed(ClassifierMixin, BaseEstimator):
    """A classifier whose seconds are summed up, over all clones of it."""

    seconds = 0.0

    def __init__(self, estimator):
        self.estimator = estimator

    def _timed(self, method, *arguments):
        start = time.process_time()
        result = getattr(self.estimator, method)(*arguments)
        Timed.seconds += time.process_time() - start
        return result

    def fit(self, X, y):
        """Fit the classifier."""
        self._timed("fit", X, y)
        return self

    def predict(self, X):
        """Predict with it."""
        return self._timed("predict", X)

    def __getattr__(self, name):
        if name == "predict_proba":
            getattr(self.estimator, name)
            return lambda X: self._timed(name, X)
        raise AttributeError(name)


def labels_of(n):
    """Classes and domains of all rows, in mixed order."""
    rng = np.random.default_rng(1)
    return rng.integers(CLASSES, size=n), np.where(rng.random(n) < 0.5, 1, -2)


def drawn_block(y, sample_domain, seed):
    """Rows around class means, the target's shifted and turned a little."""
    means = np.random.default_rng(0).normal(size=(CLASSES, D)).astype(np.float32)
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((len(y), D), dtype=np.float32) * 3 + means[y]
    target = sample_domain < 0
    X[target] = 0.9 * X[target] + 0.3 * np.roll(X[target], 1, axis=1) + 0.5
    return X


def fill(X, y, sample_domain):
    """Draw all rows into an array."""
    for start in range(0, len(X), BLOCK):
        part = slice(start, start + BLOCK)
        X[part] = drawn_block(y[part], sample_domain[part], start + 1)
    return X


def jda(inner):
    """JDA with a classifier whose time is taken."""
    return JDA(K, estimator=Timed(INNER[inner]), kernel="primal", max_iter=T)


def fit_figures(model, X, y, sample_domain, unit):
    """Figures of one fit whose unit of time is known."""
    start = time.perf_counter()
    seconds, _ = cpu_seconds(lambda: model.fit(X, y, sample_domain=sample_domain))
    target = sample_domain < 0
    return {
        "iterations": model.n_iter_,
        "unit": unit,
        "total": seconds,
        "inner": Timed.seconds,
        "wall": time.perf_counter() - start,
        "ratio": (seconds - Timed.seconds) / model.n_iter_ / unit,
        "accuracy": float(np.mean(model.pseudo_labels_ == y[target])),
    }


def fit_in_memory(n, inner):
    """Fit to an array."""
    y, sample_domain = labels_of(n)
    X = fill(np.empty((n, D), dtype=np.float32), y, sample_domain)
    model = jda(inner).fit(X[:1000], y[:1000], sample_domain=sample_domain[:1000])  # compiles
    unit = min(cpu_seconds(lambda: X.T @ X)[0] for _ in range(3))
    Timed.seconds = 0.0
    return fit_figures(model, X, y, sample_domain, unit)


def fit_file(n, inner, folder, limit):
    """Fit to slices of a file under a limit of the address space that the file alone exceeds."""
    path = Path(folder) / "rows.f32"
    y, sample_domain = labels_of(n)
    with path.open("wb") as file:
        for start in range(0, n, BLOCK):
            part = slice(start, start + BLOCK)
            drawn_block(y[part], sample_domain[part], start + 1).tofile(file)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    opened = {"dtype": np.float32, "mode": "r"}

    def blocks():
        for start in range(0, n, BLOCK):
            rows = min(BLOCK, n - start)
            yield np.memmap(path, offset=4 * D * start, shape=(rows, D), **opened)

    Timed.seconds = 0.0
    return {"limit": limit, **fit_figures(jda(inner), RowBlocks(blocks), y, sample_domain, 1.0)}


def run(function, arguments, threads, results):
    """Measure in this process."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    with threadpool_limits(threads):
        figures = function(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    results.put({**figures, "peak": peak})


def in_new_process(function, *arguments, threads=1):
    """Figures from a new process."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=run, args=(function, arguments, threads, results))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{function.__name__}{arguments} ended with {process.exitcode}")
    return results.get()


def report(title, figures):
    """Print one row of the table."""
    print(
        f"{title:44}{figures['iterations']:4}{figures['unit']:9.3f}{figures['total']:9.2f}"
        f"{figures['inner']:9.2f}{figures['wall']:9.2f}{figures['ratio']:8.2f}"
        f"{figures['peak'] / 1e9:9.2f}{figures['accuracy']:9.4f}",
        flush=True,
    )


def report_growth(n, inner):
    """Print the exponent of the time in the number of rows, over the last tenfold growth."""
    sizes = [n // 10, n // 3, n]
    seconds = []
    for size in sizes:
        figures = in_new_process(fit_in_memory, size, inner)
        report(f"{size} rows, {inner}", figures)
        seconds.append((figures["total"] - figures["inner"]) / figures["iterations"])
    exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"exponent of the time of an iteration in the rows: {exponent:.3f}")


def report_neighbours(n):
    """Print the peak memory of 1-NN labels, against the matrix of all pairs."""
    figures = in_new_process(fit_in_memory, n, "1-NN")
    report(f"{n} rows, 1-NN", figures)
    print(f"a float64 matrix of its source and target rows has {8 * (n / 2) ** 2 / 1e9:.2f} GB")


def main(argv=None):
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--file-rows", type=int, default=5_000_000)
    parser.add_argument("--neighbour-rows", type=int, default=60_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", help="where the file of rows is written")
    options = parser.parse_args(argv)
    print(f"{'':44}{'T':>4}{'X.T@X':>9}{'CPU s':>9}{'inner':>9}{'wall':>9}", end="")
    print(f"{'ratio':>8}{'peak GB':>9}{'accuracy':>9}")
    for inner in ("NearestCentroid", "LogisticRegression"):
        figures = in_new_process(fit_in_memory, options.rows, inner, threads=options.threads)
        report(f"{options.rows} rows, {inner}", figures)
    report_growth(options.rows, "NearestCentroid")
    report_neighbours(options.neighbour_rows)
    size = 4 * D * options.file_rows
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        inner = "LogisticRegression"
        figures = in_new_process(fit_file, options.file_rows, inner, folder, int(0.95 * size))
    report(f"{options.file_rows} rows of a {size / 1e9:.1f} GB file, {inner}", figures)
    print(
        f"address space limited to {figures['limit'] / 1e9:.2f} GB; ratio: seconds an iteration. "
        "NearestCentroid does not fit in: it makes float64 copies of the embedded source."
    )


if __name__ == "__main__":
    main()
