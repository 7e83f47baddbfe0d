"""Simulated and official figures side by side, in a few headlines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.store.layout import OFFICIAL

if TYPE_CHECKING:
    import pandas as pd

YEARS: Final = (2015, 2020, 2030)
HEADLINES: Final = (
    "rd_expenditure",
    "value_added_secondary",
    "rd_personnel_fte",
    "hitech_enterprises_valid_stock_derived",
    "invention_patents_granted",
    "tech_market_contract_value_output",
)


def compare_official(results: Results) -> pd.DataFrame:
    """Return headline figures beside official ones.

    Returns
    -------
    DataFrame
        By indicator, region (the whole first) and year: ``unit``; ``n`` replicates, their ``mean``
        with a 95 % interval by Student's t, ``low`` and ``high`` (NaN when n is 1), and
        ``official``, NaN where there is no such figure. No rows where no year was recorded.
    """
    import pandas as pd

    keys, rows = ["indicator", "region", "year"], []
    cards = results.manifest["indicators"]
    names = [name for name in HEADLINES if "province" in cards.get(name, {"levels": ()})["levels"]]
    if PROVINCE_YEAR in results.tables and names and results.done:
        cube = results.cube(names).rename_axis(index={"place": "region"})
        years = shown_years(sorted(set(cube.index.get_level_values("year"))))
        cube = cube[cube.index.isin(years, level="year")]
        for name in names:
            for (region, year), values in (
                cube[name].dropna().groupby(["region", "year"], sort=False)
            ):
                found = interval(values.to_numpy())
                rows.append((name, region, year, cards[name]["unit"], *found))
    head = [*keys, "unit", "n", "mean", "low", "high"]
    simulated = pd.DataFrame(rows, columns=head).astype({"low": float, "high": float})
    official = pd.DataFrame(results.columns(OFFICIAL)).rename(columns={"value": "official"})
    return simulated.merge(official[[*keys, "official"]], on=keys, how="left")


def shown_years(years: Sequence[int]) -> list[int]:
    """Return 2015, 2020 and 2030 if they were run, else the first, middle and last year.

    None of no years.
    """
    chosen = [year for year in YEARS if year in years]
    if years and not chosen:
        chosen = sorted({years[0], years[len(years) // 2], years[-1]})
    return chosen


def as_text(figures: pd.DataFrame) -> str:
    """Return the figures as a table of plain text, one block for each indicator."""
    if not len(figures):
        return ""
    n = int(figures["n"].max())
    how = "one replicate" if n == 1 else f"mean of {n} replicates [95 % interval of the mean]"
    lines = [f"simulated ({how}) and official figures"]
    years = sorted(set(figures["year"]))
    head = ["", *(f"{year} {what}" for year in years for what in ("simulated", "official"))]
    for name, block in figures.groupby("indicator", sort=False):
        rows = []
        for region, mine in block.groupby("region", sort=False):
            columns = mine[["year", "mean", "low", "high", "official"]]
            cells = {
                year: [fmt.interval(*simulated), fmt.number(real)]
                for year, *simulated, real in columns.itertuples(index=False)
            }
            rows.append([str(region), *(c for year in years for c in cells.get(year, ["", ""]))])
        table = fmt.text_table(head, rows, right=range(1, len(head)))
        lines += ["", f"{name} ({block['unit'].iloc[0]})", *table]
    return "\n".join(lines) + "\n"
