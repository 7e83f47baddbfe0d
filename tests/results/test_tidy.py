"""Yearly and quarterly rows by hand: sums, last stocks, ratios of sums, what is left out."""

import numpy as np
import pandas as pd
import pytest

from ydsim.results.cube import long
from ydsim.store.tables import keyed, normalise

PLACES = ("B", "A", "yrd")
CARDS = {
    "money": {"unit": "yuan", "kind": "flow", "prior": False},
    "firms": {"unit": "firms", "kind": "stock", "prior": False},
}
RATIO = {
    **CARDS,
    "spent": {"unit": "yuan", "kind": "flow", "prior": False},
    "per_nothing": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "nothing"]},
    "per_money": {"unit": "1", "kind": "ratio", "prior": False, "of": ["spent", "money"]},
    "firm_money": {"unit": "1", "kind": "ratio", "prior": False, "of": ["money", "spent"]},
}


def wide(**columns) -> dict:
    """Two regions, two years, written in an order of its own; money is 1, 2, 3, 4 in A."""
    rows = [(r, y, q) for y in (2012, 2011) for q in (4, 2, 1, 3) for r in ("yrd", "B", "A")]
    region, year, quarter = (np.array(c) for c in zip(*rows, strict=True))
    table = {
        "region": region,
        "year": year,
        "quarter": quarter,
        "money": quarter * np.where(region == "A", 1.0, 100.0),
        "level": region,
        "firms": np.where(region == "yrd", np.nan, (year - 2000) * 10.0 + quarter),
        "spent": np.where(quarter == 4, 7.0, 1.0),
    }
    return normalise(keyed({**table, **columns}, point=0, replicate=0))


def made(table: dict, cards: dict = CARDS, *, yearly: bool = True) -> pd.DataFrame:
    return pd.DataFrame(long(table, PLACES, "region", cards, yearly=yearly))


def values(found: pd.DataFrame, name: str) -> list[tuple]:
    mine = found[found["indicator"] == name]
    keys = [key for key in ("region", "year", "quarter", "value") if key in mine]
    return list(mine[keys].itertuples(index=False, name=None))


def test_a_year_sums_flows_and_takes_the_last_stock():
    found = made(wide())
    assert list(found) == ["point", "replicate", "region", "year", "indicator", "value", "unit"]
    size = {"A": 10.0, "B": 1000.0, "yrd": 1000.0}
    years = (2011, 2012)
    assert values(found, "money") == [(r, y, size[r]) for r in PLACES for y in years]
    assert values(found, "firms") == [(r, y, 114.0 + 10 * (y - 2011)) for r in "BA" for y in years]
    units = dict(zip(found["indicator"], found["unit"], strict=True))
    assert list(units.items()) == [("money", "yuan"), ("firms", "firms")]


def test_quarters_stay_as_they_are():
    found = made(wide(), yearly=False)
    first = [("B", y, q, 100.0 * q) for y in (2011, 2012) for q in (1, 2, 3, 4)]
    assert values(found, "money")[:8] == first
    assert len(found) == 24 + 16


def test_a_flow_with_a_gap_has_no_year():
    table = wide()
    table["money"][0] = np.nan
    years = [row[:2] for row in values(made(table), "money")]
    assert ("yrd", 2012) not in years
    assert ("yrd", 2011) in years


@pytest.mark.parametrize("spoil", ["drop", "double", "later", "halves"])
def test_a_year_without_its_four_quarters_is_an_error(spoil):
    table = wide()
    if spoil == "drop":
        table = {name: column[3:] for name, column in table.items()}
    elif spoil == "double":
        table["quarter"] = np.where(table["quarter"] == 2, 3, table["quarter"])
    elif spoil == "halves":  # of one year the first, of the next the second
        half = (table["quarter"] > 2) == (table["year"] == 2012)
        table = {name: column[half] for name, column in table.items()}
    else:
        table["quarter"] = table["quarter"] + 1
    with pytest.raises(ValueError, match="lacks a quarter"):
        made(table)


def test_sums_are_rounded_like_stored_numbers():
    found = made(wide(money=np.full(24, 0.1)))
    assert {value for *_, value in values(found, "money")} == {0.4}


def test_a_ratio_of_a_year_is_that_of_its_sums():
    """The mean of the quarterly ratios in A is .90, the ratio of sums 1."""
    found = made(wide(per_money=np.full(24, 5.0)), RATIO)
    size = {"A": 1.0, "B": 0.01, "yrd": 0.01}
    assert values(found, "per_money") == [(r, y, size[r]) for r in PLACES for y in (2011, 2012)]
    order = ["money", "firms", "spent", "firm_money", "per_money"]
    assert list(dict.fromkeys(found["indicator"])) == order


def test_a_ratio_of_a_quarter_is_that_of_its_flows():
    found = made(wide(), RATIO, yearly=False).query("region == 'A' and year == 2011")
    assert [value for *_, value in values(found, "per_money")] == [1.0, 0.5, 0.3333333333, 1.75]


def test_a_ratio_to_nothing_is_left_out():
    table = wide()
    table["money"] = np.where(table["region"] == "A", 0.0, table["money"])
    assert {region for region, *_ in values(made(table, RATIO), "per_money")} == {"B", "yrd"}
