"""Headline figures of a run beside official ones: median and range over replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from ydsim.fmt import number, text_table
from ydsim.record.details import name_in_words, unit_in_words
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.store.layout import OFFICIAL
from ydsim.translation import gettext as _t
from ydsim.wording import capital

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
"""What a run is compared with official figures by."""

MIDDLE: Final = 2015
"""A year inside the official series that is shown where it was run."""

MADE_UP: Final = ("synthetic", "ten_firms")
"""Packaged worlds whose figures are no observations."""

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
    cards = results.manifest["indicators"]
    names = [n for n in indicators if "province" in cards.get(n, {"levels": ()})["levels"]]
    if PROVINCE_YEAR not in results.tables or not names or not results.done:
        return pd.DataFrame(columns=head)
    cube = results.cube(names, points=[point]).rename_axis(index={"place": "region"})
    long = cube.melt(var_name="indicator", ignore_index=False).dropna().reset_index()
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
    return both.loc[kept, head].reset_index(drop=True)


def _shown(years: Sequence[int], last: float | None) -> list[int]:
    """Return the years of a table."""
    if last is None:
        return [years[0], years[len(years) // 2], years[-1]]
    wanted = [MIDDLE] if MIDDLE in years else [years[0]]
    return [*wanted, int(last), years[-1]]


def as_text(results: Results, figures: pd.DataFrame) -> str:
    """Return the figures as plain text, a table of aligned columns for each indicator."""
    if not len(figures):
        return ""
    cards, whole = results.manifest["indicators"], str(results.manifest["regions"][-1])
    n, scale = int(figures["n"].max()), results.manifest["scenario"]["scale"]
    if n == 1:
        how = _t("{name}: one replicate at scale {scale:g}: chance cannot be seen in it")
    else:
        how = _t("{name}: {n} replicates at scale {scale:g}, median (lowest to highest)")
    lines = [how.format(name=results.name, n=n, scale=scale)]
    for name, block in figures.groupby("indicator", sort=False):
        head, columns = [""], []
        for year, mine in block.groupby("year"):
            known = mine["official"].notna().any()
            what = _t("{year} projection") if mine["projection"].any() else _t("{year} simulated")
            head += [what.format(year=year), *([_t("official")] if known else [])]
            simulated = mine[["median", "low", "high"]].to_numpy(dtype=np.float64)
            columns.append([ranged(*row) for row in simulated.tolist()])
            if known:
                columns.append([number(value) for value in mine["official"]])
        places = list(dict.fromkeys(block["region"]))
        names = [_t("whole region") if place == whole else place for place in places]
        rows = [list(row) for row in zip(names, *columns, strict=True)]
        unit = unit_in_words(str(block["unit"].iloc[0]), str(cards[str(name)]["kind"]))
        title = f"{capital(name_in_words(str(name)))} ({name}), {unit}"
        lines += ["", title, *text_table(head, rows, right=range(1, len(head)))]
    return "\n".join(lines) + "\n"


def ranged(middle: float, low: float, high: float) -> str:
    """Return a median with its range as text."""
    text = number(middle)
    if math.isnan(low):
        return text
    return _t("{middle} ({low} to {high})").format(middle=text, low=number(low), high=number(high))
