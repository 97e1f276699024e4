"""The search over methods: it reads no target label, and gives what a loop by hand gives."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import rankdata
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, ParameterGrid
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from skdomain import NoTargetWarning
from skdomain._estimators import call_with_domains
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationSearchCV,
    DomainKFold,
    DomainShuffleSplit,
    SafeTransfer,
    TargetKFold,
    get_scorer,
    scorer_names,
)
from skdomain.model_selection._criteria._evidence import evidence_is_shared, evidence_of
from skdomain.model_selection._search._results import joint_scores
from skdomain.subspace import TCA

LABEL_FREE = [name for name in scorer_names() if name != "oracle"]
CV = DomainShuffleSplit(2, test_size=0.4, random_state=0)
GRID = {"sourceonly__estimator__C": [0.01, 1.0]}


def adapted(*steps):
    return make_pipeline(*steps, SourceOnly(LogisticRegression()))


def candidates():
    return [
        (adapted(PerDomain()), GRID),
        adapted(TCA(2, kernel="primal")),
    ]


def search(scoring="circular_validation", **parameters):
    parameters = {"baseline": SourceOnly(LogisticRegression()), "cv": CV} | parameters
    parameters = {"expected_accuracy": False} | parameters
    return AdaptationSearchCV(candidates(), scoring=scoring, **parameters)


def told(model, method, *args, d):
    return call_with_domains(model, method, *args, sample_domain=d)


def without_times(results):
    return {name: column for name, column in results.items() if not name.endswith("_time")}


def assert_same_results(got, expected):
    got, expected = without_times(got), without_times(expected)
    assert list(got) == list(expected)
    for name, column in expected.items():
        assert_array_equal(got[name], column, err_msg=name)


class Failing(ClassifierMixin, BaseEstimator):
    """Raises what it is given, in ``fit``."""

    __metadata_request__fit = {"sample_domain": True}

    def __init__(self, error=None):
        self.error = error

    def fit(self, X, y, sample_domain=None):
        raise self.error

    def predict(self, X):
        raise NotImplementedError


class LearnsFromTarget(ClassifierMixin, BaseEstimator):
    """Trains on every row, whatever its domain."""

    __metadata_request__fit = {"sample_domain": True}

    def fit(self, X, y, sample_domain=None):
        self.model_ = KNeighborsClassifier(1).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


class SelectsByName(ClassifierMixin, BaseEstimator):
    """Nearest neighbour on one column of a frame."""

    def __init__(self, columns=()):
        self.columns = columns

    def fit(self, X, y):
        self.model_ = KNeighborsClassifier(1).fit(X[list(self.columns)], y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X[list(self.columns)])


# -- Target labels --------------------------------------------------------------------------------


@settings(max_examples=2)
@given(seed=st.integers(0, 2**16), n_classes=st.integers(2, 3))
def test_what_y_holds_on_the_target_changes_no_bit(make_domains, seed, n_classes):
    X, y, d = make_domains(30, 24, n_classes=n_classes, seed=seed)
    target, rng = d < 0, np.random.default_rng(seed)
    searching = AdaptationSearchCV(
        [adapted(PerDomain())], scoring=LABEL_FREE, cv=CV, expected_accuracy=False
    )
    searching.set_params(baseline=SourceOnly(LogisticRegression()))
    model = clone(searching).fit(X, y, sample_domain=d)
    for values in (rng.permutation(y), np.full(len(y), np.nan), None, "?"):
        labels = np.where(target, np.array(values, dtype=object), y)
        other = clone(searching).fit(X, labels, sample_domain=d)
        assert_same_results(other.cv_results_, model.cv_results_)
        assert_array_equal(other.predict(X, sample_domain=d), model.predict(X, sample_domain=d))


@pytest.mark.parametrize("kind", [int, str], ids=["integers", "strings"])
def test_a_candidate_that_would_train_on_target_labels_fails(make_domains, kind):
    X, y, d = make_domains()
    model = AdaptationSearchCV({"cheat": LearnsFromTarget()}, scoring="circular_validation", cv=CV)
    with pytest.warns(FitFailedWarning, match="candidate cheat failed on 2 of 2 splits and cann"):
        model.fit(X, y.astype(kind), sample_domain=d)
    assert model.best_method_ == "baseline"
    assert np.isnan(model.cv_results_["mean_test_score"]).tolist() == [False, True]


def test_the_oracle_reads_the_labels_of_the_target(make_domains):
    X, y, d = make_domains(shift=2)
    right = search("oracle").fit(X, y, sample_domain=d).cv_results_["mean_test_score"]
    wrong = np.where(d < 0, 1 - y, y)
    turned = search("oracle").fit(X, wrong, sample_domain=d).cv_results_["mean_test_score"]
    assert_allclose(right + turned, 1)


# -- By hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("routing", "n_jobs"), [(False, 2), (True, None)], ids=["not routed", "routed"]
)
def test_it_gives_what_a_loop_by_hand_gives(make_domains, routing, n_jobs):
    X, y, d = make_domains(30, 24)
    names = ["circular_validation", "prediction_entropy"]
    with config_context(enable_metadata_routing=routing):
        model = search(names, n_jobs=n_jobs).fit(X, y, sample_domain=d)
    rows = [SourceOnly(LogisticRegression())]
    for candidate in candidates():
        one, grid = candidate if isinstance(candidate, tuple) else (candidate, {})
        rows += [clone(one).set_params(**values) for values in ParameterGrid(grid)]
    splits = list(CV.split(X, y, sample_domain=d))
    means = []
    for name in names:
        values = np.array(
            [
                [
                    get_scorer(name)(
                        told(clone(row), "fit", X[a], y[a], d=d[a]), X[b], y[b], sample_domain=d[b]
                    )
                    for a, b in splits
                ]
                for row in rows
            ]
        )
        for i in range(2):
            assert_array_equal(model.cv_results_[f"split{i}_test_{name}"], values[:, i])
        assert_allclose(model.cv_results_[f"mean_test_{name}"], values.mean(axis=1))
        assert_allclose(model.cv_results_[f"std_test_{name}"], values.std(axis=1))
        means.append(values.mean(axis=1))
        ranks = rankdata(-means[-1], method="min")
        assert_array_equal(model.cv_results_[f"rank_test_{name}"], ranks)
    scores = joint_scores(np.column_stack(means))
    assert_allclose(model.cv_results_["joint_score"], scores)
    assert model.best_index_ == scores.argmax()
    assert model.best_score_ == scores.max()
    best = told(clone(rows[model.best_index_]), "fit", X, y, d=d)
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(best, method):
            expected = told(best, method, X, d=d)
            assert_array_equal(getattr(model, method)(X, sample_domain=d), expected)
    assert model.score(X, y, sample_domain=d) == np.mean(
        told(best, "predict", X, d=d)[d < 0] == y[d < 0]
    )


def by_last_digit(*digits):
    """Criteria by hand: the value of each candidate is a digit of its C."""

    def make(place):
        def criterion(model, X, y, sample_domain):
            return int(str(int(model.estimator_.C))[place])

        criterion.__name__ = f"digit{place}"
        return criterion

    return [make(place) for place in digits]


def test_several_criteria_are_scaled_and_averaged():
    """Digits 1 2 | 2 2 | 3 1: the first is dominated, the others reach from 2 to 3, from 1 to 2."""
    X, d = np.arange(16.0)[:, None], np.tile([1, 1, 1, 1, -2, -2, -2, -2], 2)
    y = np.tile([0, 1], 8)
    grid = {"estimator__C": [22, 31]}
    model = AdaptationSearchCV(
        {"C": (SourceOnly(LogisticRegression()), grid)},
        baseline=SourceOnly(LogisticRegression(C=12)),
        scoring=by_last_digit(0, 1),
        cv=CV,
    ).fit(X, y, sample_domain=d)
    assert model.cv_results_["rank_test_digit0"].tolist() == [3, 2, 1]
    assert model.cv_results_["rank_test_digit1"].tolist() == [1, 1, 3]
    assert model.cv_results_["joint_score"].tolist() == [0, 0.5, 0.5]
    assert (model.best_method_, model.best_params_, model.best_score_) == (
        "C",
        {"estimator__C": 22},
        0.5,
    )


def test_the_baseline_wins_ties(make_domains):
    X, y, d = make_domains()
    model = AdaptationSearchCV([SourceOnly()], scoring="circular_validation", cv=CV).fit(
        X, y, sample_domain=d
    )
    assert (model.best_index_, model.best_method_, model.best_params_) == (0, "baseline", {})
    assert model.cv_results_["rank_test_score"].tolist() == [1, 1]


# -- Results --------------------------------------------------------------------------------------


def test_results_are_those_of_a_grid_search(make_domains):
    """Names, types and masks, where both can search: one method and its grid."""
    X, y, d = make_domains(30, 24)
    grid = {
        "sourceonly__estimator__C": [0.1, 1.0],
        "sourceonly__estimator__class_weight": [None, "balanced"],
    }
    pipeline, criterion = adapted(PerDomain()), get_scorer("circular_validation")
    with config_context(enable_metadata_routing=True):
        theirs = GridSearchCV(pipeline, grid, scoring=criterion, cv=CV).fit(X, y, sample_domain=d)
        ours = AdaptationSearchCV([(pipeline, grid)], scoring="circular_validation", cv=CV)
        ours.fit(X, y, sample_domain=d)
    got, expected = (pd.DataFrame(one.cv_results_) for one in (ours, theirs))
    assert set(got) - set(expected) == {"method"}
    assert set(expected) <= set(got)
    assert len(got) == 1 + len(expected)
    for name, column in theirs.cv_results_.items():
        mine = ours.cv_results_[name]
        if name.startswith("param_"):
            assert mine.mask.tolist() == [True, *[False] * 4]
            assert mine.dtype == column.dtype
            assert list(map(str, mine[1:])) == list(map(str, column))
        elif "test" in name and "rank" not in name:
            assert_array_equal(mine[1:], column)
    assert (got.mean_fit_time > 0).all()
    assert (got.mean_score_time > 0).all()


def test_methods_are_named_by_their_steps_or_by_the_keys(make_domains):
    X, y, d = make_domains()
    listed = [adapted(PerDomain()), SourceOnly(), adapted(PerDomain()), (SourceOnly(), {})]
    names = ["perdomain-sourceonly", "sourceonly", "perdomain-sourceonly-2", "sourceonly-2"]
    for given_, expected in (
        (listed, names),
        ({"a": SourceOnly(), "baseline": SourceOnly()}, ["a", "baseline-2"]),
    ):
        model = AdaptationSearchCV(given_, cv=CV).fit(X, y, sample_domain=d)
        assert model.cv_results_["method"].tolist() == ["baseline", *expected]


@pytest.mark.parametrize(
    ("cv", "splitter"),
    [(3, DomainKFold(3)), (CV, CV), (None, DomainShuffleSplit(5, test_size=0.5, random_state=0))],
    ids=["int", "splitter", "default"],
)
def test_splits_come_in_every_form(make_domains, cv, splitter):
    X, y, d = make_domains(30, 24)
    splits = list(splitter.split(X, y, sample_domain=d))
    one = search(cv=cv).fit(X, y, sample_domain=d)
    other = search(cv=iter(splits)).fit(X, y, sample_domain=d)
    assert one.n_splits_ == len(splits)
    assert_same_results(other.cv_results_, one.cv_results_)


def test_folds_of_target_rows_do_for_criteria_of_the_target(make_domains):
    X, y, d = make_domains()
    model = search("prediction_entropy", cv=TargetKFold(2)).fit(X, y, sample_domain=d)
    assert model.n_splits_ == 2
    with pytest.raises(ValueError, match=r"baseline cannot be judged: .*needs labelled sou"):
        search(cv=TargetKFold(2)).fit(X, y, sample_domain=d)


# -- Estimator ------------------------------------------------------------------------------------


class Asked(LogisticRegression):
    """Counts what it is asked by those who judge it."""

    asked = []

    def predict(self, X):
        self.asked.append("labels")
        return super().predict(X)

    def predict_proba(self, X):
        self.asked.append("probabilities")
        return super().predict_proba(X)


def test_criteria_share_what_a_model_says_and_judge_as_if_each_had_asked(make_domains):
    """Two read probabilities of the target, one the labels of the source: each is asked once."""
    X, y, d = make_domains(30, 24)
    names = ["prediction_entropy", "information_maximization", "deep_embedded_validation"]
    inner = SourceOnly(Asked())
    Asked.asked.clear()
    together = AdaptationSearchCV([], baseline=inner, scoring=names, cv=CV, expected_accuracy=False)
    together.fit(X, y, sample_domain=d)
    assert Asked.asked == ["probabilities", "labels"] * CV.get_n_splits()
    for name in names:
        alone = AdaptationSearchCV([], baseline=inner, scoring=name, cv=CV)
        alone.fit(X, y, sample_domain=d)
        for split in range(2):
            got = together.cv_results_[f"split{split}_test_{name}"]
            assert_array_equal(got, alone.cv_results_[f"split{split}_test_score"])


def test_another_model_has_evidence_of_its_own_and_none_outlives_the_context(make_domains):
    X, y, d = make_domains()
    models = [SourceOnly(LogisticRegression(C=C)).fit(X, y, sample_domain=d) for C in (1e-4, 1)]
    judge = get_scorer("prediction_entropy")
    low, high = (judge(model, X, y, sample_domain=d) for model in models)
    with evidence_is_shared():
        assert low < high
        assert [judge(model, X, y, sample_domain=d) for model in models] == [low, high]
        assert evidence_of(models[0], X, y, d) is evidence_of(models[0], X, y, d)
    assert evidence_of(models[0], X, y, d) is not evidence_of(models[0], X, y, d)


def test_what_the_classes_and_domains_are_called_does_not_matter(make_domains):
    X, y, d = make_domains(30, 24, n_classes=3)
    plain = search().fit(X, y, sample_domain=d)
    names = np.array(["x", "y", "z"])
    for labels in (names[y], names[y].astype(object), names[y].tolist()):
        other = search().fit(X, labels, sample_domain=np.where(d > 0, 7, -5))
        assert_same_results(other.cv_results_, plain.cv_results_)
        assert_array_equal(other.predict(X), names[plain.predict(X)])
        assert other.score(X[d < 0], names[y][d < 0]) == plain.score(X, y, sample_domain=d)
    assert_array_equal(other.classes_, names)


def test_domains_reach_the_winner_when_it_predicts(make_domains):
    """Two targets, each moved by itself: rows need the transformation of their own."""
    X, y, _ = make_domains(40, 40, shift=0)
    d = np.repeat([1, -2, -3], [40, 20, 20])
    X = X + np.array([0, 5, -5])[abs(d) - 1][:, None]
    model = AdaptationSearchCV([adapted(PerDomain())], scoring="oracle", cv=CV)
    model = model.fit(X, y, sample_domain=d)
    assert model.best_method_ == "perdomain-sourceonly"
    by_hand = told(adapted(PerDomain()), "fit", X, y, d=d)
    assert_array_equal(model.predict(X, sample_domain=d), told(by_hand, "predict", X, d=d))
    assert model.score(X, y, sample_domain=d) > 0.8
    with pytest.raises(ValueError, match="pass sample_domain"):
        model.predict(X)


@pytest.mark.parametrize("inner", [SVC(), LinearSVC()], ids=["SVC", "LinearSVC"])
def test_labels_suffice_for_the_criteria_that_need_no_more(make_domains, inner):
    X, y, d = make_domains(30, 24)
    pipeline = make_pipeline(PerDomain(), SourceOnly(inner))
    model = AdaptationSearchCV([pipeline], baseline=SourceOnly(inner), cv=CV)
    model.fit(X, y, sample_domain=d)
    assert np.isfinite(model.cv_results_["mean_test_circular_validation"]).all()
    assert np.isfinite(model.cv_results_["mean_test_class_mixture"]).all()
    assert not hasattr(model, "predict_proba")
    assert model.decision_function(X).shape == (len(X),)


def test_it_is_cloned_pickled_and_set_like_any_estimator(make_domains):
    X, y, d = make_domains()
    model = search("class_mixture")
    assert clone(model).get_params()["scoring"] == "class_mixture"
    model.set_params(baseline__estimator__C=0.5, n_jobs=1).fit(X, y, sample_domain=d)
    assert model.baseline.estimator.C == 0.5
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X), model.predict(X))


def test_data_frames_reach_the_candidates(frames, make_domains):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd", index=np.arange(len(X))[::-1])
    model = search().fit(frame, frames.column(y), sample_domain=frames.column(d))
    assert model.feature_names_in_.tolist() == list("abcd")
    assert_same_results(model.cv_results_, search().fit(X, y, sample_domain=d).cv_results_)


def test_inputs_are_not_written_to(make_domains):
    X, y, d = make_domains()
    X.flags.writeable = y.flags.writeable = d.flags.writeable = False
    search().fit(X, y, sample_domain=d).predict(X)


def test_without_target_rows_the_baseline_is_fitted(make_domains):
    X, y, _ = make_domains()
    with pytest.warns(NoTargetWarning, match="AdaptationSearchCV is fitted without target rows"):
        model = search(n_jobs=1).fit(X, y)
    assert (model.best_method_, model.n_splits_) == ("baseline", 0)
    assert np.isnan(model.best_score_)
    assert_array_equal(model.predict(X), LogisticRegression().fit(X, y).predict(X))


def test_no_candidate_is_the_baseline_alone(make_domains):
    X, y, d = make_domains()
    for none in ([], {}):
        model = AdaptationSearchCV(none, cv=CV).fit(X, y, sample_domain=d)
        assert model.cv_results_["method"].tolist() == ["baseline"]


def test_a_bar_shows_the_progress(make_domains, capsys):
    X, y, d = make_domains()
    AdaptationSearchCV([SourceOnly()], cv=CV, verbose=True).fit(X, y, sample_domain=d)
    printed = capsys.readouterr()
    assert "AdaptationSearchCV" in printed.out + printed.err
    assert "4/4" in printed.err or "4 of 4" in printed.out


# -- Failures -------------------------------------------------------------------------------------


def test_a_candidate_that_fails_is_warned_of_and_cannot_win(make_domains):
    X, y, d = make_domains()
    model = AdaptationSearchCV({"bad": Failing(ValueError("no luck"))}, cv=CV)
    text = "candidate bad failed on 2 of 2 splits and cannot win: ValueError: no luck"
    with pytest.warns(FitFailedWarning, match=text):
        model.fit(X, y, sample_domain=d)
    assert model.best_method_ == "baseline"
    assert model.cv_results_["rank_test_class_mixture"].tolist() == [1, 2]


def test_a_value_that_is_not_finite_is_a_failure(make_domains):
    X, y, d = make_domains()

    def criterion(model, X, y, sample_domain):
        return -1.0 if isinstance(model, SourceOnly) else np.inf

    model = AdaptationSearchCV([adapted(PerDomain())], scoring=[criterion, "oracle"], cv=CV)
    with pytest.warns(FitFailedWarning, match=r"cannot win: a criterion is \[inf"):
        model.fit(X, y, sample_domain=d)
    assert model.best_method_ == "baseline"


def test_a_baseline_that_fails_is_an_error_and_leaves_nothing(make_domains):
    X, y, d = make_domains()
    model = AdaptationSearchCV([], baseline=Failing(ValueError("no luck")), cv=CV)
    with pytest.raises(ValueError, match="the baseline cannot be judged: ValueError: no luck"):
        model.fit(X, y, sample_domain=d)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_it_can_be_interrupted(make_domains):
    X, y, d = make_domains()
    model = AdaptationSearchCV([], cv=CV).fit(X, y, sample_domain=d)
    before = vars(model).copy()
    model.set_params(candidates=[Failing(KeyboardInterrupt())])
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y, sample_domain=d)
    assert vars(model).keys() == before.keys()
    assert model.cv_results_ is before["cv_results_"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scoring": "accuracy"}, "'accuracy' is not a criterion; choose one of circular_v"),
        ({"scoring": []}, "scoring is an empty list; pass one criterion at least"),
        ({"candidates": ["tca"]}, "candidates holds 'tca', which is no estimator; pass estimators"),
        ({"candidates": [TCA]}, "which is no estimator"),
        ({"candidates": [(SourceOnly(), {}, 1)]}, "which is no estimator; .* pairs of an estimat"),
        ({"candidates": [LogisticRegression()]}, r"does not take sample_domain .* SourceOnly"),
        ({"candidates": [SourceOnly(Ridge())]}, "is no classifier.* of the kind of its baseline"),
        ({"candidates": [(SourceOnly(), {"C": [1]})]}, "Invalid parameter 'C' for estimator"),
        ({"candidates": SourceOnly()}, "'candidates' parameter of AdaptationSearchCV must be"),
        ({"cv": "five"}, "'cv' parameter of AdaptationSearchCV must be"),
    ],
)
def test_wrong_parameters_are_named(make_domains, parameters, message):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match=message):
        AdaptationSearchCV(**{"candidates": [], "cv": CV} | parameters).fit(X, y, sample_domain=d)


def test_wrong_rows_are_named(make_domains):
    X, y, d = make_domains()
    with pytest.raises(ValueError, match="got no source row"):
        search().fit(X, y, sample_domain=-abs(d))
    with pytest.raises(ValueError, match="requires y to be passed"):
        search().fit(X, sample_domain=d)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        search().fit(X, y[1:], sample_domain=d)


def test_one_class_is_left_to_the_baseline(make_domains):
    X, y, d = make_domains()
    one = np.zeros_like(y)
    with pytest.raises(ValueError, match=r"the baseline cannot be judged: .* 2 classes"):
        search().fit(X, one, sample_domain=d)
    model = AdaptationSearchCV([make_pipeline(CORAL(), SourceOnly())], cv=CV)
    assert set(model.fit(X, one, sample_domain=d).predict(X)) == {0}


def test_other_warnings_are_none(make_domains):
    X, y, d = make_domains()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AdaptationSearchCV([adapted(PerDomain())], cv=CV).fit(X, y, sample_domain=d)


@pytest.mark.parametrize("cls", [AdaptationSearchCV, SafeTransfer])
def test_two_processes_work_under_the_same_configuration_as_one(cls, make_domains):
    """Steps that name columns see frames in every process where frames are asked for."""
    pytest.importorskip("pandas")
    X, y, d = make_domains(30, 24)
    X[d < 0] += [20.0, 0.0] + [0.0] * (X.shape[1] - 2)
    inner = make_pipeline(StandardScaler(), SelectsByName(["x0", "x1"]))
    model = cls([make_pipeline(PerDomain(), SourceOnly(inner))], baseline=SourceOnly(inner), cv=CV)
    with config_context(transform_output="pandas"):
        one, two = (
            clone(model).set_params(n_jobs=n_jobs).fit(X, y, sample_domain=d) for n_jobs in (1, 2)
        )
    assert_same_results(two.cv_results_, one.cv_results_)
    assert np.isfinite(one.cv_results_["trimmed_rank"] if cls is SafeTransfer else [0]).all()


def counts(seed=0, n=60):
    """Word counts of two topics; in the target words occur at other rates."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.3, size=(2, 120))
    y, d = np.arange(2 * n) % 2, np.repeat([1, -2], n)
    return rng.poisson(rates[y] * np.where(d > 0, 1, 0.7)[:, None]).astype(float), y, d


@pytest.mark.parametrize("cls", [AdaptationSearchCV, SafeTransfer])
def test_sparse_rows_give_what_dense_ones_give(cls):
    X, y, d = counts()
    scaler = PerDomain(StandardScaler(with_mean=False))
    model = cls([adapted(scaler)], baseline=SourceOnly(LogisticRegression()), cv=CV)
    dense = clone(model).fit(X, y, sample_domain=d)
    for form in (sparse.csr_array, sparse.csc_matrix):
        found = clone(model).fit(form(X), y, sample_domain=d)
        assert found.best_method_ == dense.best_method_
        assert found.best_score_ == pytest.approx(dense.best_score_, abs=1e-4)
        assert_array_equal(found.predict(form(X)), dense.predict(X))
        if cls is SafeTransfer:
            assert found.decision_.shift_pvalue == dense.decision_.shift_pvalue


@pytest.mark.parametrize("name", scorer_names())
def test_criteria_judge_sparse_rows_as_dense_ones(name):
    X, y, d = counts()
    found, dense = (
        AdaptationSearchCV([], baseline=SourceOnly(LogisticRegression()), scoring=name, cv=CV)
        .fit(rows, y, sample_domain=d)
        .best_score_
        for rows in (sparse.csr_array(X), X)
    )
    assert found == pytest.approx(dense, abs=1e-3)


@pytest.mark.parametrize("cls", [AdaptationSearchCV, SafeTransfer])
def test_texts_are_searched_with_a_vectorizer_in_each_candidate(cls):
    X, y, d = counts()
    words = [f"word{j}" for j in range(X.shape[1])]
    texts = [" ".join(np.repeat(words, row.astype(int))) for row in X]
    model = cls(
        {"svd": make_pipeline(TfidfVectorizer(), TruncatedSVD(5, random_state=0), SourceOnly())},
        baseline=make_pipeline(TfidfVectorizer(), SourceOnly(LogisticRegression())),
        cv=CV,
    ).fit(texts, y, sample_domain=d)
    assert model.score(texts, y, sample_domain=d) > 0.8
