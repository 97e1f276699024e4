"""
Is there a shift, and in which features?
========================================

Before any adaptation: do the domains differ by more than chance, and where? Six measurements of two
sites; at the second, copper is measured too high, tin is noisier, and the others are as they were.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skdomain.inspection import DomainReportDisplay
from skdomain.metrics import domain_report

rng = np.random.default_rng(0)
names = ["iron", "zinc", "copper", "lead", "nickel", "tin"]
frame = pd.DataFrame(rng.normal(10, 1, size=(300, 6)), columns=names)
sample_domain = np.repeat([1, -2], 150)
second = sample_domain < 0
frame.loc[second, "copper"] *= 1.1
frame.loc[second, "tin"] += rng.normal(scale=1.5, size=150)

# %%
# The report
# ----------
# Each measure of the distance stands with the p-value of a permutation test, as every distance of
# finitely many rows is above zero. The measures see different things: the linear one compares means
# alone, the distance of CORAL covariances alone.

report = domain_report(frame, sample_domain, random_state=0)
print(report)

# %%
# The features behind it
# ----------------------
# The Kolmogorov-Smirnov statistic sees any difference of one feature; the difference of means, in
# standard deviations, and the logarithm of the ratio of variances say of which kind it is. What is
# left on the other features is the chance of 150 rows.

kinds = ["ks_statistic", "mean_difference", "log_variance_ratio"]
figure, axes = plt.subplots(ncols=3, figsize=(12, 4), layout="constrained")
for ax, kind in zip(axes, kinds, strict=True):
    DomainReportDisplay.from_report(report, ax=ax, contribution=kind)

# %%
# None of this says that a model of the first site fails at the second: a feature may move that the
# labels do not depend on. But without a shift here, there is nothing to adapt.

plt.show()
