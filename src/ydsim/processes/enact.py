"""Enact and govern: the policy environment of the quarter, and what governments decide.

The burn-in knows no policies, so that all scenarios of a seed start from one state.

Hours between cities, which the environment without policies has too:

    distance : t_cd = travel.ride km_cd / 160 km/h + travel.access_h
    recorded : t_cd = travel.ride h_cd(y) + travel.access_h    where h_cd(y) is known, else as above

h_cd(y) are the recorded hours that hold in the calendar year y of the quarter
(`ydsim.world.tables`), without time to and from stations. `travel.hours` chooses the rule; a world
without records has the first in any case, and so has the way to the rest of the nation. Openings
are data, not policy: the environment without policies of a quarter has the hours of its year, and
policies change these. The burn-in has the hours of the first year of the run.

**Governments**: provinces open or close, a body coordinates them, or money follows what worked.
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
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.state import State
from ydsim.errors import InputError
from ydsim.frozen import frozen
from ydsim.measures.game import MAX_PROVINCES, agreement, cell_of, closed_in, replies
from ydsim.measures.groups import sums
from ydsim.policies.base import Places
from ydsim.policies.environment import CHANNELS, CROSSINGS, Outlay, PolicyEnvironment, rules
from ydsim.processes.compete import believed_output
from ydsim.scenario.schema.parameters import ActorParameters, Parameters, TravelParameters
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats, Ints
from ydsim.world.priors import city_shares
from ydsim.world.tables import read_payoffs, record_of
from ydsim.world.world import World

if TYPE_CHECKING:
    from ydsim.scenario.schema.parameters import GovernanceParameters


SPEED_KMH: Final = 160.0
"""Speed of rides without a record."""


def places_of(world: World) -> Places:
    """Return what policies may know about the world."""
    return Places(
        world.provinces,
        world.city_names,
        world.city_province,
        world.distance_km,
        world.fields,
        world.industries,
        frozen(world.firms[world.city_province] * city_shares(world)),
    )


def baseline_environment(world: World, parameters: Parameters) -> PolicyEnvironment:
    """Return the environment in which no policy is in force, its arrays read-only.

    Hours between cities are by distance; `Baselines` lay those of a year over them.
    """
    p, c = world.n_provinces, world.n_cities
    same = np.eye(p)
    border = parameters.border
    talent, travel = parameters.talent, parameters.travel
    hours = by_distance(world.distance_km, travel)
    outside = by_distance(world.outside_distance_km, travel)
    environment = PolicyEnvironment(
        **{name: np.maximum(same, getattr(border, name)) for name in CHANNELS},
        eased=np.ones((len(CROSSINGS), c, c)),
        eased_hand_over=np.ones((p, p)),
        closed=np.zeros((len(CROSSINGS), p)),
        tie_factor=np.ones((c, c)),
        search_cut=np.zeros((c, c)),
        travel_hours=hours,
        outside_hours=outside[world.city_province],
        recognition=np.maximum(same, talent.recognition),
        core_pull=np.array(0.0),
        mobility=np.full(c, talent.mobility),
        offer=np.ones(c),
        facility_open=np.maximum(same, talent.recognition),
        facility_price=np.ones(c),
        broker_density=np.full(c, parameters.brokers.per_1000_firms),
        broker_reach=np.full(c, parameters.brokers.reach_km),
        broker_uplift=np.ones(c),
        broker_cap=np.full(c, parameters.brokers.largest_deal),
        transfer=np.zeros((p, c)),
        enclave=np.zeros((c, c)),
        broadcast=np.zeros(c),
        stories=np.ones(c),
        science_productivity=np.ones(c),
        protection=np.zeros(p),
        grant_rate=np.zeros((c, 3)),
        programme_leak=np.zeros((c, 3)),
        grant_leakage=np.full(c, parameters.fund.leakage),
        user_cost=np.ones(c),
        tax_relief=np.zeros(c),
        relabelled=np.zeros(c),
        bid_share=np.array(0.0),
    )
    arrays: dict[str, Any] = {name: frozen(getattr(environment, name)) for name in rules()}
    return replace(environment, **arrays)


def pay_outlays(state: State, environment: PolicyEnvironment) -> None:
    """Pay what policies cost to run, each out of the budget that its scenario names.

    Provinces and cities share a bill in proportion to the value added of their targeted firms.
    """
    table, firms, books = state.organisations, state.firms, state.books
    size = state.by_city(firms, table.value_added[firms])
    province_of, n_p = state.world.city_province, state.world.n_provinces
    for outlay in environment.of(Outlay):
        weight = size * outlay.where
        if not weight.any():
            weight = size
        bill = state.scale * outlay.strength * outlay.yearly / 4.0 * weight / weight.sum()
        by_province = sums(province_of, bill, n_p)
        if outlay.payer == "central":
            books.central -= float(by_province.sum())
        elif outlay.payer == "provinces":
            books.provinces -= by_province
        else:
            books.cities -= bill
        state.ledger.post(outlay.payer, "economy", outlay.policy, by_province)


def with_actors(
    environment: PolicyEnvironment, actors: ActorParameters, province: Ints
) -> PolicyEnvironment:
    """Return the environment without what actors that are switched off would do.

    Without media nothing is known through them; without work across provinces no joint project
    and no hand-over crosses a border, whatever eases it. ``province`` (C,) is that of each city.
    """
    if not actors.media:
        environment = replace(environment, broadcast=np.zeros_like(environment.broadcast))
    if actors.cross_province:
        return environment
    home = np.eye(len(environment.joint_work))
    at_home = province[:, None] == province[None, :]
    return replace(
        environment,
        joint_work=home,
        hand_over=home,
        tie_factor=np.where(at_home, environment.tie_factor, 0.0),
    )


def by_distance(km: Floats, parameters: TravelParameters) -> Floats:
    """Return hours of travel over great circles, h."""
    return parameters.ride * km / SPEED_KMH + parameters.access_h


def recorded(plain: Floats, ride: Floats, access: float) -> Floats:
    """Return hours between cities, (C, C), h: recorded rides and access, ``plain`` in gaps."""
    return np.where(np.isnan(ride), plain, ride + access)


class Baselines:
    """The environments without policies, one for each record of hours; arrays are read-only.

    ``plain``: the environment with hours by distance (`baseline_environment`). ``world`` and
    ``parameters``: of the run. ``start``: first year of the run: the burn-in has its hours.
    """

    def __init__(
        self, plain: PolicyEnvironment, world: World, parameters: Parameters, start: int
    ) -> None:
        self._plain = plain
        self._years, self._rides = world.rail_years, world.rail_hours
        if parameters.travel.hours == "distance":
            self._years = self._rides = None
        self._keys, self._start = parameters.travel, start
        self._known: dict[int, PolicyEnvironment] = {}

    def at(self, year: float) -> PolicyEnvironment:
        """Return the environment without policies at a decimal year; the same object all year."""
        if self._years is None or self._rides is None:
            return self._plain
        record = record_of(self._years, max(year, self._start))
        if record not in self._known:
            ride = self._keys.ride * self._rides[record]
            hours = recorded(self._plain.travel_hours, ride, self._keys.access_h)
            self._known[record] = replace(self._plain, travel_hours=frozen(hours))
        return self._known[record]


LEAST_FACTOR, MOST_FACTOR = 0.25, 4.0
"""Bounds of the factor on a budget."""


# -- governments -----------------------------------------------------------------------------------


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
