"""Governments: provinces open or close, a body coordinates them, or money follows what worked.

Let c be a set of closed provinces and u_p(c) the yearly output of province p that governments
expect. In the market at rest that is

    u_p(c) = sum over j, q of  s*_jpq(c) exp(v_p) / (sum over p of the same)  4 D_jq

What they decide:

    tournament   p turns where  H (u_p(c with p turned) - u_p(c)) > K,  all at once
    coordinated  c* = argmax over c of sum_p u_p(c), of equal ones the present, then the most open
                 V_p = u_p(c*) - (K / H) [p turns],  W_p = mean of the same over the sets
                 among which tournament decisions from the present one come to rest or go round
                 p receives  max(0, W_p - V_p) - max(0, V_p - W_p) L / G  a year
                 where L > G, the sums of both, all decide as in a tournament, and a note says so

Adaptive governance multiplies the budgets of policies by

    m_k' = c m_k exp(governance.speed (e_k - mean e)),   e_k = (n_k / b_k) / (sum n / sum b)

between `LEAST_FACTOR` and `MOST_FACTOR`, with c such that sum_k m_k' b_k / m_k = sum_k b_k / m_k.

Symbols: s* the shares at rest of `ydsim.processes.compete` with the protection of c on top, v
fitted shift, D demand of the quarter; H horizon and K adjustment cost of governance; b_k money that
instrument k paid since the last decision, n_k launches of what it paid for, b_k / m_k the money
planned at factor one. A closed province writes ``closed`` = max(closed, level) and adds to its
``protection``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.state import State
from ydsim.errors import InputError
from ydsim.measures.game import MAX_PROVINCES, agreement, cell_of, closed_in, replies
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import believed_output
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.payoffs import read_payoffs
from ydsim.world.world import World

if TYPE_CHECKING:
    from ydsim.scenario.schema.parameters import GovernanceParameters

LEAST_FACTOR, MOST_FACTOR = 0.25, 4.0
"""Bounds of the factor on a budget."""


class Governments:
    """The governments of one run, under one mode of governance; a table of payoffs is read here."""

    def __init__(self, settings: Scenario, world: World) -> None:
        self._keys = settings.governance
        self._compete = settings.parameters.compete
        self._first_year = settings.start
        self.alone: list[int] = []
        self._table: Floats | None = None
        if self._keys.mode in ("fixed", "adaptive"):
            return
        if world.n_provinces > MAX_PROVINCES:
            raise InputError(
                f"governance.mode: {self._keys.mode} is possible with at most {MAX_PROVINCES} "
                f"provinces, the world {world.name!r} has {world.n_provinces}"
            )
        if self._keys.beliefs == "table":
            self._table = read_payoffs(self._keys.table, world.provinces)

    def under(self, settings: Scenario, world: World) -> Governments:
        """Return the governments of a scenario that has been the same so far."""
        other = Governments(settings, world)
        other.alone = [*self.alone]
        return other

    def act(self, state: State, environment: PolicyEnvironment, shift: Floats) -> PolicyEnvironment:
        """Decide where a decision is due, and return what then holds beside the policies.

        ``shift`` (C,) is the fitted shift of market shares of the quarter.
        """
        keys = self._keys
        if keys.mode == "fixed":
            return environment
        if decides(state.quarter, self._first_year, keys):
            if keys.mode == "adaptive":
                adapt(state, environment, keys)
            elif govern(state, self.beliefs(state, environment, shift), keys):
                self.alone.append(self._first_year + state.quarter // 4)
        return governed(environment, state, keys)

    def beliefs(self, state: State, environment: PolicyEnvironment, shift: Floats) -> Floats:
        """Return output a year of provinces in each cell of closed ones, (2^P, P), as believed."""
        if self._table is not None:
            return self._table
        return believed_output(
            state,
            environment,
            self._compete,
            state.nation.relative,
            shift,
            protections(state.world.n_provinces, self._keys),
        )


def decides(quarter: int, first_year: int, keys: GovernanceParameters) -> bool:
    """Return whether governments decide in a quarter of a run that begins in ``first_year``."""
    since = quarter - 4 * max(0, keys.start - first_year)
    return keys.mode != "fixed" and since >= 0 and since % (4 * keys.period) == 0


def protections(n: int, keys: GovernanceParameters) -> Floats:
    """Return the protection that provinces add in each cell, (2^n, n)."""
    return closed_in(n).astype(np.float64) * keys.protection


def govern(state: State, payoff: Floats, keys: GovernanceParameters) -> bool:
    """Set the stances and pay for them; return whether a body had to let provinces act alone.

    ``payoff``: (2^P, P) output a year of each province in each cell, as believed, 100m_rmb.
    """
    hurdle, cell = keys.adjustment_cost / keys.horizon, cell_of(state.stance)
    if keys.mode == "tournament":
        after, fell_back = replies(payoff, cell, hurdle), False
    else:
        agreed = agreement(payoff, cell, hurdle)
        after, fell_back = agreed.cell, agreed.fell_back
        received = state.scale * keys.period * agreed.transfers
        if received.any():
            state.books.provinces += received
            state.ledger.post("provinces", "provinces", Flow.GOVERNANCE_TRANSFERS, received)
    stance = closed_in(len(state.stance))[after]
    bill = state.scale * keys.adjustment_cost * (stance != state.stance)
    if bill.any():
        state.books.provinces -= bill
        state.ledger.post("provinces", "economy", Flow.GOVERNANCE_ADJUSTMENT, bill)
    state.stance = stance
    return fell_back


def adapt(state: State, environment: PolicyEnvironment, keys: GovernanceParameters) -> None:
    """Move money between the instruments in force that paid any since the last decision."""
    in_force = sorted({scheme.policy for scheme in environment.schemes if scheme.budgeted})
    none = np.zeros(2)
    fresh = {k: state.returns.get(k, none) - state.returns_seen.get(k, none) for k in in_force}
    names = [k for k in in_force if fresh[k][0] > 0.0]
    if len(names) > 1:
        paid, launches = np.array([fresh[k] for k in names]).T
        factor = np.array([state.factors.get(k, 1.0) for k in names])
        state.factors |= zip(
            names, moved_money(factor, paid, launches, keys.speed).tolist(), strict=True
        )
    state.returns_seen = {k: np.array(v) for k, v in state.returns.items()}


def moved_money(factor: Floats, paid: Floats, launches: Floats, speed: float) -> Floats:
    """Return m', shape (K,), of two or more instruments that paid."""
    if not launches.any():
        return factor
    plan = paid / factor
    e = (launches / paid) / (launches.sum() / paid.sum())
    wish = np.log(factor) + speed * (e - e.mean())
    least, most = np.log(LEAST_FACTOR), np.log(MOST_FACTOR)
    low, high = least - wish.max(), most - wish.min()
    for _ in range(100):  # money rises with log c; halving finds where it is the plan
        middle = 0.5 * (low + high)
        money = (plan * np.exp(np.clip(wish + middle, least, most))).sum()
        low, high = (middle, high) if money < plan.sum() else (low, middle)
    return np.exp(np.clip(wish + high, least, most))


def governed(
    environment: PolicyEnvironment, state: State, keys: GovernanceParameters
) -> PolicyEnvironment:
    """Return the environment with what governments decided laid over it."""
    if state.stance.any():
        level = state.stance * keys.level
        environment = replace(
            environment,
            closed=np.maximum(environment.closed, level),
            protection=environment.protection + state.stance * keys.protection,
        )
    if state.factors:
        schemes = [
            replace(scheme, strength=scheme.strength * state.factors.get(scheme.policy, 1.0))
            if scheme.budgeted
            else scheme
            for scheme in environment.schemes
        ]
        environment = replace(environment, schemes=tuple(schemes))
    return environment
