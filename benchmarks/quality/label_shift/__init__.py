"""Label shift: proportions of classes estimated, and models corrected by them."""
