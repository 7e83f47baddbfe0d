"""Hand-made quarters give hand-computed tables."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import scalar_record as scalar
from ydsim.agents.tally import LINKS, LinkCounts, Tally
from ydsim.record import yearly
from ydsim.record.yearly import Years, add_quarter, contract_table, funnel_table, tie_table

START = 2011
CITIES = ("a", "b", "c")
OF = np.array([0, 0, 1])


def rows(table, *names):
    return list(zip(*(table[name].tolist() for name in names), strict=True))


def quarter(**parts):
    """A state of three cities in two provinces of which only the tally is known."""
    tally = Tally(3, 2)
    for part, counts in parts.items():
        for name, values in counts.items():
            setattr(getattr(tally, part), name, values)
    return SimpleNamespace(tally=tally)


def cell(stage, kind, partnered, value):
    found = np.zeros((5, 3, 2))
    found[stage, kind, partnered] = value
    return found


def test_flows_add_up_and_stocks_are_those_of_the_last_quarter():
    years = Years()
    for t in range(8):
        funnel = {"completed": cell(1, 0, 1, 10.0 + t), "live": cell(1, 0, 1, 100.0 + t)}
        funnel |= {"died_waiting": cell(4, 2, 0, 1.0)}
        add_quarter(years, t // 4, quarter(funnel=funnel), None)
    table = funnel_table(years, 2, START)
    assert list(table) == [
        "year", "stage", "lead", "partnership", "completed", "failed", "died_waiting", "shelved",
        "owner_left", "sold_outside", "live", "waiting", "effort", "waited",
    ]  # fmt: skip
    assert len(table["year"]) == 2 * 30
    keys = rows(table, "year", "stage", "lead", "partnership")
    assert len(set(keys)) == 60
    values = dict(zip(keys, rows(table, "completed", "live", "died_waiting"), strict=True))
    assert values[2011, "invention", "firm", "partnered"] == (10 + 11 + 12 + 13, 103.0, 0.0)
    assert values[2012, "invention", "firm", "partnered"] == (14 + 15 + 16 + 17, 107.0, 0.0)
    assert values[2011, "launch", "institute", "alone"] == (0.0, 0.0, 4.0)
    assert sum(table["completed"]) == sum(range(10, 18))


def test_a_year_that_is_not_over_has_the_quarters_so_far():
    years = Years()
    for t in range(6):
        add_quarter(years, t // 4, quarter(funnel={"failed": cell(0, 1, 0, 1.0)}), None)
    table = funnel_table(years, 2, START)
    assert [sum(table["failed"][table["year"] == year]) for year in (2011, 2012)] == [4.0, 2.0]


def test_what_is_kept_does_not_follow_the_array_it_came_from():
    years, found = Years(), np.zeros((5, 3, 2))
    add_quarter(years, 0, quarter(funnel={"waiting": found}), None)
    found += 1.0
    assert not years.funnel[0].waiting.any()


def test_contracts_by_seller_and_buyer():
    number = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 0.0]])
    years = Years()
    for t in range(4):
        tally = {"number": number, "value": t * number, "value_handed_over": number / 2.0}
        add_quarter(years, 0, quarter(contracts=tally), None)
    table = contract_table(years, 1, START, ("P", "Q"))
    assert rows(table, "year", "seller", "buyer", "number", "value") == [
        (2011, "P", "P", 4.0, 6.0),
        (2011, "P", "Q", 8.0, 12.0),
        (2011, "P", "outside", 12.0, 18.0),
        (2011, "Q", "P", 16.0, 24.0),
        (2011, "Q", "Q", 20.0, 30.0),
        (2011, "Q", "outside", 24.0, 36.0),
        (2011, "outside", "P", 28.0, 42.0),
        (2011, "outside", "Q", 32.0, 48.0),
    ]
    assert table["value_handed_over"].tolist() == (table["number"] / 2.0).tolist()
    assert not table["value_from_science"].any()


def links(realised, expected=None):
    found = np.zeros((2, 4, 4))
    for row, pairs in enumerate((realised, expected or {})):
        for (a, b), value in pairs.items():
            found[row, a, b] = value
    return found


def field(channel):
    return channel.replace("-", "_").replace(" ", "_")


def ties(channel, *quarters, goods=None):
    """The table of ties of quarters of one channel, without goods unless given."""
    sold = np.zeros((4, 4)) if goods is None else goods
    years = Years()
    for t, found in enumerate(quarters):
        add_quarter(years, t // 4, quarter(links={field(channel): found}), sold)
    return tie_table(years, -(-len(quarters) // 4), START, CITIES)


@pytest.mark.parametrize("channel", ["co-invention", "co-publication"])
def test_an_undirected_pair_stands_once(channel):
    found = links({(0, 2): 1.0, (2, 0): 2.0, (1, 1): 5.0, (3, 1): 4.0}, {(2, 0): 0.5})
    table = ties(channel, found, found)
    assert rows(table, "year", "channel", "from_city", "to_city", "realised", "expected") == [
        (2011, channel, "a", "c", 6.0, 1.0),
        (2011, channel, "b", "b", 10.0, 0.0),
        (2011, channel, "b", "outside", 8.0, 0.0),
    ]


@pytest.mark.parametrize("channel", ["contract", "patent transfer", "shared facility"])
def test_a_directed_pair_keeps_its_direction(channel):
    found = links({(0, 2): 1.0, (2, 0): 2.0, (3, 1): 4.0}, {(1, 0): 0.25})
    table = ties(channel, found)
    assert rows(table, "channel", "from_city", "to_city", "realised", "expected") == [
        (channel, "a", "c", 1.0, 0.0),
        (channel, "b", "a", 0.0, 0.25),
        (channel, "c", "a", 2.0, 0.0),
        (channel, "outside", "b", 4.0, 0.0),
    ]


def test_years_are_apart_and_goods_are_expected_as_they_are():
    goods = np.arange(16.0).reshape(4, 4)
    goods[-1, -1] = 0.0
    table = ties("contract", *[links({(0, 1): 1.0})] * 5, goods=goods)
    contracts = table["channel"] == "contract"
    assert rows(table, "year", "realised")[: contracts.sum() // 2] == [(2011, 4.0)]
    assert table["realised"][contracts].tolist() == [4.0, 1.0]
    supply = table["channel"] == "supply"
    assert (table["realised"][supply] == table["expected"][supply]).all()
    assert table["realised"][supply].sum() == 5 * goods.sum()
    assert supply.sum() == 2 * 14


def test_what_is_nothing_at_six_decimals_is_left_out():
    table = ties("contract", links({}, {(0, 1): 4e-7, (0, 2): 6e-7}))
    assert rows(table, "to_city", "expected") == [("c", 1e-6)]


def test_without_ties_none_are_kept():
    years = Years()
    add_quarter(years, 0, quarter(links={"contract": links({(0, 1): 1.0})}), None)
    assert len(tie_table(years, 1, START, CITIES)["year"]) == 0


def test_channels_bear_the_names_of_their_counts():
    assert tuple(field(channel) for channel in LINKS) == LinkCounts.names()
    assert set(yearly.UNDIRECTED) < set(LINKS)


def market(seed, n_j, nothing):
    """A state with two provinces and the rest of the nation; ``nothing`` are idle cities."""
    rng = np.random.default_rng(seed)
    share = rng.random((n_j, 4, 3))
    share[:, nothing] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    industry_share = np.full(n_j, 1.0 / n_j)
    spending = rng.random((3, 2)) * 100.0
    demand = industry_share[:, None] * spending[:, 1]
    state = SimpleNamespace(
        world=SimpleNamespace(
            industries=tuple(range(n_j)),
            n_cities=3,
            n_provinces=2,
            city_province=OF,
            industry_share=industry_share,
        ),
        market=SimpleNamespace(share=share, output=(share * demand[:, None, :]).sum(axis=2)),
        spending=spending[:, 1],
    )
    return state, share, demand


idle = st.sets(st.integers(0, 2)).map(sorted)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), idle)
def test_goods_are_those_of_a_loop(seed, n_j, nothing):
    state, share, demand = market(seed, n_j, nothing)
    expected = scalar.supply(share, demand, OF.tolist())
    np.testing.assert_allclose(yearly.supply(state), expected, rtol=1e-12, atol=1e-12)
