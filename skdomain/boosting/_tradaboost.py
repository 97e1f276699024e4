"""TrAdaBoost: source rows that go wrong count less from round to round, target rows more.

W. Dai, Q. Yang, G.-R. Xue and Y. Yu (2007), "Boosting for transfer learning", ICML, 193-200.
"""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skdomain.boosting._boosted_classifier import BoostedClassifier
from skdomain.boosting._kept_rounds import is_boosting_better, shortened

_FOLDS = 5


class TrAdaBoost(BoostedClassifier):
    """Boosting for transfer learning: many source rows, a few labelled target rows.

    Each of N rounds trains a learner h_t on all rows with weights ``p = w / sum(w)`` and judges it
    by its error on the target rows::

        eps_t  = sum_target w_i [h_t(x_i) != y_i] / sum_target w_i
        beta_t = eps_t / ((1 - eps_t) (C - 1)),    beta = 1 / (1 + sqrt(2 ln(n_source) / N))
        w_i   <- w_i beta^[h_t(x_i) != y_i]        source rows
        w_i   <- w_i beta_t^-[h_t(x_i) != y_i]     target rows

    so source rows that contradict the target fade away, and target rows that are hard come to the
    fore as in AdaBoost. The second half of the rounds votes::

        h(x) = argmax_c sum_{t = ceil(N/2)}^{N} ln(1 / beta_t) [h_t(x) = c]

    with rounds counted from 1. Labels of target rows are read; those of unlabelled ones, which
    the mask ``labelled`` names, are not. Without the mask, target rows in which y is missing are
    unlabelled.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier to boost, which takes ``sample_weight`` or passes it on to one that does, as a
        pipeline. None: ``LogisticRegression(C=0.03)`` on rows of standard deviation 1 in each
        feature, finite numbers or sparse.
    n_estimators : int, default=10
        Largest number of rounds, N.
    min_error : float, default=0.01
        Smallest error that is counted, in [0, 0.5). A learner without any error on the target gets
        the vote of this error, and boosting goes on: source rows that contradict the few target
        rows keep losing weight after these are learnt. With 0, as in the paper, such a learner
        ends the boosting and decides alone: its vote is infinite.
    n_folds : int, "auto" or None, default="auto"
        Folds of the labelled target rows, >= 2, on which boosting has to be better than its first
        round beyond chance (p < 0.05, paired t-test of one side). Where it is not, the first round
        decides alone, which is :class:`~skdomain.compose.Pooled`. None, as in the paper: boosting
        is not judged. "auto": 5 with the default estimator, None with any other.
    resample : bool, default=False
        Whether to train an estimator that takes no ``sample_weight`` on rows drawn by weight, as
        many as there are; one that does gets the weights.
    random_state : int, RandomState instance or None, default=None
        Seeds the learners that are random.
    verbose : int, default=0
        Show a progress bar of the rounds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes of the source rows and the labelled target rows.
    estimators_ : list of estimators
        The learners h_t.
    estimator_errors_ : ndarray of shape (`n_iter_`,)
        Their errors eps_t.
    estimator_weights_ : ndarray of shape (`n_iter_`,)
        Their votes ``ln(1 / beta_t)``, above 0; infinite without error, 1 for a learner that is
        the only one and no better than chance.
    weight_history_ : ndarray of shape (`n_iter_`, n_fitted)
        Row t holds the weights p that learner t was trained with, of sum 1, for the source rows
        and labelled target rows in their order in X. Learners get them scaled to the sum of
        ``sample_weight``, or the number of rows, so that a penalty such as C of
        LogisticRegression means what it does without boosting.
    n_iter_ : int
        Number of learners.
    termination_ : {"n_estimators", "perfect", "no better than chance", "cross-validation"}
        Why boosting ended: after all rounds; with a learner without error on the target; with one
        whose error was 1 - 1/C or more, which is kept only if it was the first (with a warning);
        or held-out target rows did not ask for more than the first.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    MultiSourceTrAdaBoost : Chooses among several sources in each round.
    sklearn.ensemble.AdaBoostClassifier : What this is without a target.

    Notes
    -----
    *Defaults.* In the paper, ``min_error`` is 0: with a few target labels boosting then often ends
    in the first round, which is :class:`~skdomain.compose.Pooled`. The default learner is kept
    small, as one without a penalty learns the target rows by heart, and a stump too little.

    *Start.* Weights are 1/n_source on source rows and 1/n_target on labelled target rows, times
    ``sample_weight``; the paper leaves them open. Rows of ``sample_weight`` 0 are left out, of the
    counts too.

    *More than two classes.* The paper has two. The factor C - 1 is that of SAMME; with C = 2 all
    formulas are the paper's, with a majority of votes in place of its product. Votes that tie go
    to the last of the classes, as the paper's ``>=`` has it.

    *Early end.* If T < N learners are there when boosting ends, the rounds ceil(T/2) to T vote;
    beta is that of N. Weights are kept as logarithms and do not underflow.

    *No target.* Without target rows all rows judge, all learners vote, and the formulas are those
    of AdaBoost (SAMME).

    N fits of the estimator and N predictions of all rows; O(N n) memory for ``weight_history_``.

    References
    ----------
    W. Dai, Q. Yang, G.-R. Xue and Y. Yu (2007), "Boosting for transfer learning", Proceedings of
    the International Conference on Machine Learning, 193-200.

    Examples
    --------
    A third of the source is labelled as the target is not; all rounds, without a judge:

    >>> import numpy as np
    >>> from skdomain.boosting import TrAdaBoost
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1, 1, size=(330, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> y[:100] = X[:100, 1] > 0
    >>> sample_domain = np.repeat([1, -2], [300, 30])
    >>> boosted = TrAdaBoost(n_folds=None).fit(X, y, sample_domain=sample_domain)
    >>> wrong = y[:300] != (X[:300, 0] > 0)
    >>> first, last = boosted.weight_history_[[0, -1], :300]
    >>> bool(last[wrong].mean() < 0.5 * last[~wrong].mean())
    True
    """

    _parameter_constraints: dict = BoostedClassifier._parameter_constraints | {
        "n_folds": [Interval(Integral, 2, None, closed="left"), StrOptions({"auto"}), None],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 10,
        min_error: float = 0.01,
        n_folds: int | str | None = "auto",
        resample: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            n_estimators=n_estimators,
            min_error=min_error,
            resample=resample,
            random_state=random_state,
            verbose=verbose,
        )
        self.n_folds = n_folds

    def _boost(self, rows, bar=iter):
        rounds, n_folds = super()._boost(rows, bar), self.n_folds
        if n_folds == "auto":
            n_folds = _FOLDS if self.estimator is None else None
        if n_folds is None or not self._adapts or len(rounds.estimators) == 1:
            return rounds
        better = is_boosting_better(self._errors_of_ends, rows, n_folds)
        return rounds if better else shortened(rounds, 1)

    def _errors_of_ends(self, rows, held_out):
        """Share of some rows that the first round gets wrong, and all rounds together."""
        rounds = super()._boost(rows)
        codes = self._codes(held_out.X, rounds.estimators)
        return [
            np.average(
                self._labels(self._shares(codes, rounds.votes, n)) != held_out.y,
                weights=held_out.sample_weight,
            )
            for n in (1, len(codes))
        ]

    def _candidate_rows(self, domains):
        return [np.ones(len(domains), dtype=bool)]

    def _first_voter(self, n_rounds):
        return (n_rounds + 1) // 2 - 1 if self._adapts else 0
