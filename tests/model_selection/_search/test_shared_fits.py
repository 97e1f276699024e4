"""A search decomposes a kernel once for the rows of a split, and gives what it gives without."""

import pickle
from contextlib import contextmanager
from itertools import product
from unittest import mock

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdomain._estimators import call_with_domains
from skdomain._rows import _sharing
from skdomain.compose import PerDomain, SourceOnly
from skdomain.model_selection import (
    AdaptationSearchCV,
    AdaptationVotingClassifier,
    DomainShuffleSplit,
    SafeTransfer,
    TargetKFold,
    shared_work,
)
from skdomain.model_selection._search._sharing_calls import parts
from skdomain.subspace import DJPMMD, JDA, JGSA, TCA, TJM
from skdomain.subspace._spectral import _basis
from skdomain.weighting import KMM

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
CV = DomainShuffleSplit(2, test_size=0.5, random_state=0)
GRID = {
    "lam": [0.1, 1.0],
    "mu": [0.3, 0.7],
    "n_components": [1, 2],
    "estimator": [KNeighborsClassifier(1), KNeighborsClassifier(3)],
}


def rbf():
    return JDA(2, kernel="rbf", gamma="median", max_iter=2)


def with_square(x, y):
    return x @ y + (x @ y) ** 2


@contextmanager
def not_sharing():
    """Every result is computed by whoever asks for it."""
    with mock.patch.object(_sharing.SharedResults, "get", lambda self, key, compute: compute()):
        yield


@contextmanager
def decompositions():
    """Sizes of the matrices that are decomposed, or the spectral bases that are found."""
    sizes = []

    def counted(S, **options):
        sizes.append(len(S))
        return eigh(S, **options)

    eigh = _basis.eigh
    with mock.patch.object(_basis, "eigh", counted):
        yield sizes


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert _sharing._RESULTS.depth == 0
    assert not _sharing._RESULTS.results


def data(make_domains, *, shift=0.7):
    return make_domains(30, 26, n_features=5, n_classes=3, shift=shift)


def assert_same_table(got, expected):
    for name in set(expected) - {"params"}:
        if not name.endswith("time") and not name.startswith("param"):
            assert_array_equal(got[name], expected[name], err_msg=name)


def searched(make_domains, **parameters):
    X, y, d = data(make_domains)
    parameters = {"scoring": "circular_validation", "cv": CV} | parameters
    model = AdaptationSearchCV({"jda": (rbf(), GRID)}, **parameters)
    return model.fit(X, y, sample_domain=d)


@pytest.mark.parametrize("kernel", ["rbf", "linear", "primal", with_square])
def test_each_kernel_of_the_rows_of_a_split_is_decomposed_once(make_domains, kernel):
    """Its training rows, its test rows by the way back, and all rows in the end."""
    X, y, d = data(make_domains)
    method = JDA(kernel=kernel, max_iter=2)
    search = AdaptationSearchCV(
        {"jda": (method, GRID)}, cv=CV, scoring="circular_validation", expected_accuracy=False
    )
    with decompositions() as sizes:
        search.fit(X, y, sample_domain=d)
    n_splits, adapts = CV.get_n_splits(), search.best_index_ > 0
    assert len(search.cv_results_["params"]) == 17
    assert len(sizes) == 2 * n_splits + adapts


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_two_jobs_give_the_same(make_domains, backend):
    expected = searched(make_domains)
    with parallel_config(backend), decompositions() as sizes:
        found = searched(make_domains, n_jobs=2)
    assert_same_table(found.cv_results_, expected.cv_results_)
    if backend == "threading":
        assert len(sizes) == 2 * CV.get_n_splits() + (found.best_index_ > 0)


def test_processes_share_within_a_split(make_domains):
    """The points of a grid on a split are one job, as long as there are no more processes."""
    groups = [(split, name) for split, name in product(range(2), ["baseline", *["jda"] * 16])]
    assert list(map(len, parts(groups, 2))) == [1, 16, 1, 16]
    assert list(map(len, parts(groups, 1))) == [1] * 34
    assert max(map(len, parts(groups, 8))) == 5
    assert sorted(place for part in parts(groups, 8) for place in part) == list(range(34))


def test_not_sharing_changes_no_bit_of_a_search(make_domains):
    found = searched(make_domains)
    with not_sharing(), decompositions() as sizes:
        expected = searched(make_domains)
    assert len(sizes) >= 16 * 2 * CV.get_n_splits()
    X, _, _ = data(make_domains)
    assert_same_table(found.cv_results_, expected.cv_results_)
    assert_array_equal(found.predict(X), expected.predict(X))


METHODS = [
    *(TCA(2, kernel=kernel) for kernel in ("linear", "primal", "rbf", with_square)),
    TCA(2, kernel="rbf", eigen_solver="iterative"),
    *(method(2, kernel=k) for method in (JDA, DJPMMD, JGSA) for k in ("linear", "primal", "rbf")),
    *(TJM(2, kernel=kernel, tol=0) for kernel in ("linear", "primal", "rbf")),
]


@pytest.mark.parametrize("model", METHODS, ids=lambda model: str(model).split(" at ")[0])
@pytest.mark.parametrize("shape", ["tall", "wide", "far", "sparse"])
def test_a_second_fit_that_shares_has_the_bits_of_one_that_does_not(make_domains, model, shape):
    X, y, d = make_domains(14, 12, n_features=40 if shape in ("wide", "sparse") else 4)
    if shape == "far":
        X = X + (1e4 if model.kernel != with_square else 10)
    if shape == "sparse":
        X = sparse.csr_array(X * (X > 0))
        if model.kernel is with_square or isinstance(model, TJM | JGSA):
            pytest.skip("takes no sparse rows")
    before = X.copy()
    with shared_work():
        clone(model).fit(X, y, sample_domain=d)
        found = clone(model).fit(X, y, sample_domain=d)
    expected = clone(model).fit(X, y, sample_domain=d)
    assert_same_state(found, expected)
    assert (before != X).sum() == 0
    found = pickle.loads(pickle.dumps(found))
    assert_array_equal(found.transform(X), expected.transform(X))
    assert clone(found).get_params().keys() == model.get_params().keys()


def assert_same_state(found, expected):
    for name, value in vars(expected).items():
        if name.endswith("_") and isinstance(value, np.ndarray):
            assert_array_equal(getattr(found, name), value, err_msg=name)
            assert getattr(found, name).flags.writeable == value.flags.writeable


def test_rows_written_to_between_fits_do_not_reach_what_is_shared(make_domains):
    X, y, d = data(make_domains)
    original, expected = X.copy(), JDA(2).fit(X.copy(), y, sample_domain=d)
    with shared_work():
        JDA(2).fit(X, y, sample_domain=d)
        X *= 3
        found = JDA(2).fit(original, y, sample_domain=d)
    assert_same_state(found, expected)


def test_threads_share_the_kernel_matrix_that_lanczos_writes_to(make_domains):
    """Each has its own copy of what is factorised in place."""
    X, y, d = make_domains(60, 50, n_features=4)
    model = make_pipeline(TCA(3, kernel="rbf", eigen_solver="iterative"), SourceOnly())
    grid = {"tca__lam": [0.1, 0.5, 1.0, 2.0]}
    search = AdaptationSearchCV({"tca": (model, grid)}, cv=CV, scoring="circular_validation")
    one = search.fit(X, y, sample_domain=d).cv_results_
    with parallel_config("threading"):
        two = clone(search).set_params(n_jobs=2).fit(X, y, sample_domain=d).cv_results_
    assert_same_table(two, one)


def test_little_memory_changes_no_bit(make_domains):
    expected = searched(make_domains)
    with config_context(working_memory=0.01), decompositions() as sizes:
        found = searched(make_domains)
    assert_same_table(found.cv_results_, expected.cv_results_)
    assert len(sizes) > 3 * CV.get_n_splits()


class Breaks(KNeighborsClassifier):
    """Fails where it is asked to learn."""

    def fit(self, X, y):
        raise RuntimeError("broken")


@pytest.mark.filterwarnings("ignore:candidate jda failed")
def test_a_candidate_that_fails_leaves_the_others_what_they_share(make_domains):
    X, y, d = data(make_domains)
    grid = {"estimator": [Breaks(), *GRID["estimator"]]}
    search = AdaptationSearchCV({"jda": (rbf(), grid)}, cv=CV, scoring="circular_validation")
    with decompositions() as sizes:
        search.fit(X, y, sample_domain=d)
    assert_array_equal(np.isnan(search.cv_results_["mean_test_score"]), [False, True, False, False])
    assert len(sizes) == 2 * CV.get_n_splits() + (search.best_index_ > 0)


def test_the_guard_shares_over_folds(make_domains):
    X, y, d = data(make_domains, shift=8)
    inner = SourceOnly(LogisticRegression())
    grid = {"lam": [0.5, 1.0], "estimator": [LogisticRegression()], "max_iter": [1]}
    guard = SafeTransfer(
        {"jda": (rbf(), grid)}, baseline=inner, cv=CV, n_bootstrap=60, expected_accuracy=False
    )
    with decompositions() as sizes:
        guard.fit(X, y, sample_domain=d)
    assert np.isfinite(guard.decision_.ranks).all()
    rehearsed = np.isfinite(guard.decision_.rehearsal_gains[1:]).any()
    assert len(sizes) == 2 * CV.get_n_splits() + 6 * rehearsed + guard.decision_.adapted
    with not_sharing():
        alone = clone(guard).fit(X, y, sample_domain=d)
    for got, expected in zip(guard.decision_, alone.decision_, strict=True):
        assert_array_equal(got, expected)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_vote_decomposes_once(make_domains, n_jobs):
    X, y, d = data(make_domains)
    vote = AdaptationVotingClassifier({"jda": (rbf(), GRID)}, voting="hard", n_jobs=n_jobs)
    with decompositions() as sizes:
        found = vote.fit(X, y, sample_domain=d).predict(X)
    assert len(sizes) == (0 if n_jobs else 1)  # of other processes nothing is counted here
    with not_sharing():
        assert_array_equal(clone(vote).fit(X, y, sample_domain=d).predict(X), found)


def test_a_search_of_scikit_learn_shares_inside_of_the_context(make_domains):
    X, y, d = data(make_domains)
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(rbf(), GRID, cv=TargetKFold(3))
        with decompositions() as sizes, shared_work():
            found = search.fit(X, y, sample_domain=d).cv_results_
        assert len(sizes) == 3 + 1
        with decompositions() as sizes:
            expected = clone(search).fit(X, y, sample_domain=d).cv_results_
        assert len(sizes) == 16 * 3 + 1
    assert_same_table(found, expected)


def test_the_median_width_is_shared_by_families(make_domains):
    X, y, d = data(make_domains)
    with shared_work():
        for C in (0.1, 1.0):
            KMM(LogisticRegression(C=C), gamma="median").fit(X, y, sample_domain=d)
        assert len(_sharing._RESULTS.results) == 1


# -- Where there is no shift ----------------------------------------------------------------------


def test_without_a_shift_no_candidate_is_fitted(make_domains):
    X, y, d = data(make_domains, shift=0)
    baseline = SourceOnly(LogisticRegression())
    candidates = [make_pipeline(PerDomain(), baseline), JDA(2, estimator=Breaks())]
    guard = SafeTransfer(candidates, baseline=baseline, cv=CV, correct_priors=False)
    guard.fit(X, y, sample_domain=d)
    decision, table = guard.decision_, guard.cv_results_
    assert decision.reason.startswith("proportions of the classes alone explain the target")
    assert (decision.adapted, guard.best_index_, guard.n_splits_) == (False, 0, 0)
    assert table["method"].tolist() == ["baseline", "perdomain-sourceonly", "jda"]
    columns = ("trimmed_rank", "mean_fit_time", "mean_score_time")
    assert np.isnan([*(table[name] for name in columns)]).all()
    assert np.isnan(np.column_stack(decision[4:7])).all()
    assert np.isnan(guard.best_score_)
    alone = call_with_domains(clone(baseline), "fit", X, y, sample_domain=d)
    assert_array_equal(guard.predict(X), alone.predict(X))


def test_a_baseline_that_fails_is_named_before_anything_is_judged(make_domains):
    X, y, d = data(make_domains)
    guard = SafeTransfer([JDA(2)], baseline=SourceOnly(Breaks()), cv=CV)
    with pytest.raises(ValueError, match="the baseline cannot be judged: RuntimeError: broken"):
        guard.fit(X, y, sample_domain=d)
