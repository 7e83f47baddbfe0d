"""The small tables: brokers, media, consortia, patents, researchers, means and accounts.

Rules that compare with a mean compare with constants of the run, the means of the last `QUARTERS`
quarters of its burn-in, in which nothing is to grow: with the mean of the present they would delete
what all of a run gain together. The quarters of the burn-in compare with themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Final, Self

import numpy as np

from ydsim.agents.columns import Table
from ydsim.agents.projects import NOBODY
from ydsim.measures.groups import rank_within
from ydsim.noise import Noise, identity
from ydsim.typing import Floats, Ints, Keys

MOST_MEMBERS: Final = 20
"""Most members of a consortium, its lead included."""

LEAST_FOUND = 1e-6
"""Where nobody is there money does next to nothing."""

QUARTERS: Final = 8
"""Last quarters of the burn-in that make the constants (assumed: two years)."""


@dataclass
class Brokers:
    """Intermediaries: B brokers."""

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    city: Ints
    """integer; -; static. City."""
    capacity: Floats
    """real; introductions/quarter; static. `brokers.capacity` times `s`."""
    reach_km: Floats
    """real; km; dynamic. Reach, `broker_reach` of its city."""
    firms: Floats = field(default_factory=lambda: np.empty(0))
    """real, (C,); firms; static; city. Firms at scale 1 at the start of the burn-in, on which the
    number of brokers rests."""
    introductions: Floats = field(default_factory=lambda: np.empty(0))
    """real; items; dynamic. Candidates brought together in the quarter."""
    deals: Floats = field(default_factory=lambda: np.empty(0))
    """real; items; dynamic. Deals brokered in the quarter."""

    def begin(self) -> None:
        """Open a quarter."""
        n = len(self.city)
        self.introductions, self.deals = np.zeros(n), np.zeros(n)


def number_of_brokers(firms: Floats, per_1000: Floats | float) -> Ints:
    """Return the brokers of cities with ``firms`` (C,) at scale 1, rounded half up."""
    return np.floor(firms * per_1000 / 1000.0 + 0.5).astype(np.int64)


def make_brokers(
    firms: Floats,
    city_keys: Keys,
    per_1000: Floats | float,
    capacity: float,
    reach_km: Floats | float,
) -> Brokers:
    """Return the brokers of cities with ``firms`` (C,) at scale 1.

    Density and reach may differ by city. Who a broker is follows from its city and its number there
    alone, so that more brokers leave the others as they are.
    """
    number = number_of_brokers(firms, per_1000)
    # along the identities of cities, so that the order in a world does not matter
    order = np.argsort(city_keys, kind="stable")
    city = np.repeat(order, number[order])
    key = identity("broker", city_keys[city], rank_within(city))
    n = len(city)
    reach = np.broadcast_to(np.asarray(reach_km, dtype=np.float64), firms.shape)[city]
    brokers = Brokers(key, city, np.full(n, capacity), reach, firms)
    brokers.begin()
    return brokers


@dataclass
class Outlets:
    """Media: an outlet for each province."""

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    city: Ints
    """integer; -; static. Seat."""
    stories: Ints
    """integer; stories/quarter; static. Stories that it prints at most without a policy."""
    covered: Ints
    """integer; stories; dynamic. Stories of the quarter."""


class Consortia(Table):
    """One row per consortium; the lead comes first among the members, NOBODY fills up."""

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    policy: Keys
    """64-bit integer; -; static. Identity of the name of its policy."""
    field: Ints
    """integer; -; static. Technology field for which members were drawn."""
    ends: Ints
    """integer; quarter; static. Quarter in which it has ended."""
    tie: Floats
    """real; projects; static. Strength below which ties of its members do not fall."""
    members: Ints
    """integer, 20; -; dynamic. Rows of members, the lead first, -1 nobody; follows firms that
    move."""

    def __init__(self) -> None:
        super().__init__(width={"members": MOST_MEMBERS}, default={"members": NOBODY})

    @property
    def lead(self) -> Ints:
        """Row of the leading firm of each consortium."""
        return self.members[:, 0]

    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """Return both ends of all pairs of members and the strength that their tie keeps."""
        i, j = np.triu_indices(MOST_MEMBERS, 1)
        a, b = self.members[:, i], self.members[:, j]
        both = (a >= 0) & (b >= 0)
        return a[both], b[both], np.broadcast_to(self.tie[:, None], both.shape)[both]


@dataclass
class Patents:
    """Patents at scale 1 by city."""

    applications: Floats
    """real, (C, 24); items; dynamic. Applications by quarter, a ring, at scale 1."""
    due: Floats
    """real, (C, T); items; static. Grants out of applications filed before the run, by quarter; T
    is 23, 0 without official figures."""
    in_force: Floats
    """real, (C,); items; dynamic. Invention patents in force."""
    university: Floats
    """real, (C,); items; dynamic. Inventions of universities that have not lapsed."""
    last_due: Floats
    """real, (C,); items; dynamic. Applications due in a mean quarter of the last year of official
    grants of the nation; zero until then."""


@dataclass
class Talent:
    """Researchers at scale 1."""

    stock: Ints
    """integer, (C + 1,); FTE; dynamic. Researchers by city at scale 1, the rest of the nation
    last."""
    demand: Floats
    """real, (C + 1,); FTE; dynamic. Researchers asked for at the wage of the province."""
    wage: Floats
    """real, (C,); 1; dynamic; city. Wage factor theta: wage of the city over that of its
    province."""
    moves: Ints
    """integer, (C + 1, C + 1); FTE; dynamic; place and place. Moves of the quarter from row to
    column; zero on the diagonal."""
    found: Floats
    """real, (C,); 1; dynamic; city. Part phi of the researchers whom organisations can pay that is
    there."""
    start: int
    """integer; FTE; static. Researchers of all cities when the run began."""

    @property
    def cost(self) -> Floats:
        """Money for a researcher who works over the wage of the province, (C,).

        Where posts stay open, theirs is spent and does no work.
        """
        return self.wage / np.maximum(self.found, LEAST_FOUND)


@dataclass(slots=True)
class Means:
    """What rules found on average in a quarter."""

    effort: Floats
    """(F,) mean effort of an organisation in each field, researcher-quarters."""
    drift: Floats
    """(F,) d_f, what keeps the mean of knowledge in each field at zero, log."""
    access: Floats
    """(F,) Gbar, knowledge within reach, mean over cities, 100m_rmb."""
    research: Floats
    """(J,) mean log of R&D capital over value added in each industry, log years."""
    returned: Floats
    """(J, P) launches of firms over what their size lets expect, by industry and province."""
    outside_research: float = 0.0
    """Log of R&D capital over GDP of the rest of the nation, log years."""
    launches: float = 0.0
    """Launches of the last four quarters at scale 1."""
    founder_quality: float = 1.0
    """Expected quality of founders, mean over industries."""
    returns: float = 0.0
    """Faded launches of firms over what their size lets expect, lambda."""

    @classmethod
    def none(cls, n_fields: int, n_industries: int, n_provinces: int) -> Self:
        """Return the means of a quarter in which nothing has been found yet."""
        by_field = np.zeros(n_fields)
        returned = np.ones((n_industries, n_provinces))
        by_industry = np.zeros(n_industries)
        return cls(by_field, by_field.copy(), by_field.copy(), by_industry, returned)

    @classmethod
    def over(cls, quarters: Sequence[Self]) -> Self:
        """Return the means over some quarters, in this order."""
        mean = quarters[-1].copy()
        for name in (each.name for each in fields(cls)):
            setattr(mean, name, np.mean([getattr(one, name) for one in quarters], axis=0))
        return mean

    def copy(self) -> Self:
        """Return means that do not change any more."""
        return deepcopy(self)


def first_entries(noise: Noise, city_keys: Keys, n_industries: int) -> Floats:
    """Return entrants due to each city and industry at the beginning, (C, J), uniform."""
    cells = identity("account", city_keys[:, None], np.arange(n_industries))
    return noise.uniform(cells.ravel(), 8).reshape(len(city_keys), n_industries)


def first_foundings(noise: Noise, n_industries: int, n_fields: int) -> Floats:
    """Return foundings due to each industry and field at the beginning, (J, F), uniform."""
    cells = identity("account", np.arange(n_industries * n_fields))
    return noise.uniform(cells, 9).reshape(n_industries, n_fields)
