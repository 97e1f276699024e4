"""Pseudo-label iteration as a user meets it: progress, interruption, the ends of mu."""

import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from skdomain.subspace import DJPMMD, JDA

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
