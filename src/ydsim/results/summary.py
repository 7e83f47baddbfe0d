r"""The end of a run or a sweep in a few lines: its figures beside official ones, and forecasts.

A forecast is the growth of the replicates of a run from the last official figures. A figure f of a
province p, or of the region, whose last official value is of the year L, has h years later

    ln x_r(L + h) = ln official(L) + ln sim_r(L + h) - mean over r of ln sim_r(L)
    var ln x      = var over r of ln x_r + s^2 h^1.6          (over R replicates with R - 1)

with sim_r what replicate r says. The first part of the variance is chance and, where
``inputs.uncertainty`` is not 0, inputs: replicates draw both together. The second one is the
discrepancy: what errors of forecasts of past years have beyond the first (`ydsim.studies.skill`).
It is s_f of the figure in a province and s_f sqrt(c + (1 - c) / P) in the region of P provinces
(`ydsim.measures.forecasts`); errors were judged after one to three years, and that h^1.6 holds for
more is assumed. Values are normal around each replicate, a single one of which has no variance.

``discrepancy.json`` holds s by origin and figure (inputs as known, official inputs, number of
errors; without any error s is that of all figures), c of both, and what runs they are from. A run
takes inputs as known, of the last origin that is not after its ``known_in``. ``python -m
tools.forecast`` writes it.

A forecast is made of the packaged region without shocks, where policies to L and governance are
those that were: then alone the official figure is a level of the run. A difference of two runs has
no discrepancy: an error that both have alike drops out of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.frozen import plain_tree
from ydsim.measures.effects import interval
from ydsim.measures.forecasts import anchored, growing, of_sum, variance_between, widened
from ydsim.policies.library import may_have_budget, shipped_class
from ydsim.record.indicators import name_in_words, unit_in_brief, unit_in_words
from ydsim.record.measures import COUPLING, MADE, TECHNOLOGY
from ydsim.record.yearly import GENERAL, shares
from ydsim.results.results import PROVINCE_YEAR, Results, records
from ydsim.scenario.changes import in_force
from ydsim.scenario.check import other_start
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.node import flat
from ydsim.scenario.schema.ensemble import groups_in, members_in
from ydsim.scenario.schema.parameters import Parameters
from ydsim.store.layout import OFFICIAL
from ydsim.store.manifest import RUN
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats, Ints
from ydsim.wording import capital, shorten
from ydsim.world.base_run import load_base_run
from ydsim.world.inputs import BY_YEAR, anchored_in
from ydsim.world.loader import PACKAGED, load_world
from ydsim.world.world import World, as_known

# -- forecasts -------------------------------------------------------------------------------------

WORLD: Final = "yrd"
HISTORY: Final = "baseline"
"""Packaged world and scenario of what has acted."""
COLUMNS: Final = (
    "forecast",
    "forecast_low",
    "forecast_high",
    "from_replicates",
    "from_parameters",
)
JUDGED: Final = 3
"""Years after the last known figure over which errors of forecasts were judged."""
SHARE: Final = 0.8
"""Part of the values between low and high."""


@dataclass(frozen=True)
class Discrepancy:
    """s of provinces by figure, the number of errors that it is from, and c."""

    s: Mapping[str, float]
    errors: Mapping[str, int]
    c: float

    def by_place(self, figure: str, places: int) -> Floats:
        """Return the spread after a year of so many provinces and, last, of their sum."""
        part = np.ones(places + 1)
        part[-1] = of_sum(self.c, places)
        return self.s[figure] * part


def discrepancy_file() -> Traversable:
    """Return where spreads are stored."""
    return resources.files("ydsim.results").joinpath("discrepancy.json")


@cache
def discrepancy(known_in: int | None = None) -> Discrepancy | None:
    """Return what was known to the end of a year, by default everything; None before any error."""
    origins = json.loads(discrepancy_file().read_text(encoding="utf-8"))["origins"]
    years = [int(year) for year in origins if known_in is None or int(year) <= known_in]
    if not years:
        return None
    found = origins[str(max(years))]
    known, _, errors = zip(*found["s"].values(), strict=True)
    names = [*found["s"]]
    own, numbers = (dict(zip(names, each, strict=True)) for each in (known, errors))
    return Discrepancy(own, numbers, found["c"][0])


def why_not(results: Results, point: int = 0) -> str:
    """Say why no forecasts are made of a point, empty where they are."""
    scenario = results.scenario_at(point)
    known_in = scenario.get("known_in")
    if scenario["world"] != WORLD:
        return _t("forecast errors are known for the Yangtze River Delta only")
    if discrepancy(known_in) is None:
        return _t("no forecast error was known in {year}").format(year=known_in)
    year = last_known(results, point)
    if _acting(scenario, year) != _acting(_history(), year):
        message = _t("policies up to {year}, shocks or governance differ from the scenario {name}")
        return message.format(year=year, name=HISTORY)
    return ""


def last_known(results: Results, point: int = 0) -> int:
    """Return the last year that is known in a point: of official figures, or ``known_in``."""
    years = results.raw(OFFICIAL).get("year", ())
    ends = int(max(years, default=0)), results.scenario_at(point).get("known_in")
    return min(end for end in ends if end is not None)


@cache
def _history() -> dict[str, Any]:
    return plain_scenario(load_scenario(HISTORY))


def _acting(scenario: Mapping[str, Any], year: int) -> tuple[Any, ...]:
    """Return what of a scenario acts to the end of a year, as plain data."""
    policies = {
        name: {key: value for key, value in one.items() if key != "end" or value < year + 1}
        for name, one in in_force(plain_tree(scenario["policies"])).items()
        if (one.get("start") or 0.0) < year + 1
    }
    return policies, *(plain_tree(scenario.get(key)) or None for key in ("shocks", "governance"))


def forecasts(results: Results, runs: pd.DataFrame, point: int = 0) -> pd.DataFrame:
    """Return the forecasts of yearly values of a point.

    ``runs``: index ``replicate, place, year``, a column for each indicator. Returned: index
    ``indicator, region, year``, a row for each year after the last known one, with the median
    ``forecast``, its ends ``forecast_low`` and ``forecast_high`` (80 per cent, in the unit of the
    indicator), and ``from_replicates``, the part of the variance of its logarithm that replicates
    have (NaN for one replicate), with ``from_parameters``, the part of it between members of an
    ensemble (NaN unless some values have two replicates). No rows where `why_not` says why, of an
    indicator without s, and of a place without an official figure of the last year.
    """
    made = [] if why_not(results, point) else [*_rows(results, runs, point)]
    keys = ["indicator", "region", "year"]
    return pd.DataFrame(made, columns=[*keys, *COLUMNS]).set_index(keys)


def _rows(results: Results, runs: pd.DataFrame, point: int) -> Iterator[tuple[Any, ...]]:
    end = last_known(results, point)
    spread = discrepancy(results.scenario_at(point).get("known_in"))
    assert spread is not None  # `why_not` was asked
    member = np.array(groups_in(results.scenario_at(point).get("ensemble") or {}) or [0])
    official = pd.DataFrame(results.raw(OFFICIAL))
    *provinces, whole = map(str, results.manifest["regions"])
    official = official[official["region"].isin([*provinces, whole]) & (official["value"] > 0.0)]
    official = official[official["year"] <= end]
    for name in map(str, runs):
        known = official[official["indicator"] == name]
        by = runs[name].where(runs[name] > 0.0).unstack("year")
        if name not in spread.s or known.empty:
            continue
        if (last := int(known["year"].max())) not in by.columns[:-1]:  # and a year after it
            continue
        spreads = spread.by_place(name, len(provinces))
        for place, value in known.loc[known["year"] == last, ["region", "value"]].to_numpy():
            mine = by.xs(place, level="place").loc[:, last:]
            logs = np.log(mine.to_numpy())
            if np.isnan(logs).any():
                continue
            path, n = anchored(logs, np.log(value)), len(logs)
            between = variance_between(path, member[mine.index.to_numpy() % len(member)])
            middle = path.mean(axis=0)
            path = middle + (path - middle) * np.sqrt(n / max(n - 1, 1))
            s = spreads[-1 if place == whole else 0]
            ends = [0.5, (1.0 - SHARE) / 2.0, (1.0 + SHARE) / 2.0]
            found = np.exp(np.quantile(widened(path, s), ends, axis=0))
            own = path.var(axis=0) if n > 1 else np.full(path.shape[1], np.nan)
            total = own + growing(s, path.shape[1]) ** 2
            between = np.minimum(between, own)  # it is unbiased, and may be more than there is
            for h, parts in enumerate(zip(own / total, between / total, strict=True)):
                yield name, place, last + 1 + h, *found[:, h].tolist(), *map(float, parts)


# -- the whole ------------------------------------------------------------------------------------

HEADLINES: Final = (
    "rd_expenditure",
    "value_added_secondary",
    "rd_personnel_fte",
    "hitech_enterprises_valid_stock_derived",
    "invention_patents_granted",
    "tech_market_contract_value_output",
)
"""What a run is compared with official figures by."""

MIDDLE: Final = 2015
"""A year inside the official series that is shown where it was run."""

MADE_UP: Final = ("synthetic", "ten_firms")
"""Packaged worlds whose figures are no observations."""

KEYS: Final = ["indicator", "region", "year"]

MOST_POINTS: Final = 20
OUTCOMES: Final = (
    "rd_expenditure",
    "value_added_secondary",
    "invention_patents_granted",
    "tech_market_contract_value_output",
    "coinventions_interprovince",
)
"""Indicators that the summary of a sweep shows."""

COSTS: Final = "policy_costs"
SHARES: Final = ("budget_used", "claims_met")
MONEY_WORDS: Final = mark(
    "Claimed: due under the rules of a policy. Leaked: paid, but not spent on its purpose. "
    "Unspent: what remains of a budget. Budget used: paid over offered (paid and unspent); no "
    "budget: paid as it falls due. Claims met: paid over claimed."
)
"""What the columns of the money of policies mean."""

ANCHORED, FITTED, INPUT = mark("anchored"), mark("fitted"), mark("input")
"""How an official figure sets a level, which then tests nothing."""

_GROWTH: Final = ("rd_expenditure", "rd_funds_enterprise")
_FROM_INPUTS: Final = ("rd_personnel_fte", "rd_funds_government")

APART: Final = 2.0
"""Factor between the ends of an interval beyond which it is not shown, past the judged years."""


def summarise(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Return ``summary`` and ``money``: headlines of a run beside official figures and its money.

    Of a sweep its points, and no money.
    """
    if results.contents.kind == RUN:
        tables = {"summary": compare_official(results), "money": policy_money(results)}
        return {name: records(table) for name, table in tables.items()}
    return {"summary": sweep_summary(results), "money": []}


def as_text(results: Results) -> str:
    """Return the same as aligned columns; empty when no run of a scenario is finished."""
    if results.contents.kind == RUN:
        figures = figures_as_text(results, compare_official(results))
        return "\n".join(filter(None, [figures, money_as_text(policy_money(results))]))
    return sweep_as_text(results)


# -- figures beside official ones ------------------------------------------------------------------


def compare_official(
    results: Results, point: int = 0, indicators: Sequence[str] = HEADLINES
) -> pd.DataFrame:
    """Return figures of a run beside official ones.

    Of each indicator the years are 2015 if it was run, the last one with an official figure, and
    the last one that was run; without official figures the first, the middle and the last one.

    ``point``: of a sweep. ``indicators``: names; those that were not recorded by province are left
    out. Returned: by ``indicator``, ``region`` (the whole first) and ``year``: ``unit``; ``n``
    replicates; their ``median``, ``low`` and ``high``, the least and the largest (NaN when n is 1);
    ``official``, NaN where there is no such figure; ``projection``, whether the year comes after
    the last official figure of the indicator; columns of `ydsim.results.summary`, NaN where no
    forecast is made. No rows where no year was recorded.
    """
    head = [*KEYS, "unit", "n", "median", "low", "high", "official", "projection", *COLUMNS]
    cards = results.manifest["indicators"]
    names = [n for n in indicators if "province" in cards.get(n, {"levels": ()})["levels"]]
    if PROVINCE_YEAR not in results.tables or not names or not results.done:
        return pd.DataFrame(columns=head)
    cube = results.cube(names, points=[point])
    long = cube.rename_axis(index={"place": "region"})
    long = long.melt(var_name="indicator", ignore_index=False).dropna().reset_index()
    if long.empty:
        return pd.DataFrame(columns=head)
    official = pd.DataFrame(results.columns(OFFICIAL)).rename(columns={"value": "official"})
    groups = long.groupby(KEYS, sort=False)["value"]
    found = groups.agg(n="count", median="median", low="min", high="max").reset_index()
    found.loc[found["n"] == 1, ["low", "high"]] = float("nan")
    both = found.merge(official[[*KEYS, "official"]], on=KEYS, how="left")
    known = both[both["official"].notna()].groupby("indicator")["year"].max()
    last = both["indicator"].map(known)
    both["projection"] = both["year"] > last
    both["unit"] = both["indicator"].map({name: cards[name]["unit"] for name in cards})
    shown = {
        (name, year)
        for name, years in both.groupby("indicator")["year"]
        for year in _shown(sorted(set(years)), known.get(name))
    }
    kept = pd.MultiIndex.from_frame(both[["indicator", "year"]]).isin(shown)
    ahead = forecasts(results, cube.droplevel("point"), point)
    return both.loc[kept].join(ahead, on=KEYS)[head].reset_index(drop=True)


def _shown(years: Sequence[int], last: float | None) -> list[int]:
    """Return the years of a table."""
    if last is None:
        return [years[0], years[len(years) // 2], years[-1]]
    wanted = [MIDDLE] if MIDDLE in years else [years[0]]
    return [*wanted, int(last), years[-1]]


def figures_as_text(results: Results, figures: pd.DataFrame) -> str:
    """Return the figures as plain text, a table of aligned columns for each indicator."""
    if not len(figures):
        return ""
    cards, whole = results.manifest["indicators"], str(results.manifest["regions"][-1])
    n, scale = int(figures["n"].max()), results.manifest["scenario"]["scale"]
    one = _t("{name}: one replicate at scale {scale:g}; run-to-run variation is not shown")
    how = _t("{name}: {n} replicates at scale {scale:g}, median (lowest to highest)")
    members = members_in(results.scenario_at(0).get("ensemble") or {})
    if members:
        how = _t(
            "{name}: an ensemble, {n} replicates with the parameters of {m} members, at scale "
            "{scale:g}, median (lowest to highest)"
        )
    text, m = one if n == 1 and not members else how, min(n, members)
    lines, ahead = [text.format(name=results.name, n=n, m=m, scale=scale)], told_ahead(figures)
    for name, block in figures.groupby("indicator", sort=False):
        head, columns = [""], []
        for year, mine in block.groupby("year"):
            known, later = mine["official"].notna().any(), mine["forecast"].notna().any()
            what = _t("{year} projection") if mine["projection"].any() else _t("{year} simulated")
            head += [what.format(year=year), *([_t("official")] if known else [])]
            ends = mine[["low", "high"]].where(mine["forecast"].isna())  # or the parts tell it
            simulated = zip(mine["median"], ends["low"], ends["high"], strict=True)
            columns.append([ranged(*row) for row in simulated])
            if known:
                columns.append([fmt.number(value) for value in mine["official"]])
            if later:
                head += [_t("forecast [80 %]"), parts_in_words(mine)]
                columns += [ahead[column].loc[mine.index].tolist() for column in ahead]
        places = list(dict.fromkeys(block["region"]))
        names = [_t("whole region") if place == whole else _t(place) for place in places]
        rows = [list(row) for row in zip(names, *columns, strict=True)]
        unit = unit_in_words(str(block["unit"].iloc[0]), str(cards[str(name)]["kind"]), str(name))
        title = _t("{what} ({name}), {unit}").format(
            what=capital(name_in_words(str(name))), name=name, unit=unit
        )
        lines += ["", title, *fmt.text_table(head, rows, right=range(1, len(head)))]
    for line in (*about_anchors(results, figures), *about_forecasts(results, figures)):
        lines += ["", *fmt.wrapped(line)]
    return "\n".join(lines) + "\n"


def told_ahead(figures: pd.DataFrame) -> pd.DataFrame:
    """Return forecasts with their intervals, and the parts of their variances, as text by row.

    An interval whose ends differ by more than a factor of `APART`, past the years over which
    errors were judged, is told by its direction from the last official figure alone.
    """
    told = []
    for way, row in zip(_directions(figures), figures[[*COLUMNS]].to_numpy().tolist(), strict=True):
        middle, low, high, share, own = row
        parts = [share, 1.0 - share] if math.isnan(own) else [share - own, own, 1.0 - share]
        shown = " + ".join(f"{100.0 * part:.0f}" for part in parts) if share == share else ""
        told.append((way or fmt.interval(middle, low, high), shown and fmt.with_unit(shown, "%")))
    return pd.DataFrame(told, index=figures.index, columns=["forecast", "parts"])


def _directions(figures: pd.DataFrame) -> list[str]:
    """Return the directions of forecasts that are told by them, empty for others."""
    known = figures[figures["official"].notna()].set_index(["indicator", "region"])
    last = known.groupby(level=[0, 1])[["year", "official"]].last().add_suffix("_last")
    rows = figures.join(last, on=["indicator", "region"])
    wide = rows["forecast_high"] > APART * rows["forecast_low"]
    late = rows["year"] > rows["year_last"] + JUDGED
    up, down = (rows[f"forecast_{end}"] - rows["official_last"] for end in ("low", "high"))
    ways = np.select([up > 0.0, down < 0.0], [_t("up"), _t("down")], _t("unclear"))
    return [str(way) for way in np.where(wide & late, ways, "")]


def parts_in_words(found: pd.DataFrame) -> str:
    """Return the head of the column of these parts."""
    if found["from_parameters"].notna().any():
        return _t("variance: runs, parameters, past errors")
    return _t("variance: runs, past errors")


def about_anchors(results: Results, figures: pd.DataFrame, point: int = 0) -> Iterator[str]:
    """Say which levels are set to official ones, in runs of a packaged region with a fit."""
    scenario = results.scenario_at(point)
    if (world := packaged_world(scenario)) is None:
        return
    base, names = load_base_run(world), figures["indicator"].unique().tolist()
    years = {name: anchored_in(base, name) or world.until for name in names}
    ways = {name: set_by(world, name, year) for name, year in years.items()}
    words = {name: name_in_words(name) for name in names if ways[name]}
    if not words:
        return
    if late := other_start(scenario["start"], world):
        yield late
        return
    if why := _other_parameters(scenario):
        yield _t(
            "Anchors and the fit belong to the default parameters. {why}, so that these levels "
            "need not be the official ones: {names}."
        ).format(why=why, names=fmt.listed(words.values()))
        return
    by_way: dict[str, list[str]] = {}
    for name, word in words.items():
        anchored = _t("anchored to {year}").format(year=years[name])
        by_way.setdefault(anchored if ways[name] == ANCHORED else _t(ways[name]), []).append(word)
    parts = [
        _t("{names} ({way})").format(names=fmt.listed(mine), way=way)
        for way, mine in by_way.items()
    ]
    text = _t("Set by official figures, so that these levels test nothing: {names}.")
    yield text.format(names=_t("; ").join(parts))


def set_by(world: World, name: str, year: int) -> str:
    """Return how the official figure of a year sets the level of an indicator.

    ``anchored``, ``fitted``, or ``input`` where it is an input or follows from inputs; empty where
    it tests the model. Anchors hold the growth of R&D and of contracts, of other figures the level
    of the last year alone. Measures of coupling are set where all their parts are.
    """
    if name in COUPLING:
        parts = (*TECHNOLOGY, MADE, "hitech_industry_new_product_sales")
        return ANCHORED if all(set_by(world, part, year) for part in parts) else ""
    base = load_base_run(world)
    last = anchored_in(base, "rd_expenditure" if name == "rd_funds_enterprise" else name)
    grows = name in _GROWTH or name in BY_YEAR
    if last is not None and (year == last or (grows and year < last)):
        return ANCHORED
    if year > world.until or base.market_shift is None:
        return ""
    return FITTED if name == MADE else INPUT if name in _FROM_INPUTS else ""


def packaged_world(scenario: Mapping[str, Any]) -> World | None:
    """Return the packaged world of a scenario as it is known there; None where it is of a user."""
    if scenario["world"] not in PACKAGED:
        return None
    world, known_in = load_world(scenario["world"]), scenario.get("known_in")
    return world if known_in is None else as_known(world, known_in)


def _other_parameters(scenario: Mapping[str, Any]) -> str:
    """Say that runs have other parameters than those that the fit is of; empty where not."""
    if scenario.get("ensemble"):
        return _t("Each replicate has the parameters of a member of the ensemble")
    usual = dict(flat(Parameters().model_dump(mode="json")))
    own = flat(plain_tree(scenario["parameters"]))
    if any(usual.get(key, value) != value for key, value in own if key[0] != "inputs"):
        return _t("This scenario has others")
    return ""


def about_forecasts(results: Results, figures: pd.DataFrame, point: int = 0) -> Iterator[str]:
    """Say what forecasts of figures hold, and of which projections there are none, and why."""
    late = figures[figures["projection"] | figures["forecast"].notna()]
    if late.empty or results.scenario_at(point)["world"] in MADE_UP:
        return
    if reason := why_not(results, point):
        message = _t("No forecast: {reason}. Projections show the range of the replicates.")
        yield message.format(reason=reason)
        return
    made = late.groupby("indicator", sort=False)["forecast"].count()
    drawn = dict(flat(results.scenario_at(point))).get(("parameters", "inputs", "uncertainty"))
    what = _t("variation of inputs and between replicates") if drawn else _t("run-to-run variation")
    if results.scenario_at(point).get("ensemble"):
        what = _t("{what}, with parameters of an ensemble").format(what=what)
    yield _t(
        "Forecast: the last official figure, extended with the growth of the runs. Its 80 % "
        "interval combines {runs} with the errors of past forecasts over one to three years (ydsim "
        "study skill), whose further growth is assumed; the next column has the shares of both in "
        "the variance. Differences between scenarios do not contain these errors, since both sides "
        "share them."
    ).format(runs=what)
    if any(_directions(figures)):
        yield _t(
            "Errors were judged over {n} years. Of later years an interval whose ends differ by "
            "more than a factor of {factor:g} is not shown, only its direction: up or down where "
            "all of it lies above or below the last official figure, else unclear."
        ).format(n=JUDGED, factor=APART)
    if (late["n"] == 1).all():
        yield _t("One replicate: the interval holds past errors only.")
    spread = discrepancy(results.scenario_at(point).get("known_in"))
    lacking, known = made.index[made == 0], spread.s if spread else {}
    untried = [name for name in made.index[made > 0] if spread and not spread.errors[name]]
    no_start = _t("No forecast of {names}: there is no official figure to start from.")
    no_error = _t("No forecast of {names}: no errors of earlier forecasts are known.")
    no_trial = _t(
        "Forecasts of {names} could not be evaluated yet: their errors are those of all figures."
    )
    for text, names in (
        (no_start, [name for name in lacking if name in known]),
        (no_error, [name for name in lacking if name not in known]),
        (no_trial, untried),
    ):
        if names:
            yield text.format(names=fmt.listed(map(name_in_words, names)))


def ranged(middle: float, low: float, high: float) -> str:
    """Return a median with its range as text."""
    text, first, last = map(fmt.number, (middle, low, high))
    both = _t("{middle} ({low} to {high})").format(middle=text, low=first, high=last)
    return text if math.isnan(low) else both


# -- money of policies -----------------------------------------------------------------------------


def policy_money(
    results: Results,
    point: int = 0,
    *,
    years: tuple[int, int] | None = None,
    replicates: Ints | None = None,
) -> pd.DataFrame:
    """Return the money of each policy of a point, 100m_rmb a year.

    ``years`` and ``replicates`` are those that count, by default all. By name: ``policy``;
    ``first`` and ``last`` of these years of which it has rows in the table ``policy_costs``; means
    from the first to the last of them and over replicates, summed over provinces and payers, of
    what was claimed (``asked``), paid (``taken``), ``leaked`` (not spent on what it is paid for)
    and unspent (``left``); ``budget_used`` and ``claims_met``, `shares` of these means. No rows
    without its columns.
    """
    columns = {"asked": "asked", "taken": "amount", "leaked": "leaked", "left": "left_over"}
    table = pd.DataFrame(results.raw(COSTS) if COSTS in results.manifest["tables"] else {})
    if not len(table) or not {*columns.values()} <= {*table}:
        return pd.DataFrame(columns=["policy", "first", "last", *columns, *SHARES])
    table = table[table["point"] == point]
    runs = table["replicate"].unique() if replicates is None else replicates
    mine = table["replicate"].isin(runs) & table["year"].between(*years or (-math.inf, math.inf))
    by_policy = table[mine & ~table["instrument"].isin(GENERAL)].groupby("instrument")
    found = by_policy["year"].agg(first="min", last="max")
    sums = by_policy.agg(**{name: (column, "sum") for name, column in columns.items()})
    found = found.join(sums.div(max(len(runs), 1) * (found["last"] - found["first"] + 1), axis=0))
    policies = results.scenario_at(point)["policies"] if len(found) else {}
    each = zip(found["asked"], found["taken"], found["left"], strict=True)
    parts = [
        shares(*of, budgeted=may_have_budget(shipped_class(str(name), policies.get(name, {}))))
        for name, of in zip(found.index, each, strict=True)
    ]
    found[[*SHARES]] = np.reshape(parts, (-1, len(SHARES)))
    return found.rename_axis("policy").reset_index()


def money_rows(found: pd.DataFrame) -> list[list[str]]:
    """Return head and rows of the same as text."""
    head = [_t("policy"), _t("years"), _t("claimed"), _t("paid"), _t("leaked"), _t("unspent")]
    rows = [
        [policy, f"{first}-{last}", *map(fmt.number, amounts), *shares_in_words(used, met)]
        for policy, first, last, *amounts, used, met in found.itertuples(index=False)
    ]
    return [[*head, _t("budget used"), _t("claims met")], *rows]


def shares_in_words(used: float, met: float) -> tuple[str, str]:
    """Return budget used and claims met as text."""
    none = _t("no budget") if math.isnan(used) and met > 0.0 else ""
    return none or fmt.percent(used, 3), fmt.percent(met, 3)


def money_as_text(found: pd.DataFrame) -> str:
    """Return the same as aligned columns; empty without policies with money."""
    head, *rows = money_rows(found)
    title = _t("money of policies (100 million RMB a year, mean over replicates)")
    lines = [title, *fmt.text_table(head, rows, right=range(1, len(head)))]
    return "\n".join([*lines, *fmt.wrapped(_t(MONEY_WORDS))]) + "\n" if rows else ""


# -- points of a sweep -----------------------------------------------------------------------------


def sweep_summary(results: Results) -> list[dict[str, Any]]:
    """Return the first points with factors, finished replicates, outcomes and differences.

    Each outcome is ``{"mean", "low", "high"}`` over replicates: the whole region in the last year,
    with a 95 % interval of the mean by Student's t (None for fewer than three replicates). Each
    difference to point 0 is the same over pairs of equal replicates, where all points share their
    random numbers; an interval holds for itself and not for all at once.
    """
    points = results.contents.points
    shown = [name for name in OUTCOMES if name in results.manifest["indicators"]]
    runs = results.runs.reindex(columns=["point", "replicate", *shown])
    runs = runs.set_index(["point", "replicate"])
    lines = []
    for row in range(min(len(points), MOST_POINTS)):
        base, mine = (
            runs.loc[runs.index.get_level_values(0) == at].droplevel(0) for at in (0, row)
        )
        line: dict[str, Any] = {"point": row, "scenario": str(points.columns["scenario"][row])}
        line |= {name: points.columns[name][row : row + 1].tolist()[0] for name in points.factors}
        line["replicates"] = len(mine)
        line["outcomes"] = {name: _mean_of(mine[name]) for name in shown}
        if results.manifest["random"] == "common" and row:
            line["differences"] = {name: _mean_of(mine[name] - base[name]) for name in shown}
        lines.append(line)
    return lines


def _mean_of(values: pd.Series) -> dict[str, float | None]:
    ends = interval(values.dropna().to_numpy(dtype=np.float64))[1:]
    return records(pd.DataFrame([ends], columns=["mean", "low", "high"]))[0]


def sweep_as_text(results: Results) -> str:
    """Return the summary of a sweep as one or two tables of aligned columns."""
    lines, points = sweep_summary(results), results.contents.points
    several = len(set(points.columns["scenario"].tolist())) > 1
    factors = ["scenario", *points.factors] if several else points.factors
    cards = results.manifest["indicators"]
    units = [f"{n} [{unit_in_brief(str(cards[n]['unit']), n)}]" for n in lines[0]["outcomes"]]
    head = [_t("point"), *factors, "n", *units]
    ends = {int(results.scenario_at(line["point"])["end"]) for line in lines}
    when = str(min(ends)) if len(ends) == 1 else _t("the last year of each point")
    whole = _t("the whole region in {year}: mean over n replicates [95 % interval]")
    paired = _t("difference to point 0, paired by replicate [95 % interval of each alone]")
    titles = {"outcomes": whole.format(year=when), "differences": f"\n{paired}"}
    text = []
    for what, title in titles.items():
        sign = what == "differences"  # without any interval a difference says nothing
        values = {line["point"]: [*line[what].values()] for line in lines if what in line}
        if sign and all(one["low"] is None for found in values.values() for one in found):
            continue
        rows = []
        for at, found in values.items():
            levels, message = lines[at], (fmt.interval(*one.values(), sign=sign) for one in found)
            first = [str(at), *(_plain(levels[name]) for name in factors)]
            rows.append([*first, str(levels["replicates"]), *message])
        text += [title, *fmt.text_table(head, rows, right=range(len(head)))]
    if (more := len(points) - len(lines)) > 0:
        command = f"ydsim export {results.path} --table runs"
        text.append(_t("and {n} more points: {command}").format(n=more, command=command))
    return "\n".join(text)


def _plain(value: Any) -> str:
    return shorten(f"{value:.6g}" if isinstance(value, float) else str(value), 24)
