"""Renew and relocate: exit, entry and moves of firms.

**Exit and entry**:

    hazard    = population.exit (1 + exp(-age / 5) + 1 / (1 + exp(lead / .4))) / 2
                * min(1, S^-population.exit_size)                                        1/year
    exits       with probability 1 - exp(-hazard / 4)
    lead      = log A_i - mean log A of its industry and province (unweighted)
    S         = share_i * number of firms of its industry and province
    grown_p   = firms_p (exp(g_p / 4) - 1)
    entrants  = max(0, exits + floor(sum of grown_p + u))
    weight_c  = sum over the firms of the cell of 1 + launches of the last year
    account_c = account_c + (entrants - sum of grown_p) weight_c / sum of weight
                + grown_p weight_c / sum of weight in its province p
    entrants_c = floor(account_c), at least 0; what is then missing to entrants is one more for the
                 cells with the most left on their account, what is too much one less for the others
    account'_c = account_c - entrants_c

Symbols: age in years; firms before the exits; g_p growth of counts in province p
(`ydsim.world.inputs`), zero in the burn-in. Firms that replace others enter where firms and
launches are, those beyond replacement in the province whose number grows; if these sum to more than
all entrants, they are scaled to them. A province whose number falls has fewer entrants by its fall;
what is left of the fall stays on its accounts as a debt. Where all firms of an industry in a
province would exit, that of lowest key stays. Cells c are city x industry; their accounts begin
with a uniform. The n-th entrant of a cell is the same firm whenever it enters, so that one launch
more leaves nearly all entrants as they are. An entrant starts at the mean log A of its industry and
province, plus its own lasting effect; with new firm effects, knowledge near the mean of its
industry, the z of the mean incumbent but for the lean of the city, and R&D intensity at the same
distance from nu z as the incumbents of its province have from what they want.

**Moves**: firms move to cheaper provinces near by and take everything along.

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
from ydsim.measures.groups import cross_sums, drawn_along, quotient, rank_within, row_sums, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import Parameters, PopulationParameters
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.inputs import lean_shift
from ydsim.world.priors import research_lean


def exit_hazard(age: Floats, lead: Floats, size: Floats, mean: float, elasticity: float) -> Floats:
    """Return the hazard of exit a year.

    ``age`` in years, ``lead`` in log productivity, ``size`` relative to the mean firm.
    """
    youth = np.exp(-age / 5.0)
    weakness = 1.0 / (1.0 + np.exp(lead / 0.4))
    small: Floats = np.maximum(size, 1.0) ** -elasticity
    return mean * (1.0 + youth + weakness) / 2.0 * small


def leave(state: State, noise: Noise, parameters: PopulationParameters) -> Ints:
    """Let firms exit and return their rows."""
    dead = _leavers(state, noise, parameters)
    state.organisations.close(dead, state.quarter)
    _part(state)
    state.tally.city.exits = state.by_city(dead, np.ones(len(dead))) / state.scale
    return dead


def _leavers(state: State, noise: Noise, parameters: PopulationParameters) -> Ints:
    """Return the rows of the firms that exit."""
    table, firms = state.organisations, state.firms
    group = state.group_of(firms)
    log_a = table.log_productivity[firms]
    size = np.bincount(group)
    mean = np.bincount(group, weights=log_a) / np.maximum(size, 1)
    age = (state.quarter - table.born[firms]) / 4.0
    hazard = exit_hazard(
        age,
        log_a - mean[group],
        table.share[firms] * size[group],
        parameters.exit,
        parameters.exit_size,
    )
    leaves = noise.uniform(table.key[firms], 0) < -np.expm1(-hazard / 4.0)
    return firms[leaving(leaves, group, table.key[firms])]


def _part(state: State) -> None:
    """Take the dead out of consortia; the members who are left move up."""
    shared = np.flatnonzero(state.projects.shared)
    theirs = state.projects.members[shared]
    gone = (theirs >= 0) & ~state.organisations.alive[theirs]
    hit = gone.any(axis=1)
    state.projects.close_up(shared[hit], gone[hit])


def enter(state: State, noise: Noise, lasting: Noise, exits: int, parameters: Parameters) -> Ints:
    """Let new firms enter and return their rows."""
    table = state.organisations
    incumbents = table.firms()
    grown = growth_by_province(state, incumbents, exits)
    number = exits + int(np.floor(float(grown.sum()) + noise.uniform(identity("growth"), 1)[0]))
    city, industry, key = _entrants(state, incumbents, number, grown)
    rows = table.append(
        len(city),
        city=city,
        province=state.world.city_province[city],
        industry=industry,
        key=key,
        born=state.quarter,
    )
    _equip(state, lasting, rows, incumbents, parameters)
    state.tally.city.entries = state.by_city(rows, np.ones(len(rows))) / state.scale
    return rows


def due_entrants(account: Floats, weight: Floats, number: int) -> Ints:
    """Return how many firms enter each cell, (n,), ``number`` together, by the module docstring.

    ``account`` holds what is due already; cells without ``weight`` take part in nothing.
    """
    counts = np.zeros(len(account), dtype=np.int64)
    open_ = np.flatnonzero(weight > 0.0)
    if number <= 0 or len(open_) == 0:
        return counts
    there = account[open_]
    whole = np.maximum(np.floor(there), 0.0).astype(np.int64)
    missing = number - int(whole.sum())
    by_rest = open_[np.argsort(whole - there, kind="stable")]  # those with most left first
    counts[open_] = whole
    if missing >= 0:
        counts[by_rest] += missing // len(by_rest)
        counts[by_rest[: missing % len(by_rest)]] += 1
        return counts
    while missing < 0:
        fewer = by_rest[::-1][counts[by_rest[::-1]] > 0][:-missing]
        counts[fewer] -= 1
        missing += len(fewer)
    return counts


def growth_by_province(state: State, incumbents: Ints, exits: int) -> Floats:
    """Return by how many firms each province grows in the quarter, (P,)."""
    rates, n_p = state.inputs.firm_growth, state.world.n_provinces
    if state.quarter < 0 or len(incumbents) == 0:
        return np.zeros(n_p)
    # exits are those of all provinces, in proportion to the firms that stay
    there = np.bincount(state.organisations.province[incumbents], minlength=n_p).astype(np.float64)
    firms = there * (1.0 + exits / len(incumbents))
    return firms * np.expm1(rates[:, state.input_column] / 4.0)


def due_by_cell(weight: Floats, number: int, grown: Floats, province_of: Ints) -> Floats:
    """Return what a quarter adds to the accounts, (C, J), ``number`` together.

    ``weight``: (C, J) weight of cells, some of it above zero. ``number``: entrants of the quarter,
    at least 0. ``grown``: (P,) of these, the growth of each province; below zero where it shrinks,
    which its cells then owe. ``province_of``: (C,) province of each city.
    """
    there = sums(province_of, weight.sum(axis=1), len(grown))
    more = np.where(there > 0.0, grown, 0.0)
    if not more.any():
        return number * weight / float(weight.sum())
    total = float(more.sum())
    if total > number:
        more = more * (number / total)
    rate = quotient(more, there)
    rest = (number - float(more.sum())) / float(weight.sum())
    return weight * (rest + rate[province_of][:, None])


def _entrants(
    state: State, incumbents: Ints, number: int, grown: Floats
) -> tuple[Ints, Ints, Keys]:
    """Return city, industry and identity of the entrants."""
    table, world = state.organisations, state.world
    shape = world.n_cities, len(world.industries)
    recent = row_sums(table.launches, incumbents)
    weight = cross_sums(table.city[incumbents], table.industry[incumbents], 1.0 + recent, shape)
    total = float(weight.sum())
    if number > 0 and total > 0.0:
        state.entry_account += due_by_cell(weight, number, grown, world.city_province)
    order = world.city_order
    counts = np.empty(shape, dtype=np.int64)
    counts[order] = due_entrants(
        state.entry_account[order].ravel(), weight[order].ravel(), number
    ).reshape(shape)
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    city, industry = np.divmod(cells, shape[1])
    earlier = state.entered[city, industry] + rank_within(cells)
    key = identity("entrant", world.city_keys[city], industry, earlier)
    state.entry_account -= counts
    state.entered += counts
    return city, industry, key


def _equip(
    state: State, lasting: Noise, rows: Ints, incumbents: Ints, parameters: Parameters
) -> None:
    """Give entrants their start, see the module docstring."""
    table, population, invest = state.organisations, parameters.population, parameters.invest
    n_p, n_j = state.world.n_provinces, len(state.world.industries)
    key = table.key[rows]
    old, new = state.group_of(incumbents), state.group_of(rows)
    size = np.maximum(np.bincount(old, minlength=n_j * n_p), 1)
    log_a = sums(old, table.log_productivity[incumbents], n_j * n_p)
    effect = parameters.compete.effect_sd * lasting.normal(key, 3)
    table.productivity_effect[rows] = effect
    table.log_productivity[rows] = (log_a / size)[new] + effect
    table.absorptive[rows] = np.exp(
        population.spread * lasting.normal(key, 4) - population.spread**2 / 2.0
    )
    table.share[rows] = population.entrant_size / size[new]
    everyone, group = np.concatenate([incumbents, rows]), np.concatenate([old, new])
    table.share[everyone] /= sums(group, table.share[everyone], n_j * n_p)[group]
    mean = _mean_knowledge(state)
    for f in range(mean.shape[1]):
        table.knowledge[rows, f] = mean[table.industry[rows], f] + (
            population.spread * lasting.normal(key, 10 + f)
        )
    lean = np.log(research_lean(state.world, int(state.inputs.years[0])))
    lean += lean_shift(state.base, state.world)
    at_par = table.log_effect[incumbents] - lean[table.city[incumbents]]
    effects = sums(old, at_par, n_j * n_p) / size
    table.log_effect[rows] = (
        effects[new] + lean[table.city[rows]] + invest.effect_sd * lasting.normal(key, 5)
    )
    table.log_intensity[rows] = (
        np.log(invest.intensity)
        + state.rd_level[table.province[rows]]
        + table.log_effect[rows]
        + state.intensity_gap[table.province[rows]]
    )


def _mean_knowledge(state: State) -> Floats:
    """Return the mean knowledge of firms by industry, shape (J, F), before the quarter's exits."""
    table, firms, n_j = state.organisations, state.firms, len(state.world.industries)
    industry = table.industry[firms]
    size = np.maximum(np.bincount(industry, minlength=n_j), 1)
    total = [sums(industry, part[firms], n_j) for part in table.knowledge.T]
    return np.stack(total, axis=1) / size[:, None]


# -- moves -----------------------------------------------------------------------------------------

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
