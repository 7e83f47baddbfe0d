"""Ties between organisations: who has worked with whom, how often, how lately.

An undirected tie is one edge a < b, kept in the order of (a, b). Its strength rises by one for
each joint project and hand-over and fades:

    strength' = strength exp(-match.tie_decay / 4), lost below .1 or when an end dies
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ydsim.measures.groups import order_in_groups, positions_after, positions_of
from ydsim.typing import Bools, Floats, Ints, Keys

FORGOTTEN = 0.1
"""Strength below which a tie is lost: it no longer weighs in any choice."""


def pair_key(a: Ints, b: Ints) -> Ints:
    """Return one integer per unordered pair of rows, ordered like (smaller, larger)."""
    return (np.minimum(a, b) << 32) | np.maximum(a, b)


class Ties:
    """The edges.

    Attributes
    ----------
    key : 64-bit integer; -; dynamic
        Pair of rows; follows firms that move.
    strength : real; projects; dynamic
        Joint projects and hand-overs, faded.
    born : integer; quarter; static
        First joint project, or the quarter in which a consortium joined the two.
    active : integer; quarter; dynamic
        Last quarter with a live joint project.
    barred : 64-bit integer; -; dynamic
        Pairs of rows that a shock keeps apart, ascending; follows firms that move.
    """

    COLUMNS: ClassVar = ("key", "strength", "born", "active")

    def __init__(self) -> None:
        self.key: Ints = np.empty(0, dtype=np.int64)
        self.strength: Floats = np.empty(0)
        self.born: Ints = np.empty(0, dtype=np.int64)
        self.active: Ints = np.empty(0, dtype=np.int64)
        self.barred: Ints = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.key)

    @property
    def a(self) -> Ints:
        """Rows of the first ends."""
        return self.key >> 32

    @property
    def b(self) -> Ints:
        """Rows of the second ends."""
        return self.key & 0xFFFFFFFF

    def find(self, key: Ints) -> Ints:
        """Return the position of each pair, -1 for pairs without a tie."""
        return positions_of(key, self.key)

    def between(self, one: Ints, other: Ints, n: int) -> Floats:
        """Return the strength of ties of pairs among ``n`` rows, zero without one."""
        strength = np.zeros(len(one))
        has = np.zeros(n, dtype=np.bool_)
        has[self.a] = has[self.b] = True
        asked = np.flatnonzero(has[one] & has[other])
        tie = self.find(pair_key(one[asked], other[asked]))
        strength[asked] = np.where(tie >= 0, np.append(self.strength, 0.0)[tie], 0.0)
        return strength

    def strengthen(self, a: Ints, b: Ints, quarter: int) -> None:
        """Add one joint project to each pair (a, b), making ties that are missing."""
        key = pair_key(a, b)
        key, times = np.unique(key[~self._is_barred(key)], return_counts=True)
        position = self.find(key)
        known = position >= 0
        self.strength[position[known]] += times[known]
        self.active[position[known]] = quarter
        self._insert(key[~known], times[~known].astype(np.float64), quarter, quarter)

    def hold(self, a: Ints, b: Ints, least: Floats, quarter: int) -> None:
        """Raise ties of pairs (a, b) to a strength, making those that are missing.

        Pairs may repeat; the largest strength holds. No joint project makes these ties, and those
        that are new count as active before the quarter.
        """
        key = pair_key(a, b)
        free = ~self._is_barred(key)
        key, least = key[free], least[free]
        order = np.lexsort((-least, key))
        key, first = np.unique(key[order], return_index=True)
        least = least[order][first]
        position = self.find(key)
        known = position >= 0
        self.strength[position[known]] = np.maximum(self.strength[position[known]], least[known])
        new = ~known & (least > 0.0)
        self._insert(key[new], least[new], quarter, quarter - 1)

    def _insert(self, key: Ints, strength: Floats, born: int, active: int) -> None:
        """Add ties that are missing, each once."""
        if len(key) == 0:
            return
        order = np.argsort(np.concatenate([self.key, key]), kind="stable")
        quarters = (np.full(len(key), quarter, dtype=np.int64) for quarter in (born, active))
        for name, new in zip(self.COLUMNS, (key, strength, *quarters), strict=True):
            setattr(self, name, np.concatenate([getattr(self, name), new])[order])

    def bar(self, key: Ints) -> None:
        """Delete the ties of pairs and let them have none any more; pairs may repeat."""
        self.barred = np.unique(np.concatenate([self.barred, key]))
        self.keep(~self._is_barred(self.key))

    def apart(self, a: Ints, b: Ints) -> Bools:
        """Return which pairs are barred."""
        return self._is_barred(pair_key(a, b))

    def _is_barred(self, key: Ints) -> Bools:
        return positions_of(key, self.barred) >= 0

    def touch(self, a: Ints, b: Ints, quarter: int) -> None:
        """Mark the ties of pairs with a live joint project as active; pairs may repeat."""
        position = self.find(pair_key(a, b))
        self.active[position[position >= 0]] = quarter

    def fade(self, decay: float, alive: Bools) -> None:
        """Let strengths fade; drop ties that are weak or whose end has died."""
        self.strength *= np.exp(-decay / 4.0)
        self.keep((self.strength >= FORGOTTEN) & alive[self.a] & alive[self.b])

    def keep(self, mask: Bools) -> None:
        """Keep only the ties in ``mask``."""
        if mask.all():
            return
        kept = np.flatnonzero(mask)
        for name in self.COLUMNS:
            setattr(self, name, getattr(self, name)[kept])


class Neighbours:
    """Partners of every organisation: compressed rows of the symmetric tie matrix.

    ``begin``: (n + 1,) where the partners of each organisation begin. ``partner``: rows of
    partners, by their identity inside each organisation. ``strength``: of the tie with each.
    """

    def __init__(self, ties: Ties, keys: Keys) -> None:
        a, b, n = ties.a, ties.b, len(keys)
        source = np.concatenate([b, a])
        partner = np.concatenate([a, b])
        strength = np.concatenate([ties.strength, ties.strength])
        by_source = order_in_groups(source, keys[partner])
        self.partner = partner[by_source]
        self.strength = strength[by_source]
        self.begin = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))])
        self._edges = np.concatenate([[0.0], np.cumsum(self.strength)])

    def degree(self, rows: Ints) -> Ints:
        """Return the number of partners."""
        return self.begin[rows + 1] - self.begin[rows]

    def draw(self, rows: Ints, u: Floats) -> Ints:
        """Return one partner of each row drawn by strength with a uniform, -1 without any."""
        drawn = np.full(len(rows), -1, dtype=np.int64)
        some = np.flatnonzero(self.begin[rows + 1] > self.begin[rows])
        low, high = self.begin[rows[some]], self.begin[rows[some] + 1]
        target = self._edges[low] + u[some] * (self._edges[high] - self._edges[low])
        position = positions_after(self._edges, target) - 1
        drawn[some] = self.partner[np.clip(position, low, high - 1)]
        return drawn
