"""What classifiers share that add linear scores to those of a source's model."""

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax

from skdomain.transfer._class_scores import class_columns, one_column_each, said_of
from skdomain.transfer._starts_from_source import StartsFromSource, linear_part


class CorrectedScores(StartsFromSource):
    """Classifier whose scores are those of the source's model, and ``X added_coef_'`` to them.

    Scores are log odds of the second class of two, of shape (n_samples,), else a column a class.
    """

    def _source_scores(self, given, X):
        """Scores of the source's model; a class that it does not know gets their mean, 0."""
        model = self.source_estimator_
        said = said_of(model, self._as_trained(given, X))
        if len(self.classes_) == 2 and said.ndim == 1:
            return said
        return class_columns(self._columns(said), model.classes_, self.classes_)

    def _columns(self, said):
        """A column a class of what the source's model says: scores of mean 0."""
        return one_column_each(said)

    def _scores(self, given, X):
        if self.coef_ is not None:
            scores = X @ self.coef_.T + self.intercept_
            return scores[:, 0] if len(self.classes_) == 2 else scores
        source = self._source_scores(given, X)
        return source + (X @ self.added_coef_.T + self.added_intercept_).reshape(source.shape)

    def _keep_added(self, W, b, given, X):
        """Set what is added to the source's scores, and the sum where these are linear."""
        self.added_coef_, self.added_intercept_ = W.T, b
        self.coef_, self.intercept_ = None, None
        linear = linear_part(self.source_estimator_, said_of, self._as_trained(given, X), X)
        if linear is not None:
            weights = np.column_stack(linear).T  # (n_features + 1, n_scores of the source)
            if len(b) > 1 or weights.shape[1] > 1:
                columns = self._columns(weights[:, 0] if weights.shape[1] == 1 else weights)
                weights = class_columns(columns, self.source_estimator_.classes_, self.classes_)
            self.coef_, self.intercept_ = weights[:-1].T + W.T, weights[-1] + b

    def _predict_rows(self, method, X, sample_domain):
        scores = self._scores(X, self._numbers(X, reset=False))
        if method == "decision_function":
            return scores
        if method == "predict":
            return self.classes_[scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0) * 1]
        logs = method == "predict_log_proba"
        if scores.ndim == 2:
            return (log_softmax if logs else softmax)(scores, axis=1)
        of_each = log_expit if logs else expit
        return np.column_stack([of_each(-scores), of_each(scores)])

    def _answers(self, method):
        return True


def curvature(scores):
    """Second derivative of the log loss by a score, ``p (1 - p)``, in the mean over the scores."""
    if scores.ndim == 1:
        return expit(scores) * expit(-scores)
    P = softmax(scores, axis=1)
    return (P * (1 - P)).mean(axis=1)
