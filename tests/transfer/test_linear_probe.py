"""The linear probe: what is frozen stays, the head is that of the labelled rows, and steps stop."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.pipeline import make_pipeline

from skdomain.transfer import LinearProbe


@pytest.fixture
def problem(make_domains):
    X, y, d = make_domains(60, 40)
    return X, np.where(d < 0, 1 - y, y), d


@pytest.mark.parametrize("fit_on", ["all", "source"])
def test_the_head_is_that_of_the_labelled_target_rows(problem, fit_on):
    X, y, d = problem
    model = LinearProbe(PCA(2), fit_on=fit_on).fit(X, y, sample_domain=d)
    body = PCA(2).fit(X if fit_on == "all" else X[d > 0])
    head = LogisticRegression().fit(body.transform(X[d < 0]), y[d < 0])
    assert_allclose(model.predict_proba(X), head.predict_proba(body.transform(X)))


def test_a_frozen_transformer_stays_as_it_is(problem):
    X, y, d = problem
    body = PCA(2).fit(X[d > 0])
    model = LinearProbe(FrozenEstimator(body)).fit(X, y, sample_domain=d)
    assert model.transformer_.estimator is body


def test_without_target_rows_it_is_the_head_of_the_source(problem):
    X, y = (a[problem[2] > 0] for a in problem[:2])
    with pytest.warns(UserWarning, match="does not adapt"):
        model = LinearProbe(PCA(2)).fit(X, y)
    expected = make_pipeline(PCA(2), LogisticRegression()).fit(X, y)
    assert_allclose(model.predict_proba(X), expected.predict_proba(X))


def tuned(problem, **params):
    X, y, d = problem
    model = LinearProbe(PCA(4), SGDClassifier(random_state=0), warm_start=True, random_state=0)
    return model.set_params(**params).fit(X, y, sample_domain=d)


def test_no_epoch_is_the_source_and_many_are_the_target(problem):
    X, y, d = problem
    still = tuned(problem, max_epochs=0)
    source = SGDClassifier(random_state=0).fit(still.transformer_.transform(X[d > 0]), y[d > 0])
    assert_array_equal(still.estimator_.coef_, source.coef_)
    assert still.n_epochs_ == 0
    moved = tuned(problem, max_epochs=200, n_iter_no_change=200)
    assert moved.score(X, y, sample_domain=d) > 0.9 > 0.5 > still.score(X, y, sample_domain=d)
    assert moved.n_epochs_ == np.argmax(moved.validation_scores_)


def test_a_source_that_is_right_takes_no_step(make_domains):
    X, y, d = make_domains(60, 40)
    X[:, 0] *= 10
    model = tuned((X, y, d))
    assert model.n_epochs_ == 0
    assert len(model.validation_scores_) == 1 + 5


def test_no_source_rows_are_needed_with_frozen_parts(problem):
    X, y, d = problem
    body = PCA(4).fit(X[d > 0])
    head = SGDClassifier(random_state=0).fit(body.transform(X[d > 0]), y[d > 0])
    before = head.coef_.copy()
    model = LinearProbe(FrozenEstimator(body), FrozenEstimator(head), warm_start=True)
    model.set_params(random_state=0, max_epochs=100).fit(X[d < 0], y[d < 0])
    assert_array_equal(head.coef_, before)
    assert model.score(X, y, sample_domain=d) > head.score(body.transform(X[d < 0]), y[d < 0])


@pytest.mark.parametrize("n_labelled", [1, 3, 12])
def test_few_labels_of_a_regressor_do(make_domains, n_labelled):
    X, y, d = make_domains()
    known = (d > 0) | (np.cumsum(d < 0) <= n_labelled)
    head = SGDRegressor(random_state=0)
    model = LinearProbe(None, head, warm_start=True, random_state=0)
    model.fit(X, y + X[:, 0], sample_domain=d, labelled=known)
    assert np.isfinite(model.predict(X)).all()


def test_what_cannot_be_continued_is_refused(problem):
    X, y, d = problem
    with pytest.raises(ValueError, match="LogisticRegression has no partial_fit; take SGDClass"):
        LinearProbe(warm_start=True).fit(X, y, sample_domain=d)
    y = np.where((d < 0) & (y == 1), 2, y)
    with pytest.raises(ValueError, match=r"knows the classes \[0, 1\], but .* labelled \[2\]"):
        tuned((X, y, d))
