"""A pencil whose eigenpairs are known."""

import numpy as np
import pytest
from scipy.linalg import eigh


def _small_pencil(p=60, k=8):
    rng = np.random.default_rng(0)
    e = np.sort(rng.random(p))[::-1]
    c = np.sqrt(e) * rng.normal(size=p) / 10
    Q, g = np.linalg.qr(rng.normal(size=(p, 3)))[0], np.array([-0.5, 1.0, 10.0])
    theta, w = eigh(np.diag(e) - np.outer(c, c), np.eye(p) + Q * g @ Q.T)
    return (e, c, Q, g), theta[::-1][: k + 2], w[:, ::-1][:, : k + 2]


@pytest.fixture(scope="session")
def small_pencil():
    """Factory of ``(e, c, Q, g), theta, w``: the k + 2 largest eigenpairs of a diagonal pencil."""
    return _small_pencil
