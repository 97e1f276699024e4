"""Calls of skada whose right answer is known."""

import subprocess
import sys
from unittest import mock

import numpy as np
import scipy.linalg
import skada
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from benchmarks.claims.known_answers import (
    ANGLE,
    ESTIMATOR_CHECKS,
    RANK,
    answer,
    check,
    checked,
    problem,
    ratio_problem,
    tca_angles,
)
from skdomain.alignment import CORAL
from skdomain.compose import SourceOnly
from skdomain.model_selection import TargetKFold
from skdomain.subspace import TCA, TJM
from skdomain.weighting import KMM, ClassifierWeighting


def hidden(y, d):
    """Labels as skada wants them: -1 on target rows."""
    return np.where(d > 0, y, -1)


def ordered_and_shuffled(model):
    """Accuracy on target rows with the source rows first, and with the same rows shuffled."""
    X, y, d = problem()
    shares = []
    for rows in (np.arange(len(d)), np.random.default_rng(0).permutation(len(d))):
        target = d[rows] < 0
        model.fit(X[rows], hidden(y, d)[rows], sample_domain=d[rows])
        shares.append(np.mean(model.predict(X[rows][target]) == y[rows][target]))
    return "{:.2f}; {:.2f}".format(*shares)


def ours(transformer, classifier=None):
    """The same classifier behind a transformer of ours."""
    return make_pipeline(transformer, SourceOnly(classifier or LogisticRegression()))


@check("skada", "TCA, then 1-NN: accuracy with source rows first; with the rows shuffled")
def tca_order():
    """Order must not matter."""
    near = KNeighborsClassifier(1)
    peer = skada.TransferComponentAnalysis(near, kernel="linear", n_components=2)
    return ordered_and_shuffled(peer), ordered_and_shuffled(ours(TCA(2), near))


@check("skada", "TJM, then 1-NN: the same")
def tjm_order():
    """Order must not matter."""
    near = KNeighborsClassifier(1)
    peer = skada.TransferJointMatching(near, n_components=2)
    return ordered_and_shuffled(peer), ordered_and_shuffled(ours(TJM(2, kernel="rbf"), near))


@check("skada", "TJM: iterations with `tol=1e-6` and `max_iter=100`")
def tjm_iterations():
    """Each of its iterations calls `eigh` once."""
    X, _, d = problem()
    peer = skada.TransferJointMatchingAdapter(n_components=2, max_iter=100, tol=1e-6)
    with mock.patch("scipy.linalg.eigh", wraps=scipy.linalg.eigh) as solver:
        peer.fit(X, sample_domain=d)
    mine = TJM(2, kernel="rbf", max_iter=100, tol=1e-6).fit(X, sample_domain=d)
    return str(solver.call_count), str(mine.n_iter_)


@check("skada", ANGLE)
def tca_angle():
    """Rows are in block order, so that it is a question of the subspace alone."""

    def embed(X, d, mu):
        peer = skada.TransferComponentAnalysisAdapter(kernel="linear", n_components=2, mu=mu)
        return peer.fit_transform(X, sample_domain=d)

    return tca_angles(embed)


def weights(adapter):
    """Of the source rows of the problem whose density ratio is known."""
    X, y, d, _ = ratio_problem(500)
    adapter.fit(X, hidden(y, d), sample_domain=d)
    return adapter.compute_weights(X, sample_domain=d, allow_source=True)[d > 0]


def our_weights(method):
    """The same of a method of ours."""
    X, y, d, _ = ratio_problem(500)
    return method.fit(X, y, sample_domain=d).raw_weights_


def ranks(*both):
    """Rank correlation of each with the true ratio."""
    ratio = ratio_problem(500)[-1]
    return tuple(f"{spearmanr(w, ratio).statistic:.2f}" for w in both)


@check("skada", f"DiscriminatorReweight: {RANK}")
def discriminator():
    """The sign is what matters."""
    peer = skada.DiscriminatorReweightAdapter()
    return ranks(weights(peer), our_weights(ClassifierWeighting()))


@check("skada", "KMM with `B=2`, the bound on a weight: largest weight, in units of the mean")
def kmm_bound():
    """By its default solver."""
    peer, mine = (
        weights(skada.KMMReweightAdapter(gamma=0.5, B=2.0)),
        our_weights(KMM(gamma=0.5, B=2.0)),
    )
    return tuple(f"{(w / w.mean()).max():.1f}" for w in (peer, mine))


@check("skada", "entries of the caller's `y` that `fit` has changed")
def overwritten():
    """Inputs must stay as they were."""
    X, y, d = problem()
    counts = []
    for model in (skada.CORAL(LogisticRegression()), SourceOnly()):
        given = y.copy()
        model.fit(X, given, sample_domain=d)
        counts.append(f"{(given != y).sum()} of {len(y)}")
    return tuple(counts)


@check("skada", "labels that are strings")
def strings():
    """No label value should be special."""
    X, y, d = problem()
    names = np.array(["cat", "dog"])[y]
    models = skada.CORAL(LogisticRegression()), ours(CORAL())
    return tuple(answer(lambda m=m: m.fit(X, names, sample_domain=d) and "fits") for m in models)


@check("skada", "metadata routing of the whole process after the import")
def routing():
    """In a process of its own."""
    ask = "import sklearn, {}; print(sklearn.get_config()['enable_metadata_routing'])"
    modules = "skada", "skdomain.subspace"
    runs = [[sys.executable, "-c", ask.format(name)] for name in modules]
    outputs = [subprocess.run(r, capture_output=True, text=True, check=True).stdout for r in runs]
    return tuple({"True": "on", "False": "off"}[out.split()[-1]] for out in outputs)


@check("skada", "`GridSearchCV` with its default scoring: scores that are no number")
def search():
    """All labels are given to both."""
    X, y, d = problem()
    peer = GridSearchCV(skada.CORAL(LogisticRegression()), {"coraladapter__reg": [0.1, 0.5]})
    mine = GridSearchCV(ours(CORAL()), {"coral__reg": [0.1, 0.5]}, cv=TargetKFold(5))
    return tuple(answer(not_numbers, search, X, y.copy(), d) for search in (peer, mine))


def not_numbers(search, X, y, d):
    """How many of the mean scores are NaN."""
    scores = search.fit(X, y, sample_domain=d).cv_results_["mean_test_score"]
    return f"{np.isnan(scores).sum()} of {len(scores)}"


@check("skada", ESTIMATOR_CHECKS)
def estimator_checks():
    """As it is shipped."""
    return answer(checked, skada.CORALAdapter()), answer(checked, CORAL())
