"""``skdomain report``: how two files differ."""

from skdomain.cli._figures import feature_bars, feature_columns
from skdomain.cli._page import page, paragraph, preformatted
from skdomain.cli._pair_of_files import joined, read_pair
from skdomain.cli._tables import check_outputs, write_page
from skdomain.metrics import domain_report

_LEVEL = 0.05


def report(options):
    """Print how two files differ, and write a page on it if one is asked for."""
    check_outputs([options.out], [options.source, options.target])
    pair, found = read_pair(options)
    frame, domains = joined(pair.source, pair.target, found)
    result = domain_report(
        frame, domains, n_permutations=options.permutations, random_state=options.seed
    )
    verdict = in_words(result)
    print(f"{verdict}\n\n{result}")
    if options.out:
        parts = [paragraph(verdict), result._repr_html_(), feature_bars(result)]
        parts += [feature_columns(frame, domains, result), preformatted(str(result))]
        title = f"{options.source.name} and {options.target.name}"
        write_page(page(title, parts), options.out)
        print(f"\nwritten: {options.out}")


def in_words(result):
    """What the p-values say: of the files by the smallest times their number, and of columns."""
    least = min(1.0, len(result.measures) * min(m.pvalue for m in result.measures.values()))
    if least >= _LEVEL:
        return f"The files show no difference that chance would not (p = {least:.2g})."
    adjusted = result.contributions.adjusted_pvalue
    shifted = [j for j in result.ranking if adjusted[j] < _LEVEL]
    names = ", ".join(str(result.feature_names[j]) for j in shifted[:5])
    more = f" and {len(shifted) - 5} more" if len(shifted) > 5 else ""
    where = f"most in {names}{more}" if shifted else "in no column on its own"
    return f"The files differ by more than chance (p = {least:.2g}), {where}."
