"""Seconds of fits, as ratios to what else solves the same problem."""
