"""What partners bring: needs that are covered, experience; a scalar loop and its limits."""

import math

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from ydsim.agents.capability import bond, complement, covered, second_field
from ydsim.agents.projects import NOBODY, OUTSIDER, PARTNERS, Projects
from ydsim.scenario.schema.parameters import ChainParameters, MatchParameters
from ydsim.world.synthetic import synthetic_world

P, MATCH = ChainParameters(), MatchParameters()


def state_with(n=30, seed=0):
    draw = rng(seed)
    world = synthetic_world(2, 3)
    state = stub(world, projects=Projects())
    kind = draw.choice(3, n, p=[0.6, 0.2, 0.2])
    n_f = len(world.fields)
    state.organisations.append(
        n,
        kind=kind,
        industry=np.where(kind == 0, draw.integers(0, 2, n), -1),
        province=draw.integers(0, 2, n),
        knowledge=draw.normal(0.0, 0.5, (n, n_f)),
    )
    state.position = np.arange(n)
    state.field_share = draw.dirichlet(np.ones(n_f), n).T
    return state


@pytest.mark.parametrize("seed", SEEDS)
def test_what_partners_cover_equals_a_loop(seed):
    draw, state = rng(seed), state_with(seed=seed)
    table, n = state.organisations, 200
    owner, partner = draw.integers(0, 30, n), draw.integers(0, 30, n)
    field = draw.integers(0, len(state.world.fields), n)
    want, ties = [], draw.exponential(2.0, n)
    for i, j, f in zip(owner.tolist(), partner.tolist(), field.tolist(), strict=True):
        shares = state.field_share[:, i].tolist()
        others = [g for g in range(len(shares)) if g != f]
        g = max(others, key=lambda g: shares[g])
        k = table.knowledge
        want.append(sum(k[j, h] >= k[i, h] + MATCH.lead for h in (f, g)) / 2.0)
    assert covered(state, owner, partner, field, MATCH.lead).tolist() == want
    assert len(set(want)) == 3
    distance = draw.random(n)
    terms = zip(distance, ties, strict=True)
    close(
        bond(distance, ties),
        [4.0 * d * (1.0 - d) * (1.0 - math.exp(-(1.0 + e) / 2.0)) for d, e in terms],
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_complement_equals_a_loop_over_projects(seed):
    draw, state = rng(seed), state_with(seed=seed)
    n, table = 150, state.organisations
    members, outside = np.full((n, PARTNERS), NOBODY), np.full(n, -1)
    for i in range(n):
        number = int(draw.integers(0, PARTNERS + 1))
        members[i, :number] = draw.integers(0, 30, number)
        if number and draw.random() < 0.3:
            members[i, draw.integers(0, number)], outside[i] = OUTSIDER, draw.integers(0, 3)
    state.projects.append(
        n, owner=draw.integers(0, 30, n), stage=draw.integers(0, 5, n), members=members,
        field=draw.integers(0, len(state.world.fields), n),
        outside_kind=outside, outside_size=draw.exponential(9.0, n),
        covers=draw.integers(0, 3, (n, 4)) / 2.0, bond=draw.random((n, 4)),
    )  # fmt: skip
    p = state.projects
    table.researchers[:] = draw.exponential(9.0, len(table))
    names = ("owner", "stage", "field", "members", "outside_kind", "outside_size", "covers", "bond")
    rows = [
        dict(zip(names, row, strict=True))
        for row in zip(*(getattr(p, name).tolist() for name in names), strict=True)
    ]
    kinds = [
        {"kind": k, "researchers": r, "knowledge": known}
        for k, r, known in zip(
            table.kind.tolist(), table.researchers.tolist(), table.knowledge.tolist(), strict=True
        )
    ]
    want = [scalar.complement(row, kinds, P, MATCH) for row in rows]
    got = complement(state, P, MATCH.lead)
    close(got.needs, [needs for needs, _ in want])
    close(got.gain, [gain for _, gain in want])
    assert not got.needs[~p.shared].any()
    assert (got.gain <= got.needs).all()
    assert got.needs.max() == 1.0


def test_the_second_field_is_never_the_first():
    shares = np.array([[0.7, 0.7], [0.2, 0.1], [0.1, 0.2]])
    assert second_field(shares, np.array([0, 0])).tolist() == [1, 2]
    assert second_field(shares, np.array([1, 2])).tolist() == [0, 0]


def test_experience_and_distance_at_their_limits():
    """Nothing for twins and strangers of fields; the most at the middle, for old partners."""
    never, often = np.zeros(3), np.full(3, 1e9)
    d = np.array([0.0, 0.5, 1.0])
    close(bond(d, often), [0.0, 1.0, 0.0])
    close(bond(d, never), [0.0, 1.0 - math.exp(-0.5), 0.0])
