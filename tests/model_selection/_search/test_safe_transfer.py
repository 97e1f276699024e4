"""The guard stays where it should, adapts where it should, and says why, without target labels."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.special import logit
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from skdomain import NoTargetWarning
from skdomain._estimators import call_with_domains
from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import make_label_shift
from skdomain.model_selection import DomainKFold, DomainShuffleSplit, SafeTransfer
from skdomain.model_selection._search._guard_tests import closer_pvalues, shift_pvalue
from skdomain.model_selection._search._views import held_out_answers, seen_rows
from skdomain.subspace import TCA

BASELINE = SourceOnly(LogisticRegression())
PER_DOMAIN = make_pipeline(PerDomain(), SourceOnly())
CV = DomainShuffleSplit(3, test_size=0.5, random_state=0)


class Scrambled(TransformerMixin, BaseEstimator):
    """Adds so much noise to the rows that nothing is left of the classes."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X + 1e3 * np.random.default_rng(0).normal(size=X.shape)


class OnlyWide(TransformerMixin, BaseEstimator):
    """Keeps rows that spread far, and makes zeros of others."""

    def __init__(self, limit=1.0):
        self.limit = limit

    def fit(self, X, y=None):
        self.keeps_ = X.std(axis=0).max() > self.limit
        return self

    def transform(self, X):
        return X * self.keeps_


def as_numbers(texts):
    return np.array([one.split() for one in texts], dtype=float)


def adapted(*steps):
    return make_pipeline(*steps, SourceOnly(LogisticRegression()))


def guard(candidates=None, **parameters):
    parameters = {"baseline": BASELINE, "cv": CV, "expected_accuracy": False} | parameters
    return SafeTransfer([adapted(PerDomain())] if candidates is None else candidates, **parameters)


def label_shift(seed=0):
    problem = make_label_shift(100, 100, target_priors=[0.1, 0.9], random_state=seed)
    return problem.X, problem.y, problem.sample_domain


def moved(seed=0):
    """Both classes in equal proportions, every target row moved by two gaps between them."""
    problem = make_label_shift(100, 100, target_priors=[0.5, 0.5], random_state=seed)
    X, d = problem.X, problem.sample_domain
    gap = np.diff([X[(d > 0) & (problem.y == c)].mean(axis=0) for c in (0, 1)], axis=0)
    return X + 2 * gap * (d < 0)[:, None], problem.y, d


# -- Decisions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_it_stays_where_only_proportions_change(seed):
    X, y, d = label_shift(seed)
    model = guard(correct_priors=False).fit(X, y, sample_domain=d)
    assert str(model.decision_) == (
        "does not adapt, keeps baseline: proportions of the classes alone explain the target "
        f"(p = {model.decision_.shift_pvalue:.2g})."
    )
    assert model.decision_.shift_pvalue > 0.05
    assert not model.decision_.adapted
    assert model.best_method_ == model.decision_.method == "baseline"
    expected = LogisticRegression().fit(X[d > 0], y[d > 0]).predict(X)
    assert_array_equal(model.predict(X), expected)
    adapting = call_with_domains(adapted(PerDomain()), "fit", X, y, sample_domain=d)
    harmed = call_with_domains(adapting, "score", X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) > harmed + 0.1


@pytest.mark.parametrize("seed", range(3))
def test_it_adapts_where_the_classes_have_moved(seed):
    X, y, d = moved(seed)
    model = guard().fit(X, y, sample_domain=d)
    decision = model.decision_
    assert (decision.adapted, decision.method) == (True, "perdomain-sourceonly")
    assert model.best_index_ == 1
    assert decision.shift_pvalue == 2 / 101
    assert decision.ranks[1] > decision.ranks[0]
    assert decision.closer_pvalues[1] < 0.05
    alike, moved_too = 100 * decision.rehearsal_gains[1]
    assert alike >= -1
    assert moved_too > 20
    assert str(decision) == (
        "adapts by perdomain-sourceonly: the target is no mixture of the source's classes (p = "
        f"0.02), and this brings it closer to one (p = {decision.closer_pvalues[1]:.2g}); in "
        f"rehearsals it gains {alike:+.1f} points where nothing differs and "
        f"{moved_too:+.1f} where features moved."
    )
    stays = clone(BASELINE).fit(X, y, sample_domain=d).score(X, y, sample_domain=d)
    assert model.score(X, y, sample_domain=d) > stays + 0.2


@pytest.mark.parametrize("other", [adapted(Scrambled()), BASELINE], ids=["noise", "same"])
def test_a_candidate_that_is_no_better_is_no_reason_to_adapt(other):
    X, y, d = moved()
    model = guard({"other": other}).fit(X, y, sample_domain=d)
    assert np.isnan(model.decision_.closer_pvalues).all()
    assert np.isnan(model.decision_.rehearsal_gains).all()
    assert str(model.decision_) == (
        "does not adapt, keeps baseline: the target is no mixture of the source's classes "
        "(p = 0.02), but no candidate ranks above the baseline on every split."
    )


def test_the_level_decides():
    X, y, d = moved()
    assert guard(alpha=0.03).fit(X, y, sample_domain=d).decision_.adapted
    assert not guard(alpha=0.01).fit(X, y, sample_domain=d).decision_.adapted


def test_a_shift_that_a_scaler_has_hidden_is_seen_in_what_the_baseline_says():
    """Each feature has mean 0 and variance 1 in both domains, but another one tells the classes."""
    rng, d = np.random.default_rng(0), np.repeat([1, -2], 100)
    X, y = rng.normal(size=(200, 40)), np.tile([0, 1], 100)
    X[d > 0, 0] += 6 * y[d > 0]
    X[d < 0, 1] += 6 * y[d < 0]
    X = PerDomain().fit_transform(X, sample_domain=d)
    hidden = np.where(d > 0, y, None)
    rows, odds = (view(BASELINE, X, hidden, d) for view in (seen_rows, held_out_answers))
    assert shift_pvalue([rows], 100) > 0.05
    assert shift_pvalue([rows, odds], 100) == 2 / 101


def test_a_candidate_that_loses_in_a_rehearsal_does_not_replace_the_baseline():
    """It is right on the target, and forgets all where nothing differs."""
    X, y, d = moved()
    limit = (X[d > 0].std(axis=0).max() + X.std(axis=0).max()) / 2
    model = guard({"forgets": adapted(OnlyWide(limit), PerDomain())})
    decision = model.fit(X, y, sample_domain=d).decision_
    assert decision.closer_pvalues[1] < 0.05
    assert decision.rehearsal_gains[1, 0] < -0.3
    assert decision.rehearsal_gains[1, 1] > 0.2
    assert decision.method == "baseline"
    lost = -100 * decision.rehearsal_gains[1].min()
    assert f"what brings it closer to one loses {lost:.1f} points in a rehearsal" in str(decision)


def test_rows_that_cannot_be_moved_are_rehearsed_as_they_are():
    X, y, d = moved()
    names = np.array([f"{a} {b}" for a, b in X], dtype=object)
    texts = {
        name: make_pipeline(FunctionTransformer(as_numbers), *steps, BASELINE)
        for name, steps in {"baseline": [], "scaled": [PerDomain()]}.items()
    }
    model = guard([texts["scaled"]], baseline=texts["baseline"]).fit(names, y, sample_domain=d)
    numbers = guard().fit(X, y, sample_domain=d)
    assert model.decision_.adapted
    assert np.isnan(model.decision_.rehearsal_gains[:, 1]).all()
    assert_array_equal(
        model.decision_.rehearsal_gains[:, 0], numbers.decision_.rehearsal_gains[:, 0]
    )
    assert model.decision_.reason.endswith("points where nothing differs.")


# -- Parts ----------------------------------------------------------------------------------------


def test_rows_are_seen_after_the_steps_before_the_classifier(make_domains):
    X, y, d = make_domains()
    Xs, ys, Xt = seen_rows(adapted(PerDomain()), X, y.astype(object), d)
    scaled = PerDomain().fit(X, sample_domain=d).transform(X, sample_domain=d)
    assert_array_equal(Xs, scaled[d > 0])
    assert_array_equal(Xt, scaled[d < 0])
    assert_array_equal(ys, y[d > 0])


def test_log_odds_are_those_of_the_other_folds(make_domains):
    X, y, d = make_domains(40, 30)
    Ls, ys, Lt = held_out_answers(BASELINE, X, y.astype(object), d)
    expected = np.zeros(len(X))
    for train, test in DomainKFold(5, shuffle=True, random_state=0).split(X, y, sample_domain=d):
        rows = train[d[train] > 0]
        inner = LogisticRegression().fit(X[rows], y[rows])
        expected[test] = logit(np.clip(inner.predict_proba(X[test])[:, 1], 1e-6, 1 - 1e-6))
    np.testing.assert_allclose(Ls.ravel(), expected[d > 0], atol=1e-9)
    np.testing.assert_allclose(Lt.ravel(), expected[d < 0], atol=1e-9)
    assert_array_equal(ys, y[d > 0])


def test_certain_models_are_compared_by_the_rows_they_see(make_domains):
    X, y, d = make_domains()
    assert held_out_answers(SourceOnly(), X, y.astype(object), d) is None
    X, y, d = moved()
    model = guard([PER_DOMAIN], baseline=None)
    decision = model.fit(X, y, sample_domain=d).decision_
    assert decision.shift_pvalue == 1 / 101
    assert decision.adapted
    sides = [seen_rows(one, X, np.where(d > 0, y, None), d) for one in (SourceOnly(), PER_DOMAIN)]
    closer = closer_pvalues({k: [side] for k, side in enumerate(sides)}, 2, 100)
    assert_array_equal(decision.closer_pvalues, closer)


def test_decision_values_do_where_there_are_no_probabilities():
    X, y, d = moved()
    inner = SourceOnly(LinearSVC())
    model = guard([make_pipeline(PerDomain(), inner)], baseline=inner)
    assert model.fit(X, y, sample_domain=d).decision_.adapted


# -- Target labels --------------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "n_classes"), [(0, 2), (1, 3)])
def test_what_y_holds_on_the_target_changes_no_bit(make_domains, seed, n_classes):
    X, y, d = make_domains(30, 24, n_classes=n_classes, shift=3, seed=seed)
    X[:, 0] += 4 * (d < 0)
    model = guard(n_bootstrap=60).fit(X, y, sample_domain=d)
    assert model.decision_.shift_pvalue == 2 / 61
    random = np.random.default_rng(seed).permutation(y)
    for values in (random, np.nan, None, "?"):
        labels = np.where(d < 0, np.array(values, dtype=object), y)
        other = guard(n_bootstrap=60).fit(X, labels, sample_domain=d)
        for got, expected in zip(other.decision_, model.decision_, strict=True):
            assert_array_equal(got, expected)
        assert_array_equal(other.predict(X, sample_domain=d), model.predict(X, sample_domain=d))


# -- Estimator ------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [False, True], ids=["not routed", "routed"])
def test_names_and_routing_do_not_matter(routing):
    X, y, d = moved()
    plain = guard().fit(X, y, sample_domain=d)
    names = np.array(["no", "yes"])
    with config_context(enable_metadata_routing=routing):
        other = guard().fit(X, names[y], sample_domain=np.where(d > 0, 4, -9))
    for got, expected in zip(other.decision_, plain.decision_, strict=True):
        assert_array_equal(got, expected)
    assert_array_equal(other.predict(X), names[plain.predict(X)])


def test_it_is_cloned_and_pickled():
    X, y, d = label_shift()
    model = clone(guard(alpha=0.1)).fit(X, y, sample_domain=d)
    assert (model.alpha, model.get_params()["n_bootstrap"]) == (0.1, 100)
    again = pickle.loads(pickle.dumps(model))
    assert str(again.decision_) == str(model.decision_)


def test_without_target_rows_the_baseline_is_fitted():
    X, y, _ = label_shift()
    with pytest.warns(NoTargetWarning):
        model = guard().fit(X, y)
    assert str(model.decision_) == "does not adapt, keeps baseline: there are no target rows."
    assert np.isnan(model.decision_.shift_pvalue)


def test_no_candidate_is_the_baseline_alone():
    X, y, d = moved()
    model = guard([]).fit(X, y, sample_domain=d)
    assert model.decision_.method == "baseline"
    assert "no candidate ranks above the baseline" in model.decision_.reason


class FailsOnFolds(TransformerMixin, BaseEstimator):
    """Does its work on half of the rows, and fails on more."""

    def fit(self, X, y=None):
        if len(X) > 120:
            raise ValueError("too many rows")
        return self

    def transform(self, X):
        return X


def test_a_candidate_that_fails_later_is_warned_of_and_dropped():
    X, y, d = moved()
    model = guard({"bad": adapted(PerDomain(), FailsOnFolds())})
    with pytest.warns(FitFailedWarning, match="candidate bad failed .* ValueError: too many rows"):
        model.fit(X, y, sample_domain=d)
    assert model.decision_.method == "baseline"
    assert np.isnan(model.decision_.rehearsal_gains[1]).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": 0}, "'alpha' parameter of SafeTransfer must be a float in the range"),
        ({"n_bootstrap": 1}, "'n_bootstrap' parameter of SafeTransfer must be an int in the range"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    X, y, d = label_shift()
    with pytest.raises(ValueError, match=message):
        guard(**parameters).fit(X, y, sample_domain=d)


def test_a_candidate_that_says_one_class_of_all_is_dropped_for_a_consistent_one():
    problem = make_label_shift(150, 150, target_priors=[0.5, 0.5], random_state=0)
    X, y, d = problem.X, problem.y, problem.sample_domain
    X[d < 0] = X[d < 0] * [0.5, 2] + [4, -3]
    baseline = SourceOnly(LogisticRegression())
    candidates = {
        "tca": make_pipeline(TCA(2), baseline),
        "scale": make_pipeline(PerDomain(), baseline),
    }
    guard = SafeTransfer(candidates, baseline=baseline).fit(X, y, sample_domain=d)
    assert guard.best_method_ == "scale"
