"""The libraries behind one interface."""

import numpy as np

from benchmarks.quality.full.libraries import Adapted
from benchmarks.quality.full.methods import METHODS


def test_labels_of_target_rows_reach_target_only_and_no_other_method():
    X, d = np.random.default_rng(0).normal(size=(40, 3)), np.repeat([1, -2], 20)
    y = np.tile([0, 1], 20)
    other = np.where(d < 0, 1 - y, y)
    for name, differs in (("source only", False), ("target only", True), ("PCA", False)):
        way = METHODS[name].ways["scikit-learn"]
        setting = {"n_components": 2} if name == "PCA" else None
        a, b = (
            Adapted("scikit-learn", way, setting).fit(X, labels, sample_domain=d).predict_proba(X)
            for labels in (y, other)
        )
        assert np.array_equal(a, b) is not differs
