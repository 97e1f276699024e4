"""Features of an approximate rbf kernel before a method that streams, against the exact fit.

``Nystroem`` and ``RBFSampler`` give features F with FF' close to the rbf matrix K. After them

- ``kernel="linear"`` is the method with the kernel FF': it tends to ``kernel="rbf"``;
- ``kernel="primal"`` has its ridge on the norm in the space of the kernel, tr(A'KA) in place of
  tr(A'A): it tends to the same problem with that ridge, which is solved exactly on the square root
  of K for comparison.

Compared are the 30 (moons: 10) components by the mean squared cosine of the angles between the
embeddings of all rows ("shared", 1 if they span the same) and the largest of these angles, and the
labels of the nearest neighbour on target rows: how many agree, and how many are right. SURF C->A
has a spectrum that falls slowly, the rotated moons one that falls fast. gamma = 1 and lam = 1
throughout: nothing is chosen.
"""

import argparse
import warnings
from statistics import fmean

import numpy as np
from scipy.linalg import eigh
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from benchmarks.lib.blocks import write_blocks
from benchmarks.lib.clock import cpu_seconds
from benchmarks.lib.data import surf_task
from benchmarks.lib.drawing import save, subplots
from benchmarks.lib.tables import format_table, group, markdown_table, read_rows, write_rows
from skdomain.datasets import make_rotated_moons
from skdomain.subspace import JDA, TCA

GAMMA = 1.0
SIZES = (50, 100, 200, 400, 800, 1600)
FEATURES = {"Nystroem": Nystroem, "RBFSampler": RBFSampler}
LIMITS = {"linear": "rbf", "primal": "primal on the root of K"}
COLUMNS = ("problem", "method", "features", "kernel", "components", "draw", "shared", "angle")
COLUMNS += ("agreement", "accuracy", "seconds")


def problems(n_moons=2000):
    """Name, rows, labels, domains and number of components."""
    moons = make_rotated_moons(n_moons // 2, n_moons // 2, angle=30, random_state=0)
    yield "moons", moons.X, moons.y, moons.sample_domain, 10
    yield "SURF C->A", *surf_task(), 30


def methods(k, kernel):
    """The methods by name."""
    gamma = GAMMA if kernel == "rbf" else None
    yield "TCA", TCA(k, kernel=kernel, gamma=gamma)
    yield "JDA", JDA(k, kernel=kernel, gamma=gamma)


def root_features(X):
    """Features F = K^(1/2), whose FF' is the rbf matrix."""
    w, U = eigh(rbf_kernel(X, gamma=GAMMA))
    return U * np.sqrt(np.maximum(w, 0)) @ U.T


def principal_angles(Z, reference):
    """Cosines of the angles between the spans of two embeddings of the same rows, centred."""
    Q, R = (np.linalg.qr(rows - rows.mean(axis=0))[0] for rows in (Z, reference))
    return np.minimum(np.linalg.svd(Q.T @ R, compute_uv=False), 1.0)


def labels_of(Z, y, sample_domain):
    """Labels that the nearest source row gives the target rows."""
    source = sample_domain > 0
    return KNeighborsClassifier(1).fit(Z[source], y[source]).predict(Z[~source])


def fitted(model, make_features, X, y, sample_domain):
    """Embedding, target labels and CPU seconds of features, fit and embedding."""

    def embedded():
        rows = make_features(X)
        return model.fit(rows, y, sample_domain=sample_domain).transform(rows)

    seconds, Z = cpu_seconds(embedded)
    return Z, labels_of(Z, y, sample_domain), seconds


def row(labels, truth, seconds, **others):
    """One line of the file."""
    accuracy = 100 * np.mean(labels == truth)
    return others | {"accuracy": f"{accuracy:.2f}", "seconds": f"{seconds:.3g}"}


def exact_fits(X, y, sample_domain, k):
    """Embedding, labels and seconds by kernel and method."""
    root = root_features(X)
    of = {"linear": ("rbf", lambda X: X), "primal": ("primal", lambda X: root)}
    return {
        (kernel, name): fitted(model, make, X, y, sample_domain)
        for kernel, (limit, make) in of.items()
        for name, model in methods(k, limit)
    }


def compared(problem, sizes, draws):
    """Yield the lines of one problem."""
    title, X, y, sample_domain, k = problem
    truth, exact = y[sample_domain < 0], exact_fits(X, y, sample_domain, k)
    for (kernel, name), (_, labels, seconds) in exact.items():
        case = {"problem": title, "method": name, "features": "exact", "kernel": LIMITS[kernel]}
        yield row(labels, truth, seconds, **case, components=len(X))
    for features, new in FEATURES.items():
        for size in sizes:
            for draw in range(draws):
                approximation = new(gamma=GAMMA, n_components=size, random_state=draw)
                for kernel in LIMITS:
                    for name, model in methods(k, kernel):
                        make = approximation.fit_transform
                        Z, labels, seconds = fitted(model, make, X, y, sample_domain)
                        reference, their_labels, _ = exact[kernel, name]
                        cosines = principal_angles(Z, reference)
                        yield row(
                            labels,
                            truth,
                            seconds,
                            problem=title,
                            method=name,
                            features=features,
                            kernel=kernel,
                            components=size,
                            draw=draw,
                            shared=f"{np.mean(cosines**2):.6f}",
                            angle=f"{np.degrees(np.arccos(cosines.min())):.3f}",
                            agreement=f"{100 * np.mean(labels == their_labels):.2f}",
                        )


def means(rows, columns):
    """Means over the draws, by problem, method, features, kernel and components."""
    return {
        case: [fmean(float(r[c]) for r in lines) if lines[0].get(c) else None for c in columns]
        for case, lines in group(rows, *COLUMNS[:5]).items()
    }


def table_rows(rows):
    """Means over the draws: share of the components and labels that agree, size by size."""
    values = means([r for r in rows if r["features"] != "exact"], ("shared", "agreement"))
    cases = dict.fromkeys(case[:4] for case in values)
    sizes = dict.fromkeys(case[4] for case in values)
    return [
        [*case, *("{:.3f}, {:.0f} %".format(*values[*case, size]) for size in sizes)]
        for case in cases
    ]


def table_header(rows):
    """Titles of the columns of :func:`table_rows`."""
    return [*COLUMNS[:4], *dict.fromkeys(r["components"] for r in rows if r["draw"] != "")]


def put_table(rows, page):
    """Write the table into the page."""
    write_blocks(page, {"nystroem": markdown_table(table_header(rows), table_rows(rows))})


def accuracy_rows(rows):
    """Mean accuracy and CPU seconds of the exact fits and of the largest approximations."""
    values = means(rows, ("accuracy", "seconds"))
    largest = {case[:4]: case for case in values}
    return [
        [*case, *("{:.1f} {:.2f}".format(*values[whole]).split())]
        for case, whole in largest.items()
    ]


def draw(rows, path):
    """Draw how far the spaces agree, and the labels, against the number of components."""
    values = means([r for r in rows if r["features"] != "exact"], ("shared", "agreement"))
    titles = list(dict.fromkeys(case[0] for case in values))
    panels = [("TCA", 0, "shared"), ("TCA", 1, "agreement in %"), ("JDA", 1, "agreement in %")]
    fig, axes = subplots(len(titles), 3, figsize=(11, 3.2 * len(titles)), squeeze=False)
    for line, title in zip(axes, titles, strict=True):
        for ax, (method, column, label) in zip(line, panels, strict=True):
            for number, features in enumerate(FEATURES):
                for kernel, style in (("linear", "o-"), ("primal", "s--")):
                    case = (title, method, features, kernel)
                    xy = [(int(c[4]), v[column]) for c, v in values.items() if c[:4] == case]
                    name = f"{features}, {kernel}"
                    ax.semilogx(*zip(*xy, strict=True), style, color=f"C{number}", label=name)
            ax.set_xticks(*[sorted({int(c[4]) for c in values})] * 2, minor=False)
            ax.minorticks_off()
            ax.set(title=f"{title}: {method}", xlabel="components", ylabel=label)
    axes[0, 0].legend(fontsize="small")
    save(fig, path)


def main(argv=None):
    """Compare, write the file, print the table and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--csv", default="docs/results/nystroem.csv")
    parser.add_argument("--png", default="results/nystroem.png", help="'' for none")
    parser.add_argument("--page", help="page whose table is to be replaced")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        rows = []
        for problem in problems():
            rows += compared(problem, options.sizes, options.draws)
    write_rows(rows, options.csv, COLUMNS)
    rows = read_rows(options.csv)
    print(format_table(table_header(rows), table_rows(rows)))
    print(format_table([*COLUMNS[:4], "accuracy", "seconds"], accuracy_rows(rows)))
    if options.page:
        put_table(rows, options.page)
    if options.png:
        draw(rows, options.png)


if __name__ == "__main__":
    main()
