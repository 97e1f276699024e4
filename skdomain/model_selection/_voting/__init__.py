"""Candidates that vote, with no label of the target."""
