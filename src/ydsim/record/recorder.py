"""Record: what official statistics report, in their units, as arrays.

Counts and money of firms are divided by the scale. The recorder reads the state and the quarter's
tally and never changes them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import OUTSIDE, REGION
from ydsim.agents.projects import NOT_YET, STAGES
from ydsim.agents.state import CHANNELS, State
from ydsim.measures.groups import quotient, sums
from ydsim.record import observe, yearly
from ydsim.record.firms import FirmLog
from ydsim.record.indicators import INDICATORS, RECORDED
from ydsim.record.long_table import Block, LongTable, SpillBuffer
from ydsim.record.measures import NAMES as OF_YEARS
from ydsim.record.measures import YearMeasures
from ydsim.record.projects import HolderLog, ProjectLog, holder_table
from ydsim.record.yearly import KIND_NAMES, words
from ydsim.scenario.schema.scenario import Scenario
from ydsim.shocks.kinds import Assignment, shock_table
from ydsim.typing import Columns, Floats, Ints, Table
from ydsim.world.inputs import factors

# -- from recorded arrays to tables of equal columns ----------------------------------------------


def _years(quarter: NDArray[np.integer], start: int) -> dict[str, Ints]:
    """Return the columns of the date of quarters that are counted from 0."""
    year, of_year = np.divmod(quarter.astype(np.int64), 4)
    return {"year": start + year, "quarter": 1 + of_year}


def generation_table(state: State, start: int) -> Columns:
    """Return one row per generation alive in a recorded quarter."""
    generations, world = state.generations, state.world
    rows = np.flatnonzero(generations.retired >= 0)
    founded = _years(generations.founded[rows], start)
    lives = generations.live[rows]
    retired = _years(generations.retired[rows], start)
    outside = generations.origin[rows] == OUTSIDE
    return {
        "generation": rows,
        "industry": words(world.industries, generations.industry[rows]),
        "field": words(world.fields, generations.field[rows]),
        "origin": np.where(outside, "outside", "region").astype(object),
        **{f"founded_{name}": column for name, column in founded.items()},
        "founder_city": words((*world.city_names, ""), generations.city[rows]),
        **{f"retired_{name}": np.where(lives, -1, c) for name, c in retired.items()},
        "log_quality_founded": generations.quality0[rows],
        "log_quality": generations.log_quality[rows],
        "appeal": generations.appeal[rows],
        "launches_joined": generations.launches[rows],
        "eligible_founded": generations.eligible0[rows] / state.scale,
        "partners": generations.partners[rows],
        "public_share": generations.public[rows],
    }


def passport_table(state: State, start: int) -> Columns:
    """Return one row for each known stage of the generations founded in the region since then."""
    generations, world = state.generations, state.world
    ours = np.flatnonzero((generations.origin == REGION) & (generations.founded >= 0))
    index, stage = np.nonzero(generations.stage_end[ours] != NOT_YET)
    rows = ours[index]
    city = generations.stage_city[rows, stage]
    return {
        "generation": rows,
        "stage": words(STAGES, stage),
        "city": words(world.city_names, city),
        "province": words(world.provinces, world.city_province[city]),
        "kind": words(KIND_NAMES, generations.stage_kind[rows, stage]),
        **_years(generations.stage_end[rows, stage], start),
    }


def curves_of(state: State, quarter: int) -> Block:
    """Return adopters and eligible firms of living generations by province, at scale 1."""
    world, generations = state.world, state.generations
    n_j, n_p = len(world.industries), world.n_provinces
    live = generations.living()
    by_city = generations.adopters[live]
    adopters = [by_city[:, world.city_province == p].sum(axis=1) for p in range(n_p)]
    eligible = np.bincount(state.group_of(state.firms), minlength=n_j * n_p).reshape(n_j, n_p)
    return {
        "generation": live,
        "quarter": np.full(len(live), quarter),
        "adopters": np.stack(adopters, axis=1) / state.scale,
        "eligible": eligible[generations.industry[live]] / state.scale,
        "outside_share": generations.outside_share[live],
    }


def curve_table(found: Block, provinces: tuple[str, ...], start: int) -> Columns:
    """Return adopters and eligible firms of every living generation by quarter and province."""
    order = np.lexsort((found["quarter"], found["generation"]))
    found = {name: column[order] for name, column in found.items()}
    table: Columns = {"generation": found["generation"], **_years(found["quarter"], start)}
    for name in ("adopters", "eligible"):
        table[name] = found[name].sum(axis=1)
        table |= {f"{name}_{place}": found[name][:, p] for p, place in enumerate(provinces)}
    return {**table, "outside_share": found["outside_share"]}


def events_of(state: State, quarter: int) -> Block:
    """Return the adoptions of the present quarter: generation, firm and its city, channel."""
    events = state.adoptions
    return {
        "generation": events.generation,
        "firm": state.organisations.key[events.firm],
        "city": state.organisations.city[events.firm],
        "channel": events.channel,
        "quarter": np.full(len(events.firm), quarter),
    }


def event_table(events: SpillBuffer, state: State, start: int) -> LongTable:
    """Return one row for each adoption by a firm of the sample."""
    # nothing else of the state, which may go before the table
    cities = state.world.city_names

    def made(found: Block) -> Columns:
        return {
            "generation": found["generation"],
            "firm": found["firm"],
            "city": words(cities, found["city"]),
            **_years(found["quarter"], start),
            "channel": words(CHANNELS, found["channel"]),
        }

    return events.table(made)


def ledger_table(state: State, start: int) -> Columns:
    """Return the flows of every recorded year by payer, receiver and province, at scale 1."""
    totals: dict[tuple[int, str, str, str], Floats] = {}
    for entry in state.ledger.entries:
        year = start + entry.quarter // 4
        key = (year, entry.payer, entry.receiver, entry.flow)
        totals[key] = totals.get(key, np.zeros(state.world.n_provinces)) + entry.amount
    keys, n = sorted(totals), state.world.n_provinces
    each = [key for key in keys for _ in range(n)]
    amounts = [totals[key] / state.scale for key in keys]
    return {
        "year": np.array([key[0] for key in each], dtype=np.int64),
        **{
            name: np.array([key[k] for key in each], dtype=np.object_)
            for k, name in enumerate(("payer", "receiver", "flow"), 1)
        },
        "province": np.array([*state.world.provinces] * len(keys), dtype=np.object_),
        "amount": np.concatenate([np.empty(0), *amounts]),
    }


# -- the recorder ---------------------------------------------------------------------------------


class Recorder:
    """Series by region, province and city, yearly tables, adoption events and curves.

    ``settings``: the scenario: years, parameters that turn what is counted into official units, and
    in ``record`` what is kept. ``projects`` and ``holders``: the logs of projects, which may keep
    nothing, and of holders of inventions. ``drawn``: the list of who was treated, which shocks
    fill.
    """

    def __init__(
        self,
        state: State,
        settings: Scenario,
        projects: ProjectLog,
        holders: HolderLog,
        drawn: list[Assignment],
    ) -> None:
        world, quarters = state.world, settings.quarters
        self._state = state
        self._start = settings.start
        self._parameters = settings.parameters
        self._keep = settings.record
        self._projects = projects
        self._firms = FirmLog(
            settings.parameters.certify, len(world.fields), keeps=settings.record.firms
        )
        self._holders = holders
        self.drawn = drawn if settings.shocks else None
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
        self._anchors = factors(state.base, range(settings.start, settings.end + 1))
        self._measures = YearMeasures(world, self._anchors)
        self._held: list[Floats] = []
        self._knowledge: list[tuple[Floats, Floats]] = []
        self._curves = SpillBuffer(
            dict.fromkeys(("generation", "quarter"), np.int64)
            | dict.fromkeys(("adopters", "eligible"), (np.float64, world.n_provinces))
            | {"outside_share": np.float64}
        )
        self._events = SpillBuffer(
            {"generation": np.int32, "firm": np.uint64}
            | {"city": np.int16, "channel": np.int8, "quarter": np.int16}
        )

    def series(self, name: str, level: str = "region") -> Floats:
        """Return the recorded quarters of an indicator: shape (t,) for the region, else (t, n)."""
        parts = INDICATORS[name].of
        if parts is not None:
            top, bottom = (self.series(part, level) for part in parts)
            return quotient(top, bottom, np.nan)
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
            self._held.append(self._holders.of_year(state))
        self._curves.append(curves_of(state, t))
        if self._keep.adoption_events:
            self._events.append(events_of(state, t))
        self._firms.observe(state)
        self._done = t + 1

    def _indicators(self, t: int) -> None:
        state, of, n = self._state, self._state.world.city_province, self._state.world.n_provinces
        by_city = observe.by_city(state, self._parameters)
        by_province = observe.by_province(state)
        for name, by_year in self._anchors.items():
            k = by_year[t // 4]
            if name in by_city:
                by_city[name] = by_city[name] * k[of]
            else:
                by_province[name] = by_province[name] * k
        by_province |= {name: sums(of, values, n) for name, values in by_city.items()}
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
        n_years, curves = -(-self._done // 4), self._curves.rows(0, len(self._curves))
        found: dict[str, Table] = {
            "series": self._wide("region", "province"),
            "generations": generation_table(state, start),
            "passports": passport_table(state, start),
            "adoption_curves": curve_table(curves, world.provinces, start),
            "funnel": yearly.funnel_table(self._years, n_years, start),
            "contracts": yearly.contract_table(self._years, n_years, start, world.provinces),
            "knowledge": yearly.knowledge_table(
                self._knowledge, start, world.provinces, world.fields
            ),
            "ledger": ledger_table(state, start),
            "policy_costs": yearly.policy_cost_table(state, start),
            "policy_results": yearly.policy_result_table(
                state,
                start,
                self._done,
                {name: self.series(name, "province") for name in yearly.SEEN},
                world.total,
            ),
            "holders": holder_table(self._held, start, world.provinces),
        }
        if self._keep.cities:
            found["city_series"] = self._wide("city")
        if self._keep.adoption_events:
            found["adoption"] = event_table(self._events, state, start)
        if self._keep.ties:
            found["ties"] = yearly.tie_table(self._years, n_years, start, world.city_names)
        if self._keep.city_contracts:
            found["city_contracts"] = yearly.city_contract_table(
                self._years, n_years, start, world.city_names
            )
        if self._keep.agents:
            found["agents"] = yearly.agent_table(state, start, self._done - 1)
        if self._projects.keeps:
            found["projects"] = self._projects.table(state, start)
        if self._firms.keeps:
            found["firms"] = self._firms.table(state, start)
            found["firm_ties"] = self._firms.ties(start)
            found["organisation_ties"] = self._firms.all_ties(state, start)
        if self.drawn is not None:
            found["shocks"] = shock_table(self.drawn, start)
        return found

    def _wide(self, *levels: str) -> Columns:
        """Return one row per place and quarter, the places of a level after another, by time."""
        world, done = self._state.world, self._done
        names = {"region": (world.total,), "province": world.provinces, "city": world.city_names}
        places = [(level, place) for level in levels for place in names[level]]
        keys = dict(zip(("level", "region"), zip(*places, strict=True), strict=True))
        if levels == ("city",):
            home = tuple(world.provinces[p] for p in world.city_province)
            keys = {"city": world.city_names, "province": home}
        table: Columns = {
            name: np.repeat(np.array(each, dtype=np.object_), done) for name, each in keys.items()
        }
        table |= _years(np.tile(np.arange(done), len(places)), self._start)
        missing = {level: np.full((done, len(names[level])), np.nan) for level in levels}
        for name in INDICATORS:
            if any(name in self._series[level] for level in levels):
                each = [self._series[at].get(name, missing[at])[:done].T.ravel() for at in levels]
                table[name] = np.concatenate(each)
        return table
