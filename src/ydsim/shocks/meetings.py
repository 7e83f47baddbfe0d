"""Meetings: organisations drawn in pairs see one another as candidates.

    pairs     : the targeted organisations in the order of a draw h_i, the first with the second,
                the third with the fourth, and so on
    candidate : j, beside those that a seeker i sees anyway, while (i, j) is a treated pair

So no organisation is in two pairs of a shock; pairs that are not treated are the controls. Who is
paired with whom depends on who lives when the shock begins, and whether a pair is treated on the
pair alone. Who is met weighs as one met by gravity, and only once where the seeker sees it anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.search import ELSEWHERE, GRAVITY, Search
from ydsim.agents.state import State
from ydsim.measures.order import rows_of
from ydsim.noise import identity
from ydsim.scenario.schema.sections.shocks import Meetings
from ydsim.shocks.assignments import Assignment, assignment, named
from ydsim.shocks.effect import Effect
from ydsim.shocks.lottery import Lottery, pair_of
from ydsim.shocks.units import Scene
from ydsim.typing import Ints, Keys


@dataclass(frozen=True)
class Met(Effect):
    """Pairs that meet: ``one`` and ``other`` (n,) are identities of organisations."""

    one: Keys
    other: Keys

    def introduce(self, state: State, search: Search) -> None:
        """Add to each seeker whom its owner has met."""
        if len(self.one) == 0:
            return
        seekers, seen, table = search.seekers, search.seen, state.organisations
        row = self._partners(state)[seekers.row]
        known = (seen.row == row[:, None]) & (seen.place < state.world.n_cities)
        row = np.where(known.any(axis=1), -1, row)
        there = row >= 0
        place = np.where(there, table.city[np.maximum(row, 0)], ELSEWHERE)
        key = identity(seekers.key, np.where(there, table.key[np.maximum(row, 0)], np.uint64(0)))
        nobody = np.full(len(row), -1, dtype=np.int64)
        for name, column in (
            ("row", row),
            ("place", place),
            ("source", np.full(len(row), GRAVITY, dtype=np.int64)),
            ("broker", nobody),
            ("key", key),
        ):
            setattr(seen, name, np.hstack([getattr(seen, name), column[:, None]]))

    def _partners(self, state: State) -> Ints:
        """Return the row that each organisation meets, -1 for nobody who lives."""
        table = state.organisations
        lives = np.flatnonzero(table.alive)
        at = rows_of(np.stack([self.one, self.other]), table.key[lives])
        one, other = np.append(lives, -1)[at]
        both = (one >= 0) & (other >= 0)
        met = np.full(len(table), -1, dtype=np.int64)
        met[one[both]], met[other[both]] = other[both], one[both]
        return met


def meetings(scene: Scene, shock: Meetings, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw pairs of organisations that meet."""
    table, noise = scene.state.organisations, lottery.noise
    rows = np.flatnonzero(scene.organisations(shock.target))
    order = np.lexsort((table.key[rows], noise.uniform(lottery.ids(table.key[rows]), 2)))
    rows = rows[order][: len(rows) // 2 * 2]
    one, other = rows[0::2], rows[1::2]
    key = table.key
    treated = lottery.treated(pair_of(key[one], key[other]))
    names = scene.state.world.city_names
    drawn = assignment(
        shock,
        scene.state.quarter,
        treated,
        key=key[one],
        other=key[other],
        place=named(names, table.city[one]),
        other_place=named(names, table.city[other]),
    )
    return drawn, Met(shock.last(scene.start), key[one[treated]], key[other[treated]])
