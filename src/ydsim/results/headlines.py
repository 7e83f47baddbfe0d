"""Headline figures of a run beside official ones: median and range over replicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.store.layout import OFFICIAL

if TYPE_CHECKING:
    import pandas as pd

HEADLINES: Final = (
    "rd_expenditure",
    "value_added_secondary",
    "rd_personnel_fte",
    "hitech_enterprises_valid_stock_derived",
    "invention_patents_granted",
    "tech_market_contract_value_output",
)

MIDDLE: Final = 2015
"""A year inside the official series that is shown where it was run."""

KEYS: Final = ["indicator", "region", "year"]


def compare_official(
    results: Results, point: int = 0, indicators: Sequence[str] = HEADLINES
) -> pd.DataFrame:
    """Return figures of a run beside official ones.

    Of each indicator the years are 2015 if it was run, the last one with an official figure, and
    the last one that was run; without official figures the first, the middle and the last one.

    Parameters
    ----------
    point
        Of a sweep.
    indicators
        Names; those that were not recorded by province are left out.

    Returns
    -------
    DataFrame
        By ``indicator``, ``region`` (the whole first) and ``year``: ``unit``; ``n`` replicates;
        their ``median``, ``low`` and ``high``, the least and the largest (NaN when n is 1);
        ``official``, NaN where there is no such figure; ``projection``, whether the year comes
        after the last official figure of the indicator. No rows where no year was recorded.
    """
    import pandas as pd

    head = [*KEYS, "unit", "n", "median", "low", "high", "official", "projection"]
    long, official = simulated(results, indicators, point), official_of(results)
    if not len(long):
        return pd.DataFrame(columns=head)
    groups = long.groupby(KEYS, sort=False)["value"]
    found = groups.agg(n="count", median="median", low="min", high="max").reset_index()
    found.loc[found["n"] == 1, ["low", "high"]] = float("nan")
    both = found.merge(official, on=KEYS, how="left")
    known = both[both["official"].notna()].groupby("indicator")["year"].max()
    last = both["indicator"].map(known)
    both["projection"] = both["year"] > last
    cards = results.manifest["indicators"]
    both["unit"] = both["indicator"].map({name: cards[name]["unit"] for name in cards})
    shown = {
        (name, year)
        for name, years in both.groupby("indicator")["year"]
        for year in _shown(sorted(set(years)), known.get(name))
    }
    kept = pd.MultiIndex.from_frame(both[["indicator", "year"]]).isin(shown)
    return both.loc[kept, head].reset_index(drop=True)


def simulated(
    results: Results, indicators: Sequence[str] = HEADLINES, point: int = 0
) -> pd.DataFrame:
    """Return yearly values of a point by `KEYS`, the whole region first, a row a replicate."""
    import pandas as pd

    cards = results.manifest["indicators"]
    names = [n for n in indicators if "province" in cards.get(n, {"levels": ()})["levels"]]
    if PROVINCE_YEAR not in results.tables or not names or not results.done:
        return pd.DataFrame(columns=[*KEYS, "value"])
    cube = results.cube(names, points=[point]).rename_axis(index={"place": "region"})
    return cube.melt(var_name="indicator", ignore_index=False).dropna().reset_index()


def official_of(results: Results) -> pd.DataFrame:
    """Return official figures by `KEYS`."""
    import pandas as pd

    table = pd.DataFrame(results.columns(OFFICIAL)).rename(columns={"value": "official"})
    return table[[*KEYS, "official"]]


def _shown(years: Sequence[int], last: float | None) -> list[int]:
    """Return the years of a table."""
    if last is None:
        return [years[0], years[len(years) // 2], years[-1]]
    wanted = [MIDDLE] if MIDDLE in years else [years[0]]
    return [*wanted, int(last), years[-1]]
