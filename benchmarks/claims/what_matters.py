"""What moves the accuracy on the 12 SURF tasks: the method, or the choices around it.

One choice at a time is changed: the inner classifier, the row normalisation or the number of
components, around the default (1-NN, unit rows before and after, 30 components). All combinations
would take an hour; these take some minutes. The preparation is that of presets.py. All settings are
written down and none is selected: whoever picks the best line of the table has used the target
labels, an oracle.

none: the classifier on the prepared rows. PCA: of both domains together. TCA, JDA, DJP-MMD: with
the defaults of the library, which are the settings of their papers or programs (lam = 1, T = 10).
rows: unit L2 rows before the projection, after it, at both places or at none.
"""

import argparse
from typing import NamedTuple

from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import Normalizer
from sklearn.svm import SVC

from benchmarks.lib.data import end_without_data
from benchmarks.lib.preparation import zscored
from benchmarks.lib.tables import write_rows
from benchmarks.reproduction.presets import SURF_TASKS, Preset, joint_pca
from benchmarks.reproduction.records import by_method, mean
from benchmarks.reproduction.runner import run_cells
from skdomain.compose import SourceOnly
from skdomain.datasets import load_office_caltech10
from skdomain.subspace import DJPMMD, JDA, TCA

CLASSIFIERS = {
    "1-NN": KNeighborsClassifier(n_neighbors=1),
    "class mean": NearestCentroid(),
    "linear SVM": SVC(kernel="linear"),
    "logistic": LogisticRegression(max_iter=1000),
}
ROWS = ("none", "before", "after", "both")
COMPONENTS = (20, 30, 40, 60, 100)
UNSUPERVISED = {"PCA": joint_pca, "TCA": TCA}
PSEUDO_LABELLED = {"JDA": JDA, "DJP-MMD": DJPMMD}
METHODS = ("none", *UNSUPERVISED, *PSEUDO_LABELLED)


class Setting(NamedTuple):
    """A line of the table."""

    method: str
    classifier: str = "1-NN"
    rows: str = "both"
    n_components: int | str = 30

    def pipeline(self):
        """Give what is fitted."""
        classifier = CLASSIFIERS[self.classifier]
        before = [Normalizer()] if self.rows in ("before", "both") else []
        after = self.rows in ("after", "both")
        if self.method in PSEUDO_LABELLED:
            method = PSEUDO_LABELLED[self.method]
            last = method(self.n_components, estimator=classifier, normalize=after)
            return zscored(*before, last)
        if self.method in UNSUPERVISED:
            before.append(UNSUPERVISED[self.method](self.n_components))
        return zscored(*before, *([Normalizer()] if after else []), SourceOnly(classifier))


def settings():
    """Lines of the table. Without a projection, before and after are the same place."""
    lines = [Setting("none", c, "both", "all") for c in CLASSIFIERS]
    lines.append(Setting("none", "1-NN", "none", "all"))
    for method in METHODS[1:]:
        lines += [Setting(method, classifier=c) for c in CLASSIFIERS]
        lines += [Setting(method, rows=r) for r in ROWS if r != "both"]
        lines += [Setting(method, n_components=k) for k in COMPONENTS if k != 30]
    return lines


def table(records):
    """Mean and the accuracy on each task of every setting, in percent."""
    return [
        {
            **setting._asdict(),
            "mean": f"{mean(cells):.2f}",
            **{cell["task"]: f"{cell['accuracy']:.2f}" for cell in cells},
        }
        for setting, cells in by_method(records).items()
    ]


def main(argv=None):
    """Run the settings and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=SURF_TASKS, default=SURF_TASKS)
    parser.add_argument("--jobs", type=int, default=1, help="processes, one BLAS thread each")
    parser.add_argument("--csv", default="results/what_matters.csv", help="default: %(default)s")
    parser.add_argument("--data-home", help="folder of the data files")
    args = parser.parse_args(argv)
    with end_without_data():
        data = load_office_caltech10(data_home=args.data_home, download_if_missing=False)
    presets = {setting: Preset("", setting.pipeline()) for setting in settings()}
    records = run_cells(presets, list(data.tasks(args.tasks)), args.jobs)
    write_rows(table(records), args.csv)
    print(f"{len(presets)} settings: {args.csv}")


if __name__ == "__main__":
    main()
