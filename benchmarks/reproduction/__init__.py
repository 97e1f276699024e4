"""Accuracy beside what was published and what the authors' programs gave."""
