"""A progress bar where one is wanted: tqdm's if it is installed, else a line an iteration."""


def progress(iterable, *, description, verbose):
    """Iterate with a progress bar if ``verbose``."""
    if not verbose:
        return iterable
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _lines(iterable, description)
    return tqdm(iterable, desc=description)


def _lines(iterable, description):
    for number, item in enumerate(iterable, start=1):
        print(f"{description}: iteration {number} of {len(iterable)}")
        yield item
