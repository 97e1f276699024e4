"""
Can rows of other topics help to cluster?
=========================================

Target rows are texts of a few words and of two topics. Source rows are longer texts of six themes,
none with a label; a topic is three themes. ``SelfTaughtClustering`` clusters both with one
clustering of the words: which words go together, the source says, which themes, the target. It
helps where words go together alike in both, and fails where they do not.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans, SpectralCoclustering
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize

from skdomain.transfer import SelfTaughtClustering

N_WORDS, N_THEMES, N_SOURCE, N_TARGET = 120, 6, 150, 60
LENGTHS, DRAWS = (4, 8, 16), range(4)


def texts(length, alike, seed):
    """Counts of words in source and target rows, topics of the latter, domains."""
    rng = np.random.default_rng(seed)
    themes = 0.8 * np.repeat(np.eye(N_THEMES), 20, axis=1) / 20 + 0.2 / N_WORDS
    topics = np.repeat(np.eye(2), 3, axis=1) @ themes / 3
    y = rng.integers(2, size=N_TARGET)
    in_source = themes if alike else themes[:, rng.permutation(N_WORDS)]
    source = rng.multinomial(60, in_source[rng.integers(N_THEMES, size=N_SOURCE)])
    X = np.vstack([source, rng.multinomial(length, topics[y])])
    return X, y, np.repeat([1, -2], [N_SOURCE, N_TARGET])


def agreements(X, y, d):
    """With the topics of the target rows: 1 is the same clusters, 0 chance."""
    shared = {"n_source_clusters": 6, "n_feature_clusters": 6, "n_init": 3, "random_state": 0}
    found = {
        "KMeans, target alone": KMeans(2, n_init=5, random_state=0).fit_predict(
            normalize(X[d < 0])
        ),
        "SpectralCoclustering of all rows": SpectralCoclustering(2, random_state=0)
        .fit(X + 1e-9)
        .row_labels_[d < 0],
    }
    for lam in (0, 1):
        model = SelfTaughtClustering(2, lam=lam, **shared)
        found[f"SelfTaughtClustering, lam={lam}"] = model.fit_predict(X, sample_domain=d)[d < 0]
    return {name: adjusted_rand_score(y, labels) for name, labels in found.items()}


# %%
# Few words, many words
# ---------------------
# Curves are means of four draws. With lam=0 the source counts for nothing: plain co-clustering.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, alike in zip(axes, (True, False), strict=True):
    scores = [[agreements(*texts(n, alike, draw)) for draw in DRAWS] for n in LENGTHS]
    for name in scores[0][0]:
        means = [np.mean([found[name] for found in draws]) for draws in scores]
        ax.plot(LENGTHS, means, marker="o", label=name)
        print(f"{'alike' if alike else 'otherwise':9} {name:33}", np.round(means, 2))
    ax.set(xlabel="words in a target text", xticks=LENGTHS)
    ax.set_title(f"words go together {'alike' if alike else 'otherwise'} in the source")
axes[0].set_ylabel("agreement with the topics")
axes[0].legend()

# %%
# Stacked rows share the clusters of words, too, but their largest contrast is one of the source.

plt.show()
