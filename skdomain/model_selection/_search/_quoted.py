"""The accuracy to expect of a chosen model, from what its fits to the splits have said."""

import numpy as np
from sklearn.pipeline import Pipeline

from skdomain.model_selection._expected._asked import Asked
from skdomain.model_selection._expected._estimate_accuracy import expected_of
from skdomain.model_selection._expected._told import told_from
from skdomain.model_selection._expected._unseen import Unseen, unseen_of
from skdomain.model_selection._search._views import attempt


def said_of_unseen(fitted, X, hidden, domains, test):
    """What a fitted model says of the source rows among the test rows; None if it has no answer."""
    rows = test[domains[test] > 0]
    if not len(rows):
        return None
    classes = np.unique(hidden[domains > 0].tolist())
    return attempt(unseen_of, Asked(fitted, X, hidden, domains, classes), rows)[0]


def as_corrected(answers, corrected):
    """The answers of a baseline as a fitted, corrected one would give them: its proportions hold.

    The corrector is a :class:`~skdomain.label_shift.LabelShiftClassifier`, or the last step.
    """
    step = corrected[-1] if isinstance(corrected, Pipeline) else corrected
    sides = [
        [step._targets.corrected(P) for P in (one.posteriors, one.target_posteriors)]
        for one in answers
    ]
    return [
        Unseen(one.rows, P, P.argmax(axis=1), Q, Q.argmax(axis=1))
        for one, (P, Q) in zip(answers, sides, strict=True)
    ]


def quoted(model, X, hidden, domains, answers):
    """ExpectedAccuracy of a fitted model, or None; and why it is not known, where there is one."""
    if not (domains < 0).any():
        return None, ""
    found, failure = attempt(_expected, model, X, hidden, domains, answers)
    return found, failure.removeprefix("ValueError: ").removesuffix(".")


def _expected(model, X, hidden, domains, answers):
    own = Asked(model, X, hidden, domains, np.asarray(model.classes_))
    return expected_of(told_from(own, answers))
