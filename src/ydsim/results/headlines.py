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

    cards = results.manifest["indicators"]
    names = [n for n in indicators if "province" in cards.get(n, {"levels": ()})["levels"]]
    head = [*KEYS, "unit", "n", "median", "low", "high", "official", "projection"]
    if PROVINCE_YEAR not in results.tables or not names or not results.done:
        return pd.DataFrame(columns=head)
    cube = results.cube(names, points=[point]).rename_axis(index={"place": "region"})
    long = cube.melt(var_name="indicator", value_name="value", ignore_index=False).dropna()
    groups = long.groupby(KEYS, sort=False)["value"]
    found = groups.agg(n="count", median="median", low="min", high="max").reset_index()
    found.loc[found["n"] == 1, ["low", "high"]] = float("nan")
    official = pd.DataFrame(results.columns(OFFICIAL)).rename(columns={"value": "official"})
    both = found.merge(official[[*KEYS, "official"]], on=KEYS, how="left")
    known = both[both["official"].notna()].groupby("indicator")["year"].max()
    last = both["indicator"].map(known)
    both["projection"] = both["year"] > last
    both["unit"] = both["indicator"].map({name: cards[name]["unit"] for name in names})
    shown = {
        (name, year)
        for name, years in both.groupby("indicator")["year"]
        for year in _shown(sorted(set(years)), known.get(name))
    }
    kept = pd.MultiIndex.from_frame(both[["indicator", "year"]]).isin(shown)
    return both.loc[kept, head].reset_index(drop=True)


def _shown(years: Sequence[int], last: float | None) -> list[int]:
    """Return the years of a table."""
    if last is None:
        return [years[0], years[len(years) // 2], years[-1]]
    wanted = [MIDDLE] if MIDDLE in years else [years[0]]
    return [*wanted, int(last), years[-1]]
