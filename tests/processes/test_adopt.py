import numpy as np
import pytest

from tests.support import scalar
from tests.support import scalar_relocate as made
from tests.support.neutral import across, neutral
from tests.support.numbers import SEEDS, close, rng, seeded
from tests.support.small import model
from ydsim.agents.state import BY_BIRTH, BY_CELL, BY_FOUNDER, BY_MOVE, BY_PARTNER, CHANNELS
from ydsim.agents.thresholds import fit
from ydsim.measures.diffusion import bass
from ydsim.policies.environment import passing
from ydsim.processes.adopt import (
    adopt,
    adoption_map,
    forget_dead,
    gains,
    join_late,
    join_moved,
    kernels,
    open_generations,
    quarters_of_delay,
)
from ydsim.scenario.schema.parameters import AdoptParameters

P = AdoptParameters()
CELLS_ONLY = AdoptParameters(partner=0.0)
PARTNERS_ONLY = AdoptParameters(external=0.0, internal=0.0, partner=0.8)
ALWAYS = made.draws("adopt")
LIFETIME = 40


def step(state, parameters=P, lifetime=LIFETIME, awareness=None, environment=None):
    place = state.world
    adopt(
        state,
        environment or made.environment(place),
        ALWAYS,
        parameters,
        lifetime,
        np.ones((place.n_cities, len(place.industries))) if awareness is None else awareness,
    )


def events(state):
    """Channel of each adoption of the quarter by generation and firm."""
    found = state.adoptions
    columns = (found.generation.tolist(), found.firm.tolist(), found.channel.tolist())
    rows = list(zip(*columns, strict=True))
    assert len({(g, i) for g, i, _ in rows}) == len(rows)
    return {(g, i): CHANNELS[k] for g, i, k in rows}


def counted(state):
    """Adopters by generation and city, from the matrix of adoptions."""
    table, generations, slots = state.organisations, state.generations, state.slots
    counts = np.zeros_like(generations.adopters)
    for g in generations.living():
        mine = state.firms[table.industry[state.firms] == generations.industry[g]]
        has = mine[slots.adopted[mine, generations.slot[g]]]
        counts[g] = np.bincount(table.city[has], minlength=state.world.n_cities)
    return counts


# -- the hazard of cells ---------------------------------------------------------------------------


def passes(place, share):
    where = neutral(place.city_province, passes_exposure=share)
    return passing(where, "exposure", place.city_province)


def test_kernels_equal_the_scalar_rule():
    place = made.uneven()
    hours = made.environment(place).travel_hours
    share = across(rng(0).random((4, 4)), 4)
    full, plain = kernels(hours, passes(place, share), P)
    want = made.kernel(hours.tolist(), place.city_province.tolist(), share.tolist(), P.decay_h)
    close(full, want[0])
    close(plain, want[1])
    open_, plain = kernels(hours, passes(place, np.ones((4, 4))), P)
    assert (open_ == plain).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 25])
def test_gains_equal_the_scalar_rule(seed, n):
    draw = rng(seed)
    quality, industry, appeal = draw.normal(size=n), draw.integers(0, 4, n), draw.exponential(1, n)
    got = gains(quality, industry, appeal, 1.3, 5)
    close(got, scalar.gains(quality.tolist(), industry.tolist(), appeal.tolist(), 1.3))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_map_equals_the_scalar_rule(seed):
    share, gain, pressure = rng(seed).random((3, 20))
    rows = zip(share, gain, pressure, strict=True)
    close(
        adoption_map(share, gain, pressure, 0.03, 0.6),
        [scalar.adoption_map(*row, 0.03, 0.6) for row in rows],
    )


def test_the_map_stays_a_share_and_rises():
    share = np.linspace(0.0, 1.0, 11)
    after = adoption_map(share, np.full(11, 50.0), share, 1.0, 5.0)
    assert (after >= share).all()
    assert (after <= 1.0).all()
    assert adoption_map(share, np.zeros(11), share, 1.0, 5.0).tolist() == share.tolist()


def test_the_map_converges_to_the_bass_curve_as_the_step_shrinks():
    """The rule with gain h is the map with a step of h quarters: the gap falls like the step."""
    p, q, years = 0.03, 0.38, 16
    gaps = []
    for parts in (1, 4, 16):
        share, gap = np.zeros(1), 0.0
        for step in range(1, 4 * years * parts + 1):
            share = adoption_map(share, np.full(1, 1.0 / parts), share, p, q)
            time = np.array([step / (4.0 * parts)])
            gap = max(gap, abs(float(share[0] - bass(time, 1.0, p, q)[0])))
        gaps.append(gap)
    assert gaps[0] < 0.03
    assert gaps[0] / gaps[1] == pytest.approx(4.0, rel=0.1)
    assert gaps[1] / gaps[2] == pytest.approx(4.0, rel=0.1)


def test_hazards_equal_a_loop_over_cells():
    p = AdoptParameters(own_city=0.3, outside=0.15)  # no weight is one half
    place, draw = made.uneven(), rng(1)
    state = made.state_of(*made.random_firms(place, 90, 1))
    table, generations, n_c = state.organisations, state.generations, place.n_cities
    new = made.add_generations(state, draw.integers(0, 3, 7), founder=draw.choice(state.firms, 7))
    generations.industry[new] = table.industry[generations.founder[new]]
    open_generations(state, new, ALWAYS, p)
    generations.adopters[new] = draw.integers(0, 3, (7, n_c))
    generations.outside_share[new] = draw.random(7)
    firms = [[0.0] * n_c for _ in place.industries]
    for i in state.firms:
        firms[table.industry[i]][table.city[i]] += 1.0
    share = across(draw.random((4, 4)), 4)
    broadcast = draw.uniform(0.0, 0.3, n_c)
    surroundings = made.environment(place, passes_exposure=share, broadcast=broadcast)
    hours, of = surroundings.travel_hours.tolist(), place.city_province.tolist()
    both = made.kernel(hours, of, share.tolist(), p.decay_h)
    awareness = draw.uniform(1.0, 3.0, (n_c, 3))
    adopters = generations.adopters[new].tolist()
    industry = generations.industry[new].tolist()
    mine = [firms[j] for j in industry]
    outside = generations.outside_share[new].copy()
    share = [sum(a) / sum(f) for a, f in zip(adopters, mine, strict=True)]
    want = [
        [
            made.hazard_rise(
                g,
                c,
                adopters,
                mine,
                generations.gain[g],
                outside[g],
                both,
                awareness[c, j],
                broadcast[c],
                p,
            )
            for c in range(n_c)
        ]
        for g, j in enumerate(industry)
    ]
    step(state, p, awareness=awareness, environment=surroundings)
    close(generations.hazard[new], want)
    close(generations.rise[new], want)
    pressure = [(1 - p.outside) * o + p.outside * s for o, s in zip(outside, share, strict=True)]
    rows = zip(outside, generations.gain[new], pressure, strict=True)
    moved = [scalar.adoption_map(*row, p.external, p.internal) for row in rows]
    close(generations.outside_share[new], moved)


@pytest.mark.slow
def test_firms_use_the_best_that_they_adopted():
    """Every event switches a firm only to something better than it uses, at the time."""
    m = model(years=3, scale=0.01)
    table, quality = m.state.organisations, m.state.generations
    switched = 0
    for _ in range(12):
        used = dict(zip(table.key.tolist(), table.technology.tolist(), strict=True))
        before = quality.log_quality.copy()
        m.step()
        pairs = [
            (used[key], now)
            for key, now in zip(table.key.tolist(), table.technology.tolist(), strict=True)
            if used.get(key, -1) not in (-1, now)
        ]
        assert all(quality.log_quality[now] > before[old] for old, now in pairs)
        switched += len(pairs)
    assert switched > 20


# -- partners --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_delays_equal_the_scalar_rule(seed):
    draw = rng(seed)
    e, strength, able = draw.exponential(size=(3, 40))
    want = [made.quarters_of_delay(*row, 0.3) for row in zip(e, strength, able, strict=True)]
    assert quarters_of_delay(e, strength, able, 0.3).tolist() == want
    assert len(set(want)) > 10


def random_ties(state, number, draw):
    """Ties among all organisations, universities too."""
    n = len(state.organisations)
    a, b = draw.integers(0, n, (2, number))
    a, b = np.minimum(a, b)[a != b], np.maximum(a, b)[a != b]
    pairs = np.unique((a << 32) | b)
    made.tie(state, pairs >> 32, pairs & 0xFFFFFFFF, draw.exponential(size=len(pairs)))


@pytest.mark.parametrize("seed", seeded(4))
def test_channels_compete_like_in_a_loop_over_all_pairs(seed):
    """Ties come and go, firms die and are founded, generations appear: same quarter and channel."""
    p = AdoptParameters(external=0.05, internal=0.6, partner=10.0)
    place, draw, lifetime = made.uneven(), rng(seed), 9
    state = made.state_of(*made.random_firms(place, 70, seed), seed=seed)
    table, generations = state.organisations, state.generations
    shadow = made.Competing(state, ALWAYS, p.partner, lifetime)
    seen = dict.fromkeys(CHANNELS, 0)
    beyond = 0
    for t in range(24):
        random_ties(state, 300, draw)
        founder = draw.choice(state.firms, 2) if t < 14 else np.empty(0, dtype=np.int64)
        new = made.add_generations(state, table.industry[founder], founder=founder, seed=seed)
        open_generations(state, new, ALWAYS, p)
        for g, i in zip(new.tolist(), founder.tolist(), strict=True):
            shadow.adopts(g, i, "founder")
        live, firms = generations.living().tolist(), state.firms.tolist()
        step(state, p, lifetime)
        shadow.quarter(live, firms)
        want = {pair: how for pair, (when, how) in shadow.adopted.items() if when == t}
        got = events(state)
        assert got == want
        tally = state.tally.city
        assert tally.adoptions.sum() == len(got)
        by_partner = [i for (_, i), how in got.items() if how == "partner"]
        where = np.bincount(table.city[by_partner], minlength=place.n_cities)
        assert tally.adoptions_partner.tolist() == where.tolist()
        for how in got.values():
            seen[how] += 1
        dead = draw.choice(state.firms, 2, replace=False)
        forget_dead(state, dead)
        table.alive[dead] = False
        state.regroup()
        ended = generations.living()[t - generations.founded[generations.living()] >= lifetime]
        generations.live[ended] = False
        state.slots.release(generations.industry[ended], generations.slot[ended], state.by_industry)
        beyond += len(ended)
        live = generations.living()
        assert (counted(state)[live] == generations.adopters[live]).all()
        state.ties.keep(draw.random(len(state.ties)) < 0.7)
        made.next_quarter(state)
    assert seen["cell"] > 30
    assert seen["partner"] > 30
    assert beyond > 10
    assert all(quarter <= 22 + lifetime for quarter in state.promises)


def one_industry(n, seed=0, place=None):
    """A state of n alike firms of one industry, one generation open, nobody has adopted."""
    place = place or made.uneven()
    city = rng(seed).integers(0, place.n_cities, n)
    state = made.state_of(city, np.ones(n, dtype=np.int64), seed=seed)
    state.organisations.absorptive[:] = 1.0
    new = made.add_generations(state, [1])
    state.generations.field[new] = np.argmax(place.relevance[1])
    open_generations(state, new, ALWAYS, P)
    return state, int(new[0])


def let_adopt(state, generation, firms, channel):
    """Enter adoptions by hand through what is public."""
    state.generations.founder[generation] = -1
    slot = state.generations.slot[generation]
    state.slots.adopted[firms, slot] = True
    cities = np.bincount(state.organisations.city[firms], minlength=state.world.n_cities)
    state.generations.adopters[generation] += cities
    old = state.adoptions
    made_now = np.full(len(firms), generation)
    state.adoptions = type(old)(
        np.concatenate([old.generation, made_now]),
        np.concatenate([old.firm, firms]),
        np.concatenate([old.channel, np.full(len(firms), channel, dtype=np.int8)]),
    )


@pytest.mark.parametrize("strength", [0.02, 0.05])
def test_a_complete_graph_follows_the_chain_binomial(strength):
    """With equal ties each firm that has not escapes A adopters with exp(-A q w fit / 4)."""
    n = 300
    state, g = one_industry(n)
    a, b = np.triu_indices(n, 1)
    made.tie(state, state.firms[a], state.firms[b], strength)
    firms = state.firms
    rate = PARTNERS_ONLY.partner * strength / (1 + strength) * fit(state, firms[:1], np.array([g]))
    let_adopt(state, g, firms[:3], BY_CELL)
    step(state, PARTNERS_ONLY)
    adopters, compared = 3, 0
    for _ in range(20):
        made.next_quarter(state)
        step(state, PARTNERS_ONLY)
        got = len(state.adoptions.firm)
        left, chance = n - adopters, float(-np.expm1(-adopters * rate[0] / 4.0))
        sd = np.sqrt(left * chance * (1.0 - chance))
        assert abs(got - left * chance) < 4.0 * sd + 1.0
        compared += got
        adopters += got
        assert state.generations.adopters[g].sum() == adopters
    assert compared > 100


def test_founders_cells_and_partners_promise_but_births_and_moves_do_not():
    for channel in range(len(CHANNELS)):
        state, g = one_industry(60)
        made.tie(state, state.firms[:30], state.firms[30:], 5.0)
        let_adopt(state, g, state.firms[:30], channel)
        step(state, PARTNERS_ONLY, lifetime=400)
        promised = sum(len(firm) for due in state.promises.values() for _, firm in due)
        assert promised == (30 if channel in (BY_FOUNDER, BY_CELL, BY_PARTNER) else 0)


@pytest.mark.parametrize(("quarter", "due"), [(0, [1, 2, 3, 4, 5]), (2, [3, 4, 5])])
def test_nothing_is_promised_beyond_the_lifetime_and_all_of_it_within(quarter, due):
    """A generation that was founded in quarter 0 and lives for five."""
    state, g = one_industry(400)
    state.quarter = quarter
    made.tie(state, state.firms[:200], state.firms[200:], 1.0)
    let_adopt(state, g, state.firms[:200], BY_CELL)
    step(state, PARTNERS_ONLY, lifetime=5)
    assert sorted(state.promises) == due


def test_a_worse_generation_is_adopted_and_not_used():
    state, g = one_industry(6)
    worse = int(made.add_generations(state, [1], seed=5)[0])
    open_generations(state, np.array([worse]), ALWAYS, PARTNERS_ONLY)
    state.generations.log_quality[[g, worse]] = 1.0, 0.5
    one, other = state.firms[:2].tolist()
    first, second = [(g, one), (worse, other)], [(worse, one), (g, other)]
    state.promises = {
        t: [(np.array([h]), np.array([i])) for h, i in pairs]
        for t, pairs in enumerate((first, second))
    }
    for pairs, used in ((first, [g, worse]), (second, [g, g])):
        step(state, PARTNERS_ONLY)
        assert events(state) == dict.fromkeys(pairs, "partner")
        assert state.organisations.technology[[one, other]].tolist() == used
        made.next_quarter(state)


def test_no_partner_channel_at_zero():
    state, g = one_industry(20)
    made.tie(state, state.firms[:10], state.firms[10:], 5.0)
    let_adopt(state, g, state.firms[:10], BY_CELL)
    step(state, CELLS_ONLY)
    assert state.promises == {}
    assert state.tally.city.adoptions_partner.sum() == 0.0


# -- firms that move -------------------------------------------------------------------------------


def moved(state, old, city):
    """Open rows in other cities by hand."""
    table = state.organisations
    new = table.append(len(old), **{name: getattr(table, name)[old] for name in table.names})
    table.city[new], table.province[new] = city, state.world.city_province[city]
    table.alive[old] = False
    state.regroup()
    return new


def test_a_firm_that_moves_keeps_what_it_adopted():
    place = made.uneven()
    state = made.state_of(*made.random_firms(place, 90, 3), seed=3)
    table, generations = state.organisations, state.generations
    new = made.add_generations(state, rng(2).integers(0, 3, 12))
    open_generations(state, new, ALWAYS, P)
    for _ in range(8):
        step(state, AdoptParameters(external=0.4))
        made.next_quarter(state)
    old = state.firms[::4]
    held = state.slots.adopted[old].copy()
    assert held.sum() > 20
    before = generations.adopters.copy()
    rows = moved(state, old, (table.city[old] + 5) % place.n_cities)
    generations.hazard[:] = 0.0  # nothing has passed where they go
    join_moved(state, old, rows, ALWAYS)
    assert (state.slots.adopted[rows] == held).all()
    assert not state.slots.adopted[old].any()
    assert events(state) == {}
    assert (generations.adopters.sum(axis=1) == before.sum(axis=1)).all()
    assert (generations.adopters != before).any()
    assert (generations.adopters == counted(state)).all()


def test_a_firm_that_moves_adopts_what_its_new_city_has_passed():
    """In one quarter all that its own thresholds allow there, later like the firms of the city."""
    place = made.uneven()
    state = made.state_of(*made.random_firms(place, 90, 3), seed=3)
    generations = state.generations
    table = state.organisations
    shadow = made.Competing(state, ALWAYS, 0.0, LIFETIME)
    open_generations(state, made.add_generations(state, rng(2).integers(0, 3, 12)), ALWAYS, P)
    old = state.firms[::3]
    rows = moved(state, old, (table.city[old] + 5) % place.n_cities)
    generations.hazard[:] = rng(4).exponential(0.5, generations.hazard.shape)
    join_moved(state, old, rows, ALWAYS)

    def due():
        return {
            (g, i)
            for g in generations.living().tolist()
            for i in rows.tolist()
            if generations.industry[g] == table.industry[i]
            and np.float32(
                shadow.exponential(0, table.key[i], generations.key[g]) / shadow.fit(g, i)
            )
            <= generations.hazard[g, table.city[i]]
        }

    first = events(state)
    assert set(first) == due()
    assert set(first.values()) == {"move"}
    assert (state.generations.adopters == counted(state)).all()
    made.next_quarter(state)
    generations.gain[:] = 40.0
    step(state, CELLS_ONLY)
    later = {pair for pair in events(state) if pair[1] in set(rows.tolist())}
    assert set(first) | later == due()
    assert len(later) > 5
    assert len(first) > 20


def test_what_firms_are_born_with_is_told_from_moves():
    state, g = one_industry(10)
    state.generations.hazard[g] = 50.0
    rows = state.organisations.append(
        1, key=np.array([77], dtype="u8"), industry=1, city=3, province=1
    )
    state.regroup()
    join_late(state, rows, ALWAYS)
    assert state.adoptions.channel.tolist() == [BY_BIRTH]
    assert BY_MOVE != BY_BIRTH
