"""What each rule of ``trust`` may look at, computed once a task and kept in a file.

Every candidate is fitted to the training rows of each split of DomainShuffleSplit(2,
test_size=0.5, random_state=0), of which the searches take more, and judged on the test rows by
every criterion; then it is fitted to all rows, which gives its probabilities of the target rows and
its accuracy there. What the guard asks of candidates besides is kept in a second file, and what a
search asks of their answers on the splits in a third.
"""

import warnings
from pathlib import Path
from time import process_time

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from benchmarks.quality.selection.study import hide_labels, quiet
from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.compose import PerDomain, SourceOnly
from skdomain.label_shift import LabelShiftClassifier
from skdomain.metrics import class_mixture_test
from skdomain.model_selection import DomainShuffleSplit, get_scorer, scorer_names
from skdomain.model_selection._search._guard_tests import closer_pvalues
from skdomain.model_selection._search._preference import match_pvalues
from skdomain.model_selection._search._quoted import said_of_unseen
from skdomain.model_selection._search._rehearsal import rehearsals, rehearsed_accuracy
from skdomain.model_selection._search._views import attempt, held_out_answers
from skdomain.subspace import DJPMMD, JDA, TCA
from skdomain.weighting import KLIEP, KMM, ClassifierWeighting, RuLSIF, classifier_weights

CRITERIA = scorer_names()
FREE = [place for place, name in enumerate(CRITERIA) if name != "oracle"]
N_SPLITS = 2
SPLITS = DomainShuffleSplit(N_SPLITS, test_size=0.5, random_state=0)


def nineteen(n_features):
    """Source only and eighteen ways to adapt around a logistic regression."""
    learner, k = LogisticRegression(max_iter=300), min(20, max(1, n_features // 2))
    alone, mmd = SourceOnly(learner), {"n_components": k, "kernel": "primal"}
    first = {
        "": [],
        "scaled, ": [PerDomain(StandardScaler())],
    }

    def both(name, *steps):
        return {f"{front}{name}": make_pipeline(*first[front], *steps) for front in first}

    return {
        "source only": alone,
        "scaled": make_pipeline(*first["scaled, "], alone),
        **both("TCA", TCA(**mmd), Normalizer(), alone),
        **both("JDA", JDA(estimator=learner, **mmd)),
        **both("CORAL", CORAL(), alone),
        "DJPMMD": DJPMMD(estimator=learner, **mmd),
        "LinearMonge": make_pipeline(LinearMonge(), alone),
        "SubspaceAlignment": make_pipeline(SubspaceAlignment(k), alone),
        "GFK": make_pipeline(GFK(max(1, k // 2)), alone),
        "KMM": KMM(learner),
        "KLIEP": KLIEP(learner),
        "RuLSIF": RuLSIF(learner),
        **both("ClassifierWeighting", ClassifierWeighting(learner)),
        **both("LabelShift", LabelShiftClassifier(learner, n_bootstrap=0)),
    }


def gathered(task):
    """Arrays of one task: all that depends on the candidates, and tests of the shift."""
    start, models, scorers = process_time(), nineteen(task.X.shape[1]), _scorers()
    with quiet(), config_context(assume_finite=True, skip_parameter_validation=True):
        rows = [_judged(model, task, scorers) for model in models.values()]
        tests = _shift_tests(task)
    found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    source = task.sample_domain > 0
    return found | {
        "candidates": np.array(list(models)),
        "criteria": np.array(CRITERIA),
        "truth": np.searchsorted(np.unique(task.y[source]), task.y[~source]),
        "sizes": np.array([source.sum(), (~source).sum(), task.X.shape[1]]),
        "tests": tests,
        "seconds": process_time() - start,
    }


def _scorers():
    """All criteria; two of them ask for the same weights of the same rows again and again."""
    known = {}

    def ratio(Xs, Xt):
        key = Xs.tobytes(), Xt.tobytes()
        if key not in known:
            known[key] = classifier_weights(Xs, Xt)
        return known[key]

    scorers = {name: get_scorer(name) for name in CRITERIA}
    for name in ("importance_weighted", "deep_embedded_validation"):
        scorers[name].ratio = ratio
    return scorers.values()


def _judged(model, task, scorers):
    """Values, errors (splits by criteria), probabilities of the target rows and accuracy."""
    X, y, d = task.X, task.y, task.sample_domain
    hidden, target, n_classes = hide_labels(task), d < 0, len(np.unique(task.y[d > 0]))
    row = {
        "value": np.full((N_SPLITS, len(CRITERIA)), np.nan),
        "error": np.full((N_SPLITS, len(CRITERIA)), np.nan),
        "source": np.full(N_SPLITS, np.nan),
        "proba": np.full((target.sum(), n_classes), np.nan),
        "accuracy": np.nan,
    }
    try:
        for i, (train, test) in enumerate(SPLITS.split(X, hidden, sample_domain=d)):
            fitted = clone(model).fit(X[train], hidden[train], sample_domain=d[train])
            told = X[test], y[test], d[test]
            found = np.transpose([scorer.estimate(fitted, *told) for scorer in scorers])
            row["value"][i], row["error"][i] = found
            mine = test[d[test] > 0]
            row["source"][i] = np.mean(fitted.predict(X[mine], sample_domain=d[mine]) == y[mine])
        fitted = clone(model).fit(X, hidden, sample_domain=d)
        row["proba"] = fitted.predict_proba(X[target], sample_domain=d[target])
        row["accuracy"] = np.mean(fitted.predict(X[target], sample_domain=d[target]) == y[target])
    except Exception as error:
        warnings.warn(f"{type(error).__name__}: {error}", stacklevel=1)
    return row


def _shift_tests(task):
    """P-values of proportions alone: of the rows, and of what the baseline says of them."""
    X, y, d = task.X, task.y, task.sample_domain
    sides = X[d > 0], y[d > 0], X[d < 0]
    model = SourceOnly(LogisticRegression(max_iter=300))
    odds = held_out_answers(model, X, hide_labels(task), d)
    return np.array(
        [class_mixture_test(*one, n_bootstrap=200, random_state=0).pvalue for one in (sides, odds)]
    )


def guarded(task):
    """What the guard asks of each candidate: p-values of being no closer, and rehearsals.

    The accuracy of each candidate (rows) in each kind of rehearsal is NaN if it fails.
    """
    X, d, models = task.X, task.sample_domain, nineteen(task.X.shape[1]).values()
    hidden = np.where(d > 0, task.y, None)
    sides = X[d > 0], task.y[d > 0], X[d < 0]
    with quiet(), config_context(assume_finite=True, skip_parameter_validation=True):
        kinds = rehearsals(X, hidden, d, sides)
        found = [[attempt(rehearsed_accuracy, one, kind)[0] for kind in kinds] for one in models]
        odds = [attempt(held_out_answers, one, X, hidden, d)[0] for one in models]
        said = {k: one for k, one in enumerate(odds) if one is not None}
        closer = closer_pvalues(said, len(odds), n_bootstrap=100)
    return {"rehearsed": np.array(found, dtype=float), "closer": closer}


def matched(task):
    """P-values of what each candidate says on the splits being no closer to a mixture of classes.

    Not corrected for their number; NaN of the first, and where there is no answer.
    """
    X, d, hidden = task.X, task.sample_domain, hide_labels(task)
    splits = list(SPLITS.split(X, hidden, sample_domain=d))
    models = nineteen(X.shape[1]).values()
    with quiet(), config_context(assume_finite=True, skip_parameter_validation=True):
        answers = [[attempt(_said, one, X, hidden, d, *s)[0] for s in splits] for one in models]
    labels = np.where(d > 0, task.y, None)
    pvalues = match_pvalues(np.arange(len(answers)) > 0, answers, labels)
    return {"matched": pvalues / np.isfinite(pvalues).sum()}


def _said(model, X, hidden, d, train, test):
    fitted = clone(model).fit(X[train], hidden[train], sample_domain=d[train])
    return said_of_unseen(fitted, X, hidden, d, test)


def cached(tasks, folder):
    """Iterate over tasks and their arrays; what the folder does not hold is computed."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for task in tasks:
        name = task.name.replace(" ", "_").replace(">", "").replace(":", "")
        found = {}
        for make in (gathered, guarded, matched):
            path = folder / f"{name}.{make.__name__}.npz"
            if not path.exists():
                np.savez_compressed(path, **make(task))
            with np.load(path) as arrays:
                found |= dict(arrays)
        yield task, found
