"""What policies cost to run, and hours of travel: recorded by year or by distance."""

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.support.small import model, scenario
from tests.support.small import world as small_world
from ydsim.model import Model
from ydsim.policies.environment import rules
from ydsim.processes.enact import Baselines, baseline_environment
from ydsim.processes.seek import seek
from ydsim.scenario.schema.parameters import Parameters
from ydsim.world.world import World


def costs(m, flow):
    return [entry for entry in m.state.ledger.entries if entry.flow == flow]


def test_targeted_provinces_share_by_value_added():
    target = {"provinces": ["Province 2", "Province 3"]}
    m = model(burn_in=0, policies={"border_friction": {"cost": 4.0, "target": target}})
    table, firms = m.state.organisations, m.state.firms
    size = m.state.by_province(firms, table.value_added[firms])
    m.step()
    (bill,) = (entry.amount for entry in costs(m, "border_friction"))
    names = np.array(m.world.provinces)
    paying = np.isin(names, target["provinces"])
    assert paying.sum() == 2
    want = np.where(paying, size, 0.0) / size[paying].sum() * m.state.scale
    assert bill == pytest.approx(want, rel=1e-12)
    m.step()
    assert sum(entry.amount.sum() for entry in costs(m, "border_friction")) == pytest.approx(
        2.0 * m.state.scale
    )


YEARS = (2010, 2011, 2013)
ACCESS, RIDE = 0.25, 1.5


def recorded_world(gap=True):
    """A world in which rides get faster; in the second record a pair is missing."""
    place = small_world()
    n = place.n_cities
    draw = np.random.default_rng(3).uniform(1.0, 3.0, (n, n))
    first = (draw + draw.T) * (1.0 - np.eye(n))
    hours = np.stack([first, 0.7 * first, 0.5 * first])
    if gap:
        hours[1, 0, 5] = hours[1, 5, 0] = np.nan
    return replace(place, rail_years=np.array(YEARS), rail_hours=hours)


def parameters(hours="recorded"):
    given = {"travel": {"hours": hours, "access_h": ACCESS, "ride": RIDE}}
    return Parameters.model_validate(given)


def baselines(place: World, hours="recorded", start=2011) -> Baselines:
    keys = parameters(hours)
    return Baselines(baseline_environment(place, keys), place, keys, start)


def scalar_hours(place: World, year: float, c: int, d: int, start: int) -> float:
    """The rule in plain words: the last record before the year, else the first."""
    calendar = max(int(year), start)
    held = YEARS[0]
    for each in YEARS:
        if each < calendar:
            held = each
    ride = float(place.rail_hours[YEARS.index(held), c, d])
    if ride != ride:  # not recorded
        return RIDE * float(place.distance_km[c, d]) / 160.0 + ACCESS
    return RIDE * ride + ACCESS


@pytest.mark.parametrize("start", [2011, 2014])
@pytest.mark.parametrize("year", [2007.0, 2011.0, 2011.75, 2012.0, 2013.75, 2014.0, 2050.5])
def test_hours_equal_the_scalar_rule(year, start):
    place = recorded_world()
    got = baselines(place, start=start).at(year).travel_hours
    n = place.n_cities
    want = [[scalar_hours(place, year, c, d, start) for d in range(n)] for c in range(n)]
    np.testing.assert_array_equal(got, np.array(want))
    np.testing.assert_array_equal(got, got.T)
    np.testing.assert_array_equal(np.diag(got), ACCESS)


@pytest.mark.parametrize("hours", ["recorded", "distance"])
def test_without_records_and_switched_off_the_rule_is_distance_to_the_last_bit(hours):
    place = small_world() if hours == "recorded" else recorded_world()
    known, plain = baselines(place, hours), baseline_environment(small_world(), parameters())
    for year in (2005.0, 2011.0, 2012.25, 2020.0):
        for field in fields(plain):
            got, want = getattr(known.at(year), field.name), getattr(plain, field.name)
            if field.name in rules():
                assert got.tobytes() == want.tobytes(), field.name
    assert known.at(2011.0) is known.at(2020.0)


def travelling(place, hours="recorded", **keys):
    settings = scenario(burn_in=0, years=4, parameters={"travel.hours": hours}, **keys)
    return Model(settings, world=place)


def test_search_compares_with_the_hours_of_the_same_quarter(monkeypatch):
    """Acc0: an opening alone, which is no policy, leaves search as often as before."""
    m = travelling(recorded_world(gap=False), policies={})
    seen = []

    def watch(state, environment, draws, keys, plain, lasting):
        seen.append((environment.travel_hours, plain.travel_hours))
        return seek(state, environment, draws, keys, plain, lasting)

    monkeypatch.setattr("ydsim.model.seek", watch)
    for _ in range(13):
        m.step()
    for now, plain in seen:
        np.testing.assert_array_equal(now, plain)
    assert seen[12][0].sum() < seen[4][0].sum() < seen[3][0].sum() == seen[0][0].sum()
