r"""Transfer: what parameters of one region say of another to which nothing was fitted.

A scenario of a world without a fit is run from 2011 to 2020 with its official inputs. Its outcomes
never set a level: official outcomes of 2011 give start weights, and later ones nothing. Four
forecasts of the figures of provinces, in logs, with x the median over runs and y official ones:

    runs as they are     x_fp(t)
    levels of 2011       x_fp(t) + y_fp(2011) - x_fp(2011)
    shares kept          Y_f(t) + y_fp(2011) - Y_f(2011)        Y official, of the nation
    damped trend         y_fp(K) + g sum_j .85^j over j = 1..t - K,   K = `SEEN`

with f a family of figures and p a province. Shares kept have the nation's figures of all years, and
damped trends those of the place to K, two years more than runs have: both know what runs do not.
Compared are the figures after K of which all four have a forecast. The error is
|exp(forecast - y) - 1|, the bias the mean of forecast - y.

Also compared: growth from 2011 to the last year by place, the order of provinces, and printed
value of contracts that a province sold to the others of its region.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.errors import UsageError
from ydsim.measures import forecasts as measures
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import skill, study
from ydsim.studies.skill import DAMPED, FIRST, SCORED
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study
from ydsim.typing import Floats
from ydsim.world.base_run import load_base_run
from ydsim.world.loader import load_observations, load_world

SEEN: Final = 2013
"""K, the last year that damped trends know."""
LAST: Final = 2020
LOOKED: Final = (2015, LAST)
"""Years whose figures the tables show."""

BARE, LEVELS = "runs as they are", "levels of 2011"
KEPT: Final = "shares kept"
FORECASTERS: Final = (BARE, LEVELS, KEPT, DAMPED)
BETWEEN: Final = "contract_value_cross_province"
SOLD: Final = "tech_market_contract_value_output"
_PRINTED: Final = re.compile(r"tech_contract_value_output_to_other\w*?(?:_(\d{4})_(\d{4}))?")


def _require_unfitted(base: Scenario) -> None:
    world = load_world(base.world)
    if load_base_run(world).market_shift is not None:
        raise UsageError(
            f"{base.name}: world {world.name!r} has a fit, so that its runs carry nothing over; "
            "take one without, as jjj or a copy by `ydsim world new FOLDER --from WORLD`"
        )
    if base.start != FIRST or base.end < LAST:
        raise UsageError(
            f"{base.name}: runs from {base.start} to {base.end}; a transfer test needs {FIRST} to "
            f"{LAST}"
        )


design = study.to_2020(
    "transfer",
    "A region to which nothing was fitted, to be held against its official figures.",
    _require_unfitted,
    {},
)


def read(results: Results | str | Path) -> Transfer:
    """Return what runs of `design` show; UsageError as there."""
    results = study.opened(results)
    scenario = results.scenario_at(0)
    whole = "spec" in results.manifest and len(results.contents.points) == 1
    if not whole or (scenario["start"], scenario["end"]) != (FIRST, LAST):
        raise study.other_runs(results, "study transfer")
    world = load_world(str(scenario["world"]))
    provinces = tuple(str(name) for name in results.manifest["regions"][:-1])
    frame = results.cube([*skill.FAMILIES, BETWEEN], places=provinces)
    common = study.common_replicates(results, frame)
    frame = frame[frame.index.isin(common, level="replicate")]
    known, nation = skill.official(world, LAST)
    if not np.isfinite(known[: len(SCORED), :-1, SEEN - FIRST + 1 :]).any():
        raise UsageError(f"{results.name}: world {world.name!r} has no official outcomes to hold")
    sold = frame[BETWEEN].unstack("year")
    return Transfer(
        Facts.of(results, (FIRST, LAST), len(common)),
        (*provinces, world.total),
        known[: len(SCORED)],
        nation[: len(SCORED)],
        skill.logs_of(frame, provinces)[: len(SCORED)],
        {name: sold.xs(name, level="place").to_numpy() for name in provinces},
        tuple(_printed(world.name, provinces)),
    )


run = study.runner(design, read)


@dataclass(frozen=True)
class Printed:
    """Value of contracts that a province sold to the others of its region, 100m_rmb."""

    place: str
    first: int
    last: int
    value: float
    note: str


def _printed(world: str, provinces: tuple[str, ...]) -> Iterator[Printed]:
    """Yield what collab.csv of a world has of contracts between its provinces."""
    places = {name.casefold(): name for name in provinces}
    for one in load_observations(world):
        found = _PRINTED.fullmatch(one.name)
        if one.file == "collab.csv" and found and one.region.casefold() in places:
            first, last = (int(year or one.year) for year in found.groups())
            yield Printed(places[one.region.casefold()], first, last, one.value, one.note)


@dataclass(frozen=True, repr=False)
class Transfer(Study):
    """How far a region is from what runs with the parameters of another say of it."""

    places: tuple[str, ...]
    """The provinces, and the region last."""
    known: Floats
    """Logs of official figures (F, Q, Y) from 2011 on, NaN where unknown."""
    nation: Floats
    """The same of the nation (F, Y)."""
    runs: Floats
    """Logs of simulated figures (F, Q, R, Y)."""
    sold: dict[str, Floats]
    """Value sold to other provinces of the region (R, Y) by province, 100m_rmb."""
    printed: tuple[Printed, ...]

    stem: ClassVar = "transfer"
    beside: ClassVar = ("scores", "families", "growth", "contracts")
    heading: ClassVar = "Carried over to another region"

    @cached_property
    def forecasts(self) -> dict[str, Floats]:
        """Logs (F, Q, Y) by forecaster, of `FORECASTERS`."""
        middle = np.median(self.runs, axis=2)
        seen = SEEN - FIRST + 1
        start = self.known[:, :, :1]
        trend = np.full(self.known.shape, np.nan)
        rows = self.known[:, :, :seen].reshape(-1, seen)
        made = measures.naive(rows, LAST - SEEN)[DAMPED]
        trend[:, :, seen:] = made.reshape(*trend.shape[:2], -1)
        kept = start + (self.nation - self.nation[:, :1])[:, None]
        values = (middle, middle + start - middle[:, :, :1], kept, trend)
        return dict(zip(FORECASTERS, values, strict=True))

    @cached_property
    def _gaps(self) -> pd.DataFrame:
        """One row a figure with a forecast of all: family, place, year, a gap by forecaster.

        Gaps are forecast less official, in logs; of the provinces alone.
        """
        index = pd.MultiIndex.from_product(
            [SCORED, self.places[:-1], range(FIRST, LAST + 1)], names=["family", "place", "year"]
        )
        gaps = {
            name: (values - self.known)[:, :-1].ravel() for name, values in self.forecasts.items()
        }
        table = pd.DataFrame(gaps, index).dropna().reset_index()
        return table[table["year"] > SEEN]

    # -- tables ------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a family, place and year of `LOOKED`: the runs as they are.

        ``estimate`` is the median and ``low`` and ``high`` hold 80 per cent, in the unit of the
        figure; beyond the common columns ``year``, ``official`` and the error of each forecaster in
        per cent, with its sign.
        """
        ends = np.exp(np.quantile(self.runs, [0.1, 0.5, 0.9], axis=2))
        rows: list[dict[str, Any]] = []
        for f, family in enumerate(SCORED):
            for q, place in enumerate(self.places):
                for year in LOOKED:
                    y = year - FIRST
                    low, middle, high = ends[:, f, q, y].tolist()
                    found = (family, place, middle, low, high, np.nan, self.facts.replicates)
                    row: dict[str, Any] = dict(zip(COLUMNS, found, strict=True))
                    row["year"] = year
                    row["official"] = float(np.exp(self.known[f, q, y]))
                    for name, values in self.forecasts.items():
                        gap = float(values[f, q, y] - self.known[f, q, y])
                        row[f"error, {name}"] = 100.0 * float(np.expm1(gap))
                    rows.append(row)
        return pd.DataFrame(rows).dropna(subset="official").reset_index(drop=True)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a forecaster and span of years: median and mean error and bias, in per cent."""
        return pd.DataFrame(
            [
                {"years": label, "forecaster": name, **_summary(own[name].to_numpy())}
                for label, own in self._by_year()
                for name in FORECASTERS
                if len(own)
            ]
        )

    def _by_year(self) -> Iterator[tuple[str, pd.DataFrame]]:
        gaps = self._gaps
        for year in LOOKED:
            yield str(year), gaps[gaps["year"] == year]
        yield f"{SEEN + 1}-{LAST % 100}", gaps

    @cached_property
    def families(self) -> pd.DataFrame:
        """One row a family: the median error of each forecaster over provinces and years."""
        rows = []
        for family, own in self._gaps.groupby("family", sort=False):
            errors = {name: _summary(own[name].to_numpy())["median"] for name in FORECASTERS}
            rows.append({"family": family, **errors, "n": len(own)})
        return pd.DataFrame(rows)

    @cached_property
    def growth(self) -> pd.DataFrame:
        """One row a family and place: growth from 2011 to the last year, ln a year, and order.

        ``simulated``, ``official``; ``order`` says of the region whether its provinces come in the
        official order in the last year.
        """
        years = LAST - FIRST
        rows = []
        middle = np.median(self.runs, axis=2)
        for f, family in enumerate(SCORED):
            known = self.known[f, :-1, -1]
            official, ours = (np.argsort(-v, kind="stable") for v in (known, middle[f, :-1, -1]))
            same = np.array_equal(official, ours)
            for q, place in enumerate(self.places):
                ours, theirs = ((v[f, q, -1] - v[f, q, 0]) / years for v in (middle, self.known))
                whole = q == len(self.places) - 1 and np.isfinite(known).all()
                rows.append(
                    {
                        "family": family,
                        "place": place,
                        "simulated": float(ours),
                        "official": float(theirs),
                        "order": ("as official" if same else "another") if whole else "",
                    }
                )
        return pd.DataFrame(rows).dropna(subset="official").reset_index(drop=True)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """One row a printed figure of contracts between provinces, 100m_rmb, sums over years.

        ``share`` and ``printed_share`` are those in all that the province sold, per cent.
        """
        names = ["place", "years", *COLUMNS[2:5], "printed", "share", "printed_share", "note"]
        at, rows = SCORED.index(SOLD), []
        for one in self.printed:
            q, span = self.places.index(one.place), slice(one.first - FIRST, one.last - FIRST + 1)
            values = self.sold[one.place][:, span].sum(axis=1)
            of = np.exp(self.runs[at, q, :, span]).sum(axis=1)
            low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
            years = f"{one.first}" if one.first == one.last else f"{one.first}-{one.last % 100}"
            share = 100.0 * float(np.median(values / of))
            whole = 100.0 * one.value / float(np.exp(self.known[at, q, span]).sum())
            row = (one.place, years, middle, low, high, one.value, share, whole, one.note)
            rows.append(row)
        return pd.DataFrame(rows, columns=names)

    # -- words and figure --------------------------------------------------------------------------

    @property
    def paragraphs(self) -> list[str]:
        """What was carried over, how far off it is, and beside what."""
        how = (
            "No level and no parameter was fitted to this region: parameters are those of the "
            "scenario, start weights those of the official figures of 2011, and inputs official. "
            f"Shares kept know the nation's figures of all years, damped trends those of the "
            f"places to {SEEN}."
        )
        found = []
        for label, own in self._by_year():
            by = {name: _summary(own[name].to_numpy()) for name in FORECASTERS}
            parts = (f"{name} {fmt.number(of['median'], 3)} %" for name, of in by.items())
            found.append(f"{label} ({len(own)} figures): {', '.join(parts)}.")
        order = self.growth.loc[self.growth["order"] != "", "order"]
        same = int((order == "as official").sum())
        counted = (
            f"In {LAST} the provinces come in the official order in {same} of {len(order)} "
            "families of figures."
        )
        return [
            " ".join([how, *self.facts.cautions()]),
            "Median errors: " + " ".join(found),
            counted,
        ]

    @property
    def sections(self) -> list[Section]:
        """Scores, families, provinces, growth, contracts between provinces."""

        def worded(table: pd.DataFrame, column: str) -> pd.DataFrame:
            return table.assign(**{column: table[column].map(name_in_words)})

        shown = self.table.drop(columns=["low", "high", "p", "n"])
        shown = shown.rename(columns={f"error, {name}": name for name in FORECASTERS})
        note = "Error and bias in per cent; bias is positive where the forecast is higher."
        sections = [
            Section.of("Scores", self.scores, note),
            Section.of("Median error by family, per cent", worded(self.families, "family")),
            Section.of("Figures and errors", worded(shown, "outcome"), "Errors in per cent."),
            Section.of(f"Growth {FIRST}-{LAST % 100}, ln a year", worded(self.growth, "family")),
        ]
        if len(self.contracts):
            title = "Value of contracts sold to the other provinces, 100 million RMB"
            table = self.contracts.drop(columns="note")
            sections.append(Section.of(title, table, "Shares in all that the province sold, %."))
        return sections

    def plot(self) -> Figure:
        """Return errors in the last year of the runs and of shares kept, by family and place."""
        table = self.table[self.table["place"] != self.places[-1]]
        table = table[table["year"] == LAST].assign(label=table["place"])
        runs = table.assign(series=BARE)
        ends = ["estimate", "low", "high"]
        runs[ends] = 100.0 * (runs[ends].div(runs["official"], axis=0) - 1.0)
        kept = table.assign(series=KEPT)
        for end in ends:
            kept[end] = kept[f"error, {KEPT}"]
        there = dict.fromkeys(table["outcome"])
        heads = {name: (name_in_words(name), "%") for name in there}
        note = (
            f"Figures of {LAST} over the official ones: runs, with 80 % of replicates, and "
            "provinces that keep their shares of the nation."
        )
        return self.forest(pd.concat([runs, kept]), heads, note)


def _summary(gaps: Floats) -> dict[str, float]:
    """Return median and mean absolute error and bias of gaps (n,) in logs, in per cent."""
    error = 100.0 * np.abs(np.expm1(gaps))
    return {
        "median": float(np.median(error)),
        "mean": float(error.mean()),
        "bias": float(100.0 * gaps.mean()),
        "n": len(gaps),
    }
