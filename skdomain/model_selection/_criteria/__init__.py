"""What judges a candidate without a label of the target."""
