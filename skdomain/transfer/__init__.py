"""Models that start from the source's and learn from a few labels of the target."""

from skdomain.transfer._adaptive_svm import AdaptiveSVM
from skdomain.transfer._co_clusters import self_taught_clusters
from skdomain.transfer._feature_augmentation import FeatureAugmentation
from skdomain.transfer._linear_probe import LinearProbe
from skdomain.transfer._self_taught import SelfTaughtFeatures, self_taught_codes
from skdomain.transfer._self_taught_clustering import SelfTaughtClustering
from skdomain.transfer._self_training import SelfTrainingAdapter
from skdomain.transfer._source_regularized_logistic import SourceRegularizedLogisticRegression
from skdomain.transfer._source_regularized_ridge import SourceRegularizedRidge
from skdomain.transfer._transemdt import TransEMDT
from skdomain.transfer._transfer_forest import TransferForestClassifier, TransferForestRegressor
from skdomain.transfer._transfer_tree import TransferTreeClassifier, TransferTreeRegressor

__all__ = [
    "AdaptiveSVM",
    "FeatureAugmentation",
    "LinearProbe",
    "SelfTaughtClustering",
    "SelfTaughtFeatures",
    "SelfTrainingAdapter",
    "SourceRegularizedLogisticRegression",
    "SourceRegularizedRidge",
    "TransEMDT",
    "TransferForestClassifier",
    "TransferForestRegressor",
    "TransferTreeClassifier",
    "TransferTreeRegressor",
    "self_taught_clusters",
    "self_taught_codes",
]
