"""The table and the guarantees of the README say what the figures say, good or bad."""

from benchmarks.quality.full.front import family_lines, peer_lines, printed, reproduction, speed


def cell(method, library, accuracy, seconds, task):
    row = {"data": "SURF", "task": task, "library": library, "version": "1", "method": method}
    row |= {"setting": "default", "status": "ok", "accuracy": accuracy, "cpu_seconds": seconds}
    return row | {"memory_mb": 1.0, "error": ""}


def cells(method, library, accuracy, seconds=1.0, tasks=12):
    return [cell(method, library, accuracy, seconds, str(task)) for task in range(tasks)]


ROWS = [
    *cells("source only", "scikit-learn", 40.0),
    *cells("KMM", "skdomain", 41.0, 2.0),
    *cells("KMM", "skada", 45.0, 1.0),
    *cells("TCA", "skada", 90.0, tasks=11),
]


def test_best_row_of_a_family_keeps_its_place_on_other_features():
    surf = {"1nn": 30.0, "svm": 45.0, "coral": 35.0, "tca": 46.0, "jda": 45.9, "artl": 44.0}
    surf["djpmmd-ridge-artl"] = 20.0
    deep = {"1nn": 99.0, "svm": 90.0, "tca": 91.0, "jda": 98.0}
    lines = {line[0]: line[1:] for line in family_lines(surf, deep, {"tca": 46.2})}
    assert lines["no adaptation"] == ["linear SVM, unit rows", "45.0", "90.0", ""]
    assert lines["subspace"] == ["TCA, 1-NN", "46.0", "91.0", "46.2"]
    assert lines["subspace, then regularised"][1:] == ["20.0", "", ""]


def test_a_better_peer_is_named_and_an_unfinished_one_is_not():
    lines = {line[0].partition(",")[0]: line[1:3] for line in peer_lines(ROWS)}
    assert lines["no adaptation"] == ["source only", "40.0"]
    assert lines["weighting"] == lines["any of skdomain"] == ["KMM", "41.0"]
    assert lines["any of five other libraries"] == ["KMM of skada", "45.0"]


def test_a_slower_method_is_counted():
    text = speed(ROWS)
    assert "they take 0.5 times the CPU time where they do the same work" in text
    assert "less time on 12 of 12 cells" in text


def row(source, measured, ours, published=None, task="a"):
    found = {"data": "SURF", "source": source, "preset": "tca", "task": task}
    return found | {"measured": measured, "ours": ours, "published": published}


def test_misses_are_counted_and_what_was_not_measured_is_not():
    rows = [row("A", 50.0, 50.05), row("A", 50.0, 50.06), row("A", None, 9.0)]
    rows += [row("KMM", 50.0, 60.0)]
    text = reproduction(rows)
    assert "1 of 2 accuracies" in text
    assert "it is 1 of 3" in text


def test_figure_of_a_paper_is_a_mean_of_twelve_tasks_or_none():
    twelve = [row("A", None, 0.0, 40.0 + task, str(task)) for task in range(12)]
    assert printed(twelve) == {"tca": 45.5}
    assert printed(twelve[1:]) == {}
