"""Fit of a world to its data: the base run, whose constants all scenarios are measured against.

Each pass runs the replicates of a scenario and then solves the shift v of each city in the middle
of each year, until the mean of the replicates makes official secondary value added of cities to the
last year in which it is known:

    v_cy <- v_cy + ln(V_cy / mean over runs of simulated value added), repeated until the largest
            step is below `TOLERANCE`

V_cy is official secondary value added of city c in year y (100m_rmb): the official part of the
city, spliced where the vintage changes, of what its province makes. Markets are solved alone, under
the productivity of the traces, which hardly depends on v, so that a few passes suffice. A city that
makes nothing in all runs of a year keeps its v.

After the last of these years, to the last one of the scenario, all cities have one more shift, with
which the region makes what it buys, secondary value added as inputs go on. It is solved from the
last pass and once more from the runs under the result.

The price path is the mean of the lagged log price index of each place over runs of the same draws
under the result, to the last year of the scenario. Demand in all these runs is official.

What was met is read from runs: those of the first pass, which has no fit, those of the same draws
under the result, and those of as many other draws (`ydsim.world.base_run.Misfit`):

    misfit of cities     = sqrt(mean over the cities of a place of ln(made_c / official_c)^2)
    misfit of provinces  = ln(made_p / official_p)
    misfit of research   = ln(R_p / official R_p)

by year, with made the mean over the replicates of secondary value added, R that of R&D of firms,
100m_rmb. A place is a province or the whole. No city counts that makes nothing, no year in which
the figure of a city of the province is not known.

The file carries a hash of everything that it was made under. A folder is fitted under its own
scenario, and runs with it use the fit from then on, as long as its tables stay as they are; of the
packaged region a test fails when the file is stale.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ydsim import arguments
from ydsim.design.sweep import Everything
from ydsim.engines import Engine, engine_of
from ydsim.errors import ResourceError, UsageError
from ydsim.fmt import counted
from ydsim.measures.groups import over_provinces, parts_within
from ydsim.model import Model
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import (
    arrival,
    ces_shares,
    city_shares,
    quarterly_part,
    supply,
)
from ydsim.record.indicators import INDICATORS
from ydsim.run.progress import Progress, Report
from ydsim.run.replicate import MakeModel, Measure, PartTask, ReplicateFailedError, RunTask
from ydsim.run.scheduler import RunOptions, Scheduler
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.scenario.schema.scenario import Record, Scenario
from ydsim.store.files import write_atomic
from ydsim.store.manifest import ydsim_version
from ydsim.store.points import Plan
from ydsim.typing import Bools, Floats
from ydsim.untrusted_input import one_line
from ydsim.world.base_run import FILE, WHAT, WHEN, BaseRun, Made, Misfit, Misfits, shift_path
from ydsim.world.inputs import (
    PARTS,
    QuarterInputs,
    carried_on,
    knots_of,
    lean_shift,
    official_rd,
    output_weights,
)
from ydsim.world.loader import FIRST_YEAR, PACKAGED, folder_of, load_world
from ydsim.world.priors import city_parts, official_parts
from ydsim.world.world import World

REPLICATES, PASSES = 5, 4
RD = "rd_expenditure"
TOLERANCE = 1e-7
ITERATIONS = 200
OWN, USUAL = "scenario.yaml", "plain"

AfterPass = Callable[[int, BaseRun], None]
Places = dict[str, tuple[float | None, ...]]
_NAMED = 5


def fit_world(
    folder: str | Path,
    *,
    scenario: str | Path | Scenario | None = None,
    overrides: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    passes: int = PASSES,
    jobs: int = 1,
    allow_code: bool = False,
    progress: Report | None = None,
) -> WorldFit:
    """Fit the region of a folder to its data and write ``base_run.json`` into it.

    Parameters
    ----------
    folder
        Of the world. A fit that is in it is replaced; nothing else is written.
    scenario
        Whose parameters, policies, scale and seed hold; by default ``scenario.yaml`` of the folder,
        or ``plain`` where there is none. Its world is that of the folder, whatever it says.
    overrides
        Values by dotted key laid over a scenario that is given by name or path.
    replicates, passes
        Runs of each pass, and passes; as many runs twice more say how far off it is.
    jobs
        Processes. The file does not depend on it.
    allow_code
        As for `ydsim.load_scenario`.
    progress
        Called with how far it is.

    Raises
    ------
    UsageError, ScenarioError, InputError, ResourceError
        Nothing was written.
    Stopped
        After a signal; nothing was written.
    """
    name = arguments.path("folder", folder, "the folder of a world")
    if name in PACKAGED and not Path(name).exists():
        raise UsageError(
            f"{name!r} comes with ydsim, with its fit; fit a folder, as `ydsim world new FOLDER "
            f"--from {name}` writes one"
        )
    replicates = arguments.whole("replicates", replicates, 1, 10_000)
    passes = arguments.whole("passes", passes, 1, 1000)
    arguments.maybe_callable("progress", progress)
    root = folder_of(name)
    world, where = load_world(root), str(root.absolute())
    if isinstance(scenario, Scenario):
        if overrides:
            raise UsageError("overrides can be laid over the name or path of a scenario only")
        settings = scenario.model_copy(update={"world": where})
    else:
        own = root / OWN
        given = (own if own.exists() else USUAL) if scenario is None else scenario
        changes = {**(overrides or {}), "world": where}
        settings = load_scenario(given, changes, allow_code=allow_code)
    if not os.access(root, os.W_OK):
        raise ResourceError(f"cannot write {one_line(str(root / FILE))}: permission denied")
    base = fit_base_run(
        settings,
        world,
        replicates=replicates,
        passes=passes,
        engine=engine_of(None, jobs),
        report=progress,
    )
    write_atomic(root / FILE, dump(base).encode("utf-8"))
    return WorldFit(root / FILE, base)


@dataclass(frozen=True)
class WorldFit:
    """A fit that has been written.

    Attributes
    ----------
    path
        The file.
    base
        What is in it.
    """

    path: Path
    base: BaseRun

    @property
    def made(self) -> Made:
        """Where it comes from, and its misfit."""
        assert self.base.made is not None
        return self.base.made

    def rmse(self, what: str, when: str) -> dict[str, float | None]:
        """Return the log RMSE over the fitted years by place, None where none is known.

        Parameters
        ----------
        what
            ``"cities"`` or ``"provinces"`` for value added, ``"research"`` for R&D of firms.
        when
            ``"before"`` the fit, ``"after"`` it, or after it under ``"other_draws"``.
        """
        found = {}
        for place, line in self.made.misfit.model_dump()[when][what].items():
            known = [value for value in line if value is not None]
            found[place] = float(np.sqrt(np.mean(np.square(known)))) if known else None
        return found

    @property
    def noisy(self) -> str:
        """A remark where the fit brings other draws no nearer to official figures, else empty."""
        before, other = (self.rmse("cities", when) for when in (WHEN[0], WHEN[2]))
        whole = [*before][-1]
        known, now = before[whole], other[whole]
        if known is None or now is None or now < known:
            return ""
        return (
            f"under other draws cities are no nearer to official figures than without the fit "
            f"({now:.3f}, {known:.3f}): it follows chance; raise --replicates or `scale`"
        )

    @property
    def text(self) -> str:
        """The misfit before and after as tables, and what was not fitted."""
        made = self.made
        lines = [f"not fitted: {line}" for line in made.not_fitted]
        if made.last_year < made.first_year:
            return "\n".join(lines)
        years = f"{made.first_year}-{made.last_year}"
        if made.last_year == made.first_year:
            years = f"{made.first_year}"
        mean = f"log RMSE of the mean of {counted(made.replicates, 'run')} to official figures"
        table = [
            f"value added {years}, {mean}",
            *self._table(*WHAT[:2]),
            f"R&D of firms {years}, {mean}",
            *self._table(WHAT[2]),
        ]
        return "\n".join(line.rstrip() for line in [*table, *lines])

    def _table(self, *kinds: str) -> list[str]:
        rmse = {(what, when): self.rmse(what, when) for what in kinds for when in WHEN}
        places = [*rmse[kinds[0], WHEN[0]]]
        width = max(map(len, places)) + 2
        head = "".join(f"{when.replace('_', ' '):>13}" for when in WHEN)
        named = "".join(f"{what:^{len(head)}}".rstrip().ljust(len(head)) for what in kinds)
        table = [" " * width + named] if len(kinds) > 1 else []
        table.append(" " * width + head * len(kinds))
        for place in places:
            values = (rmse[what, when][place] for what in kinds for when in WHEN)
            cells = ("-" if value is None else f"{value:.3f}" for value in values)
            table.append(f"{place:<{width}}" + "".join(f"{cell:>13}" for cell in cells))
        return table


def fit_base_run(
    scenario: Scenario,
    world: World,
    *,
    replicates: int = REPLICATES,
    passes: int = PASSES,
    engine: Engine | None = None,
    report: Report | None = None,
    after_pass: AfterPass = lambda number, base: None,
) -> BaseRun:
    """Return the base run of a world, with where it comes from.

    The scenario, whose world it is, gives parameters, policies, scale and seed; of the replicates
    0, 1, ... are those of the fit, as many others follow. ``report`` is called with how far the
    whole fit is, ``after_pass`` with the number of each pass and what it gave. `Stopped` after a
    signal. `ReplicateFailedError` or `YdsimError` when a run failed, or the world changed
    meanwhile.
    """
    settings = fit_settings(scenario, world)
    long = settings.model_copy(update={"end": max(settings.end, scenario.end)})
    target, own = Target.of(long, world), range(replicates)
    parts = [*[settings] * (passes - 1), long, *([long, settings] if target.years else [])]
    costs = [one.quarters * replicates for one in parts]

    def run(number: int, base: BaseRun, draws: Sequence[int]) -> list[Trace]:
        told = None if report is None else _part_of(report, number, costs, replicates)
        make = partial(TracedModel, base=base)
        return measure_runs(parts[number], draws, TracedModel.trace, engine, told, make_model=make)

    base, misfit, makes = BaseRun(), Misfit(), target.known[:0]
    price: Floats | None = None
    anchors: dict[str, Floats] | None = None
    for number in range(passes):
        traces = run(number, base, own)
        if not number:
            misfit[WHEN[0]] = target.misfit(traces)
        base, makes = target.following(traces, base)
        after_pass(number + 1, base)
    base = target.afterwards(traces, base)
    for number, (when, draws) in enumerate(
        ((WHEN[1], own), (WHEN[2], range(replicates, 2 * replicates))), start=passes
    ):
        traces = run(number, base, draws) if target.years else traces
        misfit[when] = target.misfit(traces)
        if target.years and when == WHEN[1]:
            price = np.round(np.mean([t.log_price for t in traces], axis=0).T, 6)
            anchors, base = target.anchors(traces), target.afterwards(traces, base)
    made = Made(
        ydsim=ydsim_version(),
        scenario=scenario.name,
        replicates=replicates,
        passes=passes,
        scale=settings.scale,
        seed=settings.seed,
        first_year=settings.start,
        last_year=target.years.stop - 1,
        not_fitted=target.not_fitted(makes),
        misfit=Misfits.model_validate(misfit),
    )
    return replace(
        base,
        parameters=fingerprint(settings, world),
        log_price=price,
        anchors=anchors or None,
        made=made,
    )


def _part_of(report: Report, number: int, costs: Sequence[int], runs: int) -> Report:
    """Return what tells ``report`` of one of several batches of ``runs`` runs as of the whole."""
    before, total = sum(costs[:number]), sum(costs)

    def told(now: Progress) -> None:
        share = (before + now.share * costs[number]) / total
        done = number * runs + now.done
        report(replace(now, done=done, total=len(costs) * runs, share=share))

    return told


def fit_settings(scenario: Scenario, world: World) -> Scenario:
    """Return the scenario of the runs of a fit, from that which is asked for.

    It begins with the first year of a run and ends after all years that are fitted, without shocks
    and deciding governments. The fit is to official figures, and what comes after them goes on by
    its central path.
    """
    first = max(FIRST_YEAR, int(world.years[0]))
    years, _ = known_years(world, first)
    research = official_rd(world, first)
    spent = 0 if research is None else research.shape[1]
    inputs = scenario.parameters.inputs.model_copy(update={"uncertainty": 0.0})
    return Scenario(
        name=scenario.name,
        world=scenario.world,
        start=first,
        end=max(first, first + max(len(years), spent) - 1),
        scale=scenario.scale,
        seed=scenario.seed,
        record=Record(adoption_events=False, cities=False, ties=False, agents=False),
        parameters=scenario.parameters.model_copy(update={"inputs": inputs}),
        policies=scenario.policies,
    )


def fingerprint(scenario: Scenario, world: World) -> str:
    """Return the hash of parameters, policies and tables under which a base run is made.

    Settings that do not change it are at their defaults.
    """
    inputs = scenario.parameters.inputs.model_copy(update={"uncertainty": 1.0})
    answer = CompeteParameters().demand_elasticity
    compete = scenario.parameters.compete.model_copy(update={"demand_elasticity": answer})
    parameters = scenario.parameters.model_copy(update={"inputs": inputs, "compete": compete})
    plain = Scenario(parameters=parameters, policies=scenario.policies)
    return scenario_hash(plain) + ":" + world.tables


def dump(base: BaseRun) -> str:
    """Return the file of a base run as JSON."""
    assert base.market_shift is not None
    data: dict[str, Any] = {
        "parameters": base.parameters,
        "world": base.world,
        "first_year": base.first_year,
        "market_shift": base.market_shift.tolist(),
    }
    for name in ("log_price", "rd_shift", "city_lean"):
        if (lines := getattr(base, name)) is not None:
            data[name] = _listed(lines)
    if base.anchors is not None:
        data["anchors"] = {name: _listed(lines) for name, lines in base.anchors.items()}
    made: Mapping[str, Any] = {} if base.made is None else {"made": base.made.model_dump()}
    return json.dumps({**data, **made}, indent=1, ensure_ascii=False) + "\n"


def _listed(lines: Floats) -> list[list[float | None]]:
    return [[None if np.isnan(value) else value for value in line] for line in lines.tolist()]


# -- What is met


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


@dataclass(frozen=True)
class Target:
    """What is met: official value added."""

    scenario: Scenario
    world: World
    years: range  # those that are fitted
    official: Floats  # (C, Y) secondary value added of cities, 100m_rmb
    known: Bools  # (P, Y) where figures of all cities of a province are known
    probe: Model  # a model of the scenario, for inputs and policies

    @classmethod
    def of(cls, scenario: Scenario, world: World) -> Target:
        """Return what runs of ``scenario`` are to meet, which begins with the first year."""
        years, known = known_years(world, scenario.start)
        probe = Model(scenario, world=world, base=BaseRun())
        n, made = len(years), probe.state.inputs.secondary[:-1]
        provinces = made[:, : 4 * n].reshape(world.n_provinces, n, 4).sum(axis=2)
        part = np.array([city_parts(world, year) for year in years]).reshape(n, world.n_cities).T
        official = part * provinces[world.city_province]
        return cls(scenario, world, years, official, known, probe)

    def following(self, traces: Sequence[Trace], base: BaseRun) -> tuple[BaseRun, Bools]:
        """Return the base run that follows from ``traces``, which were run under ``base``.

        And where v was solved, (C, Y).
        """
        start, inputs = self.scenario.start, self.probe.state.inputs
        sales = self._markets(traces, len(self.years))
        shift, makes = solve_shift(sales, self.official, inputs, self.world)
        if not self.years:
            shift = np.zeros((self.world.n_cities, 1))
        found = BaseRun(
            market_shift=np.round(shift, 6),
            first_year=start,
            world=self.world.tables,
            rd_shift=self._research(traces, base),
            city_lean=self._lean(traces, base),
        )
        return found, makes

    def afterwards(self, traces: Sequence[Trace], base: BaseRun) -> BaseRun:
        """Return ``base`` with what ``traces`` give as v after the fitted years, see above."""
        inputs, n, years = self.probe.state.inputs, len(self.years), self.scenario.quarters // 4
        if not n or n == years or base.market_shift is None:
            return base
        sales, weight = self._markets(traces, years), output_weights(self.world, self.scenario.end)
        bought = inputs.secondary[:-1].sum(axis=0).reshape(years, 4).sum(axis=1)[n:]
        fitted, after = base.market_shift[:, :n], np.zeros(years - n)
        for _ in range(ITERATIONS):
            shift = np.hstack([fitted, fitted[:, -1:] + after])
            gap = np.log(bought / sales(carried_on(shift, weight, 1))[:, n:].sum(axis=0))
            after = after + gap
            if np.abs(gap).max() < TOLERANCE:
                break
        return replace(base, market_shift=np.round(shift, 6))

    def _markets(self, traces: Sequence[Trace], years: int) -> Markets:
        """Return the markets of the first ``years`` under official demand and the policies."""
        environment = []
        for t in range(4 * years):
            self.probe.state.quarter = t
            environment.append(self.probe.environment_at(self.probe.year))
        keys = self.scenario.parameters.compete
        return markets(traces, years, self.probe.state.inputs, self.world, environment, keys)

    def _lean(self, traces: Sequence[Trace], base: BaseRun) -> Floats | None:
        """Return s by city and year: that of the runs, and what its share of R&D lacks.

        From a year in which R&D of the city is known it holds until the next one.
        """
        total = self.world.series.get(RD)
        if total is None or not self.world.known_city_rd:
            return None
        made = np.mean([t.city_rd for t in traces], axis=0)
        home, start = self.world.city_province, self.scenario.start
        part = parts_within(made.T, home, self.world.n_provinces).T
        alone = np.bincount(home)[home] == 1
        now, found = lean_shift(base, self.world), np.full(made.shape, np.nan)
        for city, year, value in self.world.known_city_rd:
            whole = float(total.at(year)[home[city]])
            if start <= year < start + made.shape[1] and whole > value > 0.0 and not alone[city]:
                lacks = np.log(value / whole / part[city, year - start])
                found[city, year - start :] = round(float(now[city] + lacks), 6)
        return found

    def anchors(self, traces: Sequence[Trace]) -> dict[str, Floats]:
        """Return ln(official / made) of anchored indicators by province and year, (P, Y)."""
        start, until = self.scenario.start, self.world.until
        found: dict[str, Floats] = {}
        for name in PARTS:
            series = self.world.series.get(name)
            if series is None or until < start:
                continue
            made: Floats = np.mean([t.recorded[name] for t in traces], axis=0)
            years = range(start, min(until, start + made.shape[1] - 1) + 1)
            official = np.stack([series.at(year)[:-1] for year in years], axis=1)
            both = (official > 0.0) & (made[:, : len(years)] > 0.0)
            lines: Floats = np.full(both.shape, np.nan)
            lines[both] = np.round(np.log(official[both] / made[:, : len(years)][both]), 6)
            if both.any():
                found[name] = lines
        return found

    def _research(self, traces: Sequence[Trace], base: BaseRun) -> Floats | None:
        """Return c by province and year: chi of the runs under ``base``, and what they lack."""
        wanted = official_rd(self.world, self.scenario.start)
        if wanted is None:
            return None
        made = _research_of(traces, wanted.shape[1])
        chi = np.zeros(made.shape) if base.rd_shift is None else knots_of(base.rd_shift)
        known = ~np.isnan(wanted) & (made > 0.0)
        lacks = np.zeros(made.shape)
        lacks[known] = np.log(wanted[known] / made[known])
        return np.round(chi + lacks, 6)

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
        return {
            "cities": self._named(cities),
            "provinces": self._named(provinces),
            "research": self._named(self._research_gap(traces)),
        }

    def _research_gap(self, traces: Sequence[Trace]) -> Floats:
        """Return ln(made / official) of R&D of firms by place and fitted year, (P + 1, Y)."""
        found = np.full((self.world.n_provinces + 1, len(self.years)), np.nan)
        wanted = official_rd(self.world, self.scenario.start)
        if wanted is None:
            return found
        wanted = wanted[:, : len(self.years)]
        years = wanted.shape[1]
        made = _research_of(traces, years)
        both = [np.vstack([each, each.sum(axis=0)]) for each in (made, wanted)]
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, :years] = np.log(both[0] / both[1])
        return found

    def not_fitted(self, makes: Bools) -> tuple[str, ...]:
        """Return what could not be fitted, a line each; ``makes`` (C, Y) is where v was solved."""
        first, n = self.scenario.start, len(self.years)
        message = []
        if n == 0:
            message.append(
                f"market shifts: value added of cities is not known in {first} or later; they are 0"
            )
        if n == 1:
            message.append(
                f"market shifts after {first}: value added of cities is known in that year alone; "
                "they stay as they are in it"
            )
        for name, known in zip(self.world.provinces, self.known, strict=True):
            missing = [year for year, there in zip(self.years, known, strict=True) if not there]
            if missing:
                message.append(
                    f"market shifts of {name} in {_spans(missing)}: value added of its cities is "
                    "not known; it is carried on, in the parts of the nearest year"
                )
        idle = np.flatnonzero(~makes.all(axis=1)).tolist()
        if idle:
            names = ", ".join(self.world.city_names[c] for c in idle[:_NAMED])
            more = f" and {len(idle) - _NAMED} more" if idle[_NAMED:] else ""
            message.append(f"market shifts of {names}{more}: the runs make nothing there")
        return tuple(message)

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


def _research_of(traces: Sequence[Trace], years: int) -> Floats:
    """Return R&D of firms in the first years, mean of the traces, (P, Y)."""
    made: Floats = np.mean([t.research for t in traces], axis=0)[: 4 * years]
    return made.reshape(years, 4, made.shape[1]).sum(axis=1).T


def _spans(years: Sequence[int]) -> str:
    """Return increasing years as text: ``2011-2013, 2015``."""
    spans: list[list[int]] = []
    for year in years:
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in spans)


# -- Runs, and what follows from them


@dataclass(frozen=True)
class Trace:
    """What the fit needs of one run of T quarters."""

    recorded: dict[str, Floats]  # (P, Y) anchored indicators by year, as made
    city_rd: Floats  # (C, Y) R&D of cities, 100m_rmb
    # (J, O) and (J, O, O) weights and lagged shares of places at the end of the burn-in.
    weight: Floats
    share: Floats
    productivity: Floats  # (T, J, P) mean A by industry and province
    composition: Floats  # (T, J, C) parts c of cities in what their province sells
    outside: Floats  # (T, J) log A of the rest of the nation
    output: Floats  # (T, C) value added of cities, 100m_rmb
    research: Floats  # (T, P) R&D of firms at scale 1, 100m_rmb
    log_price: Floats  # (T, P + 1) lagged log price index of places, since the end of the burn-in


class TracedModel(Model):
    """A model that keeps what the fit needs of each quarter."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._begun = self.state.market.weight.copy(), self.state.market.lagged.copy()
        self._quarters: list[tuple[Floats, ...]] = []

    def step(self) -> None:
        """Advance the model by one quarter and keep it."""
        super().step()
        state = self.state
        offered = supply(state, np.zeros(len(self.world.industries))).by_place[:, :-1]
        output: Floats = state.market.output[:, :-1].sum(axis=0)
        price = state.market.log_price.copy()
        research = state.by_province(state.firms, state.organisations.rd[state.firms]) / state.scale
        self._quarters.append(
            (offered, self._composition(), state.nation.relative, output, research, price)
        )

    def trace(self) -> Trace:
        """Return what was kept."""
        quarters = map(np.array, zip(*self._quarters, strict=True))
        recorded = {name: self._yearly(name, "province") for name in PARTS}
        return Trace(recorded, self._yearly(RD, "city"), *self._begun, *quarters)

    def _yearly(self, name: str, level: str) -> Floats:
        quarters = self.recorder.series(name, level)
        by_year = quarters.reshape(-1, 4, quarters.shape[1])
        yearly = by_year[:, -1] if INDICATORS[name].kind == "stock" else by_year.sum(axis=1)
        return yearly.T

    def _composition(self) -> Floats:
        """Return c of the quarter that was just run, (J, C), from market shares without v."""
        world = self.world
        sold = self.state.market.share[:, :-1, 0]
        shift = self.shifts[min(self.state.quarter, len(self.shifts) - 1)]
        return parts_within(sold * np.exp(-shift), world.city_province, world.n_provinces)


Markets = Callable[[Floats], Floats]
"""What cities make in each year, (C, Y), under v in mid-year, (C, Y + 1), mean of the traces."""


def markets(
    traces: Sequence[Trace],
    years: int,
    inputs: QuarterInputs,
    world: World,
    environment: Sequence[PolicyEnvironment],
    keys: CompeteParameters,
) -> Markets:
    """Return the markets of all traces; ``environment`` is that of the policies by quarter."""
    lagged = [_lagged_shares(run, environment[: 4 * years], keys) for run in traces]
    where = (world.city_province, world.n_provinces)

    def sales(shift: Floats) -> Floats:
        path, output = shift_path(shift), np.zeros((world.n_cities, years))
        for t in range(4 * years):
            demanded = world.industry_share[:, None] * inputs.secondary[:, t]
            for run, share in zip(traces, lagged, strict=True):
                sold = city_shares(share[t], run.composition[t], path[t + 1], *where)
                output[:, t // 4] += (sold * demanded[:, None, :]).sum(axis=(0, 2))[:-1]
        return output / len(traces)

    return sales


def solve_shift(
    sales: Markets, official: Floats, inputs: QuarterInputs, world: World
) -> tuple[Floats, Bools]:
    """Return v in the middle of each year, and where it could be solved, both (C, Y).

    ``official`` (C, Y) is what cities are to make. The last year is interpolated to the next one,
    as in runs (`ydsim.world.inputs.market_shifts`).
    """
    years = official.shape[1]
    shift, makes = np.zeros(official.shape), np.ones(official.shape, dtype=np.bool_)
    weight = output_weights(world, int(inputs.years[0]) + years - 1)
    for _ in range(ITERATIONS if years else 0):
        output = sales(carried_on(shift, weight, 1))
        makes = output > 0.0
        gap = np.zeros(official.shape)
        gap[makes] = np.log(official[makes] / output[makes])
        shift = shift + gap
        if np.abs(gap).max() < TOLERANCE:
            break
    return shift, makes


def _lagged_shares(
    run: Trace,
    environment: Sequence[PolicyEnvironment],
    keys: CompeteParameters,
) -> list[Floats]:
    """Return the lagged market shares of places in a run in every quarter of ``environment``."""
    speed = quarterly_part(keys.share_adjustment)
    now, path = run.share, []
    for t, policies in enumerate(environment):
        tau = arrival(policies.protection, policies.goods, keys)
        a = np.hstack([run.productivity[t], np.exp(run.outside[t])[:, None]])
        now = now + speed * (ces_shares(run.weight, a, tau, keys.sigma) - now)
        path.append(now)
    return path


# -- Runs of which only a few numbers are wanted --------------------------------------------------

# Measured where they are made, nothing stored: the same tasks, worker, engines and signals as those
# of a sweep; what a worker finds comes back in the receipt.


def measure_runs(
    scenario: Scenario,
    replicates: Sequence[int],
    measure: Measure,
    engine: Engine | None = None,
    report: Report | None = None,
    *,
    make_model: MakeModel | None = None,
) -> list[Any]:
    """Run replicates of a scenario and return what ``measure`` takes of the model of each.

    ``report`` is called with the state now and then. `ReplicateFailedError` when a model raised;
    its cause is not known in another process. `Stopped` after a signal.
    """
    key, numbers = "0" * 16, tuple(range(len(replicates)))
    plan = Plan((key,) * len(numbers), tuple(replicates), numbers)
    worlds = {scenario.world: (scenario.world, load_world(scenario.world).digest)}

    def task(number: int) -> PartTask:
        return PartTask(
            folder="",
            number=number,
            identity={},
            version=ydsim_version(),
            runs=(RunTask(plan.runs[number], key, replicates[number]),),
            base=scenario.model_dump(mode="json"),
            rows={key: {}},
            worlds=worlds,
            record=Everything(),
            indicators={},
            single=True,
            measure=measure,
            make_model=make_model,
            allow_code=True,  # the code of a scenario that is there has been allowed
        )

    options = RunOptions(engine=engine, on_error="stop", progress=report)
    drive = Scheduler(None, plan, {key: 1.0}, task, options)
    drive.work(numbers, numbers, {})
    for receipt in drive.receipts.values():
        for failure in receipt["failed"]:
            raise ReplicateFailedError(failure)
    return [drive.receipts[n]["found"][plan.runs[n]] for n in numbers]
