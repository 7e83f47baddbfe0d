"""Measures of a year: coupling by region, province and city, and the collaboration index.

They are formed with the fourth quarter, from flows of the year and stocks at its end, and are
recorded in that quarter alone.

Figures by city: what the contract market sells is known by city. The rest of the value of
contracts that a province sells is shared over its cities in proportion to the contracts that their
organisations could have sold (expected links), since a sample has few of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.tally import EXPECTED
from ydsim.measures.groups import sums
from ydsim.record import collaboration, coupling
from ydsim.record.indicators import INDICATORS
from ydsim.typing import Floats
from ydsim.world.measure_base import load_measure_base
from ydsim.world.world import World

NAMES: Final = (*coupling.NAMES, *collaboration.NAMES)
"""Indicators that are formed once a year."""

SOLD: Final = "tech_market_contract_value_output"
Series = Mapping[str, Mapping[str, Floats]]
"""Recorded quarters (T, n) by level and name of the indicator."""


class YearMeasures:
    """Sums of the quarters of a year, and its measures."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._base = load_measure_base()
        self._flows_2011 = self._base.flows_of(world)
        self._clear()

    def _clear(self) -> None:
        n = self._world.n_provinces + 1
        self._flows = {name: np.zeros(n) for name in collaboration.FLOWS}
        self._sellers = np.zeros(self._world.n_cities)
        self._market = np.zeros(self._world.n_cities)

    def add(self, state: State, sold: Floats) -> None:
        """Add a quarter; ``sold`` is what each place sells to each place in it."""
        for name, flow in collaboration.cross_flows(state, sold).items():
            self._flows[name] += flow
        self._sellers += state.tally.links.contract[EXPECTED, :-1].sum(axis=1)
        self._market += state.tally.contract_pairs.market_registered[:-1].sum(axis=1)

    def close(self, series: Series, t: int, year: int) -> dict[str, dict[str, Floats]]:
        """Return the measures of the year that ends with quarter ``t``, by level and name."""
        world = self._world
        people = coupling.residents(world, year)
        by_province = sums(world.city_province, people, world.n_provinces)
        heads = {"city": people, "province": by_province, "region": by_province.sum(keepdims=True)}
        found = {}
        for level, residents in heads.items():
            scores = coupling.scores(self._yearly(series, level, t), residents, self._base)
            found[level] = coupling.degrees(scores)
        for name, points in collaboration.indices(self._flows, self._flows_2011).items():
            found["province"][name], found["region"][name] = points[:-1], points[-1:]
        self._clear()
        return found

    def _yearly(self, series: Series, level: str, t: int) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for name in (*coupling.TECHNOLOGY, *coupling.INDUSTRY):
            if name == SOLD and level == "city":
                found[name] = self._by_city(_year(series["province"], name, t))
            else:
                found[name] = _year(series[level], name, t)
        return found

    def _by_city(self, total: Floats) -> Floats:
        """Return a provincial total (P,) by city: what the market sold, and the rest shared.

        The rest is shared evenly where no city could sell.
        """
        of, n = self._world.city_province, self._world.n_provinces
        whole = sums(of, self._sellers, n)[of]
        even = 1.0 / np.bincount(of, minlength=n)[of]
        share = np.divide(self._sellers, whole, out=even, where=whole > 0.0)
        rest = total - sums(of, self._market, n)
        by_city: Floats = self._market + rest[of] * share
        return by_city


def _year(series: Mapping[str, Floats], name: str, t: int) -> Floats:
    """Return an indicator of the year that ends with quarter ``t``, as a tidy table has it."""
    quarters = series[name][t - 3 : t + 1]
    kind = INDICATORS[name].kind
    of_year: Floats = quarters[-1] if kind == "stock" else quarters.sum(axis=0)
    return of_year / 4.0 if kind == "mean" else of_year
