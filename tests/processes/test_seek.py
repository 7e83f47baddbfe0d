import math

import numpy as np
import pytest

from tests.support import scalar_match as scalar
from tests.support.neutral import across
from tests.support.numbers import close
from tests.support.scalar_match import scene
from ydsim.agents.projects import NOBODY
from ydsim.processes.seek import disclosed, seek

QUARTERS = [0, 5]


def busy(quarters=0, **keys):
    """A scene with many seekers and brokers that have something to do."""
    made = scene(quarters, scale=0.01).with_match(**{"gap_search": 0.4, **keys})
    made.state.brokers.capacity[:] = 2.5
    return made


def living(state):
    return state.organisations.alive[state.projects.owner]


def waiting(state):
    return state.projects.waits & living(state)


@pytest.mark.slow
@pytest.mark.parametrize("quarters", QUARTERS)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_seekers_equal_a_loop_over_projects(quarters, size):
    here = busy(quarters, consortium=size)
    # some consortia of all sizes, among them many that are full
    draw = np.random.default_rng(quarters)
    members = here.state.projects.members
    members[draw.random(len(members)) < 0.5, 0] = 7
    members[(members[:, 0] != NOBODY) & (draw.random(len(members)) < 0.5), 1] = 8
    want = scalar.seekers(here.state, scalar.Draws(here.draws()), here.parameters)
    got = here.seek().seekers
    assert len(want) > 20
    for part in ("project", "key", "row", "city", "field", "stage", "waits", "hand_over"):
        assert getattr(got, part).tolist() == [s[part] for s in want]
    for part in ("effort", "piece"):
        close(getattr(got, part), [s[part] for s in want])
    waiting = got.hand_over
    assert waiting.any()
    if size > 1:
        assert not waiting.all()


@pytest.mark.parametrize("seed", range(3))
def test_whom_one_can_reach_raises_search(seed):
    """Seekers equal the loop under all that policies do, against the environment without them."""
    here = scalar.eased(busy(), seed)
    ratio = scalar.reach(here.state, here.environment, busy().environment, here.parameters)
    want = scalar.seekers(here.state, scalar.Draws(here.draws()), here.parameters, ratio)
    got = here.seek(baseline=busy().environment).seekers
    assert got.project.tolist() == [s["project"] for s in want]
    assert max(ratio) > 1.3
    plain = here.seek().seekers.project
    assert set(got.project.tolist()) != set(plain.tolist())


@pytest.mark.parametrize(
    ("quarters", "numbers"),
    [
        (0, (3, 3, 5, 1)),
        pytest.param(5, (3, 3, 5, 1), marks=pytest.mark.slow),
        pytest.param(5, (1, 2, 2, 3), marks=pytest.mark.slow),
    ],
)
def test_candidates_equal_a_loop(quarters, numbers):
    here = busy(quarters, candidates=numbers, decay_h=1.7)
    # hand-overs cross borders more easily, and many owners know each other
    n = here.state.world.n_provinces
    here = here.within(joint_work=across(0.3, n), hand_over=across(0.8, n))
    draw = np.random.default_rng(quarters)
    # brokers of every other city take all deals, others none; those of each have their own reach
    cap = np.where(np.arange(here.state.world.n_cities) % 2, 1e3, 0.0)
    here = here.within(broker_cap=cap)
    reach = draw.uniform(50.0, 400.0, here.state.world.n_cities)
    here.state.brokers.reach_km[:] = reach[here.state.brokers.city]
    a, b = draw.integers(0, len(here.state.organisations), (2, 600))
    here.state.ties.strengthen(a[a != b], b[a != b], 0)
    draws = scalar.Draws(here.draws())
    looking = scalar.seekers(here.state, draws, here.parameters)
    want = scalar.candidates(here.state, here.environment, looking, draws, here.parameters)
    seen = here.seek().seen
    for part in ("row", "place", "source", "broker", "key"):
        expected = [[-1 if c[part] is None else c[part] for c in mine] for mine in want]
        assert getattr(seen, part).tolist() == expected
    assert set(range(4)) == set(seen.source.ravel().tolist())
    assert (seen.broker >= 0).sum() > 10
    assert (seen.row == -1).any()


def test_offices_bring_results_to_light():
    """D_c by scalar, at ends, and who is offered by a draw for each project that lasts."""
    close(disclosed(0.3, 0.5, np.array([0.0, 1.5, -1.0, 1e3])),
          [0.3, 1.0 - 0.7 * math.exp(-0.75), 0.3, 1.0])  # fmt: skip
    assert (disclosed(1.0, 0.5, np.array([0.0, 2.0])) == 1.0).all()
    assert disclosed(0.3, 0.0, np.array([0.0, 2.0])) == pytest.approx(0.3)


def offered(here, other=0):
    plain = here.environment
    search = seek(here.state, plain, here.draws(other), here.parameters, plain, here.lasting)
    return search.seekers.project[search.seekers.hand_over].tolist()


def shy(disclosure, density=None):
    here = busy(5)
    keys = here.parameters.brokers.model_copy(update={"disclosure": disclosure, "offices": 0.5})
    here = here.having(brokers=keys)
    if density is not None:
        here = here.within(broker_density=np.full(here.state.world.n_cities, density))
    return here


@pytest.mark.parametrize("density", [None, 4.0])
def test_results_of_science_are_offered_by_a_lasting_draw(density):
    here = shy(0.3, density)
    table, projects = here.state.organisations, here.state.projects
    usual = here.parameters.brokers.per_1000_firms
    more = max((usual if density is None else density) - usual, 0.0)
    chance, want = 1.0 - 0.7 * math.exp(-0.5 * more), []
    for i in np.flatnonzero(waiting(here.state)).tolist():
        u = float(here.lasting.uniform(projects.key[i : i + 1], 1)[0])
        if table.kind[projects.owner[i]] == 0 or u < chance:
            want.append(i)
    assert offered(here) == want
    assert offered(here, other=1) == want  # the same in another quarter
    science = table.kind[projects.owner[waiting(here.state)]] != 0
    assert science.sum() > 0
    assert len(want) < waiting(here.state).sum()
