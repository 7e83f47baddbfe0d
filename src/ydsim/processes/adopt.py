"""Media coverage and adoption of technology.

**Cover**: media print stories about launches, and stories leave attention behind.

    log w_pl = log q_l - t_pc / travel.decay_h
    score_pl = E_pl / w_pl,   E ~ Exp(1)
    n_p      = floor(media.stories * mean of `stories` over the cities of p + 1/2)
    printed  : the n_p launches of smallest score_pl; all where there are fewer
    x_cj     = stories about industry j / stories of the province of c          0 without stories
    awareness_cj    = 1 + media.awareness x_cj              multiplies p of this quarter in adopt

Symbols: w_pl weight of launch l at the outlet of province p (1); q quality (1); t_pc travel time
from the seat of the outlet to the city of the launch's owner, h; n_p stories of the outlet,
1/quarter; x attention (1). A story is one launch in one outlet. The
smallest scores are a sample without replacement, each next one with probability proportional to w
among the rest (Efraimidis and Spirakis 2006, doi 10.1016/j.ipl.2005.11.003). The rule is assumed.
Outlets print the same number of stories at every scale s, out of s times as many launches.

**Adopt**: firms adopt the generations that their industry can use.

    E_ig   = -log(1 - u(i, g))
    fit_ig = absorptive_i * max(R_jf, 1e-6) / sum_f R_jf^2
    adopts : firm i takes g when H_gc >= E_ig / fit_ig           (thresholds rounded to 32 bits)
    dH_gc  = gain_g (p awareness_cj + q exposure_gc + broadcast_c F_g) / 4
    gain_g = min(Q_g / best older living Q of the industry * m_g, 1e6)
    exposure_gc = (1 - omega) F_near,gc + omega F_out,g
    F_near,gc = sum over d of K_cd adopters_gd / sum over d of K0_cd firms_jd
    K0_cd  = exp(-t_cd / travel.decay_h)
    K_cd   = K0_cd pass_cd, the part of exposure that passes a border, 1 in a province
    F_out' = F_out + (1 - exp(-gain (p + q ((1 - omega) F_out + omega F_g)) / 4)) (1 - F_out)

A cell is a city within the generation's industry; t_cd are hours of travel (time to reach a station
is the same for all pairs and cancels), awareness is what media add, one without them; broadcast is
what they report of adopters anywhere, zero without a policy, and F_g the share of all firms of the
industry in the region that have adopted. p ``external``, q ``internal``, m
appeal, omega ``outside``. E is fixed, and so is fit. A firm keeps the best quality
that it has adopted as the technology in use, chosen when it adopts. A firm founded later carries
the thresholds it would have had and is born with what its cell has already passed, so that entry
does not dilute diffusion.

The firms behind a launch, its owner and its partners, adopt at once what it founds or joins, where
it is of their industry.

The construction is that of Sellke (1983, doi 10.2307/3213811). The thresholds of a new generation
are sorted once inside each city, after which a pointer moves forward, so that the cost is
proportional to adoptions; firms founded later wait in an unsorted list
(`ydsim.agents.generations`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import Pairs
from ydsim.agents.organisations import FIRM
from ydsim.agents.state import BY_BIRTH, BY_CELL, BY_FOUNDER, BY_MOVE, Adoptions, State
from ydsim.agents.tables import Outlets
from ydsim.measures.groups import blocks, cross_sums, quotient, ranges, sort_integers, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.scenario.schema.parameters import AdoptParameters, GenerationParameters, MediaParameters
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.world import World

# -- media coverage --------------------------------------------------------------------------------


def make_outlets(world: World, stories: int) -> Outlets:
    """Return an outlet for each province, in the city that had most residents in some year.

    ``stories`` is what each prints a quarter.
    """
    province_of, names = world.city_province, world.city_keys
    residents = np.nan_to_num(world.city_population).max(axis=1)
    by_key = np.argsort(names, kind="stable")
    first = by_key[np.unique(province_of[by_key], return_index=True)[1]]
    by_size = np.lexsort((names, -residents))
    seat = by_size[np.unique(province_of[by_size], return_index=True)[1]]
    key = identity("outlet", "province", names[first])
    return Outlets(key, seat, np.full(len(seat), stories), np.zeros(len(seat), dtype=np.int64))


def log_weights(quality: Floats, hours: Floats, decay_h: float) -> Floats:
    """Return the log weight of launches (L,) at ``hours`` (..., L) from outlets; -inf: never."""
    log_quality = np.full(len(quality), -np.inf)
    np.log(quality, out=log_quality, where=quality > 0.0)
    return log_quality - hours / decay_h


def drawn_stories(exponential: Floats, log_weight: Floats, key: Keys, number: int) -> Ints:
    """Return positions of up to ``number`` launches of the smallest exponential over weight.

    In logs, in which far launches keep a weight above zero.
    """
    score = np.log(exponential) - log_weight
    # the n-th smallest score and all that equal it: few, to be ordered by their keys
    last = np.sort(score, kind="stable")[number - 1] if 0 < number <= len(score) else np.inf
    near = np.flatnonzero((score <= last) & (score < np.inf))
    return near[np.lexsort((key[near], score[near]))[:number]]


def awareness(attention: Floats, parameters: MediaParameters) -> Floats:
    """Return the factor of external influence in adoption, shape (C, J); 1 without attention."""
    return 1.0 + parameters.awareness * attention


def stories_of(outlets: Outlets, factor: Floats, province: Ints) -> Ints:
    """Return the stories that outlets print at most; ``factor`` (C,) is that of their audience."""
    cities = np.bincount(province, minlength=len(outlets.key))
    mean = sums(province, factor, len(outlets.key)) / cities
    return np.floor(outlets.stories * mean + 0.5).astype(np.int64)


def cover_launches(
    state: State, environment: PolicyEnvironment, noise: Noise, decay_h: float
) -> None:
    """Print the stories of the quarter, which are real ones at every scale."""
    outlets, launches = state.outlets, state.launches
    there = state.organisations.city[launches.owner]
    hours = environment.travel_hours[outlets.city[:, None], there]
    weight = log_weights(launches.quality, hours, decay_h)
    number = stories_of(outlets, environment.stories, state.world.city_province)
    exponential = noise.exponential(identity(outlets.key[:, None], launches.key), 0)
    lots = zip(exponential, weight, number.tolist(), strict=True)
    printed = [drawn_stories(drawn, log, launches.key, most) for drawn, log, most in lots]
    outlets.covered = np.array([len(p) for p in printed], dtype=np.int64)
    outlet, story = np.repeat(np.arange(len(printed)), outlets.covered), np.concatenate(printed)
    shape = len(printed), state.attention.shape[1]
    stories = cross_sums(outlet, launches.industry[story], 1.0, shape)
    shares = quotient(stories, stories.sum(axis=1, keepdims=True))
    state.attention = shares[state.world.city_province]
    owner = launches.owner[story]
    state.tally.city.stories += state.by_city(owner, np.ones(len(owner)))


# -- adoption --------------------------------------------------------------------------------------

HIGHEST_GAIN = 1e6
"""Bounds sums of gains for extreme parameters; with the defaults gains stay below a hundred."""

MARK_QUARTERS = 25.0
"""Quarters at the present rise that a mark looks ahead; a matter of speed only."""

CHUNK = 64
"""Generations whose thresholds are sorted together; a matter of memory only."""

_FLOAT_BITS = 31  # of a positive float32


def kernels(hours: Floats, passes: Floats, decay_h: float) -> tuple[Floats, Floats]:
    """Return K and K0, shape (C, C); see the module docstring."""
    plain = np.exp(-hours / decay_h)
    return plain * passes, plain


def gains(log_quality: Floats, industry: Ints, appeal: Floats, n_industries: int) -> Floats:
    """Return the gains of generations that are in order of age.

    The best older quality is the running maximum over the generations of the industry founded
    before; the oldest of an industry is compared with itself.
    """
    advantage = np.zeros(len(log_quality))
    for j in range(n_industries):
        mine = np.flatnonzero(industry == j)
        best = np.maximum.accumulate(log_quality[mine])
        advantage[mine[1:]] = log_quality[mine[1:]] - best[:-1]
    return np.minimum(np.exp(np.minimum(advantage, 100.0)) * appeal, HIGHEST_GAIN)


def open_generations(state: State, new: Ints, noise: Noise, parameters: AdoptParameters) -> None:
    """Draw and sort the thresholds of new generations; who launched adopts at once."""
    generations = state.generations
    generations.slot[new] = state.slots.take(generations.industry[new], new)
    generations.appeal[new] = np.exp(
        parameters.appeal_sd * noise.normal(generations.key[new], 1) - parameters.appeal_sd**2 / 2.0
    )
    live = generations.living()
    generations.gain[live] = gains(
        generations.log_quality[live],
        generations.industry[live],
        generations.appeal[live],
        len(state.world.industries),
    )
    lengths = np.diff(state.by_industry.begin)[generations.industry[new]]
    generations.eligible0[new] = lengths
    for some in blocks(len(new), CHUNK):
        _open_segments(state, new[some], noise)
    _adopt(state, *_launchers(state), BY_FOUNDER)


def _launchers(state: State) -> tuple[Ints, Ints]:
    """Return the generations of the quarter's launches and the firms of their industry behind."""
    launches, table = state.launches, state.organisations
    launch, firm = launches.behind()
    some = launches.generation[launch] >= 0
    firm, generation = firm[some], launches.generation[launch[some]]
    able = (table.kind[firm] == FIRM) & table.alive[firm]
    able &= table.industry[firm] == state.generations.industry[generation]
    return generation[able], firm[able]


def adopt(
    state: State,
    environment: PolicyEnvironment,
    parameters: AdoptParameters,
    awareness: Floats,
    decay_h: float,
) -> None:
    """Raise all hazards by a quarter and let firms adopt through their cells.

    ``awareness``: (C, J) factor on external influence, one where there are no media.
    """
    _raise_hazards(state, environment, parameters, awareness, decay_h)
    prompt, late = passed(state, state.generations.living()), passed_late(state)
    generation = np.concatenate([prompt[0], late[0]])
    firm = np.concatenate([prompt[1], late[1]])
    alive = state.organisations.alive[firm]
    _adopt(state, generation[alive], firm[alive], BY_CELL)
    firm = state.adoptions.firm
    state.tally.city.adoptions = state.by_city(firm, np.ones(len(firm))) / state.scale


def _raise_hazards(
    state: State,
    environment: PolicyEnvironment,
    parameters: AdoptParameters,
    awareness: Floats,
    decay_h: float,
) -> None:
    """Raise the hazards of living generations, here and in the rest of the nation."""
    generations, table, firms = state.generations, state.organisations, state.firms
    live, shape = generations.living(), (len(state.world.industries), state.world.n_cities)
    in_cell = cross_sums(table.industry[firms], table.city[firms], 1.0, shape)
    share, near = _exposures(state, live, in_cell, environment, decay_h)
    outside = generations.outside_share[live]
    omega = parameters.outside
    exposure = (1.0 - omega) * near + omega * outside[:, None]
    external = parameters.external * awareness.T[generations.industry[live]]
    gain = generations.gain[live]
    heard = environment.broadcast * share[:, None]
    rise = gain[:, None] * (external + parameters.internal * exposure + heard) / 4.0
    generations.rise[live] = rise
    generations.hazard[live] += rise
    pressure = (1.0 - omega) * outside + omega * share
    generations.outside_share[live] = adoption_map(
        outside, gain, pressure, parameters.external, parameters.internal
    )


def adoption_map(
    share: Floats, gain: Floats, pressure: Floats, external: float, internal: float
) -> Floats:
    """Return F after one quarter of hazard gain (p + q pressure), the mean-field rule."""
    hazard = gain * (external + internal * pressure) / 4.0
    return share - np.expm1(-hazard) * (1.0 - share)


def _exposures(
    state: State, live: Ints, firms: Floats, environment: PolicyEnvironment, decay_h: float
) -> tuple[Floats, Floats]:
    """Return F of the region, (G,), and F_near, (G, C), from living firms by cell, (J, C)."""
    generations = state.generations
    industry = generations.industry[live]
    adopters = generations.adopters[live]
    passes = passing(environment, "exposure", state.world.city_province)
    kernel, plain = kernels(environment.travel_hours, passes, decay_h)
    reached = np.einsum("gd,cd->gc", adopters, kernel)
    reachable = np.einsum("jd,cd->jc", firms, plain)[industry]
    near = quotient(reached, reachable)
    return quotient(adopters.sum(axis=1), firms[industry].sum(axis=1)), near


def _adopt(state: State, generation: Ints, firm: Ints, channel: int) -> None:
    """Enter adoptions, each pair once, in the order of generation and firm."""
    generations, table, slots = state.generations, state.organisations, state.slots
    fresh = ~slots.adopted[firm, generations.slot[generation]]
    packed = (generation[fresh] << 32) | firm[fresh]
    sort_integers(packed)
    packed = packed[np.append(True, packed[1:] != packed[:-1])[: len(packed)]]
    generation, firm = packed >> 32, packed & 0xFFFFFFFF
    slots.adopted[firm, generations.slot[generation]] = True
    _count(state, generation, table.city[firm], 1.0)
    column = state.quarter % table.recent_gain.shape[1]
    gain = np.bincount(firm, weights=generations.gain[generation])
    some = np.flatnonzero(gain != 0.0)
    table.recent_gain[some, column] += gain[some]
    _use_best(state, generation, firm)
    events = state.adoptions
    state.adoptions = Adoptions(
        np.concatenate([events.generation, generation]),
        np.concatenate([events.firm, firm]),
        np.concatenate([events.channel, np.full(len(firm), channel, dtype=np.int8)]),
    )


def _count(state: State, generation: Ints, city: Ints, sign: float) -> None:
    """Add adopters to the counts by generation and city, or take them out."""
    adopters = state.generations.adopters
    np.add.at(adopters.reshape(-1), generation * adopters.shape[1] + city, sign)


def _use_best(state: State, generation: Ints, firm: Ints) -> None:
    """Switch firms to the best of what they have just adopted, if it beats what they use."""
    table, log_quality = state.organisations, state.generations.log_quality
    quality = log_quality[generation]
    best = np.full(len(table), -np.inf)
    np.maximum.at(best, firm, quality)
    # of equal ones the youngest, which comes last
    first = quality == best[firm]
    wanted, firm = generation[first], firm[first]
    used = table.technology[firm]
    better = (used < 0) | (log_quality[wanted] > log_quality[used])
    table.technology[firm[better]] = wanted[better]


def join_late(state: State, firms: Ints, noise: Noise) -> None:
    """Give firms founded now their thresholds and what their cells have already passed."""
    _adopt(state, *wait(state, firms, noise), BY_BIRTH)


def join_moved(state: State, old: Ints, new: Ints, noise: Noise) -> None:
    """Let firms that moved keep what they adopted, and adopt what their new cells have passed.

    What they keep is no adoption; the thresholds of the rest are those that they always had.
    Called once the lists of living firms are fresh.
    """
    slots, table = state.slots, state.organisations
    slots.adopted[new] = slots.adopted[old]
    position, generation = _held(state, old)
    _count(state, generation, table.city[old[position]], -1.0)
    _count(state, generation, table.city[new[position]], 1.0)
    slots.adopted[old] = False
    _adopt(state, *wait(state, new, noise), BY_MOVE)


def forget_dead(state: State, dead: Ints) -> None:
    """Take adopters that exit out of the counts of adopters."""
    position, generation = _held(state, dead)
    _count(state, generation, state.organisations.city[dead[position]], -1.0)


def _held(state: State, firms: Ints) -> tuple[Ints, Ints]:
    """Return what firms have adopted, as pairs of a position in ``firms`` and a generation."""
    position, slot = np.nonzero(state.slots.adopted[firms])
    return position, state.slots.holder[state.organisations.industry[firms[position]], slot]


def retire(state: State, parameters: GenerationParameters) -> None:
    """Retire generations that are old."""
    generations = state.generations
    live = generations.living()
    ended = live[state.quarter - generations.founded[live] >= parameters.lifetime]
    generations.retired[ended] = state.quarter
    state.slots.release(generations.industry[ended], generations.slot[ended], state.by_industry)
    live = generations.living()
    unread = int((generations.last[live] - generations.next[live]).sum())
    if 2 * len(state.arena) > 3 * unread:
        state.arena.compact(generations, state.organisations.alive)


def thresholds(firm_key: Keys, generation_key: Keys, fit: Floats, noise: Noise) -> Floats:
    """Return E / fit of firm and generation pairs, rounded to float32."""
    exponential = noise.exponential(identity(firm_key, generation_key))
    return (exponential / fit).astype(np.float32).astype(np.float64)


def fit(state: State, firm: Ints, generation: Ints) -> Floats:
    """Return the fit of firm and generation pairs."""
    relevance = state.world.relevance
    # the mean relevance of a generation drawn by relevance, so that fit is one on average
    relative = np.maximum(relevance, 1e-6) / (relevance**2).sum(axis=1, keepdims=True)
    generations = state.generations
    industry, field = generations.industry[generation], generations.field[generation]
    return state.organisations.absorptive[firm] * relative[industry, field]


def _open_segments(state: State, new: Ints, noise: Noise) -> None:
    """Draw and sort the thresholds of new generations for the living firms of their industries."""
    generations, cities = state.generations, state.world.n_cities
    rows, pair = state.by_industry.pairs(generations.industry[new])
    key = thresholds(
        state.organisations.key[rows],
        generations.key[new][pair],
        fit(state, rows, new[pair]),
        noise,
    ).astype(np.float32)
    segment = pair * cities + state.organisations.city[rows]
    order = sorted_in_segments(segment, key)
    state.arena.reserve(len(key), generations, state.organisations.alive)
    start = state.arena.extend(key[order], rows[order].astype(np.int32))
    counts = np.bincount(segment, minlength=len(new) * cities).reshape(len(new), cities)
    ends = start + np.cumsum(counts.ravel()).reshape(counts.shape)
    generations.next[new] = ends - counts
    generations.last[new] = ends


def sorted_in_segments(segment: Ints, key: NDArray[np.float32]) -> Ints:
    """Return the order by segment, then key, then position.

    Segment, the bits of the positive key and the position are packed into one integer, so that
    all keys differ and any sort gives this one order.
    """
    position_bits = max(1, len(segment).bit_length())
    segment_bits = max(1, int(segment.max(initial=0)).bit_length())
    if position_bits + segment_bits + _FLOAT_BITS > 64:
        return np.lexsort((np.arange(len(segment)), key, segment))
    packed = segment.astype(np.uint64) << np.uint64(_FLOAT_BITS)
    packed |= key.view(np.uint32).astype(np.uint64)
    packed <<= np.uint64(position_bits)
    packed |= np.arange(len(segment), dtype=np.uint64)
    sort_integers(packed)
    return (packed & np.uint64((1 << position_bits) - 1)).astype(np.int64)


def passed(state: State, live: Ints) -> tuple[Ints, Ints]:
    """Move the pointers of all segments to the hazard and return the pairs passed."""
    generations, arena = state.generations, state.arena
    begin = generations.next[live].ravel()
    end = advanced(
        arena.threshold, begin, generations.last[live].ravel(), generations.hazard[live].ravel()
    )
    lengths = end - begin
    generations.next[live] = end.reshape(len(live), state.world.n_cities)
    firm = arena.firm[ranges(begin, lengths)].astype(np.int64)
    generation = np.repeat(np.repeat(live, state.world.n_cities), lengths)
    return generation, firm


def advanced(threshold: NDArray[np.float32], begin: Ints, end: Ints, hazard: Floats) -> Ints:
    """Return, for each segment of ``threshold``, the first position with a value above its hazard.

    Segments are sorted; all that begin up to their hazard are bisected at once.
    """
    low, high = begin.copy(), end.copy()
    some = np.flatnonzero(begin < end)
    open_ = some[threshold[begin[some]] <= hazard[some]]
    while len(open_):
        middle = (low[open_] + high[open_]) >> 1
        below = threshold[middle] <= hazard[open_]
        low[open_] = np.where(below, middle + 1, low[open_])
        high[open_] = np.where(below, high[open_], middle)
        open_ = open_[low[open_] < high[open_]]
    return low


def passed_late(state: State) -> tuple[Ints, Ints]:
    """Return the waiting pairs that the hazard has passed and forget them; the dead stay out."""
    generations, table, waiting = state.generations, state.organisations, state.waiting
    live = generations.living()
    passed_mark = (generations.hazard[live] > generations.mark[live]).any()
    if passed_mark or len(waiting.near) > waiting.crowded_at:
        _mark_anew(state, live)
    near = waiting.near
    passed = np.flatnonzero(near.threshold <= generations.hazard.ravel()[near.cell])
    pairs = Pairs(near.cell[passed], near.firm[passed], near.threshold[passed])
    near.threshold[passed] = np.inf  # they stay in the list until marks move
    generation = pairs.cell.astype(np.int64) // state.world.n_cities
    firm = pairs.firm.astype(np.int64)
    current = generations.live[generation] & table.alive[firm]
    return generation[current], firm[current]


def _mark_anew(state: State, live: Ints) -> None:
    """Move all marks ahead of what hazards can reach in some quarters and sort pairs by them."""
    generations, table = state.generations, state.organisations
    generations.mark[live] = generations.hazard[live] + MARK_QUARTERS * generations.rise[live]
    for pairs in state.waiting.take():
        current = generations.live[pairs.cell // state.world.n_cities] & table.alive[pairs.firm]
        current &= np.isfinite(pairs.threshold)
        kept = pairs.select(current)
        state.waiting.extend(kept, generations.mark.ravel()[kept.cell])
    state.waiting.crowded_at = 2 * len(state.waiting.near) + 100_000


def wait(state: State, firms: Ints, noise: Noise) -> tuple[Ints, Ints]:
    """Let new firms wait for all living generations of their industry.

    Returns the pairs of generation and firm whose threshold the hazard had already passed: what
    the firms are born with.
    """
    generations, table = state.generations, state.organisations
    live = generations.living()
    order = np.argsort(generations.industry[live], kind="stable")
    counts = np.bincount(generations.industry[live], minlength=len(state.world.industries))
    begin = np.cumsum(counts) - counts
    industry = table.industry[firms]
    generation = live[order][ranges(begin[industry], counts[industry])]
    firm = np.repeat(firms, counts[industry])
    key = thresholds(
        table.key[firm], generations.key[generation], fit(state, firm, generation), noise
    )
    cell = generation * state.world.n_cities + table.city[firm]
    born_with = key <= generations.hazard.ravel()[cell]
    waits = ~born_with
    pairs = Pairs(
        cell[waits].astype(np.int32), firm[waits].astype(np.int32), key[waits].astype(np.float32)
    )
    state.waiting.extend(pairs, generations.mark.ravel()[pairs.cell])
    return generation[born_with], firm[born_with]
