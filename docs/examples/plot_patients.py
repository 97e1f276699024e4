"""
A tutorial on real data: from younger patients to older ones
============================================================

scikit-learn's diabetes data: nine measurements of 442 patients, and how far the disease has
progressed a year later. Say that this is known of the younger ones alone, and that a model is to
tell which of the older ones will be above the median. Four questions, in the order in which they
come up: is there a shift, which method, does it help, and how sure is that? At the end the labels
are looked at. It takes ``pip install pandas matplotlib`` beside skdomain, and no download.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain.compose import PerDomain, SourceOnly
from skdomain.datasets import load_diabetes_domains
from skdomain.inspection import DomainReportDisplay
from skdomain.metrics import domain_report
from skdomain.model_selection import SafeTransfer

# %%
# The data
# --------
# ``sample_domain`` is 1 on rows of the younger patients and -2 on those of the older ones. Their
# labels are left out, as they would be missing in earnest.

data = load_diabetes_domains(by="age")
task = next(data.tasks("younger->older"))
X, sample_domain = pd.DataFrame(task.X, columns=data.feature_names), task.sample_domain
older = sample_domain < 0
above = np.where(task.y > np.median(task.y[~older]), "above", "below")
y = np.where(older, None, above)

# %%
# Is there a shift?
# -----------------
# Small p-values say so, and the figure in which measurements. Blood pressure rises with age.

report = domain_report(X, sample_domain, measures=["mmd", "proxy_a_distance"], random_state=0)
print(report)
DomainReportDisplay(report).plot()

# %%
# What a model promises that does not know of it
# ----------------------------------------------
# Rows that were left out of the younger patients say what to expect of younger patients.

model = make_pipeline(StandardScaler(), LogisticRegression())
promised = cross_val_score(model, X[~older], above[~older], cv=10).mean()
print(f"cross-validation on the younger patients: {promised:.2f}")

# %%
# Which method, and does it help?
# -------------------------------
# The candidate standardises each group by itself. The guard asks for evidence, without a label of
# an older patient, and says what it found.

baseline = SourceOnly(model)
scaled = make_pipeline(PerDomain(StandardScaler()), clone(baseline))
guard = SafeTransfer({"scaled": scaled}, baseline=baseline)
guard.fit(X, y, sample_domain=sample_domain)
print(guard.decision_)

# %%
# How sure is that?
# -----------------
# The decision ends with what is expected of the model that it chose: from unlabelled rows, with an
# interval and with what speaks against it. :func:`~skdomain.model_selection.estimate_accuracy` says
# the same of any model.

expected = guard.decision_.expected
print(f"{expected.value:.2f}, from {expected.interval[0]:.2f} to {expected.interval[1]:.2f}")

# %%
# And in truth?
# -------------
# Nobody who has this task can draw this figure. Standardising the groups by themselves takes away
# that the older patients are more ill, which was no fault of a measurement: the guard was right to
# refuse it. Where the instruments differ, the same candidate is right and taken
# (:doc:`plot_adapted`).

told = dict.fromkeys(["perdomain__sample_domain", "sourceonly__sample_domain"], sample_domain)
models = {"guard": guard, "scaled": scaled.fit(X, y, **told)}
truth = {name: np.mean(fitted.predict(X[older]) == above[older]) for name, fitted in models.items()}

fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
bars = ax.barh(list(truth), list(truth.values()), height=0.5, color="C0", alpha=0.5)
ax.bar_label(bars, fmt="%.2f", label_type="center")
ax.axvspan(*expected.interval, color="C1", alpha=0.25, label="expected of the guard's, at 90 %")
ax.axvline(promised, color="C3", linestyle="--", label="promised by cross-validation")
ax.set(xlim=(0.5, 1), ylim=(1.5, -1.1), title="Older patients predicted right")
ax.legend(loc="upper right")
plt.show()
