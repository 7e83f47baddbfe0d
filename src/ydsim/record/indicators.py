"""What is observed: names, units and meaning of every recorded quantity.

An indicator that official statistics report bears their name and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["region", "province", "city"]
Kind = Literal["flow", "stock", "mean", "ratio"]

_LEVELS: Final[dict[str, Level]] = {"R": "region", "P": "province", "C": "city"}


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
        ``"flow"`` sums over the quarters of a year, ``"stock"`` is the value at year end,
        ``"mean"`` is the mean of the quarters, and ``"ratio"`` the ratio of two flows of the year;
        it is not recorded and stands in tidy tables alone.
    levels
        At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    meaning
        One line for the documentation.
    official
        True when an official series of the same name and unit exists.
    prior
        True when figures for single cities rest on a prior rather than on data.
    of
        Numerator and denominator of a ratio.
    """

    name: str
    unit: str
    kind: Kind
    levels: tuple[Level, ...]
    meaning: str
    official: bool = False
    prior: bool = False
    of: tuple[str, str] | None = None


def _indicator(
    name: str,
    unit: str,
    kind: Kind,
    levels: str,
    meaning: str,
    *,
    official: bool = False,
    of: tuple[str, str] | None = None,
) -> Indicator:
    """Return an indicator; levels by their first letters, figures for cities rest on a prior."""
    at = tuple(_LEVELS[letter] for letter in levels)
    return Indicator(name, unit, kind, at, meaning, official, "C" in levels, of)


INDICATORS: dict[str, Indicator] = {
    i.name: i
    for i in (
        _indicator(
            "rd_expenditure", "100m_rmb", "flow", "RPC", "R&D performed, all funds", official=True
        ),
        _indicator(
            "rd_funds_enterprise",
            "100m_rmb",
            "flow",
            "RPC",
            "R&D funded by enterprises",
            official=True,
        ),
        _indicator(
            "rd_funds_government",
            "100m_rmb",
            "flow",
            "RPC",
            "R&D funded by governments, leaked grants included as reported",
            official=True,
        ),
        _indicator(
            "rd_funds_foreign",
            "100m_rmb",
            "flow",
            "RP",
            "R&D funded from abroad (input)",
            official=True,
        ),
        _indicator(
            "rd_personnel_fte",
            "person_years",
            "mean",
            "RPC",
            "R&D personnel, full-time equivalents: R&D over the wage of researchers in the city",
            official=True,
        ),
        _indicator(
            "value_added_secondary",
            "100m_rmb",
            "flow",
            "RPC",
            "value added of industry, at current prices",
            official=True,
        ),
        _indicator(
            "gdp_alt", "100m_rmb", "flow", "RP", "gross domestic product (input)", official=True
        ),
        _indicator(
            "rd_intensity_gdp", "pct", "mean", "RP", "R&D of the quarter over GDP of the quarter"
        ),
        _indicator(
            "innovative_sales_share",
            "share",
            "stock",
            "R",
            "sales share of firms' recent adoptions and launches, x",
        ),
        _indicator("ideas", "items", "flow", "RPC", "ideas, started or not"),
        _indicator(
            "inventions", "items", "flow", "RPC", "inventions completed, shelved ones included"
        ),
        _indicator("launches", "items", "flow", "RPC", "projects launched"),
        _indicator("projects_live", "items", "stock", "RPC", "live projects"),
        _indicator(
            "projects_waiting", "items", "stock", "RPC", "projects that waited for a capability"
        ),
        _indicator(
            "projects_failed", "items", "flow", "RPC", "projects that failed or whose owner left"
        ),
        _indicator(
            "projects_died_waiting", "items", "flow", "RPC", "projects that died while they waited"
        ),
        _indicator("projects_shelved", "items", "flow", "RPC", "inventions that were not pursued"),
        _indicator("coinventions", "items", "flow", "RPC", "inventions of consortia"),
        _indicator(
            "coinventions_intercity",
            "items",
            "flow",
            "RPC",
            "of these, with a partner in another city or outside",
        ),
        _indicator(
            "coinventions_interprovince",
            "items",
            "flow",
            "RPC",
            "of these, with a partner in another province of the region",
        ),
        _indicator(
            "copublications",
            "items",
            "flow",
            "RPC",
            "joint applied research with a university or institute, completed",
        ),
        _indicator(
            "sci_papers",
            "papers",
            "flow",
            "RPC",
            "papers on applied research of universities and institutes",
            official=True,
        ),
        _indicator(
            "invention_patent_applications",
            "items",
            "flow",
            "RPC",
            "applications for invention patents",
            official=True,
        ),
        _indicator(
            "invention_patents_granted",
            "items",
            "flow",
            "RPC",
            "invention patents granted",
            official=True,
        ),
        _indicator(
            "invention_patents_in_force",
            "items",
            "stock",
            "RPC",
            "invention patents in force",
            official=True,
        ),
        _indicator(
            "university_inventions",
            "items",
            "flow",
            "RPC",
            "inventions of projects that universities began",
        ),
        _indicator(
            "university_inventions_stock",
            "items",
            "stock",
            "RPC",
            "of these, with a patent in force",
        ),
        _indicator(
            "university_licences",
            "items",
            "flow",
            "RPC",
            "projects that universities began and handed over",
        ),
        _indicator(
            "tech_market_contracts_output",
            "items",
            "flow",
            "RP",
            "registered technology contracts, by seller",
            official=True,
        ),
        _indicator(
            "tech_market_contracts_inflow",
            "items",
            "flow",
            "RP",
            "registered technology contracts, by buyer",
            official=True,
        ),
        _indicator(
            "tech_market_contract_value_output",
            "100m_rmb",
            "flow",
            "RP",
            "value of registered technology contracts, by seller",
            official=True,
        ),
        _indicator(
            "tech_market_contract_value_inflow",
            "100m_rmb",
            "flow",
            "RP",
            "value of registered technology contracts, by buyer",
            official=True,
        ),
        _indicator(
            "contract_value_cross_province",
            "100m_rmb",
            "flow",
            "RP",
            "registered value sold to other provinces of the region",
        ),
        _indicator(
            "contract_value_sold_outside",
            "100m_rmb",
            "flow",
            "RP",
            "registered value sold to the rest of the nation",
        ),
        _indicator(
            "contract_value_bought_outside",
            "100m_rmb",
            "flow",
            "RP",
            "registered value bought from the rest of the nation, by buyer",
        ),
        _indicator(
            "contract_cross_province_share",
            "share",
            "ratio",
            "RP",
            "registered value sold to other provinces of the region over all registered value sold",
            of=("contract_value_cross_province", "tech_market_contract_value_output"),
        ),
        _indicator(
            "contracts_true",
            "items",
            "flow",
            "RP",
            "technology contracts, registered or not, by seller",
        ),
        _indicator("contract_value_true", "100m_rmb", "flow", "RP", "their value"),
        _indicator(
            "contract_value_from_science",
            "100m_rmb",
            "flow",
            "RP",
            "of this, sold by universities and institutes",
        ),
        _indicator(
            "contract_value_handed_over",
            "100m_rmb",
            "flow",
            "RP",
            "value of contracts by which projects changed their owner",
        ),
        _indicator(
            "patents_transferred", "items", "flow", "RPC", "granted patents handed over, by seller"
        ),
        _indicator(
            "introductions", "items", "flow", "RPC", "candidates met through brokers, by broker"
        ),
        _indicator(
            "brokered_deals", "items", "flow", "RPC", "contracts through brokers, by broker"
        ),
        _indicator("brokers_fees", "100m_rmb", "flow", "RPC", "fees of brokers"),
        _indicator("ties_live", "ties", "stock", "R", "pairs of organisations with a living tie"),
        _indicator("ties_cross_province", "ties", "stock", "R", "of these, between two provinces"),
        _indicator(
            "researchers_stock", "fte", "stock", "RPC", "researchers, full-time equivalents"
        ),
        _indicator(
            "vacancies",
            "fte",
            "stock",
            "RPC",
            "researchers asked for and not there, before graduates and moves",
        ),
        _indicator(
            "talent_in",
            "fte",
            "flow",
            "RPC",
            "researchers who moved in from another city or from outside",
        ),
        _indicator(
            "talent_out",
            "fte",
            "flow",
            "RPC",
            "researchers who moved out to another city or outside",
        ),
        _indicator(
            "talent_cross_province",
            "fte",
            "flow",
            "R",
            "of these, between two provinces of the region",
        ),
        _indicator(
            "talent_net_outside",
            "fte",
            "flow",
            "R",
            "researchers won from the rest of the nation less those lost",
        ),
        _indicator("stories", "items", "flow", "RPC", "stories of media, by city of the launch"),
        _indicator(
            "awareness",
            "factor",
            "stock",
            "RPC",
            "factor on external influence in adoption, mean over cells of city and industry",
        ),
        _indicator(
            "adoptions",
            "items",
            "flow",
            "RPC",
            "adoptions of generations by firms, without what new firms are born with",
        ),
        _indicator(
            "adoptions_partner",
            "items",
            "flow",
            "RPC",
            "of these, through a partner that had adopted",
        ),
        _indicator("firms", "firms", "stock", "RPC", "technology-active firms"),
        _indicator("entries", "firms", "flow", "RPC", "firms founded"),
        _indicator(
            "spin_offs", "firms", "flow", "RPC", "of these, out of projects of universities"
        ),
        _indicator("exits", "firms", "flow", "RPC", "firms that exit"),
        _indicator("relocations_in", "firms", "flow", "RPC", "firms that moved in"),
        _indicator("relocations_out", "firms", "flow", "RPC", "firms that moved out"),
        _indicator(
            "hitech_enterprises_valid_stock_derived",
            "firms",
            "stock",
            "RPC",
            "firms with the certificate of a high-technology enterprise",
            official=True,
        ),
        _indicator(
            "certificate_eligible",
            "firms",
            "stock",
            "RPC",
            "firms that may apply, relabelled R&D included",
        ),
        _indicator(
            "certifications", "firms", "flow", "RPC", "certificates granted, without renewals"
        ),
        _indicator("certificates_lost", "firms", "flow", "RPC", "certificates that ran out"),
        _indicator(
            "relabelled_rd",
            "100m_rmb",
            "flow",
            "RPC",
            "spending that certified firms report as R&D on top of their R&D",
        ),
        _indicator(
            "productivity_log",
            "log",
            "stock",
            "RP",
            "mean log productivity of firms, weighted by value added",
        ),
        _indicator(
            "productivity_log_sd",
            "log",
            "stock",
            "RP",
            "standard deviation of log productivity between firms",
        ),
        _indicator(
            "herfindahl",
            "index",
            "stock",
            "R",
            "sum of squared firm shares in the region's value added, mean over industries",
        ),
        _indicator("rd_grants", "100m_rmb", "flow", "RPC", "grants to firms"),
        _indicator(
            "rd_grants_programme",
            "100m_rmb",
            "flow",
            "RPC",
            "grants of programmes beside the general ones",
        ),
        _indicator(
            "rd_grants_leaked", "100m_rmb", "flow", "RPC", "grants that were not spent on R&D"
        ),
        _indicator("profit_tax", "100m_rmb", "flow", "RPC", "profit tax paid by firms"),
        _indicator(
            "generations_live",
            "generations",
            "stock",
            "R",
            "living generations founded in the region",
        ),
        _indicator(
            "generations_live_outside",
            "generations",
            "stock",
            "R",
            "living generations founded in the rest of the nation",
        ),
        _indicator(
            "generations_founded", "generations", "flow", "R", "generations founded in the region"
        ),
        _indicator(
            "generations_founded_outside",
            "generations",
            "flow",
            "R",
            "generations founded in the rest of the nation",
        ),
        _indicator(
            "foundings_missed",
            "generations",
            "flow",
            "R",
            "foundings that fell out: more were due than launches, or one launch was drawn twice",
        ),
        _indicator(
            "adopted_share",
            "share",
            "stock",
            "R",
            "mean share of eligible firms that have adopted a living generation",
        ),
    )
}
"""Every recorded quantity, in the order of the columns."""

RECORDED: dict[str, Indicator] = {n: i for n, i in INDICATORS.items() if i.kind != "ratio"}
"""Those that have columns of their own in the recorded series."""
