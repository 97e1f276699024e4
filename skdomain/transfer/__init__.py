"""Models that start from the source's and learn from a few labels of the target."""

__all__ = []
