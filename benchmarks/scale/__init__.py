"""Time and memory against rows and features."""
