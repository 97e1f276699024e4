"""Label shift: the proportions of the classes differ, and nothing else."""
