"""Phase 9, adopt: firms adopt the generations that their industry can use.

    dH_g,cell  = gain_g (p awareness + q exposure_g,cell) / 4
    firm i adopts when H_g,cell >= E_ig / fit_i
    E_ig       = -log(1 - u(i, g)), fixed (Sellke construction)
    fit_ig     = absorptive_i * relevance_jf / sum_f relevance_jf^2, fixed at founding
    gain_g     = (Q_g / best older Q of its industry)^kappa * m_g
    exposure   = (1 - omega) (w F_own city + (1 - w) F_region) + omega F_outside
    F_region,c = sum_d K_cd adopters_gd / sum_d K0_cd firms_jd,  d != c
    K0_cd      = exp(-t_cd / t_0),   K_cd = K0_cd (1 - border level)^[other province]
    outside    : F += (1 - exp(-gain (p + q ((1 - omega) F + omega F_region total)) / 4)) (1 - F)

A cell is a city within the generation's industry; t_cd = access + distance / speed. A firm keeps
the best quality that it has adopted as the technology in use, chosen when it adopts. A firm
founded later carries the thresholds it would have had and is born with what its cell has already
passed, so that entry does not dilute diffusion.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.generations import Generations
from ydsim.agents.state import Adoptions, State
from ydsim.measures.groups import ranges
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.parameters import AdoptParameters, GenerationParameters
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.world import World

MARK_QUARTERS = 10.0
"""Quarters at the present rise that a mark looks ahead; a matter of speed only."""

_FLOAT_BITS = 31  # of a positive float32


def travel_hours(distance_km: Floats, parameters: AdoptParameters) -> Floats:
    """Return travel time between cities in hours; zero inside a city."""
    hours = parameters.access_h + distance_km / parameters.speed_kmh
    return np.where(distance_km > 0.0, hours, 0.0)


def kernels(
    world: World, border: Floats, parameters: AdoptParameters
) -> tuple[Floats, Floats]:
    """Return K and K0, shape (C, C), with zero diagonals; see the module docstring."""
    plain = np.exp(-travel_hours(world.distance_km, parameters) / parameters.decay_h)
    np.fill_diagonal(plain, 0.0)
    of = world.city_province
    suppressed = border[of[:, None], of[None, :]]
    return plain * (1.0 - suppressed), plain


def gains(
    log_quality: Floats, industry: Ints, appeal: Floats, kappa: float, n_industries: int
) -> Floats:
    """Return the gains of generations that stand in order of age.

    The best older quality is the running maximum over the generations of the industry founded
    before; the oldest of an industry is compared with itself.
    """
    advantage = np.zeros(len(log_quality))
    for j in range(n_industries):
        mine = np.flatnonzero(industry == j)
        best = np.maximum.accumulate(log_quality[mine])
        advantage[mine[1:]] = log_quality[mine[1:]] - best[:-1]
    gain: Floats = np.exp(kappa * advantage) * appeal
    return gain


def thresholds(firm_key: Keys, generation_key: Keys, fit: Floats, noise: Noise) -> Floats:
    """Return E / fit of firm and generation pairs, rounded to float32."""
    exponential = noise.exponential(identity(firm_key, generation_key))
    return (exponential / fit).astype(np.float32).astype(np.float64)


def fit(state: State, firm: Ints, generation: Ints) -> Floats:
    """Return the fit of firm and generation pairs."""
    relevance = state.world.relevance
    # the mean relevance of a generation drawn by relevance, so that fit is one on average
    relative = relevance / (relevance**2).sum(axis=1, keepdims=True)
    generations = state.generations
    industry, field = generations.industry[generation], generations.field[generation]
    matched: Floats = state.organisations.absorptive[firm] * relative[industry, field]
    return matched


def open_generations(
    state: State, new: Ints, noise: Noise, parameters: AdoptParameters
) -> None:
    """Draw and sort the thresholds of new generations; their founders adopt at once."""
    generations = state.generations
    generations.slot[new] = state.slots.take(generations.industry[new], new)
    generations.appeal[new] = np.exp(
        parameters.appeal_sd * noise.normal(generations.key[new], 1)
        - parameters.appeal_sd**2 / 2.0
    )
    live = generations.living()
    generations.gain[live] = gains(
        generations.log_quality[live], generations.industry[live], generations.appeal[live],
        parameters.gain_elasticity, len(state.world.industries),
    )
    lengths = np.diff(state.by_industry.begin)[generations.industry[new]]
    generations.eligible0[new] = lengths
    chunk = 64
    for start in range(0, len(new), chunk):
        _open(state, new[start : start + chunk], noise)
    founders = new[generations.founder[new] >= 0]
    _adopt(state, founders, generations.founder[founders])


def _open(state: State, new: Ints, noise: Noise) -> None:
    generations, cities = state.generations, state.world.n_cities
    rows, pair = state.by_industry.pairs(generations.industry[new])
    key = thresholds(
        state.organisations.key[rows], generations.key[new][pair], fit(state, rows, new[pair]),
        noise,
    ).astype(np.float32)
    segment = pair * cities + state.organisations.city[rows]
    order = sorted_in_segments(segment, key)
    start = state.arena.extend(key[order], rows[order].astype(np.int32))
    counts = np.bincount(segment, minlength=len(new) * cities).reshape(len(new), cities)
    ends = start + np.cumsum(counts.ravel()).reshape(counts.shape)
    generations.first[new] = generations.next[new] = ends - counts
    generations.last[new] = ends


def sorted_in_segments(segment: Ints, key: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Ints:
    """Return the order by segment, then key, then position.

    Segment, the bits of the positive key and the position are packed into one integer, so that
    all keys differ and any sort gives this one order.
    """
    position_bits = max(1, int(len(segment)).bit_length())
    segment_bits = max(1, int(segment.max(initial=0)).bit_length())
    if position_bits + segment_bits + _FLOAT_BITS > 64:
        return np.lexsort((np.arange(len(segment)), key, segment))
    packed = segment.astype(np.uint64) << np.uint64(_FLOAT_BITS)
    packed |= key.view(np.uint32).astype(np.uint64)
    packed <<= np.uint64(position_bits)
    packed |= np.arange(len(segment), dtype=np.uint64)
    packed.sort(kind="stable")
    return (packed & np.uint64((1 << position_bits) - 1)).astype(np.int64)


def adopt(
    state: State, environment: PolicyEnvironment, parameters: AdoptParameters
) -> None:
    """Raise all hazards by a quarter and let the firms whose thresholds they pass adopt."""
    generations, table = state.generations, state.organisations
    live = generations.living()
    firms = _firms_by_cell(state)
    share, own, region = _exposures(state, live, firms, environment, parameters)
    outside = generations.outside_share[live]
    omega = parameters.outside
    inside = parameters.own_city * own + (1.0 - parameters.own_city) * region
    exposure = (1.0 - omega) * inside + omega * outside[:, None]
    gain = generations.gain[live]
    rise = gain[:, None] * (parameters.external + parameters.internal * exposure) / 4.0
    generations.rise[live] = rise
    generations.hazard[live] += rise
    pressure = (1.0 - omega) * outside + omega * share
    generations.outside_share[live] = adoption_map(
        outside, gain, pressure, parameters.external, parameters.internal
    )
    passed = _passed(state, live)
    late = _passed_late(state)
    generation = np.concatenate([passed[0], late[0]])
    firm = np.concatenate([passed[1], late[1]])
    alive = table.alive[firm]
    _adopt(state, generation[alive], firm[alive])
    _tally(state, live, share)


def adoption_map(
    share: Floats, gain: Floats, pressure: Floats, external: float, internal: float
) -> Floats:
    """Return F after one quarter of hazard gain (p + q pressure), the mean-field rule."""
    hazard = gain * (external + internal * pressure) / 4.0
    after: Floats = share - np.expm1(-hazard) * (1.0 - share)
    return after


def _firms_by_cell(state: State) -> Floats:
    """Return living firms by industry and city, shape (J, C)."""
    table, firms = state.organisations, state.firms
    shape = (len(state.world.industries), state.world.n_cities)
    cell = table.industry[firms] * shape[1] + table.city[firms]
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _exposures(
    state: State, live: Ints, firms: Floats, environment: PolicyEnvironment,
    parameters: AdoptParameters,
) -> tuple[Floats, Floats, Floats]:
    """Return F of the region (G,), of own cities (G, C) and of the weighted region (G, C)."""
    generations = state.generations
    industry = generations.industry[live]
    adopters = generations.adopters[live]
    in_cell = firms[industry]
    own = np.divide(adopters, in_cell, out=np.zeros_like(adopters), where=in_cell > 0.0)
    kernel, plain = kernels(state.world, environment.border_exposure, parameters)
    reached = np.einsum("gd,cd->gc", adopters, kernel)
    reachable = np.einsum("jd,cd->jc", firms, plain)[industry]
    region = np.divide(reached, reachable, out=np.zeros_like(reached), where=reachable > 0.0)
    total = in_cell.sum(axis=1)
    share = np.divide(
        adopters.sum(axis=1), total, out=np.zeros(len(live)), where=total > 0.0
    )
    return share, own, region


def _passed(state: State, live: Ints) -> tuple[Ints, Ints]:
    """Move the pointers of all segments to the hazard and return the pairs passed."""
    generations, arena = state.generations, state.arena
    begin = generations.next[live].ravel()
    end = advanced(
        arena.threshold, begin, generations.last[live].ravel(), generations.hazard[live].ravel()
    )
    lengths = end - begin
    generations.next[live] = end.reshape(len(live), -1)
    firm = arena.firm[ranges(begin, lengths)].astype(np.int64)
    generation = np.repeat(np.repeat(live, state.world.n_cities), lengths)
    return generation, firm


def advanced(
    threshold: np.ndarray[tuple[int], np.dtype[np.float32]], begin: Ints, end: Ints, hazard: Floats
) -> Ints:
    """Return, for each segment of ``threshold``, the first position with a value above its hazard.

    Segments are sorted; all are bisected at once.
    """
    low, high = begin.copy(), end.copy()
    open_ = np.flatnonzero(low < high)
    while len(open_):
        middle = (low[open_] + high[open_]) >> 1
        below = threshold[middle] <= hazard[open_]
        low[open_] = np.where(below, middle + 1, low[open_])
        high[open_] = np.where(below, high[open_], middle)
        open_ = open_[low[open_] < high[open_]]
    return low


def _passed_late(state: State) -> tuple[Ints, Ints]:
    """Return the waiting pairs that the hazard has passed and forget those and the ended ones."""
    generations, table, waiting = state.generations, state.organisations, state.waiting
    live = generations.living()
    passed_mark = (generations.hazard[live] > generations.mark[live]).any()
    if passed_mark or len(waiting.near.firm) > waiting.crowded_at:
        _mark_anew(state, live)
    near = waiting.near
    hazard = generations.hazard[near.generation, table.city[near.firm]]
    current = generations.live[near.generation] & table.alive[near.firm]
    passed = current & (near.threshold <= hazard)
    pairs = near.generation[passed], near.firm[passed]
    near.keep(current & ~passed)
    return pairs


def _mark_anew(state: State, live: Ints) -> None:
    """Move all marks ahead of what hazards can reach in some quarters and sort pairs by them."""
    generations, table = state.generations, state.organisations
    generations.mark[live] = generations.hazard[live] + MARK_QUARTERS * generations.rise[live]
    pairs = state.waiting.gather()
    pairs.keep(generations.live[pairs.generation] & table.alive[pairs.firm])
    mark = generations.mark[pairs.generation, table.city[pairs.firm]]
    state.waiting.extend(pairs.generation, pairs.firm, pairs.threshold, mark)
    state.waiting.crowded_at = 2 * len(state.waiting.near.firm) + 100_000


def _adopt(state: State, generation: Ints, firm: Ints) -> None:
    """Enter adoptions, each pair once, in the order of generation and firm."""
    generations, table, slots = state.generations, state.organisations, state.slots
    fresh = ~slots.adopted[firm, generations.slot[generation]]
    packed = (generation[fresh] << 32) | firm[fresh]
    packed.sort(kind="stable")
    generation, firm = packed >> 32, packed & 0xFFFFFFFF
    slots.adopted[firm, generations.slot[generation]] = True
    cities = state.world.n_cities
    cell = generation * cities + table.city[firm]
    generations.adopters += np.bincount(cell, minlength=len(generations) * cities).reshape(
        len(generations), cities
    )
    column = state.quarter % table.recent_gain.shape[1]
    table.recent_gain[:, column] += np.bincount(
        firm, weights=generations.gain[generation], minlength=len(table)
    )
    _use_best(state, generation, firm)
    events = state.adoptions
    state.adoptions = Adoptions(
        np.concatenate([events.generation, generation]), np.concatenate([events.firm, firm])
    )


def _use_best(state: State, generation: Ints, firm: Ints) -> None:
    """Switch firms to the best of what they have just adopted, if it beats what they use."""
    table, log_quality = state.organisations, state.generations.log_quality
    order = np.lexsort((generation, log_quality[generation], firm))
    firm, generation = firm[order], generation[order]
    last = np.flatnonzero(np.concatenate([firm[1:] != firm[:-1], [True]])[: len(firm)])
    firm, generation = firm[last], generation[last]
    used = table.technology[firm]
    better = (used < 0) | (log_quality[generation] > log_quality[used])
    table.technology[firm[better]] = generation[better]


def join_late(state: State, firms: Ints, noise: Noise) -> None:
    """Give firms founded now their thresholds of all living generations; see the module docstring."""
    generations, table = state.generations, state.organisations
    live = generations.living()
    n_industries = len(state.world.industries)
    order = np.argsort(generations.industry[live], kind="stable")
    counts = np.bincount(generations.industry[live], minlength=n_industries)
    begin = np.cumsum(counts) - counts
    industry = table.industry[firms]
    generation = live[order][ranges(begin[industry], counts[industry])]
    firm = np.repeat(firms, counts[industry])
    key = thresholds(
        table.key[firm], generations.key[generation], fit(state, firm, generation), noise
    )
    born_with = key <= generations.hazard[generation, table.city[firm]]
    _adopt(state, generation[born_with], firm[born_with])
    generation, firm, key = generation[~born_with], firm[~born_with], key[~born_with]
    mark = generations.mark[generation, table.city[firm]]
    state.waiting.extend(generation, firm, key.astype(np.float32), mark)


def forget_dead(state: State, dead: Ints) -> None:
    """Take adopters that exit out of the counts of adopters."""
    generations, table, slots = state.generations, state.organisations, state.slots
    position, slot = np.nonzero(slots.adopted[dead])
    firm = dead[position]
    generation = slots.holder[table.industry[firm], slot]
    cities = state.world.n_cities
    cell = generation * cities + table.city[firm]
    generations.adopters -= np.bincount(cell, minlength=len(generations) * cities).reshape(
        len(generations), cities
    )


def retire(state: State, parameters: GenerationParameters) -> None:
    """Retire generations that are old or that nearly all have adopted."""
    generations = state.generations
    live = generations.living()
    total = _firms_by_cell(state).sum(axis=1)[generations.industry[live]]
    saturated = generations.adopters[live].sum(axis=1) >= parameters.saturation * total
    old = state.quarter - generations.founded[live] >= parameters.lifetime
    ended = live[saturated | old]
    generations.live[ended] = False
    generations.retired[ended] = state.quarter
    state.slots.release(generations.industry[ended], generations.slot[ended], state.by_industry)
    if len(state.arena) > 2 * _unread(generations):
        state.arena.compact(generations)


def _unread(generations: Generations) -> int:
    live = generations.living()
    return int((generations.last[live] - generations.next[live]).sum())


def _tally(state: State, live: Ints, share: Floats) -> None:
    tally = state.tally.region
    tally["generations_live"] = float(
        (state.generations.origin[live] == 0).sum()
    )
    tally["generations_live_outside"] = float(len(live)) - tally["generations_live"]
    tally["adopted_share"] = float(share.mean()) if len(share) else 0.0
    firm = state.adoptions.firm
    state.tally.city["adoptions"] = state.by_city(firm, np.ones(len(firm))) / state.scale
