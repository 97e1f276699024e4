"""KMM's quadratic programme: what is matched, and the solver."""
