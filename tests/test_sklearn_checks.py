"""scikit-learn's own checks of estimators, none of them exempted, with metadata routing off and on.

The checks know of no domains, so every estimator is in its no-target form here. Routing concerns
who asks whom for what: with it on, settings that differ in numbers and names alone are tried once.
"""

import pytest
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import SelectKBest
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

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
from skdomain.model_selection import (
    AdaptationSearchCV,
    AdaptationVotingClassifier,
    SafeTransfer,
)
from skdomain.regularized import ARTL, MEDA, KernelRidgeClassifier
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.transfer import (
    AdaptiveSVM,
    FeatureAugmentation,
    LinearProbe,
    SelfTaughtClustering,
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

WEIGHTING = (ClassifierWeighting, GaussianWeighting, KLIEP, KMM, NearestNeighborWeighting, RuLSIF)
VOTERS = [SourceOnly(LogisticRegression()), SourceOnly(LogisticRegression(C=0.1))]
# With bootstraps a weight of 2 is no row that comes twice, in scikit-learn's forests either.
FEW_TREES = RandomForestClassifier(3, bootstrap=False)
FEW_VALUE_TREES = RandomForestRegressor(3, bootstrap=False)

ESTIMATORS = [
    *[TCA(kernel=kernel) for kernel in ("linear", "primal", "rbf", "precomputed")],
    *[JDA(kernel=kernel) for kernel in ("linear", "primal", "rbf", "precomputed")],
    *[DJPMMD(kernel=kernel) for kernel in ("linear", "primal", "rbf", "precomputed")],
    *[TJM(kernel=kernel) for kernel in ("linear", "primal", "rbf", "precomputed")],
    *[JGSA(kernel=kernel) for kernel in ("linear", "primal", "rbf", "precomputed")],
    TCA(n_components=1, whiten=True),
    TJM(n_components=1, whiten=True, tol=0),
    JDA(mu="auto", weighted=True),
    JDA(estimator=LogisticRegression(), kernel="primal", init="estimator"),
    DJPMMD(estimator=LogisticRegression(), kernel="primal", normalize=False),
    *[method(target_priors="estimate") for method in (JDA, DJPMMD)],
    DJPMMD(estimator=LogisticRegression(), init="estimator", target_priors="estimate"),
    JGSA(estimator=LogisticRegression(), init="none", normalize=True),
    SelectivePseudoLabels(),
    SelectivePseudoLabels(2, estimator=LogisticRegression(), structured=False, max_iter=2),
    CMMS(),
    CMMS(2, estimator=LogisticRegression(), rho=0),
    *[method(kernel=kernel) for method in (ARTL, MEDA) for kernel in ("linear", "rbf")],
    ARTL(mu="auto", init=LogisticRegression()),
    KernelRidgeClassifier(),
    KernelRidgeClassifier(kernel="linear"),
    JDA(estimator=KernelRidgeClassifier(), init="estimator"),
    ComBat(),
    ComBat(reference="target", prior_strength=0),
    LEACE(),
    MIDA(),
    MIDA(2, eta=1.0, kernel="rbf"),
    SharedPrivateSubspaces(),
    SharedPrivateSubspaces(1, n_components=2),
    SelfTaughtFeatures(max_iter=5),
    SelfTaughtClustering(n_init=2, random_state=0),
    SubspaceAlignment(),
    SubspaceAlignment("auto"),
    GFK(),
    GFK(n_components=2),
    SourceOnly(),
    SourceOnly(LogisticRegression()),
    TransitiveTransfer(),
    TransitiveTransfer(LogisticRegression(), bridge=None),
    SourceOnly(Ridge()),
    SourceOnly(StandardScaler()),
    SourceOnly(SelectKBest(k=1)),
    SourceOnly(LinearDiscriminantAnalysis()),
    Pooled(),
    Pooled(Ridge()),
    Pooled(LogisticRegression(), balance=False),
    MultiSource(),
    MultiSource(Ridge(), weights="stacked"),
    SelfTrainingAdapter(),
    PerDomain(),
    PerDomain(MinMaxScaler()),
    TrAdaBoost(n_estimators=2),
    TrAdaBoost(LogisticRegression(), n_estimators=2, min_error=0.01),
    MultiSourceTrAdaBoost(n_estimators=2),
    TrAdaBoostR2(n_estimators=2),
    TrAdaBoostR2(Ridge(), n_estimators=3),
    TwoStageTrAdaBoostR2(n_estimators=2, n_steps=2, n_folds=2),
    SourceRegularizedRidge(),
    SourceRegularizedRidge(metric="identity"),
    SourceRegularizedLogisticRegression(),
    SourceRegularizedLogisticRegression(GaussianNB(), metric="identity"),
    AdaptiveSVM(LogisticRegression()),
    LinearProbe(),
    LinearProbe(PCA(), Ridge()),
    LinearProbe(estimator=SGDRegressor(random_state=0), warm_start=True),
    FeatureAugmentation(),
    FeatureAugmentation(Ridge(tol=1e-12), shared_scale=2.0, agreement=0.5),
    FeatureAugmentation(KernelRidge(), kernel="rbf"),
    *[TransferTreeClassifier(method=method) for method in ("relabel", "ser", "strut")],
    TransferTreeClassifier(DecisionTreeClassifier(max_depth=2), unreached="prune"),
    *[TransferTreeRegressor(method=method) for method in ("relabel", "ser")],
    *[TransferForestClassifier(FEW_TREES, method=method) for method in ("relabel", "mix")],
    TransferForestRegressor(FEW_VALUE_TREES, unreached="prune"),
    TransEMDT(),
    TransEMDT(DecisionTreeClassifier(min_samples_leaf=3), confident=1),
    *[method() for method in WEIGHTING],
    *[method(Ridge()) for method in WEIGHTING],
    ClassifierWeighting(classifier=GaussianNB(), calibrate=False),
    *[method(n_bootstrap=5) for method in (EMPriors, BBSE, RLLS, KernelMixture)],
    EMPriors(GaussianNB(), calibration=None, n_bootstrap=0),
    *[LabelShiftClassifier(correct=correct) for correct in ("posterior", "weights", "both")],
    LabelShiftClassifier(GaussianNB(), method="bbse", calibration="vector", shrink=False, cv=2),
    DomainConformalClassifier(),
    DomainConformalClassifier(GaussianNB(), weights=RuLSIF(), method="aps"),
    DomainConformalClassifier(SourceOnly(LogisticRegression()), weights=BBSE(n_bootstrap=0)),
    DomainConformalRegressor(),
    DomainConformalRegressor(SourceOnly(Ridge()), weights=KLIEP(), calibration_size=0.2),
    OptimalTransport(),
    OptimalTransport(class_reg=0.0, debias=False, out_of_sample="linear"),
    OptimalTransport(class_reg=0.0, unbalanced=1.0, metric="cityblock", out_of_sample="kernel"),
    JDOTClassifier(),
    JDOTClassifier(GaussianNB(), alpha=0.9, cost_scale="max"),
    JDOTRegressor(),
    OTLabelPropagation(),
    JCPOT(),
    SlicedTransport(3),
    AdaptationSearchCV([SourceOnly(LogisticRegression())], cv=2),
    *(ESZSL(), SemanticAutoencoder(), SemanticAutoencoder(space="features"), AttributeHinge()),
    *(DAP(), DAP(estimator=GaussianNB())),
    SafeTransfer([SourceOnly()], baseline=SourceOnly(LogisticRegression())),
    *[cls([], baseline=SourceOnly(Ridge())) for cls in (AdaptationSearchCV, SafeTransfer)],
    *[AdaptationVotingClassifier(VOTERS, voting=voting) for voting in ("soft", "hard", "latent")],
]


def whom_it_asks(estimator):
    """The classes of an estimator and of those inside."""
    inside = estimator.get_params().items()
    return type(estimator), *((name, type(p)) for name, p in inside if hasattr(p, "fit"))


ROUTED = list({whom_it_asks(estimator): estimator for estimator in reversed(ESTIMATORS)}.values())
pytestmark = [
    pytest.mark.filterwarnings("ignore::skdomain.NoTargetWarning"),
    pytest.mark.filterwarnings("ignore:n_components=:UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_accepts(estimator, check):
    with config_context(enable_metadata_routing=False):
        check(estimator)


@pytest.mark.parametrize("estimator", ROUTED, ids=lambda model: " ".join(str(model).split()))
def test_scikit_learn_accepts_with_routing_on(estimator):
    """All checks in one test: one a check would take as long to collect as to run."""
    with config_context(enable_metadata_routing=True):
        check_estimator(estimator, on_skip=None)
