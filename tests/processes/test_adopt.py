import numpy as np
import pytest

from tests.model.small import model, world
from tests.processes import scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.measures.diffusion import bass
from ydsim.processes.adopt import adopt, adoption_map, gains, kernels, travel_hours
from ydsim.scenario.parameters import AdoptParameters

P = AdoptParameters()


def test_travel_and_kernels_equal_the_scalar_rule():
    place = world(3, 2)
    distance, province = place.distance_km, place.city_province
    hours = travel_hours(distance, P)
    flat = [scalar.travel_hours(km, P.speed_kmh) for km in distance.ravel()]
    close(hours.ravel(), flat)
    assert (np.diag(hours) == 0.0).all()
    border = rng(0).random((3, 3)) * (1.0 - np.eye(3))
    full, plain = kernels(place, border, P)
    want = scalar.kernel(distance.tolist(), province.tolist(), border.tolist(), P)
    close(full, want[0])
    close(plain, want[1])
    open_, plain = kernels(place, np.zeros((3, 3)), P)
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
    uneven = {"adopt.own_city": 0.3, "adopt.outside": 0.15}  # no weight is one half
    m = model(years=1, scale=0.02, parameters=uneven)
    m._enact()
    state, n_c = m.state, m.world.n_cities
    generations, table = state.generations, state.organisations
    live = generations.living()
    firms = [[0.0] * n_c for _ in m.world.industries]
    for i in state.firms:
        firms[table.industry[i]][table.city[i]] += 1.0
    border = m.environment.border_exposure.tolist()
    of = m.world.city_province.tolist()
    p = m.parameters.adopt
    both = scalar.kernel(m.world.distance_km.tolist(), of, border, p)
    adopters = [row.tolist() for row in generations.adopters[live]]
    mine = [firms[j] for j in generations.industry[live]]
    before = generations.hazard[live].copy()
    outside = generations.outside_share[live].copy()
    share = [sum(a) / sum(f) for a, f in zip(adopters, mine, strict=True)]
    want = [
        [
            scalar.hazard_rise(g, c, adopters, mine, generations.gain[k], outside[g], both, p)
            for c in range(n_c)
        ]
        for g, k in enumerate(live)
    ]
    adopt(state, m.environment, p)
    close(generations.hazard[live] - before, want, rtol=1e-9, atol=1e-13)
    close(generations.rise[live], want, rtol=1e-11)
    pressure = [(1 - p.outside) * o + p.outside * s for o, s in zip(outside, share, strict=True)]
    moved = [
        scalar.adoption_map(o, generations.gain[k], x, p.external, p.internal)
        for o, k, x in zip(outside, live, pressure, strict=True)
    ]
    close(generations.outside_share[live], moved)


def test_adopters_are_counted_where_they_live():
    m = model(years=2, scale=0.02).run()
    state = m.state
    table, generations = state.organisations, state.generations
    for g in generations.living():
        rows = state.firms[table.industry[state.firms] == generations.industry[g]]
        has = rows[state.slots.adopted[rows, generations.slot[g]]]
        counts = np.bincount(table.city[has], minlength=m.world.n_cities)
        assert generations.adopters[g].tolist() == counts.tolist()


def test_firms_use_the_best_that_they_adopted():
    """Every event switches a firm only to something better than it uses, at the time."""
    m = model(years=3, scale=0.01)
    table, quality = m.state.organisations, m.state.generations
    switched = 0
    for _ in range(12):
        used = table.technology.copy()
        before = quality.log_quality.copy()
        m.step()
        now = table.technology[: len(used)]
        moved = np.flatnonzero((now != used) & (used >= 0))
        old = used[moved]
        assert (quality.log_quality[now[moved]] > np.minimum(before[old], np.inf)).all()
        switched += len(moved)
    assert switched > 20
