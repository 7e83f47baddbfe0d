"""The page on results lists the columns that a run really gives."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_odd import page, rows, section
from ydsim.agents.state import LINKS
from ydsim.experiment.results import Results
from ydsim.experiment.simulate import simulate
from ydsim.record.indicators import RECORDED
from ydsim.scenario.schema import Record

WIDE = {"series": ("region", "province"), "city_series": ("city",)}
STEMS = ("adopters", "eligible")
SHORT = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 4}


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate("synthetic", SHORT)


def listed(heading: str) -> list[str]:
    """Return the columns in the first table under a heading."""
    return re.findall(r"`([\w<>]+)`", " ".join(row[0] for row in tables(heading)[0]))


def tables(heading: str) -> list[list[list[str]]]:
    """Return the rows of each table under a heading."""
    text = section(page("results.md"), heading)
    return [rows(block) for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)]


def raw(results: Results, table: str) -> list[str]:
    """Return the recorded columns, one name for those of all provinces."""
    provinces = results.manifest["regions"][:-1]
    named = {f"{stem}_{p}": f"{stem}_<province>" for stem in STEMS for p in provinces}
    return list(dict.fromkeys(named.get(name, name) for name in results.raw(table)))


def test_every_recorded_table_has_a_section(results: Results) -> None:
    text = section(page("results.md"), "Tables in the folder")
    headings = set(re.findall(r"^### `(\w+)`$", text, flags=re.MULTILINE))
    assert headings == {*results.manifest["tables"], "runs", "official", "design"}


@pytest.mark.parametrize(
    "table",
    [
        "generations",
        "passports",
        "adoption_curves",
        "adoption",
        "funnel",
        "ties",
        "contracts",
        "knowledge",
        "agents",
        "ledger",
        "policy_costs",
        "policy_results",
        "runs",
        "official",
        "design",
    ],
)
def test_columns_of_the_folder(results: Results, table: str) -> None:
    assert listed(f"`{table}`") == raw(results, table)


@pytest.mark.parametrize("table", list(WIDE))
def test_columns_of_wide_tables(results: Results, table: str) -> None:
    levels = set(WIDE[table])
    expected = [name for name, i in RECORDED.items() if levels & set(i.levels)]
    assert [*listed(f"`{table}`"), *expected] == raw(results, table)


def test_columns_of_tidy_tables(results: Results) -> None:
    year = listed("`province_year`")
    assert year == list(results.columns("province_year"))
    assert [*year, *listed("`city_year`")] == list(results.columns("city_year"))
    at = year.index("year") + 1
    assert [*year[:at], "quarter", *year[at:]] == list(results.columns("series"))


def test_channels_of_ties_are_listed() -> None:
    _, channels = tables("`ties`")
    assert [row[0].strip("`") for row in channels] == list(LINKS)


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
def test_words_of_a_column_are_listed(
    results: Results, table: str, column: str, where: str
) -> None:
    text = section(page("results.md"), f"`{where}`")
    for word in sorted(set(results.raw(table)[column].tolist())):
        assert f"`{word}`" in text


def test_switches_of_tables_are_listed() -> None:
    named = set(re.findall(r"`record\.(\w+): false`", section(page("results.md"), "The folder")))
    assert named == set(Record.model_fields)


def test_flows_of_the_ledger_are_listed(results: Results) -> None:
    text = " ".join(section(page("results.md"), "`ledger`").split())
    columns = results.raw("ledger")
    for flow in sorted(set(columns["flow"].tolist())):
        assert flow in text
    for sector in sorted({*columns["payer"].tolist(), *columns["receiver"].tolist()}):
        assert f"`{sector}`" in text


def test_keys_of_the_manifest_are_listed(results: Results) -> None:
    table = rows(section(page("results.md"), "The folder"))
    named = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in table)))
    assert named == {*results.manifest, "check"}
