"""Loaders of the real benchmarks, and the files behind them."""
