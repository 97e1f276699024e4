"""
How many rows does a new site need?
===================================

Another scanner moves and scales forty features by amounts that lie around a common one. With few
rows of it, PerDomain scales each feature by what these say of it, mostly noise; ComBat draws the
amounts to their mean over the features. Both take other proportions of the classes for the
scanner's doing.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skdomain.alignment import ComBat
from skdomain.compose import PerDomain

N_FEATURES, REPEATS = 40, 5
METHODS = {
    "PerDomain(StandardScaler())": PerDomain(StandardScaler()),
    "ComBat": ComBat(),
    "target labels known": None,
}


def rows(n, share, rng):
    """Rows of two classes that differ by half a standard deviation in each feature."""
    y = (rng.permutation(n) < share * n).astype(int)
    return rng.normal(size=(n, N_FEATURES)) + 0.5 * y[:, None], y


def accuracy(method, n_target, share, seed):
    """Of a model of the source, on 300 new target rows with as many of both classes."""
    rng = np.random.default_rng(seed)
    move, stretch = rng.normal(1, 0.3, N_FEATURES), np.exp(rng.normal(0.3, 0.1, N_FEATURES))
    (Xs, ys), (Xt, _), (X_new, y_new) = (
        rows(200, 0.5, rng),
        rows(n_target, share, rng),
        rows(300, 0.5, rng),
    )
    Xt, X_new = Xt * stretch + move, X_new * stretch + move
    if method is None:  # what could be had at best: a model of the target
        X, y = rows(200, 0.5, rng)
        return LogisticRegression().fit(X * stretch + move, y).score(X_new, y_new)
    X, d = np.concatenate([Xs, Xt]), np.repeat([1, -2], [200, n_target])
    Z = method.fit_transform(X, sample_domain=d)
    model = LogisticRegression().fit(Z[d > 0], ys)
    return model.score(method.transform(X_new, sample_domain=-2), y_new)


def mean_accuracy(*args):
    return np.mean([accuracy(*args, seed) for seed in range(REPEATS)])


# %%
# Few rows, and other proportions
# -------------------------------
# On the left both classes are as frequent in the target as in the source; on the right the target
# has 100 rows, and more and more of them are of one class.

SIZES, SHARES = [2, 4, 10, 30, 100], [0.5, 0.7, 0.9, 1.0]
figure, (few, other) = plt.subplots(ncols=2, figsize=(10, 4), layout="constrained", sharey=True)
for name, method in METHODS.items():
    style = {"label": name, "marker": "o", "ls": ":" if method is None else "-"}
    few.plot(SIZES, [mean_accuracy(method, n, 0.5) for n in SIZES], **style)
    other.plot(SHARES, [mean_accuracy(method, 100, share) for share in SHARES], **style)
few.set(xscale="log", xlabel="rows of the target", ylabel="accuracy on new rows", title="few rows")
other.set(xlabel="share of class 1 in the target (source: 0.5)", title="other proportions")
few.legend()

# %%
# If something that is known of every row tells how the classes are distributed, such as age, name
# its column in ``covariates``: what it explains stays.

plt.show()
