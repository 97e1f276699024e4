"""One setting in the words of each library."""

import numpy as np
import pytest

from benchmarks.quality.full.methods import METHODS


def test_a_matched_setting_is_the_same_problem_in_the_words_of_each_library():
    rng = np.random.default_rng(0)
    Xs, Xt = rng.normal(size=(12, 4)), 2 * rng.normal(size=(8, 4))

    def words(name, library, setting):
        return METHODS[name].ways[library].parameters(setting, Xs, Xt)

    e = np.repeat([1 / 12, -1 / 8], [12, 8])
    M, lam = np.outer(e, e), 0.3
    mu = words("TCA", "adapt", {"lam": lam, "n_components": 2})["mu"]
    scaled = M / np.linalg.norm(M) + lam * np.eye(20)
    np.testing.assert_allclose(lam * (np.eye(20) + mu * M), scaled)
    C = np.cov((Xs / Xs.std(0)).T)  # columns of one variance, v
    r, v = 0.5, np.trace(C) / 4
    s = words("CORAL", "skada", {"ridge": r})["reg"]
    np.testing.assert_allclose((1 - s) * C + s * v * np.eye(4), (1 - s) * (C + r * v * np.eye(4)))
    ours, theirs = (words("CORAL", one, {"ridge": r}) for one in ("skdomain", "adapt"))
    mean = np.concatenate([Xs.var(0, ddof=1), Xt.var(0, ddof=1)]).mean()
    assert ours["reg"] == theirs["lambda_"] == pytest.approx(r * mean)
