"""One kernel convention: a word means the same matrix for whoever takes it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import KERNEL_PARAMS, chi2_kernel, pairwise_kernels
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import SVC

from skdomain._kernels import fit_kernel, median_gamma
from skdomain.metrics import class_mixture_discrepancy, mmd, mmd_test
from skdomain.model_selection import ClassMixture
from skdomain.subspace import DJPMMD, JDA, TCA, TJM
from skdomain.weighting import KLIEP, KMM, RuLSIF, kliep_weights, kmm_weights, rulsif_weights

pytestmark = pytest.mark.filterwarnings("ignore:iteration 2 of")
SUBSPACE = [TCA, TJM, JDA, DJPMMD]
WORDS = [None, "median", "scale", 0.7]
WITH_GAMMA = [name for name, params in KERNEL_PARAMS.items() if "gamma" in params]


def two_domains(n_source=14, n_target=12, n_features=3, seed=0):
    """Rows above zero, some of them twice."""
    X = np.random.default_rng(seed).uniform(0.1, 2, size=(n_source + n_target, n_features))
    X[1], X[-1] = X[0], X[0]
    return X[:n_source], X[n_source:] + 0.3


def meant(word, X, kernel="rbf"):
    """The number that a word means, in the slow and exact way."""
    if word is None:
        return 1.0 if kernel == "chi2" else 1 / X.shape[1]
    if word == "median":
        return 1 / np.median(pdist(np.unique(X, axis=0), "sqeuclidean"))
    return 1 / (X.shape[1] * X.var()) if word == "scale" else word


def mixture(Xs, Xt, **params):
    return class_mixture_discrepancy(Xs, np.arange(len(Xs)) % 2, Xt, **params)[0]


def fitted(method, Xs, Xt, **params):
    X, d = np.concatenate([Xs, Xt]), np.repeat([1, -1], [len(Xs), len(Xt)])
    if method in SUBSPACE:
        params = {"n_components": 2, **params}
        params |= {"max_iter": 2} if method is not TCA else {}
        y = np.arange(len(X)) % 2
        if method in (JDA, DJPMMD):
            params |= {"estimator": KNeighborsClassifier(1), "init": "estimator"}
    else:
        params, y = {"estimator": Ridge(), **params}, X[:, 0]
    return method(**params).fit(X, y, sample_domain=d)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("method", [*SUBSPACE, KMM, KLIEP, RuLSIF], ids=lambda m: m.__name__)
def test_each_estimator_says_which_number_a_word_meant(method, word):
    Xs, Xt = two_domains()
    params = {"gamma": word} | ({"kernel": "rbf"} if method in SUBSPACE else {})
    expected = meant(word, np.concatenate([Xs, Xt]))
    assert fitted(method, Xs, Xt, **params).gamma_ == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "function",
    [
        mixture,
        mmd,
        lambda *rows, **params: mmd_test(*rows, **params, random_state=0),
        lambda *rows, **params: kmm_weights(*rows, **params, reg=0.1),
        kliep_weights,
        lambda *rows, **params: rulsif_weights(*rows, **params, lam=0.1),
    ],
    ids=["mixture", "mmd", "mmd_test", "kmm", "kliep", "rulsif"],
)
def test_a_word_is_the_number_it_means_in_each_function(function, word):
    Xs, Xt = two_domains()
    number = meant(word, np.concatenate([Xs, Xt]))
    assert_allclose(function(Xs, Xt, gamma=word), function(Xs, Xt, gamma=number), rtol=1e-6)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("kernel", WITH_GAMMA)
def test_each_user_has_the_matrix_of_scikit_learn(kernel, word):
    Xs, Xt = two_domains()
    X = np.concatenate([Xs, Xt])
    K = pairwise_kernels(X, metric=kernel, gamma=meant(word, X, kernel))
    assert_allclose(fit_kernel(kernel, Xs, Xt, gamma=word)(X), K, rtol=1e-10)
    w = np.repeat([1 / len(Xs), -1 / len(Xt)], [len(Xs), len(Xt)])
    assert_allclose(
        mmd(Xs, Xt, kernel=kernel, gamma=word), max(w @ K @ w, 0), rtol=1e-8, atol=1e-12
    )
    named = fitted(TCA, Xs, Xt, kernel=kernel, gamma=word)
    assert named.gamma_ == pytest.approx(meant(word, X, kernel), rel=1e-12)
    d = np.repeat([1, -1], [len(Xs), len(Xt)])
    given = TCA(2, kernel="precomputed").fit(K, sample_domain=d)
    assert_allclose(named.eigenvalues_, given.eigenvalues_, rtol=1e-6)
    if kernel != "sigmoid":  # which is not positive
        by_number = {"kernel": lambda x, y: pairwise_kernels([x], [y], kernel, **params)[0, 0]}
        params = {"gamma": meant(word, X, kernel)}
        assert_allclose(
            kmm_weights(Xs, Xt, kernel=kernel, gamma=word, reg=0.1),
            kmm_weights(Xs, Xt, **by_number, reg=0.1),
            atol=1e-7,
        )


def test_scale_is_that_of_support_vector_machines():
    Xs, Xt = two_domains()
    X = np.concatenate([Xs, Xt])
    svc = SVC(gamma="scale").fit(X, np.arange(len(X)) % 2)
    assert fit_kernel("rbf", Xs, Xt, gamma="scale").gamma == svc._gamma
    assert fit_kernel("rbf", np.ones((4, 2)), gamma="scale").gamma == 1


@given(
    n=st.integers(2, 40),
    n_features=st.integers(1, 6),
    copies=st.integers(1, 3),
    scale=st.sampled_from([1e-9, 1.0, 1e9]),
    seed=st.integers(0, 2**16),
)
def test_the_median_is_that_of_distinct_rows_in_any_order(n, n_features, copies, scale, seed):
    rng = np.random.default_rng(seed)
    X = scale * rng.normal(size=(n, n_features))
    expected = 1 / np.median(pdist(X, "sqeuclidean"))
    assert median_gamma(X) == pytest.approx(expected, rel=1e-9)
    shuffled = rng.permutation(np.repeat(X, copies, axis=0))
    split = rng.integers(len(shuffled))
    assert median_gamma(shuffled[:split], shuffled[split:]) == median_gamma(X)


@given(
    n=st.integers(3, 40),
    n_features=st.integers(1, 4),
    far=st.sampled_from([1e2, 1e4, 2.0**22, 2.0**30]),
    seed=st.integers(0, 2**16),
)
def test_rows_that_are_moved_have_the_same_median_and_the_same_matrix(n, n_features, far, seed):
    """Multiples of 2^-20 are moved without rounding."""
    X = np.round(np.random.default_rng(seed).normal(size=(n, n_features)) * 2**20) / 2**20
    assume(len(np.unique(X, axis=0)) > 1)
    kernel, moved = (fit_kernel("rbf", Z, gamma="median") for Z in (X, X + far))
    assert moved.gamma == pytest.approx(kernel.gamma, rel=1e-10)
    assert_allclose(moved(X + far), kernel(X), rtol=0, atol=1e-10)


def test_rows_far_from_zero_are_not_called_equal():
    rng = np.random.default_rng(0)
    X = 101325 * 30 + rng.normal(size=(50, 3))
    assert 0.1 < median_gamma(X) < 0.5
    outlier = np.vstack([rng.normal(size=(50, 3)), np.full((1, 3), 1e9)])
    assert 0.1 < median_gamma(outlier) < 0.5


@pytest.mark.parametrize("word", ["median", "scale"])
@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_words_that_leave_the_range_of_numbers_are_refused(word, size):
    Xs, Xt = two_domains()
    if word == "scale" and size < 1:
        Xs = Xs * 1e45  # a variance that is not yet 0
    with pytest.raises(ValueError, match=f"gamma='{word}' is 1 over .* pass a number for gamma"):
        mmd(size * Xs, size * Xt, gamma=word)


@pytest.mark.parametrize("kernel", ["poly", "rbf"])
def test_a_kernel_that_overflows_is_named(kernel):
    Xs, Xt = two_domains()
    message = f"the kernel must be finite, but '{kernel}', .*scale the features"
    for use in (mmd, kmm_weights):
        with pytest.raises(ValueError, match=message):
            use(1e200 * Xs, 1e200 * Xt, kernel=kernel, gamma=1.0)
    for method in SUBSPACE:
        with pytest.raises(ValueError, match=message):
            fitted(method, 1e200 * Xs, 1e200 * Xt, kernel=kernel)


@pytest.mark.parametrize("method", SUBSPACE)
def test_kernel_params_are_those_of_named_kernels_too(method):
    Xs, Xt = two_domains()
    once = fitted(method, Xs, Xt, kernel="poly", degree=2, coef0=0.5)
    in_dict = fitted(method, Xs, Xt, kernel="poly", kernel_params={"degree": 2, "coef0": 0.5})
    assert_array_equal(in_dict.components_, once.components_)
    assert_array_equal(in_dict.transform(Xt), once.transform(Xt))
    assert once.gamma_ == 1 / 3


@pytest.mark.parametrize("use", [*SUBSPACE, mmd], ids=lambda use: use.__name__)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kernel": "poly", "kernel_params": {"dgree": 2}}, "'poly' takes coef0, degree, gamma, "),
        ({"kernel": "linear", "kernel_params": {"degree": 2}}, "'linear' takes no parameters, got"),
        ({"kernel": "rbf", "gamma": 0.5, "kernel_params": {"gamma": 1.0}}, "gamma is given twice"),
        ({"kernel": "rbf", "kernel_params": {"gamma": "medain"}}, "The 'gamma' parameter of"),
        ({"kernel": "rbf", "gamma": "medain"}, "The 'gamma' parameter of"),
        ({"kernel": "rbf", "gamma": 0.0}, "The 'gamma' parameter of"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(use, params, message):
    Xs, Xt = two_domains()
    with pytest.raises(ValueError, match=message):
        use(Xs, Xt, **params) if use is mmd else fitted(use, Xs, Xt, **params)


def test_a_degree_given_twice_is_refused():
    with pytest.raises(ValueError, match=r"degree is given twice, as degree=4 and in"):
        fitted(TCA, *two_domains(), kernel="poly", degree=4, kernel_params={"degree": 2})


@pytest.mark.parametrize("kernel", ["chi2", "additive_chi2"])
def test_rows_that_may_not_be_written_to_are_taken(kernel):
    Xs, Xt = two_domains()
    kept = Xs.copy()
    Xs.flags.writeable = Xt.flags.writeable = False
    for method in SUBSPACE:
        model = fitted(method, Xs, Xt, kernel=kernel)
        assert np.isfinite(model.transform(Xt)).all()
        assert model.gamma_ == (1.0 if kernel == "chi2" else None)
    assert mmd(Xs, Xt, kernel=kernel) >= 0
    if kernel == "chi2":
        assert_allclose(
            kmm_weights(Xs, Xt, kernel="chi2", gamma=None, reg=0.1),
            kmm_weights(Xs, Xt, kernel=lambda x, y: chi2_kernel([x], [y])[0, 0], reg=0.1),
            atol=1e-8,
        )
    assert_array_equal(Xs, kept)


@pytest.mark.parametrize("kernel", ["linear", "primal", "cosine", "precomputed"])
def test_a_kernel_without_a_coefficient_has_none(kernel):
    Xs, Xt = two_domains()
    if kernel == "precomputed":
        K = np.concatenate([Xs, Xt]) @ np.concatenate([Xs, Xt]).T
        Xs, Xt = K[: len(Xs)], K[len(Xs) :]
    assert fitted(TCA, Xs, Xt, kernel=kernel, gamma="median").gamma_ is None


def test_a_function_takes_kernel_params_alone():
    Xs, Xt = two_domains()
    params = {"kernel": lambda x, y, power: (x @ y) ** power, "kernel_params": {"power": 2}}
    square = {"kernel": "poly", "gamma": 1.0, "degree": 2, "coef0": 0}
    expected = fitted(TCA, Xs, Xt, **square)
    assert_allclose(fitted(TCA, Xs, Xt, **params, gamma=5.0).eigenvalues_, expected.eigenvalues_)
    assert fitted(TCA, Xs, Xt, **params).gamma_ is None


def test_the_mixture_criterion_takes_the_same_words():
    assert ClassMixture().gamma == "median"
    Xs, Xt = two_domains()
    assert mixture(Xs, Xt) == mixture(Xs, Xt, gamma="median") != mixture(Xs, Xt, gamma=None)


@pytest.mark.parametrize("n", [3, 60, 2050])
def test_cosines_of_unit_rows_tell_the_same_median(n):
    X = normalize(np.random.default_rng(0).normal(size=(n, 4)))
    X[n // 2] = X[0]
    assert median_gamma(X, cosines=X @ X.T) == pytest.approx(median_gamma(X), rel=1e-12)
