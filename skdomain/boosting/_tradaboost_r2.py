"""TrAdaBoost.R2: boosting for regression that trusts less the source rows it errs on.

D. Pardoe and P. Stone (2010), "Boosting for regression transfer", ICML, 863-870.
"""

from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import Interval

from skdomain.boosting._adaboost_r2 import adaboost_r2, regressor_rounds
from skdomain.boosting._boosted_regressor import BoostedRegressor
from skdomain.boosting._kept_rounds import kept_rounds, shortened
from skdomain.boosting._rounds import log_reweight


def tradaboost_r2(learner, X, y, weights, source, *, n_estimators, seed=None, bar=iter):
    """Rounds of TrAdaBoost.R2; of AdaBoost.R2 where all rows are source rows.

    Parameters
    ----------
    learner : skdomain.boosting._training.Learner
        Regressor to boost.
    X, y, weights : rows of shape (n_rows, n_features), ndarrays of shape (n_rows,) and (n_rows,)
        Training rows, and their positive first weights.
    source : ndarray of shape (n_rows,), bool
        True for source rows.
    n_estimators, seed, bar
        As in :func:`skdomain.boosting._adaboost_r2.adaboost_r2`.

    Returns
    -------
    Rounds
    """
    if source.all():
        return adaboost_r2(
            learner, X, y, weights, moving=source, n_estimators=n_estimators, seed=seed, bar=bar
        )
    beta = 1 / (1 + np.sqrt(2 * np.log(source.sum()) / n_estimators))
    return regressor_rounds(
        learner,
        X,
        y,
        weights,
        partial(log_reweight, judges=~source, discount=-np.log(beta)),
        judges=~source,
        n_estimators=n_estimators,
        seed=seed,
        bar=bar,
    )


class TrAdaBoostR2(BoostedRegressor):
    """TrAdaBoost for regression.

    Boosts a regressor on many source rows and a few labelled target rows. Each round trains a
    model h_t on all of them, takes the errors ``e_i = |y_i - h_t(x_i)| / max_j |y_j - h_t(x_j)|``
    and their mean over the target rows, weighted by the w_i of these, ``eps_t``, then sets::

        w_i <- w_i beta^(e_i)        source rows, beta = 1 / (1 + sqrt(2 ln(n_source) / N))
        w_i <- w_i beta_t^(-e_i)     target rows, beta_t = eps_t / (1 - eps_t)

    so source rows that contradict the target fade, and target rows not yet learned gain. The
    prediction is the median of ``h_ceil(N/2), ..., h_N`` with the weights ``ln(1 / beta_t)``.

    Parameters
    ----------
    estimator : estimator, default=None
        Any regressor that takes ``sample_weight`` or passes it on to one that does, as a pipeline.
        None: ``Ridge(10)`` on rows of standard deviation 1 in each feature, finite numbers or
        sparse.
    n_estimators : int, default=50
        Largest number of rounds N, >= 1.
    n_folds : int or None, default=5
        Folds of the labelled target rows, >= 2, by which the number of rounds is chosen: the
        fewest whose squared error on held-out rows is within one standard error of the least. The
        first round with ``balance`` is the balanced pool, so this is left with evidence only. Of a
        single labelled row, one round is kept. None, as in the paper: all rounds.
    balance : bool, default=True
        Whether to start from weights of which source and target have half each, times
        ``sample_weight``, as :class:`~skdomain.compose.Pooled` has them. False, as in the paper:
        from ``sample_weight``.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on rows drawn by weight, as
        many as there are; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds each model that has a ``random_state``.
    verbose : int, default=0
        Show a progress bar of the rounds.

    Attributes
    ----------
    estimators_ : list of estimators
        The model of each round.
    estimator_weights_ : ndarray of shape (`n_iter_`,)
        ``ln(1 / beta_t)`` of each round, whether it votes or not; infinite of a perfect model,
        which then decides alone.
    estimator_errors_ : ndarray of shape (`n_iter_`,)
        eps_t of each round.
    weight_history_ : ndarray of shape (`n_iter_`, n_fitted)
        Weights that each round trains with, of sum 1. One column for each source row and each
        labelled target row of positive ``sample_weight``, in their order in X.
    n_iter_ : int
        Number of rounds kept.
    termination_ : {"n_estimators", "perfect", "no better than chance", "cross-validation"}
        Why the rounds ended: all done; a model that is right on all target rows; or a model with
        eps_t >= 0.5, which is dropped, unless it is the first: then it is the only one, with
        weight 1, and a ConvergenceWarning says so; or held-out rows asked for fewer.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TwoStageTrAdaBoostR2 : Chooses how far to trust the source by cross-validation.

    Notes
    -----
    Where this departs from the paper: models are trained on weighted rows and not on rows drawn by
    weight, so nothing is random but the models themselves; and the rounds end at a perfect model,
    where the formula has no next weights. The weights of the paper start equal, here from
    ``sample_weight``. Where a round is dropped N shrinks for the vote, not in beta.

    A weight of a source row never rises against that of a target row; divided by the sum of all,
    as in ``weight_history_``, one that is predicted right can. Weights are kept as logarithms, so
    many rounds do not under- or overflow. The rows are trained on in the order of their values,
    which makes a fit the same however they come, for a seed.

    As e_i is relative to the worst row, a target that the first model, led by many source rows,
    misses throughout has ``eps_1 >= 0.5``, and there is no boosting. The two-stage variant still
    goes on to steps in which the source weighs less.

    Without target rows, the method is AdaBoost.R2: ``w_i <- w_i beta_t^(1 - e_i)`` with eps_t of
    all rows, and all rounds vote.

    Fitting takes N (n_folds + 1) fits and predictions of the estimator, and O(N n) besides.

    References
    ----------
    D. Pardoe and P. Stone (2010), "Boosting for regression transfer", Proceedings of the 27th
    International Conference on Machine Learning, 863-870.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.boosting import TrAdaBoostR2
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(220, 1))
    >>> sample_domain = np.repeat([1, -2], [200, 20])
    >>> y = np.sin(6 * X[:, 0]) + (X[:, 0] > 0.5) * (sample_domain > 0)
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> tree = DecisionTreeRegressor(max_depth=3)
    >>> model = TrAdaBoostR2(tree, n_folds=None, random_state=0)
    >>> model = model.fit(X, y, sample_domain=sample_domain)
    >>> late, early = model.weight_history_[-1], model.weight_history_[0]
    >>> bool(late[200:].sum() > early[200:].sum())
    True
    """

    _parameter_constraints: dict = BoostedRegressor._parameter_constraints | {
        "n_folds": [Interval(Integral, 2, None, closed="left"), None],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        n_folds: int | None = 5,
        balance: bool = True,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.n_folds = n_folds
        self.balance = balance
        self.resample = resample
        self.random_state = random_state
        self.verbose = verbose

    def _boost(self, learner, X, y, weights, source, *, bar):
        self._first_vote_at_half = not source.all()

        def run(rows, bar=iter):
            return tradaboost_r2(
                learner.at(X, rows),
                _safe_indexing(X, rows),
                y[rows],
                weights[rows],
                source[rows],
                n_estimators=self.n_estimators,
                seed=self.random_state,
                bar=bar,
            )

        rounds = run(np.arange(len(y)), bar)
        if self.n_folds is None or source.all():
            return rounds
        options = {"n_rounds": self.n_estimators, "n_folds": self.n_folds}
        n_kept = kept_rounds(run, X, y, weights, source, voters=self._voters, **options)
        return shortened(rounds, n_kept)

    def _voters(self, n_rounds):
        return slice((n_rounds + 1) // 2 - 1 if self._first_vote_at_half else 0, n_rounds)
