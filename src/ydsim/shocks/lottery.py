"""Who is treated: intervals cut out of one uniform for each unit.

    treated_x = low <= u_x < low + share

u_x is one draw for each unit x, by the identity of x and the name of the shock, or of its ``arms``;
low is the sum of the shares of earlier shocks of the same arms, 0 for the first and without arms.
So no unit is in two arms of a group, and who is treated depends on nothing but these: not on later
arms, other shocks or groups, on policies, or on what has happened in the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.noise import Noise, identity
from ydsim.policies.base import Places, Target
from ydsim.processes.certify import size_of
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.scenario.schema.shocks import Shock
from ydsim.typing import Bools, Columns, Floats, Ints, Keys

Names = NDArray[Any]
"""Texts, (n,)."""

# -- what is drawn from ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """What a shock finds."""

    state: State
    """At the beginning of the quarter."""
    places: Places
    """Names of the world, for targets."""
    certify: CertifyParameters
    """Classes of the sizes of firms."""
    start: int
    """First year of the run."""

    def cities(self, target: Target) -> Ints:
        """Return the targeted cities."""
        return np.flatnonzero(target.city_mask(self.places))

    def provinces(self, target: Target) -> Ints:
        """Return the provinces with targeted cities."""
        return np.flatnonzero(target.province_mask(self.places))

    def organisations(self, target: Target) -> Bools:
        """Return which organisations live and are targeted by place and kind, (n,)."""
        table = self.state.organisations
        targeted: Bools = table.alive & (target.city_mask(self.places) > 0.0)[table.city]
        return targeted & (target.kind_mask() > 0.0)[table.kind]

    def firms(self, target: Target) -> Ints:
        """Return the rows of living firms that are targeted by place, industry and size."""
        table = self.state.organisations
        rows = np.flatnonzero(self.organisations(target) & (table.kind == FIRM))
        fits = (target.size_mask() > 0.0)[size_of(table.sales[rows], self.certify)]
        fits &= (target.industry_mask(self.places) > 0.0)[table.industry[rows]]
        return rows[fits]

    def city_of(self, rows: Ints) -> Names:
        """Return the name of the city of each organisation."""
        return named(self.state.world.city_names, self.state.organisations.city[rows])


def named(names: Sequence[str], index: NDArray[Any]) -> Names:
    """Return the name at each index."""
    return np.array(names, dtype=np.object_)[index]


def keys_of_names(kind: str, names: tuple[str, ...]) -> Keys:
    """Return the identity of each province or industry by its name."""
    return np.concatenate([np.empty(0, np.uint64), *(identity(kind, name) for name in names)])


def pair_of(one: Keys, other: Keys) -> Keys:
    """Return the identity of unordered pairs of identities."""
    return identity("pair", np.minimum(one, other), np.maximum(one, other))


# -- who is treated --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lottery:
    """The draws of one shock."""

    noise: Noise
    """Draws of shocks, which do not depend on the quarter."""
    label: str
    """Name of the shock, or of its arms."""
    low: float
    high: float
    """Ends of the interval of the uniform in which a unit is treated."""

    def ids(self, units: Keys) -> Keys:
        """Return the identity under which each unit draws."""
        return identity(self.label, units)

    def lots(self, units: Keys) -> Floats:
        """Return the uniform of each unit, (n,)."""
        noise = self.noise
        return noise.uniform(self.ids(units), 0)

    def treated(self, units: Keys) -> Bools:
        """Return which units are treated, (n,)."""
        u = self.lots(units)
        return (u >= self.low) & (u < self.high)


def lotteries(shocks: Sequence[Shock], noise: Noise) -> list[Lottery]:
    """Return the lottery of each shock, in the order of a scenario."""
    used: dict[str, float] = {}
    result = []
    for shock in shocks:
        # no name of a shock has a space
        label = f"arms {shock.arms}" if shock.arms else shock.name
        low = used.get(label, 0.0)
        used[label] = low + shock.share
        result.append(Lottery(noise, label, low, used[label]))
    return result


# -- the record ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assignment:
    """The units of one shock at one date; without ``treated`` they are its controls."""

    shock: Shock
    quarter: int
    """What was drawn, and when."""
    treated: Bools
    """(n,) which units are."""
    key: Keys
    place: Names
    other: Keys
    """(n,) identities of the units, or of both ends of a pair; 0 where there is no second. Of an
    organisation that loses a partner the second one is that partner."""
    other_place: Names
    """(n,) names of the city or province in which each is, and of the second, of a market its
    industry; empty for none."""


def alone(shock: Shock, quarter: int, treated: Bools, key: Keys, place: Names) -> Assignment:
    """Return units that are no pairs."""
    nobody, nowhere = np.zeros(len(key), dtype=np.uint64), np.full(len(key), "", dtype=np.object_)
    return Assignment(shock, quarter, treated, key, place, nobody, nowhere)


def shock_table(assignments: Sequence[Assignment], start: int) -> Columns:
    """Return one row for each unit of each shock, in the order in which they were drawn."""
    n = np.array([len(one.treated) for one in assignments], dtype=np.int64)
    quarter = np.repeat(np.array([one.quarter for one in assignments], dtype=np.int64), n)

    def text(name: str) -> Names:
        words = [getattr(one.shock, name) for one in assignments]
        return np.repeat(np.array(words, dtype=np.object_), n)

    def column(name: str, kind: type) -> NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *(getattr(one, name) for one in assignments)])

    return {
        "shock": text("name"),
        "kind": text("kind"),
        "arms": text("arms"),
        "unit": text("unit_drawn"),
        "key": column("key", np.uint64),
        "other": column("other", np.uint64),
        "place": column("place", np.object_),
        "other_place": column("other_place", np.object_),
        "treated": column("treated", np.bool_),
        "year": start + quarter // 4,
        "quarter": 1 + quarter % 4,
    }
