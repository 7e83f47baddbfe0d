"""Record: what official statistics report, in their units, as arrays.

Counts and money of firms are divided by the scale. The recorder reads the state and the quarter's
tally and never changes them.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.record import observe, tables, yearly
from ydsim.record import public_finance as public
from ydsim.record.firms import FirmLog
from ydsim.record.holders import HolderLog, holder_table
from ydsim.record.indicators import INDICATORS, RECORDED
from ydsim.record.long_table import Shelf
from ydsim.record.measures import NAMES as OF_YEARS
from ydsim.record.measures import YearMeasures
from ydsim.record.projects import ProjectLog
from ydsim.scenario.schema.scenario import Scenario
from ydsim.shocks.assignments import Assignment, shock_table
from ydsim.typing import Columns, Floats, Table


class Recorder:
    """Series by region, province and city, yearly tables, adoption events and curves.

    Parameters
    ----------
    settings
        The scenario: years, parameters that turn what is counted into official units, and in
        ``record`` what is kept.
    projects, holders
        The logs of projects, which may keep nothing, and of holders of inventions.
    drawn
        The list of who was treated, which shocks fill.
    """

    def __init__(
        self,
        state: State,
        settings: Scenario,
        projects: ProjectLog | None = None,
        holders: HolderLog | None = None,
        drawn: list[Assignment] | None = None,
    ) -> None:
        world, quarters = state.world, settings.quarters
        self._state = state
        self._start = settings.start
        self._parameters = settings.parameters
        self._keep = settings.record
        self._projects = projects
        self._firms = FirmLog(settings.parameters.certify, keeps=settings.record.firms)
        self._holders = holders
        self._shocks = drawn if settings.shocks else None
        self._done = 0
        self.last: dict[str, float] = {}
        width = {"region": 1, "province": world.n_provinces, "city": world.n_cities}
        self._series = {
            level: {
                name: np.full((quarters, n), np.nan)
                for name, indicator in RECORDED.items()
                if level in indicator.levels
            }
            for level, n in width.items()
        }
        self._years = yearly.Years()
        self._measures = YearMeasures(world)
        self._held: list[Floats] = []
        self._knowledge: list[tuple[Floats, Floats]] = []
        self._curves: list[tables.Curve] = []
        self._events = Shelf(tables.EVENT)

    def series(self, name: str, level: str = "region") -> Floats:
        """Return the recorded quarters of an indicator: shape (t,) for the region, else (t, n)."""
        parts = INDICATORS[name].of
        if parts is not None:
            top, bottom = (self.series(part, level) for part in parts)
            missing = np.full_like(bottom, np.nan)
            return np.divide(top, bottom, out=missing, where=bottom > 0.0)
        values: Floats = self._series[level][name][: self._done]
        return values[:, 0] if level == "region" else values

    def observe(self) -> None:
        """Record the quarter that has just ended."""
        state, t = self._state, self._done
        self._indicators(t)
        sold = yearly.supply(state)
        yearly.add_quarter(self._years, t // 4, state, sold if self._keep.ties else None)
        self._measures.add(state, sold)
        if t % 4 == 3:
            found = self._measures.close(self._series, t, self._start + t // 4)
            for level, measures in found.items():
                for name, values in measures.items():
                    self._series[level][name][t] = values
            self._knowledge.append(yearly.province_knowledge(state))
            if self._holders is not None:
                self._held.append(self._holders.of_year(state))
        self._curves.append(tables.curve_of(state, t))
        if self._keep.adoption_events:
            self._events.append(tables.events_of(state, t))
        self._firms.observe(state)
        self._done = t + 1

    def _indicators(self, t: int) -> None:
        state, of, n = self._state, self._state.world.city_province, self._state.world.n_provinces
        by_city = observe.by_city(state, self._parameters)
        by_province = {name: sums(of, values, n) for name, values in by_city.items()}
        by_province |= observe.by_province(state)
        self.last = observe.whole(state)
        found: dict[str, dict[str, Floats]] = {
            "city": by_city,
            "province": by_province,
            "region": {name: values.sum(keepdims=True) for name, values in by_province.items()},
        }
        found["region"] |= {name: np.array([value]) for name, value in self.last.items()}
        for level, means in observe.means(state, self._parameters.media.awareness).items():
            found[level] |= means
            if level != "city":
                spent, product = found[level]["rd_expenditure"], found[level]["gdp_alt"]
                found[level]["rd_intensity_gdp"] = 100.0 * spent / product
        for level, series in self._series.items():
            for name, values in series.items():
                if name not in OF_YEARS:
                    values[t] = found[level][name]

    def tables(self) -> dict[str, Table]:
        """Return everything recorded as tables of equal columns; see ``docs/results.md``."""
        state, world, start = self._state, self._state.world, self._start
        n_years = -(-self._done // 4)
        found: dict[str, Table] = {
            "series": self._wide(("region", "province")),
            "generations": tables.generation_table(state, start),
            "passports": tables.passport_table(state, start),
            "adoption_curves": tables.curve_table(self._curves, world.provinces, start),
            "funnel": yearly.funnel_table(self._years, n_years, start),
            "contracts": yearly.contract_table(self._years, n_years, start, world.provinces),
            "knowledge": yearly.knowledge_table(
                self._knowledge, start, world.provinces, world.fields
            ),
            "ledger": tables.ledger_table(state, start),
            "policy_costs": public.policy_cost_table(state, start),
            "policy_results": public.policy_result_table(
                state,
                start,
                self._done,
                {name: self.series(name, "province") for name in public.SEEN},
                world.total,
            ),
        }
        if self._holders is not None:
            found["holders"] = holder_table(self._held, start, world.provinces)
        if self._keep.cities:
            found["city_series"] = self._wide(("city",))
        if self._keep.adoption_events:
            found["adoption"] = tables.event_table(self._events, state, start)
        if self._keep.ties:
            found["ties"] = yearly.tie_table(self._years, n_years, start, world.city_names)
        if self._keep.city_contracts:
            found["city_contracts"] = yearly.city_contract_table(
                self._years, n_years, start, world.city_names
            )
        if self._keep.agents:
            found["agents"] = yearly.agent_table(state, start, self._done - 1)
        if self._projects is not None and self._projects.keeps:
            found["projects"] = self._projects.table(state, start)
        if self._firms.keeps:
            found["firms"] = self._firms.table(state, start)
            found["firm_ties"] = self._firms.ties(start)
            found["organisation_ties"] = self._firms.all_ties(state, start)
        if self._shocks is not None:
            found["shocks"] = shock_table(self._shocks, start)
        return found

    def _wide(self, levels: tuple[str, ...]) -> Columns:
        world = self._state.world
        names = {"region": (world.total,), "province": world.provinces, "city": world.city_names}
        return tables.series_table(
            {level: self._series[level] for level in levels},
            names,
            self._start,
            self._done,
            tuple(world.provinces[p] for p in world.city_province),
        )
