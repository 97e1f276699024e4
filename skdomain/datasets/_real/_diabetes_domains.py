"""Diabetes: a year's progression, measured on patients of two sexes or of two ages."""

from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.utils._param_validation import StrOptions, validate_params

from skdomain.datasets._bunch import bunch_domains

_DESCR = """Diabetes

442 patients, nine measurements of each in their own units, and a number that says how far the
disease has progressed a year later. The domains are the two sexes, as the data code them, 1 (235
rows) and 2 (207), or the patients of less than 50 years, "younger" (214), and the others, "older"
(228). What defines the domains is left out of X. Comes with scikit-learn; from B. Efron,
T. Hastie, I. Johnstone and R. Tibshirani (2004), "Least angle regression", Annals of Statistics.
"""


@validate_params({"by": [StrOptions({"sex", "age"})]}, prefer_skip_nested_validation=True)
def load_diabetes_domains(*, by: str = "sex") -> Any:
    """Load scikit-learn's diabetes data, a regression, with two sexes or two ages as domains.

    Parameters
    ----------
    by : {"sex", "age"}, default="sex"
        What defines the domains, and is left out of the features.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (442, 9), measurements in their own units; `y`, the progression of the disease,
        from 25 to 346; the domains ``("sex1", "sex2")``, as the data code them, or ``("younger",
        "older")``, that is less than 50 years and the others; `feature_names`, `domain_index`,
        `filenames`, `DESCR`, the method `tasks`. Nothing is downloaded.

    References
    ----------
    .. [1] B. Efron, T. Hastie, I. Johnstone, R. Tibshirani. Least angle regression. Annals of
       Statistics 32, 2004.

    Examples
    --------
    >>> from skdomain.datasets import load_diabetes_domains
    >>> task = next(load_diabetes_domains(by="age").tasks("younger->older"))
    >>> task.X.shape, task.sample_domain.tolist()[::441]
    ((442, 9), [1, -2])
    """
    table = load_diabetes(scaled=False)
    column = table.feature_names.index(by)
    kept = [name for name in table.feature_names if name != by]
    X, value = np.delete(table.data, column, axis=1), table.data[:, column]
    rows = {"sex1": value == 1, "sex2": value == 2}
    if by == "age":
        rows = {"younger": value < 50, "older": value >= 50}
    return bunch_domains(
        {name: (X[at], table.target[at]) for name, at in rows.items()},
        feature_names=tuple(kept),
        filenames=(table.data_filename, table.target_filename),
        DESCR=_DESCR,
    )
