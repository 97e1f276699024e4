"""The one place that reads what an estimator inside predicts."""

import numpy as np


def answer_of(estimator, method, *args, **params):
    """What a method of an estimator returns; of predictions, one a row has shape (n,).

    Some learners, such as CatBoost with three classes, predict a column of shape (n, 1), which
    compared with n labels would give n x n answers.
    """
    said = getattr(estimator, method)(*args, **params)
    is_column = method == "predict" and np.ndim(said) == 2 and np.shape(said)[1] == 1
    return np.reshape(said, -1) if is_column else said
