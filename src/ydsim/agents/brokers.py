"""Intermediaries as columns: brokers, who know fields and bring partners together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ydsim.measures.groups import rank_within
from ydsim.noise import Noise, identity
from ydsim.typing import Bools, Floats, Ints, Keys


@dataclass
class Brokers:
    """Intermediaries: B brokers.

    Attributes
    ----------
    key : 64-bit integer; -; static
        Identity for draws.
    city : integer; -; static
        City.
    capacity : real; introductions/quarter; static
        `brokers.capacity` times `s`.
    reach_km : real; km; dynamic
        Reach, `broker_reach` of its city.
    firms : real, (C,); firms; static; city
        Firms at scale 1 at the start of the burn-in, on which the number of brokers rests.
    fields : boolean, by field; -; static
        Technology fields that it knows.
    introductions : real; items; dynamic
        Candidates brought together in the quarter.
    deals : real; items; dynamic
        Deals brokered in the quarter.
    fees : real; 100m_rmb, sampled; dynamic
        Fees earned in the quarter.
    """

    key: Keys
    city: Ints
    capacity: Floats
    reach_km: Floats
    fields: Bools
    firms: Floats = field(default_factory=lambda: np.empty(0))
    introductions: Floats = field(default_factory=lambda: np.empty(0))
    deals: Floats = field(default_factory=lambda: np.empty(0))
    fees: Floats = field(default_factory=lambda: np.empty(0))

    def begin(self) -> None:
        """Open a quarter."""
        n = len(self.city)
        self.introductions, self.deals, self.fees = np.zeros(n), np.zeros(n), np.zeros(n)


def number_of_brokers(firms: Floats, per_1000: Floats | float) -> Ints:
    """Return the brokers of cities with ``firms`` (C,) at scale 1, rounded half up."""
    return np.floor(firms * per_1000 / 1000.0 + 0.5).astype(np.int64)


def make_brokers(
    firms: Floats,
    city_keys: Keys,
    per_1000: Floats | float,
    capacity: float,
    reach_km: Floats | float,
    fields: int,
    n_fields: int,
    noise: Noise,
) -> Brokers:
    """Return the brokers of cities with ``firms`` (C,) at scale 1; fields are drawn by hash.

    Density and reach may differ by city. Who a broker is and what it knows follow from its city
    and its number there alone, so that more brokers leave the others as they are.
    """
    number = number_of_brokers(firms, per_1000)
    # along the identities of cities, so that the order in a world does not matter
    order = np.argsort(city_keys, kind="stable")
    city = np.repeat(order, number[order])
    key = identity("broker", city_keys[city], rank_within(city))[: len(city)]
    lots = noise.bits(identity(key[:, None], np.arange(n_fields)[None, :]), 0)
    lots = lots.reshape(len(city), n_fields)
    rank = np.argsort(np.argsort(lots, axis=1, kind="stable"), axis=1, kind="stable")
    n = len(city)
    reach = np.broadcast_to(np.asarray(reach_km, dtype=np.float64), firms.shape)[city]
    knows = rank < min(fields, n_fields)
    brokers = Brokers(key, city, np.full(n, capacity), reach, knows, firms)
    brokers.begin()
    return brokers
