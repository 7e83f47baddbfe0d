import math

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.scalar_match import Draws, drawn_place, scene
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, PILOT
from ydsim.processes.collaboration import share_facilities

CHANNEL = "shared_facility"


def users(quarters=0, **keys):
    return scene(quarters, scale=0.01).with_match(**{"facility_use": 0.5, **keys})


def share(here, other=0):
    draws = here.source.phase("facilities", other)
    share_facilities(here.state, here.environment, draws, here.parameters.match)
    return draws


def links(here):
    return getattr(here.state.tally.links, CHANNEL)


def scalar_share(here, draws):
    """Who is helped, and links realised and expected."""
    state, keys = here.state, here.parameters.match
    table, projects, world = state.organisations, state.projects, state.world
    draws = Draws(draws)
    n = world.n_cities
    science = [[0.0] * len(world.fields) for _ in range(n)]
    for position, row in enumerate(state.active.tolist()):
        if table.kind[row] != FIRM:
            for f, part in enumerate(state.field_share[:, position].tolist()):
                science[table.city[row]][f] += part * float(table.researchers[row])
    helped, count, mean = [], np.zeros((n + 1, n + 1)), np.zeros((n + 1, n + 1))
    for i in range(len(projects)):
        owner, field, key = (int(c[i]) for c in (projects.owner, projects.field, projects.key))
        helped.append(False)
        stuck = projects.stage[i] == PILOT and projects.waits[i]
        if table.kind[owner] != FIRM or not table.alive[owner]:
            continue
        if projects.stage[i] > INVENTION and not stuck:
            continue
        c = int(table.city[owner])
        weight = [
            science[d][field] * math.exp(-here.environment.travel_hours[c, d] / keys.decay_h)
            for d in range(n)
        ]
        a, of = int(table.province[owner]), world.city_province.tolist()
        opened = [float(here.environment.facility_open[a, of[d]]) for d in range(n)]
        use = min(1.0, keys.facility_use / float(here.environment.facility_price[c]))
        for d in range(n):
            part = weight[d] / sum(weight) * opened[d]
            mean[c, d] += use * part / state.scale
        if draws(key, 0) < use:
            d = drawn_place(state, weight, draws(key, 1))
            helped[-1] = draws(key, 2) < opened[d]
            count[c, d] += helped[-1] / state.scale
    return helped, np.stack([count, mean])


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [0, 4])
@pytest.mark.parametrize("open_", [0.35, 1.0])
def test_use_of_facilities_equals_a_loop_over_projects(quarters, open_):
    here = users(quarters, decay_h=1.6)
    inside = np.eye(here.state.world.n_provinces)
    price = np.linspace(0.3, 2.0, here.state.world.n_cities)  # at .3 everybody asks
    here = here.within(facility_open=np.maximum(inside, open_), facility_price=price)
    here.state.projects.helped[:] = True
    want, tallied = scalar_share(here, here.source.phase("facilities", 0))
    share(here)
    assert here.state.projects.helped.tolist() == want
    assert sum(want) > 30
    close(links(here), tallied)


def test_nothing_is_used_where_nobody_asks_or_nobody_has_anything():
    here = users(facility_use=0.0)
    here.state.projects.helped[:] = True
    share(here)
    assert not here.state.projects.helped.any()
    assert not links(here).any()
    here = users(facility_use=1.0)
    table = here.state.organisations
    table.researchers[table.kind != FIRM] = 0.0
    share(here)
    assert not here.state.projects.helped.any()
    assert not links(here).any()
