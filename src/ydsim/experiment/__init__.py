"""Running experiments and keeping their results."""
