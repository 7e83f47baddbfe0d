"""Sweeps: many runs of many scenarios, kept so that nothing is lost and nothing is done twice."""
