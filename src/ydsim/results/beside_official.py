"""A short comparison of simulated and official figures, for the end of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim import fmt
from ydsim.results.interval import interval
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.store.layout import OFFICIAL

YEARS = (2015, 2020, 2030)
PREFERRED = (
    "rd_expenditure",
    "value_added_secondary",
    "rd_personnel_fte",
    "hitech_enterprises_valid_stock_derived",
    "invention_patents_granted",
    "tech_market_contract_value_output",
)


@dataclass(frozen=True)
class Figure:
    """One number of the summary.

    Attributes
    ----------
    n
        Replicates behind it.
    mean
        Their mean.
    low, high
        Confidence interval (95 %) of the mean by Student's t; None when n is 1.
    official
        The official figure; None where there is none.
    """

    indicator: str
    unit: str
    region: str
    year: int
    n: int
    mean: float
    low: float | None
    high: float | None
    official: float | None


def summarise(results: Results) -> list[Figure]:
    """Return the headline figures by indicator, region (the whole first) and year."""
    if PROVINCE_YEAR not in results.tables:
        return []
    columns = results.columns(PROVINCE_YEAR)
    if not columns or not len(columns["year"]):
        return []
    found: dict[tuple[str, str, int], list[float]] = {}
    for *key, value in zip(
        columns["indicator"].tolist(),
        columns["region"].tolist(),
        columns["year"].tolist(),
        columns["value"].tolist(),
        strict=True,
    ):
        found.setdefault((key[0], key[1], key[2]), []).append(value)
    official = _official(results)
    *provinces, whole = results.manifest["regions"]
    years = shown_years(sorted(set(columns["year"].tolist())))
    units = results.manifest["indicators"]
    names = {name for name, _, _ in found}
    figures = []
    for name in (n for n in PREFERRED if n in names):
        for region in (whole, *provinces):
            for year in years:
                key3 = (name, region, year)
                if key3 in found:
                    n, mean, low, high = interval(np.array(found[key3]))
                    unit = units[name]["unit"]
                    real = official.get(key3)
                    figures.append(Figure(name, unit, region, year, n, mean, low, high, real))
    return figures


def shown_years(years: Sequence[int]) -> list[int]:
    """Return 2015, 2020 and 2030 as far as they were run, else the first, middle and last year.

    None of no years.
    """
    chosen = [year for year in YEARS if year in years]
    if years and not chosen:
        chosen = sorted({years[0], years[len(years) // 2], years[-1]})
    return chosen


def as_text(figures: Sequence[Figure]) -> str:
    """Return the figures as a table of plain text, one block for each indicator."""
    if not figures:
        return ""
    years = sorted({figure.year for figure in figures})
    n = max(figure.n for figure in figures)
    how = "one replicate" if n == 1 else f"mean of {n} replicates [95 % interval of the mean]"
    lines = [f"simulated ({how}) and official figures"]
    for name in dict.fromkeys(figure.indicator for figure in figures):
        block = [figure for figure in figures if figure.indicator == name]
        lines += ["", f"{name} ({block[0].unit})", *_block(block, years)]
    return "\n".join(lines) + "\n"


def _block(figures: Sequence[Figure], years: Sequence[int]) -> list[str]:
    cells = {(figure.region, figure.year): figure for figure in figures}
    head = ["", *(f"{year} {what}" for year in years for what in ("simulated", "official"))]
    rows = []
    for region in dict.fromkeys(figure.region for figure in figures):
        row = [region]
        for year in years:
            figure = cells.get((region, year))
            row += ["", ""] if figure is None else [_simulated(figure), fmt.number(figure.official)]
        rows.append(row)
    return fmt.text_table(head, rows, right=range(1, len(head)))


def _simulated(figure: Figure) -> str:
    return fmt.interval(figure.mean, figure.low, figure.high)


def _official(results: Results) -> dict[tuple[str, str, int], float]:
    rows = results.columns(OFFICIAL)
    keys = zip(
        rows["indicator"].tolist(), rows["region"].tolist(), rows["year"].tolist(), strict=True
    )
    return dict(zip(keys, rows["value"].tolist(), strict=True))
