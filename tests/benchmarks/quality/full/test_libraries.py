"""The libraries behind one interface."""

import numpy as np
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.quality.full.libraries import Adapted, classifier, find
from benchmarks.quality.full.methods import METHODS
from skdomain.compose import PerDomain, SourceOnly


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


def test_ours_is_what_a_pipeline_of_the_method_and_the_source_only_gives(make_domains):
    X, y, d = make_domains(16, 16, seed=3)
    for method in ("CORAL", "standardised CORAL", "optimal transport", "KMM"):
        way, settings = METHODS[method].ways["skdomain"], METHODS[method].settings
        found = Adapted("skdomain", way, settings["matched"])
        params = found.parameters(X, d)
        name, *scaled = way.name.split()
        steps = [PerDomain(StandardScaler())] * len(scaled) + [find(name, "skdomain")(**params)]
        if method == "KMM":
            model = steps[0].set_params(estimator=classifier())
        else:
            model = make_pipeline(*steps, SourceOnly(classifier()))
        with config_context(enable_metadata_routing=True):
            model.fit(X, y, sample_domain=d)
            found.fit(X, y, sample_domain=d)
            expected = model.predict_proba(X, sample_domain=d)
            assert_allclose(found.predict_proba(X, d), expected, atol=1e-9, err_msg=method)
