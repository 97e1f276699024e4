"""Amazon reviews: is the review of a product favourable? Four kinds of products."""

import os
from typing import Any

from sklearn.utils._param_validation import validate_params

from skdomain.datasets._bunch import bunch_domains, select_domains
from skdomain.datasets._real._fetch import fetch_file
from skdomain.datasets._real._files import FILES
from skdomain.datasets._real._matfile import features_and_labels, read_mat

_DESCR = """Amazon reviews, 400 words

Reviews of books (2000), DVDs (1999), electronics (1998) and kitchen appliances (1999), 400 word
frequencies; every row sums to 1. Two classes of opinion, 0 and 1, about half each. The files state
no licence and are not part of skdomain.
"""

_DOMAINS = ("books", "dvd", "elec", "kitchen")


@validate_params(
    {
        "domains": [tuple, list, None],
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_amazon_reviews(
    *,
    domains: str | tuple[Any, ...] | None = None,
    data_home: Any = None,
    download_if_missing: bool = True,
) -> Any:
    """Load the Amazon reviews: two classes of opinion on four kinds of products.

    Parameters
    ----------
    domains : tuple of {"books", "dvd", "elec", "kitchen"}, default=None
        Load only these. If None, all.
    data_home : str or path-like, default=None
        Folder of the data, see :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error instead of being downloaded.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (n_samples, 400), float64 word frequencies whose rows sum to 1; `y` of ints 0
        and 1; `domain_names`, `domain_index`, `filenames`, `DESCR` and the method `tasks`.

    Raises
    ------
    OSError
        A file is missing and could not be downloaded.
    ValueError
        A domain is unknown, or a file in place is not the one that is meant.

    References
    ----------
    .. [1] J. Blitzer, M. Dredze, F. Pereira. Biographies, Bollywood, boom-boxes and blenders:
       domain adaptation for sentiment classification. ACL 2007.
    .. [2] B. Gong, K. Grauman, F. Sha. Connecting the dots with landmarks: discriminatively
       learning domain-invariant features for unsupervised domain adaptation. ICML 2013.

    Examples
    --------
    >>> from skdomain.datasets import load_amazon_reviews
    >>> data = load_amazon_reviews(domains=("books", "dvd"))  # doctest: +SKIP
    >>> data.X.shape  # doctest: +SKIP
    (3999, 400)
    """
    paths = {
        name: fetch_file(
            FILES[f"amazon_reviews_400/{name}_400.mat"],
            data_home,
            download_if_missing=download_if_missing,
        )
        for name in select_domains(domains, _DOMAINS)
    }
    return bunch_domains(
        {name: features_and_labels(*read_mat(p, ["fts", "labels"])) for name, p in paths.items()},
        filenames=tuple(map(str, paths.values())),
        DESCR=_DESCR,
    )
