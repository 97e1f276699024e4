"""A guarded search over a few adaptations on two tables of numbers, and what came of it."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from skdomain._estimators import call_with_domains
from skdomain.alignment import CORAL, LinearMonge, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.metrics import html_table
from skdomain.model_selection import SafeTransfer
from skdomain.subspace import TCA


class TwoTables(NamedTuple):
    """Rows of both files, labels of the source's, domains, and whether labels are numbers."""

    X: np.ndarray
    labels: np.ndarray
    domains: np.ndarray
    regresses: bool

    def y(self):
        """Labels of the source rows, None of the others."""
        y = np.full(len(self.X), None)
        y[self.domains > 0] = self.labels
        return y

    def sample(self, n, seed):
        """At most n rows of each file."""
        rng = np.random.default_rng(seed)
        rows = [np.flatnonzero(self.domains > 0), np.flatnonzero(self.domains < 0)]
        kept = [np.sort(rng.permutation(each)[:n]) for each in rows]
        both = np.concatenate(kept)
        return self._replace(
            X=self.X[both], labels=self.labels[kept[0]], domains=self.domains[both]
        )


class Adapted(NamedTuple):
    """What the guard decided, and the predictions."""

    guard: SafeTransfer
    predicted: np.ndarray
    probabilities: dict

    def sentence(self):
        """What was decided and why, and how often it is expected to be right."""
        return f"skdomain {self.guard.decision_}"

    def table(self):
        """The candidates and their ranks, as HTML."""
        results = self.guard.cv_results_
        ranks = results.get("trimmed_rank", np.full(len(results["method"]), np.nan))
        told = ["" if np.isnan(rank) else f"{rank:.2f}" for rank in ranks]
        return html_table(
            [("method", "rank"), *zip(map(str, results["method"]), told, strict=True)]
        )


def candidates(n_features, regresses):
    """The model that does not adapt, and the five ways to adapt that the guard was measured on."""
    last = SourceOnly(Ridge() if regresses else LogisticRegression(max_iter=1000))
    few = min(2, n_features)
    steps = {
        "PerDomain": [PerDomain()],
        "CORAL": [PerDomain(), CORAL(1.0)],
        "LinearMonge": [LinearMonge(1e-6)],
        "TCA": [TCA(few, lam=1.0, kernel="primal")],
        "SubspaceAlignment": [SubspaceAlignment(few, center=False)],
    }
    return last, {name: make_pipeline(*each, last) for name, each in steps.items()}


def guarded(problem, options):
    """Decide on a sample of the rows, learn from all, and predict the target rows."""
    sample = problem.sample(options.rows, options.seed)
    baseline, others = candidates(problem.X.shape[1], problem.regresses)
    guard = SafeTransfer(others, baseline=baseline, n_jobs=options.jobs, verbose=not options.quiet)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_components=")  # nobody was asked for a number
        guard.fit(sample.X, sample.y(), sample_domain=sample.domains)
        model = guard.best_estimator_
        if len(sample.X) < len(problem.X):
            model, rows = clone(model), (problem.X, problem.y())
            call_with_domains(model, "fit", *rows, sample_domain=problem.domains)
    target = problem.X[problem.domains < 0]
    return Adapted(guard, model.predict(target), _probabilities(model, target))


def _probabilities(model, target):
    if not hasattr(model, "predict_proba"):
        return {}
    return dict(zip(model.classes_.tolist(), model.predict_proba(target).T, strict=True))
