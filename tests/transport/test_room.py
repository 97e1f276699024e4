"""What holds of all classes of the room: they need no POT, and plans little memory."""

import sys
import tracemalloc

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from skdomain.transport import (
    JCPOT,
    JDOTClassifier,
    JDOTRegressor,
    OptimalTransport,
    OTLabelPropagation,
    SlicedTransport,
    class_plan,
    jcpot_plans,
    sinkhorn_plan,
    sorted_plan,
)

MODELS = [
    OptimalTransport(),
    OptimalTransport(class_reg=0),
    OptimalTransport(unbalanced=0.5),
    OptimalTransport(out_of_sample="kernel"),
    SlicedTransport(random_state=0),
    JDOTClassifier(),
    JDOTRegressor(KernelRidge()),
    OTLabelPropagation(),
    OTLabelPropagation(unbalanced=None),
    JCPOT(),
]


@pytest.fixture
def without_pot(monkeypatch):
    """POT cannot be imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ot"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ot", None)


def drawn(n_source, n_target):
    rng = np.random.default_rng(0)
    d = np.repeat([1, -2], [n_source, n_target])
    y = np.arange(len(d)) % 2
    return rng.normal(size=(len(d), 3)) + 4 * y[:, None], y, d


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_without_pot_all_but_exact_plans_of_unequal_sizes_works(without_pot, model):
    X, y, d = drawn(14, 11)
    model.fit(X, y, sample_domain=d)
    method = model.predict if hasattr(model, "predict") else model.transform
    assert np.isfinite(method(X, sample_domain=d)).all()


@pytest.mark.parametrize("model", [OptimalTransport(reg=None), JDOTClassifier(reg=None)], ids=str)
def test_exact_plans_say_what_to_install_unless_sizes_are_equal(without_pot, model):
    X, y, d = drawn(12, 12)
    model.fit(X, y, sample_domain=d)
    X, y, d = drawn(14, 11)
    with pytest.raises(ImportError, match=r"pip install skdomain\[ot\].*pass a number for reg"):
        model.fit(X, y, sample_domain=d)


def test_plans_of_all_other_kinds_need_no_pot(without_pot):
    rng = np.random.default_rng(0)
    M, y = rng.uniform(size=(6, 5)), np.arange(6) % 2
    plans = [
        sinkhorn_plan(M, reg=0.1).plan,
        sinkhorn_plan(M, reg=0.1, unbalanced=1.0).plan,
        class_plan(M, y, reg=0.1, class_reg=0.1).found.plan,
        *(found.plan for found in jcpot_plans([M], [y], reg=0.1).plans),
        sorted_plan(M[:, 0], M[0]).toarray(),
    ]
    assert [plan.shape for plan in plans] == [(6, 5)] * 5


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", [{}, {"unbalanced": 1.0}], ids=str)
def test_an_entropic_plan_takes_the_memory_of_at_most_one_and_a_half(dtype, options):
    """A first call compiles and imports."""
    rng = np.random.default_rng(0)
    M = rng.uniform(size=(1000, 1200)).astype(dtype)
    sinkhorn_plan(M[:5, :5].copy(), reg=0.1, **options)
    tracemalloc.start()
    sinkhorn_plan(M, reg=0.1, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * M.nbytes
