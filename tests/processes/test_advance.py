"""The chain as a loop over projects, time that is conserved, and gates with their chances."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.numbers import SEEDS, close, rng, rows_of
from tests.support.scalar_society import stub
from ydsim.agents.capability import best_capability, time_available
from ydsim.agents.columns import NEVER
from ydsim.agents.organisations import FIRM, INSTITUTE, MEMORY, UNIVERSITY
from ydsim.agents.projects import (
    INVENTION,
    LAUNCH,
    NOBODY,
    NOT_YET,
    OUTSIDER,
    PARTNERS,
    PILOT,
    STAGES,
    Projects,
)
from ydsim.agents.tally import N_KINDS
from ydsim.noise import NoiseSource, identity
from ydsim.processes.advance import advance
from ydsim.scenario.schema.parameters import ChainParameters, MatchParameters
from ydsim.world.loader import synthetic_world

P, MATCH = ChainParameters(), MatchParameters()
WORLD = synthetic_world(4, 3)
SAFE = {"failure": 0.0, "selection": 10.0}


def chain(**changes):
    return P.model_copy(update=changes)


def noise(seed=0, quarter=0):
    return NoiseSource(seed, 0).phase("advance", quarter)


def state_with(n=60, seed=0, *, scale=0.05, quarter=7, world=WORLD):
    """Organisations of all kinds, some of them dead; the dead have no researchers."""
    draw = rng(seed)
    state = stub(world, scale=scale, quarter=quarter, projects=Projects())
    kind = draw.choice([FIRM, UNIVERSITY, INSTITUTE], n, p=[0.6, 0.2, 0.2])
    city = draw.integers(0, world.n_cities, n)
    alive = draw.random(n) > 0.15
    state.organisations.append(
        n,
        key=identity("organisation", np.arange(n)),
        kind=kind,
        city=city,
        province=world.city_province[city],
        industry=np.where(kind == FIRM, draw.integers(0, len(world.industries), n), -1),
        died=np.where(alive, NEVER, 0),
        researchers=draw.exponential(np.where(kind == FIRM, 60.0, 900.0)) * alive,
        rd=draw.exponential(1.0, n) * (draw.random(n) > 0.2),
        grants_spent=draw.exponential(1.0, n) * (draw.random(n) > 0.4),
        knowledge=draw.normal(0.0, 0.5, (n, len(world.fields))),
    )
    return state


def consortia(draw, n, owner, organisations):
    """Up to four different partners beside the owner, of all kinds, the dead among them."""
    members = np.full((n, PARTNERS), NOBODY)
    outside_kind = np.full(n, -1)
    for i in range(n):
        if draw.random() < 0.5:
            others = np.delete(np.arange(organisations), owner[i])
            number = draw.integers(1, PARTNERS + 1)
            members[i, :number] = draw.choice(others, number, replace=False)
            if draw.random() < 0.3:
                members[i, draw.integers(0, number)] = OUTSIDER
                outside_kind[i] = draw.integers(0, 3)
    return members, outside_kind


def fill(state, draw, n, p=P):
    """Random projects in all stages; a tenth of them lack nothing of theirs but rounding."""
    size = len(state.organisations)
    owner, stage = draw.integers(0, size, n), draw.integers(0, 5, n)
    members, outside_kind = consortia(draw, n, owner, size)
    done = draw.random(n) * p.efforts[stage]
    done = np.where(draw.random(n) < 0.1, p.efforts[stage] * (1.0 - 1e-12), done)
    stage_end = np.where(np.arange(5) < stage[:, None], draw.integers(-9, 7, (n, 5)), NOT_YET)
    state.projects.append(
        n,
        key=identity("test project", np.arange(n))[:n],
        owner=owner,
        members=members,
        outside_kind=outside_kind,
        outside_size=draw.exponential(10.0, n),
        field=draw.integers(0, len(state.world.fields), n),
        quality=draw.exponential(1.0, n),
        stage=stage,
        done=done,
        born=draw.integers(-20, 7, n),
        origin=draw.integers(0, 3, n),
        origin_city=draw.integers(0, 12, n),
        waited=draw.integers(0, 9, n),
        waits=draw.random(n) < 0.5,
        handed_over=draw.random(n) < 0.2,
        sold=draw.random(n) < 0.05,
        covers=draw.integers(0, 3, (n, PARTNERS)) / 2.0,
        bond=draw.random((n, PARTNERS)),
        helped=draw.random(n) < 0.3,
        effort=done + draw.exponential(5.0, n),
        public=done * draw.random(n),
        stage_city=np.where(stage_end > NOT_YET, draw.integers(0, 12, (n, 5)), -1),
        stage_kind=np.where(stage_end > NOT_YET, draw.integers(0, 3, (n, 5)), -1),
        stage_end=stage_end,
    )
    return state


def projects_of(state, draws):
    """Projects as rows of the loop, with their uniforms."""
    p = state.projects
    rows = rows_of(p, [name for name in p.names if not name.startswith("stage_")])
    u, v = (draws.uniform(p.key, k)[: len(p)].tolist() for k in (0, 1))
    columns = {name: getattr(p, name) for name in PASSPORT}
    own = ({"u": u[i], "v": v[i], "passport": passport_of(columns, i)} for i in range(len(p)))
    return [row | more for row, more in zip(rows, own, strict=True)]


def organisations_of(state):
    names = ("kind", "alive", "researchers", "rd", "grants_spent", "city", "province",
             "knowledge")  # fmt: skip
    return rows_of(state.organisations, names)


PASSPORT = ("stage_city", "stage_kind", "stage_end")


def passport_of(columns, i):
    city, kind, end = (columns[name][i].tolist() for name in columns)
    return {s: (city[s], kind[s], end[s]) for s in range(5) if end[s] != NOT_YET}


def cells(found):
    """Counts by cell as an array (stages, kinds, partnership)."""
    array = np.zeros((len(STAGES), N_KINDS, 2))
    for cell, number in found.items():
        array[cell] = number
    return array


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 600])
def test_the_phase_equals_a_loop_over_projects(seed, n):
    state = fill(state_with(seed=seed), rng(seed + 10), n)
    table, p, draws = state.organisations, state.projects, noise(seed)
    rows, owners = projects_of(state, draws), organisations_of(state)
    productive = rng(seed + 20).uniform(0.7, 1.5, state.world.n_cities)
    for row in owners:
        row["basic"] = float(productive[row["city"]])
    after = scalar.advance(rows, owners, state.scale, state.quarter, P, MATCH)
    advance(state, draws, P, MATCH, productivity=productive)

    kept = [q for q, end in after if end in ("goes on", "moves")]
    for name in p.names:
        if name.startswith("stage_"):
            continue
        have, want = getattr(p, name), [q[name] for q in kept]
        if name in ("done", "effort", "public", "quality"):
            close(have, want, rtol=1e-11, atol=1e-11)
        else:
            assert have.tolist() == want, name
    passports = {name: getattr(p, name) for name in PASSPORT}
    assert [passport_of(passports, i) for i in range(len(p))] == [q["passport"] for q in kept]

    joint = [
        (q["owner"], [m for m in q["members"] if m >= 0])
        for q, end in sorted(after, key=lambda pair: pair[0]["key"])
        if q["left"] == INVENTION and end in ("moves", "shelved")
    ]
    partner = [NOBODY] * len(owners)
    for owner, inside in joint:
        for m in inside:
            partner[m] = owner
    for owner, inside in joint:
        partner[owner] = inside[0] if inside else partner[owner]
    assert table.partner.tolist() == partner

    launched = [q for q, end in after if end == "launched"]
    out = state.launches
    close(out.quality, [q["quality"] for q in launched])
    for name in ("key", "owner", "field", "members"):
        assert getattr(out, name).tolist() == [q[name] for q in launched], name
    assert out.partners.tolist() == [len(scalar.partners(q)) for q in launched]
    close(out.public, [q["public"] / q["effort"] for q in launched], rtol=1e-11)
    passports = {name: getattr(out, name) for name in PASSPORT}
    assert [passport_of(passports, i) for i in range(len(out))] == [q["passport"] for q in launched]

    made = np.zeros((len(owners), MEMORY))
    for q, end in after:
        if end in ("moves", "shelved") and q["left"] == INVENTION:
            for m in [q["owner"], *scalar.partners(q)]:
                if m != OUTSIDER:
                    made[m, state.quarter % MEMORY] += 1
    assert table.inventions.tolist() == made.tolist()

    cities, tally = state.world.n_cities, state.tally
    for name, number in scalar.city_tallies(after, owners, cities).items():
        close(getattr(tally.city, name) * state.scale, number)
    found = scalar.funnel(after)
    for name, have in tally.funnel.items():
        close(have * state.scale, cells(found.get(name, {})), rtol=1e-11)
    for channel, pairs in scalar.links(after, owners, cities).items():
        want = np.zeros((cities + 1, cities + 1))
        for pair, number in pairs.items():
            want[pair] = number
        close(getattr(tally.links, channel)[0] * state.scale, want)
        assert not getattr(tally.links, channel)[1].any()
    if n > 100:
        assert {end for _, end in after} == {
            "goes on", "moves", "launched", "shelved", "failed", "died_waiting", "owner_left",
            "sold_outside",
        }  # fmt: skip
        assert min(getattr(tally.city, name).sum() for name in scalar.CITY_TALLIES) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_launches_of_science_draw_their_industry(seed):
    world = synthetic_world(2, 2, industries=5, fields=3)
    draw = rng(seed)
    world = SimpleNamespace(
        **{
            **vars(world),
            "n_cities": 4,
            "n_provinces": 2,
            "relevance": draw.dirichlet(np.ones(3), 5) * (draw.random((5, 3)) > 0.2),
            "industry_share": draw.dirichlet(np.ones(5)),
        }
    )
    state = fill(state_with(seed=seed, world=world), draw, 300)
    state.projects.stage[:] = LAUNCH
    state.projects.field[:] = draw.integers(0, 3, 300)
    draws = noise(seed)
    state.projects.done[:] = P.efforts[LAUNCH]
    state.projects.difficulty[:] = 0.0
    advance(state, draws, chain(**SAFE), MATCH)
    out, industry = state.launches, state.organisations.industry
    want = [
        scalar.launch_industry(
            int(industry[i]),
            world.industry_share.tolist(),
            world.relevance[:, f].tolist(),
            float(u),
        )
        for i, f, u in zip(out.owner, out.field, draws.uniform(out.key, 2), strict=True)
    ]
    assert out.industry.tolist() == want
    science = industry[out.owner] < 0
    assert len(set(out.industry[science].tolist())) > 2
    assert (~science).sum() > 10


def test_a_capability_that_just_suffices_does_not_wait():
    state = state_with(scale=1.0)
    state.organisations.died[:], state.organisations.researchers[:] = NEVER, 1e6
    institute = np.flatnonzero(state.organisations.kind == INSTITUTE)[0]
    state.projects.append(1, key=identity("one", 1), owner=institute, stage=PILOT)
    for difficulty, waits in ((2.0, False), (2.0 + 1e-9, True)):
        state.projects.done[:], state.projects.waited[:] = 0.0, 0
        state.projects.difficulty[:] = difficulty
        advance(state, noise(), chain(**SAFE), MATCH)
        assert state.projects.waits.tolist() == [waits]
        assert state.projects.waited.tolist() == [int(waits)]
        assert bool(state.projects.done[0] > 0.0) is not waits


def test_partners_take_their_time_from_their_own_projects():
    """A firm with one project of its own and one of another."""
    time, owner = np.array([0.0, 6.0]), np.array([0, 1])
    members = np.array([[1, NOBODY, NOBODY, NOBODY], [NOBODY] * 4], dtype=np.int32)
    close(time_available(time, owner, members, np.ones(2)), [3.0, 3.0])
    # one without projects of its own gives all its time
    close(time_available(time, np.array([0, 0]), members, np.ones(2)), [6.0, 0.0])


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_works_more_than_the_time_that_it_has(seed):
    """To the last researcher-quarter, work and what is set aside for it together."""
    draw, n, m = rng(seed), 40, 200
    time, owner = draw.exponential(3.0, n), draw.integers(0, n, m)
    members = np.full((m, 4), NOBODY, dtype=np.int32)
    for slot in range(4):  # members fill the places in order
        some = draw.random(m) < 0.5 if slot == 0 else (members[:, slot - 1] != NOBODY)
        members[some, slot] = draw.integers(0, n, int(some.sum()))
        members[draw.random(m) < 0.5, slot] = NOBODY
    pace, aside = draw.exponential(1.0, (2, m)) * (draw.random(m) < 0.8)
    works = np.zeros(n, dtype=bool)
    works[owner[pace > 0.0]] = works[members[pace > 0.0][members[pace > 0.0] >= 0]] = True
    work = time_available(time, owner, members, pace, aside)
    beside = time_available(time, owner, members, aside, pace)
    close(work.sum() + beside.sum(), time[works].sum())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [0.0, 0.4, 1.9, 30.0])
def test_the_best_capability_equals_a_loop_over_members(seed, size):
    state, p = fill(state_with(seed=seed), rng(seed), 200), chain(capability_size=size)
    organisations = organisations_of(state)
    want = [scalar.capability(q, organisations, q["stage"], p)
            for q in projects_of(state, noise(seed))]  # fmt: skip
    close(best_capability(state.projects, state.organisations, p), want)
    some = np.arange(len(want))[3::7]
    close(best_capability(state.projects, state.organisations, p, some), np.array(want)[some])
    if size:
        flat = best_capability(state.projects, state.organisations, chain(capability_size=0.0))
        assert (np.array(want) < flat).any()
