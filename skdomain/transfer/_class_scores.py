"""What any classifier says of rows, as scores whose softmax are its probabilities."""

import numpy as np

from skdomain._estimators import answer_of

_LEAST = 1e-6  # probability that is told from 0


def score_method(model):
    """The method of a classifier that scores are found from."""
    for method in ("decision_function", "predict_proba"):
        if hasattr(model, method):
            return method
    raise ValueError(
        f"{type(model).__name__} says how sure it is in neither decision_function nor "
        "predict_proba; pass a classifier that does, such as LogisticRegression, or put this one "
        "into CalibratedClassifierCV."
    )


def said_of(model, X):
    """Decision values, else logarithms of probabilities: of two classes one number a row."""
    method = score_method(model)
    said = answer_of(model, method, X)
    if method == "predict_proba":
        logs = np.log(np.maximum(said, _LEAST))
        said = logs[:, 1] - logs[:, 0] if logs.shape[1] == 2 else logs
    return said.astype(np.float64, copy=False)


def one_column_each(said):
    """Scores with a column a class, of mean 0 in each row."""
    said = np.column_stack([-said / 2, said / 2]) if said.ndim == 1 else said
    return said - said.mean(axis=1, keepdims=True)


def class_columns(columns, known, classes):
    """Columns of the known classes at their places among all classes; 0 for the others."""
    placed = np.zeros((len(columns), len(classes)))
    placed[:, np.searchsorted(classes, known)] = columns
    return placed
