"""Drawn problems of label shift: normal classes around random means."""

from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    """Rows of both domains, the source first, and the proportions they were drawn from."""

    X: np.ndarray
    y: np.ndarray
    sample_domain: np.ndarray
    source_priors: np.ndarray
    target_priors: np.ndarray

    @property
    def target_shares(self):
        """Shares of the classes among the target rows drawn."""
        return np.bincount(self.y[self.sample_domain < 0], minlength=len(self.target_priors)) / sum(
            self.sample_domain < 0
        )


def draw_label_shift(n_classes, seed):
    """One problem; its sizes, its separation and its priors are drawn, too.

    100 to 5000 rows in each domain, evenly in their logarithm; 2 to 6 features; neighbouring means
    0.7 to 5 standard deviations apart; source priors from Dirichlet(5), target priors from
    Dirichlet(1). In every other problem the classes spread 0.6 to 1.6 times as far, each
    otherwise, so that no logistic regression is exact. Each class has at least 2 source rows.
    """
    rng = np.random.default_rng([n_classes, seed])
    sizes = np.exp(rng.uniform(np.log(100), np.log(5000), 2)).astype(int)
    n_features = rng.integers(2, 7)
    means = rng.normal(size=(n_classes, n_features))
    gaps = np.linalg.norm(means[:, None] - means[None], axis=2)
    means *= rng.uniform(0.7, 5) / gaps[np.triu_indices(n_classes, 1)].min()
    spread = np.exp(rng.uniform(-0.5, 0.5, n_classes)) if seed % 2 else np.ones(n_classes)
    p, q = rng.dirichlet(np.full(n_classes, 5.0)), rng.dirichlet(np.ones(n_classes))
    y = np.concatenate(
        [
            np.repeat(np.arange(n_classes), 2),
            rng.choice(n_classes, sizes[0] - 2 * n_classes, p=p),
            rng.choice(n_classes, sizes[1], p=q),
        ]
    )
    X = means[y] + spread[y, None] * rng.normal(size=(len(y), n_features))
    return LabelShift(X, y, np.repeat([1, -2], sizes), p, q)
