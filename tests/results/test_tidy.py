import numpy as np
import pytest

from ydsim.results.tidy import long
from ydsim.store.tables import keyed, normalise

INDICATORS = {
    "money": {"unit": "yuan", "kind": "flow", "prior": False},
    "firms": {"unit": "firms", "kind": "stock", "prior": False},
}


def yearly(table: dict, places: tuple[str, ...], indicators: dict) -> dict:
    return long(table, places, "region", indicators, yearly=True)


def quarterly(table: dict, places: tuple[str, ...], indicators: dict) -> dict:
    return long(table, places, "region", indicators, yearly=False)


def wide() -> dict:
    """Two regions, two years, written in an order of its own."""
    rows = [(r, y, q) for y in (2012, 2011) for q in (4, 2, 1, 3) for r in ("yrd", "B", "A")]
    region, year, quarter = (np.array(c) for c in zip(*rows, strict=True))
    firms = (year - 2000) * 10.0 + quarter
    firms[region == "yrd"] = np.nan
    money = quarter * np.where(region == "A", 1.0, 100.0)
    table = {"region": region, "year": year, "quarter": quarter, "money": money}
    return normalise(keyed({**table, "level": region, "firms": firms}, point=0, replicate=0))


def rows(columns: dict, *names: str) -> list[tuple]:
    return list(zip(*(columns[name].tolist() for name in names), strict=True))


def test_a_year_sums_flows_and_takes_the_last_stock():
    got = yearly(wide(), ("A", "B", "yrd"), INDICATORS)
    assert rows(got, "indicator", "region", "year", "value", "unit") == [
        ("money", "A", 2011, 10.0, "yuan"),
        ("money", "A", 2012, 10.0, "yuan"),
        ("money", "B", 2011, 1000.0, "yuan"),
        ("money", "B", 2012, 1000.0, "yuan"),
        ("money", "yrd", 2011, 1000.0, "yuan"),
        ("money", "yrd", 2012, 1000.0, "yuan"),
        ("firms", "A", 2011, 114.0, "firms"),
        ("firms", "A", 2012, 124.0, "firms"),
        ("firms", "B", 2011, 114.0, "firms"),
        ("firms", "B", 2012, 124.0, "firms"),
    ]
    assert list(got) == ["point", "replicate", "region", "year", "indicator", "value", "unit"]


def test_quarters_stay_as_they_are():
    got = quarterly(wide(), ("A", "B", "yrd"), INDICATORS)
    assert rows(got, "indicator", "region", "year", "quarter", "value")[:5] == [
        ("money", "A", 2011, 1, 1.0),
        ("money", "A", 2011, 2, 2.0),
        ("money", "A", 2011, 3, 3.0),
        ("money", "A", 2011, 4, 4.0),
        ("money", "A", 2012, 1, 1.0),
    ]
    assert len(got["value"]) == 24 + 16


def test_a_flow_with_a_gap_has_no_year():
    table = wide()
    table["money"][0] = np.nan
    got = yearly(table, ("A", "B", "yrd"), INDICATORS)
    assert ("money", "yrd", 2012) not in rows(got, "indicator", "region", "year")
    assert ("money", "yrd", 2011) in rows(got, "indicator", "region", "year")


@pytest.mark.parametrize("spoil", ["drop", "double"])
def test_a_year_without_its_four_quarters_is_an_error(spoil):
    table = wide()
    keep = np.arange(len(table["year"])) > 2
    if spoil == "drop":
        table = {name: column[keep] for name, column in table.items()}
    else:
        table["quarter"] = np.where(table["quarter"] == 2, 3, table["quarter"])
    with pytest.raises(ValueError, match="lacks a quarter"):
        yearly(table, ("A", "B", "yrd"), INDICATORS)


def test_sums_are_rounded_like_stored_numbers():
    table = wide()
    table["money"] = np.full(len(table["money"]), 0.1)
    got = yearly(table, (), INDICATORS)
    assert set(got["value"][got["indicator"] == "money"].tolist()) == {0.4}


RATIO = {
    **INDICATORS,
    "spent": {"unit": "yuan", "kind": "flow", "prior": False},
    "per_money": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "money"]},
    "per_nothing": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "nothing"]},
}


def with_ratio() -> dict:
    """Money is 1, 2, 3, 4; the mean of the quarterly ratios in A is .90, the ratio of sums 1."""
    table = wide()
    return {**table, "spent": np.where(table["quarter"] == 4, 7.0, 1.0)}


def ratios(columns: dict, *names: str) -> list[tuple]:
    return [r[1:] for r in rows(columns, "indicator", *names) if r[0] == "per_money"]


def test_a_ratio_of_a_year_is_that_of_its_sums():
    got = yearly(with_ratio(), ("A", "B", "yrd"), RATIO)
    assert ratios(got, "region", "year", "value", "unit") == [
        ("A", 2011, 1.0, "1"),
        ("A", 2012, 1.0, "1"),
        ("B", 2011, 0.01, "1"),
        ("B", 2012, 0.01, "1"),
        ("yrd", 2011, 0.01, "1"),
        ("yrd", 2012, 0.01, "1"),
    ]
    assert list(dict.fromkeys(got["indicator"].tolist())) == [
        "money", "firms", "spent", "per_money",
    ]  # fmt: skip


def test_a_ratio_of_a_quarter_is_that_of_its_flows():
    got = quarterly(with_ratio(), ("A", "B", "yrd"), RATIO)
    assert ratios(got, "region", "year", "quarter", "value")[:4] == [
        ("A", 2011, 1, 1.0),
        ("A", 2011, 2, 0.5),
        ("A", 2011, 3, 0.3333333333),
        ("A", 2011, 4, 1.75),
    ]


def test_a_ratio_to_nothing_is_left_out():
    table = with_ratio()
    table["money"] = np.where(table["region"] == "A", 0.0, table["money"])
    got = yearly(table, ("A", "B", "yrd"), RATIO)
    assert {region for region, *_ in ratios(got, "region", "year")} == {"B", "yrd"}


def test_a_recorded_column_is_no_ratio():
    table = {**with_ratio(), "per_money": np.full(24, 5.0)}
    assert yearly(table, (), RATIO)["value"].tolist() == (
        yearly(with_ratio(), (), RATIO)["value"].tolist()
    )
