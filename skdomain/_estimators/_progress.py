"""A progress bar where one is wanted: tqdm's if it is installed, else a line an iteration."""


def progress(iterable, *, description, verbose, n=None):
    """Iterate with a progress bar if ``verbose``; n is the length of what has no ``len``."""
    if not verbose:
        return iterable
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _lines(iterable, description, len(iterable) if n is None else n)
    return tqdm(iterable, desc=description, total=n)


def _lines(iterable, description, n):
    for number, item in enumerate(iterable, start=1):
        print(f"{description}: iteration {number} of {n}")
        yield item
