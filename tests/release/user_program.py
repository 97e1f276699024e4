"""A user's program, which mypy is to accept as it is, and whose mistakes it is to find."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from skdomain import stack_domains
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.metrics import mmd
from skdomain.model_selection import SafeTransfer
from skdomain.subspace import JDA, TCA


def adapted(rows: np.ndarray, labels: list[str], new: np.ndarray) -> np.ndarray:
    """Labels of new rows."""
    X, y, sample_domain = stack_domains((rows, labels), new)
    model = JDA(n_components=2, lam=0.5).fit(X, y, sample_domain=sample_domain)
    return np.asarray(model.predict(new))


def distance(rows: np.ndarray, new: np.ndarray) -> float:
    """How far apart the domains are."""
    return mmd(rows, new, gamma="median")


guard = SafeTransfer([TCA(2)], baseline=SourceOnly(LogisticRegression()), n_jobs=2)
PerDomain(CORAL(reg=0.1))
