"""Draws of places and of organisations inside them, by gravity and effort.

    P(place d | city c, field f)  = mass_df K_cd / sum_d' mass_d'f K_cd'
    P(organisation j | d, f)      = effort_jf / mass_df

mass is the effort in the field of all organisations of a place, the rest of the nation last.
"""

from __future__ import annotations

import numpy as np

from ydsim.measures.groups import blocks
from ydsim.measures.order import positions_after
from ydsim.typing import Floats, Ints

MANY = 2**17
"""Draws that are made at once; a matter of memory and time only."""


class Pool:
    """Organisations by field and city, drawn in proportion to their effort in the field.

    Parameters
    ----------
    rows
        Rows of the organisations.
    city
        City of each.
    effort
        (F, n) effort of each by field.
    n_cities
        Number of cities C.
    """

    def __init__(self, rows: Ints, city: Ints, effort: Floats, n_cities: int) -> None:
        # sixteen bits are sorted by radix
        narrow = city.astype(np.int16) if n_cities < 2**15 else city
        order = np.argsort(narrow, kind="stable")
        self._rows = rows[order]
        self._n = len(rows)
        counts = np.bincount(city, minlength=n_cities)
        self._begin = np.concatenate([[0], np.cumsum(counts)])
        self._edges = np.concatenate([[0.0], np.cumsum(effort[:, order].ravel())])
        start = np.arange(len(effort))[:, None] * self._n + self._begin[None, :]
        position = self._edges[start]
        self.mass: Floats = position[:, 1:] - position[:, :-1]

    def draw(self, city: Ints, field: Ints, u: Floats) -> Ints:
        """Return one row for each city and field by a uniform, -1 where nobody works."""
        drawn = np.empty(len(city), dtype=np.int64)
        for some in blocks(len(city), MANY):
            drawn[some] = self._drawn(city[some], field[some], u[some])
        return drawn

    def _drawn(self, city: Ints, field: Ints, u: Floats) -> Ints:
        low = field * self._n + self._begin[city]
        high = field * self._n + self._begin[city + 1]
        base, top = self._edges[low], self._edges[high]
        target = base + u * (top - base)
        position = positions_after(self._edges, target) - 1
        position = np.clip(position, low, np.maximum(high - 1, low))
        some = top > base
        drawn = np.full(len(city), -1, dtype=np.int64)
        drawn[some] = self._rows[position[some] % max(self._n, 1)]
        return drawn


class Gravity:
    """Draws of places.

    Parameters
    ----------
    mass
        (F, D) effort by field and place.
    kernel
        (C, D) pull of each place on each city without mass.
    order
        (D,) places in the order along which they are drawn: that of their identities, so that the
        order in which a world lists them does not matter.
    """

    def __init__(self, mass: Floats, kernel: Floats, order: Ints) -> None:
        self.share: Floats = kernel[:, None, :] * mass[None, :, :]  # (C, F, D)
        total = self.share.sum(axis=2, keepdims=True)
        self.share = np.divide(self.share, total, out=np.zeros_like(self.share), where=total > 0.0)
        self._empty = (total <= 0.0).ravel()
        self._places = mass.shape[1]
        self._fields = len(mass)
        self._order = order
        cumulative = np.cumsum(self.share[:, :, order], axis=2)
        cumulative[:, :, -1] = 1.0
        row = np.arange(cumulative.shape[0] * cumulative.shape[1], dtype=np.float64)
        # one ascending axis for all rows: row number + cumulative share
        self._edges = (cumulative.reshape(len(row), -1) + row[:, None]).ravel()

    def draw(self, city: Ints, field: Ints, u: Floats) -> Ints:
        """Return a place for each city and field by a uniform in (0, 1), -1 where none pulls."""
        row = city * self._fields + field
        position = positions_after(self._edges, row + u)
        places: Ints = self._order[np.minimum(position - row * self._places, self._places - 1)]
        return np.where(self._empty[row], -1, places)


def kernel(hours: Floats, decay_h: float, far: float) -> Floats:
    """Return f + (1 - f) exp(-t / t_0), the part of partnership that travel time leaves."""
    left: Floats = far + (1.0 - far) * np.exp(-hours / decay_h)
    return left


def pull(
    hours: Floats, outside_hours: Floats, decay_h: float, passes: Floats, far: float = 0.0
) -> Floats:
    """Return K, shape (C, C + 1): the `kernel` times the part that passes a border.

    ``passes`` (C, C) is 1 - level between cities of different provinces and 1 elsewhere; the
    distance of the rest of the nation holds all that separates it, and of it nothing is left far
    away (assumed).
    """
    inside = kernel(hours, decay_h, far) * passes
    return np.hstack([inside, np.exp(-outside_hours / decay_h)[:, None]])
