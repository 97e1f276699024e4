"""``skdomain adapt``: predictions for the target file, adapted where that is seen to help."""

import sys
from contextlib import redirect_stdout

import numpy as np

from skdomain.cli._figures import label_shares, label_values
from skdomain.cli._guarded_fit import TwoTables, guarded
from skdomain.cli._label_column import label_column
from skdomain.cli._page import heading, page, paragraph
from skdomain.cli._pair_of_files import joined, read_pair, standardised_numbers, tell
from skdomain.cli._refusal import RefusedError
from skdomain.cli._tables import as_it_was, check_outputs, check_table_kind, write_page, write_table


def adapt(options):
    """Write predictions, say what was decided, and write a page on it if one is asked for."""
    check_outputs([options.out, options.report], [options.source, options.target])
    check_table_kind(options.out)
    pair, found = read_pair(options)
    if options.label in pair.target.columns:
        tell(f"{options.target} has a column {options.label!r}, too; it is not read.")
    source, labels, regresses = label_column(pair, options)
    check_new_names(pair, options.label, [] if regresses else np.unique(labels).tolist())
    frame, domains = joined(source, pair.target, found)
    problem = TwoTables(standardised_numbers(frame, found), labels, domains, regresses)
    with redirect_stdout(sys.stderr):  # a progress bar is no result
        result = guarded(problem, options)
    table = with_predictions(as_it_was(pair.target, options), result, options)
    write_table(table, options.out, options)
    print(f"{result.sentence()}\nwritten: {options.out}")
    if options.report:
        write_page(_page_on(result, labels, regresses, options), options.report)
        print(f"written: {options.report}")


def with_predictions(target, result, options):
    """The target file as it was, and columns for the prediction and the classes' probabilities."""
    columns = {f"predicted_{options.label}": result.predicted}
    columns |= {f"probability_{name}": values for name, values in result.probabilities.items()}
    return target.assign(**columns)


def check_new_names(pair, label, classes):
    """Refuse a target that has columns of the names that predictions get, before work begins."""
    for name in (f"predicted_{label}", *(f"probability_{each}" for each in classes)):
        if name in pair.target.columns:
            raise RefusedError(f"{pair.target_path} has a column {name!r} already; rename it.")


def _page_on(result, labels, regresses, options):
    figure = (label_values if regresses else label_shares)(labels, result.predicted)
    parts = [paragraph(result.sentence())]
    if figure:
        parts += [heading(f"{options.label}, as told and as predicted"), figure]
    parts += [heading("Methods that were compared"), result.table()]
    parts.append(paragraph("1 ranks highest by all criteria that need no answer of the target."))
    title = f"Prediction of {options.label} for {options.target.name}"
    return page(title, parts)
