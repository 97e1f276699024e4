"""Several domains stacked in one `Bunch`, and the ordered pairs of them."""

from itertools import permutations
from typing import Any

import numpy as np
from sklearn.utils import Bunch, _safe_indexing


class DomainsBunch(Bunch):
    """Rows of several domains, stacked domain by domain.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
        All rows.
    y : ndarray of shape (n_samples,)
        True labels, of every domain.
    domain_names : tuple of str
        The domains, in the order of the literature.
    domain_index : ndarray of shape (n_samples,)
        For each row the position of its domain in `domain_names`.
    filenames : tuple of str
        The files that were read.
    DESCR : str
        What the data are and where they come from.
    """

    def __dir__(self):
        """List the keys and the method, for completion."""
        return [*self.keys(), "tasks"]

    def tasks(self, names: Any = None) -> Any:
        """Iterate over adaptation tasks, that is ordered pairs of distinct domains.

        Parameters
        ----------
        names : str or iterable of str, default=None
            Tasks such as ``"C->A"``, in the order wanted. If None, all of them.

        Returns
        -------
        tasks : iterator of :class:`~sklearn.utils.Bunch`
            Each with `name`, `source` and `target` (domain names), `X`, `y` (the true labels of
            both domains), and `sample_domain`: source rows first with ``1 + index``, then target
            rows with ``-(1 + index)``, where `index` is the domain's position in `domain_names`.

        Raises
        ------
        ValueError
            A name is not a task of these domains.
        """
        known = [f"{s}->{t}" for s, t in permutations(self.domain_names, 2)]
        if names is None:
            names = known
        names = [names] if isinstance(names, str) else list(names)
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"Unknown tasks {unknown}; the tasks of these domains are {known}.")
        return (self._task(*name.split("->")) for name in names)

    def _task(self, source, target):
        pair = [self.domain_names.index(name) for name in (source, target)]
        rows = [np.flatnonzero(self.domain_index == i) for i in pair]
        both = np.concatenate(rows)
        return Bunch(
            name=f"{source}->{target}",
            source=source,
            target=target,
            X=_safe_indexing(self.X, both),
            y=self.y[both],
            sample_domain=np.repeat([1 + pair[0], -1 - pair[1]], [len(r) for r in rows]),
        )


def bunch_domains(data, **fields):
    """Stack ``{name: (X, y)}`` into a `DomainsBunch` with some more fields."""
    Xs, ys = zip(*data.values(), strict=True)
    return DomainsBunch(
        X=np.concatenate(Xs),
        y=np.concatenate(ys),
        domain_names=tuple(data),
        domain_index=np.repeat(np.arange(len(data)), [len(y) for y in ys]),
        **fields,
    )


def select_domains(domains, known):
    """Return the known domains that are asked for, in the order of the literature."""
    if domains is None:
        return tuple(known)
    if unknown := [name for name in domains if name not in known]:
        raise ValueError(f"Unknown domains {unknown}; this data set has {tuple(known)}.")
    if not domains:
        raise ValueError(f"No domain asked for; this data set has {tuple(known)}.")
    return tuple(name for name in known if name in domains)
