"""Worlds are shared between runs: their arrays are made read-only once."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from ydsim.frozen import guarded
from ydsim.world.world import World

T = TypeVar("T")


def freeze(world: World) -> World:
    """Return a world whose arrays are read-only."""
    series = {name: _frozen(each) for name, each in world.series.items()}
    listed = None if world.listed is None else _frozen(world.listed)
    return _frozen(replace(world, series=series, listed=listed))


def _frozen(of: T) -> T:
    arrays = {
        field.name: guarded(value)
        for field in fields(of)  # type: ignore[arg-type]
        if isinstance(value := getattr(of, field.name), np.ndarray)
    }
    return replace(of, **arrays)  # type: ignore[type-var]
