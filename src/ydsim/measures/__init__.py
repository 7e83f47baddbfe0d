"""Measures: pure functions of arrays, each with its equation, units and source."""
