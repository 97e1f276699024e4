"""Optimal transport: source rows matched with target rows at the least cost."""

from skdomain.transport._class_proportions import jcpot_plans
from skdomain.transport._class_regularised import class_plan
from skdomain.transport._exact import exact_plan, sorted_plan
from skdomain.transport._jcpot import JCPOT
from skdomain.transport._jdot_classifier import JDOTClassifier
from skdomain.transport._jdot_regressor import JDOTRegressor
from skdomain.transport._label_propagation import OTLabelPropagation
from skdomain.transport._optimal_transport import OptimalTransport
from skdomain.transport._plans import barycentric_rows
from skdomain.transport._sinkhorn import sinkhorn_plan
from skdomain.transport._sliced import SlicedTransport

__all__ = [
    "JCPOT",
    "JDOTClassifier",
    "JDOTRegressor",
    "OTLabelPropagation",
    "OptimalTransport",
    "SlicedTransport",
    "barycentric_rows",
    "class_plan",
    "exact_plan",
    "jcpot_plans",
    "sinkhorn_plan",
    "sorted_plan",
]
