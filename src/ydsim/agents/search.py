"""Candidates: where seekers of partners look, and whom they see there.

    P(place d | city c, field f)  = mass_df K_cd / sum_d' mass_d'f K_cd'
    P(organisation j | d, f)      = effort_jf / mass_df

Every seeker sees the same number of candidates from each of four sources, whatever the scale:
former partners (by strength of tie), partners of partners, organisations met by gravity (a place,
then an organisation by its effort in the project's field), and those that a broker brings. A
source that has nobody to offer is filled by gravity. mass is the effort in the field of all
organisations of a place, the rest of the nation last. A candidate from there is anonymous: an
organisation of the region drawn by its effort in the field takes its place.

The partners of universities and institutes are scaled with the firms. Where such an owner has
nobody for a slot of former partners, or one who is in an earlier one already, the slot is
filled from the firms of its own city, where most former partners are, with the probability that a
firm is not in the sample. Who is drawn takes the place of that partner; where the city has no firm
in the field, the slot stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.state import State
from ydsim.agents.ties import Neighbours
from ydsim.measures.groups import (
    blocks,
    cells,
    order_in_groups,
    positions_after,
    quotient,
    rank_within,
)
from ydsim.noise import Noise, identity
from ydsim.typing import Bools, Floats, Ints, Keys

FORMER, CLOSURE, GRAVITY, BROKERED = range(4)
ELSEWHERE = -1

MANY = 2**17
"""Draws that are made at once; a matter of memory and time only."""


@dataclass
class Seekers:
    """Projects that seek a partner.

    N entries, two for a project that lacks a capability and may do both.
    """

    project: Ints
    """Positions in the table of projects."""
    key: Keys
    """Keys of the projects; others for members of those that lack a capability."""
    row: Ints
    city: Ints
    """Owner and its city."""
    field: Ints
    stage: Ints
    """Technology field and present stage."""
    waits: Bools
    """The consortium lacks the capability for the stage."""
    hand_over: Bools
    """Who lacks it looks for somebody to take the project over, else for one more member."""
    effort: Floats
    """Researcher-quarters to launch."""
    piece: Floats
    """Value of one contract of the deal, 100m_rmb."""
    sample_exposure: Floats
    """Share of firms that is in the sample, for owners of science; one for firms."""

    def __len__(self) -> int:
        return len(self.row)


@dataclass
class Candidates:
    """What each seeker sees: shape (N, K) each."""

    row: Ints
    """Organisation, or its stand-in for the rest of the nation, -1 for nobody."""
    place: Ints
    """City, C for the rest of the nation."""
    source: NDArray[np.int8]
    """FORMER, CLOSURE, GRAVITY or BROKERED."""
    broker: Ints
    """Broker of the introduction, -1 without one."""
    key: Keys
    """Identity of the pair of project and candidate."""


@dataclass
class Places:
    """Tables from which places are drawn, and organisations in them."""

    pool: Pool
    firms: Pool
    """All organisations, and firms that take the places of former partners outside the sample."""
    joint: Gravity
    handed: Gravity
    """For joint projects and for hand-overs, the rest of the nation last."""
    brokered: Gravity
    """Inside the reach of brokers of each city."""
    anywhere: Gravity
    """By effort alone, inside the region."""


@dataclass
class Search:
    """What the phase of matching goes on with."""

    seekers: Seekers
    seen: Candidates
    pool: Pool


def see_candidates(
    state: State, seekers: Seekers, number: int, places: Places, largest_deal: Floats, noise: Noise
) -> Candidates:
    """Draw the candidates of all seekers.

    ``number``: candidates from each source. ``largest_deal``: (C,) value of a contract above which
    brokers of a city do not act, 100m_rmb.
    """
    keys, brokers, outside = state.organisations.key, state.brokers, state.world.n_cities
    neighbours = Neighbours(state.ties, keys)
    source = np.repeat(np.arange(4, dtype=np.int8), number)
    n, slots = len(seekers), len(source)
    row = np.full((n, slots), -1, dtype=np.int64)
    broker = np.full((n, slots), -1, dtype=np.int64)
    draw = identity(seekers.key[:, None], np.arange(slots)[None, :])
    for slot in np.flatnonzero(source == FORMER).tolist():
        row[:, slot] = neighbours.draw(seekers.row, noise.uniform(draw[:, slot], 1))
    for slot in np.flatnonzero(source == CLOSURE).tolist():
        middle = neighbours.draw(seekers.row, noise.uniform(draw[:, slot], 1))
        some = np.flatnonzero(middle >= 0)
        row[some, slot] = neighbours.draw(middle[some], noise.uniform(draw[some, slot], 2))
    known = (row >= 0) & (row != seekers.row[:, None])
    place = np.where(known, state.organisations.city[row], ELSEWHERE)
    row[~known] = -1
    nobody = np.zeros(row.shape, dtype=np.bool_)
    for slot in np.flatnonzero(source == FORMER).tolist():
        missing = ~known[:, slot] | (row[:, :slot] == row[:, slot, None]).any(axis=1)
        outside_sample = noise.uniform(draw[:, slot], 14) >= seekers.sample_exposure
        some = np.flatnonzero(missing & outside_sample)
        place[some, slot] = city = seekers.city[some]
        lots = noise.uniform(draw[some, slot], 5)
        row[some, slot] = places.firms.draw(city, seekers.field[some], lots)
        nobody[some, slot] = row[some, slot] < 0
    room = np.floor(brokers.capacity + noise.uniform(brokers.key, 8))
    for slot in np.flatnonzero(source == BROKERED).tolist():
        served, by = _introduced(state, seekers, draw[:, slot], room, largest_deal, noise)
        room -= np.bincount(by, minlength=len(room))
        introduced = places.brokered.draw(
            brokers.city[by], seekers.field[served], noise.uniform(draw[served, slot], 3)
        )
        place[served, slot] = introduced
        broker[served, slot] = np.where(introduced == ELSEWHERE, -1, by)
    met = place == ELSEWHERE
    every = np.broadcast_to(source, row.shape).copy()
    every[met] = GRAVITY
    for lot in blocks(n, MANY // max(slots, 1)):
        _meet(seekers, lot, row[lot], place[lot], draw[lot], places, outside, noise)
    row[nobody] = -1
    own = np.where((place == outside) | (row < 0), draw, keys[row])
    pair = identity(seekers.key[:, None], own)
    row[_repeated(pair)] = -1
    return Candidates(row, place, every, broker, pair)


def _meet(
    seekers: Seekers,
    lot: slice,
    row: Ints,
    place: Ints,
    draw: Keys,
    places: Places,
    outside: int,
    noise: Noise,
) -> None:
    """Draw the places that a lot of seekers lack, and who is met there; in place."""
    homes, fields, handed = seekers.city[lot], seekers.field[lot], seekers.hand_over[lot]
    met = place == ELSEWHERE
    for hands_over, table in ((False, places.joint), (True, places.handed)):
        here = cells(met & (handed[:, None] == hands_over))
        place[here] = table.draw(homes[here[0]], fields[here[0]], noise.uniform(draw[here], 3))
    wanted = cells(row < 0)
    city, field = place[wanted], fields[wanted[0]]
    abroad = city == outside
    stand_in = np.zeros(int(abroad.sum()), dtype=np.int64)
    lots = draw[wanted]
    city[abroad] = places.anywhere.draw(stand_in, field[abroad], noise.uniform(lots[abroad], 4))
    row[wanted] = places.pool.draw(city, field, noise.uniform(lots, 5))


def _repeated(pair: Keys) -> Bools:
    """Return the mask of candidates that are in the list of their seeker already."""
    slots = np.ascontiguousarray(pair.T)
    repeated = [(slots[:slot] == key).any(axis=0) for slot, key in enumerate(slots)]
    return np.array(repeated, dtype=np.bool_).reshape(slots.shape).T


def _introduced(
    state: State, seekers: Seekers, draw: Keys, room: Floats, largest_deal: Floats, noise: Noise
) -> tuple[Ints, Ints]:
    """Return the seekers that a broker in reach, drawn by hash, has room to serve; and these."""
    brokers = state.brokers
    reaches = state.world.distance_km[:, brokers.city] <= brokers.reach_km[None, :]  # (C, B)
    who = np.nonzero(reaches)[1]
    counts = reaches.sum(axis=1)
    begin = np.cumsum(counts) - counts
    asks = np.flatnonzero(counts[seekers.city] > 0)
    size = counts[seekers.city[asks]]
    chosen = np.minimum((noise.uniform(draw[asks], 6) * size).astype(np.int64), size - 1)
    by = who[begin[seekers.city[asks]] + chosen]
    small = seekers.piece[asks] <= largest_deal[brokers.city[by]]
    asks, by = asks[small], by[small]
    turn = order_in_groups(by, noise.bits(draw[asks], 7))
    asks, by = asks[turn], by[turn]
    served = rank_within(by) < room[by]
    return asks[served], by[served]


class Pool:
    """Organisations by field and city, drawn in proportion to their effort in the field.

    ``rows``: rows of the organisations. ``city``: city of each. ``effort``: (F, n) effort of each
    by field. ``n_cities``: number of cities C.
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

    ``mass``: (F, D) effort by field and place. ``kernel``: (C, D) pull of each place on each city
    without mass. ``order``: (D,) places in the order along which they are drawn: that of their
    identities, so that the order in which a world lists them does not matter.
    """

    def __init__(self, mass: Floats, kernel: Floats, order: Ints) -> None:
        self.share: Floats = kernel[:, None, :] * mass[None, :, :]  # (C, F, D)
        total = self.share.sum(axis=2, keepdims=True)
        self.share = quotient(self.share, total)
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


def nearness(hours: Floats, decay_h: float, far: float) -> Floats:
    """Return f + (1 - f) exp(-t / t_0), the part of partnership that travel time leaves."""
    return far + (1.0 - far) * np.exp(-hours / decay_h)


def pull(
    hours: Floats, outside_hours: Floats, decay_h: float, far: float, passes: Floats, border: float
) -> Floats:
    """Return K, shape (C, C + 1): the `nearness` times the part that passes a border.

    ``passes``: (C, C), between cities. ``border``: to and from the rest of the nation.
    """
    inside = nearness(hours, decay_h, far) * passes
    outside = nearness(outside_hours, decay_h, far) * border
    return np.hstack([inside, outside[:, None]])
