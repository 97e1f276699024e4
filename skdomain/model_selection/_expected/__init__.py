"""How often a fitted classifier is right on the target, expected without a label of the target."""
