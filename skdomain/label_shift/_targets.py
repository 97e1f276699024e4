"""Several targets, each with priors of its own."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from skdomain.label_shift._correction import Correction


class Targets(NamedTuple):
    """Corrections of the source, of all target rows together, and of each target domain."""

    source: Correction
    together: Correction
    by_domain: dict

    def posteriors(self, X, sample_domain):
        """Corrected posteriors of rows; without ``sample_domain``, of all targets together."""
        if sample_domain is None:
            return self.together.model.posteriors(X)
        P = np.empty((_num_samples(X), len(self.source.class_weight)))
        for domain in np.unique(sample_domain):
            rows = np.flatnonzero(sample_domain == domain)
            P[rows] = self._of(domain).model.posteriors(_safe_indexing(X, rows))
        return P

    def corrected(self, posteriors):
        """What a model like the fitted one says of rows, corrected for all targets together."""
        return self.together.model.of(posteriors)

    def _of(self, domain):
        """The correction of a domain; where there is one target, any target is that one.

        Rows of the source get that of all targets together: criteria ask there what the model says
        of the target.
        """
        if domain > 0:
            return self.together
        if len(self.by_domain) > 1 and domain not in self.by_domain:
            raise ValueError(
                f"sample_domain names the target {domain}, and priors are known of "
                f"{sorted(self.by_domain)}; fit with rows of it, call set_target, or leave out "
                "sample_domain for the priors of all targets together."
            )
        return self.by_domain.get(domain, self.together)


def corrected_targets(X, domains, source, correct):
    """Corrections of the targets among the rows.

    Parameters
    ----------
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows.
    domains : ndarray of shape (n_samples,), int
        Their domains.
    source : Correction
        That of source rows, and of the target where there is none.
    correct : callable
        Correction of target rows.

    Returns
    -------
    Targets
    """
    names = np.unique(domains[domains < 0]).tolist()
    if not names:
        return Targets(source, source, {})
    together = correct(_safe_indexing(X, np.flatnonzero(domains < 0)))
    if len(names) == 1:
        return Targets(source, together, {names[0]: together})
    parts = {d: correct(_safe_indexing(X, np.flatnonzero(domains == d))) for d in names}
    return Targets(source, together, parts)


def check_targets(domains):
    """Domains of rows, some of which are of a target."""
    if (domains > 0).all():
        raise ValueError(
            f"set_target got no target row among {len(domains)} rows; pass negative integers "
            "in sample_domain, or leave it out."
        )
    return domains
