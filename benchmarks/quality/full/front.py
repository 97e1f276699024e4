"""What the README shows: a figure, a short table, and the figures of its guarantees."""

import runpy
from pathlib import Path
from statistics import fmean, median

from benchmarks.lib.tables import group
from benchmarks.quality.full.findings import fair, markdown, of_same_work
from benchmarks.quality.full.office import ALIGNED, MMD, PLAIN, means
from benchmarks.quality.full.summary import BASELINE, FIXED, LOWER, matches, ratios, read, succeeded

NAMES = PLAIN | MMD | ALIGNED
NAMES |= {"jgsa": "JGSA", "spl": "SelectivePseudoLabels", "cmms": "CMMS"}
MAPPED = ["tca", "tca-svm", "jda", "jda-svm", "djpmmd", "djpmmd-svm", "djpmmd-ridge", "tjm"]
FAMILIES = {
    "no adaptation": list(PLAIN),
    "alignment": ["coral", "coral-ncm", "linear-monge", "sa-20", "sa-40", "sa-80", "gfk-20"],
    "subspace": [*MAPPED, "jgsa", "spl", "cmms"],
    "regularised": ["artl", "meda"],
    "subspace, then regularised": ["djpmmd-ridge-artl"],
}
WEIGHTS = ["KMM", "KLIEP", "RuLSIF", "domain classifier", "nearest neighbours"]
PROGRAM = {"skdomain", LOWER}


def draw_front(folder):
    """Draw the figure of the gallery's first script for light and for dark pages."""
    import matplotlib

    script = Path(__file__).parents[3] / "docs" / "examples" / "plot_adapted.py"
    settings = {"svg.fonttype": "none", "svg.hashsalt": "adapted", "backend": "Agg"}
    with matplotlib.rc_context(settings):
        front_figure = runpy.run_path(str(script))["front_figure"]
        for mode in ("light", "dark"):
            path = folder / f"adapted_{mode}.svg"
            front_figure(mode).savefig(path, metadata={"Date": None, "Creator": None})


def front_blocks(folder):
    """Generated parts of the README by name."""
    rows, reproduced = read(folder / "full.csv"), read(folder / "reproduction.csv")
    claimed = read(folder / "published_surf.csv")
    surf, deep = (means(folder / f"office_{name}.csv") for name in ("caltech", "googlenet"))
    lines = [*family_lines(surf, deep, printed(reproduced)), *peer_lines(rows)]
    header = ["", "best on SURF", "SURF, 12 tasks", "the same on GoogLeNet, 6", "its paper, SURF"]
    return {
        "front": f"{markdown(header, lines)}\n\n{highest(claimed)}",
        "guarantees": "\n".join([reproduction(reproduced), speed(rows)]),
    }


def printed(reproduced):
    """Means that papers print, by the preset that has their settings."""
    found = {}
    for (data, preset), some in group(reproduced, "data", "preset").items():
        figures = [row["published"] for row in some]
        if data == "SURF" and len(some) == 12 and None not in figures:
            found[preset] = fmean(figures)
    return found


def family_lines(surf, deep, published):
    """The best row of each family on SURF, and the same row elsewhere."""
    for family, keys in FAMILIES.items():
        best = max((key for key in keys if key in surf), key=surf.get)
        figures = [surf[best], deep.get(best), published.get(best)]
        yield [family, NAMES[best], *("" if f is None else f"{f:.1f}" for f in figures)]


def peer_lines(rows):
    """Best rows of the full benchmark: one logistic regression behind every method."""
    cells = group([r for r in rows if r["data"] == "SURF"], "library", "method", "setting")
    mean = {
        key: fmean(row["accuracy"] for row in some)
        for key, some in cells.items()
        if key[2] in FIXED and len(succeeded(some)) == 12
    }
    kinds = {
        "no adaptation": [key for key in mean if key[1] == BASELINE],
        "weighting": [key for key in mean if key[0] == "skdomain" and key[1] in WEIGHTS],
        "any of skdomain": [key for key in mean if key[0] == "skdomain"],
        "any of five other libraries": [key for key in mean if key[0] not in PROGRAM],
    }
    for kind, keys in kinds.items():
        top = max(round(mean[key], 1) for key in keys)
        first = [key for key in keys if round(mean[key], 1) == top]
        libraries = ", ".join(key[0] for key in first if key[0] not in PROGRAM)
        name = first[0][1] + (f" of {libraries}" if libraries else "")
        yield [f"{kind}, then logistic regression", name, f"{top:.1f}", "", ""]


def highest(claimed):
    """The highest figures that authors give for shallow methods on these tasks."""
    said = [f"{row['method']} ({row['where']}) {row['accuracy']:.1f}" for row in claimed]
    return (
        "Each line is the row of its family with the highest mean on SURF, which target labels had "
        "to say; no setting was chosen on GoogLeNet. The highest figures that authors give for "
        f"shallow methods on the SURF tasks: {', '.join(said)}."
    )


def reproduction(reproduced):
    """How many accuracies of the authors' programs are met, first of those that can be."""
    measured = [row for row in reproduced if row["measured"] is not None]
    certain = [row for row in measured if row["source"] not in ("KMM", "TrAdaBoost")]
    met, all_met = (sum(map(is_met, some)) for some in (certain, measured))
    return (
        f"* **The authors' programs are reproduced**: {met} of {len(certain)} accuracies are met "
        "to 0.05 points. KMM, whose optimum is not unique, and boosting, of unknown draws, "
        f"are left out of that; with them it is {all_met} of {len(measured)}. Each miss has its "
        "reason in [the table](docs/reproduction.md), which `make reproduce` writes."
    )


def is_met(row):
    """Whether our accuracy is that of the authors' program, up to its last digit."""
    return round(abs(row["ours"] - row["measured"]), 2) <= 0.05


def speed(rows):
    """CPU time beside that of the peers."""
    both = [match for match in fair(matches(rows)) if match.pairs]
    factors, same = ratios(both), ratios(of_same_work(both))
    slower = sum(factor < 1 for factor in factors)
    return (
        "* **Faster than the other libraries at the median, not on every cell**: they take "
        f"{median(same):.2g} times the CPU time where they do the same work as the method here, "
        f"{median(factors):.2g} times with those that do less, and less time on {slower} of "
        f"{len(factors)} cells. `make benchmark-full` measures [cell by cell](docs/peers.md)."
    )
