"""Runs and sweeps: what is to be computed, by whom, when it stops, and again."""
