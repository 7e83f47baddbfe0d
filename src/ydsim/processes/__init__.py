"""The phases of a quarter, one module a phase."""
