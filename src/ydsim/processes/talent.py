"""Move talent: researchers retire, graduate and move between cities; pay follows scarcity.

Places are the C cities and the rest of the nation (R), stocks are whole full-time equivalents at
scale 1. S is the stock that the quarter finds, S' that after retirement, S'' that after all moves.

    D_c     = sum over organisations i of c of 4 X_i / w_p           D_R = o sum_c D_c
    retired = floor(S (1 - exp(-talent.retirement / 4)) + u)         S' = S - retired
    V       = max(0, D - S')
    graduates: max(0, floor(sum D) - sum S'), over all places together, apportioned by V
    movers  = floor(S' (1 - exp(-mobility_c / 4)) + u)
    W_cd    = V_d y_d e_d exp(-t_cd / travel.decay_h) x_cd     d not c
    W_cc    = (V_c + .02 S'_c) y_c                                                   those who stay
    e_d     = offer_d (S'_d / mean of S' over cities)^core_pull                      e_R = 1
    x_cd    = pass_cd recognition_pq between two provinces p and q, 1 inside one
    S''_c   = S'_c + graduates_c + in_c - out_c
    theta_c = (D_c / S''_c)^(1 / (1 + talent.entry_elasticity)), between 1/4 and 4
    premium : s strength premium_d y_d came_d, paid by targeted city d, to the economy; came are
              movers to d and graduates who arrive from other cities

With `talent.scarce_supply` graduates are scarce, and pay clears the market in time:

    N       = max(0, n + min(s (m - 1), max(0, sum D - sum S' - n)))
    s       = S_0 F_t / F_0,     n = s - sum S'
    m       = sum of S'_c theta_c^talent.entry_elasticity / sum S'
    H_c     : floor(N + u), apportioned by study_c theta_c^talent.entry_elasticity
    look_c  = floor(talent.graduates_look H_c + u)                     stay_c = H_c - look_c
    arrive_d: of look_c to cities d in proportion to W_cd, at home
              to V_c y_c
    graduates_c = stay_c + arrive_c
    graduates_R = max(0, floor(D_R) - S'_R)                            D_R = o S_0 F_t / F_0
    theta'_c = theta_c^(1 - a) r_c^a                           a = 1 - exp(-talent.pay_speed / 4)
    r_c     = D_c / S''_c, between 1/4 and 4; 1 where D_c is 0, else 4 where S''_c is 0
    phi_c   = min(1, S''_c / sum over organisations i of c of can_i)
    can_i   = 4 X'_i / (w_p theta'_c)           of science grants with theta_c, not theta'_c
    researchers_i = phi_c can_i, of firms times s

Symbols: X_i own R&D of the quarter before and grants spent, 100m_rmb a quarter, of firms divided by
s, of science grants and what contracts of the quarter before pay for people
(`contracts.science_hires`), X' with the R&D of this quarter; pass what passes the border of moves
(`ydsim.policies.environment.passing`); w_p yearly wage of the province,
100m_rmb per FTE-year; o researchers of R over those of the region; V vacancies; mobility of R that
without policies; e what a city has for those from elsewhere
and not for its own; offer 1 + premium; core_pull 0 without policies, mean S' over cities; y = theta
w_p of the quarter before, y_R its mean over demand; t travel time, h. To and from R the trip
carries the border, and the recognition is that without policies. Graduates and movers see the same
vacancies, and movers
are of S'. The .02 are jobs in a city that change hands in a quarter without a vacancy, so that with
no vacancy anywhere nobody moves. A premium is paid once for each who arrives, by the policy that
set the offer. The form of W, of e, .02 and the bounds of theta are assumed; so is that a premium is
one year's.

F official FTE of the region and S_0 researchers of its cities when the run began: s is the supply
at official pay, net of those who come and go, and m what pay over the official one makes of it; pay
draws no more than there are posts, and of one per cent more money 1 / (1 + talent.entry_elasticity)
per cent remains pay; study the city's share of students (`ydsim.world.inputs`), of whom more begin
to do research where it pays more; sums of S', D and theta are over cities; arrive those who looked
and found c. Money of posts that stay open, 1 - phi of X', buys other things (assumed). The part
that looks, the speed of pay, and that graduates count vacancies alone, having no job to change, are
assumed.

Apportioning conserves totals to the unit: each place has the whole part of its share, and the
units that are left go to the largest remainders, ties by key. Movers of a place are few and
destinations many, so that largest remainders would never send anybody on most ways: they are
spread by a systematic sample along the keys of destinations instead, which conserves totals,
keeps each count within one of its share and makes it right on average: the k-th of n, from zero,
goes to the first destination at which the sum of shares passes (k + u) / n.
"""

from __future__ import annotations

import math

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.agents.tables import Talent
from ydsim.measures.groups import sums, systematic_rows
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PoachingPremium, PolicyEnvironment, passing
from ydsim.scenario.schema.parameters import TalentParameters
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.world import World

NATURAL_VACANCY = 0.02
LEAST_WAGE, MOST_WAGE = 0.25, 4.0


def exact_sum(values: Floats) -> float:
    """Return the sum rounded once, the same in every order."""
    return math.fsum(values.tolist())


def apportion(total: int, weight: Floats, keys: Keys) -> Ints:
    """Return whole numbers in proportion to ``weight`` that sum to ``total``.

    ``total``: what is shared out, nothing below zero. ``weight``: (n,) not negative; where there is
    something to share out at least one is positive. ``keys``: (n,) break ties, so that the order of
    places does not matter.
    """
    if total <= 0:
        return np.zeros(len(weight), dtype=np.int64)
    everything = exact_sum(weight)
    if everything <= 0.0:
        raise ValueError(f"no place has a weight by which to apportion {total}")
    quota = total * weight / everything
    share: Ints = np.floor(quota).astype(np.int64)
    left = total - int(share.sum())
    share[np.lexsort((keys, share - quota))[:left]] += 1
    return share


def leavers(stock: Ints, rate: Floats | float, u: Floats) -> Ints:
    """Return how many of each stock an event of ``rate`` a year takes in a quarter."""
    chance = np.array([-math.expm1(-r / 4.0) for r in np.atleast_1d(rate).tolist()])
    return np.floor(stock * chance + u).astype(np.int64)


def answer_to_pay(pay: Floats, elasticity: float) -> Floats:
    """Return theta^elasticity, at most 1e9."""
    with np.errstate(over="ignore"):
        factor: Floats = np.minimum(pay**elasticity, 1e9)
    return factor


def beginners(official: float, stock: float, demand: float, answer: float) -> float:
    """Return N of s, the sum of S' and the sum of D, all in FTE, and m."""
    begin = official - stock
    room = max(0.0, demand - stock - begin)
    return max(0.0, begin + min(official * (answer - 1.0), room))


def pay_after(pay: Floats, demand: Floats, stock: Ints, speed: float) -> Floats:
    """Return theta', which clears the market in the end.

    Where nobody is asked for pay goes back to one; where somebody is and nobody is there it goes
    towards the most.
    """
    empty = np.where(demand > 0.0, MOST_WAGE, 1.0)
    clearing = np.divide(demand, stock, out=empty, where=(stock > 0) & (demand > 0.0))
    part = -math.expm1(-speed / 4.0)
    log = (1.0 - part) * np.log(pay) + part * np.log(np.clip(clearing, LEAST_WAGE, MOST_WAGE))
    return np.clip(np.exp(log), LEAST_WAGE, MOST_WAGE)


def vacancies(demand: Floats, stock: Ints) -> Floats:
    """Return V, unfilled posts."""
    return np.maximum(demand - stock, 0.0)


def graduates(demand: Floats, stock: Ints, vacancy: Floats, keys: Keys) -> Ints:
    """Return those who enter, by place: what all places together lack, to where it lacks."""
    lacking = math.floor(exact_sum(demand)) - int(stock.sum())
    return apportion(lacking, vacancy, keys)


def passage(
    province: Ints, environment: PolicyEnvironment, outside_recognition: float, decay_h: float
) -> Floats:
    """Return the part of an offer that arrives from place to place, (C + 1, C + 1), 1 at home."""
    n = len(province)
    row, column = province[:, None], province[None, :]
    across = passing(environment, "talent", province) * environment.recognition[row, column]
    inside = np.where(row == column, 1.0, across)
    part = np.ones((n + 1, n + 1))
    part[:n, :n] = inside * np.exp(-environment.travel_hours / decay_h)
    part[n, :n] = outside_recognition * np.exp(-environment.outside_hours / decay_h)
    part[:n, n] = part[n, :n]
    np.fill_diagonal(part, 1.0)
    return part


def welcome(offer: Floats, stock: Ints, core_pull: float) -> Floats:
    """Return e, what a place has for those from elsewhere only, (C + 1,); 1 outside.

    ``offer`` is that of cities, ``stock`` the researchers of all places.
    """
    cities = stock[:-1]
    mean = cities.sum() / len(cities)
    size = cities / mean if mean > 0.0 else np.ones(len(cities))
    return np.append(offer * size**core_pull, 1.0)


def pull(vacancy: Floats, stock: Ints, appeal: Floats, welcomes: Floats, arrives: Floats) -> Floats:
    """Return W, weights of destinations (columns) for researchers of each place (rows).

    ``appeal`` is y of each place, ``welcomes`` the `welcome`, ``arrives`` the
    `passage`.
    """
    jobs = np.repeat(vacancy[None, :], len(vacancy), axis=0)
    np.fill_diagonal(jobs, vacancy + NATURAL_VACANCY * stock)
    weight: Floats = jobs * appeal * arrives
    elsewhere = np.repeat(welcomes[None, :], len(welcomes), axis=0)
    np.fill_diagonal(elsewhere, 1.0)
    weight *= elsewhere
    return weight


def moves(movers: Ints, weight: Floats, keys: Keys, u: Floats) -> Ints:
    """Return moves from place to place, those who stay left out: the diagonal is zero."""
    moved = spread(movers, weight, keys, u)
    np.fill_diagonal(moved, 0)
    return moved


def spread(numbers: Ints, weight: Floats, keys: Keys, u: Floats) -> Ints:
    """Return how many of each place (rows) go where (columns), those who stay on the diagonal."""
    order = np.argsort(keys, kind="stable")
    counts = np.zeros(weight.shape, dtype=np.int64)
    counts[:, order] = systematic_rows(weight.take(order, axis=1), numbers, u)
    return counts


def wage_factor(demand: Floats, stock: Ints, scarcity: float) -> Floats:
    """Return theta; a place without researchers pays the most if it asks for any, else 1."""
    empty = np.where(demand > 0.0, np.inf, 1.0)
    ratio = np.divide(demand, stock, out=empty, where=stock > 0)
    return np.clip(ratio**scarcity, LEAST_WAGE, MOST_WAGE)


def with_outside(values: Floats, weight: Floats) -> Floats:
    """Return values of cities and, for the rest of the nation, their weighted mean."""
    total = exact_sum(weight)
    mean = exact_sum(values * weight) / total if total > 0.0 else float(values.max())
    return np.append(values, mean)


# -- what the state says ---------------------------------------------------------------------------


def place_keys(world: World) -> Keys:
    """Return identities of cities and of the rest of the nation, (C + 1,)."""
    return np.concatenate([world.city_keys, identity("outside")])


def city_demand(state: State) -> Floats:
    """Return D of cities from present spending, (C,)."""
    table = state.organisations
    rows = np.flatnonzero(table.alive)
    spending = table.rd[rows] + table.grants_spent[rows]
    spending = spending / np.where(table.kind[rows] == FIRM, state.scale, 1.0)
    wage = state.inputs.wage[table.province[rows], state.input_column]
    return state.by_city(rows, 4.0 * spending / wage)


def initial_talent(demand: Floats, outside_mass: float) -> Talent:
    """Return a market at rest: as many researchers as cities (C,) ask for, wages even."""
    wanted = np.append(demand, outside_mass * exact_sum(demand))
    n = len(demand)
    stock: Ints = np.rint(wanted).astype(np.int64)
    moved = np.zeros((n + 1, n + 1), dtype=np.int64)
    return Talent(stock, wanted, np.ones(n), moved, np.ones(n), int(stock[:-1].sum()))


def follow_demand(state: State) -> None:
    """Let stocks follow demand without moves (burn-in)."""
    mass = float(state.national.outside_mass[state.input_column])
    state.talent = initial_talent(city_demand(state), mass)


def move_talent(
    state: State,
    environment: PolicyEnvironment,
    noise: Noise,
    parameters: TalentParameters,
    decay_h: float,
) -> None:
    """Retire, graduate and move researchers, and set the wage factors of cities."""
    world, before = state.world, state.talent
    if parameters.scarce_supply and before.start == 0:
        _count(state, np.zeros(world.n_cities + 1))  # without a burn-in nobody has hired yet
        return
    keys = place_keys(world)
    inside = city_demand(state)
    mass = float(state.national.outside_mass[state.input_column])
    if parameters.scarce_supply:
        around = float(before.start) * official_index(state, state.input_column)
    else:
        around = exact_sum(inside)
    demand = np.append(inside, mass * around)
    staying = before.stock - leavers(before.stock, parameters.retirement, noise.uniform(keys, 0))
    vacancy = vacancies(demand, staying)

    wage = state.wage
    appeal = with_outside(wage, inside)
    arrives = passage(world.city_province, environment, parameters.recognition, decay_h)
    mobility = np.append(environment.mobility, parameters.mobility)
    movers = leavers(staying, mobility, noise.uniform(keys, 1))
    welcomes = welcome(environment.offer, staying, float(environment.core_pull))
    weight = pull(vacancy, staying, appeal, welcomes, arrives)
    moved = moves(movers, weight, keys, noise.uniform(keys, 2))
    arrived = np.zeros(world.n_cities, dtype=np.int64)
    if parameters.scarce_supply:
        np.fill_diagonal(weight, vacancy * appeal)  # who has no job can only take an open one
        new, jobs = _begin(state, demand, staying, weight[:-1, :-1], noise, parameters)
        arrived = jobs.sum(axis=0) - np.diag(jobs)
        state.tally.links.graduate[:, :-1, :-1] = jobs
    else:
        new = graduates(demand, staying, vacancy, keys)
    stock = staying + new + moved.sum(axis=0) - moved.sum(axis=1)
    if parameters.scarce_supply:
        theta = pay_after(before.wage, inside, stock[:-1], parameters.pay_speed)
    else:
        scarcity = 1.0 / (1.0 + parameters.entry_elasticity)
        theta = wage_factor(inside, stock[:-1], scarcity)
    state.talent = Talent(stock, demand, theta, moved, before.found, before.start)
    _pay_premiums(state, environment, wage, arrived)
    _count(state, vacancy)


def official_index(state: State, column: int) -> float:
    """Return F over F_0: official FTE of the region in a quarter over those of the first one."""
    total = state.inputs.personnel.sum(axis=0)
    return float(total[column] / total[0])


def _begin(
    state: State,
    demand: Floats,
    staying: Ints,
    weight: Floats,
    noise: Noise,
    parameters: TalentParameters,
) -> tuple[Ints, Ints]:
    """Return those who begin, (C + 1,), and graduates by city of study and of work, (C, C)."""
    keys, before, now = place_keys(state.world), state.talent, state.input_column
    of_cities, inside = keys[:-1], staying[:-1]
    answer = answer_to_pay(before.wage, parameters.entry_elasticity)
    stock = float(inside.sum())
    mean = exact_sum(answer * inside) / stock if stock > 0.0 else 1.0
    official, asked = before.start * official_index(state, now), exact_sum(demand[:-1])
    n = beginners(official, stock, asked, mean)
    total = math.floor(n + float(noise.uniform(keys[-1:], 3)[0]))
    studied = apportion(total, state.inputs.students[:, now] * answer, of_cities)
    looks = np.floor(parameters.graduates_look * studied + noise.uniform(of_cities, 3))
    looking: Ints = np.where(weight.sum(axis=1) > 0.0, np.minimum(looks, studied), 0).astype(
        np.int64
    )
    jobs = spread(looking, weight, of_cities, noise.uniform(of_cities, 4))
    jobs += np.diag(studied - looking)
    outside = max(0, math.floor(demand[-1]) - int(staying[-1]))
    return np.append(jobs.sum(axis=0), outside), jobs


def employ(state: State, parameters: TalentParameters) -> None:
    """Hire for science what its contracts earned, and let no city employ more than it has."""
    table, world = state.organisations, state.world
    earned = np.flatnonzero(table.alive & (table.kind != FIRM) & (table.rd > 0.0))
    table.researchers[earned] += table.rd[earned] / (state.wage[table.city[earned]] / 4.0)
    if state.quarter < 0 or not parameters.scarce_supply:
        return
    if state.talent.start == 0:
        follow_demand(state)
        return
    rows = np.flatnonzero(table.alive)
    weight = np.where(table.kind[rows] == FIRM, 1.0 / state.scale, 1.0)
    wanted = state.by_city(rows, table.researchers[rows] * weight)
    stock = state.talent.stock[:-1].astype(np.float64)
    part = np.divide(stock, wanted, out=np.ones(world.n_cities), where=wanted > stock)
    table.researchers[rows] *= part[table.city[rows]]
    state.talent.found = part
    state.tally.city.vacancies = np.maximum(wanted - stock, 0.0)


def _pay_premiums(
    state: State, environment: PolicyEnvironment, wage: Floats, graduates_in: Ints
) -> None:
    """Pay what cities promised to those who came, with the yearly ``wage`` (C,) of each city."""
    came = state.talent.moves.sum(axis=0)[:-1] + graduates_in
    for scheme in environment.of(PoachingPremium):
        bill = state.scale * scheme.strength * scheme.premium * scheme.where * wage * came
        state.books.cities -= bill
        by_province = sums(state.world.city_province, bill, state.world.n_provinces)
        state.ledger.post("cities", "economy", scheme.policy, by_province)


def _count(state: State, vacancy: Floats) -> None:
    talent, tally, province = state.talent, state.tally, state.world.city_province
    tally.city.researchers_stock = talent.stock[:-1].astype(np.float64)
    tally.city.vacancies = vacancy[:-1]
    tally.city.talent_in = talent.moves.sum(axis=0)[:-1].astype(np.float64)
    tally.city.talent_out = talent.moves.sum(axis=1)[:-1].astype(np.float64)
    tally.links.talent[:] = talent.moves
    across = province[:, None] != province[None, :]
    tally.region.talent_cross_province = float(talent.moves[:-1, :-1][across].sum())
    net = talent.moves[-1].sum() - talent.moves[:, -1].sum()
    tally.region.talent_net_outside = float(net)
