"""Choices without target labels on real shifts: what is lost, and whom do they harm.

19 candidates around a logistic regression on the tasks of ``shifts``, most of them made of tables,
or with --tasks natural of ``natural``, found between domains; what each rule may look at is
computed once (``evidence``) and kept, so that rules are arithmetic. With --lists, also on that many
random lists of seven of the eighteen ways to adapt, a task: what nobody tuned a rule for.

loss: accuracy of the best candidate less that of the chosen one, in points
oracle: accuracy of the best by the labels of the target rows of the same splits, less that
harmed: share of the tasks on which the choice is worse than source only by more than a point
kept: what is gained over source only, in parts of what the best candidate gains
"search": trimmed ranks under the conditions of AdaptationSearchCV
"guard": trimmed ranks under the conditions of SafeTransfer, proportions not corrected
"""

import argparse

import numpy as np

from benchmarks.lib.tables import format_table
from benchmarks.quality.selection.choice import joint_scores
from benchmarks.quality.selection.evidence import CRITERIA, FREE, cached
from benchmarks.quality.selection.natural import natural_tasks
from benchmarks.quality.selection.shifts import shift_tasks
from skdomain.model_selection import trimmed_ranks
from skdomain.model_selection._search._guard_tests import bonferroni, chosen, ranks_above
from skdomain.model_selection._search._ranking import better_pvalues, prefers

HEADER = ["choice", "accuracy", "loss", "oracle", "harmed", "worst", "kept"]
ALPHA = 0.05
TASKS = {"shifts": shift_tasks, "natural": natural_tasks}


def usable(found):
    """The same without candidates that failed; the first does not adapt."""
    fine = np.isfinite(found["value"]).all(axis=(1, 2)) & np.isfinite(found["accuracy"])
    return narrowed(found, np.flatnonzero(fine))


def narrowed(found, kept):
    """The same of some candidates."""
    names = ("value", "accuracy", "proba", "rehearsed", "closer", "matched", "candidates")
    return found | {name: found[name][kept] for name in names}


def lists(found, n_lists, seed):
    """Random lists of seven candidates beside the first."""
    for place in range(n_lists):
        others = 1 + np.random.default_rng([seed, place]).permutation(len(found["accuracy"]) - 1)
        yield narrowed(found, np.append(0, np.sort(others[:7])))


def ranks(found, leave_out=()):
    """Trimmed ranks by all criteria that read no target label, but some."""
    kept = [place for place in FREE if place not in leave_out]
    return trimmed_ranks(found["value"][:, :, kept])


def mean_ranks(found):
    """Ranks by the same criteria, nothing left out, as the means over splits are ranked."""
    means = found["value"][:, :, FREE].mean(axis=1)
    return ((means[:, None] > means) + (means[:, None] == means) / 2).mean(axis=(1, 2))


def above(found):
    """Whether candidates rank above the baseline in all and on each split."""
    splits = np.moveaxis(found["value"][:, :, FREE], 1, 0)[:, :, None]
    return ranks_above([ranks(found), *map(trimmed_ranks, splits)])


def search_choice(found):
    """The choice of the search: the candidate's number."""
    pvalues = better_pvalues(found["value"][:, :, FREE])
    matched = bonferroni(np.where(above(found), found["matched"], np.nan))
    allowed = prefers(pvalues, len(FREE), ALPHA) | (matched <= ALPHA)
    allowed[0] = True
    return int(np.argmax(np.where(allowed, ranks(found), -1)))


def guard_choice(found):
    """The choice of the guard: the candidate's number."""
    if min(1, 2 * found["tests"].min()) >= ALPHA:
        return 0
    closer = bonferroni(np.where(above(found), found["closer"], np.nan))
    gains = found["rehearsed"] - found["rehearsed"][0]
    return chosen(ranks(found), np.where(closer[:, None] < ALPHA, gains, np.nan))


def joined(found, names):
    """Joint score of some criteria."""
    return joint_scores([found["value"][None, :, :, CRITERIA.index(n)].mean(axis=2) for n in names])


def of_mean_probability(found, n_best=5):
    """Accuracy of the mean probability of the best by trimmed ranks."""
    best = np.argsort(-ranks(found), kind="stable")[:n_best]
    return np.mean(found["proba"][best].mean(axis=0).argmax(axis=1) == found["truth"])


def choices():
    """Functions of a task's arrays that give the number of a candidate, by name."""
    by_criterion = {
        name: lambda found, place=place: found["value"][:, :, place].mean(axis=1).argmax()
        for place, name in enumerate(CRITERIA)
        if name != "oracle"
    }
    without = {
        f"trimmed ranks without {CRITERIA[place]}": lambda found, place=place: ranks(
            found, [place]
        ).argmax()
        for place in FREE
    }
    pair = ("circular_validation", "class_mixture")
    return {
        "search": search_choice,
        "trimmed ranks": lambda found: ranks(found).argmax(),
        "mean ranks": lambda found: mean_ranks(found).argmax(),
        "joint score of circular validation and class mixture": lambda found: joined(
            found, pair
        ).argmax(),
        **by_criterion,
        **without,
        "oracle on the same splits": by_oracle,
        "guard": guard_choice,
        "never adapt": lambda found: 0,
    }


def by_oracle(found):
    """The best by the labels of the target rows of the splits."""
    return found["value"][:, :, CRITERIA.index("oracle")].mean(axis=1).argmax()


def row_of(name, accuracy, tasks):
    """Row of the table, of accuracies on each task."""
    first, best = (np.array([100 * f(t["accuracy"]) for t in tasks]) for f in (lambda a: a[0], max))
    oracle = np.array([100 * t["accuracy"][by_oracle(t)] for t in tasks])
    gain = 100 * accuracy - first
    return [
        name,
        f"{100 * accuracy.mean():.1f}",
        f"{(best - 100 * accuracy).mean():.1f}",
        f"{(oracle - 100 * accuracy).mean():+.1f}",
        f"{np.mean(gain < -1):.0%}",
        f"{gain.min():.1f}",
        f"{gain.sum() / (best - first).sum():.0%}",
    ]


def table(tasks):
    """What each rule gives on the tasks, as text."""
    rows = [
        row_of(name, np.array([t["accuracy"][rule(t)] for t in tasks]), tasks)
        for name, rule in choices().items()
    ]
    votes = np.array([of_mean_probability(t) for t in tasks])
    return format_table(HEADER, [*rows, row_of("mean probability of the best five", votes, tasks)])


def main(argv=None):
    """Compute what is missing, then print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", default="shifts", choices=list(TASKS), help="default: shifts")
    parser.add_argument("--half", default="development", choices=["development", "confirmation"])
    parser.add_argument("--lists", type=int, default=5, help="random lists a task; default: 5")
    parser.add_argument("--folder", default="results/trust", help="kept and resumed")
    args = parser.parse_args(argv)
    print(f"{__doc__}\n", flush=True)
    tasks = TASKS[args.tasks](args.half == "development")
    found = [usable(arrays) for _, arrays in cached(tasks, args.folder)]
    print(f"{len(found)} tasks of {args.tasks}, {args.half}\n\n{table(found)}\n")
    some = [one for i, task in enumerate(found) for one in lists(task, args.lists, i)]
    if some:
        print(f"{args.lists} random lists a task\n\n{table(some)}")


if __name__ == "__main__":
    main()
