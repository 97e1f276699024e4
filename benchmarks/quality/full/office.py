"""The Office-Caltech tables, from what reproduction.office_caltech writes."""

from statistics import fmean

from benchmarks.lib.tables import group
from benchmarks.quality.full.findings import markdown
from benchmarks.quality.full.summary import read

COLUMNS = ["method", "task", "accuracy", "reference"]
PLAIN = {
    "1nn": "1-NN",
    "1nn-unit": "1-NN, unit rows",
    "ncm": "nearest class mean",
    "svm": "linear SVM, unit rows",
    "pca-unit": "PCA, unit rows, 1-NN",
    "pca-unit-svm": "PCA, unit rows, SVM",
}
MMD = {
    "tca": "TCA, 1-NN",
    "tca-svm": "TCA, SVM",
    "jda": "JDA, 1-NN",
    "jda-svm": "JDA, SVM",
    "djpmmd": "DJP-MMD, 1-NN",
    "djpmmd-svm": "DJP-MMD, SVM",
    "djpmmd-ridge": "DJP-MMD, kernel ridge",
    "djpmmd-ridge-artl": "DJP-MMD, kernel ridge, then ARTL",
    "artl": "ARTL",
    "meda": "MEDA",
}
ALIGNED = {
    "tjm": "TJM, k = 20",
    "coral": "CORAL",
    "coral-ncm": "CORAL, nearest class mean",
    "linear-monge": "LinearMonge",
    "sa-20": "SubspaceAlignment, k = 20",
    "sa-40": "SubspaceAlignment, k = 40",
    "sa-80": "SubspaceAlignment, k = 80",
    "gfk-jda2013": "GFK, k of the authors' demo",
    "gfk-20": "GFK, k = 20",
}
# Row of the short table: what stands in its columns.
CLASSIFIERS = ["1-NN", "linear SVM", "nearest class mean", "kernel ridge"]
SHORT = {
    "no adaptation": ("1nn", None, "ncm", None),
    "no adaptation, unit rows": ("1nn-unit", "svm", None, None),
    "PCA, unit rows": ("pca-unit", "pca-unit-svm", None, None),
    "TCA": ("tca", "tca-svm", None, None),
    "JDA": ("jda", "jda-svm", None, None),
    "DJP-MMD": ("djpmmd", "djpmmd-svm", None, "djpmmd-ridge"),
    "DJP-MMD, then ARTL": (None, None, None, "djpmmd-ridge-artl"),
    "ARTL": (None, None, None, "artl"),
    "MEDA": (None, None, None, "meda"),
    "TJM, 20 components": ("tjm", None, None, None),
    "CORAL": ("coral", None, "coral-ncm", None),
    "LinearMonge": ("linear-monge", None, None, None),
    "SubspaceAlignment, 20 components": ("sa-20", None, None, None),
    "GFK, 20 components": ("gfk-20", None, None, None),
}


def means(path):
    """Mean accuracy over the tasks of each row."""
    rows = group(read(path), "method").items()
    return {method: fmean(row["accuracy"] for row in some) for (method,), some in rows}


def short(path):
    """Means over the tasks, method by classifier."""
    mean = means(path)
    lines = [
        [name, *(f"{mean[key]:.1f}" if key else "" for key in keys)] for name, keys in SHORT.items()
    ]
    return markdown(["mean of twelve tasks", *CLASSIFIERS], lines)


def lesson(path):
    """What unit rows, the classifier and the method move, computed from the means."""
    mean = means(path)
    nearest = [mean[key] for key in ("tca", "jda", "djpmmd")]
    best = max(SHORT, key=lambda name: max(mean[key] for key in SHORT[name] if key))
    return (
        f"Unit rows alone move 1-NN by {mean['1nn-unit'] - mean['1nn']:+.1f} points, the nearest "
        f"class mean instead of the nearest row by {mean['ncm'] - mean['1nn']:+.1f}, an SVM "
        f"instead of 1-NN after PCA by {mean['pca-unit-svm'] - mean['pca-unit']:+.1f}; TCA, JDA "
        f"and DJP-MMD, all with 1-NN, differ by {max(nearest) - min(nearest):.1f}. The largest "
        f"figure of the table is in the row {best}."
    )


def tasks_table(path, names):
    """Accuracy of some rows on every task."""
    rows = group(read(path), "method")
    tasks = [row["task"].replace("->", "-") for row in rows["1nn",]]
    lines = []
    for key, name in names.items():
        values = [row["accuracy"] for row in rows[key,]]
        lines.append([name, *(f"{value:.1f}" for value in [*values, fmean(values)])])
    return markdown(["", *tasks, "mean"], lines)


def office_blocks(path):
    """Generated parts by name."""
    baseline = {key: PLAIN[key] for key in ("1nn", "1nn-unit", "ncm", "pca-unit")}
    return {
        "office-short": f"{short(path)}\n\n{lesson(path)}",
        "office-mmd": tasks_table(path, PLAIN | MMD),
        "office-alignment": tasks_table(path, baseline | ALIGNED),
    }
