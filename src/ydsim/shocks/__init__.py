"""Shocks: what an experiment does to units drawn by hash, while the others are its controls."""
