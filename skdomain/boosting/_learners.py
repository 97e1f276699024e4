"""The learners that boosting takes by default: linear, on standardised rows, and kept small."""

from sklearn import config_context
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PENALTY = 10.0  # of the ridge, whose weights add up to the number of rows
STRENGTH = 0.03  # C of the logistic regression; docs/boosting.md says what it was chosen by


def default_classifier():
    """Logistic regression with C = 0.03 on rows of standard deviation 1 in each feature.

    The intercept is free, so rows need no centring and sparse ones stay sparse. The deviations are
    those of the weighted rows.
    """
    with config_context(enable_metadata_routing=True):
        scaler = StandardScaler(with_mean=False).set_fit_request(sample_weight=True)
        learner = LogisticRegression(C=STRENGTH, max_iter=1000)
        return make_pipeline(scaler, learner.set_fit_request(sample_weight=True))


def default_regressor():
    """Ridge regression with alpha = 10 on rows of standard deviation 1 in each feature."""
    with config_context(enable_metadata_routing=True):
        scaler = StandardScaler(with_mean=False).set_fit_request(sample_weight=True)
        return make_pipeline(scaler, Ridge(alpha=PENALTY).set_fit_request(sample_weight=True))
