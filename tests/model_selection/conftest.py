"""What the tests of the criteria share: predicted probabilities, draws of a covariate shift."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin

from skdomain.datasets import make_covariate_shift


def _draw_proba(n, n_classes, seed=0, certain=False):
    """Probabilities, some of them 0 and, if certain, some rows 0 and 1."""
    rng = np.random.default_rng(seed)
    P = rng.random((n, n_classes)) ** 4 * (rng.random((n, n_classes)) < 0.7)
    one = (rng.random(n) < 0.4) & certain | (P.sum(axis=1) == 0)
    P[one] = np.eye(n_classes)[rng.integers(n_classes, size=one.sum())]
    return P / P.sum(axis=1, keepdims=True)


@pytest.fixture(scope="session")
def draw_proba():
    """Factory of probabilities of shape (n, n_classes)."""
    return _draw_proba


@pytest.fixture(scope="session")
def make_overlapping(make_domains):
    """Factory as ``make_domains``, with classes that overlap, so that no classifier is right."""

    def make(*sizes, **parameters):
        X, y, d = make_domains(*sizes, **parameters)
        return X + np.random.default_rng(9).normal(scale=2, size=X.shape), y, d

    return make


class ThresholdClassifier(ClassifierMixin, BaseEstimator):
    """Second class where the first feature is positive: labels, no probabilities."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[(np.asarray(X)[:, 0] > 0).astype(int)]


@pytest.fixture(scope="session")
def threshold():
    """Classifier that needs no data and gives labels only."""
    return ThresholdClassifier()


def _covariate_shifts(scorer, change=lambda ratio: ratio):
    shift, scale, noise, n = 0.7, 0.8, 0.1, 200
    model, estimates = ThresholdClassifier().fit(None, [0, 1]), []
    for seed in range(200):
        p = make_covariate_shift(n, 1, shift=shift, scale=scale, noise=noise, random_state=seed)
        weights = change(p.density_ratio[:n])
        scorer = scorer.set_params(ratio=lambda Xs, Xt, weights=weights: weights)
        estimates.append(scorer.estimate(model, p.X, p.y, sample_domain=p.sample_domain))
    # Class 1 lies beyond -m and m, the median of |z|; the threshold is 0.
    m, below = norm.ppf(0.75), norm(shift, scale).cdf
    wrong = below(-m) + below(m) - below(0)
    return np.array(estimates), noise + (1 - 2 * noise) * (1 - wrong)


@pytest.fixture(scope="session")
def covariate_shifts():
    """Factory of 200 estimates with the true ratio, or a change of it, and the exact accuracy.

    The target is narrower than the source, so the ratio has all moments.
    """
    return _covariate_shifts
