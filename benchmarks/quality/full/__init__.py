"""Every method in every library that has it, on every task."""
