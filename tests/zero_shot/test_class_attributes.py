"""Attributes in any container, and what is said where they do not fit the classes."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold

from skdomain import NoTargetWarning
from skdomain.zero_shot import DAP, ESZSL, AttributeHinge, SemanticAutoencoder

CODES = {"b": [1, -1, 1], "a": [-1, 1, 1], "c": [1, 1, -1], "z": [-1, -1, 1]}
METHODS = (DAP, ESZSL, AttributeHinge, SemanticAutoencoder)
every = pytest.mark.parametrize("method", METHODS)


def draw(classes="abc", n=12, seed=0):
    rng = np.random.default_rng(seed)
    y = np.array([*classes] * n)
    return np.array([CODES[c] for c in y]) + 0.3 * rng.normal(size=(len(y), 3)), y


@every
def test_all_containers_give_the_same_model(method):
    X, y = draw()
    frame = pd.DataFrame(CODES, index=["fur", "swims", "large"]).T
    expected = method(CODES).fit(X, y).decision_function(X)
    assert_array_equal(method(frame).fit(X, y).decision_function(X), expected)
    assert_array_equal(method().fit(X, y, attributes=frame).decision_function(X), expected)
    numbers = np.searchsorted(sorted(CODES), y)
    array = [CODES[c] for c in sorted(CODES)]
    assert_array_equal(method(array).fit(X, numbers).decision_function(X), expected)


@every
def test_attributes_of_fit_come_before_those_of_the_constructor(method):
    X, y = draw()
    model = method({"a": [0], "b": [1]}).fit(X, y, attributes=CODES)
    assert_array_equal(model.attributes_, [CODES[c] for c in sorted(CODES)])
    assert_array_equal(model.classes_, sorted(CODES))
    assert_array_equal(model.seen_classes_, [*"abc"])
    assert_array_equal(model.unseen_classes_, ["z"])


@every
def test_a_class_without_rows_is_recognised_by_its_attributes(method):
    X, y = draw(n=30)
    model = method(CODES, classes="unseen").fit(X, y)
    rows = draw("z", 5)[0]
    assert_array_equal(model.predict(rows), ["z"] * 5)
    assert_array_equal(model.predict(rows, classes=["b", "z"]), ["z"] * 5)
    assert_array_equal(model.predict(X, classes="seen"), y)
    share = np.mean(model.predict(X, classes=["a", "z"]) == y)
    assert 0 < share < 1
    assert model.score(X, y, classes=["a", "z"]) == share


@every
def test_columns_of_scores_stand_in_the_order_that_is_asked_for(method):
    X, y = draw()
    model = method(CODES).fit(X, y)
    scores = model.decision_function(X)
    assert_array_equal(model.predict(X), model.classes_[scores.argmax(axis=1)])
    for wanted in (["z", "a", "b"], ["c", "z", "b", "a"]):
        columns = np.searchsorted(model.classes_, wanted)
        np.testing.assert_allclose(model.decision_function(X, classes=wanted), scores[:, columns])
    difference = scores[:, 0] - scores[:, 3]
    np.testing.assert_allclose(
        model.decision_function(X, classes=["z", "a"]), difference, atol=1e-12
    )


@every
def test_target_rows_are_not_read(method):
    X, y = draw()
    d = np.where(np.arange(len(y)) % 3 == 1, -2, 1)
    other = np.where(d < 0, "?", y)
    rows = X + 99 * (d < 0)[:, None]
    alone = method(CODES).fit(X[d > 0], y[d > 0])
    both = method(CODES).fit(rows, other, sample_domain=d)
    assert_array_equal(both.decision_function(X), alone.decision_function(X))


@every
def test_no_warning_without_domains_one_with_sources_only(method, recwarn):
    X, y = draw()
    method(CODES).fit(X, y)
    assert not recwarn
    with pytest.warns(NoTargetWarning):
        method(CODES).fit(X, y, sample_domain=1)


@every
def test_a_search_holds_out_classes(method):
    """Each fold's classes are unseen by its model, and are what it is asked for."""
    X, y = draw()
    name = {"ESZSL": "eta", "AttributeHinge": "eta", "SemanticAutoencoder": "lam"}
    grid = {name.get(method.__name__, "estimator"): [0.5, 5.0] if method is not DAP else [None]}
    model = method(CODES, classes="unseen")
    search = GridSearchCV(model, grid, cv=GroupKFold(3)).fit(X, y, groups=y)
    assert set(grid) == set(search.best_params_)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@every
def test_clones_have_attributes_of_their_own(method):
    codes = {name: list(vector) for name, vector in CODES.items()}
    model = method(codes)
    copy = clone(model)
    codes["a"][0] = 99
    assert copy.attributes["a"][0] == -1


BAD = {
    "a class without": ({"a": [1.0], "b": [0.0]}, r"not \['c'\]; pass a vector for each class"),
    "other lengths": ({**CODES, "c": [1]}, r"vectors of \[1, 3\] entries"),
    "empty": ({}, r"vectors of \[\] entries"),
    "NaN": ({**CODES, "c": [1, np.nan, 0]}, "Input attributes contains NaN"),
    "twice": (pd.DataFrame(np.eye(4), index=[*"abca"]), "name the class 'a' twice"),
    "numbers for names": (
        np.eye(3),
        r"describe the classes \[0, 1, 2\], but not \['a', 'b', 'c'\]",
    ),
}


@pytest.mark.parametrize("case", BAD)
@every
def test_attributes_that_do_not_fit_are_refused(method, case):
    attributes, message = BAD[case]
    X, y = draw()
    with pytest.raises(ValueError, match=message):
        method(attributes).fit(X, y)


def test_a_frame_without_index_is_refused():
    polars = pytest.importorskip("polars")
    X, y = draw()
    with pytest.raises(TypeError, match=r"polars.* frame, which has no index .*pass a mapping"):
        ESZSL(polars.DataFrame({"x": [1.0, 2.0]})).fit(X, y)


@every
def test_classes_that_cannot_be_chosen_from_are_refused(method):
    X, y = draw()
    model = method(CODES).fit(X, y)
    for wanted in ([], "z", [["a", "b"]]):
        with pytest.raises(ValueError, match="names no class to choose from; pass a list"):
            model.predict(X, classes=wanted)
    with pytest.raises(ValueError, match=r"but not \['q'\]"):
        model.predict(X, classes=["a", "q"])
    with pytest.raises(ValueError, match=r"but not \['q'\]"):
        method(CODES, classes=["q"]).fit(X, y)
    with pytest.raises(ValueError, match=r"classes='unseen' names no class to choose from"):
        method(classes="unseen").fit(X, y)
    with pytest.raises(ValueError, match="The 'classes' parameter of"):
        method(CODES, classes="new").fit(X, y)
