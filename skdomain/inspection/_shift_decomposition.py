"""A drop in performance, split into what other rows and what another rule have done.

T. T. Cai, H. Namkoong and S. Yadlowsky (2023), "Diagnosing model performance under distribution
shift" (DISDE).
"""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions, validate_params
from sklearn.utils.validation import _num_samples, assert_all_finite, check_consistent_length

from skdomain._domains import missing_labels, stack_rows
from skdomain._estimators import call_with_domains
from skdomain.inspection._shift_parts import loss_parts, shared_weights
from skdomain.inspection._shift_table import LossChange, ShiftDecomposition
from skdomain.metrics import as_columns


@validate_params(
    {
        "model": [HasMethods(["predict"])],
        "Xs": "no_validation",
        "ys": ["array-like"],
        "Xt": "no_validation",
        "yt": ["array-like"],
        "loss": [callable, None],
        "response_method": [StrOptions({"predict", "predict_proba", "decision_function"})],
        "classifier": [HasMethods(["fit", "predict_proba"]), None],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "n_bootstrap": [Interval(Integral, 2, None, closed="left")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def shift_decomposition(
    model: Any,
    Xs: Any,
    ys: ArrayLike,
    Xt: Any,
    yt: ArrayLike,
    *,
    loss: Callable[..., Any] | None = None,
    response_method: str = "predict",
    classifier: Any = None,
    cv: int = 5,
    n_bootstrap: int = 100,
    level: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
) -> ShiftDecomposition:
    """Split the change of a model's mean loss from source to target into three parts.

    With the densities p and q of the rows of source and target, the shared one ``s ~ p q / (p +
    q)``, and the expected losses l_p(x) and l_q(x) under the rules of source and target, cf. [1]_::

        E_q l_q - E_p l_p = (E_s l_p - E_p l_p) + (E_s l_q - E_s l_p) + (E_q l_q - E_s l_q)

    The first part is what it costs to leave rows that the source alone has, the second what the
    change of y given x costs on rows that both have, the third what rows cost that the target alone
    has. Where the second part is large, labels of the target or another model of y help; where the
    third is, rows such as the target's, or weights.

    Parameters
    ----------
    model : estimator
        Fitted classifier or regressor, best on other rows than these.
    Xs : array-like or DataFrame of shape (n_source, n_features)
        Rows of the source, numbers or categories.
    ys : array-like of shape (n_source,)
        Their labels or values.
    Xt : array-like or DataFrame of shape (n_target, n_features)
        Rows of the target.
    yt : array-like of shape (n_target,)
        Their labels or values. **Reads labels of the target.**
    loss : callable, default=None
        ``loss(y, predicted)`` gives a number for each row. None: 1 where the label is wrong, and
        the squared error of a regressor.
    response_method : {"predict", "predict_proba", "decision_function"}, default="predict"
        What the loss gets from the model.
    classifier : classifier, default=None
        Tells the domains apart, by probabilities: of rows as numbers, with a column of 0 and 1 for
        each category. None: ``LogisticRegression(max_iter=1000)`` on standardised rows.
    cv : int, default=5
        Folds, stratified by domain: each row is judged by a classifier of the other folds. Lowered
        to the number of rows of the smaller domain.
    n_bootstrap : int, default=100
        Draws of the rows of each domain behind the intervals.
    level : float, default=0.95
        Level of the intervals.
    random_state : int, RandomState instance or None, default=0
        Deals the folds and draws the rows.

    Returns
    -------
    ShiftDecomposition
        A named tuple that prints as a table; each part is ``(change, low, high)``.

    Raises
    ------
    ValueError
        If rows and labels do not fit each other or labels are missing, a domain has fewer than two
        rows, a loss is not one finite number a row, or no row may be of either domain.

    Notes
    -----
    With the probability g(x) that a row is a target row and the share a of target rows, p ~ (1 - g)
    / (1 - a) and q ~ g / a, so source rows weigh q / (p + q) and target rows p / (p + q) in the
    means over s. These weights are bounded by 1. The mean of each side is divided by the sum of its
    weights.

    The intervals are percentiles of draws of the rows of each domain. The classifiers are fitted to
    each draw anew, ``cv n_bootstrap`` fits in all, by folds that keep the copies of a row together.
    Where no classifier of this kind is right, the parts are wrong and the intervals do not say so;
    the sum of the parts does not depend on it. Rows are put in lexicographic order first, so their
    order does not matter. Source rows are predicted as rows of domain 1.

    References
    ----------
    .. [1] T. T. Cai, H. Namkoong and S. Yadlowsky, "Diagnosing model performance under distribution
       shift" (2023), arXiv:2303.02011.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdomain.datasets import make_regression_shift
    >>> from skdomain.inspection import shift_decomposition
    >>> problem = make_regression_shift(600, 300, kind="covariate", random_state=0)
    >>> X, y = problem.X, problem.y
    >>> model = LinearRegression().fit(X[:300], y[:300])
    >>> found = shift_decomposition(model, X[300:600], y[300:600], X[600:], y[600:])
    >>> found.total.change > found.x_shared_to_target.change > 2 * abs(found.y_given_x.change)
    True
    """
    sides = [(Xs, ys, "source"), (Xt, yt, "target")]
    losses = [_losses(model, *side, loss, response_method) for side in sides]
    is_target = np.repeat([False, True], [len(one) for one in losses])
    columns, both = as_columns(stack_rows([Xs, Xt])), np.concatenate(losses)
    order = np.lexsort((both, *columns.values.T[::-1], is_target))
    rows = columns._replace(values=columns.values[order]).encoded()
    losses = both[order][~is_target], both[order][is_target]
    rng = check_random_state(random_state)
    judge = _DomainJudge(rows, is_target, classifier, cv, rng)
    weights = shared_weights(judge.held_out(np.arange(len(rows))), is_target)
    found, draws = loss_parts(losses, weights), _drawn_parts(judge, losses, n_bootstrap, rng)
    ends = np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    parts = map(LossChange._make, np.column_stack([found[:4], *ends]).tolist())
    effective = [float(w.sum() ** 2 / np.square(w).sum()) for w in weights]
    return ShiftDecomposition(*parts, *found[4:], *map(len, losses), *effective, level)


class _DomainJudge:
    """Tells rows of source from rows of target by classifiers of the other folds."""

    def __init__(self, rows, is_target, classifier, cv, rng):
        self.rows, self.is_target, self.classifier = rows, is_target, classifier
        if classifier is None:
            self.classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        folds = StratifiedKFold(min(cv, *np.bincount(is_target)), shuffle=True, random_state=rng)
        self.fold = np.empty(len(rows), dtype=np.intp)
        for number, (_, test) in enumerate(folds.split(rows, is_target)):
            self.fold[test] = number

    def held_out(self, drawn):
        """Probabilities that drawn rows are target rows; NaN where a fold leaves one domain."""
        proba = np.full(len(drawn), np.nan)
        for number in np.unique(self.fold[drawn]):
            test = self.fold[drawn] == number
            train = drawn[~test]
            if len(np.unique(self.is_target[train])) == 2:
                fitted = clone(self.classifier).fit(self.rows[train], self.is_target[train])
                proba[test] = fitted.predict_proba(self.rows[drawn[test]])[:, 1]
        return proba


def _drawn_parts(judge, losses, n_bootstrap, rng):
    """Parts and sum for draws of the rows of each side, of shape (n_bootstrap, 4).

    The classifiers are fitted to each draw, by the same folds, so no row is on both sides.
    """
    draws, both = [], np.concatenate(losses)
    for _ in range(n_bootstrap):
        sides = [rng.randint(len(one), size=len(one)) for one in losses]
        drawn = np.concatenate([sides[0], len(losses[0]) + sides[1]])
        weights = shared_weights(judge.held_out(drawn), judge.is_target)
        draws.append(loss_parts((both[sides[0]], losses[1][sides[1]]), weights)[:4])
    return np.array(draws)


def _losses(model, X, y, side, loss, response_method):
    """Loss of each row of one side."""
    check_consistent_length(X, y)
    n, n_missing = _num_samples(X), int(missing_labels(y).sum())
    if n_missing:
        raise ValueError(
            f"shift_decomposition reads the labels of all rows, and {n_missing} of {n} {side} rows "
            "have none; pass the labelled rows alone."
        )
    if n < 2:
        raise ValueError(f"shift_decomposition needs two {side} rows at least, got {n}; pass more.")
    domains = np.ones(n, dtype=np.int64) if side == "source" else None
    said = call_with_domains(model, response_method, X, sample_domain=domains)
    losses = np.asarray((loss or _stock_loss(model))(np.asarray(y), said), dtype=np.float64)
    if losses.shape != (n,):
        raise ValueError(
            f"loss gave shape {losses.shape} for {n} {side} rows; it has to give one number a row, "
            "not their mean."
        )
    assert_all_finite(losses, input_name=f"the losses of the {side} rows")
    return losses


def _stock_loss(model):
    return _squared_error if is_regressor(model) else np.not_equal


def _squared_error(y, predicted):
    return np.square(y - predicted)
