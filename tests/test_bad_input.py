"""Bad input and what comes of it, in one table: it works, or the error says why and what to do."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdomain import NoTargetWarning
from skdomain.alignment import (
    GFK,
    LEACE,
    MIDA,
    ComBat,
    SharedPrivateSubspaces,
    SubspaceAlignment,
)
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import MultiSource, PerDomain, Pooled, SourceOnly, TransitiveTransfer
from skdomain.conformal import DomainConformalClassifier, DomainConformalRegressor
from skdomain.label_shift import BBSE, RLLS, EMPriors, KernelMixture, LabelShiftClassifier
from skdomain.model_selection import AdaptationVotingClassifier
from skdomain.regularized import ARTL, MEDA
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.transfer import (
    AdaptiveSVM,
    FeatureAugmentation,
    LinearProbe,
    SelfTaughtFeatures,
    SelfTrainingAdapter,
    SourceRegularizedLogisticRegression,
    SourceRegularizedRidge,
    TransEMDT,
    TransferForestClassifier,
    TransferForestRegressor,
    TransferTreeClassifier,
    TransferTreeRegressor,
)
from skdomain.transport import (
    JCPOT,
    JDOTClassifier,
    JDOTRegressor,
    OptimalTransport,
    OTLabelPropagation,
    SlicedTransport,
)
from skdomain.weighting import (
    KLIEP,
    KMM,
    ClassifierWeighting,
    GaussianWeighting,
    NearestNeighborWeighting,
    RuLSIF,
)
from skdomain.zero_shot import DAP, ESZSL, AttributeHinge, SemanticAutoencoder

ESTIMATORS = {
    **{
        f"{method.__name__} {kernel}": method(2, kernel=kernel)
        for method in (TCA, TJM, JDA, DJPMMD, JGSA)
        for kernel in ("primal", "linear", "rbf")
    },
    "JDA priors": JDA(2, target_priors="estimate"),
    "DJPMMD priors": DJPMMD(2, mu=0, target_priors="estimate"),  # bounded, however unequal they are
    "Selective": SelectivePseudoLabels(2, max_iter=3),
    "CMMS": CMMS(2, max_iter=3),
    "ComBat": ComBat(),
    "ComBat target": ComBat(reference="target"),
    "LEACE": LEACE(),
    "MIDA linear": MIDA(2),
    "MIDA rbf": MIDA(2, kernel="rbf"),
    "LabelMIDA": MIDA(2, eta=1.0),
    "SharedPrivate": SharedPrivateSubspaces(2),
    "SubspaceAlignment": SubspaceAlignment(2),
    "GFK": GFK(1),
    "ARTL": ARTL(),
    "ARTL linear": ARTL(kernel="linear"),
    "MEDA": MEDA(2, mu=0.5),
    "SourceOnly": SourceOnly(),
    "TransitiveTransfer": TransitiveTransfer(),
    # of a vote that has one candidate, what holds for the candidate
    "SourceOnly in a soft vote": AdaptationVotingClassifier([SourceOnly()]),
    "SourceOnly in a latent vote": AdaptationVotingClassifier([SourceOnly()], voting="latent"),
    "PerDomain": PerDomain(),
    "Pooled": Pooled(),
    "MultiSource": MultiSource(),
    "SelfTraining": SelfTrainingAdapter(),
    "Boosting": TrAdaBoost(n_estimators=4),
    "Boosting sources": MultiSourceTrAdaBoost(n_estimators=4),
    "R2 boosting": TrAdaBoostR2(n_estimators=4),
    "R2 two-stage": TwoStageTrAdaBoostR2(n_estimators=2, n_steps=2, n_folds=2),
    **{f"Tree {method}": TransferTreeClassifier(method=method) for method in ("ser", "strut")},
    "Tree vote": TransferForestClassifier(RandomForestClassifier(3)),
    "Tree values": TransferTreeRegressor(),
    "Tree values, forest": TransferForestRegressor(RandomForestRegressor(3)),
    "TransEMDT": TransEMDT(),
    "ClassifierWeighting": ClassifierWeighting(),
    "GaussianWeighting": GaussianWeighting(),
    "KLIEP": KLIEP(),
    "KMM": KMM(),
    "NearestNeighborWeighting": NearestNeighborWeighting(),
    "RuLSIF": RuLSIF(),
    "Priors EM": EMPriors(n_bootstrap=3),
    "Priors BBSE": BBSE(n_bootstrap=3),
    "Priors RLLS": RLLS(n_bootstrap=3),
    "KernelMixture": KernelMixture(n_bootstrap=3),
    "Conformal classifier": DomainConformalClassifier(random_state=0),
    "Conformal regressor": DomainConformalRegressor(random_state=0),
    "LabelShift": LabelShiftClassifier(n_bootstrap=9, random_state=0),
    "Sliced": SlicedTransport(3, random_state=0),
    "Carried rows": OptimalTransport(),
    "Carried labels": OTLabelPropagation(),
    "Proportions": JCPOT(),
    "Joint classes": JDOTClassifier(),
    "Joint values": JDOTRegressor(),
    "Transfer ridge": SourceRegularizedRidge(),
    "Transfer logistic": SourceRegularizedLogisticRegression(),
    "Transfer SVM": AdaptiveSVM(LogisticRegression()),
    "Augmented": FeatureAugmentation(),
    "Probe": LinearProbe(MaxAbsScaler(), DecisionTreeClassifier()),
    "Taught": SelfTaughtFeatures(2, max_iter=5, random_state=0),
    "ZeroESZSL": ESZSL(),
    "ZeroSAE": SemanticAutoencoder(),
    "ZeroHinge": AttributeHinge(),
    "ZeroDAP": DAP(),
}
WORKS = "works"
KEEPS = "the output is not finite exactly where X is not"
ONE_MAP, SPHERE = ("TCA", "TJM", "JDA", "DJPMMD"), ("Selective", "CMMS")
KERNEL, INNER = (*ONE_MAP, "JGSA"), ("JDA", "DJPMMD", "JGSA")
SUBSPACE, PSEUDO_LABELS = (*KERNEL, *SPHERE), (*INNER, *SPHERE)
SHARED = ("SharedPrivate",)
AXES = ("SubspaceAlignment", "GFK")
BASES = (*AXES, *SHARED)
MAPS = ("ComBat", "LEACE", "Taught")
MIDAS = ("MIDA", "LabelMIDA")
REGULARIZED = ("ARTL", "MEDA")
LEFT_OUT, ONE_ROW_WEIGHTED = ("KLIEP", "RuLSIF"), ("ClassifierW", "NearestNeighborW", "KMM")
WEIGHTED = (*LEFT_OUT, *ONE_ROW_WEIGHTED, "GaussianWeighting")
DENSE_WEIGHTED = ("GaussianWeighting", "NearestNeighborW")
SPARSE_WEIGHTED = (*LEFT_OUT, "ClassifierW", "KMM")
BOOSTED = ("Boosting", "Boosting sources")
R2 = ("R2 boosting", "R2 two-stage")
TREE_CLASSIFIERS = ("Tree ser", "Tree strut", "Tree vote")
TREE_VALUES = ("Tree values", "Tree values, forest")
TREES = (*TREE_CLASSIFIERS, *TREE_VALUES)
POSTERIOR_PRIORS = ("Priors EM", "Priors BBSE", "Priors RLLS")
POOLED, SEVERAL, SELF = ("Pooled",), ("MultiSource",), ("SelfTraining",)
PRIORS = (*POSTERIOR_PRIORS, "KernelMixture")
CORRECTED = ("LabelShift",)
CONFORMAL = ("Conformal classifier", "Conformal regressor")
JOINT = ("Joint classes", "Joint values")
CARRIED = ("Carried rows", "Carried labels", "Proportions", "Joint classes")
TRANSPORT = (*CARRIED, "Joint values")
FROM_SOURCE = ("Transfer logistic", "Transfer SVM")
TRANSFER = ("Transfer ridge", *FROM_SOURCE, "Augmented", "Probe")
ZERO_SHOT = ("ZeroESZSL", "ZeroSAE", "ZeroHinge", "ZeroDAP")
NEED_NO_TARGET = (*ZERO_SHOT, "Taught")  # of the domains they ask for source rows alone
EVERY = (
    *TRANSPORT,
    "Sliced",
    *TRANSFER,
    *SUBSPACE,
    *BASES,
    *MAPS,
    *MIDAS,
    *REGULARIZED,
    "SourceOnly",
    *CONFORMAL,
    "PerDomain",
    *POOLED,
    *SEVERAL,
    *SELF,
    *BOOSTED,
    *R2,
    *TREES,
    "TransEMDT",
    *WEIGHTED,
    *PRIORS,
    *CORRECTED,
    *ZERO_SHOT,
)


def cell(value):
    """Put a value into one source row of X."""

    def change(X, y, d):
        X = X.copy()
        X[np.argmax(d > 0), 0] = value
        return X, y, d

    return change


def rows(select):
    return lambda X, y, d: (X[select], y[select], abs(d[select]))


def features(map_):
    return lambda X, y, d: (map_(X), y, d)


def labels(map_):
    return lambda X, y, d: (X, map_(y, d), d)


def domains(map_):
    return lambda X, y, d: (X, y, map_(d))


def parameters(**values):
    """Leave the data alone and set parameters."""

    def change(X, y, d):
        return X, y, d

    change.parameters = values
    return change


def kernel_matrix(map_):
    def change(X, y, d):
        return map_(rbf_kernel(X)), y, d

    change.parameters = {"kernel": "precomputed"}
    return change


def one_target(X, y, d):
    kept = (d > 0) | (np.arange(len(d)) == np.argmax(d < 0))
    return X[kept], y[kept], d[kept]


def one_source(X, y, d):
    kept = (d < 0) | (np.arange(len(d)) == np.argmax(d > 0))
    return X[kept], y[kept], d[kept]


def far_apart(X, y, d):
    return X + 1e3 * (d < 0)[:, None], y, d


def with_parameters(data_change, **values):
    def change(X, y, d):
        return data_change(X, y, d)

    change.parameters = values
    return change


def one_class(y, d):
    return np.where(d > 0, 0, y)


def constant_columns(X):
    return X * [1, 0, 1, 0] + [0, 5, 0, 0]


def asymmetric(K):
    K[0, 1] += 0.5
    return K


# Each case: what is done to X, y and sample_domain, and what comes of it for which estimators. An
# estimator that is not named has no such parameter.
CASES = {
    "NaN": (
        cell(np.nan),
        {
            (
                *BOOSTED,
                *R2,
                *SUBSPACE,
                *BASES,
                *MAPS,
                *MIDAS,
                *REGULARIZED,
                "TransEMDT",
                "SourceOnly",
                *TRANSFER[:-1],
                *CONFORMAL,
                *WEIGHTED,
                *PRIORS,
                *CORRECTED,
                *POOLED,
                *SEVERAL,
                *SELF,
                *ZERO_SHOT,
            ): "Input X contains NaN",
            (*TREES, "Probe"): WORKS,
            "PerDomain": KEEPS,
        },
    ),
    "inf": (cell(np.inf), {EVERY: "Input X contains infinity"}),
    "no rows": (rows(slice(0)), {EVERY: r"Found array with 0 sample.*a minimum of \d is required"}),
    "one row": (
        rows(slice(1)),
        {
            SUBSPACE: r"Found array with 1 sample.*minimum of 2 is required by (T.[AM]|J|D|S|C)",
            (
                *BASES,
                *MIDAS,
                "MEDA",
            ): r"Found array with 1 sample.*minimum of 2 is required by (S|GFK|M[EI]DA)",
            (
                "ARTL",
                *CORRECTED,
                *SELF,
                *ZERO_SHOT,
                CONFORMAL[0],
            ): "source rows of at least 2 classes, got only one class, ",
            CONFORMAL[1]: "at least 2 source rows are needed, one to train on and one to calibrate",
            ("SourceOnly", "PerDomain", "Transfer ridge", *MAPS, *R2): WORKS,
            (*TREES, "TransEMDT"): WORKS,
            BOOSTED: "needs labels of at least 2 classes, got only one class, ",
            (
                *POOLED,
                *SEVERAL,
                *WEIGHTED,
                *FROM_SOURCE,
                "Augmented",
            ): "solver needs samples of at least 2 classes",
            PRIORS: "source rows of at least 2 classes, got only one class, ",
        },
    ),
    "no columns": (features(lambda X: X[:, :0]), {EVERY: r"0 feature.*a minimum of 1 is required"}),
    "a single column": (features(lambda X: X[:, :1]), {EVERY: WORKS}),
    "X in one dimension": (
        features(lambda X: X[:, 0]),
        {EVERY: "Expected 2D array, got 1D array instead.*Reshape your data"},
    ),
    "one target row": (
        one_target,
        {
            (
                *SUBSPACE,
                "ARTL",
                *MAPS,
                *MIDAS,
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                "PerDomain",
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *TREES,
                "TransEMDT",
                "R2 boosting",
            ): WORKS,
            "R2 two-stage": "got 1; label at least 2, or take TrAdaBoostR2",
            (
                *BASES,
                "MEDA",
            ): "the (target|domain -2) rows are all equal.*span no subspace; pass rows that differ",
            (*ONE_ROW_WEIGHTED, *CORRECTED, *ZERO_SHOT): WORKS,
            "GaussianWeighting": "the target rows are all equal: a normal law needs.*as KMM",
            LEFT_OUT: "chosen by leaving rows out.*the target has 1. Pass a number for gamma",
            PRIORS: WORKS,
        },
    ),
    "one source row": (
        one_source,
        {
            ("SourceOnly", "PerDomain", *MAPS, *MIDAS, *POOLED, *BOOSTED, *R2): WORKS,
            ("Transfer ridge", "Augmented", *TREES, "TransEMDT"): WORKS,
            (
                *REGULARIZED,
                *PRIORS,
                *CORRECTED,
                *SELF,
                *ZERO_SHOT,
                CONFORMAL[0],
            ): "source rows of at least 2 classes, got only one class, ",
            CONFORMAL[1]: "at least 2 source rows are needed, one to train on and one to calibrate",
            (*SEVERAL, *ONE_ROW_WEIGHTED, *FROM_SOURCE): "at least 2 classes",
            "GaussianWeighting": "the source rows are all equal: a normal law needs",
            LEFT_OUT: "chosen by leaving rows out.*the source has 1. Pass a number for gamma",
        },
    ),
    "domains without overlap": (
        far_apart,
        {
            (
                *MAPS,
                *MIDAS,
                *REGULARIZED,
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                "PerDomain",
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
                *TREES,
                "TransEMDT",
                *WEIGHTED,
                *PRIORS,
                *CORRECTED,
                *ZERO_SHOT,
            ): WORKS
        },
    ),
    "constant columns": (features(constant_columns), {EVERY: WORKS}),
    "equal rows": (
        features(np.ones_like),
        {
            SPHERE: "scales rows to unit norm, and then all 32 rows of X, of 4 .*are equal up to",
            (*KERNEL, *MIDAS): "the rows of X are all equal up to rounding.*pass rows that differ",
            (*BASES, "MEDA"): "the (source|domain -2) rows are all equal.*span no subspace; pass",
            ("ARTL", *MAPS, "SourceOnly", *TRANSFER, *CONFORMAL, "PerDomain", *BOOSTED, *R2): WORKS,
            (*POOLED, *SEVERAL, *SELF, *TREES, "TransEMDT"): WORKS,
            (*ONE_ROW_WEIGHTED, *CORRECTED, *ZERO_SHOT): WORKS,
            "GaussianWeighting": "the source rows are all equal: a normal law needs",
            LEFT_OUT: "chosen by leaving rows out.*the source has 1. Pass a number for gamma",
            PRIORS: WORKS,
        },
    ),
    "duplicated rows": (
        lambda X, y, d: tuple(np.concatenate([a, a]) for a in (X, y, d)),
        {EVERY: WORKS},
    ),
    "large values": (
        features(lambda X: X * 1e6),
        {EVERY: WORKS},
    ),
    "tiny values": (
        features(lambda X: X * 1e-60),
        {
            (*[f"{m} {kernel}" for m in KERNEL for kernel in ("primal", "linear")],): WORKS,
            (*[f"{m} rbf" for m in KERNEL],): "all equal up to rounding.*check gamma",
            (*SPHERE, *BASES, *MAPS, "MIDA linear", *REGULARIZED, *WEIGHTED): WORKS,
            "MIDA rbf": "all equal up to rounding.*check gamma",
            ("SourceOnly", *TRANSFER, *CONFORMAL, "PerDomain", *BOOSTED, *R2): WORKS,
            (*POOLED, *SEVERAL, *SELF, *TREES, "TransEMDT"): WORKS,
            (*PRIORS, *CORRECTED, *ZERO_SHOT): WORKS,
        },
    ),
    "integers": (features(lambda X: np.rint(3 * X).astype(np.int32)), {EVERY: WORKS}),
    "complex X": (features(lambda X: X + 1j), {EVERY: "Complex data not supported"}),
    "strings in X": (
        features(lambda X: np.full(X.shape, "red", dtype=object)),
        {EVERY: "could not convert string to float: 'red'"},
    ),
    "sparse X": (
        features(sparse.csr_array),
        {
            (
                "TJM",
                "JGSA",
                *SPHERE,
                *BASES,
                *MAPS,
                *MIDAS,
                *DENSE_WEIGHTED,
                *REGULARIZED,
                *TREES,
                "TransEMDT",
                *ZERO_SHOT,
            ): r"Sparse data was passed for X, but dense data is required.*'.toarray\(\)'",
            (
                "TCA",
                "JDA",
                "DJPMMD",
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
                *SPARSE_WEIGHTED,
            ): WORKS,
            CORRECTED: WORKS,
            "PerDomain": "Cannot center sparse matrices: pass `with_mean=False`",
            PRIORS: WORKS,
        },
    ),
    "sample_domain too short": (
        domains(lambda d: d[1:]),
        {EVERY: r"sample_domain has shape \(31,\) but X has 32 rows; pass one label a row"},
    ),
    "0 in sample_domain": (
        domains(lambda d: d * (np.arange(len(d)) != 3)),
        {EVERY: "sample_domain is 0 in row 3, which is neither source nor target; pass"},
    ),
    "no source": (
        domains(lambda d: -abs(d)),
        {EVERY: "got no source row: all 32 entries of sample_domain are negative; pass"},
    ),
    "y missing": (
        labels(lambda y, d: None),
        {
            ("TCA", "TJM", *BASES, *MAPS, "MIDA", "PerDomain"): WORKS,
            (
                *PSEUDO_LABELS,
                "LabelMIDA",
                *REGULARIZED,
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
                *TREES,
                "TransEMDT",
                *WEIGHTED,
                *PRIORS,
                *CORRECTED,
                *ZERO_SHOT,
            ): "requires y to be passed, but the target y is None",
        },
    ),
    "y too short": (
        labels(lambda y, d: y[1:]),
        {
            ("TCA", "TJM", *BASES, *MAPS, "MIDA", "PerDomain"): WORKS,
            (
                *PSEUDO_LABELS,
                "LabelMIDA",
                *REGULARIZED,
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
                *TREES,
                "TransEMDT",
                *WEIGHTED,
                *PRIORS,
                *CORRECTED,
                *ZERO_SHOT,
            ): r"inconsistent numbers of samples: \[32, 31\]",
        },
    ),
    "NaN in y of the source": (
        labels(lambda y, d: np.where(d > 0, np.nan, y)),
        {
            ("TCA", "TJM", *BASES, *MAPS, "MIDA", "PerDomain"): WORKS,
            (
                *PSEUDO_LABELS,
                "LabelMIDA",
                *REGULARIZED,
                "SourceOnly",
                *TRANSFER,
                *CONFORMAL,
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
                *TREES,
                "TransEMDT",
                *WEIGHTED,
                *PRIORS,
                *CORRECTED,
                *ZERO_SHOT,
            ): "y is missing in 18 of 18 source rows, first in row 1, and .*; label these rows,",
        },
    ),
    "fractions as classes": (
        labels(lambda y, d: y + 0.5),
        {
            ("TCA", "TJM", *BASES, *MAPS, *MIDAS, *R2, "PerDomain", "Transfer ridge"): WORKS,
            TREE_VALUES: WORKS,
            (
                *PSEUDO_LABELS,
                *REGULARIZED,
                "SourceOnly",
                *FROM_SOURCE,
                "Augmented",
                CONFORMAL[0],
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *TREE_CLASSIFIERS,
                "TransEMDT",
                *WEIGHTED,
                *ZERO_SHOT,
            ): "Unknown label type: continuous",
        },
    ),
    "one class": (
        labels(one_class),
        {
            ("TCA", "TJM", *BASES, *MAPS, *MIDAS, *BOOSTED, *R2, "SourceOnly", "PerDomain"): WORKS,
            (*POOLED, *TREES, "TransEMDT", CONFORMAL[1]): WORKS,
            (
                *PSEUDO_LABELS,
                *REGULARIZED,
                CONFORMAL[0],
                *SELF,
                *ZERO_SHOT,
            ): "source rows of at least 2 classes, got only one class, 0; check y on",
            ("Transfer ridge", "Augmented"): WORKS,
            (*SEVERAL, *WEIGHTED, *FROM_SOURCE): "samples of at least 2 classes",
        },
    ),
    "n_components beyond the rank": (
        parameters(n_components=99),
        {(*SUBSPACE, *BASES, *MIDAS, "MEDA", "Taught"): WORKS},
    ),
    "n_components=0": (
        parameters(n_components=0),
        {
            (
                *SUBSPACE,
                *BASES,
                *MIDAS,
                "MEDA",
                "Taught",
            ): r"The 'n_components' parameter of \w+ must be an int in the range "
            r"\[1.*Got 0"
        },
    ),
    "n_components unknown": (
        parameters(n_components="best"),
        {
            (
                *SUBSPACE,
                *MIDAS,
            ): "The 'n_components' parameter .* must be an int.*Got 'best'",
            (
                *AXES,
                "MEDA",
            ): "The 'n_components' parameter.* a str among {'auto'}. Got 'best' instead",
        },
    ),
    "n_shared=0": (
        parameters(n_shared=0),
        {SHARED: r"The 'n_shared' parameter of .* must be an int in the range \[1.*Got 0 instead"},
    ),
    "n_shared=1.5": (
        parameters(n_shared=1.5),
        {SHARED: r"The 'n_shared' parameter of .* float in the range \(0.0, 1.0\]. Got 1.5"},
    ),
    "deviation=0": (
        parameters(deviation=0),
        {"SubspaceAlignment": r"The 'deviation' parameter.* in the range \(0.*Got 0 instead"},
    ),
    "delta=1": (
        parameters(delta=1.0),
        {"SubspaceAlignment": r"The 'delta' parameter.* in the range \(0.*Got 1.0 instead"},
    ),
    "lam=0": (
        parameters(lam=0),
        {
            (*SUBSPACE, "ZeroSAE"): r"The 'lam' parameter of \w+ must be a float in the range "
            r"\(0.*Got 0 instead",
            REGULARIZED: WORKS,
        },
    ),
    "lam negative": (
        parameters(lam=-1.0),
        {(*SUBSPACE, *REGULARIZED, "ZeroSAE"): "The 'lam' parameter.*Got -1.0"},
    ),
    "lam tiny": (parameters(lam=1e-12), {SUBSPACE: WORKS}),
    "lam tiny, mu=0": (parameters(lam=1e-12, mu=0), {("JDA", "DJPMMD"): WORKS}),
    "lam huge": (parameters(lam=1e12), {(*SUBSPACE, *REGULARIZED): WORKS}),
    "eta=0": (
        parameters(eta=0),
        {
            (
                *REGULARIZED,
                "ZeroESZSL",
                "ZeroHinge",
            ): r"The 'eta' parameter.*in the range \(0.0, inf\). Got 0 instead"
        },
    ),
    "eta_attributes=0": (
        parameters(eta_attributes=0),
        {"ZeroESZSL": r"The 'eta_attributes' parameter.*in the range \(0.0, inf\). Got 0 instead"},
    ),
    "margin=0": (
        parameters(margin=0),
        {"ZeroHinge": r"The 'margin' parameter.*in the range \(0.0, inf\). Got 0 instead"},
    ),
    "space unknown": (
        parameters(space="both"),
        {"ZeroSAE": "The 'space' parameter of SemanticAutoencoder.*Got 'both' instead"},
    ),
    "attributes that are none": (
        parameters(attributes=1.5),
        {ZERO_SHOT: "The 'attributes' parameter of .* must be .* or None. Got 1.5 instead"},
    ),
    "eta negative": (
        parameters(eta=-1),
        {MIDAS: r"The 'eta' parameter of MIDA .*\[0.0, inf\). Got -1 instead"},
    ),
    "eta huge": (parameters(eta=1e12), {(*MIDAS, *REGULARIZED): WORKS}),
    "eta lost to rounding": (
        with_parameters(features(lambda X: 1e12 * X[:, [0, 0, 1, 1]])),
        {"ARTL linear": "eta=0.1 is lost to rounding.*scale the features, or raise eta"},
    ),
    "rho=0": (parameters(rho=0), {REGULARIZED: WORKS}),
    "rho negative": (
        parameters(rho=-1),
        {(*REGULARIZED, "CMMS"): "The 'rho' parameter.*Got -1 instead"},
    ),
    "more neighbours than rows": (parameters(n_neighbors=99), {(*REGULARIZED, "CMMS"): WORKS}),
    "no neighbours": (
        parameters(n_neighbors=0),
        {(*REGULARIZED, "CMMS"): r"The 'n_neighbors' parameter.*range \[1, inf\). Got 0 instead"},
    ),
    "init that does not predict": (
        parameters(init=PerDomain()),
        {REGULARIZED: "The 'init' parameter.*'fit' and 'predict'.*Got PerDomain"},
    ),
    "mu negative": (
        parameters(mu=-0.1),
        {(*INNER, *MIDAS, *REGULARIZED): "The 'mu' parameter.*Got -0.1 instead"},
    ),
    "mu above 1": (
        parameters(mu=1.5),
        {"JDA": r"The 'mu' parameter of JDA must be a float in the range \[0.0, 1.0\].*Got 1.5"},
    ),
    "mu unknown": (
        parameters(mu="guess"),
        {
            (
                "JDA",
                *REGULARIZED,
            ): r"The 'mu' parameter of \w+ must be .* a str among {'auto'}. Got 'guess' instead",
            ("DJPMMD", "JGSA"): "The 'mu' parameter of .* must be a float.*Got 'guess' instead",
        },
    ),
    "mu=0": (
        parameters(mu=0),
        {("JGSA", *MIDAS): r"The 'mu' parameter of .* range \(0.*Got 0 instead"},
    ),
    "beta=0": (parameters(beta=0), {"JGSA": r"The 'beta' parameter of JGSA .* \(0.*Got 0 instead"}),
    "alpha=0": (
        parameters(alpha=0),
        {("CMMS", "Taught"): r"The 'alpha' parameter of .* \(0.*Got 0"},
    ),
    "rows in one direction": (
        features(lambda X: abs(X[:, :1]) * [1, 2, 3, 4]),
        {SPHERE: "all 32 rows of X, of 4 feature.*are equal up to rounding; pass rows that"},
    ),
    "more axes than features": (parameters(n_axes=99), {"Selective": WORKS}),
    "a negative prior": (
        parameters(prior_strength=-1),
        {"ComBat": r"The 'prior_strength' parameter.*\[0.0, inf\). Got -1 instead"},
    ),
    "a prior of one number": (parameters(prior_strength=1e300), {"ComBat": WORKS}),
    "reference unknown": (
        parameters(reference="source"),
        {"ComBat": "The 'reference' parameter.*a str among {'target'}.*Got 'source' instead"},
    ),
    "reference without rows": (
        parameters(reference=5),
        {"ComBat": r"reference=5 has no row among the domains \[-2, 1\]; pass one of them"},
    ),
    "covariates that are no list": (
        parameters(covariates=1.5),
        {"ComBat": "The 'covariates' parameter of ComBat must be an array-like or None. Got 1.5"},
    ),
    "covariates beyond the columns": (
        parameters(covariates=[4]),
        {"ComBat": "covariates hold 4, but X has the columns 0 to 3; pass numbers or names"},
    ),
    "a single round": (parameters(max_iter=1), {PSEUDO_LABELS: WORKS}),
    "max_iter=0": (
        parameters(max_iter=0),
        {
            (
                "TJM",
                "ComBat",
                "ZeroHinge",
                *PSEUDO_LABELS,
                *REGULARIZED,
            ): r"The 'max_iter' parameter.*range \[1, inf\). Got 0 instead"
        },
    ),
    "tol negative": (
        parameters(tol=-1),
        {
            (
                "TJM",
                "ComBat",
                "ZeroHinge",
            ): r"The 'tol' parameter of \w+ .*\[0.0, inf\). Got -1 instead"
        },
    ),
    "whiten": (parameters(whiten=True), {ONE_MAP: WORKS}),
    "kernel unknown": (
        parameters(kernel="gauss"),
        {
            (
                *KERNEL,
                *MIDAS,
                *REGULARIZED,
            ): "The 'kernel' parameter.* a str among .*'rbf'.* Got 'gauss' instead"
        },
    ),
    "kernel without its domain": (
        parameters(kernel="chi2"),
        {(*KERNEL, *MIDAS, *REGULARIZED): "X contains negative values"},
    ),
    "gamma negative": (
        parameters(gamma=-1.0),
        {(*KERNEL, *MIDAS, *REGULARIZED): "The 'gamma' parameter.*Got -1.0"},
    ),
    "kernel constant": (
        parameters(kernel="rbf", gamma=1e-300),
        {(*KERNEL, *MIDAS): r"the rows of X are all equal up to rounding.*check gamma"},
    ),
    "gamma zero": (parameters(gamma=0), {KERNEL: "The 'gamma' parameter.*Got 0 instead"}),
    "kernel matrix not square": (
        kernel_matrix(lambda K: K[:, 1:]),
        {
            KERNEL: r"kernel='precomputed' needs the square kernel matrix of the fitted rows, "
            r"got X of shape \(32, 31\); pass K\(X, X\) to fit"
        },
    ),
    "kernel matrix not symmetric": (
        kernel_matrix(asymmetric),
        {KERNEL: r"kernel='precomputed' needs a symmetric matrix, got X with .*; pass K\(X, X\)"},
    ),
    "kernel matrix zero": (
        kernel_matrix(np.zeros_like),
        {KERNEL: "the rows of X are all equal up to rounding"},
    ),
    "estimator that does not predict": (
        parameters(estimator=PerDomain()),
        {
            (*INNER, "CMMS", *WEIGHTED): "The 'estimator' parameter.*'fit' and 'predict'.*Got Per",
            "Selective": "The 'estimator' parameter.*'fit' and 'predict_proba'.*Got PerDomain",
        },
    ),
    "NaN in y of the target": (
        labels(lambda y, d: np.where(d < 0, np.nan, y)),
        {
            (*POOLED, *SEVERAL, *SELF): WORKS,
            (
                *BOOSTED,
                *R2,
                *TREES,
                *TRANSFER,
            ): "none of the 14 target rows is labelled; label a few, or take a method",
        },
    ),
    "boosting an estimator without sample_weight": (
        parameters(estimator=KNeighborsClassifier()),
        {
            BOOSTED: "Boost trains on weighted rows, but KNeighborsClassifier.fit takes no "
            "sample_weight; wrap an estimator that does, such as DecisionTreeClassifier",
            R2: "R2 trains on weighted rows, but KNeighborsClassifier.fit takes no sample_weight; "
            "wrap an estimator that does, such as DecisionTreeRegressor",
        },
    ),
    "boosting an estimator that does not predict": (
        parameters(estimator=PerDomain()),
        {
            (
                *POOLED,
                *SEVERAL,
                *SELF,
                *BOOSTED,
                *R2,
            ): "The 'estimator' parameter.*'fit' and 'predict'.*Got PerDomain"
        },
    ),
    "a tree that is a ridge": (
        parameters(source_estimator=Ridge()),
        {(*TREES, "TransEMDT"): "The 'source_estimator' parameter.*instance of.*Got Ridge"},
    ),
    "a tree that is said to be fitted": (
        parameters(source_estimator=FrozenEstimator(DecisionTreeClassifier())),
        {("Tree ser", "Tree strut", "TransEMDT"): "is not fitted yet"},
    ),
    "a ridge that is frozen": (
        parameters(source_estimator=FrozenEstimator(Ridge().fit([[0], [1]], [0, 1]))),
        {(*TREES, "TransEMDT"): r"is a Ridge in a FrozenEstimator; freeze a \w+, whose trees can"},
    ),
    "method of trees unknown": (
        parameters(method="graft"),
        {TREES: "The 'method' parameter.*Got 'graft' instead"},
    ),
    "STRUT of values": (
        parameters(method="strut"),
        {TREE_VALUES: "The 'method' parameter.*{'(relabel', 'ser|ser', 'relabel)'}. Got 'strut'"},
    ),
    "unreached unknown": (
        parameters(unreached="graft"),
        {TREES: "The 'unreached' parameter.*Got 'graft' instead"},
    ),
    "confident=0": (
        parameters(confident=0),
        {"TransEMDT": r"The 'confident' parameter.*range \(0.0, 1.0\]. Got 0 instead"},
    ),
    "boosting another regressor": (parameters(estimator=Ridge()), {R2: WORKS}),
    "n_estimators=0": (
        parameters(n_estimators=0),
        {
            (*BOOSTED, *R2): r"The 'n_estimators' parameter of \w+ must be an int in the range "
            r"\[1.*Got 0"
        },
    ),
    "min_error=0.5": (
        parameters(min_error=0.5),
        {BOOSTED: r"The 'min_error' parameter of \w+ .*range \[0.0, 0.5\). Got 0.5 instead"},
    ),
    "n_steps=1": (
        parameters(n_steps=1),
        {"R2 two-stage": r"The 'n_steps' parameter.*range \[2, inf\). Got 1 instead"},
    ),
    "a single fold": (
        parameters(n_folds=1),
        {"R2 two-stage": r"The 'n_folds' parameter.*range \[2, inf\). Got 1 instead"},
    ),
    "folds that are too few": (
        parameters(cv=1),
        {CORRECTED: "The 'cv' parameter of LabelShiftClassifier.*Got 1 instead"},
    ),
    "method unknown": (
        parameters(method="guess"),
        {CORRECTED: "The 'method' parameter of LabelShiftClassifier.*Got 'guess' instead"},
    ),
    "correct unknown": (
        parameters(correct="all"),
        {CORRECTED: "The 'correct' parameter of LabelShiftClassifier.*Got 'all' instead"},
    ),
    "estimator without probabilities": (
        parameters(estimator=SVC()),
        {CORRECTED: "SVC has no predict_proba; wrap it in sklearn.calibration.CalibratedClass"},
    ),
    "estimator without weights that would get some": (
        parameters(estimator=KNeighborsClassifier(), correct="weights"),
        {CORRECTED: "KNeighborsClassifier.fit takes no sample_weight; pass correct='posterior'"},
    ),
    "estimator without sample_weight": (
        parameters(estimator=KNeighborsClassifier()),
        {
            WEIGHTED: " trains on weighted rows, but KNeighborsClassifier.fit takes no "
            "sample_weight; wrap an estimator that does, such as LogisticRegression"
        },
    ),
    "a regressor": (parameters(estimator=Ridge()), {WEIGHTED: WORKS}),
    "classifier without sample_weight": (
        parameters(classifier=KNeighborsClassifier()),
        {"ClassifierWeighting": "by weights, but KNeighborsClassifier.fit takes no sample_weight"},
    ),
    "classifier without probabilities": (
        parameters(classifier=SVC(), calibrate=False),
        {"ClassifierWeighting": "calibrate=False needs a classifier with predict_proba, which SVC"},
    ),
    "classifier that does not classify": (
        parameters(classifier=PerDomain()),
        {"ClassifierWeighting": "The 'classifier' parameter.*'fit' and 'predict_proba'.*Got Per"},
    ),
    "calibrate unknown": (
        parameters(calibrate="sometimes"),
        {"ClassifierWeighting": "The 'calibrate' parameter.*among {'auto'}. Got 'sometimes'"},
    ),
    "n_folds=1": (
        parameters(n_folds=1),
        {"ClassifierWeighting": r"The 'n_folds' parameter.*range \[2, inf\). Got 1 instead"},
    ),
    "calibration on one target row": (
        with_parameters(one_target, calibrate=True),
        {"ClassifierWeighting": "calibrating needs at least 2 rows that differ in each.*=False"},
    ),
    "n_neighbors=0": (
        parameters(n_neighbors=0),
        {"NearestNeighborWeighting": r"The 'n_neighbors' parameter.*range \[1, inf\).*Got 0"},
    ),
    "n_neighbors beyond the source": (
        parameters(n_neighbors=19),
        {"NearestNeighborWeighting": r"n_neighbors=19 is more than the 18 source row\(s\); lower"},
    ),
    "a power above one": (
        parameters(flatten=1.5),
        {
            WEIGHTED: r"The 'flatten' parameter of .*in the range \[0.0, 1.0\] or None. Got 1.5",
        },
    ),
    "a shrinkage above one": (
        parameters(shrinkage=2),
        {"GaussianWeighting": r"The 'shrinkage' parameter.*range \[0.0, 1.0\]. Got 2 instead"},
    ),
    "smoothing negative": (
        parameters(smoothing=-1),
        {"NearestNeighborWeighting": r"The 'smoothing' parameter.*\[0.0, inf\). Got -1 instead"},
    ),
    "no overlap without smoothing": (
        with_parameters(far_apart, smoothing=0),
        {"NearestNeighborWeighting": "largest weight of a source row is 0.0: the domains do not"},
    ),
    "priors by a regressor": (
        parameters(estimator=Ridge()),
        {POSTERIOR_PRIORS: "The 'estimator' parameter.*'fit' and 'predict_proba'.*Got Ridge"},
    ),
    "calibration unknown": (
        parameters(calibration="isotonic"),
        {
            (
                *POSTERIOR_PRIORS,
                *CORRECTED,
            ): "The 'calibration' parameter.*'bcts'.*Got 'isotonic' instead"
        },
    ),
    "cv=1": (
        parameters(cv=1),
        {POSTERIOR_PRIORS: r"The 'cv' parameter.*range \[2, inf\). Got 1 instead"},
    ),
    "confidence_level=1": (
        parameters(confidence_level=1),
        {CONFORMAL: r"The 'confidence_level' parameter.*range \(0.0, 1.0\). Got 1 instead"},
    ),
    "calibration by all rows": (
        parameters(calibration_size=18),
        {CONFORMAL: "calibration_size=18 leaves no row to train on of 18 source rows; lower it"},
    ),
    "n_bootstrap=0": (parameters(n_bootstrap=0), {PRIORS: WORKS}),
    "n_bootstrap negative": (
        parameters(n_bootstrap=-1),
        {
            (
                *PRIORS,
                *CORRECTED,
            ): r"The 'n_bootstrap' parameter.*range \[0, inf\). Got -1 instead"
        },
    ),
    "level=1": (
        parameters(level=1),
        {
            (
                *PRIORS,
                *CORRECTED,
            ): r"The 'level' parameter.*range \(0.0, 1.0\). Got 1 instead"
        },
    ),
    "alpha negative": (
        parameters(alpha=-1),
        {"Priors RLLS": r"The 'alpha' parameter of RLLS.*\[0.0, inf\). Got -1 instead"},
    ),
    "values that are no classes": (
        labels(lambda y, d: y + np.linspace(0, 0.5, len(y))),
        {PRIORS: "Unknown label type: continuous"},
    ),
    "transformer that does not transform": (
        parameters(transformer=SourceOnly()),
        {"PerDomain": "The 'transformer' parameter.*'fit' and 'transform'.*Got SourceOnly"},
    ),
    "init unknown": (
        parameters(init="random"),
        {INNER: "The 'init' parameter.*Got 'random' instead"},
    ),
    "objective without bound": (
        parameters(lam=1e-9, mu=100.0),
        {"DJPMMD rbf": "the objective is unbounded below: .*raise lam or lower mu"},
    ),
}

ONE_CLASS = "source rows of at least 2 classes, got only one class, "
OF_TRANSPORT = {
    "NaN": {(*TRANSPORT, "Sliced"): "Input X contains NaN"},
    "one row": {CARRIED: ONE_CLASS, ("Joint values", "Sliced"): WORKS},
    "one source row": {CARRIED: ONE_CLASS, ("Joint values", "Sliced"): WORKS},
    "one target row": {(*TRANSPORT, "Sliced"): WORKS},
    "domains without overlap": {(*TRANSPORT, "Sliced"): WORKS},
    "equal rows": {(*TRANSPORT, "Sliced"): WORKS},
    "tiny values": {(*TRANSPORT, "Sliced"): WORKS},
    "sparse X": {TRANSPORT: "Sparse data was passed for X, but dense data is required"},
    "y missing": {TRANSPORT: "requires y to be passed, but the target y is None"},
    "y too short": {TRANSPORT: r"inconsistent numbers of samples: \[32, 31\]"},
    "NaN in y of the source": {TRANSPORT: "y is missing in 18 of 18 source rows, first in row 1"},
    "fractions as classes": {CARRIED: "Unknown label type: continuous", "Joint values": WORKS},
    "one class": {CARRIED: ONE_CLASS, "Joint values": WORKS},
    "max_iter=0": {
        (*TRANSPORT, "Sliced"): r"The 'max_iter' parameter.*range \[1, inf\). Got 0 instead"
    },
    "reg=0": {TRANSPORT: r"The 'reg' parameter.*range \(0.0, inf\).* Got 0 instead"},
    "metric unknown": {TRANSPORT: "The 'metric' parameter.* a str among .* Got 'far' instead"},
    "estimator that does not predict": {JOINT: "The 'estimator' parameter.*Got PerDomain"},
    "alpha above 1": {JOINT: r"The 'alpha' parameter.*range \[0.0, 1.0\]. Got 1.5 instead"},
}
CASES |= {
    "reg=0": (parameters(reg=0), {}),
    "metric unknown": (parameters(metric="far"), {}),
    "alpha above 1": (parameters(alpha=1.5), {}),
}
for case, outcomes in OF_TRANSPORT.items():
    CASES[case] = (CASES[case][0], CASES[case][1] | outcomes)


def judged_as(name, case):
    """Whose outcome a method has: over bridges that of the source's classifier, but dense."""
    if name == "TransitiveTransfer":
        return "TJM" if case == "sparse X" else "SourceOnly"
    return name


TABLE = [
    pytest.param(change, estimator, outcome, id=f"{case}-{name}")
    for case, (change, outcomes) in CASES.items()
    for methods, outcome in outcomes.items()
    for name, estimator in ESTIMATORS.items()
    if judged_as(name, case).startswith(methods)
]


def said(model, X, d):
    """What a model says of rows, one entry a row: that of proportions the same of each."""
    if hasattr(model, "priors_"):
        return np.repeat(model.priors_[None], X.shape[0], axis=0)
    return (model.transform if hasattr(model, "transform") else model.predict)(X, sample_domain=d)


@pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning")
@pytest.mark.filterwarnings("ignore:.* cannot be told apart:UserWarning")
@pytest.mark.filterwarnings("ignore:n_components=:UserWarning")
@pytest.mark.filterwarnings("ignore:the domains have equal means:UserWarning")
@pytest.mark.filterwarnings("ignore:no target row lies as near:UserWarning")
@pytest.mark.filterwarnings("ignore:the weights of .* rows are worth:UserWarning")
@pytest.mark.filterwarnings("ignore:the domains .* have a single row each:UserWarning")
@pytest.mark.filterwarnings("ignore:no row of domain -2 is predicted to be of:UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("change", "estimator", "outcome"), TABLE)
def test_bad_input_works_or_says_why(change, estimator, outcome, make_domains):
    model = clone(estimator).set_params(**getattr(change, "parameters", {}))
    X, y, d = change(*make_domains())
    if outcome in (WORKS, KEEPS):
        output = said(model.fit(X, y, sample_domain=d), X, d)
        assert len(output) == X.shape[0]
        assert_array_equal(np.isfinite(output), np.isfinite(X) if outcome == KEEPS else True)
        return
    with pytest.raises((ValueError, TypeError), match=f"(?s){outcome}"):
        model.fit(X, y, sample_domain=d)
    assert [name for name in vars(model) if name.endswith("_")] == []
    if hasattr(model, "transform") or hasattr(model, "predict"):
        with pytest.raises(NotFittedError):
            said(model, X, None)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_fit_that_fails_leaves_the_one_before_it(name, make_domains):
    X, y, d = make_domains()
    model = clone(ESTIMATORS[name]).fit(X, y, sample_domain=d)
    before = vars(model).copy()
    with pytest.raises(ValueError, match="sample_domain has shape"):
        model.fit(X[:, 1:], y, sample_domain=d[1:])
    assert vars(model).keys() == before.keys()
    assert all(value is before[key] for key, value in vars(model).items())
    said(model, X, None)


def test_a_warning_that_is_an_error_leaves_nothing_half_fitted(make_domains):
    X, y, _ = make_domains()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in {*ESTIMATORS} - {*NEED_NO_TARGET}:
            model = clone(ESTIMATORS[name])
            with pytest.raises(NoTargetWarning):
                model.fit(X, y)
            assert [name for name in vars(model) if name.endswith("_")] == []


@pytest.mark.parametrize("name", NEED_NO_TARGET)
def test_what_needs_no_target_does_not_warn_of_having_none(name, make_domains):
    X, y, _ = make_domains()
    with warnings.catch_warnings():
        warnings.simplefilter("error", NoTargetWarning)
        clone(ESTIMATORS[name]).fit(X, y)


# -- New rows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda X: X[:, 1:], "X has 3 features, but .* is expecting 4 features as input"),
        (lambda X: X[:0], r"Found array with 0 sample\(s\)"),
        (lambda X: X[0], "Expected 2D array, got 1D array"),
        (lambda X: abs(X) * np.inf, "Input X contains infinity"),
    ],
    ids=["columns", "no rows", "one dimension", "inf"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_new_rows_unlike_the_fitted_ones_are_errors(name, change, text, make_domains):
    X, y, d = make_domains()
    model = clone(ESTIMATORS[name]).fit(X, y, sample_domain=d)
    for method in ("transform", "predict", "predict_proba"):
        if hasattr(model, method):
            with pytest.raises(ValueError, match=text):
                getattr(model, method)(change(X))


def test_a_kernel_with_other_than_the_fitted_rows_is_an_error(make_domains):
    X, _, d = make_domains()
    model = TCA(2, kernel="precomputed").fit(rbf_kernel(X), sample_domain=d)
    with pytest.raises(ValueError, match="X has 5 features, but TCA is expecting 32 features"):
        model.transform(rbf_kernel(X, X[:5]))


def test_components_beyond_the_rank_are_a_warning_that_gives_it(make_domains):
    X, _, d = make_domains()
    with pytest.warns(UserWarning, match="n_components=9 is more than the rank 4 .*Lower n_comp"):
        assert TCA(9).fit(X, sample_domain=d).transform(X).shape == (32, 4)


def test_per_domain_asks_which_target_the_rows_are_of(make_domains):
    X, _, d = make_domains()
    several = d * (1 + np.arange(len(d)) % 2)
    model = PerDomain().fit(X, sample_domain=several)
    with pytest.raises(ValueError, match=r"domains \[-4, -2, 1, 2\]; pass sample_domain to trans"):
        model.transform(X)


def test_per_domain_refuses_domains_it_has_not_seen(make_domains):
    X, _, d = make_domains()
    model = PerDomain().fit(X, sample_domain=d)
    text = (
        r"names the domains \[-3, 5\], but PerDomain was fitted to \[-2, 1\]; fit it with rows of"
    )
    with pytest.raises(ValueError, match=text):
        model.transform(X[:3], sample_domain=[5, -2, -3])
