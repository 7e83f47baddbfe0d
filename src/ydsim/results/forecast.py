r"""Forecasts of a run: growth of its replicates from the last official figures, with past errors.

A figure f of a province p, or of the region, whose last official value is of the year L, has h
years later the forecast

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
import pandas as pd

from ydsim.frozen import plain_tree
from ydsim.measures.forecasts import anchored, growing, of_sum, variance_between, widened
from ydsim.results.results import Results
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.schema.ensemble import groups_in
from ydsim.store.layout import OFFICIAL
from ydsim.translation import gettext as _t
from ydsim.typing import Floats

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
        return _t("forecast errors are known for the packaged region only")
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
