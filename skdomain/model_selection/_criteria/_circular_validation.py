"""Circular or reverse validation: adapt back to the source, whose labels are known.

E. Zhong, W. Fan, Q. Yang, O. Verscheure and J. Ren (2010), "Cross validation framework to choose
amongst models and datasets for transfer learning", ECML PKDD; L. Bruzzone and M. Marconcini (2010),
"Domain adaptation problems: a DASVM classification technique and a circular validation strategy",
IEEE Transactions on Pattern Analysis and Machine Intelligence 32.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_regressor
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import validate_params

from skdomain._domains import stack_rows
from skdomain._estimators import asks_for_domains, call_with_domains
from skdomain.model_selection._criteria._gains import squared_gains
from skdomain.model_selection._criteria._scorer import Estimate, SourceScorer, mean_estimate


@validate_params(
    {"y": ["array-like"], "predicted": ["array-like"], "balanced": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def circular_accuracy(y: Any, predicted: ArrayLike, *, balanced: bool = False) -> Estimate:
    """Accuracy on rows with known labels and its standard error.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        True labels.
    predicted : array-like of shape (n_samples,)
        Predicted labels.
    balanced : bool, default=False
        Mean over the classes of y of the accuracy on each, in place of that over the rows.

    Returns
    -------
    Estimate
        The accuracy a and ``sqrt(a (1 - a) / (n - 1))``; balanced, the root of the sum of the
        squared errors of the C classes, over C. NaN where a mean is of a single row.

    Raises
    ------
    ValueError
        If there is not one true and one predicted label a row, or no row.

    Examples
    --------
    >>> from skdomain.model_selection import circular_accuracy
    >>> circular_accuracy(["a", "a", "a", "b", "b"], ["a", "a", "a", "a", "b"])
    Estimate(value=0.8, standard_error=0.2)
    >>> circular_accuracy(["a", "a", "a", "b", "b"], ["a", "a", "a", "a", "b"], balanced=True)
    Estimate(value=0.75, standard_error=0.25)
    """
    y, predicted = column_or_1d(y), column_or_1d(predicted)
    if len(y) != len(predicted) or not len(y):
        raise ValueError(
            f"y has {len(y)} and predicted {len(predicted)} labels; pass a true and a predicted "
            "label for each row, at least one."
        )
    correct = predicted == y
    if not balanced:
        return mean_estimate(correct)
    values, errors = np.transpose([mean_estimate(correct[y == label]) for label in np.unique(y)])
    return Estimate(float(values.mean()), float(np.linalg.norm(errors) / len(errors)))


class CircularValidation(SourceScorer):
    """Accuracy or error on the source of a model that learns from what it predicts on the target.

    The classifier labels the target rows; a clone of it is fitted with the domains exchanged, to
    the target rows with these labels as source and the source rows without labels as target; the
    value is its accuracy on the source rows. Labels that are wrong on the target, or unrelated to
    those of the source, do not lead back. Of a regressor the same with values, and the value is
    less the mean squared error on the source rows.

    Parameters
    ----------
    balanced : bool, default=False
        Balanced accuracy, in which each class counts the same; the papers' is over rows. Regressors
        have no classes to balance.
    source : tuple (Xs, ys) or (Xs, ys, sample_domain), default=None
        Held-out labelled source rows for where the rows to judge on hold none, as in scikit-learn's
        searches without metadata routing. Their domain is 1 unless given.

    See Also
    --------
    circular_accuracy : The function on arrays.

    Notes
    -----
    The way back starts from the rows to judge on alone, so test folds should not be small. Where
    the target rows are all given one label nothing can be learnt, and the value is the accuracy, or
    less the error, of that label. A model that does not ask for ``sample_domain`` is fitted to the
    target rows only. Parameters that went to ``fit``, such as weights, are not passed on the way
    back. Source labels are hidden from it behind a target label, so methods that learn from target
    labels by contract are not judged fairly.

    Costs one fit. The standard error takes the model of the way back as fixed. The papers write of
    classifiers; the squared error in place of the accuracy is ours.

    References
    ----------
    E. Zhong, W. Fan, Q. Yang, O. Verscheure and J. Ren (2010), "Cross validation framework to
    choose amongst models and datasets for transfer learning", ECML PKDD, 547-562.

    L. Bruzzone and M. Marconcini (2010), "Domain adaptation problems: a DASVM classification
    technique and a circular validation strategy", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 32, 770-787.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.model_selection import CircularValidation
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0], [0.3], [3.0]])
    >>> y, d = np.array([0, 0, 1, 1, -1, -1]), np.array([1, 1, 1, 1, -2, -2])
    >>> model = SourceOnly().fit(X, y, sample_domain=d)
    >>> CircularValidation()(model, X, y, sample_domain=d)  # one label on the target
    0.5
    >>> X[4] = -3.0
    >>> CircularValidation()(model, X, y, sample_domain=d)
    1.0
    """

    _judges_regressors = True
    _parameter_constraints: dict = {"balanced": ["boolean"], "source": [tuple, None]}

    def __init__(self, *, balanced: bool = False, source: Any = None) -> None:
        self.balanced = balanced
        self.source = source

    def _judge(self, evidence):
        labels, regresses = evidence.target_labels, is_regressor(evidence.estimator)
        if regresses and self.balanced:
            raise ValueError(
                f"balanced=True counts each class the same, and {type(evidence.estimator).__name__}"
                " is a regressor, which has none; take balanced=False."
            )
        if (labels == labels[:1]).all():
            back = np.repeat(labels[:1], evidence.source.n_rows, axis=0)
        else:
            back = (_way_back if regresses else labels_on_the_way_back)(evidence, labels)
        if regresses:
            return mean_estimate(squared_gains(evidence.y_source, back))
        return circular_accuracy(evidence.y_source, back, balanced=self.balanced)


def labels_on_the_way_back(evidence, labels):
    """Labels of the source rows by a clone that learns from those predicted on the target.

    Some learners, such as XGBoost, take no labels but 0 to k - 1, and those that are predicted may
    leave gaps. A clone that fails on them gets their numbers instead; the others do not, as their
    parameters may name classes.
    """
    classes, numbers = np.unique(labels, return_inverse=True)
    try:
        return _way_back(evidence, labels)
    except Exception as refusal:
        try:
            return classes[_way_back(evidence, numbers)]
        except Exception:
            raise refusal from None


def _way_back(evidence, labels):
    model, n_source = clone(evidence.estimator), evidence.source.n_rows
    target, source = evidence.target, evidence.source
    if asks_for_domains(model):
        X = stack_rows([target.X, source.X])
        y = np.concatenate([labels, np.repeat(labels[:1], n_source, axis=0)])
        domains = np.concatenate([target.sample_domain, source.sample_domain])
        call_with_domains(model, "fit", X, y, sample_domain=-domains)
    else:
        model.fit(target.X, labels)
    return call_with_domains(model, "predict", source.X, sample_domain=-source.sample_domain)
