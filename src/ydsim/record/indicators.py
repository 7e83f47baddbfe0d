"""What is observed: names, units and meaning of every recorded quantity.

An indicator that official statistics report bears their name and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Indicator:
    """One recorded quantity.

    Attributes
    ----------
    name
        Column name in every table.
    unit
        Unit of the yearly and, for stocks, of the quarterly value.
    kind
        ``"flow"`` sums over the quarters of a year, ``"stock"`` is the value at year end, and
        ``"mean"`` is the mean of the quarters.
    levels
        At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    meaning
        One line for the documentation.
    official
        True when an official series of the same name and unit exists.
    prior
        True when figures for single cities rest on a prior rather than on data.
    """

    name: str
    unit: str
    kind: Literal["flow", "stock", "mean"]
    levels: tuple[Literal["region", "province", "city"], ...]
    meaning: str
    official: bool = False
    prior: bool = False


Level = Literal["region", "province", "city"]

_ALL: tuple[Level, ...] = ("region", "province", "city")
_PROVINCE: tuple[Level, ...] = ("region", "province")
_REGION: tuple[Level, ...] = ("region",)

INDICATORS: dict[str, Indicator] = {
    i.name: i
    for i in (
        Indicator(
            "rd_expenditure",
            "100m_rmb",
            "flow",
            _ALL,
            "R&D performed, all funds",
            official=True,
            prior=True,
        ),
        Indicator(
            "rd_funds_enterprise",
            "100m_rmb",
            "flow",
            _ALL,
            "R&D funded by enterprises",
            official=True,
            prior=True,
        ),
        Indicator(
            "rd_funds_government",
            "100m_rmb",
            "flow",
            _ALL,
            "R&D funded by governments, leaked grants included as reported",
            official=True,
            prior=True,
        ),
        Indicator(
            "rd_funds_foreign",
            "100m_rmb",
            "flow",
            _PROVINCE,
            "R&D funded from abroad (input)",
            official=True,
        ),
        Indicator(
            "rd_personnel_fte",
            "person_years",
            "mean",
            _ALL,
            "R&D personnel, full-time equivalents: R&D over the wage of researchers",
            official=True,
            prior=True,
        ),
        Indicator(
            "value_added_secondary",
            "100m_rmb",
            "flow",
            _ALL,
            "value added of industry, at current prices",
            official=True,
            prior=True,
        ),
        Indicator(
            "gdp_alt",
            "100m_rmb",
            "flow",
            _PROVINCE,
            "gross domestic product (input)",
            official=True,
        ),
        Indicator(
            "rd_intensity_gdp",
            "pct",
            "mean",
            _PROVINCE,
            "R&D of the quarter over GDP of the quarter",
        ),
        Indicator(
            "innovative_sales_share",
            "share",
            "stock",
            _REGION,
            "sales share of firms' recent adoptions and launches, x",
        ),
        Indicator("ideas", "items", "flow", _ALL, "ideas, started or not", prior=True),
        Indicator("inventions", "items", "flow", _ALL, "inventions completed", prior=True),
        Indicator("developments", "items", "flow", _ALL, "developments completed", prior=True),
        Indicator("launches", "items", "flow", _ALL, "projects launched", prior=True),
        Indicator("projects_live", "items", "stock", _ALL, "live projects", prior=True),
        Indicator(
            "projects_waiting",
            "items",
            "stock",
            _ALL,
            "projects that wait for a capability",
            prior=True,
        ),
        Indicator(
            "projects_failed",
            "items",
            "flow",
            _ALL,
            "projects that failed or whose owner left",
            prior=True,
        ),
        Indicator(
            "projects_died_waiting",
            "items",
            "flow",
            _ALL,
            "projects that died while they waited",
            prior=True,
        ),
        Indicator(
            "adoptions",
            "items",
            "flow",
            _ALL,
            "adoptions of generations by firms, without what new firms are born with",
            prior=True,
        ),
        Indicator("firms", "firms", "stock", _ALL, "technology-active firms", prior=True),
        Indicator("entries", "firms", "flow", _ALL, "firms founded", prior=True),
        Indicator("exits", "firms", "flow", _ALL, "firms that exit", prior=True),
        Indicator(
            "productivity_log",
            "log",
            "stock",
            _PROVINCE,
            "mean log productivity of firms, weighted by value added",
        ),
        Indicator(
            "productivity_log_sd",
            "log",
            "stock",
            _PROVINCE,
            "standard deviation of log productivity between firms",
        ),
        Indicator(
            "herfindahl",
            "index",
            "stock",
            _REGION,
            "sum of squared firm shares in the region's value added, mean over industries",
        ),
        Indicator("rd_grants", "100m_rmb", "flow", _ALL, "grants to firms", prior=True),
        Indicator(
            "rd_grants_programme",
            "100m_rmb",
            "flow",
            _ALL,
            "grants of programmes beside the general ones",
            prior=True,
        ),
        Indicator(
            "rd_grants_leaked",
            "100m_rmb",
            "flow",
            _ALL,
            "grants that were not spent on R&D",
            prior=True,
        ),
        Indicator("profit_tax", "100m_rmb", "flow", _ALL, "profit tax paid by firms", prior=True),
        Indicator(
            "generations_live",
            "generations",
            "stock",
            _REGION,
            "living generations founded in the region",
        ),
        Indicator(
            "generations_live_outside",
            "generations",
            "stock",
            _REGION,
            "living generations founded in the rest of the nation",
        ),
        Indicator(
            "generations_founded",
            "generations",
            "flow",
            _REGION,
            "generations founded in the region",
        ),
        Indicator(
            "generations_founded_outside",
            "generations",
            "flow",
            _REGION,
            "generations founded in the rest of the nation",
        ),
        Indicator(
            "foundings_missed",
            "generations",
            "flow",
            _REGION,
            "foundings that fell out: more were due than launches, or one launch was drawn twice",
        ),
        Indicator(
            "adopted_share",
            "share",
            "stock",
            _REGION,
            "mean share of eligible firms that have adopted a living generation",
        ),
    )
}
"""Every recorded quantity, in the order of the columns."""
