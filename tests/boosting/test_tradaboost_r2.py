"""TrAdaBoost.R2: its weights and its vote are those of the paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from skdomain import NoTargetWarning
from skdomain.boosting import TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.boosting._adaboost_r2 import adaboost_r2, adjusted_errors
from skdomain.boosting._training import Learner
from skdomain.boosting._votes import weighted_median


def paper_r2(estimator=None, **options):
    """TrAdaBoost.R2 as in the paper, around a tree unless told otherwise."""
    options = {"balance": False, "n_folds": None} | options
    return TrAdaBoostR2(estimator or DecisionTreeRegressor(max_depth=3), **options)


def paper_two_stage(estimator=None, **options):
    """The two stages as in the paper, around a tree unless told otherwise."""
    options = {"balance": False, "cautious": False} | options
    return TwoStageTrAdaBoostR2(estimator or DecisionTreeRegressor(max_depth=3), **options)


BOTH = pytest.mark.parametrize(
    "method",
    [paper_r2(n_estimators=6), paper_two_stage(n_estimators=4, n_steps=3, n_folds=3)],
    ids=lambda method: type(method).__name__,
)


class Scripted(RegressorMixin, BaseEstimator):
    """Regressor that predicts, in its k-th fit, the k-th column of the table that X indexes."""

    def __init__(self, table):
        self.table = table

    def __sklearn_clone__(self):
        return self  # one script for all rounds

    def fit(self, X, y, sample_weight=None):
        self.fits_ = [*getattr(self, "fits_", []), np.array(sample_weight)]
        return Scripted(self.table)._at(len(self.fits_) - 1)

    def _at(self, column):
        self.column_ = column
        return self

    def predict(self, X):
        return np.asarray(self.table, dtype=float)[X[:, 0].astype(int), self.column_]


def scripted(*columns):
    """Learner with one column of predictions a round, rows 0, 1, ... of X."""
    return Scripted(np.transpose(columns).tolist())


def domains(n_source=40, n_target=8, *, seed=0, n_features=3):
    """Linear values; a coefficient has the other sign in every second source row."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_source + n_target, n_features))
    d = np.repeat([1, -2], [n_source, n_target])
    odd = (np.arange(len(X)) % 2 == 1) & (d > 0)
    y = X[:, 0] + X[:, 1] * np.where(odd, -1, 1) + 0.1 * rng.normal(size=len(X))
    order = rng.permutation(len(X))
    return X[order], y[order], d[order]


# -- By hand ------------------------------------------------------------------------------------


def test_three_rounds_worked_by_hand():
    """Rows 0-2 are source, 3-4 target, all y are 0: a prediction is its error.

    N = 3, beta = 1 / (1 + sqrt(2 ln 3 / 3)) = 0.5388, start w = (1, 1, 1, 1, 1) / 5.

    Round 1 predicts (4, 2, 0, 1, 1), so e = (1, 1/2, 0, 1/4, 1/4) and on the target
    eps = 1/4, beta_1 = 1/3: w = (b, sqrt b, 1, 3^(1/4), 3^(1/4)) / 5.
    Round 2 predicts (0, 3, 3, 3, 0), so e = (0, 1, 1, 1, 0). The target weights are equal still:
    eps = 1/2, no better than chance. To go on, it predicts (0, 5, 5, 1, 2) instead:
    e = (0, 1, 1, 1/5, 2/5), eps = 3/10, beta_2 = 3/7:
    w = (b, b^(3/2), b, 3^(1/4) (7/3)^(1/5), 3^(1/4) (7/3)^(2/5)) / 5.
    Round 3 predicts (-1, 1, 0, 1, 0): e = (1, 1, 0, 1, 0) and, as the second target row outweighs
    the first by (7/3)^(1/5), eps = 1 / (1 + (7/3)^(1/5)).
    """
    X, y, d = np.arange(5.0)[:, None], np.zeros(5), np.array([1, 1, 1, -1, -1])
    learner = scripted([4, 2, 0, 1, 1], [0, 5, 5, 1, 2], [-1, 1, 0, 1, 0])
    model = paper_r2(learner, n_estimators=3).fit(X, y, sample_domain=d)
    b = 1 / (1 + np.sqrt(2 * np.log(3) / 3))
    q, r = 3**0.25, (7 / 3) ** 0.2
    weights = [
        [1, 1, 1, 1, 1],
        [b, b**0.5, 1, q, q],
        [b, b**1.5, b, q * r, q * r**2],
    ]
    assert b == pytest.approx(0.5388, abs=1e-4)
    expected = np.array([w / np.sum(w) for w in weights])
    assert_allclose(model.weight_history_, expected, rtol=1e-13)
    assert_allclose(learner.fits_, 5 * expected, rtol=1e-13)
    assert_allclose(model.estimator_errors_, [1 / 4, 3 / 10, 1 / (1 + r)], rtol=1e-13)
    assert_allclose(model.estimator_weights_, [np.log(3), np.log(7 / 3), np.log(r)], rtol=1e-13)
    assert (model.n_iter_, model.termination_) == (3, "n_estimators")
    # rounds ceil(3/2) = 2 and 3 vote, and round 2 has more than half of the votes
    assert_array_equal(model.predict(X), [0, 5, 5, 1, 2])


def test_without_target_two_rounds_of_adaboost_r2_worked_by_hand():
    """Drucker's update: w <- w beta^(1 - e), beta = eps / (1 - eps), eps over all rows.

    Round 1 predicts (4, 2, 0, 0): e = (1, 1/2, 0, 0), eps = 3/8, beta = 3/5,
    w = (1, sqrt(3/5), 3/5, 3/5). Round 2 predicts (0, 0, 1, 0): eps = (3/5) / (11/5 + sqrt(3/5)).
    """
    X, y = np.arange(4.0)[:, None], np.zeros(4)
    with pytest.warns(NoTargetWarning):
        model = paper_r2(scripted([4, 2, 0, 0], [0, 0, 1, 0]), n_estimators=2).fit(X, y)
    w = np.array([1, np.sqrt(0.6), 0.6, 0.6])
    assert_allclose(model.weight_history_, [np.full(4, 0.25), w / w.sum()], rtol=1e-13)
    assert_allclose(model.estimator_errors_, [3 / 8, 0.6 / w.sum()], rtol=1e-13)
    assert_array_equal(model.predict(X), [0, 0, 1, 0])


@pytest.mark.parametrize("n_rounds", [1, 2, 3, 4, 5, 6, 7])
def test_rounds_from_the_middle_one_on_vote_and_no_others(n_rounds):
    """Round t predicts t on all rows that are scored; its votes are equal by construction.

    The rows of the fit are errors 1, 0 on the target in turn, so eps is always below 1/2.
    """
    X, y, d = np.arange(4.0)[:, None], np.zeros(4), np.array([1, -1, -1, -1])
    columns = [np.where(np.arange(5) < 4, [2, 1, 0, 0, 0], t) for t in range(1, n_rounds + 1)]
    model = paper_r2(scripted(*columns), n_estimators=n_rounds).fit(X, y, sample_domain=d)
    new = np.array([[4.0]])
    first = int(np.ceil(n_rounds / 2))
    votes = model.estimator_weights_[first - 1 :]
    reached = np.cumsum(votes) >= votes.sum() / 2
    assert model.predict(new) == first + np.argmax(reached)
    model.estimator_weights_[: first - 1] = 1e9  # of those that must have no say
    assert model.predict(new) == first + np.argmax(reached)
    model.estimator_weights_[first - 1] = 1e12
    assert model.predict(new) == first


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@given(seed=st.integers(0, 2**16), n_rounds=st.integers(1, 9))
def test_fit_is_the_paper_in_plain_loops(seed, n_rounds):
    """Products and sums, no logarithms of weights."""
    X, y, d = domains(seed=seed)
    tree = DecisionTreeRegressor(max_depth=2, random_state=0)
    found = paper_r2(tree, n_estimators=n_rounds, random_state=3).fit(X, y, sample_domain=d)
    w, source = np.ones(len(y)) / len(y), d > 0
    for t, model in enumerate(found.estimators_):
        assert_allclose(found.weight_history_[t], w / w.sum(), rtol=1e-10)
        residuals = np.abs(y - model.predict(X))
        e = residuals / residuals.max()
        eps = np.sum(w[~source] * e[~source]) / np.sum(w[~source])
        assert found.estimator_errors_[t] == pytest.approx(eps)
        assert eps < 0.5 or found.n_iter_ == 1
        for i in range(len(y)):
            if source[i]:
                w[i] *= (1 / (1 + np.sqrt(2 * np.log(source.sum()) / n_rounds))) ** e[i]
            else:
                w[i] *= (eps / (1 - eps)) ** -e[i]
    assert found.n_iter_ == n_rounds or found.termination_ == "no better than chance"


# -- Weighted median, adjusted errors -----------------------------------------------------------


@given(
    values=arrays(
        float, st.tuples(st.integers(1, 7), st.integers(1, 4)), elements=st.floats(-9, 9)
    ),
    seed=st.integers(0, 2**16),
)
def test_the_weighted_median_is_the_first_value_that_half_of_the_votes_do_not_exceed(values, seed):
    votes = np.random.default_rng(seed).integers(1, 5, len(values)).astype(float)
    found = weighted_median(values, votes)
    for column, median in zip(values.T, found, strict=True):
        below = {v: sum(votes[k] for k in range(len(votes)) if column[k] <= v) for v in column}
        assert median == min(v for v in column if below[v] >= votes.sum() / 2)


@given(seed=st.integers(0, 2**16))
def test_the_weighted_median_minimises_the_weighted_absolute_distance(seed):
    rng = np.random.default_rng(seed)
    values, votes = rng.normal(size=(6, 5)), rng.uniform(size=6)
    cost = np.einsum("k,kcn->cn", votes, np.abs(values[:, None] - values[None]))
    chosen = votes @ np.abs(values - weighted_median(values, votes))
    assert_allclose(chosen, cost.min(axis=0))


def test_equal_votes_are_the_lower_median_and_infinite_ones_decide_alone():
    values = np.array([[4.0], [1.0], [3.0], [2.0]])
    assert weighted_median(values, np.ones(4)) == 2
    assert weighted_median(values, np.array([5, 5, 5, np.inf])) == 2
    assert weighted_median(values, np.array([np.inf, 5, 5, 5])) == 4
    assert weighted_median(values[:1], np.zeros(1)) == 4


@given(residuals=arrays(float, st.integers(1, 9), elements=st.floats(-1e100, 1e100)))
def test_adjusted_errors_are_at_most_1_which_the_worst_row_has(residuals):
    errors = adjusted_errors(np.zeros(len(residuals)), residuals)
    assert errors.min() >= 0
    assert errors.max() == np.any(residuals)
    if np.any(residuals):
        assert errors[np.argmax(np.abs(residuals))] == 1


# -- What the weights do ------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@given(seed=st.integers(0, 2**16))
def test_source_weights_never_rise_against_target_weights(seed):
    X, y, d = domains(seed=seed)
    model = paper_r2(n_estimators=15, random_state=0).fit(X, y, sample_domain=d)
    history, source = model.weight_history_, d > 0
    ratios = history[:, source][:, :, None] / history[:, ~source][:, None, :]
    assert np.all(np.diff(ratios, axis=0) <= 1e-12 * ratios[:-1])
    assert_allclose(history.sum(axis=1), 1)
    assert model.n_iter_ == 1 or history[-1, ~source].sum() > history[0, ~source].sum()


def test_source_rows_that_contradict_the_target_fade_and_the_others_stay():
    """Half of the source rows are off by 5; a tree cannot serve both."""
    rng = np.random.default_rng(0)
    X, d = rng.normal(size=(220, 2)), np.repeat([1, -2], [200, 20])
    y = X[:, 0] + 5 * (np.arange(220) < 100)
    model = paper_r2(random_state=0).fit(X, y, sample_domain=d)
    wrong, right = model.weight_history_[-1, :100], model.weight_history_[-1, 100:200]
    assert np.median(wrong) < 0.01 * np.median(right)


def test_extreme_rounds_neither_underflow_nor_overflow():
    """beta_t is 1e-200 in each of 40 rounds and one target row is always the worst one."""
    X, y, d = np.arange(3.0)[:, None], np.zeros(3), np.array([1, -1, -1])
    table = [np.array([1e200, 1.0, 0.5])] * 40
    model = paper_r2(scripted(*table), n_estimators=40).fit(X, y, sample_domain=d)
    assert np.isfinite(model.weight_history_).all()
    assert_allclose(model.weight_history_.sum(axis=1), 1)
    assert model.estimator_errors_[0] == pytest.approx(0.75e-200)


def test_sample_weights_are_the_first_weights_and_zero_is_left_out():
    X, y, d = domains()
    weight = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    kept, tree = weight > 0, DecisionTreeRegressor(max_depth=2, random_state=0)
    model = paper_r2(tree, n_estimators=4, random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weight, sample_domain=d)
    without = clone(model).fit(X[kept], y[kept], sample_weight=weight[kept], sample_domain=d[kept])
    assert_allclose(weighted.weight_history_[0], weight[kept] / weight.sum())
    assert_array_equal(weighted.weight_history_, without.weight_history_)
    assert_array_equal(weighted.predict(X), without.predict(X))


# -- Early ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize("perfect_round", [1, 2, 3])
def test_a_model_that_is_right_on_the_target_ends_the_rounds_and_decides(perfect_round):
    X, y, d = np.arange(4.0)[:, None], np.zeros(4), np.array([1, 1, -1, -1])
    columns = [[9, 9, 4, 1]] * (perfect_round - 1) + [[7, 8, 0, 0]] + [[1, 1, 1, 1]]
    model = paper_r2(scripted(*columns), n_estimators=9).fit(X, y, sample_domain=d)
    assert (model.termination_, model.n_iter_) == ("perfect", perfect_round)
    assert model.estimator_errors_[-1] == 0
    assert np.isposinf(model.estimator_weights_[-1])
    assert_array_equal(model.predict(X), [7, 8, 0, 0])


def test_a_model_that_is_right_on_all_rows_has_no_error_and_no_division_by_zero():
    X, y, d = np.arange(3.0)[:, None], np.zeros(3), np.array([1, 1, -1])
    model = paper_r2(scripted([0, 0, 0])).fit(X, y, sample_domain=d)
    assert (model.termination_, model.n_iter_) == ("perfect", 1)


def test_a_first_model_no_better_than_chance_is_all_there_is_and_a_warning_says_so():
    X, y, d = np.arange(3.0)[:, None], np.zeros(3), np.array([1, -1, -1])
    with pytest.warns(ConvergenceWarning, match=r"error of 0\.75 in the first round is no better"):
        model = paper_r2(scripted([1, 2, 1])).fit(X, y, sample_domain=d)
    assert (model.termination_, model.n_iter_) == ("no better than chance", 1)
    assert_array_equal(model.estimator_weights_, [1])
    assert_array_equal(model.predict(X), [1, 2, 1])


def test_a_later_model_no_better_than_chance_is_dropped():
    X, y, d = np.arange(3.0)[:, None], np.zeros(3), np.array([1, -1, -1])
    model = paper_r2(scripted([4, 1, 1], [1, 1, 1])).fit(X, y, sample_domain=d)
    assert (model.termination_, model.n_iter_) == ("no better than chance", 1)
    assert_array_equal(model.predict(X), [4, 1, 1])


# -- Both boosted regressors --------------------------------------------------------------------


@BOTH
def test_unlabelled_target_rows_are_left_out_and_their_values_not_read(method):
    X, y, d = domains(n_target=14)
    labelled = np.ones(len(y), dtype=bool)
    labelled[np.flatnonzero(d < 0)[:5]] = False
    method = clone(method).set_params(random_state=0)
    blind = clone(method).fit(
        X, np.where(labelled, y, np.nan), sample_domain=d, labelled=labelled.tolist()
    )
    without = clone(method).fit(X[labelled], y[labelled], sample_domain=d[labelled])
    assert_array_equal(blind.predict(X), without.predict(X))
    assert_array_equal(blind.weight_history_, without.weight_history_)


@BOTH
def test_permuting_the_rows_changes_nothing_to_the_last_bit(method):
    X, y, d = domains(n_target=12)
    y = np.round(y, 1)  # ties
    order = np.random.default_rng(0).permutation(len(y))
    method = clone(method).set_params(random_state=0)
    straight = clone(method).fit(X, y, sample_domain=d)
    permuted = clone(method).fit(X[order], y[order], sample_domain=d[order])
    assert_array_equal(permuted.predict(X), straight.predict(X))
    assert_array_equal(permuted.weight_history_, straight.weight_history_[:, order])
    assert_array_equal(permuted.estimator_errors_, straight.estimator_errors_)


@BOTH
def test_the_last_stage_predicts_as_the_model_and_the_first_as_its_first_round(method):
    X, y, d = domains()
    model = clone(method).set_params(random_state=0).fit(X, y, sample_domain=d)
    stages = list(model.staged_predict(X))
    assert len(stages) == model.n_iter_ > 2
    assert_array_equal(stages[-1], model.predict(X))
    assert_array_equal(stages[0], model.estimators_[0].predict(X))


@BOTH
def test_the_score_is_r2_on_target_rows(method):
    X, y, d = domains(n_target=12)
    model = clone(method).set_params(random_state=0).fit(X, y, sample_domain=d)
    target, weight = d < 0, np.arange(len(y)) + 1.0
    told = np.where(target, y, np.nan)
    expected = r2_score(y[target], model.predict(X[target]), sample_weight=weight[target])
    assert model.score(X, told, sample_weight=weight, sample_domain=d) == expected
    assert model.score(X[target], y[target]) == r2_score(y[target], model.predict(X[target]))


@BOTH
def test_without_target_it_is_adaboost_r2_on_all_rows_and_all_rounds_vote(method):
    X, y, _ = domains()
    model = clone(method).set_params(n_estimators=7, random_state=0)
    with pytest.warns(NoTargetWarning):
        model.fit(X, y)
    order = np.argsort(y)
    rounds = adaboost_r2(
        Learner(DecisionTreeRegressor(max_depth=3)),
        X[order],
        y[order],
        np.ones(len(y)),
        moving=np.ones(len(y), dtype=bool),
        n_estimators=7,
        seed=0,
    )
    assert_array_equal(model.weight_history_[:, order], rounds.history)
    values = np.array([tree.predict(X) for tree in rounds.estimators])
    assert_array_equal(model.predict(X), weighted_median(values, rounds.votes))
    assert len(values) == 7


@BOTH
def test_an_estimator_without_sample_weight_is_an_error_that_names_others(method):
    X, y, d = domains()
    model = clone(method).set_params(estimator=KNeighborsRegressor())
    text = "KNeighborsRegressor.fit takes no sample_weight; wrap .* DecisionTreeRegressor, Ridge"
    with pytest.raises(ValueError, match=text):
        model.fit(X, y, sample_domain=d)


@BOTH
def test_predictions_that_are_not_finite_are_an_error(method):
    X, y, d = domains()

    class Infinite(DummyRegressor):
        def predict(self, X):
            return np.full(len(X), np.inf)

    with pytest.raises(ValueError, match="off by inf: the estimator predicts values that are not"):
        clone(method).set_params(estimator=Infinite()).fit(X, y, sample_domain=d)


@BOTH
def test_any_weighted_regressor_will_do(method):
    X, y, d = domains(n_target=12)
    model = clone(method).set_params(estimator=Ridge(1e-3)).fit(X, y, sample_domain=d)
    assert isinstance(model.estimators_[0], Ridge)
    source_only = Ridge(1e-3).fit(X[d > 0], y[d > 0])
    assert model.score(X, y, sample_domain=d) > source_only.score(X[d < 0], y[d < 0])


@BOTH
def test_verbose_shows_a_bar_and_changes_nothing(method, capsys):
    X, y, d = domains()
    quiet = clone(method).set_params(random_state=0).fit(X, y, sample_domain=d)
    assert capsys.readouterr() == ("", "")
    loud = clone(method).set_params(random_state=0, verbose=1).fit(X, y, sample_domain=d)
    assert type(method).__name__ in "".join(capsys.readouterr())
    assert_array_equal(loud.predict(X), quiet.predict(X))
