"""Pseudo-label iteration as a user meets it."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import SVC

from skdomain.subspace import DJPMMD, JDA, TCA

both = pytest.mark.parametrize("method", [JDA, DJPMMD])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Interrupted(KNeighborsClassifier):
    """Nearest neighbour whose user gives up at the second prediction."""

    predictions = 0

    def predict(self, X):
        Interrupted.predictions += 1
        if Interrupted.predictions == 2:
            raise KeyboardInterrupt
        return super().predict(X)


@both
def test_progress_is_a_bar(method, make_domains, capsys):
    pytest.importorskip("tqdm")
    X, y, d = make_domains()
    method(2, verbose=1).fit(X, y, sample_domain=d)
    assert f"{method.__name__}:" in capsys.readouterr().err


@both
def test_progress_is_printed_without_tqdm(method, make_domains, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    X, y, d = make_domains()
    model = method(2, verbose=1).fit(X, y, sample_domain=d)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{method.__name__}: iteration 1 of 10"
    assert len(lines) <= model.n_iter_


@both
def test_nothing_is_printed_by_default(method, make_domains, capsys):
    X, y, d = make_domains()
    method(2).fit(X, y, sample_domain=d)
    assert capsys.readouterr() == ("", "")


@both
def test_interruption_leaves_the_earlier_fit(method, make_domains, monkeypatch):
    X, y, d = make_domains()
    model = method(2).fit(X, y, sample_domain=d)
    before = model.predict(X)
    monkeypatch.setattr(Interrupted, "predictions", 0)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(estimator=Interrupted(1), n_components=1).fit(-X, y, sample_domain=d)
    np.testing.assert_array_equal(model.predict(X), before)


@both
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@pytest.mark.parametrize("mu", [0, 1])
def test_either_end_of_mu_separates_separable_classes(method, kernel, mu, make_domains):
    # without pseudo-labels mu = 1 leaves M = 0: BDA's 0/0 and DJP-MMD's cancelled source blocks
    X, y, d = make_domains()
    model = method(3, kernel=kernel, mu=mu).fit(X, y, sample_domain=d)
    assert np.isfinite(model.history_["objective"]).all()
    assert np.mean(model.pseudo_labels_ == y[d < 0]) > 0.9


@both
def test_history_has_an_entry_an_iteration(method, make_domains):
    X, y, d = make_domains()
    model = method(2, max_iter=7).fit(X, y, sample_domain=d)
    for entries in model.history_.values():
        assert len(entries) == model.n_iter_
    assert model.history_["label_changes"][0] == (d < 0).sum()
    last = model.history_["label_changes"][-1]
    assert model.termination_ == ("max_iter" if last else "converged")
    assert model.history_["objective"][-1] == pytest.approx(model.eigenvalues_.sum())


@both
def test_labels_of_the_last_iteration_start_a_fixed_point(method, make_domains):
    # the fixed point of T iterations is that of any more
    X, y, d = make_domains()
    model = method(2).fit(X, y, sample_domain=d)
    assert model.termination_ == "converged"
    more = clone(model).set_params(max_iter=50).fit(X, y, sample_domain=d)
    np.testing.assert_array_equal(more.pseudo_labels_, model.pseudo_labels_)
    assert more.n_iter_ == model.n_iter_


@both
@pytest.mark.parametrize("inner", [LogisticRegression(), GaussianNB(), KNeighborsClassifier(3)])
def test_confidence_is_the_mean_largest_probability_of_the_target_rows(method, inner, make_domains):
    X, y, d = make_domains(n_classes=3)
    X, y = X + np.random.default_rng(1).normal(scale=2, size=X.shape), np.array(["c", "a", "b"])[y]
    model = method(2, estimator=inner).fit(X, y, sample_domain=d)
    assert len(model.history_["confidence"]) == model.n_iter_
    Z = model.transform(X[d < 0], sample_domain=d[d < 0])
    by_hand = [max(p) for p in model.estimator_.predict_proba(Z)]
    last = model.history_["confidence"][-1]
    assert last == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-6)
    assert 1 / 3 < last < 1


@both
def test_the_confidence_of_each_iteration_is_that_of_a_fit_that_ends_there(method, make_domains):
    X, y, d = make_domains()
    X = X + np.random.default_rng(1).normal(scale=2, size=X.shape)
    model = method(2, estimator=GaussianNB(), max_iter=4).fit(X, y, sample_domain=d)
    assert model.n_iter_ > 1
    ends = [
        clone(model).set_params(max_iter=t).fit(X, y, sample_domain=d).history_["confidence"][-1]
        for t in range(1, model.n_iter_ + 1)
    ]
    np.testing.assert_array_equal(model.history_["confidence"], ends)


@both
@pytest.mark.parametrize("inner", [None, KNeighborsClassifier(1), SVC()])
def test_labels_without_probabilities_between_0_and_1_have_no_confidence(
    method, inner, make_domains
):
    X, y, d = make_domains()
    model = method(2, estimator=inner).fit(X, y, sample_domain=d)
    assert "confidence" not in model.history_


@both
@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
def test_without_target_rows_there_is_no_confidence(method, make_domains):
    X, y, _ = make_domains()
    model = method(2, estimator=GaussianNB()).fit(X, y)
    assert "confidence" not in model.history_


@both
def test_normalize_means_rows_of_unit_norm(method, make_domains):
    X, y, d = make_domains()
    scaled = method(2).fit(X, y, sample_domain=d).transform(X)
    assert_allclose(np.linalg.norm(scaled, axis=1), 1)
    raw = method(2, normalize=False).fit(X, y, sample_domain=d).transform(X)
    assert np.ptp(np.linalg.norm(raw, axis=1)) > 1


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
@pytest.mark.parametrize("estimator", [None, LogisticRegression()], ids=["1-NN", "logistic"])
@pytest.mark.parametrize("kernel", ["primal", "linear", "rbf"])
@both
def test_without_target_there_is_only_the_classifier_on_the_projection(
    method, kernel, estimator, make_domains
):
    X, y, _ = make_domains(n_classes=3)
    model = method(2, kernel=kernel, estimator=estimator).fit(X, y)
    tca = TCA(2, kernel=kernel).fit(X)
    inner = clone(estimator or KNeighborsClassifier(1)).fit(normalize(tca.transform(X)), y)
    new = make_domains(n_classes=3, seed=1)[0]
    assert_allclose(model.transform(new), normalize(tca.transform(new)), atol=1e-10)
    assert_array_equal(model.predict(new), inner.predict(normalize(tca.transform(new))))
    assert (model.n_iter_, model.termination_, len(model.pseudo_labels_)) == (1, "converged", 0)


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@both
def test_labels_that_still_change_are_a_warning_that_says_what_to_do(method, make_domains):
    X, y, d = make_domains()
    text = (
        rf"iteration 1 of {method.__name__} still changed 14 pseudo-labels; the labels returned "
        "are its. To reach a fixed point, raise max_iter."
    )
    with pytest.warns(ConvergenceWarning, match=text):
        model = method(2, max_iter=1).fit(X, y, sample_domain=d)
    assert (model.n_iter_, model.termination_) == (1, "max_iter")
    model.set_params(max_iter=10).fit(X, y, sample_domain=d)
    assert (model.n_iter_ < 10, model.termination_) == (True, "converged")
    assert model.history_["label_changes"][-1] == 0
    assert {len(entries) for entries in model.history_.values()} == {model.n_iter_}
