"""Domains reach whatever asks for them, inside a pipeline too, whether routing is on or off."""

from sklearn import config_context

from skdomain._estimators._answer import answer_of


def asks_for_domains(estimator, method="fit"):
    """Whether a method takes ``sample_domain``, in a step of a pipeline at least."""
    if not hasattr(estimator, "get_metadata_routing"):
        return False
    with config_context(enable_metadata_routing=True):
        return bool(estimator.get_metadata_routing().consumes(method, ["sample_domain"]))


def call_with_domains(estimator, method, *args, sample_domain):
    """Call a method of an estimator, with ``sample_domain`` if it or a step of it asks for it.

    Metadata routing is on during the call and as it was after it.
    """
    with config_context(enable_metadata_routing=True):
        params = {"sample_domain": sample_domain} if asks_for_domains(estimator, method) else {}
        return answer_of(estimator, method, *args, **params)
