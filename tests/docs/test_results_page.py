"""The page on results lists the columns that a run really gives, with their types and units."""

import re

import pytest

from tests.support.pages import cards, listed, page, rows, section, tables, types
from ydsim.agents.tally import LINKS
from ydsim.record.indicators import INDICATORS, RECORDED, ROWS
from ydsim.results.derived import DERIVED
from ydsim.results.results import Results
from ydsim.run.single import simulate
from ydsim.scenario.schema.scenario import Record
from ydsim.store.tables import described
from ydsim.typing import Columns

WIDE = {"series": ("region", "province"), "city_series": ("city",)}
STEMS = ("adopters", "eligible")
SHORT = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 4}
SHOCK = {"name": "end", "kind": "delete_projects", "year": 2011.5, "share": 0.2}
EVERYTHING = {
    "record.projects": True,
    "record.firms": True,
    "record.city_contracts": True,
    "shocks": [SHOCK],
}
RUNS = {"synthetic": {**SHORT, **EVERYTHING}, "ten_firms": EVERYTHING}
HEADER = ["column", "type", "unit", "meaning"]
UNITS = {i.unit for i in RECORDED.values()} | {
    "-", "year", "quarter", "quarters", "organisations", "researcher-quarters", "by channel",
    "items/100m_rmb", "s", "1/year", "years", "km", "places", "pairs", "links",
    "see `unit`", "as listed", "as the key",
}  # fmt: skip
"""Every unit there is, besides words for columns of several units."""


@pytest.fixture(scope="module", params=list(RUNS))
def results(request):
    return simulate(request.param, RUNS[request.param])


def headers() -> list[list[str]]:
    """Return the first row of every table of columns."""
    lines = [line for line in page("results.md").splitlines() if line.startswith("| column ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def recorded(results: Results, table: str) -> Columns:
    """Return the recorded columns, one name for those of all provinces, and of all fields."""
    provinces = results.manifest["regions"][:-1]
    named = {f"{stem}_{p}": f"{stem}_<province>" for stem in STEMS for p in provinces}
    found = {named.get(name, name): column for name, column in results.raw(table).items()}
    return {re.sub("^effort_.*", "effort_<field>", name): column for name, column in found.items()}


def raw(results: Results, table: str) -> list[str]:
    return list(recorded(results, table))


@pytest.mark.slow
def test_every_recorded_table_has_a_section(results):
    text = section(page("results.md"), "Tables in the folder")
    headings = set(re.findall(r"^### `(\w+)`$", text, flags=re.MULTILINE))
    assert headings == {*results.manifest["tables"], "runs", "official", "design", "plan"}


LONG = [
    "generations",
    "passports",
    "adoption_curves",
    "adoption",
    "funnel",
    "ties",
    "contracts",
    "knowledge",
    "holders",
    "agents",
    "ledger",
    "policy_costs",
    "policy_results",
    "shocks",
    "projects",
    "firms",
    "firm_ties",
    "organisation_ties",
    "city_contracts",
    "official",
]


@pytest.mark.slow
@pytest.mark.parametrize("table", LONG)
def test_columns_of_the_folder(results, table):
    assert listed(f"`{table}`") == raw(results, table)


@pytest.mark.slow
@pytest.mark.parametrize("table", [*LONG, *WIDE])
def test_types_of_the_folder(results, table):
    found, stated = types(recorded(results, table)), cards(f"`{table}`")
    assert {name: card[0] for name, card in stated.items() if name in found} == {
        name: kind for name, kind in found.items() if name in stated
    }
    rest = {kind for name, kind in found.items() if name not in stated}
    assert rest <= {"float"}


@pytest.mark.slow
@pytest.mark.parametrize("table", ["province_year", "city_year"])
def test_types_of_tidy_tables(results, table):
    found = types(results.columns(table))
    assert {name: card[0] for name, card in cards(f"`{table}`").items()}.items() <= found.items()


@pytest.mark.slow
def test_columns_of_runs_and_design(results):
    region = [name for name, i in INDICATORS.items() if "region" in i.levels]
    runs = set(raw(results, "runs"))
    assert {*listed("`runs`"), "point", *region} == runs
    assert listed("`design`")[:2] == raw(results, "design")
    found, stated = types(results.raw("runs")), cards("`runs`")
    assert {n: card[0] for n, card in stated.items() if n in found}.items() <= found.items()


def test_every_table_of_columns_has_type_unit_and_meaning():
    assert headers() == [HEADER] * len(headers())
    assert len(headers()) == len(LONG) + len(WIDE) + len(DERIVED) + len(
        ("province_year", "city_year", "plan", "runs", "design")
    )
    headings = re.findall(r"^### `(\w+)`$", page("results.md"), flags=re.MULTILINE)
    for heading in headings:
        for number in range(len(tables(f"`{heading}`"))):
            for name, card in cards(f"`{heading}`", number).items():
                if (heading, number) != ("ties", 1):  # the table of channels
                    assert card[1] in UNITS, (heading, name)
                    assert card[2], (heading, name)


@pytest.mark.slow
@pytest.mark.parametrize("table", list(WIDE))
def test_columns_of_wide_tables(results, table):
    levels = set(WIDE[table])
    expected = [name for name, i in RECORDED.items() if levels & set(i.levels)]
    assert [*listed(f"`{table}`"), *expected] == raw(results, table)


@pytest.mark.slow
def test_columns_of_tidy_tables(results):
    year = listed("`province_year`")
    assert year == list(results.columns("province_year"))
    assert [*year, *listed("`city_year`")] == list(results.columns("city_year"))
    at = year.index("year") + 1
    assert [*year[:at], "quarter", *year[at:]] == list(results.columns("series"))


def test_channels_of_ties_are_listed():
    _, channels = tables("`ties`")
    assert [row[0].strip("`") for row in channels] == list(LINKS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("passports", "stage", "passports"),
        ("passports", "kind", "passports"),
        ("funnel", "stage", "passports"),
        ("funnel", "lead", "funnel"),
        ("funnel", "partnership", "funnel"),
        ("agents", "kind", "agents"),
        ("adoption", "channel", "adoption"),
    ],
)
def test_words_of_a_column_are_listed(results, table, column, where):
    text = section(page("results.md"), f"`{where}`")
    for word in sorted(set(results.raw(table)[column].tolist())):
        assert f"`{word}`" in text


def test_switches_of_tables_are_listed():
    named = set(re.findall(r"`record\.(\w+): false`", section(page("results.md"), "The folder")))
    assert named == set(Record.model_fields)


@pytest.mark.slow
def test_flows_of_the_ledger_are_listed(results):
    text = " ".join(section(page("results.md"), "`ledger`").split())
    columns = results.raw("ledger")
    for flow in sorted(set(columns["flow"].tolist())):
        assert flow in text
    for sector in sorted({*columns["payer"].tolist(), *columns["receiver"].tolist()}):
        assert f"`{sector}`" in text


@pytest.mark.slow
def test_keys_of_the_manifest_are_listed(results):
    table = rows(section(page("results.md"), "The folder"))
    named = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in table)))
    assert named == {*results.manifest, "check"}


# -- the page and the command line say the same ----------------------------------------------------


def test_every_derived_table_has_a_section():
    text = section(page("results.md"), "Tables made on demand")
    assert re.findall(r"^### `(\w+)`$", text, flags=re.MULTILINE) == list(DERIVED)


@pytest.mark.slow
@pytest.mark.parametrize("table", list(DERIVED))
def test_columns_and_types_of_derived_tables(results, table):
    assert table in results.tables
    found = results.columns(table)
    assert ["scenario", *listed(f"`{table}`")] == list(found)
    stated = {name: card[0] for name, card in cards(f"`{table}`").items()}
    assert stated == {name: kind for name, kind in types(found).items() if name != "scenario"}


def test_the_catalogue_of_tables_is_that_of_the_page():
    headings = set(re.findall(r"^### `(\w+)`$", page("results.md"), flags=re.MULTILINE))
    assert headings - {"plan"} == set(described()) - {"failures"}
    for table in sorted(headings - {"plan"}):
        named = {n: c for n, c in cards(f"`{table}`").items() if re.fullmatch(r"[\w<>]+", n)}
        said = {n: [c.type, c.unit, c.meaning] for n, c in described()[table].columns.items()}
        assert said == named, table


def test_the_catalogue_of_indicators_is_that_of_the_page():
    page_rows = rows(section(page("results.md"), "Indicators"))
    told = {row[0].strip("`"): row[-1] for row in page_rows if re.fullmatch(r"`\w+`", row[0])}
    assert {name: ROWS[name]["detail"] for name in INDICATORS} == told
    for name, indicator in INDICATORS.items():
        formula = ROWS[name]["formula"]
        assert formula or indicator.kind != "ratio"
        assert all(part in formula for part in indicator.of or ())
        for word in re.findall(r"[a-z]+(?:_[a-z]+)+", formula):
            assert word in INDICATORS or word.endswith(("_i", "_j")), (name, word)
