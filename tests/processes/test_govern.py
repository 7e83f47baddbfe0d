"""Provinces that open and close by their own decision, a body, and money that follows returns."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.games import played
from tests.support.relabelled import relabel_provinces
from tests.support.small import columns_of, model, tilted, world
from ydsim.errors import InputError
from ydsim.measures.game import cell_of, closed_in
from ydsim.model import Model
from ydsim.policies.base import Policy
from ydsim.policies.environment import Scheme
from ydsim.processes.compete import believed_output, demand, market_output, supply
from ydsim.processes.enact import LEAST_FACTOR, MOST_FACTOR, decides, moved_money
from ydsim.scenario.schema.parameters import GovernanceParameters
from ydsim.world.tables import read_payoffs


def governed(mode, *, policies=None, place=None, parameters=None, years=2, burn_in=0, **keys):
    settings = {"mode": mode, "start": 2011, **keys}
    return model(
        years=years, burn_in=burn_in, governance=settings, policies=policies, place=place,
        parameters=parameters,
    )  # fmt: skip


def flows(m, name):
    return [entry for entry in m.state.ledger.entries if entry.flow == f"governance: {name}"]


def stances(m):
    """Stances of each quarter of a run."""
    found = []
    while m.running:
        m.step()
        found.append(m.state.stance.tolist())
    return found


# -- beliefs ---------------------------------------------------------------------------------------

DILEMMA = {
    "compete.transport_region": 0.3,
    "compete.transport_outside": 1.0,
    "border.goods": 1.0,
    "compete.sigma": 2.0,
}


def dilemma(**keys):
    """Four equal provinces: home weight 1, others .3, the outside sells with 2 and buys nothing."""
    m = governed("tournament", parameters=DILEMMA, protection=0.5, **keys)
    state = m.state
    state.market.weight[:, :-1], state.market.weight[:, -1] = 1.0, 2.0
    state.organisations.log_productivity[:] = 0.0
    spending = state.inputs.secondary.copy()
    spending[-1] = 0.0
    state.inputs = replace(state.inputs, secondary=spending)
    return m


def matrix(m):
    """Believed output over the demand of a province."""
    state, n = m.state, m.world.n_provinces
    none = np.zeros(len(m.world.industries))
    keys = m.settings.governance
    output = believed_output(
        state, m.environment, m.parameters.compete, none, np.zeros(m.world.n_cities),
        closed_in(n) * keys.protection,
    )  # fmt: skip
    return output / (4.0 * state.inputs.secondary[0, state.input_column])


def test_the_market_gives_the_border_dilemma():
    payoff = matrix(dilemma())
    assert payoff.shape == (16, 4)
    assert payoff[0].round(3).tolist() == [0.487] * 4
    for p in range(4):
        assert round(payoff[1 << p, p], 3) == 0.521
    assert payoff[15].round(3).tolist() == [0.420] * 4
    closed = closed_in(4)
    for cell, row in enumerate(payoff):  # equal provinces in equal places have equal payoffs
        for shut in (False, True):
            alike = row[closed[cell] == shut]
            assert np.ptp(alike) < 1e-12 if len(alike) else True


STILL = {
    "compete.catch_up": 0.0,
    "compete.depreciation": 0.0,
    "compete.selection": 0.0,
    "compete.share_adjustment": 1.0,
}


@pytest.mark.parametrize("names", [[], ["Province 2"], ["Province 1", "Province 4"]])
def test_beliefs_come_true_where_markets_adjust_at_once_and_technology_stands_still(names):
    target = {"level": 0.5, "protection": 0.4, "target": {"provinces": names}}
    m = model(
        burn_in=0, parameters=STILL, place=tilted(world()),
        policies={"closure": target} if names else {},
    )  # fmt: skip
    closed = np.isin(m.world.provinces, names)
    outside, shift = m.state.nation.relative, m.shift
    believed = believed_output(
        m.state, m.baseline, m.parameters.compete, outside, shift, closed_in(4) * 0.4
    )
    m.step()
    true = m.state.province_output().sum(axis=0)[:-1]
    assert believed[cell_of(closed)] == pytest.approx(4.0 * true, rel=1e-12)


def test_beliefs_hold_the_protection_and_borders_of_policies():
    settings = {"protection": 0.3, "target": {"provinces": ["Province 3"]}}
    policies = {"closure": settings, "border_friction": {"passes": 0.73}}
    m = governed("tournament", protection=0.2, policies=policies)
    environment = m.environment_at(2011.0)
    believed = m.governments.beliefs(m.state, environment, m.shift)
    plain = m.governments.beliefs(m.state, m.baseline, m.shift)
    assert believed[0, 2] > plain[0, 2]
    for cell in (0, 5):
        alone = market_output(
            m.state.market.weight,
            supply(m.state, m.state.nation.relative).by_place,
            4.0 * demand(m.state),
            np.zeros(m.state.market.weight[:, :-1].shape),
            np.array([[0.0, 0.0, 0.3, 0.0]]) + 0.2 * closed_in(4)[[cell]],
            np.maximum(np.eye(4), 0.73),
            m.parameters.compete,
        )[0]
        assert believed[cell] == pytest.approx(alone, rel=1e-13)
    # and what they decide comes on top of it
    m.governments._table = np.zeros((16, 4))
    m.state.stance[:2], m.state.quarter = True, 1
    m._enact()
    assert m.environment.protection == pytest.approx([0.2, 0.2, 0.3, 0.0])
    m.state.stance[2] = True
    m._enact()
    assert m.environment.protection == pytest.approx([0.2, 0.2, 0.5, 0.0])


def test_beliefs_leave_the_state_alone():
    m = governed("tournament")
    before = columns_of(m.state)
    m.governments.beliefs(m.state, m.environment, m.shift)
    after = columns_of(m.state)
    assert all(before[name].tobytes() == after[name].tobytes() for name in before)
    assert (supply(m.state, m.state.nation.relative).by_place > 0.0).all()


# -- when ------------------------------------------------------------------------------------------


def test_governments_decide_in_the_first_quarter_of_a_period():
    keys = GovernanceParameters(mode="tournament", start=2013, period=2)
    due = [quarter for quarter in range(32) if decides(quarter, 2011, keys)]
    assert due == [8, 16, 24]
    late = GovernanceParameters(mode="tournament", start=2000, period=3)
    assert [q for q in range(32) if decides(q, 2011, late)] == [0, 12, 24]
    assert not any(decides(q, 2011, GovernanceParameters(start=2011)) for q in range(32))


@pytest.mark.slow
def test_nothing_moves_before_the_first_decision_and_fixed_never_moves():
    plain = model(years=2, burn_in=0).run()
    late = governed("tournament", start=2013).run()
    for name, value in columns_of(plain.state).items():
        assert value.tobytes() == columns_of(late.state)[name].tobytes(), name
    assert not plain.state.stance.any()


# -- tournament ------------------------------------------------------------------------------------


def test_in_the_dilemma_all_close_at_once():
    m = dilemma(adjustment_cost=0.0, horizon=1)
    m.step()
    assert m.state.stance.all()
    environment = m.environment
    assert environment.closed.tolist() == [[0.5] * 4] * 5
    assert environment.protection.tolist() == [0.5] * 4
    governments = [agent for agent in m.agents if getattr(agent, "level", "") == "province"
                   and hasattr(agent, "science_money")]  # fmt: skip
    assert [g.stance for g in governments] == ["closed"] * 4


@pytest.mark.slow
def test_a_stance_is_worth_the_lever():
    """A government that closes applies what the policy closure does, to the last bit."""
    payoff = np.zeros((16, 4))
    payoff[closed_in(4)[:, 1], 1] = 1e9  # the second gains by closing, nobody else by anything
    m = governed("tournament", level=0.6, protection=0.2)
    m.governments._table = payoff
    m.run()
    assert m.state.stance.tolist() == [False, True, False, False]
    settings = {"level": 0.6, "protection": 0.2, "target": {"provinces": ["Province 2"]}}
    lever = model(years=2, burn_in=0, policies={"closure": settings}).run()
    for name in ("closed", "protection"):
        assert getattr(m.environment, name).tobytes() == getattr(lever.environment, name).tobytes()
    series = [x.recorder.series("value_added_secondary", "province") for x in (m, lever)]
    assert series[0].tobytes() == series[1].tobytes()


def test_horizon_and_cost_decide_and_the_cost_is_paid():
    payoff = np.zeros((16, 4))
    payoff[closed_in(4)[:, 0], 0] = 3.0
    payoff[closed_in(4)[:, 2], 2] = 2.0
    for horizon, cost, closes in (
        (5, 12.0, [0]),
        (5, 9.0, [0, 2]),
        (4, 12.0, []),
        (9, 12.0, [0, 2]),
    ):
        m = governed("tournament", horizon=horizon, adjustment_cost=cost)
        m.governments._table = payoff
        m.step()
        assert np.flatnonzero(m.state.stance).tolist() == closes
        bill = np.zeros(4)
        bill[closes] = m.state.scale * cost
        paid = sum((entry.amount for entry in flows(m, "adjustment")), np.zeros(4))
        assert paid == pytest.approx(bill)
        assert m.state.ledger.imbalance() < 1e-9


@pytest.mark.slow
def test_all_see_the_stances_of_last_year():
    """Two who would each close only while the other is open go round together."""
    payoff = np.zeros((16, 4))
    for cell, closed in enumerate(closed_in(4)):
        payoff[cell, :2] = -50.0 if closed[:2].all() else 100.0 * closed[:2]
    m = governed("tournament", years=3, adjustment_cost=0.0)
    m.governments._table = payoff
    both = [row[:2] for row in stances(m)]
    assert both == [[True, True]] * 4 + [[False, False]] * 4 + [[True, True]] * 4


@pytest.mark.slow
def test_the_order_of_provinces_does_not_matter():
    order = (2, 0, 3, 1)
    found = {}
    for place in (tilted(world()), relabel_provinces(tilted(world()), order)):
        m = governed("tournament", place=place, adjustment_cost=40.0, protection=0.1).run()
        found[m.world.provinces] = dict(
            zip(m.world.provinces, m.state.stance.tolist(), strict=True)
        )
        output = m.governments.beliefs(m.state, m.baseline, m.shift)
        found[m.world.provinces]["all closed"] = sorted(output[-1].round(6).tolist())
    one, other = found.values()
    assert one == other


# -- coordination ----------------------------------------------------------------------------------


def table(first, alone, together):
    """Province 1 has `first` open and `alone` closed with all; everybody closes by themselves."""
    payoff = np.zeros((16, 4))
    for cell, closed in enumerate(closed_in(4)):
        payoff[cell] = 10.0 * closed - 20.0 * (closed.sum() - closed)
        payoff[cell] += together * (cell == 0)
    payoff[0, 0], payoff[15, 0] = first, alone
    return payoff


def test_a_body_keeps_all_open_and_pays_those_who_lose():
    payoff = table(first=-60.0, alone=-50.0, together=30.0)
    m = governed("coordinated", period=2, adjustment_cost=0.0)
    m.governments._table = payoff
    body = next(a for a in m.agents if getattr(a, "level", "") == "body")
    assert body.active
    m.step()
    assert not m.state.stance.any()
    (entry,) = flows(m, "transfers")
    want = np.array([10.0, -10.0 / 3.0, -10.0 / 3.0, -10.0 / 3.0])
    assert entry.amount == pytest.approx(m.state.scale * 2 * want)  # for two years
    assert (entry.payer, entry.receiver) == ("provinces", "provinces")
    assert entry.amount.sum() == pytest.approx(0.0, abs=1e-12)
    assert m.state.ledger.imbalance() < 1e-9
    assert (payoff[0] + want >= payoff[15] - 1e-9).all()
    m.run()
    assert len(flows(m, "transfers")) == 1
    assert not [note for note in m.notes if "decided alone" in note]


def test_a_body_that_cannot_pay_for_opening_says_so():
    payoff = table(first=0.0, alone=-50.0, together=0.0)
    m = governed("coordinated", adjustment_cost=1000.0, horizon=1)
    m.governments._table = payoff
    m.state.stance[:] = True
    m.step()
    assert m.state.stance.all()
    assert not flows(m, "transfers")
    assert "coordination would have paid less than it costs in 2011: all decided alone" in m.notes


# -- beliefs by table ------------------------------------------------------------------------------


def test_a_table_is_read_in_any_order_of_provinces(tmp_path):
    names = ("B", "A", "C")
    payoff = np.random.default_rng(1).normal(size=(5, 8, 3))
    played(names, payoff).tables["payoffs"].to_csv(tmp_path / "p.csv", index=False)
    assert read_payoffs(tmp_path / "p.csv", names) == pytest.approx(payoff.mean(axis=0), rel=1e-14)
    other = read_payoffs(tmp_path / "p.csv", ("A", "B", "C"))
    for cell, closed in enumerate(closed_in(3)):
        row = other[cell_of(closed[[1, 0, 2]])]
        assert row == pytest.approx(payoff[:, cell].mean(axis=0)[[1, 0, 2]], rel=1e-14)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("", "expected the columns"),
        ("closed,replicate,A,C\nnone,0,1,2\n", "expected the columns"),
        ("closed,replicate,A,B\nnone,0,1,2\nA,0,1,2\nB,0,1,2\n", "1 of 4 cells have no row"),
        ("closed,replicate,A,B\nnone,0,1,x\n", ":2: every province needs a number"),
        ("closed,replicate,A,B\nZ,0,1,2\n", ":2: 'Z' are not names"),
    ],
)
def test_bad_tables(tmp_path, text, said):
    path = tmp_path / "p.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_payoffs(path, ("A", "B"))


def test_governments_believe_their_table(tmp_path):
    payoff = np.zeros((1, 16, 4))
    payoff[:, closed_in(4)[:, 3], 3] = 1e6
    table = played(world().provinces, payoff).tables["payoffs"]
    table.to_csv(tmp_path / "p.csv", index=False)
    m = governed("tournament", beliefs="table", table=str(tmp_path / "p.csv"))
    m.step()
    assert m.state.stance.tolist() == [False, False, False, True]
    with pytest.raises(ValueError, match="beliefs by table need a file"):
        GovernanceParameters(beliefs="table")


# -- adaptive --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget(Scheme):
    """A scheme with a budget."""

    budgeted: ClassVar[bool] = True


class Paying(Policy):
    """A policy with a budget."""

    def schemes(self, year, places):
        yield from super().schemes(year, places)
        yield Budget()


def strengths(m):
    return {s.policy: s.strength for s in m.environment.schemes if s.budgeted}


def adaptive(names, returns, speed=0.5, years=3):
    """Run with instruments that earn `returns` (money, launches) every quarter."""
    policies = {name: Paying(strength=0.5, cost=1.0) for name in names}
    m = governed("adaptive", policies=policies, speed=speed, years=years)
    found = []
    while m.running:
        m.step()
        for name, earned in returns.items():
            m.state.returns[name] = m.state.returns.get(name, np.zeros(2)) + np.array(earned)
        found.append(strengths(m))
    return m, found


@pytest.mark.slow
def test_money_moves_to_what_launched_more():
    m, found = adaptive(["a", "b"], {"a": (10.0, 3.0), "b": (10.0, 1.0)})
    assert all(row == {"a": 0.5, "b": 0.5} for row in found[:4])
    # e is 1.5 and .5 of the common return: log odds move by speed times 1
    a, b = found[4]["a"], found[4]["b"]
    assert a / b == pytest.approx(np.exp(0.5))
    assert a + b == pytest.approx(1.0)  # the same money, 10 a quarter each at strength .5
    assert all(row == found[4] for row in found[4:8])
    assert found[8]["a"] > a
    assert m.state.ledger.imbalance() < 1e-9
    outlays = [s.strength for s in m.environment.schemes if not s.budgeted]
    assert outlays == [0.5, 0.5]


@pytest.mark.slow
def test_only_what_came_since_the_last_decision_counts():
    """A year in which the returns are the other way round takes the money back."""
    policies = {name: Paying(strength=0.5) for name in ("a", "b")}
    m = governed("adaptive", policies=policies, years=3)
    for earned in ({"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 3.0}):
        for _ in range(4):
            m.step()
        factor = np.array([m.state.factors.get(name, 1.0) for name in ("a", "b")])
        for name, f in zip("ab", factor, strict=True):
            before = m.state.returns.get(name, np.zeros(2))
            m.state.returns[name] = before + np.array([10.0 * f, earned[name] * f])
    m.step()
    found = strengths(m)
    assert found == pytest.approx({"a": 0.5, "b": 0.5}, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("returns", [{}, {"a": (10.0, 3.0)}, {"a": (10.0, 0.0), "b": (5.0, 0.0)}])
def test_without_two_instruments_that_paid_and_a_launch_nothing_happens(returns):
    _, found = adaptive(["a", "b"], returns)
    assert all(row == {"a": 0.5, "b": 0.5} for row in found)


@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.0, 5.0))
def test_moved_money_keeps_its_sum_its_bounds_and_its_order(seed, n, speed):
    draw = np.random.default_rng(seed)
    factor = np.exp(draw.uniform(np.log(LEAST_FACTOR), np.log(MOST_FACTOR), n))
    paid, launches = draw.exponential(1.0, n) + 1e-3, draw.exponential(1.0, n)
    moved = moved_money(factor, paid, launches, speed)
    plan = paid / factor
    assert (plan * moved).sum() == pytest.approx(plan.sum(), rel=1e-9)
    assert moved.min() >= LEAST_FACTOR * (1 - 1e-9)
    assert moved.max() <= MOST_FACTOR * (1 + 1e-9)
    even = moved_money(np.ones(n), paid, launches, speed)
    order = np.argsort(launches / paid, kind="stable")
    assert (np.diff(even[order]) >= -1e-9).all()


def test_moved_money_within_bounds_is_the_formula():
    factor, paid, launches = (
        np.array([1.0, 2.0, 0.5]),
        np.array([4.0, 4.0, 1.0]),
        np.array([2, 1, 1]),
    )
    e = (launches / paid) / (4.0 / 9.0)
    raw = factor * np.exp(0.2 * (e - e.mean()))
    plan = np.array([4.0, 2.0, 2.0])
    want = raw * plan.sum() / (raw * plan).sum()
    assert moved_money(factor, paid, launches.astype(float), 0.2) == pytest.approx(want, rel=1e-12)


def test_too_many_provinces_cannot_play():
    with pytest.raises(InputError, match="at most 6 provinces"):
        governed("tournament", place=world(7, 1))
    assert isinstance(governed("fixed", place=world(7, 1)), Model)
