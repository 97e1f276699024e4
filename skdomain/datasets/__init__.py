"""Real benchmarks of domain adaptation, and generated problems whose truth is known."""

from skdomain.datasets._bunch import DomainsBunch
from skdomain.datasets._problems._attribute_classes import make_attribute_classes
from skdomain.datasets._problems._covariate_shift import make_covariate_shift
from skdomain.datasets._problems._gradual_shift import make_gradual_shift
from skdomain.datasets._problems._label_shift import make_label_shift
from skdomain.datasets._problems._regression_shift import make_regression_shift
from skdomain.datasets._problems._rotated_digits import make_rotated_digits
from skdomain.datasets._problems._rotated_moons import make_rotated_moons
from skdomain.datasets._problems._subspace_shift import make_subspace_shift
from skdomain.datasets._real._amazon_reviews import load_amazon_reviews
from skdomain.datasets._real._diabetes_domains import load_diabetes_domains
from skdomain.datasets._real._fetch import get_data_home
from skdomain.datasets._real._image_pairs import load_coil20, load_mnist_usps
from skdomain.datasets._real._mushroom import load_mushroom
from skdomain.datasets._real._office_caltech import load_office_caltech10

__all__ = [
    "DomainsBunch",
    "get_data_home",
    "load_amazon_reviews",
    "load_coil20",
    "load_diabetes_domains",
    "load_mnist_usps",
    "load_mushroom",
    "load_office_caltech10",
    "make_attribute_classes",
    "make_covariate_shift",
    "make_gradual_shift",
    "make_label_shift",
    "make_regression_shift",
    "make_rotated_digits",
    "make_rotated_moons",
    "make_subspace_shift",
]
