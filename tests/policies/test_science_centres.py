"""Science centres: basic research of a few cities becomes more productive."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.small import after_burn_in
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import APPLIED
from ydsim.processes.advance import advance
from ydsim.processes.explore import explore
from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world
from ydsim.world.synthetic import synthetic_world


def test_the_centres_are_in_shanghai_and_hefei_unless_told_otherwise():
    scenario = load_scenario("synthetic", {"policies.science_centres.start": 2016.0})
    assert check_against_world(scenario, load_world("yrd")) == []
    lines = check_against_world(scenario, synthetic_world(4, 3))
    (line,) = lines
    assert line.startswith(
        "policies.science_centres.target.cities: the default is of another world"
    )
    assert "lacks Shanghai, Hefei; name cities of its own" in line
    moved = {"policies.science_centres.target": {"cities": ["Hangzhou"]}}
    policy = load_scenario("baseline", moved).policies["science_centres"]
    assert policy.target.cities == ("Hangzhou",)


# -- what it moves ---------------------------------------------------------------------------------


def test_ideas_rise_by_the_factor_and_those_of_firms_and_of_other_cities_stay():
    """Poisson counts: those of science in the city at ten times the rate."""
    counts = []
    for factor in (1.0, 10.0):
        m = after_burn_in(years=1, scale=0.3, burn_in=4)
        basic = np.ones(m.world.n_cities)
        basic[4] = factor
        chain = m.parameters.chain.model_copy(update={"span": 1e-9})  # room for all
        before = len(m.state.projects)
        where = replace(m.environment, science_productivity=basic)
        draws = m.noise.phase("explore", 0)
        explore(m.state, where, draws, draws, m.parameters.explore, chain)
        new = slice(before, None)
        projects = m.state.projects
        centre = (projects.origin_city[new] == 4) & (projects.origin[new] != FIRM)
        counts.append((centre.sum(), projects.key[new][~centre].tolist()))
    (few, others), (many, same) = counts
    assert others == same
    assert few > 30
    assert many == pytest.approx(10.0 * few, rel=5.0 / np.sqrt(few))


def test_applied_research_of_science_progresses_by_the_factor_and_nothing_else_does():
    """More than one quarter's work is left, so that nothing is completed."""
    done = {}
    for factor in (1.0, 1.5):
        m = after_burn_in(years=1, scale=0.03, burn_in=12)
        state, projects = m.state, m.state.projects
        projects.keep(state.organisations.alive[projects.owner] & ~projects.sold)
        projects.done[:] = 0.0
        effort = tuple(1e6 for _ in m.parameters.chain.effort)
        safe = {"effort": effort, "failure": 0.0, "waiting_death": 0.0}
        chain = m.parameters.chain.model_copy(update=safe)
        table = state.organisations
        kind, stage = table.kind[projects.owner].copy(), projects.stage.copy()
        advance(
            state, m._draws("advance"), chain, m.parameters.match, productivity=np.full(12, factor)
        )
        done[factor] = projects.done.copy(), projects.effort.copy()
    basic = (kind != FIRM) & (stage == APPLIED)
    assert (done[1.0][0][basic] > 0.0).sum() > 5
    assert done[1.5][0][basic] == pytest.approx(1.5 * done[1.0][0][basic], rel=1e-12)
    assert (done[1.5][0][~basic] == done[1.0][0][~basic]).all()
    assert (done[1.5][1] == done[1.0][1]).all()  # with the same effort
    assert (~basic).sum() > 5
