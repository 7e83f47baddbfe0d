from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, live, model, world
from ydsim.agents.projects import NOBODY, NOT_YET
from ydsim.agents.tables import Means
from ydsim.noise import identity
from ydsim.processes.explore import chosen_field, explore, field_weights, leaders, updated_knowledge
from ydsim.scenario.schema.parameters import ExploreParameters

P = ExploreParameters()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [1, 2, 17])
def test_fields_and_knowledge_equal_the_scalar_rule(seed, n):
    draw = rng(seed)
    n_fields = int(draw.integers(1, 6))
    knowledge, need = draw.normal(size=(n_fields, n)), draw.normal(size=(n_fields, n))
    effort = draw.exponential(50.0, n) * (draw.random(n) > 0.3)
    weights = field_weights(knowledge, need)
    want = [scalar.field_weights(knowledge[:, i], need[:, i]) for i in range(n)]
    close(weights.T, want)
    close(weights.sum(axis=0), np.ones(n))
    stand = scalar.standing((draw.random(n) < 0.3).tolist(), 0.05)
    moved, mean, drift = updated_knowledge(knowledge, effort, weights, np.array(stand), P)
    rows = knowledge.T.tolist()
    close(mean, (effort * weights * stand).sum(axis=1))
    # against their own means nothing changes; another zero lifts or lowers all of a field alike
    again, *_ = updated_knowledge(knowledge, effort, weights, np.array(stand), P, (mean, drift))
    assert (again == moved).all()
    zero = draw.exponential(1.0, n_fields), draw.normal(size=n_fields)
    other, *_ = updated_knowledge(knowledge, effort, weights, np.array(stand), P, zero)
    close(other.T, scalar.updated_knowledge(rows, effort, want, stand, P, zero), atol=1e-13)
    close(moved.T, scalar.updated_knowledge(rows, effort, want, stand, P), atol=1e-13)
    close((moved * stand).sum(axis=1), np.zeros(n_fields))
    top = [scalar.leader(row, stand) for row in knowledge.tolist()]
    close(leaders(knowledge, np.array(stand)), top)
    u = draw.random(n)
    fields = [scalar.chosen_field(weights[:, i].tolist(), u[i]) for i in range(n)]
    assert chosen_field(weights, u).tolist() == fields


def test_fields_of_nobody():
    nobody = np.empty((3, 0))
    assert field_weights(nobody + 0, nobody).shape == (3, 0)
    assert chosen_field(nobody, np.empty(0)).shape == (0,)


def test_chosen_field_at_the_edges():
    weights = np.array([[0.0, 0.5, 1.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.0]])
    assert chosen_field(weights, np.full(3, 1e-16)).tolist() == [1, 0, 0]
    assert chosen_field(weights, np.full(3, 1 - 1e-16)).tolist() == [1, 2, 0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_phase_equals_a_loop_over_organisations(seed):
    # industries need different fields, and the last is not like science
    place = replace(world(), relevance=rng(seed).dirichlet(np.ones(10), 10))
    m = model(place=place, years=1, scale=0.02, burn_in=12, seed=seed)
    state, noise = m.state, m.noise.phase("explore", m.state.quarter)
    table, p = state.organisations, P.model_copy(update={"institute_teams": 5.0})
    n_before = len(state.projects)
    rows = np.flatnonzero(table.alive).tolist()
    assert len(rows) < len(table)
    live = np.bincount(state.projects.owner, minlength=len(table)).tolist()
    effort, knowledge = table.researchers.copy(), table.knowledge.copy()
    relevance = state.world.relevance * len(state.world.fields)
    basic = rng(seed + 50).uniform(0.5, 3.0, state.world.n_cities)
    environment = replace(m.environment, science_productivity=basic)
    usual = Means.none(knowledge.shape[1], 1, 1)
    usual.effort, usual.drift = rng(seed + 60).exponential(3.0, (2, knowledge.shape[1]))
    usual.access = rng(seed + 70).exponential(100.0, usual.access.shape)
    lasting = m.noise.phase("explore", 0)
    other = rng(seed + 80).integers(-1, len(table), len(table))
    other = np.where(rng(seed + 90).random(len(table)) < 0.5, -1, other)  # some of them have died
    table.partner[:] = other
    explore(state, environment, noise, lasting, p, m.parameters.chain, usual)

    weights, want, ideas, recombined = {}, [], 0, 0
    whole = [int(table.kind[i]) != 0 for i in rows]
    stand = scalar.standing(whole, state.scale)
    for i in rows:
        j = int(table.industry[i])
        need = np.log(relevance[j]).tolist() if j >= 0 else [0.0] * knowledge.shape[1]
        weights[i] = scalar.field_weights(knowledge[i].tolist(), need)
    for i, is_whole in zip(rows, whole, strict=True):
        key = table.key[i : i + 1]
        here = float(basic[table.city[i]])
        access = float(table.known[i]) ** p.access
        kind = int(table.kind[i])
        able = scalar.effective(float(effort[i]), weights[i], knowledge[i].tolist())
        rate = scalar.ideas_rate(able, kind, state.scale, here, p, access)
        count = scalar.poisson(float(noise.uniform(key)[0]), rate)
        ideas += count
        u = float(noise.uniform(key, 6)[0])
        span = m.parameters.chain.span
        free = scalar.room(float(effort[i]), is_whole, state.scale, live[i], span, u)
        for ordinal in range(min(count, free)):
            k = identity("project", key, state.quarter, np.array([ordinal]))
            j, u = int(other[i]), float(noise.uniform(k, 8)[0])
            recombines = j in rows and ordinal == 0 and u < p.recombination
            recombined += recombines
            f = scalar.chosen_field(weights[j if recombines else i], float(noise.uniform(k, 1)[0]))
            z = float(noise.normal(k, 4)[0])
            skill = p.skill_sd * float(lasting.normal(key, 0)[0])
            known = max(float(knowledge[n, f]) for n in ((i, j) if recombines else (i,)))
            q = scalar.quality(known, skill, z, p)
            d = scalar.difficulty(float(noise.uniform(k, 7)[0]))
            want.append((i, f, int(k[0]), q, d))
    new = slice(n_before, None)
    projects = state.projects
    assert len(want) == len(projects) - n_before > 50
    assert projects.owner[new].tolist() == [w[0] for w in want]
    assert projects.field[new].tolist() == [w[1] for w in want]
    assert projects.key[new].tolist() == [w[2] for w in want]
    close(projects.quality[new], [w[3] for w in want])
    close(projects.difficulty[new], [w[4] for w in want])
    assert projects.origin[new].tolist() == [int(table.kind[w[0]]) for w in want]
    assert len(set(projects.origin[new].tolist())) == 3
    assert projects.origin_city[new].tolist() == [int(table.city[w[0]]) for w in want]
    for name, fresh in (
        ("stage", 0), ("done", 0.0), ("born", state.quarter), ("members", NOBODY), ("waited", 0),
        ("waits", False), ("handed_over", False), ("sold", False), ("helped", False),
        ("effort", 0.0), ("public", 0.0), ("stage_end", NOT_YET),
    ):  # fmt: skip
        assert (getattr(projects, name)[new] == fresh).all(), name
    assert state.tally.city.ideas.sum() * state.scale == pytest.approx(ideas)
    assert len(want) < ideas
    assert recombined > 5
    assert (table.partner[[w[0] for w in want]] == NOBODY).all()
    idle = np.setdiff1d(rows, [w[0] for w in want])
    assert (table.partner[idle] == other[idle]).all()
    moved = scalar.updated_knowledge(
        knowledge[rows].tolist(), effort[rows].tolist(), [weights[i] for i in rows], stand, p,
        (usual.effort, usual.drift),
    )  # fmt: skip
    close(table.knowledge[rows], moved, atol=1e-13)
    # what partners are sought by: shares of effort of the living, and the leaders before learning
    assert state.active.tolist() == rows
    assert state.position[rows].tolist() == list(range(len(rows)))
    assert (np.delete(state.position, rows) == -1).all()
    close(state.field_share.T, [weights[i] for i in rows])
    close(state.leaders, [scalar.leader(k, stand) for k in knowledge[rows].T.tolist()])
    one, other = np.array(rows[::7]), np.array(rows[::-7])
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    found = state.effort_cosine(one, other)
    close(found, [scalar.cosine(weights[a], weights[b]) for a, b in pairs])
    alone = [state.effort_cosine(one[[k]], other[[k]])[0] for k in range(len(one))]
    assert found.tolist() == alone


def recombined(m, partners, share):
    """New projects of a quarter in which organisations remember ``partners``."""
    state, before = m.state, len(m.state.projects)
    state.organisations.partner[:] = partners
    p = P.model_copy(update={"recombination": share})
    noise, lasting = m.noise.phase("explore", state.quarter), m.noise.phase("explore", 0)
    explore(state, m.environment, noise, lasting, p, m.parameters.chain, m.constants)
    new = slice(before, None)
    return state.projects.field[new].tolist(), state.projects.quality[new].copy()


def test_a_partner_equal_to_oneself_and_a_dead_one_add_nothing():
    def small():
        return live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_invest")

    rows = len(small().state.organisations)
    field, quality = recombined(small(), np.full(rows, NOBODY), 1.0)
    assert len(field) > 20
    dead = np.flatnonzero(~small().state.organisations.alive)[:1]
    for partners, share in (
        (np.arange(rows), 1.0),
        (np.full(rows, dead), 1.0),
        (np.zeros(rows), 0.0),
    ):
        same = recombined(small(), partners, share)
        assert same[0] == field
        assert (same[1] == quality).all()
    assert recombined(small(), np.zeros(rows), 1.0)[0] != field
