"""Calls of adapt whose right answer is known."""

from functools import partial
from unittest import mock

import numpy as np
from adapt import feature_based, instance_based
from adapt.metrics import cov_distance, make_uda_scorer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.claims.known_answers import (
    ANGLE,
    ESTIMATOR_CHECKS,
    answer,
    check,
    checked,
    halves,
    problem,
    ratio_problem,
    tca_angles,
)
from skdomain.alignment import CORAL
from skdomain.compose import SourceOnly
from skdomain.metrics import coral_distance
from skdomain.weighting import KMM, kmm_weights

RIDGE = 1e-5  # adapt's default for CORAL


def peer_coral(Xt):
    """Its CORAL, which holds the target."""
    return feature_based.CORAL(LogisticRegression(), Xt=Xt, lambda_=RIDGE, verbose=0)


def our_coral():
    """Ours, with the same ridge and classifier."""
    return make_pipeline(CORAL(RIDGE), SourceOnly(LogisticRegression()))


@check("adapt", ANGLE)
def tca_angle():
    """Its mu multiplies the means, as skada's does."""

    def embed(X, d, mu):
        Xs, Xt = halves(X, d)
        peer = feature_based.TCA(Xt=Xt, n_components=2, kernel="linear", mu=mu, verbose=0)
        peer.fit_transform(Xs, Xt)
        return np.vstack([peer.transform(Xs, "src"), peer.transform(Xt, "tgt")])

    return tca_angles(embed)


@check("adapt", "one fitted CORAL, scored five times by a metric: different figures")
def scorer():
    """A score must not change what the next one sees."""
    X, y, d = problem()
    Xs, Xt = halves(X, d)
    peer = feature_based.CORAL(LogisticRegression(), Xt=Xt, lambda_=1.0, verbose=0)
    peer.fit(Xs, y[d > 0])
    score = make_uda_scorer(cov_distance, Xs, Xt)
    mine = CORAL(1.0).fit(X, sample_domain=d)
    theirs = {float(score(peer, Xs)) for _ in range(5)}
    distances = {coral_distance(*halves(mine.transform(X, sample_domain=d), d)) for _ in range(5)}
    return str(len(theirs)), str(len(distances))


def discrepancy(w, Xs, Xt):
    """Squared MMD between the weighted source and the target, which KMM minimises."""
    w, k = w / w.sum(), partial(rbf_kernel, gamma=0.5)
    return float(w @ k(Xs) @ w - 2 * w @ k(Xs, Xt).mean(axis=1) + k(Xt).mean())


@check("adapt", "KMM of 2003 source rows: squared MMD to the target that is left")
def kmm_left():
    """Above `max_size` rows it solves random batches."""
    X, _, d, _ = ratio_problem(2003)
    Xs, Xt = halves(X, d)
    peer = instance_based.KMM(LogisticRegression(), gamma=0.5, verbose=0, random_state=0)
    w = np.ravel(peer.fit_weights(Xs, Xt))
    mine = kmm_weights(Xs, Xt, gamma=0.5, reg=0)
    return tuple(f"{discrepancy(weights, Xs, Xt):.1e}" for weights in (w, mine))


@check("adapt", "KMM of 2003 source rows: rows that are in no problem and get weight 0")
def kmm_left_out():
    """Counted without solving."""
    X, _, d, _ = ratio_problem(2003)
    seen = []
    peer = instance_based.KMM(LogisticRegression(), verbose=0, random_state=0)
    with mock.patch.object(peer, "_fit_weights", lambda Xs, Xt: seen.append(len(Xs)) or 1.0):
        peer.fit_weights(*halves(X, d))
    return str(2003 - sum(seen)), "0"


@check("adapt", "CORAL behind `StandardScaler` in a pipeline: accuracy; the same, scaled by hand")
def scaled():
    """The target sits in the constructor, where no step of a pipeline reaches it."""
    X, y, d = problem()
    X = 100 + 50 * X
    scaler, (Xs, Xt), truth = StandardScaler().fit(X), halves(X, d), y[d < 0]
    piped = make_pipeline(StandardScaler(), peer_coral(Xt)).fit(Xs, y[d > 0]).predict(Xt)
    Us, Ut = scaler.transform(Xs), scaler.transform(Xt)
    by_hand = peer_coral(Ut).fit(Us, y[d > 0]).predict(Ut)
    ours = make_pipeline(StandardScaler(), *our_coral()).fit(X, y, sample_domain=d).predict(Xt)
    ours_by_hand = our_coral().fit(scaler.transform(X), y, sample_domain=d).predict(Ut)
    shares = [np.mean(p == truth) for p in (piped, by_hand, ours, ours_by_hand)]
    return "{:.2f}; {:.2f}".format(*shares[:2]), "{:.2f}; {:.2f}".format(*shares[2:])


@check("adapt", "`predict_proba` of CORAL with logistic regression, on the target")
def probabilities():
    """Of fitted models."""
    X, y, d = problem()
    Xs, Xt = halves(X, d)
    models = peer_coral(Xt).fit(Xs, y[d > 0]), our_coral().fit(X, y, sample_domain=d)
    return tuple(answer(lambda m=m: f"shape {m.predict_proba(Xt).shape}") for m in models)


@check("adapt", "NumPy's global random state after `CORAL(..., random_state=0)`; ours: `KMM()`")
def seeded():
    """A constructor should assign."""
    makers = lambda: feature_based.CORAL(LogisticRegression(), random_state=0, verbose=0), KMM
    return tuple(state_after(make) for make in makers)


def state_after(make):
    """Whether a call has touched the global random state."""
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make()
    after = np.random.get_state()[1]  # noqa: NPY002
    return "as before" if (after == before).all() else "reseeded"


@check("adapt", ESTIMATOR_CHECKS)
def estimator_checks():
    """With a target as wide as the rows of the checks."""
    return answer(checked, peer_coral(np.zeros((5, 10)))), answer(checked, CORAL())
