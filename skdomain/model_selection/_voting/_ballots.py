"""What several classifiers say of the same rows, and what they say together.

Numbers are summed in ascending order, so that the order of the classifiers changes no bit.
"""

import numpy as np
from scipy.special import softmax

from skdomain._estimators import call_with_domains
from skdomain.model_selection._voting._dawid_skene import log_joint


def votes_of(model, X, sample_domain, classes):
    """Positions in ``classes`` of what a classifier predicts, integers of shape (n_samples,)."""
    labels = _one_column(call_with_domains(model, "predict", X, sample_domain=sample_domain))
    positions = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
    strange = classes[positions] != labels
    if strange.any():
        raise ValueError(
            f"it predicts {labels[strange][0]}, which is no label of a source row; let it "
            "predict the labels that it is fitted to."
        )
    return positions


def proba_of(model, X, sample_domain, classes):
    """Class probabilities of shape (n_samples, n_classes), 0 for classes that it does not know."""
    told = call_with_domains(model, "predict_proba", X, sample_domain=sample_domain)
    proba = np.zeros((len(told), len(classes)))
    proba[:, np.searchsorted(classes, model.classes_)] = told
    if not np.isfinite(proba).all():
        raise ValueError("its class probabilities are not finite.")
    return proba


def _one_column(labels):
    """Labels of shape (n_samples,), where some classifiers give a single column."""
    labels = np.asarray(labels)
    return labels.ravel() if labels.ndim == 2 and labels.shape[1] == 1 else labels


def vote_counts(votes, n_classes):
    """Number of votes for each class, integers of shape (n_samples, n_classes)."""
    return np.eye(n_classes, dtype=int)[votes].sum(axis=1)


def mean_proba(probas):
    """Mean over the classifiers, the first axis."""
    return np.sort(probas, axis=0).mean(axis=0)


def most_votes(votes, n_classes, proba=None):
    """Class with the most votes of each row; of those that tie, the most probable, or the first.

    ``proba`` is a function that gives the probabilities, which is called where there are ties.
    """
    counts = vote_counts(votes, n_classes)
    leads = counts == counts.max(axis=1, keepdims=True)
    if proba is None or (leads.sum(axis=1) == 1).all():
        return leads.argmax(axis=1)
    # rounding is to break no tie
    return np.where(leads, proba().round(12), -1).argmax(axis=1)


def latent_proba(votes, priors, confusions):
    """Probabilities of the classes by Dawid and Skene's model, given the votes on each row."""
    return softmax(log_joint(votes, priors, confusions), axis=1)
