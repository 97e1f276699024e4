"""What choices without target labels lose, and what the guard saves."""
