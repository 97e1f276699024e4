"""What is compared: methods, what each library calls them, and hyper-parameters of one meaning.

A setting is a dictionary of our own hyper-parameters, or None for the library's own defaults. A
:class:`Way` puts it into the words of a library, given the rows of source and target. What a
library does not let one choose stays its own: the scaling of eigenvectors (TJM in skada), when to
stop, whether rows are centred (subspace alignment in skada and adapt).
"""

from collections.abc import Callable
from typing import NamedTuple

from skdomain._kernels import median_gamma

PLAIN = "scikit-learn"
PEERS = ("skdomain", "skada", "POT", "adapt", "transfertools", "libtlda")
DEFAULT = {"default": None}


class Way(NamedTuple):
    """Name of the method in a library, a function that translates a setting, if one can.

    ``labels`` is the side whose labels are seen, ``less`` says what of our work it leaves out,
    ``less_by_default`` what its defaults do besides, ``matched`` is the method whose matched
    setting is this one's, if it stands by itself.
    """

    name: str
    translate: Callable | None = None
    labels: str = "source"
    less: str = ""
    less_by_default: str = ""
    matched: str = ""

    def parameters(self, setting, Xs, Xt):
        """What the library's constructor takes."""
        return {} if setting is None else self.translate(setting, Xs, Xt)


class Method(NamedTuple):
    """Settings by name, and ways by library."""

    settings: dict
    ways: dict

    @property
    def fixed(self):
        """Settings that are named before the data are seen."""
        return [name for name in ("default", "matched") if name in self.settings]

    @property
    def grid(self):
        """Settings that a criterion chooses among; the default where there is no choice."""
        names = [name for name in self.settings if name != "default"]
        return names if len(names) > 1 else [name for name in self.settings if name == "default"]


def method(settings, **ways):
    """A method and what the libraries call it."""
    return Method(settings, ways)


def words(names=None, **fixed):
    """Their names are ours but for these; some parameters are fixed."""
    names = names or {}
    return lambda setting, Xs, Xt: fixed | {names.get(k, k): v for k, v in setting.items()}


def tca_of_peers(size="n_components", kernel="kernel"):
    """Their mu is the weight of the means, 1 / (lam |M|_F); ours, lam, that of the ridge."""
    return lambda setting, Xs, Xt: {
        size: setting["n_components"],
        kernel: "linear",
        "mu": 1 / (setting["lam"] * (1 / len(Xs) + 1 / len(Xt))),
    }


def ridge(name, **fixed):
    """Ridge of a covariance: the setting times the mean variance of the columns.

    The paper's 1 is meant for columns of unit variance; on unit rows it would dwarf them.
    """
    return lambda setting, Xs, Xt: (
        fixed
        | {name: setting["ridge"] * float(Xs.var(0, ddof=1).mean() + Xt.var(0, ddof=1).mean()) / 2}
    )


def shrinkage(setting, Xs, Xt):
    """C + r v I is (1 - s) C + s v I, but for a factor, with s = r / (1 + r), v the mean variance.

    The factor cancels in Cs^(-1/2) Ct^(1/2); v is that of each domain, not their mean.
    """
    return {"reg": setting["ridge"] / (1 + setting["ridge"])}


def median_width(**fixed):
    """Kernel width: the median heuristic of the two domains together."""
    return lambda setting, Xs, Xt: fixed | {"gamma": float(median_gamma(Xs, Xt))}


def around(name, values, **fixed):
    """Defaults, the matched setting with the second of three values, and the two others."""
    low, middle, high = ({name: value} | fixed for value in values)
    return {
        "default": None,
        "matched": middle,
        f"{name} {values[0]:g}": low,
        f"{name} {values[2]:g}": high,
    }


LAMS = around("lam", (0.1, 1.0, 10.0), n_components=30)
DIMENSIONS = around("n_components", (20, 30, 40))
OURS = words(kernel="linear")
NO_CLASSES = "solves by default one plan, without terms of the classes"
STRONGER = (
    "gives weights of mean n_target / n_source, by which the classifier behind is regularised "
    "more, and ends sooner, where target rows are few"
)
NEAR_AXES = "takes approximate axes, by a randomised SVD, where rows are many"

BASELINES = {
    "source only": Method(DEFAULT, {PLAIN: Way("LogisticRegression")}),
    "target only": Method(DEFAULT, {PLAIN: Way("LogisticRegression", labels="target")}),
    "PCA": Method(
        {name: value for name, value in DIMENSIONS.items() if value},
        {PLAIN: Way("PCA", words(random_state=0))},
    ),
}
METHODS = BASELINES | {
    "TCA": method(
        LAMS,
        skdomain=Way("TCA", OURS),
        skada=Way("TransferComponentAnalysis", tca_of_peers()),
        adapt=Way("TCA", tca_of_peers()),
        transfertools=Way("TCA", tca_of_peers(kernel="kernel_type")),
        libtlda=Way("TransferComponentClassifier", tca_of_peers("num_components", "kernel_type")),
    ),
    "TJM": method(
        LAMS,
        skdomain=Way("TJM", OURS),
        skada=Way(
            "TransferJointMatching",
            words({"lam": "tradeoff"}, kernel="linear"),
            less="stops after one iteration",
        ),
    ),
    "JDA": method(LAMS, skdomain=Way("JDA", OURS)),
    "DJP-MMD": method(LAMS, skdomain=Way("DJPMMD", OURS)),
    "GFK": method(DIMENSIONS, skdomain=Way("GFK", words())),
    "subspace alignment": method(
        DIMENSIONS,
        skdomain=Way("SubspaceAlignment", words()),
        skada=Way("SubspaceAlignment", words(random_state=0), less=NEAR_AXES),
        adapt=Way("SA", words(), less=NEAR_AXES),
        libtlda=Way(
            "SubspaceAlignedClassifier",
            words({"n_components": "num_components"}),
            less=NEAR_AXES,
        ),
    ),
    # skada always centres each domain, which moves the mean of the source to the target's, so the
    # matched setting of ours does; adapt's formula x A leaves means to fall where they do.
    "CORAL": method(
        around("ridge", (0.1, 1.0, 10.0)),
        skdomain=Way("CORAL", ridge("reg", center="match")),
        skada=Way("CORAL", shrinkage),
        adapt=Way("CORAL", ridge("lambda_")),
        transfertools=Way("CORAL", matched="standardised CORAL"),
    ),
    # transfertools standardises the columns of each domain itself and adds I
    "standardised CORAL": method(
        {"matched": {}},
        skdomain=Way("CORAL standardised", words(reg=1.0, center="match")),
        transfertools=Way("CORAL", words()),
    ),
    "linear Monge": method(
        DEFAULT | {"matched": {"reg": 1e-6}},
        skdomain=Way("LinearMonge", words()),
        skada=Way("LinearOTMapping", words()),
        POT=Way("LinearTransport", words()),
    ),
    "optimal transport": method(
        DEFAULT | {"matched": {}},
        skdomain=Way("OptimalTransport", words(reg=None, class_reg=0.0)),
        skada=Way("OTMapping", words(), less_by_default=NO_CLASSES),
        POT=Way("EMDTransport", words(), less_by_default=NO_CLASSES),
    ),
    # nor has the matched setting terms of classes
    "entropic transport": method(
        DEFAULT | {"matched": {"reg_e": 1.0, "norm": "max"}},
        skdomain=Way(
            "OptimalTransport",
            words({"reg_e": "reg", "norm": "cost_scale"}, class_reg=0.0, debias=False),
        ),
        skada=Way("EntropicOTMapping", words(), less_by_default=NO_CLASSES),
        POT=Way("SinkhornTransport", words(), less_by_default=NO_CLASSES),
    ),
    "JDOT": method(DEFAULT, skdomain=Way("JDOTClassifier"), skada=Way("JDOTClassifier")),
    "label propagation": method(
        DEFAULT,
        skdomain=Way("OTLabelPropagation"),
        skada=Way(
            "OTLabelProp", less="ends its plan after 200 steps, with 8 to 89 % of the mass sent"
        ),
    ),
    # of one source; skada's, made for several, is right for less than 1 % of such a target
    "JCPOT": method(DEFAULT, skdomain=Way("JCPOT")),
    "sliced transport": method(DEFAULT, skdomain=Way("SlicedTransport")),
    "KMM": method(
        DEFAULT | {"matched": {}},
        skdomain=Way("KMM", median_width(reg=0, flatten=None)),
        skada=Way("KMMReweight", median_width()),
        adapt=Way("KMM", median_width()),
        libtlda=Way("ImportanceWeightedClassifier kmm"),
    ),
    "KLIEP": method(
        DEFAULT | {"matched": {}},
        skdomain=Way("KLIEP", median_width(flatten=None)),
        skada=Way("KLIEPReweight", median_width(), less="stays where its iterations start"),
        adapt=Way("KLIEP", median_width(), less_by_default="takes by default one width unchosen"),
    ),
    "RuLSIF": method(
        DEFAULT,
        skdomain=Way("RuLSIF"),
        adapt=Way("RULSIF", less="takes one width and one ridge and chooses neither"),
    ),
    "domain classifier": method(
        DEFAULT,
        skdomain=Way("ClassifierWeighting"),
        skada=Way("DiscriminatorReweight"),
        adapt=Way("IWC", less=STRONGER),
        libtlda=Way("ImportanceWeightedClassifier lr"),
    ),
    # skada counts of how many of the last n_source rows of X a source row is the nearest; ours the
    # target rows in the ball up to the k-th nearest source row. No k of one is one of the other.
    "nearest neighbours": method(
        DEFAULT,
        skdomain=Way("NearestNeighborWeighting"),
        skada=Way("NearestNeighborReweight", less="finds the one nearest source row of each row"),
        libtlda=Way("ImportanceWeightedClassifier nn"),
    ),
}


def less_of(method, library, setting):
    """What of our work a library's version leaves out in a setting; nothing as a rule."""
    way = way_of(method, library)
    return way.less or way.less_by_default * (setting == "default")


def matched_of(method, library):
    """Method whose matched setting is that of a library's version; itself as a rule."""
    return way_of(method, library).matched or method


def way_of(method, library):
    """The way of a library, an empty one where it has none."""
    ways = METHODS[method].ways if method in METHODS else {}
    return ways.get(library, Way(""))


NESTED = {  # methods and libraries of the nested protocol
    name: [library for library in way.ways if library in ("skdomain", PLAIN)]
    for name, way in METHODS.items()
}
NESTED["TCA"] += ["skada"]
NESTED["TJM"] += ["skada"]
