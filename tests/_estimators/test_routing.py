"""The domains reach whatever asks for them, and nothing else, whether routing is on or off."""

import pytest
from sklearn import config_context, get_config
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdomain._estimators import asks_for_domains, call_with_domains
from skdomain.compose import PerDomain, SourceOnly

ASK = [SourceOnly(), PerDomain(), make_pipeline(StandardScaler(), SourceOnly())]
DO_NOT_ASK = [LogisticRegression(), StandardScaler(), make_pipeline(StandardScaler())]

either_setting = pytest.mark.parametrize("routing", [True, False])


@either_setting
def test_a_step_that_asks_makes_the_pipeline_ask(routing):
    with config_context(enable_metadata_routing=routing):
        assert all(asks_for_domains(model) for model in ASK)
        assert not any(asks_for_domains(model) for model in DO_NOT_ASK)
        assert asks_for_domains(PerDomain(), "transform")
        assert get_config()["enable_metadata_routing"] == routing


@either_setting
@pytest.mark.parametrize("model", ASK, ids=str)
def test_the_domains_reach_the_step_that_asks(model, routing, make_domains):
    X, y, d = make_domains()
    with config_context(enable_metadata_routing=routing):
        call_with_domains(model, "fit", X, y, sample_domain=d)
        with pytest.raises(ValueError, match="sample_domain"):
            call_with_domains(model, "fit", X, y, sample_domain=d[1:])
        assert get_config()["enable_metadata_routing"] == routing


@pytest.mark.parametrize("model", DO_NOT_ASK, ids=str)
def test_what_does_not_ask_is_called_without_them(model, make_domains):
    X, y, _ = make_domains()
    call_with_domains(model, "fit", X, y, sample_domain="not looked at")
