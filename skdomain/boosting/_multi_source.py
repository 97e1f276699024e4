"""MultiSourceTrAdaBoost: each round learns from the source that serves the target best.

Y. Yao and G. Doretto (2010), "Boosting for transfer learning with multiple sources", CVPR,
1855-1862.
"""

from typing import Any

import numpy as np

from skdomain.boosting._boosted_classifier import BoostedClassifier


class MultiSourceTrAdaBoost(BoostedClassifier):
    """Boosting for transfer learning with several sources.

    Each of M rounds trains one learner per source, on the rows of this source and the labelled
    target rows, and keeps the one that is best on the target::

        eps_t   = min_k sum_target w_i [h_t^k(x_i) != y_i] / sum_target w_i,    h_t its learner
        alpha_t = (ln((1 - eps_t) / eps_t) + ln(C - 1)) / 2
        alpha_s = ln(1 + sqrt(2 ln(n_source) / M)) / 2
        w_i    <- w_i exp(-2 alpha_s [h_t(x_i) != y_i])     rows of any source
        w_i    <- w_i exp( 2 alpha_t [h_t(x_i) != y_i])     target rows
        h(x)    = argmax_c sum_t alpha_t [h_t(x) = c]       all rounds

    n_source counts the rows of all sources. So a source that does not fit the target is left
    alone as long as another one does better. The positive entries of ``sample_domain`` name the
    sources; target domains are pooled.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier to boost, which takes ``sample_weight`` or passes it on to one that does, as a
        pipeline. None: ``LogisticRegression(C=0.03)`` on rows of standard deviation 1 in each
        feature, finite numbers or sparse.
    n_estimators : int, default=10
        Largest number of rounds, M.
    min_error : float, default=0.01
        Smallest error that is counted, in [0, 0.5). A learner without any error on the target gets
        the vote of this error, and boosting goes on: source rows that contradict the few target
        rows keep losing weight after these are learnt. With 0, as in the paper, such a learner
        ends the boosting and decides alone: its vote is infinite.
    pool : bool, default=True
        Whether a learner of all sources together stands beside those of one source in each round,
        and is taken where they tie. With a few target labels many do, and one source has fewer
        rows than all. False is the paper's.
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
    source_of_round_ : ndarray of shape (`n_iter_`,), int64
        Name of the source that each was trained on; 0 for all sources together.
    estimator_errors_ : ndarray of shape (`n_iter_`,)
        Their errors eps_t.
    estimator_weights_ : ndarray of shape (`n_iter_`,)
        Their votes alpha_t, above 0; infinite without error, 1/2 for a learner that is the only
        one and no better than chance.
    weight_history_ : ndarray of shape (`n_iter_`, n_fitted)
        Row t holds the weights of round t, of sum 1 over the source rows and labelled target rows
        in their order in X. Learners get those of their rows, scaled to the sum
        of ``sample_weight``, or the number of rows.
    n_iter_ : int
        Number of learners.
    termination_ : {"n_estimators", "perfect", "no better than chance"}
        Why boosting ended: after all rounds; with a learner without error on the target; with one
        whose error was 1 - 1/C or more, which is kept only if it was the first (with a warning).
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen in fit, where X has names that are all strings.

    See Also
    --------
    TrAdaBoost : Takes all source rows as one source.

    Notes
    -----
    The paper writes ``exp(-alpha_s |h_t(x) - y|)`` for two classes -1 and 1, whose difference is
    2: the factors above, and those of :class:`TrAdaBoost`, from which one source differs by the
    vote alone. More classes are treated as there, by the term ln(C - 1) of SAMME; votes that tie
    go to the last class. The weights that boosting starts from, which the paper leaves open, are
    1/n_source on the rows of all sources and 1/n_target on labelled target rows, times
    ``sample_weight``. Of learners with equal eps_t, the one with the smaller weighted error on
    the rows it was trained on is taken; if that is equal too, that of the source with the smaller
    number. The paper's boosting has ``pool=False`` and ``min_error=0``.

    M fits for each source and as many predictions of all rows; O(M n) memory for
    ``weight_history_``.

    References
    ----------
    Y. Yao and G. Doretto (2010), "Boosting for transfer learning with multiple sources",
    Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition, 1855-1862.

    Examples
    --------
    The first source has its labels swapped. Round 1 leaves it alone; then its weights are so small
    that all rows together serve as well:

    >>> import numpy as np
    >>> from skdomain.boosting import MultiSourceTrAdaBoost
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(120, 2))
    >>> sample_domain = np.repeat([1, 2, -3], [50, 50, 20])
    >>> y = np.where(sample_domain == 1, X.sum(axis=1) < 0, X.sum(axis=1) > 0)
    >>> boosted = MultiSourceTrAdaBoost(n_estimators=5, random_state=0)
    >>> boosted.fit(X, y, sample_domain=sample_domain).source_of_round_
    array([2, 0, 0, 0, 0])
    """

    _parameter_constraints: dict = BoostedClassifier._parameter_constraints | {"pool": ["boolean"]}

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 10,
        min_error: float = 0.01,
        pool: bool = True,
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
        self.pool = pool

    def _candidate_rows(self, domains):
        everything, names = np.ones(len(domains), dtype=bool), np.unique(domains[domains > 0])
        if (domains > 0).all() or (self.pool and len(names) == 1):
            return [everything]
        of_one = [(domains == name) | (domains < 0) for name in names]
        return [*of_one, everything] if self.pool else of_one

    def _first_voter(self, n_rounds):
        return 0

    def _keep(self, chosen, domains):
        names = np.unique(domains[domains > 0]) if self._adapts else np.zeros(1, dtype=np.int64)
        self.source_of_round_ = np.append(names, 0)[chosen]
        self.estimator_weights_ = self.estimator_weights_ / 2
