"""Classes that no training row has, recognised by what is known of them: their attributes."""

from skdomain.zero_shot._attribute_hinge import AttributeHinge, hinge_map
from skdomain.zero_shot._dap import DAP
from skdomain.zero_shot._eszsl import ESZSL, eszsl_map
from skdomain.zero_shot._harmonic import harmonic_accuracy, harmonic_accuracy_scorer
from skdomain.zero_shot._semantic_autoencoder import SemanticAutoencoder, semantic_autoencoder_map

__all__ = [
    "DAP",
    "ESZSL",
    "AttributeHinge",
    "SemanticAutoencoder",
    "eszsl_map",
    "harmonic_accuracy",
    "harmonic_accuracy_scorer",
    "hinge_map",
    "semantic_autoencoder_map",
]
