"""What the fit of a base run is to meet, what follows from its runs, and how far they are from it.

    misfit of cities     = sqrt(mean over the cities of a place of ln(made_c / official_c)^2)
    misfit of provinces  = ln(made_p / official_p)

by year, with made the mean over the replicates of secondary value added, 100m_rmb. A place is a
province or the whole. No city counts that makes nothing, no year in which the figure of a city of
the province is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.market_shift import Trace, solve_shift
from ydsim.measures.groups import over_provinces
from ydsim.model import Model
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Bools, Floats
from ydsim.world.base_run import BaseRun
from ydsim.world.city_output import city_parts, official_parts
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

Places = dict[str, tuple[float | None, ...]]
_NAMED = 5


def known_years(world: World, first: int) -> tuple[range, Bools]:
    """Return the years of the fit, and in which of them parts of a province are known, (P, Y).

    From ``first`` to the last year in which value added of all cities of a province is known, at
    most to that in which outcomes end (``until``); none where that lies before.
    """
    one_city = [int(np.argmax(world.city_province == p)) for p in range(world.n_provinces)]
    known = ~np.isnan(official_parts(world))[one_city] & (world.years <= world.until)
    last = int(world.years[known.any(axis=0)].max(initial=first - 1))
    years = range(first, last + 1)
    return years, known[:, first - int(world.years[0]) :][:, : len(years)]


def official_output(inputs: QuarterInputs, world: World, years: range) -> Floats:
    """Return official secondary value added of cities in the first ``years`` of a run, (C, Y)."""
    n = len(years)
    provinces = inputs.secondary[:-1, : 4 * n].reshape(world.n_provinces, n, 4).sum(axis=2)
    part = np.array([city_parts(world, year) for year in years]).reshape(n, world.n_cities).T
    made: Floats = part * provinces[world.city_province]
    return made


@dataclass(frozen=True)
class Target:
    """What is met: official value added.

    Attributes
    ----------
    scenario, world
        Of the runs.
    years
        Those that are fitted.
    official
        (C, Y) secondary value added of cities, 100m_rmb.
    known
        (P, Y) where figures of all cities of a province are known.
    probe
        A model of the scenario, for inputs and policies.
    """

    scenario: Scenario
    world: World
    years: range
    official: Floats
    known: Bools
    probe: Model

    @classmethod
    def of(cls, scenario: Scenario, world: World) -> Target:
        """Return what runs of ``scenario`` are to meet, which begins with the first year."""
        years, known = known_years(world, scenario.start)
        probe = Model(scenario, world=world, base=BaseRun())
        official = official_output(probe.state.inputs, world, years)
        return cls(scenario, world, years, official, known, probe)

    def following(self, traces: Sequence[Trace]) -> tuple[BaseRun, Bools]:
        """Return the base run that follows from ``traces``, and where v was solved, (C, Y)."""
        probe, start = self.probe, self.scenario.start
        environment = []
        for t in range(self.scenario.quarters):
            probe.state.quarter = t
            environment.append(probe.environment_at(probe.year))
        outside: Floats = np.mean(np.stack([t.outside for t in traces]), axis=0)
        outside -= outside[0]
        inputs, keys = probe.state.inputs, self.scenario.parameters.compete
        shift, makes = solve_shift(
            traces, outside, self.official, inputs, self.world, environment, keys
        )
        if not self.years:
            shift = np.zeros((self.world.n_cities, 1))
        base = BaseRun(
            innovative_share=float(np.mean([t.innovative_share for t in traces])),
            outside_log_productivity=np.round(outside, 6),
            market_shift=np.round(shift, 6),
            first_year=start,
            world=self.world.tables,
        )
        return base, makes

    def misfit(self, traces: Sequence[Trace]) -> dict[str, Places]:
        """Return how far the mean of ``traces`` is from official figures, see above."""
        n, world = len(self.years), self.world
        mean = np.mean([t.output for t in traces], axis=0)[: 4 * n]
        made = mean.reshape(n, 4, world.n_cities).sum(axis=1).T
        counts = self.known[world.city_province] & (made > 0.0)
        gap = np.zeros(made.shape)
        gap[counts] = np.log(made[counts] / self.official[counts])
        with np.errstate(divide="ignore", invalid="ignore"):
            cities = np.sqrt(self._by_place(gap**2) / self._by_place(counts.astype(np.float64)))
            provinces = np.log(self._by_place(made) / self._by_place(self.official))
        return {"cities": self._named(cities), "provinces": self._named(provinces)}

    def not_fitted(self, makes: Bools) -> tuple[str, ...]:
        """Return what could not be fitted, a line each; ``makes`` (C, Y) is where v was solved."""
        first, n = self.scenario.start, len(self.years)
        said = []
        if n == 0:
            said.append(
                f"market shifts: value added of cities is not known in {first} or later; they are 0"
            )
        if n == 1:
            said.append(
                f"market shifts after {first}: value added of cities is known in that year alone; "
                "they stay as they are in it"
            )
        for name, known in zip(self.world.provinces, self.known, strict=True):
            missing = [year for year, there in zip(self.years, known, strict=True) if not there]
            if missing:
                said.append(
                    f"market shifts of {name} in {_spans(missing)}: value added of its cities is "
                    "not known; it is carried on, in the parts of the nearest year"
                )
        idle = np.flatnonzero(~makes.all(axis=1)).tolist()
        if idle:
            names = ", ".join(self.world.city_names[c] for c in idle[:_NAMED])
            more = f" and {len(idle) - _NAMED} more" if idle[_NAMED:] else ""
            said.append(f"market shifts of {names}{more}: the runs make nothing there")
        return tuple(said)

    def _by_place(self, values: Floats) -> Floats:
        """Return sums of values by city (C, Y) over provinces, then over all, (P + 1, Y)."""
        inside = over_provinces(values.T, self.world.city_province, self.world.n_provinces).T
        return np.vstack([inside, values.sum(axis=0)])

    def _named(self, values: Floats) -> Places:
        known = np.vstack([self.known, self.known.all(axis=0)]) & np.isfinite(values)
        return {
            name: tuple(
                round(float(value), 5) if there else None
                for value, there in zip(line, told, strict=True)
            )
            for name, line, told in zip(
                (*self.world.provinces, self.world.total), values, known, strict=True
            )
        }


def _spans(years: Sequence[int]) -> str:
    """Return increasing years as text: ``2011-2013, 2015``."""
    spans: list[list[int]] = []
    for year in years:
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in spans)
