import numpy as np
import pytest

from tests.support import scalar
from tests.support import scalar_relocate as made
from tests.support.neutral import across
from tests.support.numbers import DECAY_H, SEEDS, close, rng
from ydsim.agents.state import BY_BIRTH, BY_CELL, CHANNELS
from ydsim.policies.environment import passing
from ydsim.processes.adopt import _adopt, adopt, gains, join_late, join_moved, open_generations
from ydsim.scenario.schema.parameters import AdoptParameters

P = AdoptParameters()
ALWAYS = made.draws("adopt")


def step(state, parameters=P, awareness=None, environment=None):
    place = state.world
    adopt(
        state,
        environment or made.environment(place),
        parameters,
        np.ones((place.n_cities, len(place.industries))) if awareness is None else awareness,
        DECAY_H,
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


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 25])
def test_gains_equal_the_scalar_rule(seed, n):
    draw = rng(seed)
    quality, industry, appeal = draw.normal(size=n), draw.integers(0, 4, n), draw.exponential(1, n)
    got = gains(quality, industry, appeal, 5)
    close(got, scalar.gains(quality.tolist(), industry.tolist(), appeal.tolist()))


def test_hazards_equal_a_loop_over_cells():
    p = AdoptParameters(outside=0.15)
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
    borders = {
        "exposure": share,
        "eased": draw.uniform(1.0, 4.0, (5, n_c, n_c)),
        "closed": draw.uniform(0.0, 0.5, (5, 4)),
    }
    surroundings = made.environment(place, broadcast=broadcast, **borders)
    open_ = passing(surroundings, "exposure", place.city_province)
    both = made.kernel(surroundings.travel_hours.tolist(), open_.tolist(), DECAY_H)
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


def test_what_firms_are_born_with_is_told_from_moves():
    state, g = one_industry(10)
    state.generations.hazard[g] = 50.0
    rows = state.organisations.append(
        1, key=np.array([77], dtype="u8"), industry=1, city=3, province=1
    )
    state.regroup()
    join_late(state, rows, ALWAYS)
    assert state.adoptions.channel.tolist() == [BY_BIRTH]


def test_a_worse_generation_is_adopted_and_not_used():
    state, g = one_industry(6)
    worse = int(made.add_generations(state, [1], seed=5)[0])
    open_generations(state, np.array([worse]), ALWAYS, P)
    state.generations.log_quality[[g, worse]] = 1.0, 0.5
    one, other = state.firms[:2].tolist()
    for pairs, used in (
        ([(g, one), (worse, other)], [g, worse]),
        ([(worse, one), (g, other)], [g, g]),
    ):
        _adopt(state, *np.array(pairs).T, BY_CELL)
        assert events(state) == dict.fromkeys(pairs, "cell")
        assert state.organisations.technology[[one, other]].tolist() == used
        made.next_quarter(state)


def moved(state, old, city):
    """Open rows in other cities by hand."""
    table = state.organisations
    new = table.append(len(old), **{name: getattr(table, name)[old] for name in table.names})
    table.city[new], table.province[new] = city, state.world.city_province[city]
    table.died[old] = 0
    state.regroup()
    return new


def test_a_firm_that_moves_adopts_what_its_new_city_has_passed():
    """In one quarter all that its own thresholds allow there, later like the firms of the city."""
    place = made.uneven()
    state = made.state_of(*made.random_firms(place, 90, 3), seed=3)
    generations = state.generations
    table = state.organisations
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
            and made.threshold(state, ALWAYS, g, i) <= generations.hazard[g, table.city[i]]
        }

    first = events(state)
    assert set(first) == due()
    assert set(first.values()) == {"move"}
    assert (state.generations.adopters == counted(state)).all()
    made.next_quarter(state)
    generations.gain[:] = 40.0
    step(state, P)
    later = {pair for pair in events(state) if pair[1] in set(rows.tolist())}
    assert set(first) | later == due()
    assert len(later) > 5
    assert len(first) > 20
