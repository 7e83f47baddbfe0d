"""Applications as cohorts in a loop, the queue of the start, and what the nation decides."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from tests.support.small import model
from ydsim.processes.advance import RING, _count_holders, file_and_grant, no_patents, open_queue
from ydsim.scenario.schema.parameters import ContractParameters
from ydsim.world.inputs import extend_inputs, spread
from ydsim.world.loader import synthetic_world
from ydsim.world.national import (
    APPLICATIONS,
    GRANTS,
    IN_FORCE,
    initial_queue,
    kernel,
    national_series,
)
from ydsim.world.world import Series

P = ContractParameters()
WORLD = synthetic_world(4, 3)
C = WORLD.n_cities


def terms(**changes):
    return P.model_copy(update=changes)


def state_with(quarters=40, seed=0, *, world=WORLD, burn_in=0, constant=False, known=0):
    """A state with national inputs of ``quarters``; nothing filed yet."""
    draw = rng(seed)
    line = np.ones if constant else lambda n: draw.uniform(0.5, 1.5, n)
    return stub(
        world,
        quarter=-burn_in,
        inputs=SimpleNamespace(years=np.arange(2011, 2011 + quarters // 4)),
        national=SimpleNamespace(
            propensity=line(quarters),
            examination=line(quarters),
            publication=line(quarters),
            due=line(quarters),
            grants_known=known,
        ),
        patents=no_patents(world),
    )


def live(state, inventions, parameters=P, results=None, part=0.5):
    """File and grant quarter by quarter; return the tallies. Universities invent a part."""
    found = []
    for made in inventions:
        state.tally.clear()
        city = state.tally.city
        city.inventions = np.array(made, dtype=float)
        city.university_inventions = part * city.inventions
        city.research_results = np.zeros(len(made)) if results is None else results
        file_and_grant(state, parameters)
        found.append({name: values.copy() for name, values in city.items()})
        state.quarter += 1
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", [P.examination, (1.0, 0.0, 0.0, 0.0), (0.1, 0.2, 0.3, 0.4)])
def test_grants_equal_a_loop_over_cohorts(seed, weights):
    """Longer than the ring of 24 quarters, with a queue that ends before the run does."""
    draw, p = rng(seed), terms(examination=weights)
    state = state_with(60, seed)
    inventions = draw.poisson(3.0, (60, C))
    state.patents.due = draw.exponential(2.0, (C, 23))
    state.patents.in_force = draw.exponential(50.0, C)
    national = state.national
    want = scalar.patents(
        inventions.tolist(), national.propensity.tolist(), national.examination.tolist(),
        state.patents.due.tolist(), state.patents.in_force.tolist(), p,
    )  # fmt: skip
    for have, expected in zip(live(state, inventions, p), want, strict=True):
        close(have["invention_patent_applications"], expected["filed"])
        close(have["invention_patents_granted"], expected["granted"], atol=1e-10)
        close(have["invention_patents_in_force"], expected["stock"], rtol=1e-11)


@pytest.mark.quick(2)
@pytest.mark.parametrize("quota", [0.0, 0.5, 1.0])
def test_a_place_keeps_a_part_of_what_the_nation_grants(quota):
    """A loop: after the last official year a part goes by what was due in a mean quarter of it."""
    known, quarters, p = 28, 44, terms(quota=quota)
    state = state_with(quarters, 3, known=known)
    inventions = rng(5).poisson(3.0, (quarters, C))
    state.patents.due = rng(6).exponential(2.0, (C, 26))
    phi, due, queue = state.national.examination, state.national.due, state.patents.due.copy()
    nation = sum(due[known - 4 : known].tolist()) / 4.0
    filed, share = [], kernel(p.examination)
    for t, tally in enumerate(live(state, inventions, p)):
        filed.append(tally["invention_patent_applications"])
        for c in range(C):
            ripe = [
                sum(share[k] * filed[s - k][c] for k in range(min(s + 1, len(share))))
                + (queue[c, s] / phi[s] if s < 26 else 0.0)
                for s in range(t + 1)
            ]
            want = ripe[t]
            if t >= known:
                last = sum(ripe[known - 4 : known]) / 4.0
                want = (1.0 - quota) * ripe[t] + quota * last * due[t] / nation
            assert tally["invention_patents_granted"][c] == pytest.approx(phi[t] * want, abs=1e-10)


def test_what_was_recorded_is_not_changed_by_later_quarters():
    state = state_with(40)
    city = state.tally.city
    city.inventions, city.university_inventions, city.research_results = np.ones((3, C))
    state.patents.in_force[:] = 10.0
    file_and_grant(state, P)
    recorded = dict(city.items())
    before = {name: values.copy() for name, values in recorded.items()}
    state.patents.in_force += 1.0
    state.patents.university += 1.0
    state.patents.applications += 1.0
    assert all((recorded[name] == before[name]).all() for name in recorded)


def test_papers_follow_completed_research_and_the_nation():
    state = state_with(40)
    results = np.arange(C, dtype=float)
    for quarter, tally in enumerate(live(state, np.zeros((6, C)), results=results)):
        close(tally["sci_papers"], results * P.papers * state.national.publication[quarter])


def with_patents(world=WORLD, factor=1.0):
    """A synthetic world with official patents; ``factor`` (P + 1,) by province and nation."""
    years = np.arange(2009, 2015)
    rows = np.ones((world.n_provinces + 1, 1)) * np.array([[10.0, 12, 15, 18, 20, 25]])
    rows = rows * np.broadcast_to(np.asarray(factor, dtype=float), (len(rows),))[:, None]
    rows[-1] *= 20.0
    lines = {APPLICATIONS: 100.0 * rows, GRANTS: 30.0 * rows, IN_FORCE: 200.0 * rows}
    made = {name: Series(years, values, "items", "outcome") for name, values in lines.items()}
    return replace(world, series={**world.series, **made})


def national_of(world, start=2011, end=2014):
    yearly = extend_inputs(world, start, end, roc_secondary_share=0.4, theta=0.45)
    return national_series(world, start, end, P.examination, yearly.gdp)


def opened(world, filed, start=2011):
    """A state at the end of a burn-in in which cities filed ``filed`` (C,) in all."""
    state = state_with(16, world=world)
    state.national = national_of(world, start, start + 3)
    state.patents.applications[:, :4] = filed[:, None] / 4.0
    open_queue(state, start, P)
    return state


def test_the_queue_is_shared_within_provinces_by_what_cities_filed():
    world = with_patents(factor=[1.0, 2.0, 3.0, 4.0, 1.0])
    filed = np.array([1.0, 2.0, 5.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    state = opened(world, filed)
    part = [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1 / 3, 1 / 3, 1 / 3]
    queue = initial_queue(world, 2011, P.examination, state.national)
    close(state.patents.due, np.array(part)[:, None] * np.repeat(queue, 3, axis=0))
    assert not state.patents.applications.any()
    stock = 200.0 * 12.0 * np.repeat([1.0, 2.0, 3.0, 4.0], 3)  # of the end of 2010
    close(state.patents.in_force, np.array(part) * stock)


def test_grants_of_the_first_three_years_are_official():
    """With the inventions that official applications stand for, by province and year."""
    factor = np.array([1.0, 2.0, 3.0, 4.0, 1.0])
    world = with_patents(factor=factor)
    state = opened(world, np.ones(C))
    official = spread(world.series[APPLICATIONS].values[:4, 2:])
    filed = np.repeat(official, 3, axis=0).T / 3.0
    psi = state.national.propensity
    found = live(state, filed[:12] / P.patents / psi[:12, None])
    grants = np.array([t["invention_patents_granted"] for t in found])
    by_year = grants.reshape(3, 4, 4, 3).sum(axis=(1, 3))
    close(by_year, world.series[GRANTS].values[:4, 2:5].T)


def test_where_nothing_is_official_the_burn_in_fills_the_queue():
    state = state_with(40, burn_in=30)
    draw = rng(4)
    inventions = draw.poisson(5.0, (30, C))
    live(state, inventions)
    before = state.patents.applications.copy()
    in_force = state.patents.in_force.copy()
    assert state.quarter == 0
    open_queue(state, 2011, P)
    assert (state.patents.applications == before).all()
    assert (state.patents.in_force == in_force).all()
    assert state.patents.due.shape == (C, 0)
    # it was filled at the propensity of the first quarter, and the next grants come out of it
    psi = state.national.propensity
    cohorts = np.concatenate([inventions * psi[0], np.zeros((8, C))]) * P.patents
    weights = kernel(P.examination)
    for t, tally in enumerate(live(state, np.zeros((8, C)))):
        due = sum(weights[lag] * cohorts[30 + t - lag] for lag in range(RING))
        close(tally["invention_patents_granted"], state.national.examination[t] * due)


def test_what_provinces_file_and_get_is_no_input():
    """Only the last row, the nation's, sets how many are filed and granted."""
    plain = national_of(with_patents())
    other = national_of(with_patents(factor=[9.0, 0.1, 5.0, 2.0, 1.0]))
    for name in ("propensity", "examination", "publication"):
        assert (getattr(plain, name) == getattr(other, name)).all(), name
    more = national_of(with_patents(factor=[1.0, 1.0, 1.0, 1.0, 2.0]))
    close(more.propensity, plain.propensity)  # relative to 2011
    close(more.examination, plain.examination)


@pytest.mark.slow
def test_applications_of_holders_are_those_of_the_owners_of_inventions():
    m = model(scale=0.05, burn_in=20)
    names = ("enterprise", "university", "research_institute")
    found = np.zeros(3)
    for _ in range(4):
        m.step()
        city = m.state.tally.city
        each = [getattr(city, f"invention_applications_service_{name}") for name in names]
        close(sum(each), city.invention_patent_applications, rtol=1e-12)
        found += [values.sum() for values in each]
    assert (found > 0.0).all()


def test_holders_are_counted_by_kind_and_city():
    m = model(scale=0.05, burn_in=0)
    state, table = m.state, m.state.organisations
    owners = np.array([table.of_kind(kind)[n] for kind, n in ((0, 3), (1, 1), (1, 1), (2, 0))])
    state.tally.clear()
    _count_holders(state, owners)
    city, want = state.tally.city, np.zeros((3, state.world.n_cities))
    for i in owners:
        want[table.kind[i], table.city[i]] += 1.0 / state.scale
    close(city.inventions_of_firms, want[0])
    close(city.inventions_of_universities, want[1])
    close(city.inventions_of_institutes, want[2])
