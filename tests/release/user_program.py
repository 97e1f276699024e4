"""A user's program that mypy is to accept; where a line is marked, it has to find a mistake.

It takes functions that scikit-learn's decorators check for functions of anything.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from skdomain import split_domains, stack_domains
from skdomain.alignment import CORAL
from skdomain.compose import PerDomain, SourceOnly
from skdomain.metrics import mmd
from skdomain.model_selection import AdaptationSearchCV, SafeTransfer
from skdomain.subspace import JDA, TCA
from skdomain.weighting import KMM


def adapted(rows: np.ndarray, labels: list[str], new: np.ndarray) -> np.ndarray:
    """Labels of new rows."""
    X, y, sample_domain = stack_domains((rows, labels), new)
    model = JDA(n_components=2, lam=0.5).fit(X, y, sample_domain=sample_domain)
    return np.asarray(model.predict(new))


def distance(rows: np.ndarray, new: np.ndarray) -> float:
    """How far apart the domains are."""
    return float(mmd(rows, new, gamma="median"))


def guarded(rows: np.ndarray, labels: list[str], new: np.ndarray) -> str:
    """What the guard decides."""
    baseline = SourceOnly(LogisticRegression())
    guard = SafeTransfer([TCA(2), KMM(LogisticRegression())], baseline=baseline, n_jobs=2)
    X, y, sample_domain = stack_domains((rows, labels), new)
    guard.fit(X, y, sample_domain=sample_domain)
    return f"{guard.decision_}"


def mistakes() -> None:
    """Never called."""
    AdaptationSearchCV({"coral": CORAL(reg=0.1)}, verbose=True)
    PerDomain(transformers=None)  # type: ignore[call-arg]
    TCA(n_component=2)  # type: ignore[call-arg]
    JDA(n_components="two")  # type: ignore[arg-type]
    SafeTransfer()  # type: ignore[call-arg]
    split_domains(np.eye(2), [0, 1])  # type: ignore[call-arg]
