"""Expected accuracy of a fitted classifier on a target without labels."""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_regressor
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions, validate_params
from sklearn.utils.validation import _num_samples, check_consistent_length, check_is_fitted

from skdomain._domains import check_sample_domain
from skdomain.model_selection._expected._combined import COMBINED, expect
from skdomain.model_selection._expected._confusion_metrics import metric_of_confusion
from skdomain.model_selection._expected._expectations import EXPECTATIONS
from skdomain.model_selection._expected._told import told_of


@validate_params(
    {
        "method": [StrOptions({*EXPECTATIONS, COMBINED})],
        "metric": [str, callable],
        "cv": ["cv_object", StrOptions({"prefit"})],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "n_bootstrap": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def estimate_accuracy(
    model: Any,
    X: Any,
    y: Any,
    sample_domain: ArrayLike,
    *,
    method: str = COMBINED,
    metric: str | Callable[..., Any] = "accuracy",
    cv: Any = 5,
    level: float = 0.9,
    n_bootstrap: int = 200,
    random_state: int | np.random.RandomState | None = 0,
) -> Any:
    """Expected accuracy, with an interval, of a fitted classifier on the unlabelled target.

    Parameters
    ----------
    model : classifier
        Fitted, adapted or not: whatever has ``predict`` and ``classes_``. It is left as it is.
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows of both domains, those that the model was fitted to.
    y : array-like of shape (n_samples,)
        Labels of the source rows; what it holds on target rows is not read.
    sample_domain : array-like of shape (n_samples,)
        Positive integers for source rows, negative for target rows; both are needed.
    method : {"combined", "calibrated", "thresholded", "difference", "importance", "mixture", \
            "reverse", "opinion"}, default="combined"
        What is taken for granted in the place of labels; see Notes.
    metric : str or callable, default="accuracy"
        Name of a scorer of scikit-learn that reads labels alone, such as "f1_macro", or a metric
        ``metric(y_true, y_pred, sample_weight=...)``.
    cv : int, splitter, iterable of pairs of row numbers, or "prefit", default=5
        Folds of the source rows, as a number or from what splits them: what the model says of
        source rows that it has not seen is known from clones that are fitted to the other folds
        and all target rows. "prefit": the source rows in X are ones that the model has not seen,
        and it is asked itself; of rows that it has seen the expectation is too high.
    level : float, default=0.9
        Level of the intervals.
    n_bootstrap : int, default=200
        Draws of the rows that the intervals are made of, at least 2.
    random_state : int, RandomState instance or None, default=0
        Seeds the draws.

    Returns
    -------
    ExpectedAccuracy
        Value, interval, expected confusion, what is expected of each class and by each method,
        assumptions and doubts; ``print`` it for a sentence.

    Raises
    ------
    ValueError
        If a parameter is out of its range, the model is a regressor, a domain has no rows, labels
        of the source are missing or unknown to the model, the metric reads more than labels, or a
        clone fails.

    See Also
    --------
    SafeTransfer : Whether to adapt at all.
    ImportanceWeighted : A criterion to choose by.
    skdomain.label_shift.LabelShiftClassifier : Corrects what is said for other proportions.

    Notes
    -----
    Of each method, the expected confusion of the target is found first, and every metric is one of
    it. With the calibrated posteriors P of the model, f what it predicts, source rows s that it has
    not seen, and target rows t:

    * "calibrated": ``C_ij = mean_t P_i(x_t) [f(x_t) = j]``, whose trace is the mean confidence.
    * "thresholded" (ATC) [1]_: the share of target rows that are surer than a threshold, above
      which as many source rows are as are predicted right; by the negative entropy of P.
    * "difference" [2]_: the source's accuracy less the fall of the mean confidence.
    * "importance" [3]_: ``C_ij = sum_s w_s [y_s = i] [f(x_s) = j] / sum_s w_s``, with density
      ratios w of the log-odds of P, flattened.
    * "mixture": ``C_ij = q_i P_s(f = j | y = i)`` with the most likely proportions q of the
      classes, as under label shift.
    * "reverse" [4]_: the same with w = 1, of what a logistic regression predicts of the source
      rows that learnt from the target rows and what is predicted of them, with nothing adapted.
    * "opinion": that of "calibrated", with the posteriors of a kernel logistic regression of the
      source rows, to which nothing is adapted, of what the model predicts.
    * "combined": the mean of four families, each the mean of its methods: by confidence, the first
      three; by composition, "importance" and "mixture"; "reverse"; and "opinion".

    ATC and the difference say how many rows are right and not which; their matrices share the rest
    among the classes by P.

    Intervals are quantiles over draws of the rows of both domains, source rows within their class,
    and of the labels of as many target rows as there are. They hold if the assumption does. That
    of "combined" is a prediction interval of one more family, as in a meta-analysis with random
    effects: it is as wide as four families that differ warrant, and does not vanish with the
    number of rows. None can see a rule that has changed for rows that look the same.

    Where the domains are told apart by their rows and not as the model sees them, a map may have
    laid the classes on the wrong ones. With h, the fall of ``2 AUC - 1`` of a logistic regression
    that tells the domains apart, the lower end of the accuracy is ``(1 - h) low + h min(low, 1/K)``
    for K classes, and a doubt says so; ends of single methods and classes stay as they are.

    The folds cost ``cv`` fits of the model. Of "importance" the weights are taken as known, of
    "reverse" what is learnt on the way back, and of "opinion" the rule, which is calibrated on five
    folds of its own. These two need rows that are finite numbers, sparse ones included.

    References
    ----------
    .. [1] S. Garg, S. Balakrishnan, Z. C. Lipton, B. Neyshabur and H. Sedghi (2022), "Leveraging
       unlabeled data to predict out-of-distribution performance", ICLR.
    .. [2] D. Guillory, V. Shankar, S. Ebrahimi, T. Darrell and L. Schmidt (2021), "Predicting with
       confidence on unseen distributions", ICCV.
    .. [3] M. Sugiyama, M. Krauledat and K.-R. Mueller (2007), "Covariate shift adaptation by
       importance weighted cross validation", Journal of Machine Learning Research 8.
    .. [4] E. Zhong, W. Fan, Q. Yang, O. Verscheure and J. Ren (2010), "Cross validation framework
       to choose amongst models and datasets for transfer learning", ECML PKDD.

    Examples
    --------
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.datasets import make_label_shift
    >>> from skdomain.model_selection import estimate_accuracy
    >>> p = make_label_shift(target_priors=[0.2, 0.8], class_sep=2.0, random_state=0)
    >>> model = SourceOnly().fit(p.X, p.y, sample_domain=p.sample_domain)
    >>> expected = estimate_accuracy(model, p.X, p.y, p.sample_domain)
    >>> low, high = expected.interval
    >>> low < model.score(p.X, p.y, sample_domain=p.sample_domain) < high
    True
    """
    value = metric_of_confusion(metric)
    told = told_of(model, X, y, _checked_domains(model, X, y, sample_domain), cv)
    rng = check_random_state(random_state)
    name = metric if isinstance(metric, str) else getattr(metric, "__name__", "metric")
    found = expect(
        told, method, value, metric == "accuracy", level=level, n_draws=n_bootstrap, rng=rng
    )
    if cv == "prefit":
        optimism = "the model has not seen the source rows; else the expectation is too high"
        found = found._replace(assumptions=(*found.assumptions, optimism))
    return found._replace(metric=name)


def expected_of(told):
    """Expected accuracy by what is told, with the defaults of :func:`estimate_accuracy`."""
    draws = {"level": 0.9, "n_draws": 200, "rng": check_random_state(0)}
    return expect(told, COMBINED, metric_of_confusion("accuracy"), True, **draws)


def _checked_domains(model, X, y, sample_domain):
    """Domains of the rows, both there, for a classifier that is fitted."""
    if is_regressor(model):
        raise ValueError(
            f"estimate_accuracy judges classifiers, and {type(model).__name__} is a regressor: how "
            "far its values are off is not told by what it says of rows without labels. With some "
            'labels of the target, take make_target_scorer("r2").'
        )
    check_is_fitted(model)
    check_consistent_length(X, y)
    domains = check_sample_domain(sample_domain, _num_samples(X))
    if not (domains > 0).any() or not (domains < 0).any():
        raise ValueError(
            f"estimate_accuracy needs rows of both domains, and got {(domains > 0).sum()} of the "
            f"source and {(domains < 0).sum()} of the target; pass the labelled source rows, with "
            "positive numbers in sample_domain, and the target rows, with negative ones."
        )
    return domains
