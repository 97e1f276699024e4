"""One fitted transformer a domain: made, continued, looked up and asked."""

from copy import deepcopy

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from skdomain._domains import check_sample_domain, new_domains, warn_caller
from skdomain._estimators import params_at
from skdomain.compose._join import join_rows


def inner_has(method):
    """Whether the transformer inside has this method."""

    def check(self):
        getattr(self._inner(), method)
        return True

    return check


def groups_of(domains):
    """Each domain and the numbers of its rows."""
    return [(int(domain), np.flatnonzero(domains == domain)) for domain in np.unique(domains)]


def further_domains(sample_domain, n_samples):
    """Domains of rows that are added: all are of one source domain where none are given."""
    if sample_domain is None:
        return np.ones(n_samples, dtype=np.int64)
    return check_sample_domain(sample_domain, n_samples)


def warn_of_single_rows(transformers, X, groups):
    """Warn of domains whose only row its own transformer turns into zeros."""
    single = [(domain, rows) for domain, rows in groups if len(rows) == 1]
    lost = [
        domain
        for domain, rows in single
        if _is_zero(transformers[domain].transform(_safe_indexing(X, rows)))
    ]
    if lost:
        warn_caller(
            f"the domains {lost} have a single row each, which "
            f"{type(transformers[lost[0]]).__name__}, fitted to it by itself, turns into zeros. "
            "Pass more rows of them, or give them the number of a domain that is like them."
        )


def _is_zero(Z):
    return Z.count_nonzero() == 0 if sparse.issparse(Z) else not np.any(np.asarray(Z))


def fitted_clone(transformer, X, rows, params):
    """A clone fitted to some of the rows."""
    return clone(transformer).fit(_safe_indexing(X, rows), **params_at(params, X, rows))


def continued_clone(transformer, X, rows, domain, params):
    """A copy of a fitted transformer that has taken further rows."""
    if not hasattr(transformer, "partial_fit"):
        raise ValueError(
            f"domain {domain} was fitted already, and {type(transformer).__name__} takes no "
            "further rows, as it has no partial_fit; pass rows of new domains only, or call fit "
            "with all rows."
        )
    taken = deepcopy(transformer)
    return taken.partial_fit(_safe_indexing(X, rows), **params_at(params, X, rows))


def call_by_domain(transformers, method, X, sample_domain):
    """What the transformers make of the rows of their domains, in the order of the rows."""
    groups = groups_of(_known_domains(sorted(transformers), sample_domain, _num_samples(X)))
    parts = {
        domain: getattr(transformers[domain], method)(_safe_indexing(X, rows))
        for domain, rows in groups
    }
    widths = {domain: np.shape(part)[1:] for domain, part in parts.items()}
    if len(set(widths.values())) > 1:
        raise ValueError(
            f"the transformers of the domains give out rows of other shapes: {widths}. Fit them so "
            "that each domain has the same columns, or fit one to all rows."
        )
    return join_rows(list(parts.values()), [rows for _, rows in groups])


def _known_domains(fitted, sample_domain, n_samples):
    if sample_domain is None:
        candidates = [domain for domain in fitted if domain < 0] or fitted
        if len(candidates) > 1:
            raise ValueError(
                f"PerDomain was fitted to the domains {fitted}; pass sample_domain to transform so "
                "that each row meets the transformer of its own."
            )
        return np.full(n_samples, candidates[0])
    domains = new_domains(sample_domain, n_samples)
    unknown = sorted(set(domains.tolist()) - set(fitted))
    if unknown:
        raise ValueError(
            f"sample_domain names the domains {unknown}, but PerDomain was fitted to {fitted}; fit "
            "it with rows of every domain that it has to transform, or add them by partial_fit."
        )
    return domains
