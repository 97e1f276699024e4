"""Any metric of scikit-learn on the target rows, predicted with their domains, by their labels."""

from collections.abc import Callable
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer, make_scorer
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import _num_samples

from skdomain._domains import check_sample_domain, target_rows
from skdomain._estimators import call_with_domains

_RESPONSES = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def make_target_scorer(metric: str | Callable[..., Any], **kwargs: Any) -> Any:
    """Scorer by a metric of scikit-learn on target rows, which are predicted with their domains.

    Scorers of scikit-learn, such as ``scoring="accuracy"``, call ``predict`` without domains even
    where metadata is routed, and count each row of a fold as a target row. This one takes the
    target rows alone and tells the model their domains. It **reads labels of the target**.

    Parameters
    ----------
    metric : str or callable
        Name of a scorer of scikit-learn, such as "roc_auc", "f1_macro" or
        "neg_root_mean_squared_error"; a metric ``metric(y_true, y_pred, **kwargs)``; or a scorer
        that :func:`~sklearn.metrics.make_scorer` has made.
    **kwargs : dict
        For a metric what ``make_scorer`` takes: ``response_method``, ``greater_is_better`` and
        parameters of the metric. For a scorer, parameters of its metric.

    Returns
    -------
    scorer : callable
        ``scorer(model, X, y, sample_weight=None, sample_domain=None)``, for ``scoring=`` of
        ``GridSearchCV``, ``cross_validate``, ``AdaptationSearchCV`` and the like, also as one of
        several. Higher is better.

    Raises
    ------
    ValueError
        If there is no scorer of this name, or kwargs hold what a scorer does not take. The scorer
        raises where no row is a target row or one has no label.

    See Also
    --------
    get_scorer : Criteria that read no label of the target.

    Notes
    -----
    With metadata routing the domains reach the scorer by themselves, and weights where it is told
    to ask for them: ``scorer.set_score_request(sample_weight=True)``. Without routing
    scikit-learn's tools tell a scorer no domains, and all rows count as target rows: split with
    TargetKFold, TransductiveSplit or LeaveOneDomainOut then, which test no others.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdomain.compose import SourceOnly
    >>> from skdomain.model_selection import make_target_scorer
    >>> X, y, d = [[0.0], [1.0], [0.1], [0.9]], [0, 1, 0, 1], [1, 1, -2, -2]
    >>> model = SourceOnly(LogisticRegression()).fit(X, y, sample_domain=d)
    >>> make_target_scorer("roc_auc")(model, X, y, sample_domain=d)
    1.0
    """
    scorer = TargetScorer(metric, kwargs)
    scorer._stock_scorer()
    return scorer


class TargetScorer(BaseEstimator):
    """What :func:`make_target_scorer` makes."""

    def __init__(self, metric, kwargs=None):
        self.metric = metric
        self.kwargs = kwargs

    @property
    def __name__(self):
        """Name of the metric, by which a search names its columns."""
        return self.metric if isinstance(self.metric, str) else _name(self.metric)

    def __call__(self, estimator, X, y, sample_domain=None, sample_weight=None):
        """Value of the metric on the target rows.

        Parameters
        ----------
        estimator : estimator
            Fitted model.
        X : array-like of shape (n_samples, n_features)
            Rows of any domain.
        y : array-like of shape (n_samples,)
            True labels or values; only those of target rows are read.
        sample_domain : array-like of shape (n_samples,), default=None
            Positive integers for source rows, negative for target rows; None: all are target rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            Higher is better.
        """
        domains = None
        X_target, y_target, weight = target_rows(X, y, sample_weight, sample_domain)
        if sample_domain is not None:
            domains = check_sample_domain(sample_domain, _num_samples(X))
            domains = domains[domains < 0]
        told = _Told(estimator, domains)
        given = {} if weight is None else {"sample_weight": weight}
        return self._stock_scorer()(told, X_target, y_target, **given)

    def set_score_request(self, *, sample_weight):
        """Ask for weights where metadata is routed, or not.

        Parameters
        ----------
        sample_weight : bool, str or None
            As in ``set_score_request`` of scikit-learn's scorers.

        Returns
        -------
        scorer : callable
            The scorer itself.
        """
        self._metadata_request = _request(self, sample_weight)
        return self

    def get_metadata_routing(self):
        """Metadata that the scorer asks for: the domains, and weights if told to.

        Returns
        -------
        MetadataRequest
            What scikit-learn's routing reads.
        """
        return getattr(self, "_metadata_request", None) or _request(self, None)

    def _accept_sample_weight(self):
        """Whether weights may be passed, as scikit-learn asks of scorers without routing."""
        return True

    def _stock_scorer(self):
        kwargs = self.kwargs or {}
        if callable(self.metric) and not hasattr(self.metric, "_score_func"):
            return make_scorer(self.metric, **kwargs)
        scorer = _by_name(self.metric) if isinstance(self.metric, str) else self.metric
        if not hasattr(scorer, "_score_func"):
            raise ValueError(
                f"make_target_scorer takes a name, a metric or a scorer, got {self.metric!r}."
            )
        refused = {"response_method", "greater_is_better"} & set(kwargs)
        if refused:
            raise ValueError(
                f"the scorer {_name(scorer)!r} says by itself what {min(refused)} is; leave it "
                "out, or pass the metric, a function of y_true and y_pred."
            )
        parameters = scorer._kwargs | kwargs
        return type(scorer)(scorer._score_func, scorer._sign, parameters, scorer._response_method)


class _Told:
    """A model whose methods, called by scikit-learn's scorers without domains, are told them."""

    def __init__(self, model, sample_domain):
        self._model, self._sample_domain = model, sample_domain

    def __getattr__(self, name):
        found = getattr(self._model, name)
        if name not in _RESPONSES:
            return found

        def respond(X):
            return call_with_domains(self._model, name, X, sample_domain=self._sample_domain)

        respond.__name__ = name  # by which scikit-learn asks again
        return respond

    @property
    def __class__(self):
        """Class of the model, which errors are to name."""
        return type(self._model)


def _request(owner, sample_weight):
    request = MetadataRequest(owner=owner)
    request.score.add_request(param="sample_domain", alias=True)
    request.score.add_request(param="sample_weight", alias=sample_weight)
    return request


def _name(metric):
    function = getattr(metric, "_score_func", metric)
    return getattr(function, "__name__", type(function).__name__)


def _by_name(name):
    try:
        return get_scorer(name)
    except ValueError as error:
        raise ValueError(
            f"{name!r} is no scorer of scikit-learn: see sklearn.metrics.get_scorer_names(). "
            "Criteria that read no labels of the target are for "
            "skdomain.model_selection.get_scorer."
        ) from error
