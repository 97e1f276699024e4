"""The report: one HTML file with its tables, figures and script inside."""

import ast
import re
from html import escape
from io import StringIO
from pathlib import Path
from string import Template

import numpy as np
from scipy.stats import rankdata, studentized_range

from benchmarks.lib.drawing import subplots
from benchmarks.lib.tables import group
from benchmarks.quality.full.findings import alike, less_work, nested, overall
from benchmarks.quality.full.summary import (
    BASELINE,
    FIXED,
    FULL,
    LOWER,
    NUMBERS,
    matches,
    methods,
    read,
    rules_of,
)

RULE = "circular_validation"  # of the figure of ranks: one rule is enough for a figure
INK = "#010203"  # replaced by the colour of the page's text
PAINTED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
STYLE = {**dict.fromkeys(PAINTED, INK), "svg.fonttype": "none", "font.size": 9}
LIBRARIES = ("skdomain", "adapt", "POT", "transfertools", "libtlda", "skada", "scikit-learn")
COLORS = dict(zip(LIBRARIES, ("C0", "C1", "C2", "C4", "C5", "C6", "C7"), strict=True))
OTHER = "C8"
BELOW = 10  # points under all of ours at which the figure of time ends
BESIDE = [(4, 3, "left"), (-4, 3, "right"), (4, -9, "left"), (-4, -9, "right"), (0, 8, "center")]
RANKS = """<h3>Mean rank</h3><p>Rank 1 is best, of those that finished on all tasks. The bar is the
critical difference of Nemenyi's test at 5 % for independent tasks. Tasks that share a domain are
not: it is too short.</p>"""


def write_page(folder, path, home=None):
    """Write the report of the files that publish.py keeps in a folder, with a link to a home."""
    import matplotlib

    rows, chosen = read(Path(folder) / "full.csv"), read(Path(folder) / "nested.csv")
    when = read(Path(folder) / "about.csv")[0]["measured"]
    program = ast.parse(Path(__file__).with_name("run.py").read_text(encoding="utf-8"))
    with matplotlib.rc_context(STYLE):
        sections = [all_rows(rows), *([nested_splits(chosen)] if chosen else [])]
    page = Template(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
    body, contents = numbered("\n".join(sections))
    html = page.substitute(
        when=when,
        back=f'<p><a href="{home}">Back to the pages of skdomain</a></p>' if home else "",
        protocol=escape(ast.get_docstring(program)),
        contents=contents,
        body=body,
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(html, encoding="utf-8")


def numbered(body):
    """Body with an anchor at each of its headings, and the links to them."""
    first, *parts = re.split("<h3>", body)
    links = (f'<a href="#part-{i}">{part.split("</h3>")[0]}</a>' for i, part in enumerate(parts))
    anchored = (f'<h3 id="part-{i}">{part}' for i, part in enumerate(parts))
    return first + "".join(anchored), ", ".join(links)


def all_rows(rows):
    """Section of the protocol that fits and predicts all rows of a task."""
    fixed = {k: found for k, found in methods(rows).items() if k[2] in FIXED or k[1] == LOWER}
    full = everywhere(fixed)
    lines = [[cell_text(name, row[name]) for name in FULL] for row in rows]
    less = less_work(matches(rows)).lstrip("\\")
    return f"""<h2>All rows</h2>
<h3>Ours against each peer's version of the same method</h3>
<p>On the tasks that both finished: means of accuracy in percent, medians of CPU seconds of fit and
prediction and of the memory that they took. {escape(less)}</p>
{html_table("ours and peers", *alike(matches(rows)))}
<h3>All methods</h3><p>Mean accuracy over the tasks that succeeded, its gain over source only on the
same tasks, median of CPU seconds, largest memory.</p>{html_table("methods", *overall(rows))}
<h3>Accuracy against CPU seconds</h3><p>Circles: defaults, triangles: matched; of those that
finished on all tasks. All tell their names when pointed at; those on the lower edge lie below it,
where they say.</p>{time_figure(full)}
{RANKS}{rank_figure({key: accuracies(found) for key, found in full.items()}, "ranks")}
<h3>Gain by task</h3><p>Points over source only; empty: no result.</p>{heat_table(fixed)}
<h3>All {len(rows)} cells</h3>
<label>Rows with <input type="search" class="filter" placeholder="SURF JDA"></label>
{html_table("cells", [name.replace("_", " ") for name in FULL], lines)}"""


def nested_splits(rows):
    """Section of the protocol in which a rule chooses on training rows."""
    picked = {
        (method, library, "default"): {(r["data"], r["task"]): r[RULE] for r in some if r.get(RULE)}
        for (method, library), some in group(rows, "method", "library").items()
    }
    ranks = (
        rank_figure(everywhere(picked), "ranks in nested splits") if RULE in rules_of(rows) else ""
    )
    return f"""<h2>Nested splits</h2>
<p>Mean accuracy over the tasks and standard error as if they were independent, of the setting that
each rule chose; in brackets the number of tasks where the rule could not choose on all.</p>
{html_table("methods and rules", *nested(rows))}
<h3>Mean rank</h3><p>As above, with settings chosen by {RULE.replace("_", " ")}.</p>{ranks}"""


def accuracies(found):
    """Accuracy by task."""
    return {task: row["accuracy"] for task, row in found.items()}


def everywhere(fixed):
    """Those that have a result on all tasks of any."""
    tasks = {task for found in fixed.values() for task in found}
    return {key: found for key, found in fixed.items() if found and set(found) == tasks}


def cell_text(name, value):
    """Text of a value of a row."""
    return "" if value is None else format(value, NUMBERS.get(name, ""))


def html_table(label, header, lines):
    """Sortable table."""
    return table_box(label, header, [f"<tr>{''.join(map(html_cell, line))}</tr>" for line in lines])


def table_box(label, header, rows, kind="sortable"):
    """Table in a box that scrolls, from the HTML of its rows."""
    heads = "".join(f'<th scope="col"><button>{escape(name)}</button></th>' for name in header)
    box = f'<div class="wide {label}" role="region" tabindex="0" aria-label="{label}">'
    table = f'<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>'
    return "\n".join([box + table, *rows, "</tbody></table></div>"])


def html_cell(value):
    """Cell of a table; numbers to the right, with the first of several to sort by."""
    number = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)( ±.*| \(.*|/.*)?", value)
    if not number:
        return f"<td>{escape(value)}</td>"
    key = f' data-value="{number[1]}"' if number[2] else ""
    return f'<td class="n"{key}>{escape(value)}</td>'


def heat_table(fixed):
    """Methods by tasks, coloured by the points gained over source only; full colour from 20 on."""
    tasks = list(dict.fromkeys(task for found in fixed.values() for task in found))
    source = fixed.get((BASELINE, LOWER, "default"), {})
    rows = []
    for key, found in fixed.items():
        cells = "".join(heat(found.get(task), source.get(task)) for task in tasks)
        rows.append(f'<tr><th scope="row">{escape(name_of(key))}</th>{cells}</tr>')
    header = ["method", *(f"{data} {task}" for data, task in tasks)]
    return table_box("gain by task", header, rows, "sortable heat")


def heat(row, source):
    """Cell of the heat map."""
    if not row or not source:
        return "<td></td>"
    gain = row["accuracy"] - source["accuracy"]
    share = min(abs(gain) / 20, 1) * 65
    color = "--gain" if gain > 0 else "--loss"
    style = f"background:color-mix(in srgb,var({color}) {share:.0f}%,var(--page))"
    return f'<td class="n" style="{style}">{round(gain):+d}</td>'


def name_of(key):
    """Method, library and setting."""
    method, library, setting = key
    return f"{method}, {library}" + ("" if setting == "default" else f" ({setting})")


def svg(fig, title):
    """Inline SVG without a background; its names are its own among the figures of the page."""
    from matplotlib import pyplot as plt

    text = StringIO()
    fig.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    plt.close(fig)
    drawing = text.getvalue()
    drawing = drawing[drawing.index("<svg") :].replace(INK, "currentColor")
    prefix = title.replace(" ", "-")
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", drawing)
    label = f'<svg role="img" aria-label="{escape(title)}" '
    box = f'<div class="figure" role="region" tabindex="0" aria-label="figure of {escape(title)}">'
    return f"{box}{drawing.replace('<svg ', label, 1)}</div>"


def legend(fig, libraries):
    """One colour a library."""
    from matplotlib.patches import Patch

    colors = {name: COLORS.get(name, OTHER) for name in libraries}
    patches = [Patch(color=color, label=name) for name, color in colors.items()]
    fig.legend(handles=patches, loc="outside lower center", ncols=5, frameon=False)


def time_figure(full):
    """Mean accuracy and median time; what is not a peer's has a label, all a name to point at."""
    fig, ax = subplots(figsize=(9, 6))
    places = {key: place_of(found) for key, found in full.items()}
    ours = [y for key, (_, y) in places.items() if key[1] in (LOWER, "skdomain")]
    edge = min(ours, default=0) - BELOW
    for number, (key, (x, y)) in enumerate(places.items()):
        shape = "^" if key[2] == "matched" else "o"
        color = COLORS.get(key[1], OTHER)
        ax.plot(x, max(y, edge), shape, color=color, gid=f"point-{number}-", clip_on=False)
    ax.set(xscale="log", xlabel="median CPU seconds", ylabel="mean accuracy (%)")
    ax.set_ylim(bottom=edge if any(y < edge for _, y in places.values()) else None)
    legend(fig, [key[1] for key in full])
    write_labels(fig, ax, dict(texts_of(places, edge)))
    drawing = svg(fig, "accuracy against CPU seconds")
    for number, (key, (_, y)) in enumerate(places.items()):
        point = f'-point-{number}-">'
        drawing = drawing.replace(point, f"{point}<title>{escape(name_of(key))}: {y:.1f} %</title>")
    return drawing


def place_of(found):
    """Median seconds and mean accuracy of a method over the tasks."""
    rows = found.values()
    seconds = np.median([max(row["cpu_seconds"], 1e-3) for row in rows])
    return seconds, np.mean([row["accuracy"] for row in rows])


def texts_of(places, edge):
    """What is written beside which points: our names, and what lies below the edge."""
    for key, (x, y) in places.items():
        if y < edge:
            yield (x, edge), f"{name_of(key)}: {y:.0f} %"
        elif key[1] in (LOWER, "skdomain"):
            yield (x, y), key[0]


def write_labels(fig, ax, texts):
    """Write each text beside its point where none has been written, or leave it out."""
    fig.canvas.draw()
    taken = []
    for point, text in texts.items():
        for dx, dy, side in BESIDE:
            how = {"xytext": (dx, dy), "textcoords": "offset points", "ha": side}
            note = ax.annotate(text, point, fontsize=7, **how)
            box = note.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            note.remove()


def critical_difference(n_methods, n_tasks):
    """Difference of mean ranks that Nemenyi's test calls significant at 5 %."""
    quantile = studentized_range.ppf(0.95, n_methods, np.inf) / np.sqrt(2)
    return quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_tasks))


def rank_figure(full, title):
    """Mean rank of each method over the tasks."""
    fig, ax = subplots(figsize=(9, 1.2 + 0.2 * len(full)))
    if full:
        tasks = list(next(iter(full.values())))
        accuracy = np.array([[found[task] for task in tasks] for found in full.values()])
        ranks = rankdata(-accuracy.round(9), axis=0).mean(axis=1)
        order = sorted(zip(ranks, full, strict=True), key=lambda pair: pair[0])
        for place, (rank, key) in enumerate(order):
            ax.plot(rank, place, "o", color=COLORS.get(key[1], OTHER))
        ax.set_yticks(range(len(order)), [name_of(key) for _, key in order])
        width = critical_difference(len(full), len(tasks)) if len(full) > 1 else 0
        ax.plot([ranks.min(), ranks.min() + width], [-1, -1], color=INK, lw=2)
        ax.set(xlabel=f"mean rank over {len(tasks)} tasks", ylim=(len(full) - 0.3, -1.7))
    legend(fig, [key[1] for key in full])
    return svg(fig, title)
