"""Learners, frames and tools of other libraries inside of ours.

Each test is skipped where its library is absent: `make test-peers` installs them all.
"""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.boosting import TrAdaBoost
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import AdaptationSearchCV, SafeTransfer, get_scorer
from skdomain.subspace import JDA, TCA
from skdomain.weighting import ClassifierWeighting

# what other libraries warn of is theirs
pytestmark = pytest.mark.filterwarnings(
    "default::DeprecationWarning", "default::FutureWarning", "default::UserWarning"
)


def catboost():
    module = pytest.importorskip("catboost")
    return module.CatBoostClassifier(
        iterations=20, verbose=False, thread_count=1, allow_writing_files=False, random_seed=0
    )


def xgboost():
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=20, n_jobs=1, random_state=0)


def lightgbm():
    module = pytest.importorskip("lightgbm")
    return module.LGBMClassifier(n_estimators=20, n_jobs=1, verbose=-1, random_state=0)


LEARNERS = {"catboost": catboost, "xgboost": xgboost, "lightgbm": lightgbm}


@pytest.fixture(params=LEARNERS)
def learner(request):
    return LEARNERS[request.param]()


@pytest.fixture
def three_classes(make_domains):
    """Rows of three classes; of the first the target has none."""
    X, y, d = make_domains(90, 60, n_classes=3)
    kept = (d > 0) | (y > 0)
    return X[kept], y[kept], d[kept]


WRAPPERS = {
    "SourceOnly": SourceOnly,
    "ClassifierWeighting": ClassifierWeighting,
    "TrAdaBoost": lambda learner: TrAdaBoost(learner, n_estimators=3),
    "JDA": lambda learner: JDA(3, estimator=learner, max_iter=2),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_learners_of_other_libraries_give_a_label_a_row(wrapper, learner, three_classes):
    X, y, d = three_classes
    model = WRAPPERS[wrapper](learner).fit(X, y, sample_domain=d)
    predicted = model.predict(X, sample_domain=d)
    assert predicted.shape == y.shape
    assert set(predicted) <= set(y)
    truth = np.mean(predicted[d < 0] == y[d < 0])
    assert model.score(X, y, sample_domain=d) == pytest.approx(truth)


def test_criteria_see_the_predictions_of_other_libraries(learner, three_classes):
    X, y, d = three_classes
    model = SourceOnly(learner).fit(X, y, sample_domain=d)
    truth = np.mean(np.ravel(model.predict(X[d < 0])) == y[d < 0])
    assert get_scorer("oracle")(model, X, y, sample_domain=d) == pytest.approx(truth)


@pytest.mark.parametrize("search", [AdaptationSearchCV, SafeTransfer])
def test_searches_take_learners_whose_labels_must_have_no_gaps(search, learner, three_classes):
    X, y, d = three_classes
    candidate = make_pipeline(PerDomain(), SourceOnly(learner))
    found = search([candidate], baseline=SourceOnly(learner)).fit(X, y, sample_domain=d)
    assert found.predict(X[d < 0]).shape == (np.sum(d < 0),)


def test_stopping_early_sees_source_rows_only(three_classes):
    xgb = pytest.importorskip("xgboost")
    X, y, d = three_classes
    held_out = (X[d > 0][:20], y[d > 0][:20])
    learner = xgb.XGBClassifier(n_estimators=50, early_stopping_rounds=2, n_jobs=1)
    model = SourceOnly(learner).fit(X, y, sample_domain=d, eval_set=[held_out], verbose=False)
    alone = clone(learner).fit(X[d > 0], y[d > 0], eval_set=[held_out], verbose=False)
    assert model.estimator_.best_iteration == alone.best_iteration
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))


def test_polars_frames_of_mixed_columns_reach_a_vectorizer_of_frames(make_domains):
    pl, skrub = pytest.importorskip("polars"), pytest.importorskip("skrub")
    X, y, d = make_domains(40, 30)
    frame = pl.DataFrame(X, schema=list("abcd")).with_columns(
        site=pl.Series(np.where(X[:, 0] > 0, "left", "right"))
    )
    pipe = make_pipeline(skrub.TableVectorizer(), PerDomain(), SourceOnly(LogisticRegression()))
    with config_context(enable_metadata_routing=True):
        pipe.fit(frame, y, sample_domain=d)
        assert pipe.score(frame, y, sample_domain=d) > 0.5


def test_resampling_in_a_pipeline_of_another_library_is_of_source_rows(make_domains):
    sampling = pytest.importorskip("imblearn.over_sampling")
    pipeline = pytest.importorskip("imblearn.pipeline")
    X, y, d = make_domains(60, 40)
    rare = (d > 0) & (y == 1) & (np.cumsum((d > 0) & (y == 1)) > 6)
    X, y, d = X[~rare], y[~rare], d[~rare]
    inner = pipeline.make_pipeline(sampling.RandomOverSampler(random_state=0), LogisticRegression())
    model = SourceOnly(inner).fit(X, y, sample_domain=d)
    alone = clone(inner).fit(X[d > 0], y[d > 0])
    assert_array_equal(model.predict_proba(X), alone.predict_proba(X))


def test_a_fitted_pipeline_survives_a_file_of_skops(tmp_path, make_domains):
    skops = pytest.importorskip("skops.io")
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(StandardScaler(), TCA(2), SourceOnly(LogisticRegression()))
        pipe.fit(X, y, sample_domain=d)
    skops.dump(pipe, tmp_path / "model.skops")
    unknown = skops.get_untrusted_types(file=tmp_path / "model.skops")
    again = skops.load(tmp_path / "model.skops", trusted=unknown)
    assert_array_equal(again.predict_proba(X), pipe.predict_proba(X))


def test_missing_values_reach_learners_that_take_them(make_domains):
    X, y, d = make_domains(60, 40)
    X = X.copy()
    X[::7, 2] = np.nan
    model = SourceOnly(HistGradientBoostingClassifier(max_iter=5)).fit(X, y, sample_domain=d)
    assert model.predict(X).shape == y.shape
