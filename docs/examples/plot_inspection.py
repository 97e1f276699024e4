"""
What has an adaptation done?
============================

Two moons, and a target in which they are turned by 30 degrees. Four plots show what an adaptation
has done: the domains before and after it, how its pseudo-labels settled, how a score depends on a
parameter, and how much single source rows count. No target label is needed for any of them.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skdomain.datasets import make_covariate_shift, make_rotated_moons
from skdomain.inspection import EmbeddingDisplay, PseudoLabelDisplay, ScorerDisplay, WeightDisplay
from skdomain.model_selection import DomainShuffleSplit, PredictionEntropy
from skdomain.subspace import JDA
from skdomain.weighting import ClassifierWeighting

problem = make_rotated_moons(80, 80, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
target = sample_domain < 0

# %%
# Both domains, before and after
# ------------------------------
# Filled marks are source rows, hollow ones target rows. The target is coloured by the classes that
# JDA has given its rows; without ``y_target`` it would be grey.

jda = JDA(5, estimator=LogisticRegression(), kernel="rbf", gamma=1.0, init="estimator")
jda.fit(X, y, sample_domain=sample_domain)
EmbeddingDisplay.from_estimator(jda, X, y, sample_domain, y_target=jda.pseudo_labels_)

# %%
# Pseudo-labels
# -------------
# They have settled when an iteration changes none.

PseudoLabelDisplay.from_estimator(jda)

# %%
# A criterion against lambda
# --------------------------
# The search judges by a criterion that reads no target label; the star is what it chose.

with config_context(enable_metadata_routing=True), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # some candidates do not reach a fixed point
    search = GridSearchCV(
        jda,
        {"lam": np.logspace(-3, 2, 6), "gamma": [0.5, 1.0]},
        scoring=PredictionEntropy(),
        cv=DomainShuffleSplit(2, random_state=0),
    ).fit(X, y, sample_domain=sample_domain)
ScorerDisplay.from_search(search, param="lam")

# %%
# Weights against the density ratio
# ---------------------------------
# On a generated covariate shift the ratio is known. Where the points leave the line, source rows
# count for too much or too little. Without the ratio, a histogram shows how uneven the weights are.

shift = make_covariate_shift(300, 300, random_state=0)
model = ClassifierWeighting(flatten=None).fit(shift.X, shift.y, sample_domain=shift.sample_domain)
rows = shift.X, shift.sample_domain
figure, axes = plt.subplots(ncols=2, figsize=(9, 4), layout="constrained")
WeightDisplay.from_estimator(model, *rows, density_ratio=shift.density_ratio, ax=axes[0])
WeightDisplay.from_estimator(model, *rows, ax=axes[1])
plt.show()
