"""Domains reach whatever asks for them, inside a pipeline too, whether routing is on or off."""

from sklearn import config_context
from sklearn.utils.metadata_routing import get_routing_for_object


def call_with_domains(estimator, method, *args, sample_domain):
    """Call a method of an estimator, with ``sample_domain`` if it or a step of it asks for it.

    Metadata routing is on during the call and as it was after it.
    """
    with config_context(enable_metadata_routing=True):
        asked = get_routing_for_object(estimator).consumes(method, ["sample_domain"])
        params = {"sample_domain": sample_domain} if asked else {}
        return getattr(estimator, method)(*args, **params)
