import numpy as np
from sklearn.datasets import load_digits

from skdomain.datasets import make_rotated_digits


def test_without_rotation_and_blur_the_digits_are_those_of_scikit_learn():
    problem = make_rotated_digits(0.0, blur=0.0, random_state=0)
    images, digits = load_digits(return_X_y=True)
    rows = np.column_stack([problem.X, problem.y])
    np.testing.assert_array_equal(
        rows[np.lexsort(rows.T)], np.column_stack([images, digits])[np.lexsort([*images.T, digits])]
    )


def test_target_is_turned_by_the_angle_and_the_source_is_not():
    straight = make_rotated_digits(0.0, blur=0.0, random_state=0)
    turned = make_rotated_digits(90.0, blur=0.0, random_state=0)
    source = turned.sample_domain > 0
    np.testing.assert_array_equal(turned.X[source], straight.X[source])
    quarter = np.rot90(straight.X[~source].reshape(-1, 8, 8), axes=(1, 2)).reshape(-1, 64)
    np.testing.assert_allclose(turned.X[~source], quarter, atol=1e-9)


def test_blur_evens_out_the_target_images():
    sharp = make_rotated_digits(0.0, blur=0.0, random_state=0)
    blurred = make_rotated_digits(0.0, blur=1.0, random_state=0)
    target = sharp.sample_domain < 0
    assert blurred.X[target].var(axis=1).mean() < 0.5 * sharp.X[target].var(axis=1).mean()
    assert set(blurred.sample_domain) == {1, -2}
