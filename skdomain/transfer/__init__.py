"""Models that start from the source's and learn from a few labels of the target."""

from skdomain.transfer._transemdt import TransEMDT
from skdomain.transfer._transfer_forest import TransferForestClassifier, TransferForestRegressor
from skdomain.transfer._transfer_tree import TransferTreeClassifier, TransferTreeRegressor

__all__ = [
    "TransEMDT",
    "TransferForestClassifier",
    "TransferForestRegressor",
    "TransferTreeClassifier",
    "TransferTreeRegressor",
]
