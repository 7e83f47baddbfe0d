"""Accounts of a policy: sums of the books, paired intervals, and what is said of them."""

import numpy as np
import pytest

from tests.support.small import run
from tools import policy_accounts as accounts
from ydsim.analysis.paired import Sums, by_setting, run_jobs
from ydsim.errors import UsageError
from ydsim.measures.effects import Interval, difference

CHANGES = {
    "scale": 0.02,
    "end": 2012,
    "parameters.population.burn_in": 8,
    "policies.big": {"policy": "rd_grants", "rate": 0.2, "leakage": 0.4},
}


@pytest.fixture(scope="module")
def found():
    todo = accounts.jobs("synthetic", "big", CHANGES, 3)
    values = by_setting(todo, run_jobs(accounts.measure, todo))
    return values, accounts.as_markdown(values, "synthetic", "big", CHANGES, "a command")


@pytest.mark.slow
def test_cost_is_what_the_books_say():
    policies = {"big": {"policy": "rd_grants", "rate": 0.2, "leakage": 0.4}}
    m = run(years=1, policies=policies)
    got = accounts.measure(m, Sums())
    entries = [e for e in m.state.ledger.entries if e.flow == "big"]
    total = sum(e.amount for e in entries) / m.state.scale
    for at, place in enumerate(m.world.provinces):
        assert got[f"paid/big/provinces/{place}"] == pytest.approx(total[at])
        assert got[f"leaked/big/provinces/{place}"] == pytest.approx(0.4 * total[at])
        assert got[f"paid/big/central/{place}"] == 0.0
        inventions = m.recorder.series("inventions", "province")[:, at].sum()
        assert got[f"inventions/{place}"] == pytest.approx(inventions)


@pytest.mark.slow
def test_at_strength_zero_it_costs_nothing(found):
    values, _ = found
    off = [v for name, v in values[accounts.WITHOUT].items() if name.startswith("paid/big")]
    assert off
    assert not any(v.any() for v in off)
    assert (accounts.money(values, "big", "paid") > 0.0).all()


@pytest.mark.slow
def test_parts_sum_to_the_whole(found):
    values, _ = found
    places = accounts.provinces_of(values)
    for what in ("paid", "leaked"):
        whole = accounts.money(values, "big", what)
        parts = [accounts.money(values, "big", what, "", place) for place in places]
        assert np.sum(parts, axis=0) == pytest.approx(whole)
    whole = accounts.outcome(values, accounts.WITH, "inventions")
    parts = [accounts.outcome(values, accounts.WITH, "inventions", place) for place in places]
    assert np.sum(parts, axis=0) == pytest.approx(whole)


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


@pytest.mark.slow
def test_the_page_names_provinces_payers_and_outcomes(found):
    values, page = found
    for word in (*accounts.provinces_of(values), *accounts.PAYERS, *accounts.OUTCOMES, "a command"):
        assert word in page
    cost = accounts.money(values, "big", "paid").mean()
    assert f"| public money | {accounts.figure(cost)} |" in page
    assert f"| of this leaked | {accounts.figure(0.4 * cost)} |" in page


def test_a_policy_that_is_not_listed_is_added_and_an_unknown_one_refused():
    (first, second, *_) = accounts.jobs("synthetic", "super_deduction", {}, 1)
    assert dict(first.changes) == {"policies.super_deduction": {}}
    assert dict(second.changes)["policies.super_deduction.strength"] == 0.0
    with pytest.raises(UsageError, match="there is no policy nope; known: border_friction"):
        accounts.jobs("synthetic", "nope", {}, 1)


@pytest.mark.slow
def test_a_policy_without_money_has_no_result_per_yuan():
    todo = accounts.jobs("synthetic", "border_friction", {**CHANGES, "end": 2011}, 2)
    values = by_setting(todo, run_jobs(accounts.measure, todo))
    page = accounts.as_markdown(values, "synthetic", "border_friction", CHANGES, "")
    assert "no public money under its name" in page


def test_one_replicate_is_refused(capsys):
    with pytest.raises(SystemExit):
        accounts.main(["synthetic", "--policy", "super_deduction", "--replicates", "1"])
    assert "two replicates" in capsys.readouterr().err
