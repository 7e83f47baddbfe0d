"""Policies, the environment that they move, and the registry of their names."""
