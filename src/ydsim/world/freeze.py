"""Worlds are shared between runs: their arrays are made read-only once."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ydsim.world.world import Series, World


def freeze(world: World) -> World:
    """Make every array of a world read-only and return it."""
    for field in fields(world):
        value = getattr(world, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    for series in world.series.values():
        _freeze_series(series)
    if world.listed is not None:
        for value in vars(world.listed).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
    return world


def _freeze_series(series: Series) -> None:
    series.years.setflags(write=False)
    series.values.setflags(write=False)
