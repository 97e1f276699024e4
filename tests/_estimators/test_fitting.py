"""A fit that fails leaves nothing behind, and methods of the estimator inside are passed on."""

from types import SimpleNamespace

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from skdomain._estimators import DomainClassifierMixin, all_or_nothing


class Counter:
    """Sets what it is told in two steps, between which it may fail."""

    def __init__(self, error=None):
        self.error = error

    @all_or_nothing
    def fit(self, first, second=0):
        """Set both, or neither."""
        self.first_ = first
        if self.error is not None:
            raise self.error
        self.second_ = second
        return self


def test_a_fit_that_succeeds_is_what_it_was():
    model = Counter()
    assert model.fit(1, second=2) is model
    assert (model.first_, model.second_) == (1, 2)
    assert (Counter.fit.__name__, Counter.fit.__doc__) == ("fit", "Set both, or neither.")


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()], ids=repr)
def test_a_fit_that_fails_undoes_itself_and_no_more(error):
    model = Counter(error)
    with pytest.raises(type(error)):
        model.fit(1)
    assert vars(model) == {"error": error}
    model.error = None
    model.fit(1, 2).error = error
    with pytest.raises(type(error)):
        model.fit(3, 4)
    assert vars(model) == {"error": error, "first_": 1, "second_": 2}


@pytest.mark.parametrize("fitted", [True, False])
def test_methods_are_those_of_the_fitted_estimator_or_else_of_the_one_to_be_fitted(fitted):
    has, lacks = LogisticRegression(), LinearSVC()
    told = {"_inner": lambda: lacks if fitted else has} | ({"estimator_": has} if fitted else {})
    answers = DomainClassifierMixin._answers
    assert answers(SimpleNamespace(**told), "predict_proba") is True
    with pytest.raises(AttributeError, match="predict_proba"):
        answers(SimpleNamespace(_inner=lambda: lacks), "predict_proba")
