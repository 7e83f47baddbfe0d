"""Found: launches found technology generations or improve them.

    due_jf     = generations.foundings (L / L0)^generations.launch_elasticity mix'_jf / sum of mix'
    mix'_jf    = (1 - 1/40) mix_jf + sum of q over the launches of the quarter in the cell
    account_jf = min(account_jf + due_jf, 2)
    foundings  : as many as whole ones are on the account, one a launch of the cell at most
    account'_jf = account_jf - foundings
    founder    : the launch of the cell that covers a uniform of its own along cumulative q
    outside    ~ Poisson(generations.foundings
                         (1 - omega + omega L / L0)^generations.launch_elasticity)

How much better it is, and what a launch adds that joins a living generation:

    n per year = 8 generations.foundings * mu_j * R_jf
    step_jf    = min(.1, generations.frontier_growth / n per year)
                 * 2 / (1 + exp((frontier_jf - mean frontier) / generations.crowding))
    E_j        = sum q^2 / sum q over the launches of industry j in eight quarters, with the present
    M_j        = sum q / number of the same launches
    r          = E_j / q_ref in the region, 1 outside
    log Q_g    = frontier_jf + min(step_jf * r * Exp(1), .1)
    frontier'_jf = max(frontier_jf, log Q_g)
    log Q'_g   = log Q_g + min(2 b M_j (sqrt(1 + n + 1/s) - sqrt(1 + n)), 1)    of each that joins
    n'         = n + 1/s

Symbols: L launches of the last four quarters at scale 1; q_ref mean of E_j over industries by their
shares mu_j; L0 and q_ref are constants of the run, means over the end of its burn-in
(`ydsim.agents.tables`), in which a quarter compares with itself; omega weight of one part of the
nation in what the other sees (``adopt.outside``), so that the launches of the region are known
outside as far as outside adopters see those of the region; mu_j R_jf weight of the cell of industry
j and field f, also in the mean frontier; b ``improvement``. The expected quality E_j is that of a
launch that is drawn with weight q. Where an industry has no launch in eight quarters E_j and M_j
are those of all industries, or one. Accounts begin with a uniform.

A launch at scale s represents 1/s launches, so that quality does not depend on s; the number of
generations does not either. step_jf makes every cell grow alike in expectation, with rarer and
larger steps where little is founded; a cell that runs ahead of the nation finds less, one that lags
up to twice as much. The quality of a founder enters by its expectation, and that of launches that
join by their mean: with q itself a few hundred draws decide how fast each industry grows.

No draw decides the number or the cells of foundings, and the n-th of a cell has draws of its own
whenever it comes, so that two scenarios of one seed found alike as long as they launch alike. What
is due in a cell without a launch waits, up to two foundings. The rest of the nation founds
generations in cells drawn by industry share x relevance. In the burn-in, until the chain delivers,
launches are added for the foundings that lack one.

A launch joins one of the living generations of its industry and field, chosen by hash (to join the
youngest would reset the falling returns with every founding), or of its industry when the field has
none. It does not move the frontier from which the next is founded: improvements would compound, and
growth depend on s.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ydsim.agents.generations import OUTSIDE, REGION, Generations
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import NO_PASSPORT
from ydsim.agents.state import Launches, State
from ydsim.agents.tables import Means
from ydsim.measures.groups import cross_sums, quotient, ranges, rank_within, sums
from ydsim.noise import Noise, identity
from ydsim.scenario.schema.parameters import GenerationParameters
from ydsim.typing import Floats, Ints, Keys

LARGEST_STEP = 0.1
LARGEST_IMPROVEMENT = 1.0
MIX_QUARTERS = 40

MOST_WAITING: Final = 2.0
"""Foundings that wait in a cell without a launch; what is due beyond that is missed."""


def step_sizes(growth: float, per_year: float, industry_share: Floats, relevance: Floats) -> Floats:
    """Return step_jf, shape (J, F): growth over the expected foundings a year of each cell."""
    expected = per_year * industry_share[:, None] * relevance
    return np.minimum(
        growth / np.maximum(expected, max(growth / LARGEST_STEP, 1e-300)), LARGEST_STEP
    )


def crowded(
    step: Floats, frontier: Floats, industry_share: Floats, relevance: Floats, width: float
) -> Floats:
    """Return steps after crowding, shape (J, F); the mean weighs cells by share x relevance."""
    mean = float((industry_share[:, None] * relevance * frontier).sum())
    return step * 2.0 / (1.0 + np.exp((frontier - mean) / width))


def improvement(quality: Floats, before: Floats, joining: float, b: float) -> Floats:
    """Return the rise of log Q by one launch that represents ``joining`` launches after n."""
    return 2.0 * b * quality * (np.sqrt(1.0 + before + joining) - np.sqrt(1.0 + before))


def found_technologies(
    state: State,
    noise: Noise,
    lasting: Noise,
    parameters: GenerationParameters,
    outside: float = 0.0,
    constants: Means | None = None,
    seeds: bool = False,
) -> Ints:
    """Found and improve generations; return the rows of the new ones, the region's first.

    ``outside``: weight of one part of the nation in what the other sees, `adopt.outside`.
    ``seeds``: whether launches are added for foundings that lack one (burn-in).
    """
    launches, means = state.launches, state.means
    state.launch_history = np.append(state.launch_history[1:], len(launches) / state.scale)
    table = state.organisations
    table.launches[:, state.quarter % 4] = np.bincount(launches.owner, minlength=len(table))
    means.launches = float(state.launch_history.sum())
    grown = 1.0
    if constants is not None and constants.launches > 0.0:
        grown = means.launches / constants.launches
    pace = grown**parameters.launch_elasticity
    abroad = (1.0 - outside + outside * grown) ** parameters.launch_elasticity
    _mix_in(state)
    hoped, mean = _remember_quality(state)
    means.founder_quality = float((hoped * state.world.industry_share).sum())
    founders, key, missed = _founders(state, lasting, parameters.foundings * pace)
    if seeds:
        number = noise.poisson(np.array([parameters.foundings]), identity("quarter"), 0)[0]
        _seed(state, noise, int(number) - len(founders))
        seeded = np.arange(len(launches), len(state.launches))
        founders = np.concatenate([founders, seeded])
        launches = state.launches
        key = np.concatenate([key, identity("seeded", launches.key[seeded])])
    _join(state, np.setdiff1d(np.arange(len(launches)), founders), mean, noise, parameters)
    level = (means if constants is None else constants).founder_quality
    new = np.concatenate(
        [
            _found_region(state, lasting, founders, key, parameters, hoped / level),
            _found_outside(state, noise, parameters, abroad),
        ]
    )
    # after all have seen the frontier as it was
    cell = (state.generations.industry[new], state.generations.field[new])
    np.maximum.at(state.frontier, cell, state.generations.quality0[new])
    tally = state.tally.region
    tally.generations_founded = float(len(founders))
    tally.generations_founded_outside = float(len(new) - len(founders))
    tally.foundings_missed = missed
    return new


def _founders(state: State, lasting: Noise, foundings: float) -> tuple[Ints, Keys, float]:
    """Return the launches that found, the keys of what they found, and what is missed for good."""
    launches, account, founded = state.launches, state.founding_account, state.founded
    account += due(foundings, state.launch_mix)
    lost = float(np.maximum(account - MOST_WAITING, 0.0).sum())
    np.minimum(account, MOST_WAITING, out=account)
    cell = launches.industry * account.shape[1] + launches.field
    launched = np.bincount(cell, minlength=account.size).reshape(account.shape)
    cells = due_cells(account, launched)
    number = founded.ravel()[cells] + rank_within(cells)
    founders, slot = drawn_founders(
        launches.quality,
        launches.industry,
        launches.field,
        launches.key,
        cells,
        account.shape[1],
        lasting.uniform(identity("founding", cells, number), 8),
    )
    cells = cells[slot]
    number = founded.ravel()[cells] + rank_within(cells)
    times = np.bincount(cells, minlength=account.size).reshape(account.shape)
    account -= times
    founded += times
    return founders, identity("generation", cells, number), lost


def _mix_in(state: State) -> None:
    """Add the quality of the quarter's launches to the mix of cells, which fades in ten years."""
    launches, mix = state.launches, state.launch_mix
    mix *= 1.0 - 1.0 / MIX_QUARTERS
    mix += cross_sums(launches.industry, launches.field, launches.quality, mix.shape)


def _remember_quality(state: State) -> tuple[Floats, Floats]:
    """Return E_j and M_j, (J,) each; without launches those of all industries, or one."""
    history, launches = state.quality_history, state.launches
    column, n_j = state.quarter % history.shape[2], history.shape[1]
    for power in range(3):
        weight = launches.quality**power
        history[power, :, column] = sums(launches.industry, weight, n_j)
    count, total, squares = history.sum(axis=2)
    return _means(squares, total), _means(total, count)


def _means(total: Floats, weight: Floats) -> Floats:
    everywhere = total.sum() / weight.sum() if weight.sum() > 0.0 else 1.0
    return quotient(total, weight, everywhere)


def _seed(state: State, noise: Noise, number: int) -> None:
    """Add launches of quality one of firms, by researchers^.7 (assumed), in relevant fields."""
    table, firms, launches = state.organisations, state.firms, state.launches
    if number <= 0:
        return
    weight = np.maximum(table.researchers[firms], 1e-12) ** 0.7
    score = noise.exponential(table.key[firms], 6) / weight
    chosen = firms[np.lexsort((table.key[firms], score))[:number]]
    key = identity("seed", table.key[chosen], state.quarter)
    relevance = state.world.relevance[table.industry[chosen]]
    field = (np.cumsum(relevance, axis=1)[:, :-1] <= noise.uniform(key, 7)[:, None]).sum(axis=1)
    seeds = Launches.plain(chosen, table.industry[chosen], field, np.ones(len(chosen)), key)
    state.launches = Launches.joined([launches, seeds])


def _join(
    state: State, joiners: Ints, mean: Floats, noise: Noise, parameters: GenerationParameters
) -> None:
    """Let launches improve living generations of their cell."""
    generations, launches, table = state.generations, state.launches, state.organisations
    industry = launches.industry[joiners]
    target = matching(
        generations,
        launches.key[joiners],
        industry,
        launches.field[joiners],
        noise,
        state.frontier.shape,
    )
    joiners, target = joiners[target >= 0], target[target >= 0]
    order = np.lexsort((launches.key[joiners], target))
    joiners, target = joiners[order], target[order]
    each = 1.0 / state.scale
    before = generations.launches[target] + each * rank_within(target)
    worth = mean[launches.industry[joiners]]
    rise = np.minimum(improvement(worth, before, each, parameters.improvement), LARGEST_IMPROVEMENT)
    size = len(generations)
    generations.log_quality += sums(target, rise, size)
    generations.launches += each * np.bincount(target, minlength=size)
    launches.generation[joiners] = target
    owner = launches.owner[joiners]
    # launches count as innovation of their owners; those that adopt by it gain by that
    has = state.slots.adopted[owner, generations.slot[target]]
    has |= (table.kind[owner] != FIRM) | (table.industry[owner] != generations.industry[target])
    column = state.quarter % table.recent_gain.shape[1]
    gain = generations.gain[target[has]]
    table.recent_gain[:, column] += sums(owner[has], gain, len(table))


def matching(
    generations: Generations,
    key: Keys,
    industry: Ints,
    field: Ints,
    noise: Noise,
    shape: tuple[int, ...],
) -> Ints:
    """Return the living generation that each launch joins, -1 for none.

    Among the candidates the one with the lowest hash of launch and generation is taken, so that
    another generation changes the choice of few launches only.
    """
    live = generations.living()
    n_industries, n_fields = shape
    cell = generations.industry[live] * n_fields + generations.field[live]
    by_cell = live[np.lexsort((live, cell))]
    counts = np.bincount(cell, minlength=n_industries * n_fields)
    begin = np.cumsum(counts) - counts
    wanted = industry * n_fields + field
    alone = counts[wanted] == 0
    in_industry = counts.reshape(shape).sum(axis=1)
    start = np.where(alone, begin[industry * n_fields], begin[wanted])
    length = np.where(alone, in_industry[industry], counts[wanted])
    match = np.full(len(key), -1, dtype=np.int64)
    some = np.flatnonzero(length > 0)
    if len(some) == 0:
        return match
    candidate = by_cell[ranges(start[some], length[some])]
    pair = identity(np.repeat(key[some], length[some]), generations.key[candidate])
    bits = noise.bits(pair, 5)
    first = np.cumsum(length[some]) - length[some]
    lowest = np.repeat(np.minimum.reduceat(bits, first), length[some])
    launch = np.repeat(some, length[some])
    chosen = bits == lowest
    match[launch[chosen]] = candidate[chosen]
    return match


def _found_region(
    state: State,
    lasting: Noise,
    founders: Ints,
    key: Keys,
    parameters: GenerationParameters,
    relative_quality: Floats,
) -> Ints:
    table, launches = state.organisations, state.launches
    owner, industry = launches.owner[founders], launches.industry[founders]
    names = (*NO_PASSPORT, "partners", "public")
    new = _append(
        state,
        lasting,
        parameters,
        relative_quality[industry],
        key=key,
        industry=industry,
        field=launches.field[founders],
        origin=REGION,
        founder=owner,
        city=table.city[owner],
        **{name: getattr(launches, name)[founders] for name in names},
    )
    launches.generation[founders] = new
    return new


def _found_outside(
    state: State, noise: Noise, parameters: GenerationParameters, pace: float
) -> Ints:
    """Found what is due outside at ``pace`` times the usual; return the rows."""
    draw_id = identity("quarter")
    due_outside = np.array([parameters.foundings * pace])
    number = int(noise.poisson(due_outside, draw_id, 2)[0])
    key = identity("outside generation", state.quarter, np.arange(number))
    weight = (state.world.industry_share[:, None] * state.world.relevance).ravel()
    cell = np.searchsorted(np.cumsum(weight) / weight.sum(), noise.uniform(key, 3), side="right")
    industry, field = np.divmod(np.minimum(cell, len(weight) - 1), state.frontier.shape[1])
    columns = {"key": key, "industry": industry, "field": field, "origin": OUTSIDE}
    return _append(state, noise, parameters, np.ones(number), **columns)


def _append(
    state: State,
    noise: Noise,
    parameters: GenerationParameters,
    relative_quality: Floats,
    **columns: Any,
) -> Ints:
    key, cell = columns["key"], (columns["industry"], columns["field"])
    where = state.world.industry_share, state.world.relevance
    step = step_sizes(parameters.frontier_growth, 8.0 * parameters.foundings, *where)
    step = crowded(step, state.frontier, *where, parameters.crowding)[cell]
    rise = np.minimum(step * relative_quality * noise.exponential(key, 4), LARGEST_STEP)
    log_quality = state.frontier[cell] + rise
    return state.generations.append(
        len(key), founded=state.quarter, quality0=log_quality, log_quality=log_quality, **columns
    )


def due(foundings: float, mix: Floats) -> Floats:
    """Return the foundings of a quarter that are due to each cell, by its share of the mix."""
    total = float(mix.sum())
    return foundings * mix / total if total > 0.0 else np.zeros_like(mix)


def due_cells(account: Floats, launched: Ints) -> Ints:
    """Return the cell of each founding, positions in ``account`` raveled, ascending.

    ``launched`` are the launches of each cell; a cell founds as often as it has whole ones on its
    account and launches.
    """
    whole = np.minimum(np.floor(account).astype(np.int64), launched).ravel()
    return np.repeat(np.arange(account.size), np.maximum(whole, 0))


def drawn_founders(
    quality: Floats, industry: Ints, field: Ints, key: Keys, cells: Ints, n_fields: int, u: Floats
) -> tuple[Ints, Ints]:
    """Return positions of the launches that found, and of their foundings in ``cells``.

    A founding takes the launch of its cell that covers the part ``u`` of cumulative quality along
    quality. A launch that is drawn twice founds once.
    """
    order = np.lexsort((key, quality, field, industry))
    edges = np.concatenate([[0.0], np.cumsum(quality[order])])
    place = (industry * n_fields + field)[order]
    begin, end = np.searchsorted(place, cells), np.searchsorted(place, cells, side="right")
    some = np.flatnonzero(end > begin)
    begin, end = begin[some], end[some]
    target = edges[begin] + u[some] * (edges[end] - edges[begin])
    hit = np.clip(np.searchsorted(edges, target, side="right") - 1, begin, end - 1)
    slot = np.sort(np.unique(hit, return_index=True)[1], kind="stable")
    return order[hit[slot]], some[slot]
