"""Tables and sentences of what was measured, as text that is generated into Markdown pages."""

from statistics import fmean, median

from benchmarks.lib.tables import group, markdown_table
from benchmarks.quality.full.methods import less_of, matched_of
from benchmarks.quality.full.summary import (
    BASELINE,
    FIXED,
    LOWER,
    NEVER,
    mean_and_error,
    methods,
    ratios,
    rules_of,
    signs,
)

NUMERIC = set("0123456789+-.±/ ()")


def markdown(header, lines):
    """Markdown table; columns of numbers to the right."""
    columns = zip(*lines, strict=True) if lines else [[]] * len(header)
    marks = ["---:" if set("".join(c)) <= NUMERIC and any(c) else "---" for c in columns]
    return markdown_table(header, lines, marks)


def text(statistic, values, form=".1f"):
    """A statistic of some numbers as text, empty if there are none."""
    return format(statistic(values), form) if values else ""


def fair(found):
    """Of each pair the matched setting; the default where a peer has no such parameters."""
    matched = {(m.method, m.peer) for m in found if m.setting == "matched"}
    return [
        m
        for m in found
        if m.setting == "matched" or (matched_of(m.method, m.peer), m.peer) not in matched
    ]


def alike(found):
    """Ours against each peer's version: means of accuracy, medians of CPU seconds and memory."""
    header = ["method", "peer", "setting", "tasks", BASELINE, "ours", "theirs"]
    header += ["ours, CPU s", "theirs, CPU s", "ours, MB", "theirs, MB"]
    return header, [line(match) for match in found]


def line(match):
    """Line of the table of ours against a peer's."""
    numbers = [text(fmean, match.source)]
    for column, form in (("accuracy", ".1f"), ("cpu_seconds", ".3f"), ("memory_mb", ".0f")):
        centre = fmean if column == "accuracy" else median
        sides = ([pair[side][column] for pair in match.pairs] for side in (0, 1))
        numbers += [text(centre, values, form) for values in sides]
    return [match.method, starred(match), match.setting, str(len(match.pairs)), *numbers]


def starred(match):
    """Name of the peer, with a star where its version does less work than ours."""
    return match.peer + "*" * bool(less_of(match.method, match.peer, match.setting))


def of_same_work(found):
    """Those of which the peer's version does what ours does: no star."""
    return [m for m in found if not less_of(m.method, m.peer, m.setting)]


def less_work(found):
    """What a star means: which versions do less work than ours, and what they leave out."""
    names = {}
    for m in found:
        if reason := less_of(m.method, m.peer, m.setting):
            names.setdefault((m.method, reason), {})[m.peer] = None
    said = [f"{method} of {', '.join(peers)} {why}" for (method, why), peers in names.items()]
    return f"\\* does less work than ours: {'; '.join(said)}." if said else ""


def claims(found, rows):
    """What the table amounts to, in sentences, good or bad; then what adapting gains at all."""
    both = [m for m in found if m.pairs]
    if not both:
        return "No cell was finished by skdomain and a peer."
    sentences = [accuracy_claim(both), cost_claim(both), alone_claim(found)]
    sentences.append(list_claim(both, "is less accurate on the mean", accuracy_gap))
    sentences.append(list_claim(both, "takes more CPU time at the median", time_ratio))
    sentences += filter(None, [less_work(both)])
    return "\n".join(f"* {sentence}" for sentence in [*sentences, *baseline_claim(rows)])


def accuracy_claim(both):
    """How often and by how much skdomain is the more accurate one."""
    more, equal, less = signs(both)
    ours, theirs = (fmean(p[s]["accuracy"] for m in both for p in m.pairs) for s in (0, 1))
    return (
        f"Of {more + equal + less} cells (method, peer and task) that both finish, skdomain's "
        f"version is more accurate on {more}, as accurate on {equal} and less accurate on {less}; "
        f"the means are {ours:.1f} and {theirs:.1f} %."
    )


def cost_claim(both):
    """CPU time and memory on the same cells; time also of all of them, and where work is alike."""
    factors = ratios(both)
    slower = sum(factor < 1 for factor in factors)
    same = ratios(of_same_work(both))
    alike = f", {median(same):.2g} times where it does the same work" if same else ""
    ours, theirs = (median(p[s]["memory_mb"] for m in both for p in m.pairs) for s in (0, 1))
    sums = [sum(p[s]["cpu_seconds"] for m in both for p in m.pairs) for s in (0, 1)]
    return (
        f"The peer's CPU time is {median(factors):.2g} times skdomain's at the median{alike}, and "
        f"{sums[1] / sums[0]:.2g} times all cells taken together; skdomain is the slower one on "
        f"{slower} of {len(factors)}. Medians of memory: {ours:.0f} MB for skdomain, "
        f"{theirs:.0f} MB for the peer."
    )


def alone_claim(found):
    """Cells that one side alone finishes."""
    ours, theirs = sum(m.ours_alone for m in found), sum(m.theirs_alone for m in found)
    return f"Cells that skdomain alone finishes: {ours}; that the peer alone finishes: {theirs}."


def list_claim(both, what, measure):
    """Name the versions to which ours loses by a measure, or say that there is none."""
    lost = [f"{m.method} of {starred(m)} ({said})" for m in both if (said := measure(m))]
    names = f": {', '.join(lost)}" if lost else ""
    return f"skdomain {what} than {len(lost)} of {len(both)} versions{names}."


def accuracy_gap(match):
    """Points by which ours is less accurate, empty if it is not."""
    gap = match.mean(0) - match.mean(1)
    return f"{gap:+.1f}" if round(gap, 2) < 0 else ""


def time_ratio(match):
    """CPU time of ours in units of the peer's if it is above one, else empty."""
    ratio = median(ratios([match]))
    return f"{1 / ratio:.2g} times" if ratio < 1 else ""


def baseline_claim(rows):
    """How many of our methods gain over source only, with their defaults."""
    table = methods(rows)
    source = table.get((BASELINE, LOWER, "default"), {})
    gains = {}
    for (method, library, setting), found in table.items():
        gaps = gaps_of(found, source)
        if library == "skdomain" and setting == "default" and gaps:
            gains[method] = fmean(gaps)
    lost = [f"{method} ({gain:+.1f})" for method, gain in gains.items() if round(gain, 2) < 0]
    if gains:
        names = f": {', '.join(lost)}" if lost else ""
        yield (
            f"Source only is right for {fmean(accuracies(source)):.1f} %; with defaults, "
            f"{len(lost)} of skdomain's {len(gains)} methods are below it on the mean of the tasks "
            f"that they finish{names}."
        )


def gaps_of(found, source):
    """Points gained over source only, on the tasks that both finished."""
    return [found[t]["accuracy"] - source[t]["accuracy"] for t in found if t in source]


def accuracies(found):
    """Accuracies by task, without the tasks."""
    return [row["accuracy"] for row in found.values()]


def overall(rows):
    """A line for each method, library and setting that was run; baselines first."""
    table = methods(rows)
    n_tasks = len({task for found in table.values() for task in found})
    source = table.get((BASELINE, LOWER, "default"), {})
    header = ["method", "library", "setting", "tasks", "accuracy", "gain", "CPU s", "MB"]
    lines = []
    for (method, library, setting), found in table.items():
        if setting in FIXED or library == LOWER:
            numbers = [text(fmean, accuracies(found)), text(fmean, gaps_of(found, source), "+.1f")]
            numbers += [text(median, [r["cpu_seconds"] for r in found.values()], ".3f")]
            numbers += [text(max, [r["memory_mb"] for r in found.values()], ".0f")]
            lines.append([method, library, setting, f"{len(found)}/{n_tasks}", *numbers])
    return header, lines


def cannot(rows):
    """What each library cannot do, with the error, as a list."""
    bad = [row for row in rows if row["status"] != "ok"]
    lines = []
    for (library,), some in group(bad, "library").items():
        kinds = group(some, "status")
        absent = [row["method"] for row in kinds.pop(("absent",), [])]
        version = max(row["version"] for row in some)
        lines.append(f"* **{library} {version}**" + no_such(absent))
        for (status,), these in kinds.items():
            lines += failures_of(status, these)
    return "\n".join(lines) or "Every cell succeeded."


def no_such(absent):
    """Methods that a library does not have."""
    return f" has no {', '.join(dict.fromkeys(absent))}" if absent else ""


def failures_of(status, rows):
    """Lines of one status: method, settings, on how many tasks, and the first error."""
    for (method,), some in group(rows, "method").items():
        settings = ", ".join(dict.fromkeys(row["setting"] for row in some))
        where = "" if status in NEVER else f", cells: {len(some)}"
        error = some[0]["error"].replace("`", "'")
        yield f"  * {method} ({settings}): {status}{where}" + (f": `{error}`" if error else "")


def nested(rows):
    """Rules by methods: mean accuracy over the tasks and its standard error."""
    rules = rules_of(rows)
    cases = group(rows, "method", "library")
    header = ["method", "library", "tasks", *(rule.replace("_", " ") for rule in rules)]
    lines = []
    for (method, library), some in cases.items():
        cells = [over_tasks([r[rule] for r in some if r[rule] is not None], some) for rule in rules]
        lines.append([method, library, str(len(some)), *cells])
    return header, lines


def over_tasks(values, rows):
    """Mean and standard error, and the number of tasks where a rule could not choose on all."""
    if not values:
        return ""
    mean, error = mean_and_error(values)
    spread = f" ± {error:.1f}" if len(values) > 1 else ""
    return f"{mean:.1f}{spread}" + (f" ({len(values)})" if len(values) < len(rows) else "")
