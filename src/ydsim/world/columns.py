"""What is in the files of a world: every column with unit and meaning, for people."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column.

    Attributes
    ----------
    name, unit, meaning
        ``unit`` is ``-`` for texts.
    needed
        The file is of no use without it.
    """

    name: str
    unit: str
    needed: bool
    meaning: str


class File(NamedTuple):
    """One file: what it holds, what holds without it (empty: it is needed), and its columns."""

    holds: str
    without: str
    columns: tuple[Column, ...]


_CODE = Column("admin_code", "-", True, "code of the city in cities.csv")
_PROVINCE = Column("province", "-", True, "name of the province, as in cities.csv")
_YEAR = Column("year", "year", True, "calendar year")

FILES: dict[str, File] = {
    "world.csv": File(
        "names of the whole; with this file all but the next two may be left out",
        "every file without a stand-in is needed, and the total is called yrd",
        (
            Column("key", "-", True, "label (in sentences), total (in tables and figures), or "
                   "nation (what is around the region, as in provinces.csv)"),
            Column("value", "-", True, "the name, at most 40 characters"),
        ),
    ),
    "cities.csv": File(
        "one row a city; at least two provinces",
        "",
        (
            Column("admin_code", "-", True, "a code of your own or an official one, each once"),
            Column("name_en", "-", True, "name in tables and figures, each once; any script"),
            Column("name_zh", "-", False, "name in the local language"),
            Column("province_en", "-", True, "name of its province"),
            Column("lat", "degrees", True, "latitude of the city's seat, north positive"),
            Column("lon", "degrees", True, "longitude of the city's seat, east positive"),
        ),
    ),
    "cities_panel.csv": File(
        "one row a city and year; years between two are interpolated in logs, later ones extended",
        "",
        (
            _CODE,
            Column("year", "year", True, "the first one 2011 or before"),
            Column("gdp_100m_rmb", "100 million yuan", True, "GDP at current prices; may be empty"),
            Column("value_added_secondary_100m_rmb", "100 million yuan", True,
                   "value added of industry and construction; may be empty"),
            Column("population_10k", "10 000 persons", True, "residents; may be empty"),
            Column("value_added_vintage", "-", False, "any text; where it changes from a year to "
                   "the next, the city's part of its province is taken not to have moved"),
        ),
    ),
    "universities.csv": File(
        "one row an institution; a city or province may have none",
        "one undergraduate institution per million residents, at least one a province",
        (
            Column("name", "-", True, "its name; name_zh does as well"),
            _CODE,
            Column("level", "-", True, "undergraduate or vocational"),
            Column("double_first_class_2022", "0 or 1", True,
                   "1 for the few leading research universities"),
        ),
    ),
    "provinces.csv": File(
        "official figures, one row a place, year and indicator; at least gdp_alt, rd_expenditure, "
        "rd_funds_enterprise, rd_funds_government, public_budget_science_technology, "
        "rd_personnel_fte of provinces, rd_expenditure and rd_intensity of the nation; two years "
        "of 2011-17 or more. heis_students of provinces, where it is there, places those who "
        "begin in research, and without it universities do",
        "shares of GDP as in the Yangtze River Delta of 2015, indicator by indicator",
        (
            Column("region", "-", True, "a province, or the nation (China, or as in world.csv)"),
            _YEAR,
            Column("indicator", "-", True, "name of the figure"),
            Column("value", "as in unit", True, "the figure, not negative"),
            Column("unit", "-", True, "100m_rmb; person_years for rd_personnel_fte; pct_of_gdp "
                   "for rd_intensity"),
        ),
    ),
    "region.csv": File(
        "one row a province",
        "2.5 firms per 100 million yuan of secondary value added in 2011, 800 km, .7 institutes "
        "per undergraduate institution",
        (
            _PROVINCE,
            Column("firms", "firms", True, "technology-active firms; a run draws a share"),
            Column("outside_distance_km", "km", True, "distance to the rest of the nation"),
            Column("institutes", "institutes", True, "research institutes"),
            Column("registration_early", "share", False,
                   "share of technology contracts that is registered early (.9)"),
            Column("registration_late", "share", False, "and late (.9)"),
            Column("registration_year", "year", False, "middle of the change (2016)"),
        ),
    ),
    "fields.csv": File(
        "technology fields", "the ten fields of yrd",
        (Column("field", "-", True, "its name"),),
    ),
    "industries.csv": File(
        "industries of the nation", "the ten industries of yrd",
        (
            Column("industry", "-", True, "its name"),
            Column("share", "share", True, "of secondary value added; the shares sum to 1"),
            Column("rd_weight", "1", True, "R&D intensity relative to the others"),
            Column("high_technology", "0 or 1", False, "1 where official statistics count it as "
                   "high technology; for the indicator of new products alone"),
        ),
    ),
    "relevance.csv": File(
        "which fields an industry can use; rows sum to 1",
        "that of yrd for its fields and industries, else uniform",
        (
            Column("industry", "-", True, "as in industries.csv"),
            Column("<field>", "share", True, "one column for each field of fields.csv"),
        ),
    ),
    "profiles.csv": File(
        "industries of a province's value added; rows sum to 1",
        "the shares of industries.csv in every province",
        (
            _PROVINCE,
            Column("<industry>", "share", True, "one column for each industry of industries.csv"),
        ),
    ),
    "clusters.csv": File(
        "industries that are larger in a city than in its province", "none",
        (
            _CODE,
            Column("industry", "-", True, "as in industries.csv"),
            Column("factor", "1", True, "its share in the city over that in the province, to 100"),
        ),
    ),
    "city_pairs.csv": File(
        "all pairs of cities, each once", "great circles from the coordinates, no shared borders",
        (
            Column("code_a", "-", True, "code of a city"),
            Column("code_b", "-", True, "code of the other"),
            Column("great_circle_km", "km", True, "distance"),
            Column("shares_border", "0 or 1", True, "1 where the two touch"),
        ),
    ),
    "rail_hours.csv": File(
        "hours between cities by year, each pair once a year; read where "
        "parameters.travel.hours is recorded",
        "distance over parameters.travel.speed_kmh; so for each pair that is not in it",
        (
            Column("year", "year", True, "hours are those of its last day and hold from the next; "
                   "the first year also before, the last also afterwards"),
            Column("city_i", "-", True, "name of a city, as name_en in cities.csv"),
            Column("city_j", "-", True, "name of the other"),
            Column("hours", "h", True, "fastest way, without time to and from stations"),
        ),
    ),
    "firm_counts.csv": File(
        "published counts of firms, one row a place, year and indicator; the number of firms grows "
        "between two of them by parameters.population.counts and .between",
        "the number of firms grows by parameters.population.growth alone",
        (
            Column("region", "-", True, "a province, or the nation (China, or as in world.csv)"),
            _YEAR,
            Column("indicator", "-", True, "industrial_firms_above_scale, enterprise_legal_units "
                   "or hitech_industry_firms"),
            Column("value", "firms", True, "the count; rates are those from first to last year"),
        ),
    ),
    "firms.csv": File(
        "all firms by name, in place of drawn ones; profiles.csv and clusters.csv then go",
        "firms are drawn",
        (
            Column("name", "-", True, "its name, each once"),
            _CODE,
            Column("industry", "-", True, "as in industries.csv"),
            Column("size", "1", True, "value added relative to other firms of the province"),
            Column("productivity", "1", False, "relative to the mean firm of the nation (1)"),
            Column("knowledge <field>", "log", False, "knowledge in a field (0)"),
        ),
    ),
    "cities_innovation.csv": File(
        "the few published figures of cities on R&D; shown, not used", "none",
        (
            _CODE,
            _YEAR,
            Column("indicator", "-", True, "rd_expenditure or rd_intensity"),
            Column("value", "100m_rmb or % of GDP", True, "the figure"),
        ),
    ),
}  # fmt: skip
OTHER_FILES = {
    "base_run.json": "constants fitted to the tables by `ydsim world fit`; not for editing, "
    "and not used once a table changes",
    "outline.geojson": "outlines of provinces, coast, rivers and lakes, for maps alone",
    "sources.csv": "where each figure is from; for people, not read by the model",
}


def readme(title: str, present: tuple[str, ...], remarks: tuple[str, ...]) -> str:
    """Return the page that lies in a new folder.

    Parameters
    ----------
    title
        Its first line.
    present
        Files that the folder has.
    remarks
        Paragraphs below the title.
    """
    lines = [f"# {title}", "", *(text for remark in remarks for text in (remark, "")), *_HOW]
    for name, file in FILES.items():
        state = "" if name in present else ", not in this folder"
        without = f" Without it: {file.without}." if file.without else " Needed."
        lines += [f"## {name}{state}", "", f"Holds {file.holds}.{without}", ""]
        lines += ["| column | unit | needed | meaning |", "| --- | --- | --- | --- |"]
        for column in file.columns:
            needed = "yes" if column.needed else "no"
            lines.append(f"| `{column.name}` | {column.unit} | {needed} | {column.meaning} |")
        lines.append("")
    lines += ["## Other files", ""]
    lines += [f"- `{name}`: {holds}." for name, holds in OTHER_FILES.items()]
    return "\n".join(lines) + "\n"


_HOW = (
    "Change the files in any editor or spreadsheet and save them as CSV in UTF-8: commas between",
    "cells, a point before decimals, no thousands separators. Columns may be in any order; a",
    "column that is not named below, such as `source` or `note`, is for people. Then",
    "",
    "    ydsim world check FOLDER         # all that is wrong, at once; what rests on priors",
    "    ydsim run FOLDER/scenario.yaml   # FOLDER is where this page lies",
    "    ydsim world fit FOLDER           # lets cities make their official value added",
    "",
    "Money is in 100 million yuan at current prices. Another currency does as long as all figures",
    "are in it; tables keep the unit's name.",
    "",
)
