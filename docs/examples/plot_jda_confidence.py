"""
JDA is sure of its labels. Is it right?
=======================================

JDA labels the target by its own prediction, matches the classes by these labels, and predicts
again. ``history_["confidence"]`` holds the mean probability of the predicted class. Two moons show
how much that says: from problem to problem the target is turned further, until each moon lies where
the other one was.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain.datasets import make_rotated_moons
from skdomain.subspace import JDA

ANGLES = np.arange(0, 181, 20)
confidence, accuracy = [], []
for angle in ANGLES:
    problem = make_rotated_moons(100, 100, angle=angle, random_state=0)
    jda = JDA(10, estimator=LogisticRegression(), kernel="rbf", gamma=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at some angles the labels do not settle
        jda.fit(problem.X, problem.y, sample_domain=problem.sample_domain)
    confidence.append(jda.history_["confidence"][-1])
    accuracy.append(np.mean(jda.pseudo_labels_ == problem.y[problem.sample_domain < 0]))

# %%
# Confidence and accuracy, by angle
# ---------------------------------
# With a small turn both are high. With a large one the classes are as far apart as ever, and JDA is
# as sure as ever of the wrong names.

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.plot(ANGLES, confidence, "o--", label="confidence, which anyone can see")
ax.plot(ANGLES, accuracy, "o-", label="accuracy, which needs target labels")
ax.set(xlabel="angle of the target in degrees", ylabel="mean over the target", ylim=(0, 1.02))
ax.legend()

# %%
# No criterion without target labels notices classes that have changed places; most of what else can
# go wrong is in the table of :doc:`/selection`.

plt.show()
