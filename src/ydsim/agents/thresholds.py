"""Sellke thresholds: who adopts when cumulative hazards have grown.

A firm adopts a generation when the hazard H of its cell reaches E / fit, with E = -log(1 - u)
fixed by identity (Sellke 1983, doi 10.2307/3213811). The thresholds of a new generation are
sorted once inside each city; after that a pointer a city moves forward, so that the cost is
proportional to adoptions. Firms founded later wait in an unsorted list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.arena import Pairs
from ydsim.agents.state import State
from ydsim.measures.groups import ranges
from ydsim.measures.order import sort_integers
from ydsim.noise import Noise, identity
from ydsim.typing import Floats, Ints, Keys

MARK_QUARTERS = 25.0
"""Quarters at the present rise that a mark looks ahead; a matter of speed only."""

CHUNK = 64
"""Generations whose thresholds are sorted together; a matter of memory only."""

_FLOAT_BITS = 31  # of a positive float32


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
    matched: Floats = state.organisations.absorptive[firm] * relative[industry, field]
    return matched


def open_segments(state: State, new: Ints, noise: Noise) -> None:
    """Draw and sort the thresholds of new generations for the living firms of their industries."""
    for start in range(0, len(new), CHUNK):
        _open(state, new[start : start + CHUNK], noise)


def _open(state: State, new: Ints, noise: Noise) -> None:
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
    generations.first[new] = generations.next[new] = ends - counts
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
