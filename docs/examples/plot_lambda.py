"""
Does lambda matter, and can it be chosen without target labels?
===============================================================

``lam`` weighs the size of the map against the distance of the domains. The same search is done
three times: by the oracle, which reads the target's labels, and by two criteria that do not.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdomain.compose import SourceOnly
from skdomain.datasets import make_subspace_shift
from skdomain.inspection import ScorerDisplay
from skdomain.model_selection import DomainShuffleSplit, get_scorer
from skdomain.subspace import TCA

problem = make_subspace_shift(100, 100, class_sep=3.0, random_state=0)
X, y, sample_domain = problem.X, problem.y, problem.sample_domain
model = make_pipeline(TCA(1, kernel="primal"), SourceOnly(LogisticRegression()))
grid = {"tca__lam": np.logspace(-1, 5, 7)}
cv = DomainShuffleSplit(3, random_state=0)

# %%
# The paths
# ---------
# The star is what the criterion chose. With a large lambda the distance of the domains no longer
# counts, and TCA is PCA: its first component is what tells the domains apart. Values of different
# criteria cannot be compared, only where they are highest.

figure, axes = plt.subplots(ncols=3, figsize=(12, 4), layout="constrained")
for ax, name in zip(axes, ("oracle", "circular_validation", "class_mixture"), strict=True):
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(model, grid, scoring=get_scorer(name), cv=cv)
        search.fit(X, y, sample_domain=sample_domain)
        right = search.best_estimator_.score(X, y, sample_domain=sample_domain)
    ScorerDisplay.from_search(search, param="tca__lam", ax=ax)
    ax.set_title(name)
    print(f"{name}: lam {search.best_params_['tca__lam']:.2g}, right on {right:.0%}")
plt.show()
