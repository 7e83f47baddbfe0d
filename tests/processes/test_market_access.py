"""Market access, and exact zeros without policies."""

import math

import numpy as np
import pytest

from tests.support import scalar_compete
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, model
from ydsim.processes.compete import arrival, market_access
from ydsim.scenario.schema.parameters import CompeteParameters

P = CompeteParameters()
OFF = {"compete.market_access": 0.0}
OPEN = {"border_friction": {"passes": 1.0, "channels": ["goods"]}}


@pytest.mark.parametrize("seed", SEEDS)
def test_access_equals_the_scalar_rule(seed):
    draw = rng(seed)
    spending, passes = draw.exponential(1.0, 4), draw.random((3, 3))
    tau, plain = arrival(draw.random(3) * 0.4, passes, P), arrival(np.zeros(3), passes, P)
    reached, before = (market_access(each, spending, P.sigma) for each in (tau, plain))
    ways = (tau.tolist(), plain.tolist())
    for o in range(3):
        close(
            np.log(reached / before)[o], scalar_compete.access(spending.tolist(), *ways, 0.0, o, P)
        )


def test_a_lone_place_reaches_itself_and_the_outside():
    """Access of one province: D_1 + D_R .6^3."""
    tau = arrival(np.zeros(1), np.zeros((1, 1)), P)
    reached = market_access(tau, np.array([2.0, 5.0]), 4.0)
    close(reached, [2.0 + 5.0 * 0.6**3])


def fingerprint(m):
    table = m.state.organisations
    return [
        getattr(table, name).tobytes()
        for name in ("alive", "rd", "share", "log_productivity", "profit", "knowledge")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "policies", [None, {"tax": {"policy": "super_deduction", "start": 2011}}], ids=["none", "tax"]
)
def test_without_a_policy_on_goods_the_rule_changes_no_byte(policies):
    """Whatever its strength: access is then exactly that of no policies."""
    runs = [
        model(years=3, burn_in=8, parameters=strength, policies=policies or {}).run()
        for strength in (OFF, {**dict.fromkeys(OFF, 0.4)})
    ]
    assert not runs[1].state.market.access.any()
    assert fingerprint(runs[0]) == fingerprint(runs[1])


@pytest.mark.slow
def test_an_open_border_moves_productivity():
    found = {}
    for name, strength in {"off": OFF, **{key: {**OFF, key: 0.4} for key in OFF}}.items():
        m = model(years=4, burn_in=8, parameters=strength, policies=OPEN).run()
        found[name] = m
    market = found["off"].state.market
    assert (market.access > 0.0).all()

    def mean(name, column):
        state = found[name].state
        return float(getattr(state.organisations, column)[state.firms].mean())

    assert mean("compete.market_access", "log_productivity") > mean("off", "log_productivity")


@pytest.mark.slow
def test_a_demand_shock_is_access_of_those_it_strikes():
    shock = {"name": "wanted", "kind": "demand", "share": 0.5, "years": 1, "rise": 0.3,
             "year": 2012.0}  # fmt: skip
    m = after_burn_in(years=3, burn_in=8, shocks=[shock])
    seen = []
    for _ in range(9):
        m.step()
        seen.append(m.state.market.access.copy())
    struck = set(np.round(seen[4:8], 12).ravel().tolist())
    assert struck == {0.0, round(math.log(1.3), 12)}
    assert not np.any(seen[:4])
    assert not seen[8].any()
