"""The page on results lists the columns that a run really gives."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_odd import page, rows, section
from ydsim.experiment.results import Results
from ydsim.experiment.run import simulate
from ydsim.record.indicators import INDICATORS

WIDE = {"series": ("region", "province"), "city_series": ("city",)}
SHORT = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 4}


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate("synthetic", SHORT)


def listed(heading: str) -> list[str]:
    """Return the columns in the table under a heading."""
    table = rows(section(page("results.md"), heading))
    return re.findall(r"`([\w<>]+)`", " ".join(row[0] for row in table))


def raw(results: Results, table: str) -> list[str]:
    provinces = results.manifest["regions"][:-1]
    columns = list(results.raw(table))
    by_province = {f"adopters_{name}" for name in provinces}
    plain = [name for name in columns if name not in by_province]
    if len(plain) < len(columns):
        plain.insert(plain.index("adopters") + 1, "adopters_<province>")
    return plain


def test_every_recorded_table_has_a_section(results: Results) -> None:
    text = section(page("results.md"), "Tables in the folder")
    headings = set(re.findall(r"^### `(\w+)`$", text, flags=re.MULTILINE))
    assert headings == {*results.manifest["tables"], "runs", "official", "design"}


@pytest.mark.parametrize(
    "table", ["generations", "adoption_curves", "adoption", "ledger", "runs", "official", "design"]
)
def test_columns_of_the_folder(results: Results, table: str) -> None:
    assert listed(f"`{table}`") == raw(results, table)


@pytest.mark.parametrize("table", list(WIDE))
def test_columns_of_wide_tables(results: Results, table: str) -> None:
    levels = set(WIDE[table])
    expected = [name for name, i in INDICATORS.items() if levels & set(i.levels)]
    assert [*listed(f"`{table}`"), *expected] == raw(results, table)


def test_columns_of_tidy_tables(results: Results) -> None:
    year = listed("`province_year`")
    assert year == list(results.columns("province_year"))
    assert [*year, *listed("`city_year`")] == list(results.columns("city_year"))
    at = year.index("year") + 1
    assert [*year[:at], "quarter", *year[at:]] == list(results.columns("series"))


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
