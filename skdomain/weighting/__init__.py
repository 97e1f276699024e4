"""Meta-estimators that train on source rows weighted towards the target."""

from skdomain.weighting._classifier import ClassifierWeighting, classifier_weights
from skdomain.weighting._flattening import flattened as flattened
from skdomain.weighting._flattening import n_effective as n_effective
from skdomain.weighting._flattening import n_varying as n_varying
from skdomain.weighting._gaussian import GaussianWeighting, gaussian_weights
from skdomain.weighting._kliep import KLIEP, kliep_weights
from skdomain.weighting._kmm import KMM, kmm_weights
from skdomain.weighting._nearest_neighbor import NearestNeighborWeighting, nearest_neighbor_weights
from skdomain.weighting._rulsif import RuLSIF, rulsif_weights

__all__ = [
    "KLIEP",
    "KMM",
    "ClassifierWeighting",
    "GaussianWeighting",
    "NearestNeighborWeighting",
    "RuLSIF",
    "classifier_weights",
    "gaussian_weights",
    "kliep_weights",
    "kmm_weights",
    "nearest_neighbor_weights",
    "rulsif_weights",
]
