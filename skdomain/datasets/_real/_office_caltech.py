"""Office-Caltech10: ten classes of objects, photographed in four ways."""

import os
from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skdomain._domains import warn_caller
from skdomain.datasets._bunch import bunch_domains, select_domains
from skdomain.datasets._real._fetch import fetch_file
from skdomain.datasets._real._files import FILES
from skdomain.datasets._real._matfile import features_and_labels, read_mat

_DESCR = """Office-Caltech10 ({features} features)

The ten classes that Office-31 and Caltech-256 share, in four domains: C, Caltech-256 (1123 images);
A, amazon.com (958); W, a webcam (295); D, a digital SLR camera (157). Rows are raw features, not
normalised. The files state no licence and are not part of skdomain.
"""

_TARGET_NAMES = (
    "backpack",
    "touring-bike",
    "calculator",
    "headphones",
    "computer-keyboard",
    "laptop-101",
    "computer-monitor",
    "computer-mouse",
    "coffee-mug",
    "video-projector",
)

_N_ROWS = {"C": 1123, "A": 958, "W": 295, "D": 157}

# features: folder, key of the feature matrix, number of features, files in the literature's order
_FEATURES = {
    "surf": (
        "office_caltech_surf",
        "fts",
        800,
        {
            "C": "Caltech10_SURF_L10.mat",
            "A": "amazon_SURF_L10.mat",
            "W": "webcam_SURF_L10.mat",
            "D": "dslr_SURF_L10.mat",
        },
    ),
    "decaf6": (
        "office_caltech_decaf6",
        "feas",
        4096,
        {
            "C": "caltech_decaf.mat",
            "A": "amazon_decaf.mat",
            "W": "webcam_decaf.mat",
            "D": "dslr_decaf.mat",
        },
    ),
    "googlenet1024": (
        "office_caltech_googlenet1024",
        "fts",
        1024,
        {"A": "amazon.mat", "W": "webcam.mat", "D": "dslr.mat"},
    ),
}


@validate_params(
    {
        "features": [StrOptions(set(_FEATURES))],
        "domains": [tuple, list, None],
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_office_caltech10(
    features: str = "surf",
    *,
    domains: str | tuple[Any, ...] | None = None,
    data_home: Any = None,
    download_if_missing: bool = True,
) -> Any:
    """Load Office-Caltech10: objects of ten classes in four domains.

    Parameters
    ----------
    features : {"surf", "decaf6", "googlenet1024"}, default="surf"
        ``"surf"``: counts of 800 visual words [1]_, float64. ``"decaf6"``: 4096 activations
        of the sixth layer of a convolutional network [2]_, float64. ``"googlenet1024"``: 1024
        activations of GoogLeNet, float32, for the domains A, W and D.
    domains : tuple of {"C", "A", "W", "D"}, default=None
        Load only these. If None, all.
    data_home : str or path-like, default=None
        Folder of the data, see :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a missing file is an error instead of being downloaded.

    Returns
    -------
    data : DomainsBunch
        `X` of shape (n_samples, n_features), raw; `y` of ints 1 to 10, whose names are
        ``target_names[y - 1]``; `domain_names`, `domain_index`, `filenames`, `DESCR`, and the
        method `tasks`, which yields C->A, C->W, C->D, A->C, ... in the order of the literature.

    Raises
    ------
    OSError
        A file is missing and could not be downloaded.
    ValueError
        A domain is unknown, or a file does not hold what it should.

    Warns
    -----
    UserWarning
        The DeCAF6 files of C or A cannot be had, and the other domains were loaded without them
        (only if `domains` is None).

    References
    ----------
    .. [1] B. Gong, Y. Shi, F. Sha, K. Grauman. Geodesic flow kernel for unsupervised domain
       adaptation. CVPR 2012.
    .. [2] J. Donahue et al. DeCAF: a deep convolutional activation feature for generic visual
       recognition. ICML 2014.

    Examples
    --------
    >>> from skdomain.datasets import load_office_caltech10
    >>> data = load_office_caltech10("surf")  # doctest: +SKIP
    >>> for task in data.tasks(["C->A", "W->D"]):  # doctest: +SKIP
    ...     print(task.name, task.X.shape)
    C->A (2081, 800)
    W->D (452, 800)
    """
    folder, _, _, names = _FEATURES[features]
    files = {d: FILES[f"{folder}/{names[d]}"] for d in select_domains(domains, names)}
    paths, failures = {}, {}
    for domain, file in files.items():
        try:
            paths[domain] = fetch_file(file, data_home, download_if_missing=download_if_missing)
        except OSError as error:
            if domains is not None or file.has_checksum:
                raise
            failures[domain] = error
    if failures:
        _warn_without(failures, paths)
    return bunch_domains(
        {d: _read(features, d, path, check=not files[d].has_checksum) for d, path in paths.items()},
        target_names=_TARGET_NAMES,
        filenames=tuple(map(str, paths.values())),
        DESCR=_DESCR.format(features=features),
    )


def _warn_without(failures, paths):
    reasons = "\n".join(f"{domain}: {error}" for domain, error in failures.items())
    warn_caller(
        f"Only the domains {', '.join(paths)} were loaded, without {', '.join(failures)}.\n"
        f"{reasons}",
    )


def _read(features, domain, path, check):
    _, key, n_features, _ = _FEATURES[features]
    X, y = features_and_labels(*read_mat(path, [key, "labels"]))
    if check:  # no checksum is known: judge by shape and classes
        _check_content(domain, path, X, y, n_features)
    return X, y


def _check_content(domain, path, X, y, n_features):
    expected = (_N_ROWS[domain], n_features)
    if X.shape != expected or len(y) != len(X) or set(np.unique(y)) != set(range(1, 11)):
        raise ValueError(
            f"{path} should hold {expected[0]} rows of {expected[1]} features and as many labels "
            f"1 to 10; it holds features {X.shape} and {len(y)} labels {np.unique(y).tolist()}. "
            "Remove it, and put the right file in its place."
        )
