"""What is observed: names, units and meaning of every recorded quantity.

An indicator that official statistics report bears their name and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["region", "province", "city"]
Kind = Literal["flow", "stock", "mean", "ratio"]

_KINDS: Final[dict[str, Kind]] = {k: k for k in ("flow", "stock", "mean", "ratio")}
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
        it is not recorded and is in tidy tables alone.
    levels
        At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    meaning
        One line for the documentation.
    official
        True when an official series of the same name and unit exists.
    prior
        True when figures for single cities rest on a prior rather than on data or an input.
    fitted
        True when figures for single cities are fitted to official ones.
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
    fitted: bool = False
    of: tuple[str, str] | None = None


_CATALOGUE: Final = (
    ("rd_expenditure", "100m_rmb flow RPC official", "R&D performed, all funds"),
    ("rd_funds_enterprise", "100m_rmb flow RPC official", "R&D funded by enterprises"),
    (
        "rd_funds_government",
        "100m_rmb flow RPC official",
        "R&D funded by governments, leaked grants included as reported",
    ),
    ("rd_funds_foreign", "100m_rmb flow RP official", "R&D funded from abroad (input)"),
    (
        "rd_basic_research",
        "100m_rmb flow RPC official",
        "basic research of universities and institutes, part of R&D",
    ),
    (
        "rd_personnel_fte",
        "person_years mean RPC official",
        "R&D personnel, full-time equivalents: R&D over the wage of researchers in the city",
    ),
    (
        "value_added_secondary",
        "100m_rmb flow RPC official fitted",
        "value added of industry, at current prices",
    ),
    ("gdp_alt", "100m_rmb flow RP official", "gross domestic product (input)"),
    (
        "population_resident_year_end",
        "10k_persons stock RPC official data",
        "residents (input)",
    ),
    ("rd_intensity_gdp", "pct mean RP", "R&D of the quarter over GDP of the quarter"),
    (
        "innovative_sales_share",
        "share stock RPC",
        "sales share of firms' recent adoptions and launches, x",
    ),
    (
        "hitech_industry_new_product_sales",
        "100m_rmb flow RP official",
        "sales of new products of high-technology industries",
    ),
    ("ideas", "items flow RPC", "ideas, started or not"),
    ("inventions", "items flow RPC", "inventions completed, shelved ones included"),
    ("launches", "items flow RPC", "projects launched"),
    ("projects_live", "items stock RPC", "live projects"),
    ("projects_waiting", "items stock RPC", "projects that waited for a capability"),
    ("projects_failed", "items flow RPC", "projects that failed or whose owner left"),
    ("projects_died_waiting", "items flow RPC", "projects that died while they waited"),
    ("projects_shelved", "items flow RPC", "inventions that were not pursued"),
    ("coinventions", "items flow RPC", "inventions of consortia"),
    (
        "coinventions_intercity",
        "items flow RPC",
        "of these, with a partner in another city or outside",
    ),
    (
        "coinventions_interprovince",
        "items flow RPC",
        "of these, with a partner in another province of the region",
    ),
    (
        "copublications",
        "items flow RPC",
        "joint applied research with a university or institute, completed",
    ),
    (
        "sci_papers",
        "papers flow RPC official",
        "papers on applied research of universities and institutes",
    ),
    (
        "invention_patent_applications",
        "items flow RPC official",
        "applications for invention patents",
    ),
    (
        "invention_applications_service_enterprise",
        "items flow RPC official",
        "of these, of inventions that firms own",
    ),
    (
        "invention_applications_service_university",
        "items flow RPC official",
        "of these, of inventions that universities own",
    ),
    (
        "invention_applications_service_research_institute",
        "items flow RPC official",
        "of these, of inventions that institutes own",
    ),
    ("invention_patents_granted", "items flow RPC official", "invention patents granted"),
    ("invention_patents_in_force", "items stock RPC official", "invention patents in force"),
    ("university_inventions", "items flow RPC", "inventions of projects that universities began"),
    ("university_inventions_stock", "items stock RPC", "of these, with a patent in force"),
    ("university_licences", "items flow RPC", "projects that universities began and handed over"),
    (
        "tech_market_contracts_output",
        "items flow RP official",
        "registered technology contracts, by seller",
    ),
    (
        "tech_market_contracts_inflow",
        "items flow RP official",
        "registered technology contracts, by buyer",
    ),
    (
        "tech_market_contract_value_output",
        "100m_rmb flow RP official",
        "value of registered technology contracts, by seller",
    ),
    (
        "tech_market_contract_value_inflow",
        "100m_rmb flow RP official",
        "value of registered technology contracts, by buyer",
    ),
    (
        "contract_value_cross_province",
        "100m_rmb flow RP",
        "registered value sold to other provinces of the region",
    ),
    (
        "contract_value_sold_outside",
        "100m_rmb flow RP",
        "registered value sold to the rest of the nation",
    ),
    (
        "contract_value_bought_outside",
        "100m_rmb flow RP",
        "registered value bought from the rest of the nation, by buyer",
    ),
    (
        "contract_cross_province_share",
        "share ratio RP",
        "registered value sold to other provinces of the region over all registered value sold",
    ),
    ("contracts_true", "items flow RP", "technology contracts, registered or not, by seller"),
    ("contract_value_true", "100m_rmb flow RP", "their value"),
    (
        "contract_value_from_science",
        "100m_rmb flow RP",
        "of this, sold by universities and institutes",
    ),
    (
        "contract_value_handed_over",
        "100m_rmb flow RP",
        "value of contracts by which projects changed their owner",
    ),
    ("patents_transferred", "items flow RPC", "granted patents handed over, by seller"),
    (
        "patents_transferred_expected",
        "items flow RPC",
        "the same by the probabilities of hand-overs, before rivals and draws",
    ),
    ("introductions", "items flow RPC", "candidates met through brokers, by broker"),
    ("brokered_deals", "items flow RPC", "contracts through brokers, by broker"),
    ("brokers_fees", "100m_rmb flow RPC", "fees of brokers"),
    ("ties_live", "ties stock R", "pairs of organisations with a living tie"),
    ("ties_cross_province", "ties stock R", "of these, between two provinces"),
    ("researchers_stock", "fte stock RPC", "researchers, full-time equivalents"),
    (
        "vacancies",
        "fte stock RPC",
        "posts of researchers that stay open, without scarce supply those before graduates come",
    ),
    ("talent_in", "fte flow RPC", "researchers who moved in from another city or from outside"),
    ("talent_out", "fte flow RPC", "researchers who moved out to another city or outside"),
    ("talent_cross_province", "fte flow R", "of these, between two provinces of the region"),
    (
        "talent_net_outside",
        "fte flow R",
        "researchers won from the rest of the nation less those lost",
    ),
    ("stories", "items flow RPC", "stories of media, by city of the launch"),
    (
        "awareness",
        "1 stock RPC",
        "factor by which media raise external influence in adoption, mean over firms",
    ),
    (
        "adoptions",
        "items flow RPC",
        "adoptions of generations by firms, without what new firms are born with",
    ),
    ("adoptions_partner", "items flow RPC", "of these, through a partner that had adopted"),
    ("firms", "firms stock RPC", "technology-active firms"),
    ("entries", "firms flow RPC", "firms founded"),
    ("spin_offs", "firms flow RPC", "of these, out of projects of universities"),
    ("exits", "firms flow RPC", "firms that exit"),
    ("relocations_in", "firms flow RPC", "firms that moved in"),
    ("relocations_out", "firms flow RPC", "firms that moved out"),
    (
        "hitech_enterprises_valid_stock_derived",
        "firms stock RPC official",
        "firms with the certificate of a high-technology enterprise",
    ),
    ("certificate_eligible", "firms stock RPC", "firms that may apply, relabelled R&D included"),
    ("certifications", "firms flow RPC", "certificates granted, without renewals"),
    (
        "hitech_enterprises_recognised_in_year",
        "firms flow RPC official",
        "certificates of high-technology enterprises granted or renewed",
    ),
    ("certificates_lost", "firms flow RPC", "certificates that ran out"),
    (
        "relabelled_rd",
        "100m_rmb flow RPC",
        "spending that firms report as R&D on top of their R&D, for certificate or tax relief",
    ),
    ("productivity_log", "log stock RP", "mean log productivity of firms, weighted by value added"),
    ("productivity_log_sd", "log stock RP", "standard deviation of log productivity between firms"),
    (
        "herfindahl",
        "index stock R",
        "sum of squared firm shares in the region's value added, mean over industries",
    ),
    ("rd_grants", "100m_rmb flow RPC", "grants to firms"),
    ("rd_grants_programme", "100m_rmb flow RPC", "grants of programmes beside the general ones"),
    ("rd_grants_leaked", "100m_rmb flow RPC", "grants that were not spent on R&D"),
    ("profit_tax", "100m_rmb flow RPC", "profit tax paid by firms"),
    ("generations_live", "generations stock R", "living generations founded in the region"),
    (
        "generations_live_outside",
        "generations stock R",
        "living generations founded in the rest of the nation",
    ),
    ("generations_founded", "generations flow R", "generations founded in the region"),
    (
        "generations_founded_outside",
        "generations flow R",
        "generations founded in the rest of the nation",
    ),
    (
        "foundings_missed",
        "generations flow R",
        "foundings that fell out: no more than two wait in a cell without a launch",
    ),
    (
        "adopted_share",
        "share stock R",
        "mean share of eligible firms that have adopted a living generation",
    ),
    (
        "coupling",
        "1 stock RPC official",
        "coupling coordination D of technology and industry, 0 to 1 and above",
    ),
    (
        "coupling_modified",
        "1 stock RPC official",
        "coupling coordination D with the modified form of C",
    ),
    (
        "coupling_degree",
        "1 stock RPC official",
        "coupling C of technology and industry: 1 where their scores are equal",
    ),
    ("coupling_degree_modified", "1 stock RPC official", "coupling C in the modified form"),
    (
        "coupling_development",
        "1 stock RPC official",
        "development T, mean of the scores of technology and industry",
    ),
    ("technology_score", "1 stock RPC official", "score U of technology innovation"),
    ("industry_score", "1 stock RPC official", "score U of industrial innovation"),
    (
        "collaboration_index",
        "index stock RP official",
        "collaboration across provinces, mean of four components, 2011 = 100",
    ),
    (
        "collaboration_resources",
        "index stock RP official",
        "component resource sharing: moves of researchers, shared facilities",
    ),
    (
        "collaboration_cooperation",
        "index stock RP official",
        "component innovation cooperation: co-inventions, co-publications",
    ),
    (
        "collaboration_results",
        "index stock RP official",
        "component results sharing: registered technology contracts by value",
    ),
    (
        "collaboration_industry",
        "index stock RP official",
        "component industry linkage: value added sold to other provinces",
    ),
)
"""Name, then unit, kind, levels by first letter and marks, then meaning."""

_RATIOS: Final = {
    "contract_cross_province_share": (
        "contract_value_cross_province",
        "tech_market_contract_value_output",
    )
}


def _indicator(name: str, properties: str, meaning: str) -> Indicator:
    """Return an entry of the catalogue; figures for cities rest on a prior or are fitted."""
    unit, kind, levels, *marks = properties.split()
    at_levels = tuple(_LEVELS[letter] for letter in levels)
    official, fitted = "official" in marks, "fitted" in marks
    prior = "C" in levels and not fitted and "data" not in marks
    return Indicator(
        name, unit, _KINDS[kind], at_levels, meaning, official, prior, fitted, _RATIOS.get(name)
    )


INDICATORS: dict[str, Indicator] = {entry[0]: _indicator(*entry) for entry in _CATALOGUE}
"""Every quantity, in the order of the columns."""

RECORDED: dict[str, Indicator] = {n: i for n, i in INDICATORS.items() if i.kind != "ratio"}
"""Those that have columns of their own in the recorded series."""
