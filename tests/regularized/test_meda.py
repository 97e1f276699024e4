"""MEDA is the geodesic flow kernel, unit rows and ARTL, one after the other."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.preprocessing import normalize

from skdomain import NoTargetWarning
from skdomain.alignment import GFK
from skdomain.regularized import ARTL, MEDA, KernelRidgeClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize("mu", [0.5, "auto"])
@pytest.mark.parametrize("n_components", [2, "auto"])
def test_meda_is_artl_behind_the_geodesic_flow_kernel(n_components, mu, kernel, make_domains):
    X, y, d = make_domains(30, 25, n_features=6, n_classes=3)
    new = make_domains(n_features=6, seed=1)[0]
    meda = MEDA(n_components, mu=mu, kernel=kernel, n_neighbors=5).fit(X, y, sample_domain=d)
    gfk = GFK(n_components).fit(X, sample_domain=d)
    Z, Z_new = normalize(gfk.transform(X)), normalize(gfk.transform(new))
    artl = ARTL(mu=mu, kernel=kernel, n_neighbors=5).fit(Z, y, sample_domain=d)
    assert_array_equal(meda.pseudo_labels_, artl.pseudo_labels_)
    assert_allclose(meda.decision_function(new), artl.decision_function(Z_new), atol=1e-10)
    for name, values in artl.history_.items():
        assert_allclose(meda.history_[name], values, rtol=1e-9, err_msg=name)
    assert meda.gamma_ == artl.gamma_


def test_without_target_it_is_kernel_ridge_on_the_principal_subspace_and_says_so_once(make_domains):
    X, y, _ = make_domains(n_features=5)
    with pytest.warns(NoTargetWarning) as record:
        meda = MEDA(3).fit(X, y)
    assert len(record) == 1
    axes = np.linalg.svd(X - X.mean(axis=0))[2][:3].T
    Z = normalize(X @ axes)
    ridge = KernelRidgeClassifier().fit(Z, y)
    assert_allclose(meda.decision_function(X), ridge.decision_function(Z), atol=1e-9)


def test_the_map_sees_float64_whatever_the_rows_are(make_domains):
    X, y, d = make_domains()
    model = MEDA(2, mu=0.5)
    single = clone(model).fit(X.astype(np.float32), y, sample_domain=d)
    double = clone(model).fit(X, y, sample_domain=d)
    assert_allclose(single.decision_function(X), double.decision_function(X), atol=1e-4)
    assert_array_equal(single.predict(X.astype(np.float32)), double.predict(X))
