"""Problems on each of which what one method takes for granted holds: see ``right_choice``.

Each takes a generator of random numbers and returns rows, labels or values, and domains, the source
first; some a fourth thing, which the program knows what to do with.
"""

import numpy as np
from sklearn.preprocessing import Normalizer

from skdomain.datasets import make_rotated_digits


def domains_of(n):
    """As many rows of a source, and then of a target."""
    return np.repeat([1, -2], n)


def narrower(rng, n=2000, p=8):
    """Values that no line fits."""
    X = rng.normal(size=(2 * n, p))
    X[n:] = 0.8 * X[n:] + 0.3
    y = (X**2).sum(axis=1) + X @ rng.normal(size=p) + 0.3 * rng.normal(size=2 * n)
    return X, y, domains_of(n)


def few_directions(rng, n=1000, p=50):
    """Values that bend along the direction of the shift, which three features share."""
    X = rng.normal(size=(2 * n, p))
    X[n:, :3] += 1.5 / 3**0.5
    y = X[:, :3].sum(axis=1) ** 2 / 3 + 0.5 * X[:, -1] + 0.3 * rng.normal(size=2 * n)
    return X, y, domains_of(n)


def skewed(rng, n=1000, p=20):
    """Values that bend along the one exponential feature which is longer in the target."""
    X = rng.exponential(size=(2 * n, p))
    X[n:, 0] *= 2
    y = np.sqrt(X[:, 0]) + 0.5 * X[:, -1] + 0.1 * rng.normal(size=2 * n)
    return X, y, domains_of(n)


def units(rng, n=60, p=20):
    """Ten of the features tell two classes."""
    y, d = np.arange(2 * n) % 2, domains_of(n)
    X = rng.normal(size=(2 * n, p)) + 0.6 * y[:, None] * (np.arange(p) < 10)
    X[d < 0] = X[d < 0] * np.exp(rng.normal(size=p)) + 3 * rng.normal(size=p)
    return X, y, d


def mixed(rng, n=300, p=6):
    """Two classes, and a positive definite map of the target."""
    y, d = np.arange(2 * n) % 2, domains_of(n)
    X = rng.normal(size=(2 * n, p)) + 0.6 * y[:, None]
    root = rng.normal(size=(p, p)) / p**0.5
    X[d < 0] = X[d < 0] @ (root @ root.T + 0.2 * np.eye(p)) + 2 * rng.normal(size=p)
    return X, y, d


def warped(rng, n=200):
    """Two classes, above and below a wave."""
    X, d = rng.normal(size=(2 * n, 2)), domains_of(n)
    y = (np.sin(2 * X[:, 0]) + X[:, 1] > 0).astype(int)
    X[d < 0] = np.sinh(X[d < 0]) * [1, 0.7] + [1, -1]
    return X, y, d


def with_the_value(rng, n=200):
    """A curve in five features that its value runs along."""
    t, d = rng.uniform(size=2 * n), domains_of(n)
    y = 4 * t - 2 + 0.1 * rng.normal(size=2 * n)
    X = 1.5 * np.column_stack([t, t**2, np.sin(5 * t)]) @ rng.normal(size=(3, 5))
    X += 0.2 * rng.normal(size=X.shape)
    along, aside = rng.normal(size=(2, 5)) / [[5**0.5], [2.0]]
    X[d < 0] += np.outer(y[d < 0], along) + aside
    return X, y, d


def further_drift(rng, n=200, p=20):
    """Source, target, and as many later rows, which are named as the target, and drift."""
    classes, other = np.linalg.qr(rng.normal(size=(p, 2)))[0].T
    y, drift = rng.integers(2, size=3 * n), np.repeat([0.0, 1.0, 3.0], n)
    X = rng.normal(size=(3 * n, p)) * rng.uniform(0.5, 1.5, p)
    X += 1.5 * np.outer(y, classes) + 3 * np.outer(drift, other + 0.5 * classes)
    return X, y, np.repeat([1, -2, -2], n), drift


def other_rule(rng, n_labels=80, p=200, k=6):
    """Six factors behind many features; of the target's rows some have labels, 800 have none."""
    d = np.repeat([1, -2], [600, n_labels + 800])
    factors = rng.normal(size=(len(d), k))
    X = factors @ rng.normal(size=(k, p)) + 8 * rng.normal(size=(len(d), p))
    here, there = rng.normal(size=(2, k))
    there -= here * (here @ there) / (here @ here)
    y = (np.where(d > 0, factors @ here, factors @ there) > 0).astype(int)
    return X, y, d, np.arange(len(d)) < 600 + n_labels


def tilted(rng, n=150, p=30, k=8):
    """Five classes in eight of thirty dimensions, which the target has 70 degrees off."""
    axes = np.linalg.qr(rng.normal(size=(p, p)))[0].T
    y, d, angle = rng.integers(5, size=2 * n), domains_of(n), np.deg2rad(70)
    Z = 1.5 * rng.normal(size=(5, k))[y] + rng.normal(size=(2 * n, k))
    there = np.cos(angle) * axes[:k] + np.sin(angle) * axes[k : 2 * k]
    X = np.where(d[:, None] > 0, Z @ axes[:k], Z @ there)
    return X + 0.3 * rng.normal(size=X.shape), y, d


def digits(rng):
    """As :func:`make_rotated_digits`, another choice of rows each time."""
    task = make_rotated_digits(random_state=int(rng.integers(2**31)))
    return Normalizer().transform(task.X), task.y, task.sample_domain
