"""Searches over candidates, and the guard."""
