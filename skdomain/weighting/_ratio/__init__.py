"""What the density ratios share."""
