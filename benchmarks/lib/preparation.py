"""Preparations of rows that the papers share, without labels."""

from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler

from skdomain.compose import PerDomain


def zscored(*steps):
    """Rows divided by their sum (counts: by their L1 norm), z-scored per domain."""
    return make_pipeline(Normalizer("l1"), PerDomain(StandardScaler()), *steps)


def unit(*steps):
    """As :func:`zscored`, then unit L2 rows."""
    return zscored(Normalizer(), *steps)


def counts_unit(*steps):
    """Raw counts z-scored per domain, then unit L2 rows: the DJP-MMD authors' Python program."""
    return make_pipeline(PerDomain(StandardScaler()), Normalizer(), *steps)


def pixels(*steps):
    """Unit L2 rows."""
    return make_pipeline(Normalizer(), *steps)


def prepared(X, sample_domain, preparation=unit):
    """Rows after one of these preparations, fitted to them."""
    with config_context(enable_metadata_routing=True):
        return preparation().fit_transform(X, sample_domain=sample_domain)


def unit_rows(X, _):
    """Rows of unit length."""
    return Normalizer().fit_transform(X)


def one_hot(X, _):
    """One column a category of a feature."""
    return OneHotEncoder(sparse_output=False).fit_transform(X)
