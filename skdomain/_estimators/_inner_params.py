"""Parameters of ``fit`` on their way to what a meta-estimator wraps."""

from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import _check_method_params


def inner_params(router, name, caller, callee, params):
    """Parameters of a method of what is wrapped: as requested with routing on, else as given.

    Parameters
    ----------
    router : estimator
        The meta-estimator.
    name : str
        Its parameter that holds what it wraps.
    caller, callee : str
        Methods of the one and of the other.
    params : dict
        What the caller got.

    Returns
    -------
    dict
    """
    if not _routing_enabled():
        return params
    return process_routing(router, caller, **params)[name][callee]


def params_at(params, X, rows):
    """Parameters with an entry a row of X are reduced to some of the rows, others left alone."""
    return _check_method_params(X, params, indices=rows)


class RoutesFitMixin:
    """Meta-estimator whose ``fit`` passes parameters on to that of what ``_inner()`` returns."""

    def get_metadata_routing(self) -> MetadataRouter:
        """Metadata that this estimator and the one it wraps ask for.

        Returns
        -------
        MetadataRouter
            What scikit-learn's routing reads.
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return router.add(estimator=self._inner(), method_mapping=mapping)
