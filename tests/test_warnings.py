"""Each warning points at the line of the user's code, however many frames lie between."""

import ast
import inspect
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from sklearn import config_context
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import skdomain
from skdomain import NoTargetWarning
from skdomain._domains import warn_caller
from skdomain.alignment import (
    CORAL,
    GFK,
    LEACE,
    MIDA,
    ComBat,
    LinearMonge,
    SharedPrivateSubspaces,
    SubspaceAlignment,
)
from skdomain.boosting import MultiSourceTrAdaBoost, TrAdaBoost, TrAdaBoostR2, TwoStageTrAdaBoostR2
from skdomain.compose import MultiSource, PerDomain, Pooled, SourceOnly, TransitiveTransfer
from skdomain.conformal import DomainConformalClassifier, DomainConformalRegressor
from skdomain.datasets import load_office_caltech10
from skdomain.label_shift import LabelShiftClassifier
from skdomain.model_selection import (
    AdaptationSearchCV,
    AdaptationVotingClassifier,
    CircularValidation,
    DomainKFold,
    DomainShuffleSplit,
    SafeTransfer,
    dawid_skene,
)
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.transfer import (
    SelfTrainingAdapter,
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
    kmm_weights,
    nearest_neighbor_weights,
)
from skdomain.zero_shot import AttributeHinge

NO_TARGET = [
    *(method(1) for method in (TCA, TJM, JDA, DJPMMD, JGSA, CMMS, SubspaceAlignment, GFK)),
    SelectivePseudoLabels(),
    *(ComBat(), LEACE(), MIDA(1), SharedPrivateSubspaces()),
    *(CORAL(), LinearMonge(), PerDomain(), SourceOnly(), Pooled(), MultiSource()),
    TransitiveTransfer(),
    SelfTrainingAdapter(),
    *(AdaptationSearchCV([]), SafeTransfer([])),
    AdaptationVotingClassifier([SourceOnly(), JDA(1)]),
    *(method(n_estimators=2) for method in (TrAdaBoost, MultiSourceTrAdaBoost, TrAdaBoostR2)),
    TwoStageTrAdaBoostR2(n_estimators=2, n_steps=2, n_folds=2),
    *(KLIEP(), KMM(), ClassifierWeighting(), GaussianWeighting()),
    *(NearestNeighborWeighting(), RuLSIF(), LabelShiftClassifier()),
    *(DomainConformalClassifier(), DomainConformalRegressor()),
    SlicedTransport(),
    *(OptimalTransport(), JDOTClassifier(), JDOTRegressor(), OTLabelPropagation(), JCPOT()),
    *(TransferTreeClassifier(), TransferTreeRegressor(), TransEMDT()),
    TransferForestClassifier(RandomForestClassifier(2)),
    TransferForestRegressor(RandomForestRegressor(2)),
]
TWICE = AdaptationSearchCV([SourceOnly()], scoring=CircularValidation(), cv=DomainKFold(2))
BAD = make_pipeline(PerDomain(StandardScaler(with_mean="?")), SourceOnly())
CHANCE = DummyClassifier(strategy="constant", constant=0)


def centred(X, d):
    """Both domains with mean 0."""
    return PerDomain(StandardScaler(with_std=False)).fit(X, sample_domain=d).transform(X, d)


def far_apart(X, d):
    return X + 1e3 * (d < 0)[:, None]


def opposed(y, d):
    """Labels of the target 1, of the source 0 and, once, 1."""
    return np.where(d < 0, 1, np.arange(len(d)) == np.argmax(d > 0)).astype(int)


# What is called on one line, with rows, labels and domains, and the warning that comes of it
CASES = {
    **{
        f"no target {type(model).__name__}": (lambda X, y, d, m=model: m.fit(X, y), NoTargetWarning)
        for model in NO_TARGET
    },
    **{
        f"rank {method.__name__}": (
            lambda X, y, d, m=method: m(9).fit(X, y, sample_domain=d),
            UserWarning,
        )
        for method in (TCA, JDA, SubspaceAlignment)
    },
    "rank GFK": (
        lambda X, y, d: GFK(2).fit(X * [1, 0, 0, 0] + [0, 1, 0, 0], y, sample_domain=d),
        UserWarning,
    ),
    "auto SubspaceAlignment": (
        lambda X, y, d: SubspaceAlignment("auto", deviation=1).fit(X, sample_domain=d),
        UserWarning,
    ),
    "no target of a frozen tree": (
        lambda X, y, d: TransferTreeClassifier(
            FrozenEstimator(DecisionTreeClassifier().fit(X, y))
        ).fit(X, y, sample_domain=abs(d)),
        NoTargetWarning,
    ),
    "rounds TransEMDT": (
        lambda X, y, d: TransEMDT(random_state=0, max_iter=1).fit(X, np.arange(len(X)) % 3, d),
        ConvergenceWarning,
    ),
    "labels JDA": (
        lambda X, y, d: JDA(2, max_iter=1).fit(X, y, sample_domain=d),
        ConvergenceWarning,
    ),
    "labels DJPMMD": (
        lambda X, y, d: DJPMMD(2, max_iter=1).fit(X, y, sample_domain=d),
        ConvergenceWarning,
    ),
    "equal means TCA": (
        lambda X, y, d: TCA(2).fit(centred(X, d), sample_domain=d),
        UserWarning,
    ),
    "equal means partial_fit": (
        lambda X, y, d: TCA(2).partial_fit(centred(X, d), sample_domain=d),
        UserWarning,
    ),
    "gap AttributeHinge": (
        lambda X, y, d: AttributeHinge(eta=1e-3, max_iter=1).fit(X, y),
        ConvergenceWarning,
    ),
    "objective TJM": (
        lambda X, y, d: TJM(2, kernel="rbf", max_iter=2, tol=1e-9).fit(X, sample_domain=d),
        ConvergenceWarning,
    ),
    **{
        f"one domain so far {method.__name__}": (
            lambda X, y, d, m=method: m().partial_fit(X, sample_domain=abs(d)),
            NoTargetWarning,
        )
        for method in (CORAL, LinearMonge, TCA)
    },
    "fitted before": (
        lambda X, y, d: CORAL().fit(X, None, d).partial_fit(X, sample_domain=d),
        UserWarning,
    ),
    "chance TrAdaBoost": (
        lambda X, y, d: TrAdaBoost(CHANCE).fit(X, opposed(y, d), sample_domain=d),
        ConvergenceWarning,
    ),
    "chance MultiSourceTrAdaBoost": (
        lambda X, y, d: MultiSourceTrAdaBoost(CHANCE).fit(X, opposed(y, d), sample_domain=d),
        ConvergenceWarning,
    ),
    "chance TrAdaBoostR2": (
        lambda X, y, d: TrAdaBoostR2(DummyRegressor()).fit(X, opposed(y, d), sample_domain=d),
        ConvergenceWarning,
    ),
    "gap KLIEP": (
        lambda X, y, d: KLIEP(gamma=0.5, max_iter=3).fit(X, y, sample_domain=d),
        ConvergenceWarning,
    ),
    "residual KMM": (
        lambda X, y, d: KMM(reg=0, max_iter=1, eps=0.01).fit(X, y, sample_domain=d),
        ConvergenceWarning,
    ),
    "residual kmm_weights": (
        lambda X, y, d: kmm_weights(X[d > 0], X[d < 0], reg=0, max_iter=1, eps=0.01),
        ConvergenceWarning,
    ),
    "few rows GaussianWeighting": (
        lambda X, y, d: GaussianWeighting().fit(far_apart(X, d), y, sample_domain=d),
        UserWarning,
    ),
    "overlap NearestNeighborWeighting": (
        lambda X, y, d: NearestNeighborWeighting().fit(far_apart(X, d), y, sample_domain=d),
        UserWarning,
    ),
    "lost class TransitiveTransfer": (
        lambda X, y, d: TransitiveTransfer().fit(far_apart(X, d), y, sample_domain=d),
        UserWarning,
    ),
    "overlap nearest_neighbor_weights": (
        lambda X, y, d: nearest_neighbor_weights(X[d > 0], X[d < 0] + 1e3),
        UserWarning,
    ),
    **{
        f"threshold {type(model).__name__}": (
            lambda X, y, d, m=model, ask=ask: getattr(m.fit(X, y, sample_domain=d), ask)(X),
            UserWarning,
        )
        for model, ask in (
            (DomainConformalClassifier(confidence_level=0.99), "predict_set"),
            (DomainConformalRegressor(confidence_level=0.99), "predict_interval"),
        )
    },
    "failing candidate AdaptationSearchCV": (
        lambda X, y, d: AdaptationSearchCV([BAD], scoring="oracle").fit(X, y, sample_domain=d),
        FitFailedWarning,
    ),
    "failing candidate SafeTransfer": (
        lambda X, y, d: SafeTransfer([BAD]).fit(far_apart(X, d), y, sample_domain=d),
        FitFailedWarning,
    ),
    "failing candidate AdaptationVotingClassifier": (
        lambda X, y, d: AdaptationVotingClassifier([SourceOnly(), BAD]).fit(X, y, sample_domain=d),
        FitFailedWarning,
    ),
    "iterations AdaptationVotingClassifier": (
        lambda X, y, d: AdaptationVotingClassifier(
            [SourceOnly(), JDA(1), SourceOnly(CHANCE)], voting="latent", max_iter=1, tol=0
        ).fit(X, y, sample_domain=d),
        ConvergenceWarning,
    ),
    "iterations dawid_skene": (
        lambda X, y, d: dawid_skene(X > 0, max_iter=1, tol=0),
        ConvergenceWarning,
    ),
}
pytestmark = pytest.mark.filterwarnings("default")


def warned(call, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args)
    return caught


def lines_of(function):
    lines, first = inspect.getsourcelines(function)
    return range(first, first + len(lines))


def assert_points_here(caught, category, lines):
    assert category in [warning.category for warning in caught]
    for warning in caught:
        assert warning.filename == __file__, str(warning.message)
        assert warning.lineno in lines


@pytest.mark.parametrize(("call", "category"), CASES.values(), ids=CASES)
def test_a_warning_points_at_the_line_of_the_call(call, category, make_domains):
    assert_points_here(warned(call, *make_domains()), category, lines_of(call))


def test_the_warning_of_a_loader_points_at_the_line_of_the_call(tmp_path):
    folder = tmp_path / "office_caltech_decaf6"
    folder.mkdir()
    for name, n_rows in (("webcam", 295), ("dslr", 157)):
        content = {"feas": np.zeros((n_rows, 1)), "labels": np.ones((n_rows, 1))}
        savemat(folder / f"{name}_decaf.mat", content)

    def call(home):
        load_office_caltech10("decaf6", data_home=home, download_if_missing=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skdomain.datasets._real._fetch.fault", lambda file, path: None)
        assert_points_here(warned(call, tmp_path), UserWarning, lines_of(call))


def through_a_pipeline(X, y, d):
    with config_context(enable_metadata_routing=True):
        make_pipeline(StandardScaler(), TCA(1), SourceOnly()).fit(X, y, sample_domain=abs(d))


def through_output_in_frames(X, y, d):
    CORAL().set_output(transform="pandas").fit_transform(X, sample_domain=abs(d))


def through_cross_validation(X, y, d):
    with config_context(enable_metadata_routing=True):
        cross_val_score(
            make_pipeline(JDA(2, max_iter=1), SourceOnly(LogisticRegression())),
            X,
            y,
            cv=DomainShuffleSplit(2, random_state=0),
            params={"sample_domain": d},
        )


@pytest.mark.parametrize(
    ("call", "category"),
    [
        (through_a_pipeline, NoTargetWarning),
        (through_output_in_frames, NoTargetWarning),
        (through_cross_validation, ConvergenceWarning),
    ],
)
def test_frames_of_scikit_learn_are_passed_over(call, category, make_domains):
    assert_points_here(warned(call, *make_domains()), category, lines_of(call))


def test_each_line_is_told_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            warn_caller("again")
        warn_caller("again")
    first, second = (warning.lineno for warning in caught)
    assert second == first + 1


def test_filters_by_module_mean_the_module_of_the_user(make_domains):
    X, y, _ = make_domains()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=__name__.replace(".", r"\."))
        SourceOnly().fit(X, y)
    assert not caught


def test_no_warning_counts_frames():
    """Each goes through the one function that finds the line; no other calls ``warnings.warn``."""
    root = Path(skdomain.__file__).parent
    calls = {
        str(path.relative_to(root)): node.lineno
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("warn", "warn_explicit")
    }
    assert list(calls) == ["_domains/_warning.py"]
