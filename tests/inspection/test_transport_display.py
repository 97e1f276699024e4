"""The plan that is drawn is the plan, its rows and columns in the order of the classes."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdomain.compose import SourceOnly
from skdomain.inspection import TransportDisplay
from skdomain.transport import OptimalTransport


def test_rows_of_a_class_stand_side_by_side(pyplot):
    plan = np.array([[0.1, 0.0, 0.2], [0.0, 0.3, 0.0], [0.2, 0.0, 0.2]])
    display = TransportDisplay(plan, np.array(["b", "a", "b"]), estimator_name="Mine").plot()
    expected = [[0.3, 0.0, 0.0], [0.0, 0.1, 0.2], [0.0, 0.2, 0.2]]
    assert_array_equal(display.image_.get_array(), expected)
    assert display.ax_.get_title() == "Mine: purity 1.00"
    assert len(display.ax_.lines) == 1


def test_purity_is_the_mean_share_of_the_leading_class():
    plan = np.array([[0.2, 0.1], [0.2, 0.4], [0.0, 0.1]])
    assert TransportDisplay(plan, np.array([0, 1, 1])).purity == pytest.approx((0.5 + 5 / 6) / 2)


def test_it_reads_a_fitted_estimator_and_the_labels_of_the_source(pyplot, make_domains):
    X, y, d = make_domains()
    model = OptimalTransport().fit(X, y, sample_domain=d)
    display = TransportDisplay.from_estimator(model, np.where(d < 0, 99, y), d)
    assert_array_equal(display.labels, y[d > 0])
    assert display.ax_.get_title().startswith("OptimalTransport: purity")
    with pytest.raises(ValueError, match="needs plan_, which SourceOnly has not; pass a fitted"):
        TransportDisplay.from_estimator(SourceOnly().fit(X, y, sample_domain=d), y, d)
    with pytest.raises(ValueError, match=r"plan_ of shape \(18, 14\), but sample_domain has 17"):
        TransportDisplay.from_estimator(
            model, y, np.where(np.arange(32) == np.argmax(d > 0), -2, d)
        )
