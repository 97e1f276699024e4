"""Splits that know source from target."""
