"""Designs: which points a sweep has, read from a sweep file and checked before anything runs."""
