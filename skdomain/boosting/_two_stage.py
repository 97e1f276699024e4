"""Two-stage TrAdaBoost.R2: source rows lose weight step by step, the target says how far to go.

D. Pardoe and P. Stone (2010), "Boosting for regression transfer", ICML, 863-870.
"""

from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval

from skdomain.boosting._boosted_regressor import BoostedRegressor
from skdomain.boosting._stages import Problem, Stages, two_stage

_ROUNDS, _OWN_ROUNDS = 50, 1  # with an estimator that is given, and with the default one


class TwoStageTrAdaBoostR2(BoostedRegressor):
    """Two-stage TrAdaBoost for regression.

    Moves the weight from the source rows to the labelled target rows in S steps, and keeps the
    step whose model predicts held-out target rows best. With n source and m target rows of equal
    weights, step t = 1, ..., S

    1. boosts the regressor from the weights w^t of this step by AdaBoost.R2', which reweighs the
       target rows alone, and estimates the mean squared error of the boosted model by
       cross-validation on the target rows;
    2. trains one model h on all rows with weights w^t, takes its errors
       ``e_i = |y_i - h(x_i)| / max_j |y_j - h(x_j)|`` and sets::

           w_i <- w_i beta_t^(e_i) / Z     source rows
           w_i <- w_i / Z                  target rows

       with the beta_t at which the target rows hold ``m/(n+m) + t/(S-1) (1 - m/(n+m))``: nearly
       all weight is the source's at first, none in step S.

    The boosted model of one step predicts: with ``cautious``, the default, of the first step that
    held-out target rows find better than step 1, else of the least cross-validation error.

    AdaBoost.R2' is AdaBoost.R2 with weights that do not move on source rows: in each of N rounds it
    trains h_k, takes e_i as above and ``eps_k = sum_i w_i e_i`` over all rows, and multiplies the
    weights of target rows by ``beta_k^(1 - e_i)``, ``beta_k = eps_k / (1 - eps_k)``, scaled to keep
    their sum. The models vote by the median with the weights ``ln(1 / beta_k)``.

    Parameters
    ----------
    estimator : estimator, default=None
        Any regressor that takes ``sample_weight`` or passes it on to one that does, as a pipeline.
        None: ``Ridge(10)`` on rows of standard deviation 1 in each feature, finite numbers or
        sparse.
    n_estimators : int, default=None
        Largest number of rounds N of AdaBoost.R2', >= 1. None: 1 with the default estimator, of
        which a second round adds noise only, and 50 with any other.
    n_steps : int, default=5
        Number of steps S, >= 2.
    n_folds : int, default=5
        Number of folds of the labelled target rows, >= 2; as many folds as rows where there are
        fewer. Rows in order of y go to folds in turn, ties in an order that X fixes: no
        randomness, and the order of the rows in X does not matter.
    balance : bool, default=True
        Whether to start from weights of which source and target have half each, times
        ``sample_weight``, as :class:`~skdomain.compose.Pooled` has them. False, as in the paper:
        from ``sample_weight``.
    cautious : bool, default=True
        Whether to take the first step whose errors on the folds are smaller than those of step 1
        beyond chance (p < 0.05, paired t-test of one side), and step 1 where there is none; with
        ``balance`` and one round that is the balanced pool. False, as in the paper: the step of
        the least error.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on rows drawn by weight, as
        many as there are; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds each model that has a ``random_state``.
    n_jobs : int, default=None
        Number of folds to boost in parallel; None is 1, -1 all processors.
    verbose : int, default=0
        Show a progress bar of the steps.

    Attributes
    ----------
    estimators_ : list of estimators
        The model of each round of the chosen step.
    estimator_weights_ : ndarray of shape (`n_iter_`,)
        ``ln(1 / beta_k)`` of each; infinite of a perfect model, which then decides alone.
    estimator_errors_ : ndarray of shape (`n_iter_`,)
        eps_k of each.
    weight_history_ : ndarray of shape (`n_iter_`, n_fitted)
        Weights that each of these rounds trains with, of sum 1. One column for each source row
        and each labelled target row of positive ``sample_weight``, in their order in X.
    step_weights_ : ndarray of shape (n_steps, n_fitted)
        w^t of each step, of sum 1.
    cv_errors_ : ndarray of shape (n_steps,)
        Mean squared error on the held-out target rows of each step, in squared units of y.
    best_step_ : int
        Index of the step that was taken, 0 to n_steps - 1.
    betas_ : ndarray of shape (n_steps - 1,)
        beta_t, which leads from each step to the next.
    n_iter_ : int
        Number of rounds kept in the chosen step.
    termination_ : {"n_estimators", "perfect", "no better than chance"}
        Why the rounds of the chosen step ended: all done; a model that is right on all rows; or a
        model with eps_k >= 0.5, which is dropped, unless it is the first: then it is the only
        one, with weight 1, and a ConvergenceWarning says so.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TrAdaBoostR2 : One boosting, without cross-validation; needs only one target row.

    Notes
    -----
    eps_k is over all rows, the source's too, as in AdaBoost.R2: what the paper changes of it are
    the weights that move. Scaling the others to their sum is what keeps the source's where they
    are. In early steps, most of eps_k is thus the source's, so that a model that follows the
    source has a large vote; such steps are for cross-validation to reject.

    Where this departs from the paper, or it is silent: models are trained on weighted rows and not
    on rows drawn by weight. Rows of weight 0, such as the source rows in step S, take no part, in
    the maximum of the errors neither. Where source rows without error hold more than the schedule
    leaves them, no beta_t > 0 does; it is 0, and they are scaled down alike. The models of the
    cross-validation start from w^t on the rows that are left. ``sample_weight`` takes the place of
    equal first weights and weighs the squared errors.

    Without target rows, the method is AdaBoost.R2 on the source rows: no steps, no errors.

    Fitting takes S (F N + 1) + N fits of the estimator, F the number of folds: 31 by default, and
    1305 with an estimator of your own and the default settings; set ``n_estimators`` there.

    References
    ----------
    D. Pardoe and P. Stone (2010), "Boosting for regression transfer", Proceedings of the 27th
    International Conference on Machine Learning, 863-870.

    Examples
    --------
    >>> import numpy as np
    >>> from skdomain.boosting import TwoStageTrAdaBoostR2
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(220, 1))
    >>> sample_domain = np.repeat([1, -2], [200, 20])
    >>> y = np.sin(6 * X[:, 0]) + (X[:, 0] > 0.5) * (sample_domain > 0)
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> tree = DecisionTreeRegressor(max_depth=3)
    >>> options = {"n_estimators": 5, "n_steps": 4, "balance": False, "cautious": False}
    >>> model = TwoStageTrAdaBoostR2(tree, random_state=0, **options)
    >>> model = model.fit(X, y, sample_domain=sample_domain)
    >>> model.step_weights_[:, 200:].sum(axis=1)
    array([0.0909..., 0.3939..., 0.6969..., 1.        ])
    >>> bool(model.cv_errors_[model.best_step_] < 0.1 * model.cv_errors_[0])
    True
    """

    _parameter_constraints: dict = {
        **BoostedRegressor._parameter_constraints,
        "n_estimators": [Interval(Integral, 1, None, closed="left"), None],
        "n_steps": [Interval(Integral, 2, None, closed="left")],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "cautious": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int | None = None,
        n_steps: int = 5,
        n_folds: int = 5,
        balance: bool = True,
        cautious: bool = True,
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.n_steps = n_steps
        self.n_folds = n_folds
        self.balance = balance
        self.cautious = cautious
        self.resample = resample
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _boost(self, learner, X, y, weights, source, *, bar):
        n_rounds = self.n_estimators or (_OWN_ROUNDS if self.estimator is None else _ROUNDS)
        problem = Problem(learner, X, y, weights, source, n_rounds)
        if source.all():
            alone = replace(problem, source=~source).rounds(weights, self.random_state)
            steps = {"step_weights": alone.history[:1], "cv_errors": [], "betas": [], "best": 0}
            return Stages(**vars(alone), **steps)
        if np.sum(~source) < 2:
            raise ValueError(
                "TwoStageTrAdaBoostR2 chooses its step by cross-validation on labelled target "
                "rows, but got 1; label at least 2, or take TrAdaBoostR2."
            )
        return two_stage(
            problem,
            n_steps=self.n_steps,
            n_folds=self.n_folds,
            cautious=self.cautious,
            seed=self.random_state,
            n_jobs=self.n_jobs,
            bar=bar,
        )

    def _set_rounds(self, rounds, of_rows):
        super()._set_rounds(rounds, of_rows)
        self.step_weights_ = of_rows(rounds.step_weights)
        self.cv_errors_ = np.array(rounds.cv_errors)
        self.best_step_ = rounds.best
        self.betas_ = np.array(rounds.betas)
