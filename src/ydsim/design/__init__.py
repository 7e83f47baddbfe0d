"""Designs: which points a sweep has, read from a sweep file and checked before anything runs."""

from ydsim.design.load import load_sweep
from ydsim.design.points import check_points, points
from ydsim.design.source import parse_vary
from ydsim.design.sweep import Factor, Point, Recorded, ReplicateRule, Sweep

__all__ = [
    "Factor",
    "Point",
    "Recorded",
    "ReplicateRule",
    "Sweep",
    "check_points",
    "load_sweep",
    "parse_vary",
    "points",
]
