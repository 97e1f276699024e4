"""What is measured is a plan, and each program gives the same."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks.speed.transport import measure, problem, programs


def test_every_program_gives_the_same_plan():
    M = problem(40)
    plans = [plan_of() for plan_of in programs(M, 0.1).values()]
    for plan in plans:
        assert_allclose(plan, plans[0], atol=1e-9)


def test_the_error_is_that_of_all_sums():
    M = problem(4)
    seconds, error, _ = measure(lambda: np.full((4, 4), 1 / 8), M, rounds=1)
    assert error == pytest.approx(2 * 4 * (0.5 - 0.25))
    assert seconds >= 0
