"""What the study chooses among, and what votes."""

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from benchmarks.reproduction.presets import djpmmd_ridge, kernel_ridge, strongest
from skdomain.alignment import CORAL, GFK, LinearMonge, SubspaceAlignment
from skdomain.compose import SourceOnly
from skdomain.regularized import ARTL, MEDA
from skdomain.subspace import CMMS, DJPMMD, JDA, JGSA, TCA, TJM, SelectivePseudoLabels
from skdomain.weighting import KLIEP, KMM, ClassifierWeighting, RuLSIF

BASELINE = "source only"
LAMS = (0.1, 1.0, 10.0)
MMD = {"n_components": 30, "kernel": "primal"}


def candidates():
    """Estimators by name, the one that does not adapt first."""
    classifier = LogisticRegression(max_iter=1000)

    def before(*steps):
        return make_pipeline(*steps, SourceOnly(classifier))

    models = {BASELINE: SourceOnly(classifier)}
    for lam in LAMS:
        models |= {
            f"TCA lam={lam:g}": before(TCA(lam=lam, **MMD), Normalizer()),
            f"JDA lam={lam:g}": JDA(estimator=classifier, lam=lam, **MMD),
            f"DJPMMD lam={lam:g}": DJPMMD(estimator=classifier, lam=lam, **MMD),
        }
    return models | {
        "TJM lam=1": before(TJM(lam=1.0, **MMD), Normalizer()),
        "CORAL": before(CORAL(1.0, center=False)),
        "LinearMonge": before(LinearMonge(1e-6)),
        "SubspaceAlignment k=20": before(SubspaceAlignment(20, center=False)),
        "SubspaceAlignment k=40": before(SubspaceAlignment(40, center=False)),
        "GFK k=20": before(GFK(20)),
        "KMM": KMM(classifier),
        "KLIEP": KLIEP(classifier),
        "RuLSIF": RuLSIF(classifier),
        "ClassifierWeighting": ClassifierWeighting(classifier),
    }


def strong_candidates():
    """What labels the target in rounds, as its authors set it, and what does not adapt.

    JDA and DJP-MMD also with kernel ridge in the place of the nearest neighbour, and ARTL also
    behind JDA and the latter of DJP-MMD.
    """
    return {
        BASELINE: SourceOnly(kernel_ridge()),
        "JDA": JDA(30, lam=1.0),
        "JDA ridge": JDA(30, lam=1.0, estimator=kernel_ridge(), init="estimator"),
        "JDA, ARTL": make_pipeline(JDA(30, lam=1.0), ARTL(gamma=0.5)),
        "DJPMMD": DJPMMD(30, lam=1.0),
        "DJPMMD ridge": djpmmd_ridge(),
        "DJPMMD ridge, ARTL": make_pipeline(*strongest()),
        "ARTL": ARTL(gamma=0.5),
        "MEDA": MEDA(gamma=0.5, mu=0.5),
        "JGSA": JGSA(),
        "SPL": SelectivePseudoLabels(),
        "CMMS": CMMS(),
    }
