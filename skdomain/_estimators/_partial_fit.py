"""Moments of the rows seen so far, as the state of ``partial_fit``."""

import numpy as np
from sklearn.utils.validation import validate_data

from skdomain._domains import ENCODING, NoTargetWarning, check_sample_domain, warn_caller
from skdomain._rows import as_rows, domain_moments, is_streamed


def forget_moments(estimator):
    """What ``fit`` does first: it takes nothing from earlier calls of ``partial_fit``."""
    for name in ("_moments", "n_samples_seen_"):
        vars(estimator).pop(name, None)


def update_moments(estimator, X, sample_domain, *, min_rows):
    """Moments of the rows of all calls of ``partial_fit``, with those of this one.

    Says that the estimator does not adapt yet unless each domain has had ``min_rows`` rows.
    """
    before = vars(estimator).get("_moments")
    X, source = _validate(estimator, X, sample_domain, is_first=before is None)
    seen = domain_moments(X, source)
    if before is not None:
        seen = before + seen
    estimator._moments = seen
    estimator.n_samples_seen_ = np.array([seen.source.n, seen.target.n])
    if min(estimator.n_samples_seen_) < min_rows:
        warn_caller(
            f"{type(estimator).__name__} has seen {seen.source.n} source and {seen.target.n} "
            f"target row(s) and does not adapt before {min_rows} of each; pass sample_domain with "
            f"{ENCODING} to partial_fit.",
            NoTargetWarning,
        )
    return seen


def _validate(estimator, X, sample_domain, *, is_first):
    """Rows of one call, and which of them are source rows: all where no domains are given."""
    if is_first and hasattr(estimator, "n_features_in_"):
        warn_caller(
            f"this {type(estimator).__name__} was fitted by fit, of whose rows nothing is kept: "
            "partial_fit begins anew. Call it on a clone to silence this.",
            UserWarning,
        )
        for name in [name for name in vars(estimator) if name.endswith("_")]:
            delattr(estimator, name)
    X = validate_rows(estimator, X, reset=is_first)
    if sample_domain is None:
        return X, np.ones(len(X), dtype=bool)
    return X, check_sample_domain(sample_domain, len(X)) > 0


def validate_rows(estimator, X, *, reset=True, **options):
    """Rows as an array of floats, or streamed ones, which are not looked into."""
    X = as_rows(X)
    if is_streamed(X):
        return validate_data(estimator, X, skip_check_array=True, reset=reset)
    return validate_data(estimator, X, dtype=[np.float64, np.float32], reset=reset, **options)
