"""How good the methods are, and how good what chooses among them is."""
