"""Public money by instrument: the tables against the books, entry by entry."""

from collections import defaultdict

import numpy as np
import pytest

from tests.support.small import model, run
from ydsim.record.yearly import GENERAL, PAYERS, public_money

POLICIES = {
    "vouchers": {"policy": "innovation_voucher", "take_up": 1.0, "cost": 0.5, "payer": "cities"},
    "big": {"policy": "rd_grants", "rate": 0.1, "leakage": 0.5},
    "late": {"policy": "rd_grants", "rate": 0.1, "start": 2012.5, "target": {"sizes": ["small"]}},
    "super_deduction": {},
    "back": {"policy": "super_deduction", "deduction": 0.25, "start": 2012.0},
}


@pytest.fixture(scope="module")
def lived():
    return run(scale=0.05, seed=1, policies=POLICIES, parameters={"match.reserve": 0.5})


@pytest.fixture(scope="module")
def tables(lived):
    return lived.recorder.tables()


def rows(table):
    names = list(table)
    columns = [table[name].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.slow
def test_costs_equal_a_loop_over_the_books(lived, tables):
    want = defaultdict(lambda: [0.0, 0.0])
    for e in lived.state.ledger.entries:
        if e.flow in GENERAL or e.flow in POLICIES:
            for p, place in enumerate(lived.world.provinces):
                for who, sign in ((e.payer, 1.0), (e.receiver, -1.0)):
                    if who in PAYERS:
                        cell = want[e.quarter, e.flow, who, place]
                        cell[0] += sign * float(e.amount[p]) / lived.state.scale
                        cell[1] += sign * float(e.leaked[p]) / lived.state.scale
    want = {key: cell for key, cell in want.items() if any(cell)}
    got = {
        (4 * (r["year"] - 2011) + r["quarter"] - 1, r["instrument"], r["payer"], r["region"]): (
            r["amount"], r["leaked"],
        )
        for r in rows(tables["policy_costs"])
    }  # fmt: skip
    assert got.keys() == want.keys()
    for key, cell in want.items():
        assert got[key] == pytest.approx(cell, rel=1e-12), key


@pytest.mark.slow
def test_every_policy_and_general_instrument_has_its_payers(tables):
    found = defaultdict(set)
    for r in rows(tables["policy_costs"]):
        found[r["instrument"]].add(r["payer"])
    everybody = set(PAYERS)
    assert dict(found) == {
        "science budget": {"central", "provinces"},
        "grants": {"central", "provinces"},
        "vouchers": {"provinces", "cities"},
        "big": {"provinces"},
        "late": {"provinces"},
        "super_deduction": everybody,
        "back": everybody,
    }


@pytest.mark.slow
def test_a_policy_costs_nothing_before_its_start_and_one_that_takes_is_negative(tables):
    late = [r for r in rows(tables["policy_costs"]) if r["instrument"] == "late"]
    assert {(r["year"], r["quarter"]) for r in late} == {(2012, 3), (2012, 4)}
    back = [r["amount"] for r in rows(tables["policy_costs"]) if r["instrument"] == "back"]
    assert back
    assert max(back) < 0.0


@pytest.mark.slow
def test_results_are_sums_of_costs_and_series(lived, tables):
    costs, n = rows(tables["policy_costs"]), lived.world.n_provinces
    found = {(r["year"], r["region"]): r for r in rows(tables["policy_results"])}
    places = (*lived.world.provinces, "yrd")
    assert list(found) == [(year, place) for year in (2011, 2012) for place in places]
    for (year, place), r in found.items():
        part = [c for c in costs if c["year"] == year and place in (c["region"], "yrd")]
        assert r["public_money"] == pytest.approx(sum(c["amount"] for c in part))
        assert r["leaked"] == pytest.approx(sum(c["leaked"] for c in part))
        at = slice(4 * (year - 2011), 4 * (year - 2011) + 4)
        which = places.index(place)
        for name in ("rd_funds_enterprise", "relabelled_rd", "inventions", "launches"):
            values = lived.recorder.series(name, "province")[at]
            total = values.sum() if which == n else values[:, which].sum()
            assert r[name] == pytest.approx(total), name
        for name in ("inventions", "launches"):
            assert r[f"{name}_per_100m"] == pytest.approx(r[name] / r["public_money"])


@pytest.mark.slow
def test_without_public_money_there_is_no_result_per_yuan():
    m = run(years=1, burn_in=2, parameters={"actors.funding": False})
    tables = m.recorder.tables()
    assert len(tables["policy_costs"]["year"]) == 0
    assert not tables["policy_results"]["public_money"].any()
    assert np.isnan(tables["policy_results"]["inventions_per_100m"]).all()


def test_tables_of_a_run_that_has_not_begun():
    tables = model(years=1, burn_in=2).recorder.tables()
    assert [len(tables[name]["year"]) for name in ("policy_costs", "policy_results")] == [0, 0]


def test_a_year_that_has_begun_counts_its_quarters():
    m = model(years=2, burn_in=2)
    for _ in range(5):
        m.step()
    table = m.recorder.tables()["policy_results"]
    paid = sum(money[0].sum() for money in public_money(m.state).values())
    whole = table["public_money"][table["region"] == "yrd"]
    assert len(whole) == 2
    assert whole.sum() == pytest.approx(paid)


BUDGETS = {
    "grants_k": {"policy": "rd_grants", "amount": 30.0, "leakage": 0.4},
    "little": {"policy": "rd_grants", "amount": 1e4, "target": {"sizes": ["small"]}},
    "vouchers": {"policy": "innovation_voucher", "amount": 1.0, "face": 500.0, "cost": 0.5},
    "fund": {"policy": "joint_rd_fund", "amount": 500.0, "target": {"provinces": []}},
    "alliance": {"policy": "consortia", "amount": 100.0, "number": 50},
    "shared": {"policy": "cost_sharing", "amount": 20.0},
    "offices": {"policy": "intermediaries", "amount": 0.5},
    "super_deduction": {},
}


@pytest.fixture(scope="module")
def held():
    return run(scale=0.02, seed=3, policies=BUDGETS, parameters={"match.reserve": 0.5})


def sums_of(m, name):
    """Asked for, paid, leaked and left over of a policy in the whole run."""
    table = m.recorder.tables()["policy_costs"]
    mine = table["instrument"] == name
    return [table[c][mine].sum() for c in ("asked", "amount", "leaked", "left_over")]


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, p in BUDGETS.items() if "amount" in p])
def test_what_is_taken_up_and_left_over_is_the_budget(held, name):
    """To 1e-9 of the budget, in each year, and no more than is asked for."""
    amount = BUDGETS[name]["amount"]
    table = held.recorder.tables()["policy_costs"]
    cost = BUDGETS[name].get("cost", 0.0)
    for year in (2011, 2012):
        mine = (table["instrument"] == name) & (table["year"] == year)
        budget = table["amount"][mine].sum() - cost + table["left_over"][mine].sum()
        if name == "alliance":  # as many as the sample has
            assert budget == pytest.approx(amount, rel=0.6)
        else:
            assert budget == pytest.approx(amount, rel=1e-9)
    asked, paid, leaked, left = sums_of(held, name)
    assert paid <= asked * (1.0 + 1e-9)
    assert min(asked, paid) > 0.0
    assert leaked >= 0.0
    assert left >= -1e-9


@pytest.mark.slow
def test_the_books_of_budgets_close(held):
    assert held.state.ledger.imbalance() < 1e-9
    for name, (asked, offered, taken) in held.state.ledger.budgets(held.state.scale).items():
        if name in ("super_deduction", "vouchers"):  # with tax given back, with a running cost
            continue
        table = sums_of(held, name)
        assert table[:2] == pytest.approx([asked, taken], rel=1e-9)
        assert table[1] + table[3] == pytest.approx(offered, rel=1e-9)


@pytest.mark.slow
def test_tax_is_given_back_as_far_as_there_is_tax(held):
    asked, paid, _, left = sums_of(held, "super_deduction")
    assert asked > paid > 0.0
    assert left == 0.0


@pytest.mark.slow
def test_what_is_paid_on_demand_is_what_is_asked_for(tables):
    table = tables["policy_costs"]
    for name in ("vouchers", "big", "late", "grants", "science budget"):
        mine = table["instrument"] == name
        assert table["asked"][mine].tolist() == table["amount"][mine].tolist()
        assert not table["left_over"][mine].any()


@pytest.mark.slow
def test_a_run_notes_policies_of_whose_money_less_than_half_is_taken(held):
    said = [note.split(":")[0] for note in held.notes if "budget used" in note]
    assert "little" in said
    assert "grants_k" not in said
