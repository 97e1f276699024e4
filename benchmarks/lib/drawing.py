"""Figures without a screen; matplotlib is imported by what draws, not by what only measures."""

from pathlib import Path


def subplots(*shape, **options):
    """Figure and axes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    return plt.subplots(*shape, layout="constrained", **options)


def save(fig, path):
    """Write a figure, in a folder that is made if need be, and close it."""
    from matplotlib import pyplot as plt

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=120)
    plt.close(fig)
