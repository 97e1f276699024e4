"""A vote of candidates: it reads no target label, and gives what its three rules say."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import mode
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning, NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdomain import NoTargetWarning
from skdomain._estimators import call_with_domains
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationVotingClassifier,
    CircularValidation,
    DomainKFold,
    dawid_skene,
)
from skdomain.subspace import JDA, TCA

VOTINGS = ("soft", "hard", "latent")
LATENT = ("estimated_accuracy_", "confusions_", "priors_", "history_")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
each_voting = pytest.mark.parametrize("voting", VOTINGS)
votes_of_rows = given(
    n=st.integers(2, 30),
    n_voters=st.integers(1, 6),
    n_classes=st.integers(2, 4),
    seed=st.integers(0, 2**16),
)


def adapted(*steps):
    return make_pipeline(*steps, SourceOnly(LogisticRegression()))


def candidates():
    return {
        "scaled": adapted(PerDomain()),
        "tca": adapted(TCA(2, kernel="primal")),
        "jda": JDA(2, estimator=LogisticRegression(), kernel="primal"),
        "alone": SourceOnly(KNeighborsClassifier(3)),
    }


def vote(voting, models=None, **parameters):
    return AdaptationVotingClassifier(models or candidates(), voting=voting, **parameters)


def outputs(model, X, d):
    methods = ("predict", "predict_proba", "predict_log_proba")
    return [getattr(model, m)(X, sample_domain=d) for m in methods if hasattr(model, m)]


def assert_identical(got, expected):
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        assert_array_equal(one, other)


class Says(ClassifierMixin, BaseEstimator):
    """Predicts the class whose number stands in a column of X; all in one column if it is told."""

    __metadata_request__fit = {"sample_domain": True}

    def __init__(self, column=0, *, as_column=False):
        self.column = column
        self.as_column = as_column

    def fit(self, X, y, sample_domain=None):
        self.classes_ = np.unique(y[sample_domain > 0].astype(int))
        return self

    def predict(self, X):
        labels = self.classes_[X[:, self.column].astype(int)]
        return labels[:, None] if self.as_column else labels


class SaysHowSure(Says):
    """The same with probabilities: of its class p, of the others alike."""

    def __init__(self, column=0, *, p=0.9, as_column=False):
        super().__init__(column, as_column=as_column)
        self.p = p

    def predict_proba(self, X):
        said = np.eye(len(self.classes_))[X[:, self.column].astype(int)]
        return np.where(said == 1, self.p, (1 - self.p) / (len(self.classes_) - 1))


class Broken(Says):
    """Raises, or predicts what is no class, or has probabilities that are none."""

    def __init__(self, column=0, *, how="fit", as_column=False):
        super().__init__(column, as_column=as_column)
        self.how = how

    def fit(self, X, y, sample_domain=None):
        if self.how == "fit":
            raise RuntimeError("no way")
        return super().fit(X, y, sample_domain)

    def predict(self, X):
        return np.full(len(X), 99) if self.how == "predict" else super().predict(X)

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), np.nan if self.how == "proba" else 0.5)


class LearnsFromTarget(ClassifierMixin, BaseEstimator):
    """Trains on every row, whatever its domain."""

    __metadata_request__fit = {"sample_domain": True}

    def fit(self, X, y, sample_domain=None):
        self.model_ = KNeighborsClassifier(1).fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X)


def ballot(n, n_voters, n_classes, seed):
    """Votes as the columns of X, after a row of each class in the source."""
    rng = np.random.default_rng(seed)
    votes = rng.integers(n_classes, size=(n, n_voters))
    X = np.vstack([np.zeros((n_classes, n_voters), dtype=int), votes])
    y = np.concatenate([np.arange(n_classes), np.zeros(n, dtype=int)]) * 10
    d = np.repeat([1, -2], [n_classes, n])
    return votes, X, y, d


# -- Target labels --------------------------------------------------------------------------------


@each_voting
@settings(max_examples=3)
@given(seed=st.integers(0, 2**16), n_classes=st.integers(2, 3))
def test_what_y_holds_on_the_target_changes_no_bit(make_domains, voting, seed, n_classes):
    X, y, d = make_domains(30, 24, n_classes=n_classes, seed=seed)
    rng = np.random.default_rng(seed)
    expected = outputs(vote(voting).fit(X, y, sample_domain=d), X, d)
    for values in (rng.permutation(y), np.full(len(y), np.nan), None, "?"):
        labels = np.where(d < 0, np.array(values, dtype=object), y)
        assert_identical(outputs(vote(voting).fit(X, labels, sample_domain=d), X, d), expected)


def test_a_candidate_that_would_train_on_target_labels_has_no_vote(make_domains):
    X, y, d = make_domains()
    model = vote("hard", {"cheat": LearnsFromTarget(), "fair": SourceOnly()})
    with pytest.warns(FitFailedWarning, match="candidate cheat failed and has no vote"):
        model.fit(X, y, sample_domain=d)
    assert model.names_ == ["fair"]


# -- Rules ----------------------------------------------------------------------------------------


@votes_of_rows
def test_hard_is_the_mode_and_of_ties_the_first_class(n, n_voters, n_classes, seed):
    votes, X, y, d = ballot(n, n_voters, n_classes, seed)
    model = vote("hard", [Says(k) for k in range(n_voters)]).fit(X, y, sample_domain=d)
    assert_array_equal(model.predict(X[d < 0]), 10 * mode(votes, axis=1).mode)


@votes_of_rows
def test_ties_of_hard_go_to_the_largest_sum_of_probabilities(n, n_voters, n_classes, seed):
    """Voter k is sure to 0.5 + k / 50: ties are rare in the sums, and end with the first class."""
    votes, X, y, d = ballot(n, n_voters, n_classes, seed)
    p = 0.5 + np.arange(n_voters) / 50
    models = [SaysHowSure(k, p=p[k]) for k in range(n_voters)]
    model = vote("hard", models).fit(X, y, sample_domain=d)
    said = np.eye(n_classes)[votes]
    counts = said.sum(axis=1)
    sums = np.where(said == 1, p[:, None], ((1 - p) / (n_classes - 1))[:, None]).sum(axis=1)
    for row, label in enumerate(model.predict(X[d < 0]) // 10):
        leaders = np.flatnonzero(counts[row] == counts[row].max())
        assert label in leaders
        assert sums[row, label] >= sums[row, leaders].max() - 1e-12


def test_only_candidates_that_have_probabilities_settle_a_tie():
    X, y, d = np.array([[0, 0], [0, 0], [0, 1], [1, 0]]), np.array([0, 1, 0, 0]), [1, 1, -1, -1]
    for sure, expected in ((0, [0, 1]), (1, [1, 0])):
        models = [SaysHowSure(sure), Says(1 - sure)]
        model = vote("hard", models).fit(X, y, sample_domain=d)
        assert model.predict(X[2:]).tolist() == expected


def test_soft_is_the_mean_of_the_probabilities(make_domains):
    X, y, d = make_domains(n_classes=3)
    model = vote("soft").fit(X, y, sample_domain=d)
    probas = [
        call_with_domains(each, "predict_proba", X, sample_domain=d) for each in model.estimators_
    ]
    proba = model.predict_proba(X, sample_domain=d)
    assert_allclose(proba, np.mean(probas, axis=0), atol=1e-15)
    assert_array_equal(model.predict(X, sample_domain=d), proba.argmax(axis=1))
    for fitted, candidate in zip(model.estimators_, candidates().values(), strict=True):
        alone = call_with_domains(candidate, "fit", X, y, sample_domain=d)
        assert_allclose(
            call_with_domains(fitted, "predict_proba", X, sample_domain=d),
            call_with_domains(alone, "predict_proba", X, sample_domain=d),
            atol=1e-12,
        )


@votes_of_rows
def test_latent_is_dawid_and_skene_on_the_votes_on_target_rows(n, n_voters, n_classes, seed):
    votes, X, y, d = ballot(n, n_voters, n_classes, seed)
    models = [Says(k) for k in range(n_voters)]
    model = vote("latent", models, max_iter=100).fit(X, y, sample_domain=d)
    found = dawid_skene(votes, n_classes=n_classes, max_iter=100)
    assert_array_equal(model.confusions_, found.confusions)
    assert_array_equal(model.priors_, found.priors)
    assert_array_equal(model.estimated_accuracy_, found.accuracy)
    assert_array_equal(model.history_["log_likelihood"], found.log_likelihood)
    assert (model.n_iter_, model.termination_) == (found.n_iter, found.termination)
    assert_allclose(model.predict_proba(X[d < 0]), found.proba, atol=1e-12)
    assert_array_equal(model.predict(X), 10 * model.predict_proba(X).argmax(axis=1))


@each_voting
def test_new_rows_are_predicted_by_the_same_combination(make_domains, voting):
    X, y, d = make_domains(40, 40, n_classes=3)
    model = vote(voting).fit(X, y, sample_domain=d)
    new = make_domains(9, 11, n_classes=3, seed=7)[0]
    assert set(model.predict(new)) <= set(y)
    assert_array_equal(model.predict(new), [model.predict(row[None])[0] for row in new])
    assert_array_equal(model.predict(new), model.predict(new, sample_domain=np.full(20, -2)))


@each_voting
@pytest.mark.parametrize("name", ["scaled", "jda", "alone"])
def test_one_candidate_is_that_candidate(make_domains, voting, name):
    X, y, d = make_domains(n_classes=3)
    candidate = candidates()[name]
    model = vote(voting, [candidate]).fit(X, y, sample_domain=d)
    alone = call_with_domains(candidate, "fit", X, y, sample_domain=d)
    new = make_domains(9, 11, n_classes=3, seed=7)[0]
    for rows in (X[d < 0], new):
        expected = call_with_domains(alone, "predict", rows, sample_domain=-2)
        assert_array_equal(model.predict(rows, sample_domain=-2), expected)
        if voting == "soft":
            proba = call_with_domains(alone, "predict_proba", rows, sample_domain=-2)
            assert_allclose(model.predict_proba(rows, sample_domain=-2), proba, atol=1e-12)


def test_one_candidate_is_believed_on_classes_that_it_has_not_named_before():
    X, y, d = np.array([[0], [0], [0], [1], [1]]), [0, 1, 2, 0, 0], [1, 1, 1, -1, -1]
    model = vote("latent", [Says()]).fit(X, y, sample_domain=d)
    assert model.predict([[0], [1], [2]]).tolist() == [0, 1, 2]


# -- What does not matter -------------------------------------------------------------------------


@each_voting
@settings(max_examples=3)
@given(order=st.permutations(range(4)), seed=st.integers(0, 2**16))
def test_the_order_of_the_candidates_changes_no_bit(make_domains, voting, order, seed):
    X, y, d = make_domains(20, 20, n_classes=3, seed=seed)
    given_ = list(candidates().items())
    one = vote(voting).fit(X, y, sample_domain=d)
    other = vote(voting, dict(given_[k] for k in order)).fit(X, y, sample_domain=d)
    assert other.names_ == [one.names_[k] for k in order]
    assert_identical(outputs(other, X, d), outputs(one, X, d))
    if voting == "latent":
        assert_array_equal(other.estimated_accuracy_, one.estimated_accuracy_[list(order)])


@pytest.mark.parametrize("voting", ["soft", "hard"])
@votes_of_rows
def test_copies_of_all_candidates_change_nothing(voting, n, n_voters, n_classes, seed):
    _, X, y, d = ballot(n, n_voters, n_classes, seed)
    models = [SaysHowSure(k, p=0.5 + k / 64) for k in range(n_voters)]
    one, other = (vote(voting, each).fit(X, y, sample_domain=d) for each in (models, models * 2))
    assert_array_equal(other.predict(X), one.predict(X))
    if voting == "soft":
        assert_allclose(other.predict_proba(X), one.predict_proba(X), atol=1e-15)


def test_latent_takes_copies_for_further_witnesses():
    _, X, y, d = ballot(60, 3, 2, seed=0)
    X[d < 0, 0] = X[d < 0, 1] = np.where(np.arange(60) % 3, X[d < 0, 2], X[d < 0, 0])
    one, many = (vote("latent", [Says(k) for k in each]) for each in ([0, 2, 1], [0, 2, 2, 2, 1]))
    told, sure = (model.fit(X, y, sample_domain=d).estimated_accuracy_ for model in (one, many))
    assert sure[1] > told[1] + 0.01


def test_processes_change_nothing(make_domains):
    X, y, d = make_domains()
    one, two = (vote("latent", n_jobs=n).fit(X, y, sample_domain=d) for n in (None, 2))
    assert_identical(outputs(two, X, d), outputs(one, X, d))


# -- Candidates -----------------------------------------------------------------------------------


def test_every_point_of_a_grid_votes(make_domains):
    X, y, d = make_domains()
    grid = {"sourceonly__estimator__C": [0.01, 1.0]}
    model = vote("hard", [(adapted(PerDomain()), grid), SourceOnly()]).fit(X, y, sample_domain=d)
    assert model.names_ == ["perdomain-sourceonly"] * 2 + ["sourceonly"]
    assert model.params_ == [{key: C} for key in grid for C in grid[key]] + [{}]
    assert [each[-1].estimator_.C for each in model.estimators_[:2]] == [0.01, 1.0]


@pytest.mark.parametrize(
    ("how", "voting", "message"),
    [
        ("fit", "hard", "RuntimeError: no way"),
        ("predict", "hard", "predicts 99, which is no label of a source row"),
        ("predict", "latent", "predicts 99, which is no label of a source row"),
        ("proba", "soft", "class probabilities are not finite"),
    ],
)
def test_candidates_that_fail_are_told_and_left_out(how, voting, message):
    _, X, y, d = ballot(20, 3, 2, seed=0)
    models = {"good": SaysHowSure(0), "bad": Broken(1, how=how), "too": SaysHowSure(2)}
    with pytest.warns(FitFailedWarning, match=f"candidate bad failed and has no vote: .*{message}"):
        model = vote(voting, models).fit(X, y, sample_domain=d)
    assert model.names_ == ["good", "too"]
    del models["bad"]
    expected = vote(voting, models).fit(X, y, sample_domain=d)
    assert_identical(outputs(model, X, d), outputs(expected, X, d))


def test_where_all_fail_the_first_says_why(make_domains):
    X, y, d = make_domains()
    models = {"one": SourceOnly(LogisticRegression()), "other": SourceOnly()}
    model = vote("hard", models)
    with pytest.raises(ValueError, match=r"no candidate can vote; one failed: ValueError: Inpu.*N"):
        model.fit(X * np.nan, y, sample_domain=d)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_a_candidate_may_predict_a_single_column():
    _, X, y, d = ballot(20, 3, 3, seed=0)
    for voting in VOTINGS:
        flat, column = (
            vote(voting, [SaysHowSure(k, as_column=each) for k in range(3)]) for each in (0, 1)
        )
        flat, column = (model.fit(X, y, sample_domain=d) for model in (flat, column))
        assert column.predict(X).shape == (len(X),)
        assert_identical(outputs(column, X, d), outputs(flat, X, d))


class KnowsLess(SaysHowSure):
    """Has not met the first class."""

    def fit(self, X, y, sample_domain=None):
        super().fit(X, y, sample_domain)
        self.classes_ = self.classes_[1:]
        return self

    def predict(self, X):
        return self.classes_[np.minimum(X[:, self.column], 1)]

    def predict_proba(self, X):
        return np.tile([0.25, 0.75], (len(X), 1))


@each_voting
def test_a_candidate_may_know_fewer_classes(voting):
    _, X, y, d = ballot(20, 2, 3, seed=0)
    model = vote(voting, [SaysHowSure(0), KnowsLess(1)]).fit(X, y, sample_domain=d)
    assert_array_equal(model.classes_, [0, 10, 20])
    assert set(model.predict(X)) <= {0, 10, 20}
    if voting == "soft":
        one = SaysHowSure(0).fit(X, y, d).predict_proba(X)
        assert_allclose(model.predict_proba(X), np.add(one, [0, 0.25, 0.75]) / 2)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"candidates": []}, "candidates is empty; pass one classifier at least"),
        ({"candidates": {}}, "candidates is empty"),
        ({"candidates": ["tca"]}, "candidates holds 'tca', which is no estimator"),
        ({"candidates": [TCA]}, "which is no estimator"),
        ({"candidates": [SourceOnly(Ridge())]}, "which is no classifier"),
        ({"candidates": [LogisticRegression()]}, "does not take sample_domain .* SourceOnly"),
        ({"candidates": SourceOnly()}, "'candidates' parameter of AdaptationVotingClassifier must"),
        (
            {"candidates": {"svm": SourceOnly(LinearSVC())}},
            "needs the probabilities of all candidates, and svm has no predict_proba; pass voting=",
        ),
        ({"voting": "loud"}, "'voting' parameter of AdaptationVotingClassifier must be a str amo"),
        ({"max_iter": 0}, "'max_iter' parameter of AdaptationVotingClassifier"),
        ({"tol": -1.0}, "'tol' parameter of AdaptationVotingClassifier"),
    ],
)
def test_wrong_parameters_are_named(make_domains, parameters, message):
    X, y, d = make_domains()
    model = AdaptationVotingClassifier(**{"candidates": [SourceOnly()]} | parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, sample_domain=d)


def test_candidates_without_probabilities_may_vote(make_domains):
    X, y, d = make_domains()
    models = [SourceOnly(LinearSVC()), adapted(CORAL()), SourceOnly()]
    for voting in ("hard", "latent"):
        assert vote(voting, models).fit(X, y, sample_domain=d).score(X, y, sample_domain=d) > 0.8


# -- scikit-learn ---------------------------------------------------------------------------------


@each_voting
def test_methods_exist_where_there_are_probabilities(make_domains, voting):
    X, y, d = make_domains()
    for model in (vote(voting), vote(voting).fit(X, y, sample_domain=d)):
        assert hasattr(model, "predict_proba") == (voting != "hard")
        assert hasattr(model, "predict_log_proba") == (voting != "hard")
        assert not hasattr(model, "decision_function")


def test_a_second_fit_keeps_nothing_of_latent(make_domains):
    X, y, d = make_domains()
    model = vote("latent").fit(X, y, sample_domain=d)
    assert all(hasattr(model, name) for name in LATENT)
    model.set_params(voting="soft").fit(X, y, sample_domain=d)
    assert not any(hasattr(model, name) for name in LATENT)
    assert (model.n_iter_, model.termination_) == (1, "converged")


def test_a_loop_that_ends_too_soon_says_so(make_domains):
    _, X, y, d = ballot(30, 3, 3, seed=0)
    model = vote("latent", [Says(k) for k in range(3)], max_iter=1)
    with pytest.warns(ConvergenceWarning, match="max_iter=1"):
        model.fit(X, y, sample_domain=d)
    assert model.termination_ == "max_iter"


@each_voting
def test_without_target_rows_the_candidates_vote_as_they_are(make_domains, voting):
    X, y, _ = make_domains()
    model = vote(voting, [SourceOnly(), SourceOnly(LogisticRegression())])
    with pytest.warns(NoTargetWarning) as caught:
        model.fit(X, y)
    assert len(caught) == 1
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("routing", [False, True], ids=["routing off", "routing on"])
@each_voting
def test_a_pipeline_hands_domains_on(make_domains, voting, routing):
    X, y, d = make_domains()
    models = [SourceOnly(), make_pipeline(PerDomain(), CORAL(), SourceOnly(GaussianNB()))]
    Z = PerDomain().fit_transform(X, sample_domain=d)
    expected = vote(voting, models).fit(Z, y, sample_domain=d)
    with config_context(enable_metadata_routing=routing):
        pipe = make_pipeline(PerDomain(), vote(voting, models))
        if routing:
            pipe.fit(X, y, sample_domain=d)
        else:
            name = "adaptationvotingclassifier__sample_domain"
            pipe.fit(X, y, **{"perdomain__sample_domain": d, name: d})
    target = d < 0
    assert_array_equal(pipe.predict(X[target]), expected.predict(Z[target]))


def test_a_grid_search_chooses_the_kind_of_vote(make_domains):
    X, y, d = make_domains(30, 24)
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            vote("soft"), {"voting": VOTINGS}, scoring=CircularValidation(), cv=DomainKFold(2)
        ).fit(X, y, sample_domain=d)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@each_voting
def test_candidates_are_told_the_domains_that_they_ask_for(make_domains, voting):
    """PerDomain centres each domain by its own mean: source rows are other rows when told."""
    X, y, d = make_domains(shift=5)
    model = vote(voting, [adapted(PerDomain())]).fit(X, y, sample_domain=d)
    expected = call_with_domains(model.estimators_[0], "predict", X, sample_domain=d)
    assert_array_equal(model.predict(X, sample_domain=d), expected)
    assert model.score(X, y, sample_domain=d) == np.mean(expected[d < 0] == y[d < 0])


@each_voting
def test_data_frames_reach_the_candidates(frames, make_domains, voting):
    X, y, d = make_domains()
    frame = frames.frame(X, "abcd", index=np.arange(len(X))[::-1])
    model = vote(voting).fit(frame, frames.column(y), sample_domain=frames.column(d))
    assert model.feature_names_in_.tolist() == list("abcd")
    expected = outputs(vote(voting).fit(X, y, sample_domain=d), X, d)
    for got, other in zip(outputs(model, frame, d), expected, strict=True):
        assert_allclose(got, other, atol=1e-12)


@each_voting
def test_pickles_clones_and_second_fits_agree(make_domains, voting):
    X, y, d = make_domains(n_classes=3)
    names = np.array(["b", "a", "c"])
    X.flags.writeable = d.flags.writeable = False
    model = vote(voting).fit(X, names[y], sample_domain=d)
    expected = outputs(model, X, d)
    assert expected[0].dtype.kind == "U"
    assert_identical(outputs(pickle.loads(pickle.dumps(model)), X, d), expected)
    assert_identical(outputs(clone(model).fit(X, names[y], sample_domain=d), X, d), expected)
    assert_identical(outputs(model.fit(X, names[y], sample_domain=d), X, d), expected)


def test_a_failing_fit_leaves_an_earlier_one(make_domains):
    X, y, d = make_domains()
    model = vote("latent").fit(X, y, sample_domain=d)
    before = vars(model).copy()
    with pytest.raises(ValueError, match="no candidate can vote"):
        model.fit(X * np.nan, y, sample_domain=d)
    assert vars(model) == before


def test_a_bar_shows_how_far_it_is(make_domains, capsys):
    X, y, d = make_domains()
    vote("soft", verbose=True).fit(X, y, sample_domain=d)
    captured = capsys.readouterr()
    assert "AdaptationVotingClassifier" in captured.out + captured.err
