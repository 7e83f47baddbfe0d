r"""Skill: forecasts of the past with what was known at the time, and of what is not known yet.

For each origin L the scenario is run as it was known in L (``known_in``), without policies that
begin later and without later ends of those in force, and once more with everything that is known
now. Official figures of provinces are forecast by the anchored runs,

    ln forecast_fp(y) = ln sim_fp(y) + a_fp
    a_fp = ln official_fp(L) - mean over runs of ln sim_fp(L)

with f a family of figures and p a province, or the region as the sum of provinces; a_fp is NaN
where the figure of L is not known. Every run is one value. A discrepancy widens the values, normal
with variance s_f^2 h^1.6 after h years, from the errors at earlier origins that were known in L,
less the variance of the runs (`ydsim.measures.forecasts`). Rivals look at the figures alone and
have spreads of their own from the same earlier origins; the best rival of a family is the one with
the least mean error there.

The pool is the logarithmic one of runs, of damped trends and of shares kept, in which a province
keeps its share of the nation and this follows a damped trend. Weights and spreads are from earlier
origins alone. The region is forecast as the sum that it is, and medians of provinces, scaled alike,
add up to its own. The pool is held against each of its members on the figures of which all have a
forecast.

What was in view: the structure of the model and parameters that were set by hand were chosen with
figures to 2020. Origins cut data, rules of inputs and
the base run, not these choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.measures import forecasts as measures
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results, records
from ydsim.results.summary import JUDGED, Discrepancy
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import study
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study
from ydsim.typing import Floats
from ydsim.world.base_run import load_base_run
from ydsim.world.inputs import BY_YEAR, factors
from ydsim.world.loader import load_world
from ydsim.world.world import World

SCENARIO = "baseline"
SCALE, REPLICATES = 0.05, 20
ORIGINS: Final = (2014, 2015, 2016, 2017)
FIRST: Final = 2011
HORIZON: Final = JUDGED
"""Years after an origin that are compared with official figures."""
SCORED: Final = (
    "rd_expenditure",
    "rd_personnel_fte",
    "rd_basic_research",
    "sci_papers",
    "invention_patent_applications",
    "invention_patents_granted",
    "invention_patents_in_force",
    "tech_market_contract_value_output",
    "tech_market_contract_value_inflow",
    "tech_market_contracts_output",
    "tech_market_contracts_inflow",
)
"""Families of figures that count in scores: those with figures from 2012 or before to 2020."""
MORE: Final = (
    "hitech_industry_new_product_sales",
    "hitech_enterprises_recognised_in_year",
    "hitech_enterprises_valid_stock_derived",
)
"""Families that are forecast where the figure of the origin is known."""
FAMILIES: Final = (*SCORED, *MORE)

RUNS, BARE, GIVEN = "runs, anchored", "runs as they are", "anchored, official inputs"
BEST, KEPT = "best rival before", "share of the nation kept"
POOL, SHARES, DAMPED = "pool", "shares kept, nation damped", "damped trend"
MEMBERS: Final = (RUNS, DAMPED, SHARES)
"""Forecasts that the pool is of."""
FOREVER: Final = 2100.0
"""End of a policy whose end was not known."""


def design(
    scenario: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    origins: Sequence[int] = ORIGINS,
    ahead: int = HORIZON,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked list of origins, and last the runs that know everything.

    ``origins``: years, ascending, from 2013 on; the first one has no errors before it, and nothing
    is forecast from it. ``ahead``: years that runs go on after the last
    origin; after the others they end three years later. Scale .05 if none is given.
    """
    years = [arguments.whole("origins", each, FIRST + 2, 2100) for each in origins]
    if len(years) < 2 or years != sorted(set(years)):
        raise arguments.refuse("origins", "two ascending years or more, as in 2014:2017", origins)
    ahead = arguments.whole("ahead", ahead, 1, 50)
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    if base.start != FIRST:
        raise UsageError(f"start {base.start}: forecasts are made by runs that start in {FIRST}")
    ends = [year + HORIZON for year in years[:-1]] + [years[-1] + ahead]
    points: list[dict[str, float | None]] = [
        {"known_in": year, "end": end, **_policies(base, years[0], year)}
        for year, end in zip(years, ends, strict=True)
    ]
    points.append({"known_in": None, "end": ends[-1], **_policies(base, years[0], None)})
    return study.sweep_of_study(
        scenario,
        overrides,
        name=f"{base.name[:50]}-skill",
        description="Forecasts with the information of several past years.",
        design={"kind": "list", "points": points},
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        settings={"scale": SCALE},
        record={"cities": 1},
    )


def _policies(base: Scenario, first: int, year: int | None) -> dict[str, float]:
    """Return what is set of policies: what was decided to a year, for None everything.

    The same keys for all years from ``first`` on: the strength of policies that begin later, and
    the end of those that end later.
    """
    found = {}
    for name, policy in base.policies.items():
        if policy.start is not None and policy.start >= first + 1:
            known = year is None or policy.start < year + 1
            found[f"policies.{name}.strength"] = policy.strength if known else 0.0
        if policy.end is not None and policy.end >= first + 1:
            known = year is None or policy.end < year + 1
            found[f"policies.{name}.end"] = policy.end if known else FOREVER
    return found


def read(results: Results | str | Path) -> Skill:
    """Return what runs of `design` say."""
    results = study.opened(results)
    origins = _origins(results)
    known: list[int | None] = [*origins, None]
    provinces = tuple(str(name) for name in results.manifest["regions"][:-1])
    frame = results.cube(list(FAMILIES), places=provinces)
    common = study.common_replicates(results, frame)
    frame = frame[frame.index.isin(common, level="replicate")]
    world = load_world(str(results.scenario_at(0)["world"]))
    runs = {}
    for point, year in enumerate(known):
        own = frame[frame.index.isin([point], level="point")]
        runs[year] = logs_of(as_made(own, world) if year is None else own, provinces)
    last = max(int(results.scenario_at(point)["end"]) for point in range(len(known)))
    facts = Facts.of(results, (origins[0] + 1, last), len(common))
    places = (*provinces, world.total)
    found = Skill(facts, places, origins, *official(world, last), runs)
    if found.scores.empty:
        raise UsageError(
            f"{results.name}: world {world.name!r} has no official figures after {origins[1]} with "
            "which forecasts can be compared"
        )
    return found


run = study.runner(design, read)


def _origins(results: Results) -> tuple[int, ...]:
    """Return the origins of the runs of a design."""
    known = [results.scenario_at(at).get("known_in") for at in range(len(results.contents.points))]
    if len(known) < 2 or known[-1] is not None or None in known[:-1]:
        raise study.other_runs(results, "study skill")
    return tuple(int(year) for year in known[:-1] if year is not None)


def as_made(frame: pd.DataFrame, world: World) -> pd.DataFrame:
    """Return figures by place and year, contracts without the factors of their years.

    Runs to which all figures are known have factors (`ydsim.world.inputs.BY_YEAR`) that make
    recorded contracts after an origin official ones. Official inputs are no outcomes.
    """
    found, year = frame.copy(), frame.index.get_level_values("year")
    place = pd.Index(world.provinces).get_indexer(frame.index.get_level_values("place"))
    first = int(year.min())
    for name, k in factors(load_base_run(world), range(first, int(year.max()) + 1)).items():
        if name in BY_YEAR and name in frame:
            found[name] = frame[name] / k[year.to_numpy() - first, place]
    return found


def logs_of(frame: pd.DataFrame, provinces: Sequence[str]) -> Floats:
    """Return logs of families (F, Q, R, Y) of a point by replicate, place and year.

    The last of the Q places is the region as the sum of the provinces.
    """
    of = []
    for name in FAMILIES:
        values = frame[name].unstack("place")[list(provinces)]
        one = values.stack(future_stack=True).unstack("year")
        by = one.to_numpy().reshape(-1, len(provinces), one.shape[1])
        of.append(np.concatenate([by, by.sum(axis=1, keepdims=True)], axis=1).swapaxes(0, 1))
    return _logs(np.array(of))


def official(world: World, last: int) -> tuple[Floats, Floats]:
    """Return logs of official figures from `FIRST` to a year, NaN where unknown.

    Of the provinces and the region as their sum (F, Q, Y), and of the nation (F, Y).
    """
    years = range(FIRST, last + 1)
    found = np.full((len(FAMILIES), world.n_provinces + 2, len(years)), np.nan)
    for at, name in enumerate(FAMILIES):
        if name in world.series:
            figures = np.array([world.series[name].at(year) for year in years]).T
            found[at] = np.vstack([figures[:-1], figures[:-1].sum(axis=0), figures[-1:]])
    logs = _logs(found)
    return logs[:, :-1], logs[:, -1]


def _logs(values: Floats) -> Floats:
    """Return logs, NaN where there is nothing."""
    return np.log(np.where(values > 0.0, values, np.nan))


@dataclass(frozen=True)
class Forecast:
    """What one forecaster says at one origin: values (F, Q, N, H), equally likely logs."""

    name: str
    origin: int
    values: Floats


@dataclass(frozen=True)
class Pool:
    """The pool at one origin."""

    weights: Floats
    """(M,) of its members, in the order of `MEMBERS`."""
    mean: Floats
    """(F, Q, H) logs."""
    spread: Floats
    """(F, Q) s, of provinces and the region."""
    correlation: float
    """Of errors of places."""
    of: Mapping[str, Floats]
    """The forecast of each member as values (F, Q, N, H)."""


@dataclass(frozen=True, repr=False)
class Skill(Study):
    """What forecasts from some origins say, and how far off they were."""

    places: tuple[str, ...]
    """The provinces, and the region last."""
    origins: tuple[int, ...]
    known: Floats
    """Logs of official figures, (F, Q, Y) from 2011 on, and those of the nation, (F, Y)."""
    nation: Floats
    runs: Mapping[int | None, Floats]
    """Logs of simulated figures by origin, None for all figures known, (F, Q, R, Y)."""

    stem: ClassVar = "skill"
    beside: ClassVar = ("scores", "families", "pools", "tests")
    heading: ClassVar = "Skill of forecasts"

    # -- forecasts ---------------------------------------------------------------------------------

    def anchored(self, origin: int, known: int | None) -> Floats:
        """Return anchored logs (F, Q, R, H) after an origin, of the runs that knew to ``known``."""
        at = origin - FIRST
        return measures.anchored(self.runs[known][:, :, :, at:], self.known[:, :, at])

    def after(self, origin: int, ahead: int | None = None) -> Floats:
        """Return official logs (F, Q, H) after an origin, H at most ``ahead``."""
        return self.known[:, :, origin - FIRST + 1 :][:, :, :ahead]

    def earlier(self, origin: int) -> Iterator[tuple[int, int]]:
        """Yield earlier origins with the number of years that were known in ``origin``."""
        yield from ((each, min(HORIZON, origin - each)) for each in self.origins if each < origin)

    def errors(self, origin: int, *, given: bool) -> Discrepancy | None:
        """Return what errors known in an origin tell; None where no error is known."""
        gaps, left = list[Floats](), list[Floats]()
        for each, ahead in self.earlier(origin):
            values = self.anchored(each, None if given else each)[:, :-1, :, :ahead]
            gap = self.after(each, ahead)[:, :-1] - values.mean(axis=2)
            gaps.append(gap.swapaxes(1, 2).reshape(-1, gap.shape[1]))
            left.append(np.sqrt(np.maximum(gap**2 - values.var(axis=2), 0.0)))
        if not gaps or np.isnan(np.concatenate(gaps)).all():
            return None
        errors, years = _by_family(left)
        n = {name: int((~np.isnan(each)).sum()) for name, each in errors.items()}
        return Discrepancy(
            measures.spread(errors, years), n, measures.correlation(np.concatenate(gaps))
        )

    def discrepancy(self, origin: int, *, given: bool) -> Floats | None:
        """Return the spread s of families and places (F, Q) that errors known in an origin tell.

        The provinces have the s of the family, the region that of their sum. None where no error is
        known.
        """
        found = self.errors(origin, given=given)
        if found is None:
            return None
        return np.array([found.by_place(name, len(self.places) - 1) for name in FAMILIES])

    @property
    def spreads(self) -> dict[str, Any]:
        """What `ydsim.results.summary` keeps as data: who made it, and by origin s and c.

        s by family as known, with official inputs, and the number of errors; c of both.
        """
        origins = {}
        for origin in self.origins:
            own, given = (self.errors(origin, given=each) for each in (False, True))
            if own is not None and given is not None:
                origins[str(origin)] = {
                    "c": [round(own.c, 4), round(given.c, 4)],
                    "s": {
                        name: [round(own.s[name], 5), round(given.s[name], 5), own.errors[name]]
                        for name in FAMILIES
                    },
                }
        return {"made_by": self.facts.made_by, "origins": origins}

    @cached_property
    def forecasts(self) -> list[Forecast]:
        """All forecasts with an origin before which errors are known."""
        found = []
        for origin in self.origins:
            for name, given in ((RUNS, False), (GIVEN, True)):
                s = self.discrepancy(origin, given=given)
                if s is not None:
                    values = self.anchored(origin, None if given else origin)
                    found.append(Forecast(name, origin, measures.widened(values, s)))
                    if not given:
                        bare = self.runs[origin][:, :, :, origin - FIRST + 1 :]
                        found.append(Forecast(BARE, origin, bare))
                        found.extend(self._rivals(origin, values.shape[3]))
                        pool = self.pool(origin)
                        wide = measures.widened(pool.mean[:, :, None], pool.spread)
                        found.append(Forecast(POOL, origin, wide))
                        found.append(Forecast(SHARES, origin, pool.of[SHARES]))
        return found

    def _means(self, origin: int, ahead: int) -> Floats:
        """Return the means of the members of the pool (M, F, Q, H)."""
        known = self.nation[:, : origin - FIRST + 1]
        nation = measures.naive(known, ahead)[DAMPED] - known[:, -1:]
        return np.stack(
            [
                self.anchored(origin, origin).mean(axis=2)[:, :, :ahead],
                self._naive(origin, ahead)[DAMPED],
                self.known[:, :, origin - FIRST, None] + nation[:, None],
            ]
        )

    def pool(self, origin: int) -> Pool:
        """Return the pool at an origin before which errors are known."""
        earlier = [
            (self.after(*each)[:, :-1] - self._means(*each)[:, :, :-1])
            for each in self.earlier(origin)
        ]
        spreads = np.array([_spreads([each[m] for each in earlier]) for m in range(len(MEMBERS))])
        years = [np.arange(1.0, each.shape[3] + 1) for each in earlier]
        weights = measures.pool_weights(earlier, spreads, years, sum(map(len, years)))
        errors = [measures.pooled(each, spreads, weights) for each in earlier]
        c = measures.correlation(
            np.concatenate([each.swapaxes(1, 2).reshape(-1, each.shape[1]) for each in errors])
        )
        ahead = self.anchored(origin, origin).shape[3]
        means = self._means(origin, ahead)
        mean = measures.pooled(means, spreads, weights)
        whole = np.log(np.exp(mean[:, :-1]).sum(axis=1, keepdims=True))
        mean[:, :-1] += np.nan_to_num(mean[:, -1:] - whole)
        of = {
            name: measures.widened(each[:, :, None], _with_sum(s, c, len(self.places)))
            for name, each, s in zip(MEMBERS, means, spreads, strict=True)
        }
        return Pool(weights, mean, _with_sum(_spreads(errors), c, len(self.places)), c, of)

    def _naive(self, origin: int, ahead: int) -> dict[str, Floats]:
        """Return forecasts of rivals (F, Q, H) in logs."""
        known = self.known[:, :, : origin - FIRST + 1]
        made = measures.naive(known.reshape(-1, known.shape[2]), ahead)
        found = {name: each.reshape(*known.shape[:2], ahead) for name, each in made.items()}
        var = measures.small_var(known[:, :-1], ahead)
        whole = np.log(np.exp(var).sum(axis=1, keepdims=True))
        return {**found, measures.VAR: np.concatenate([var, whole], axis=1)}

    def _rivals(self, origin: int, ahead: int) -> list[Forecast]:
        """Return the forecasts of all rivals, and of the one that was best before by family."""
        now = self._naive(origin, ahead)
        earlier = [(self.after(*each), self._naive(*each)) for each in self.earlier(origin)]
        found, means = list[Forecast](), list[list[float]]()
        for name in measures.RIVALS:
            errors, years = _by_family(
                [(known - message[name])[:, :-1] for known, message in earlier]
            )
            s = measures.spread(errors, years)
            own = np.array([s[each] for each in FAMILIES])
            wide = measures.widened(now[name][:, :, None], own[:, None])
            found.append(Forecast(name, origin, wide))
            means.append([float(pd.Series(np.abs(each)).mean()) for each in errors.values()])
        best = np.where(np.isnan(means), np.inf, means).argmin(axis=0)
        values = np.array([found[k].values[at] for at, k in enumerate(best.tolist())])
        return [*found, Forecast(BEST, origin, values)]

    # -- tables ------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a family, place, origin and year: the forecast of the anchored runs.

        ``estimate`` is the median, ``low`` and ``high`` hold 80 per cent, in the unit of the
        figure; beyond the common columns ``origin, year, official, inputs`` (known or official).
        """
        tables = []
        for one in (each for each in self.forecasts if each.name in (RUNS, GIVEN)):
            ends = np.exp(np.quantile(one.values, [0.1, 0.5, 0.9], axis=2))
            years = range(one.origin + 1, one.origin + 1 + ends.shape[3])
            known = np.full(ends.shape[1:], np.nan)
            figures = np.exp(self.after(one.origin, len(years)))
            known[:, :, : figures.shape[2]] = figures
            cells = pd.MultiIndex.from_product(
                [FAMILIES, self.places, years], names=["outcome", "place", "year"]
            )
            columns = dict(zip(("low", "estimate", "high"), ends, strict=True))
            columns["official"] = known
            table = pd.DataFrame({name: of.ravel() for name, of in columns.items()}, cells)
            inputs = "as known" if one.name == RUNS else "official"
            tables.append(table.assign(p=np.nan, origin=one.origin, inputs=inputs))
        every = pd.concat(tables).dropna(subset="estimate").assign(n=self.facts.replicates)
        return every.reset_index()[[*COLUMNS, "origin", "year", "official", "inputs"]]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row an origin and forecaster, over all families that count, provinces and years.

        Columns are those of `ydsim.measures.forecasts.scores`.
        """
        return pd.DataFrame(
            [
                {"origin": one.origin, "forecaster": one.name, **self._score(one, slice(None))}
                for one in [*self.forecasts, *self._kept()]
                if self.after(one.origin).size and self._score(one, slice(None))["n"]
            ]
        )

    @property
    def judged(self) -> int:
        """The last origin after which all years of the horizon are known."""
        runs = self.scores[self.scores["forecaster"] == RUNS]
        return int(runs.loc[runs["n"] == runs["n"].max(), "origin"].max())

    @cached_property
    def families(self) -> pd.DataFrame:
        """The same of the origin `judged`, one row a family and forecaster."""
        rows = [
            {"family": name, "forecaster": one.name, **self._score(one, slice(at, at + 1))}
            for at, name in enumerate(SCORED)
            for one in self.forecasts
            if one.origin == self.judged and one.name in (RUNS, GIVEN, BEST)
        ]
        return pd.DataFrame(rows)

    @cached_property
    def pools(self) -> pd.DataFrame:
        """Scores of the pool and its members on common figures, by origin, and of it by family.

        Columns are ``by`` (an origin or a family), ``forecaster``, those of `scores`, and
        ``weight`` of a member at an origin.
        """
        cells = self._common
        rows = []
        for origin in dict.fromkeys(cells["origin"]):
            weights = dict(zip(MEMBERS, self.pool(origin).weights.tolist(), strict=True))
            own = cells[cells["origin"] == origin]
            for name in (POOL, *MEMBERS):
                found = {"by": str(origin), "forecaster": name, **_scores_of(own, name)}
                rows.append(found | {"weight": weights.get(name, np.nan)})
        for family, own in cells.groupby("family", sort=False):
            rows.append({"by": family, "forecaster": POOL, **_scores_of(own, POOL)})
        scores = [name for name in self.scores if name not in ("origin", "forecaster")]
        return pd.DataFrame(rows, columns=["by", "forecaster", *scores, "weight"])

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Whether the pool has a smaller CRPS than each member, over all origins together.

        Columns are ``member``, ``difference`` (CRPS of the member less that of the pool, log points
        times 100), ``p`` (Diebold and Mariano, clusters of years), ``years`` and ``n``.
        """
        cells = self._common
        rows = []
        for name in MEMBERS:
            apart = (cells[f"crps {name}"] - cells[f"crps {POOL}"]).to_numpy(dtype=np.float64)
            mean, p, years = measures.better(100.0 * apart, cells["year"].to_numpy(dtype=np.int64))
            row = {"member": name, "difference": mean, "p": p, "years": years, "n": len(apart)}
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def _common(self) -> pd.DataFrame:
        """One row a figure of which the pool and all members have a forecast, with the scores."""
        tables = []
        by = {(one.name, one.origin): one.values for one in self.forecasts}
        for origin in (each for each in self.origins if (POOL, each) in by):
            ahead = min(HORIZON, by[POOL, origin].shape[3])
            figures = self.after(origin, ahead)[: len(SCORED), :-1]
            values = {name: by[name, origin] for name in (POOL, *MEMBERS)}
            values = {
                name: of[: len(SCORED), :-1, :, : figures.shape[2]].swapaxes(2, 3)
                for name, of in values.items()
            }
            there = ~np.isnan(figures)
            for of in values.values():
                there &= ~np.isnan(of).any(axis=3)
            family, _, year = np.nonzero(there)
            columns: dict[str, Any] = {
                "family": np.array(SCORED)[family],
                "origin": origin,
                "year": origin + 1 + year,
            }
            for name, of in values.items():
                scored = measures.by_figure(of[there], figures[there])
                columns |= {f"{score} {name}": each for score, each in scored.items()}
            tables.append(pd.DataFrame(columns))
        return pd.concat(tables, ignore_index=True)

    def _kept(self) -> Iterator[Forecast]:
        """Yield the rival of runs with official inputs: shares of the nation stay."""
        nation = self.nation
        for one in self.forecasts:
            if one.name == GIVEN:
                at = one.origin - FIRST
                figures = self.known[:, :, at : at + 1] - nation[:, None, at : at + 1]
                path = figures + nation[:, None, at + 1 :]
                yield Forecast(KEPT, one.origin, path[:, :, None, :])

    def _score(self, one: Forecast, of: slice) -> dict[str, float]:
        """Return the scores of a forecast over some of the families that count."""
        chosen = slice(*of.indices(len(SCORED)))
        ahead = min(HORIZON, one.values.shape[3])
        figures = self.after(one.origin, ahead)[chosen, :-1]
        values = one.values[chosen, :-1, :, : figures.shape[2]].swapaxes(2, 3)
        known = ~np.isnan(figures) & ~np.isnan(values).any(axis=3)
        return measures.scores(values[known], figures[known])

    # -- words and figure --------------------------------------------------------------------------

    @property
    def paragraphs(self) -> list[str]:
        """What was forecast, how far off it was, and what was in view."""
        origin = self.judged
        scored = self.scores[self.scores["origin"] == origin]
        by: dict[str, dict[str, Any]] = {row["forecaster"]: row for row in records(scored)}
        own = by[RUNS]

        def of(name: str) -> str:
            return f"{fmt.number(by[name]['median'], 3)} % ({fmt.number(by[name]['mean'], 3)} %)"

        how = (
            f"Official figures of {fmt.counted(len(SCORED), 'family')} and "
            f"{len(self.places) - 1} provinces, forecast for three years from what was known in "
            "each origin. Runs are anchored: levels are official ones of the origin, and growth "
            "is the model's."
        )
        kept = f", where shares of the nation kept have {of(KEPT)}" if KEPT in by else ""
        found = (
            f"From {origin} the median (mean) error of {own['n']} figures is {of(RUNS)}; of "
            f"unadjusted runs {of(BARE)}, of the benchmark that was best before {of(BEST)}. With "
            f"official inputs it is {of(GIVEN)}{kept}. "
            f"Of the figures {100 * own['within_80']:.0f} % lie in intervals of 80 %, "
            f"{100 * own['within_50']:.0f} % in those of 50 %."
        )
        view = (
            "Information used: structure and parameters chosen by hand have seen figures up to "
            "2020; an origin limits data, input rules and the base run."
        )
        return [" ".join([how, *self.facts.cautions()]), found, view]

    @property
    def sections(self) -> list[Section]:
        """Scores by origin, and by family."""
        families = self.families.assign(family=self.families["family"].map(name_in_words))
        note = (
            "Errors and bias in per cent (bias: positive where figures were higher), CRPS in log "
            "points times 100, parts of the figures within intervals of 80 and 50 per cent."
        )
        pools = self.pools.assign(by=self.pools["by"].map(_by_in_words))
        common = (
            "On the figures of which the pool and each of its members have a forecast; the pool by "
            "family over all origins. Difference: CRPS of the member less that of the pool, "
            "positive where the pool is better; p by clusters of years (Diebold and Mariano)."
        )
        return [
            Section.of("The pool and its members", pools, common),
            Section.of("Is the pool better?", self.tests),
            Section.of("Scores by origin", self.scores, note),
            Section.of(f"Scores by family, from {self.judged}", families),
        ]

    def plot(self) -> Figure:
        """Return forecasts over official figures from the origin `judged`."""
        scored = self.judged
        table = self.table[(self.table["origin"] == scored) & self.table["official"].notna()]
        table = table[table["outcome"].isin(SCORED) & (table["year"] == table["year"].max())]
        table = table[table["place"] != self.places[-1]]
        for name in ("estimate", "low", "high"):
            table = table.assign(**{name: 100.0 * (table[name] / table["official"] - 1.0)})
        table = table.assign(label=table["place"], series=table["inputs"].map(_KEY))
        there = set(table["outcome"])
        heads = {name: (name_in_words(name), "%") for name in SCORED if name in there}
        note = (
            f"Forecasts of {table['year'].max()} from {scored}, over the official figure, with "
            "intervals of 80 %; filled where they do not hold it."
        )
        return self.forest(table, heads, note)


_KEY: Final = {"as known": "inputs as known", "official": "official inputs"}


def _by_in_words(by: str) -> str:
    return by if by.isdigit() else name_in_words(by)


def _scores_of(cells: pd.DataFrame, name: str) -> dict[str, float]:
    """Return the scores of a forecaster of the pool over rows of figures."""
    parts = "gap", "crps", "within_80", "within_50"
    return measures.summary({part: cells[f"{part} {name}"].to_numpy() for part in parts})


def _spreads(gaps: Sequence[Floats]) -> Floats:
    """Return s by family (F,) from errors of places and years, (F, P, H) each.

    It is 1 where no error is known: there is no such forecast, and the pool leaves it out.
    """
    if all(np.isnan(each).all() for each in gaps):
        return np.ones(len(FAMILIES))
    s = measures.spread(*_by_family(gaps))
    return np.array([s[name] for name in FAMILIES])


def _with_sum(s: Floats, c: float, places: int) -> Floats:
    """Return the spreads of places (F, Q), the last their sum, from those of one (F,)."""
    whole = s * measures.of_sum(c, places - 1)
    return np.column_stack([np.tile(s[:, None], places - 1), whole])


def _by_family(gaps: Sequence[Floats]) -> tuple[dict[str, Floats], Floats]:
    """Return errors by family from those of places and years, (F, P, H), and their years."""
    errors = {
        name: np.concatenate([each[at].ravel() for each in gaps])
        for at, name in enumerate(FAMILIES)
    }
    years = [np.tile(np.arange(1.0, each.shape[2] + 1), each.shape[1]) for each in gaps]
    return errors, np.concatenate(years)
