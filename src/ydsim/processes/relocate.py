"""Relocate: firms move to cheaper provinces near by and take everything along.

    moves    with probability 1 - exp(-relocate.hazard / 4), if some W_cd > 0
    W_cd     = V_d max(0, log(y_p(c) / y_p(d))) exp(-t_cd / travel.decay_h)
    d        drawn with weight W_cd
    y_p      = GDP_p of the quarter / residents of the cities of p
    moved by a policy with probability 1 - exp(-sum_d T_cd / 4), d drawn with weight T_cd
    T_cd     = H_pq a_cd / sum over the cities d' of q of a_cd'           p of c, q of d, q not p
    a_cd     = transfer_pd V_d exp(-t_cd / travel.decay_h)       H_pq = sum of transfer_pd over q
    x_i      = min(value added_i / (s Y_jq), .2)                          j industry, q new province
    share_i' = x_i min(1, .5 / sum of x over all that arrive in (j, q))
    share_k' = share_k (1 - sum of shares of those that arrive) / sum of share of those that stay

Symbols: V secondary value added of a city (last figure up to the present year), y GDP per head of
its province (GDP of the quarter over residents, the last figure of each city up to the present
year; per firm in a world that does not know the residents of a city), t hours of travel, transfer
extra hazard of policies from province p to city d, a year, zero without any: the cities of a
province share its hazard H by size and distance, and nobody asks whether it is poorer; Y output of
industry j in the new province q, s scale. A group is an industry in a province; one that all its
firms would leave keeps that of lowest key. The hazard, the weights and the bounds .2 and .5 are
assumed.

A firm that both rules would move follows the first one.

A firm that moves closes its row and opens a new one with the same identity, so that its draws and
thresholds stay its own; projects and ties follow. Nothing is paid.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State, follow
from ydsim.measures.choice import drawn_along
from ydsim.measures.groups import quotient, rank_within, sums
from ydsim.noise import Noise
from ydsim.policies.environment import PolicyEnvironment
from ydsim.typing import Bools, Floats, Ints, Keys

LARGEST_SHARE = 0.2
"""Most that one firm takes of its new group."""

LARGEST_ARRIVAL = 0.5
"""Most that all firms that arrive in a quarter take of their new group."""


def last_known(values: Floats, years: Ints, year: int) -> Floats:
    """Return the last figure up to ``year`` of each row, the first one where all are later.

    NaN for a row without a figure.
    """
    known = ~np.isnan(values)
    past = known & (years <= year)
    last = values.shape[1] - 1 - np.argmax(past[:, ::-1], axis=1)
    column = np.where(past.any(axis=1), last, np.argmax(known, axis=1))
    return values[np.arange(len(values)), column]


def attraction(mass: Floats, wealth: Floats, hours: Floats, decay_h: float) -> Floats:
    """Return W by city left and city chosen, (C, C), from V and y of each city."""
    cheaper = np.maximum(0.0, np.log(wealth[:, None] / wealth[None, :]))
    return mass[None, :] * cheaper * np.exp(-hours / decay_h)


def transfers(
    hazard: Floats, mass: Floats, hours: Floats, province: Ints, decay_h: float
) -> Floats:
    """Return T, the hazard of a transfer from city to city, (C, C), from h (P, C) and V (C,)."""
    n_p = len(hazard)
    extra = hazard[province] * (province[:, None] != province[None, :])
    drawn = extra * mass[None, :] * np.exp(-hours / decay_h)
    inside = (province[:, None] == np.arange(n_p)[None, :]).astype(np.float64)
    total = np.einsum("cd,dq->cq", extra, inside)
    weight = np.einsum("cd,dq->cq", drawn, inside)
    rate = quotient(total, weight)
    return drawn * rate[:, province]


def leaving(moves: Bools, group: Ints, key: Keys) -> Bools:
    """Return ``moves`` without the firm of lowest key in each group that all would leave."""
    movers = np.flatnonzero(moves)
    movers = movers[np.lexsort((~key[movers], group[movers]))]
    rank = rank_within(group[movers])
    size = np.bincount(group)
    left = np.zeros(len(moves), dtype=np.bool_)
    left[movers] = rank < size[group[movers]] - 1
    return left


def resettled(share: Floats, group: Ints, arrives: Bools, n_groups: int) -> Floats:
    """Return shares that sum to one in each group.

    ``share`` of firms that arrive is x before the bound on all that arrive; the others share what
    is left in their old proportions.
    """
    asked = sums(group[arrives], share[arrives], n_groups)
    given = np.minimum(asked, LARGEST_ARRIVAL)
    before = sums(group[~arrives], share[~arrives], n_groups)
    factor = np.where(
        arrives, quotient(given, asked, 1.0)[group], quotient(1.0 - given, before, 1.0)[group]
    )
    settled = share * factor
    total = sums(group, settled, n_groups)
    return settled / total[group]


def relocate(
    state: State, environment: PolicyEnvironment, noise: Noise, hazard: float, decay_h: float
) -> tuple[Ints, Ints]:
    """Let firms move; return the rows that they leave and the rows that they open.

    ``hazard`` is that of a move to a cheaper place, 1/year.
    """
    table, firms, world, inputs = state.organisations, state.firms, state.world, state.inputs
    firms = firms[table.alive[firms]]
    province_of, hours = world.city_province, environment.travel_hours
    now, year = state.input_column, int(inputs.years[state.input_column // 4])
    # V is 0 where it is not known
    mass = np.nan_to_num(last_known(world.city_secondary, world.years, year))
    wealth = inputs.gdp[:-1, now] / _heads(state, year)
    weight = attraction(mass, wealth[province_of], hours, decay_h)
    own = noise.uniform(table.key[firms], 0) < -np.expm1(-hazard / 4.0)
    own &= (weight.sum(axis=1) > 0.0)[table.city[firms]]
    moves, moved = own, None
    if environment.transfer.any():
        moved = transfers(environment.transfer, mass, hours, province_of, decay_h)
        chance = -np.expm1(-moved.sum(axis=1) / 4.0)
        moves = own | (noise.uniform(table.key[firms], 2) < chance[table.city[firms]])
    group = state.group_of(firms)
    left = leaving(moves, group, table.key[firms])
    old, own = firms[left], own[left]
    # so that new rows of a city have one order, however a world lists its cities
    by_key = np.argsort(table.key[old], kind="stable")
    old, own = old[by_key], own[by_key]
    order, key = world.city_order, table.key[old]
    city = drawn_along(weight[table.city[old]], order, noise.uniform(key, 1))
    if moved is not None:
        there = drawn_along(moved[table.city[old]], order, noise.uniform(key, 3))
        city = np.where(own, city, there)
    new = _open(state, old, city)
    if len(old):
        _resettle(state, new)
        row = np.arange(len(table), dtype=np.int64)
        row[old] = new
        follow(state, row)
    state.tally.city.relocations_out = state.number_by_city(old)
    state.tally.city.relocations_in = state.number_by_city(new)
    return old, new


def _heads(state: State, year: int) -> Floats:
    """Return residents by province, or firms where the residents of a city are not known."""
    world = state.world
    by_city = last_known(world.city_population, world.years, year)
    residents = sums(world.city_province, by_city, world.n_provinces)
    if (residents > 0.0).all():
        return residents
    return np.maximum(state.by_province(state.firms, np.ones(len(state.firms))), 1.0)


def _open(state: State, old: Ints, city: Ints) -> Ints:
    """Close rows and open new ones that differ in their place; return them."""
    table = state.organisations
    columns = {name: getattr(table, name)[old] for name in table.names}
    columns |= {"city": city, "province": state.world.city_province[city]}
    new = table.append(len(old), **columns)
    table.close(old, state.quarter)
    return new


def _resettle(state: State, new: Ints) -> None:
    """Give firms that moved their shares, and the others of both groups theirs."""
    table, n_p = state.organisations, state.world.n_provinces
    industry, province = table.industry[new], table.province[new]
    output = state.scale * state.province_output()[industry, province]
    part = quotient(table.value_added[new], output, LARGEST_SHARE)
    table.share[new] = np.minimum(part, LARGEST_SHARE)
    rows = table.firms()
    group = state.group_of(rows)
    n_groups = len(state.world.industries) * n_p
    table.share[rows] = resettled(table.share[rows], group, rows >= new[0], n_groups)
