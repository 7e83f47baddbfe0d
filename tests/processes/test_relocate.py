from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import scalar_relocate as made
from tests.support.numbers import DECAY_H, SEEDS, close, rng, seeded
from ydsim.agents.organisations import EMPTIED, NO_CERTIFICATE
from ydsim.agents.projects import NOBODY, OUTSIDER
from ydsim.processes.renew import leaving, relocate, resettled
from ydsim.world.loader import synthetic_world

GDP = [60_000.0, 44_000.0, 40_000.0, 21_000.0]
OFTEN = 0.9


def state_of(n=120, seed=0, *, place=None, gdp=GDP, **options):
    """Firms in provinces of unequal wealth."""
    place = place or made.uneven()
    firms = made.random_firms(place, n, seed)
    return made.state_of(*firms, place=place, gdp=gdp, seed=seed, **options)


def move(state, seed=0, parameters=OFTEN):
    draws = made.draws("relocate", state.quarter, seed)
    old, new = relocate(state, made.environment(state.world), draws, parameters, DECAY_H)
    state.regroup()
    return old, new


def groups(state, rows):
    table = state.organisations
    return table.industry[rows] * state.world.n_provinces + table.province[rows]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_who_leaves_equals_the_scalar_rule(seed, share):
    draw = rng(seed)
    group, moves = draw.integers(0, 9, 40), draw.random(40) < share
    key = draw.integers(0, 2**63, 40).astype(np.uint64) * np.uint64(2)
    want = made.leaving(moves, group, key.tolist())
    assert leaving(moves, group, key).tolist() == want
    if share == 1.0:
        stays = np.bincount(group[~np.array(want)], minlength=9)
        assert (stays[np.unique(group)] == 1).all()


@pytest.mark.slow
@given(st.data())
def test_shares_equal_the_scalar_rule_and_sum_to_one(data):
    n = data.draw(st.integers(1, 12))
    arrives = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    group = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    size = st.floats(1e-6, 1.0)
    share = np.array(data.draw(st.lists(size, min_size=n, max_size=n)))
    share[arrives] *= 0.2
    # a group is never left alone, so that there is someone whom an arrival joins
    share = np.concatenate([share, np.full(4, 0.1)])
    arrives = np.concatenate([arrives, np.zeros(4, dtype=bool)])
    group = np.concatenate([group, np.arange(4)])
    got = resettled(share, group, arrives, 5)
    close(got, made.resettled(share, group.tolist(), arrives), rtol=1e-9)
    close(np.bincount(group, weights=got), np.ones(4))
    assert (got > 0.0).all()


def test_shares_of_a_group_of_arrivals_alone():
    got = resettled(np.array([0.2, 0.1]), np.array([1, 1]), np.array([True, True]), 2)
    close(got, [2 / 3, 1 / 3])


@pytest.mark.parametrize("policies", [False, True])
@pytest.mark.parametrize("quarter", [-5, 0, 7, 40])
@pytest.mark.parametrize("seed", seeded(4))
def test_moves_equal_a_loop_over_firms(seed, quarter, policies):
    place = made.uneven(seed=seed)
    population = place.city_population.copy()
    population[1, 8:] = np.nan  # cities that lag behind in their figures
    population[4, :7] = np.nan
    place = replace(place, city_population=population)
    state = state_of(150, seed, place=place, quarter=quarter)
    transfer = policies * rng(seed).exponential(0.2, (4, 12)) * (rng(seed).random((4, 12)) < 0.6)
    surroundings = made.environment(place, transfer=transfer)
    draws = made.draws("relocate", quarter, seed)
    dead = state.firms[::7]
    state.organisations.died[dead] = 0  # left in this quarter, still listed
    want = made.movers(state, surroundings.travel_hours.tolist(), draws, OFTEN, transfer.tolist())
    old, new = relocate(state, surroundings, draws, OFTEN, DECAY_H)
    table = state.organisations
    got = dict(zip(old.tolist(), table.city[new].tolist(), strict=True))
    assert got == want
    assert len(want) > 10
    tally = state.tally.city
    assert tally.relocations_out.tolist() == np.bincount(table.city[old], minlength=12).tolist()
    assert tally.relocations_in.tolist() == np.bincount(table.city[new], minlength=12).tolist()


def test_wealth_is_per_head_and_per_firm_where_residents_are_unknown():
    place = synthetic_world(4, 3, industries=3)
    many = place.city_population.copy()
    many[:3] *= 10.0  # the richest province is the poorest per head
    state = state_of(600, 1, place=replace(place, city_population=many))
    old, new = move(state)
    assert set(state.organisations.province[old].tolist()) == {1, 2, 3}
    assert set(state.organisations.province[new].tolist()) == {0, 2, 3}
    many[7] = np.nan
    place = replace(place, city_population=many)
    state = state_of(600, 1, place=place, gdp=[40_000.0] * 4)
    firms = np.bincount(state.organisations.province[state.firms])
    old, new = move(state)
    province = state.organisations.province
    assert len(old) > 10
    assert (firms[province[new]] > firms[province[old]]).all()


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_firms_profits_and_shares_are_conserved(scale):
    state = state_of(400, 3, scale=scale)
    table = state.organisations
    firms, profit = state.firms, table.profit.sum()
    known = np.sort(table.key[firms])
    copied = {name: getattr(table, name)[firms].copy() for name in table.names}
    old, new = move(state)
    assert len(old) == len(new) > 20
    assert len(state.firms) == 400
    assert (np.sort(table.key[state.firms]) == known).all()
    assert table.profit.sum() == pytest.approx(profit, rel=1e-12)
    assert sum(state.ledger.balance.values()) == 0.0
    assert state.ledger.entries == []
    close(np.bincount(groups(state, state.firms), weights=table.share[state.firms]), np.ones(12))
    at = np.searchsorted(firms, old)
    for name in table.names:
        if name not in ("city", "province", "share"):
            assert (getattr(table, name)[new] == copied[name][at]).all(), name
        if name in EMPTIED:
            assert not getattr(table, name)[old].any(), name
    assert (table.province[new] == state.world.city_province[table.city[new]]).all()
    assert not table.alive[old].any()
    assert table.alive[new].all()
    assert (table.died[old] == state.quarter).all()
    assert (table.certified_until[old] == NO_CERTIFICATE).all()
    for name in ("city", "province", "key", "industry", "kind", "born"):
        assert (getattr(table, name)[old] == copied[name][at]).all(), name


@pytest.mark.quick(1)
@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_a_firm_that_moves_alone_keeps_its_value_added_up_to_a_share(scale):
    for seed in range(40):
        state = state_of(400, 3, scale=scale)
        table, output = state.organisations, state.province_output()
        old, new = move(state, seed, 0.02)
        if len(old) == 0 or len(np.unique(groups(state, new))) < len(new):
            continue
        there = output[table.industry[new], table.province[new]]
        value = table.value_added[new]
        part = np.minimum(value / (scale * there), 0.2)
        close(table.share[new], part)
        small = part < 0.2
        close((scale * table.share[new] * there)[small], value[small])


def test_projects_and_ties_follow():
    state = state_of(150, 4)
    table, projects, ties = state.organisations, state.projects, state.ties
    draw = rng(8)
    everyone = np.flatnonzero(table.alive)
    members = draw.choice(everyone, (90, 4)).astype(np.int32)
    members[:, 2], members[::2, 1:] = OUTSIDER, NOBODY
    owner = draw.choice(everyone, 90)
    projects.append(90, key=np.arange(90, dtype=np.uint64), owner=owner, members=members)
    a, b = draw.choice(everyone, (2, 500))
    made.tie(
        state, *np.divmod(np.unique(np.where(a < b, a * 1000 + b, b * 1000 + a)[a != b]), 1000)
    )
    ties.strength[:] = draw.random(len(ties))
    ties.born[:], ties.active[:] = draw.integers(0, 9, (2, len(ties)))
    was = {
        frozenset((int(table.key[i]), int(table.key[j]))): rest
        for i, j, *rest in zip(ties.a, ties.b, ties.strength, ties.born, ties.active, strict=True)
    }
    names = [table.key[i] for i in owner]
    theirs = [[m if m < 0 else int(table.key[m]) for m in row] for row in members.tolist()]
    old, _ = move(state)
    assert np.isin(owner, old).any()
    assert np.isin(members, old).any()
    assert (np.diff(ties.key) > 0).all()
    assert (ties.a < ties.b).all()
    now = {
        frozenset((int(table.key[i]), int(table.key[j]))): rest
        for i, j, *rest in zip(ties.a, ties.b, ties.strength, ties.born, ties.active, strict=True)
    }
    assert now == was
    assert table.alive[ties.a].all()
    assert table.alive[ties.b].all()
    assert [table.key[i] for i in projects.owner] == names
    assert table.alive[projects.owner].all()
    assert table.alive[projects.members[projects.members >= 0]].all()
    rows = projects.members.tolist()
    assert [[m if m < 0 else int(table.key[m]) for m in row] for row in rows] == theirs
