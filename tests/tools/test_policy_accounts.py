"""Accounts of a policy: sums of the books, paired intervals, and what is said of them."""

import argparse

import numpy as np
import pytest

from tests.support.small import run as small_run
from tools import policy_accounts as accounts
from tools.pairs import run
from ydsim.measures.effects import Interval, difference

CHANGES = {
    "parameters.population.burn_in": 8,
    "policies.big": {"policy": "rd_grants", "rate": 0.2, "leakage": 0.4},
}
OFF = {"policies.big.strength": 0.0}


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    out = tmp_path_factory.mktemp("accounts") / "runs"
    options = argparse.Namespace(
        scenario="synthetic", scale=0.02, end=2012, replicates=3, jobs=1, out=out
    )
    of = {accounts.WITH: {}, accounts.WITHOUT: OFF}
    return accounts.measure(
        run("test", options, of, changes=CHANGES, tables=accounts.TABLES), "big"
    )


@pytest.mark.slow
def test_cost_is_what_the_books_say(values):
    model = small_run(years=1, policies={"big": CHANGES["policies.big"]})
    entries = [e for e in model.state.ledger.entries if e.flow == "big"]
    total = sum(e.amount for e in entries) / model.state.scale
    table = model.recorder.tables()["policy_costs"]
    mine = (table["instrument"] == "big") & (table["payer"] == "provinces")
    for at, place in enumerate(model.world.provinces):
        assert table["amount"][mine & (table["region"] == place)].sum() == pytest.approx(total[at])
    cost = accounts.total(values, accounts.WITH, accounts.PAYERS)
    assert (cost > 0.0).all()
    assert accounts.total(values, accounts.WITH, ["leaked"]) == pytest.approx(0.4 * cost)
    assert not accounts.total(values, accounts.WITH, ["central"]).any()
    assert not accounts.total(values, accounts.WITHOUT, accounts.PAYERS).any()


def test_per_yuan_is_a_ratio_of_means_with_its_interval():
    cost = np.array([1.0, 2.0, 3.0])
    exact = accounts.per_money(cost, 0.5 * cost)
    assert (exact.estimate, exact.low, exact.high) == pytest.approx((0.5, 0.5, 0.5))
    noisy = accounts.per_money(cost, np.array([2.0, -1.0, 0.5]))
    assert noisy.estimate == pytest.approx(0.25)
    assert noisy.includes_zero
    alone = accounts.per_money(np.full(3, 2.0), np.array([1.0, 2.0, 4.0]))
    plain = difference(np.zeros(3), np.array([0.5, 1.0, 2.0]))
    assert (alone.low, alone.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Interval(0.2, 0.1, 0.3), "crowded in"),
        (Interval(-0.2, -0.3, -0.1), "crowded out"),
        (Interval(0.2, -0.1, 0.5), "neither in nor out: the interval holds zero"),
        (Interval(-0.2, -0.5, 0.0), "neither in nor out: the interval holds zero"),
        (Interval(np.nan, np.nan, np.nan), "no public money under its name"),
    ],
)
def test_crowding_in_or_out_is_said_of_intervals_without_zero_only(gap, said):
    assert accounts.verdict(gap) == said


def test_a_policy_that_is_not_listed_is_added_and_an_unknown_one_refused():
    found = accounts.settings("synthetic", "super_deduction")
    assert found[accounts.WITH] == {"policies.super_deduction": {}}
    assert found[accounts.WITHOUT] == {"policies.super_deduction": {"strength": 0.0}}
    with pytest.raises(SystemExit, match=r"nope.*border_friction"):
        accounts.settings("synthetic", "nope")
