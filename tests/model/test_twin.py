"""The zero: a twin without policies, lived on demand and shared, or stored for the defaults."""

import pickle
from dataclasses import fields, replace

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.relabelled import relabel_provinces
from tests.support.small import model, scenario, world
from tools.fit_defaults import path_of
from ydsim.agents.means import Means
from ydsim.errors import ScenarioError
from ydsim.model import Model
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.parameters import ActorParameters
from ydsim.stored_zero import StoredZero, controls, load_zero
from ydsim.twin import LARGEST_SCALE, Twin, twin_settings, zero_remark
from ydsim.world.loader import load_world

GRANTS = {"firm_grants": {"policy": "rd_grants", "rate": 0.3}}
NAMES = [f.name for f in fields(Means)]


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in NAMES)


def test_a_twin_has_all_actors_no_policies_no_shocks_and_the_central_path():
    given = scenario(
        scale=0.4,
        policies=GRANTS,
        parameters={"actors.media": False, "match.lead": 0.5},
        shocks=[{"name": "a", "kind": "delete_projects", "year": 2011, "share": 0.1}],
        governance={"mode": "tournament"},
    )
    twin = twin_settings(given)
    assert set(twin.policies) == {"border_friction"}  # which does nothing without a level
    assert twin.policies["border_friction"].level is None
    assert not twin.shocks
    assert twin.parameters.actors == ActorParameters()
    assert twin.parameters.inputs.uncertainty == 0.0
    assert twin.parameters.match.lead == 0.5
    assert (twin.start, twin.end, twin.seed) == (given.start, given.end, given.seed)
    assert twin.scale == LARGEST_SCALE
    assert twin.governance.mode == "fixed"


@pytest.mark.slow
def test_a_run_without_policies_is_its_own_twin():
    """Nothing is above or below the zero, and values are those of the twin to the last bit."""
    m = model(policies={}, years=1, scale=0.02, burn_in=8)
    twin = Model(twin_settings(m.settings), world=m.world, twin=True)
    while m.running:
        m.step()
        twin.step()
        assert same(m.state.means, twin.state.means)
        assert same(m._path.at(m.state.quarter - 1), twin.state.means)
    for name in ("launches", "inventions", "rd_expenditure"):
        assert (m.recorder.series(name) == twin.recorder.series(name)).all()


@pytest.mark.slow
def test_what_all_gain_is_not_taken_away():
    """Grants everywhere raise knowledge everywhere, which a twin that had them would hide."""
    # all firms answer to grants, which are not spent on pay, so that they reach knowledge
    plenty = {"talent.scarce_supply": False}
    m = model(policies=GRANTS, years=2, scale=0.05, parameters=plenty).run()
    itself = Model(m.settings, world=m.world, twin=True).run()
    table, own = m.state.organisations, itself.state.organisations
    gained = table.knowledge[table.alive].mean() - own.knowledge[own.alive].mean()
    assert gained > 0.005
    plain = model(policies={}, years=2, scale=0.05, parameters=plenty).run().state.organisations
    # measured against itself the run with grants knows no more than the one without
    kept = own.knowledge[own.alive].mean() - plain.knowledge[plain.alive].mean()
    assert abs(kept) < gained / 3.0


@pytest.mark.slow
def test_runs_of_one_parametrisation_share_a_twin():
    place = world()
    one = Model(scenario(policies=GRANTS, years=1), world=place)
    other = Model(scenario(policies={}, years=1), world=place, replicate=3)
    assert one._path is other._path
    assert Model(scenario(years=1, seed=9), world=place)._path is not one._path
    changed = scenario(years=1, parameters={"match.lead": 0.7})
    assert Model(changed, world=place)._path is not one._path


def test_a_twin_is_lived_a_quarter_at_a_time_and_let_go():
    class Counting:
        made, steps = 0, 0

        def __init__(self):
            Counting.made += 1
            self.state = type("State", (), {"means": Means.none(1, 1)})()

        def step(self):
            Counting.steps += 1
            self.state.means.launches = float(Counting.steps)

    twin = Twin(Counting, 3, "said")
    assert Counting.made == 0
    assert twin.at(1).launches == 2.0
    assert (Counting.made, Counting.steps) == (1, 2)
    assert twin.at(0).launches == 1.0
    assert Counting.steps == 2
    assert twin.at(2).launches == 3.0
    assert twin._model is None
    assert zero_remark(twin) == ["said"]
    assert zero_remark(None) == []


@pytest.mark.slow
def test_the_stored_zero_is_that_of_the_defaults():
    """Make it anew with: python -m tools.fit_defaults zero --write"""
    plain = twin_settings(load_scenario("baseline"))
    stored = load_zero(load_world("yrd"))
    assert stored is not None
    assert stored.parameters.split(":")[0] == scenario_hash(controls(plain))
    assert stored.suits(plain)
    assert Model(plain.model_copy(update={"scale": 0.002})).notes == []
    assert not stored.suits(plain.model_copy(update={"end": 2099}))
    assert not stored.suits(plain.model_copy(update={"start": 2014}), ignore_parameters=True)
    changed = twin_settings(load_scenario("baseline", {"parameters.match.lead": 0.7}))
    assert not stored.suits(changed)
    assert stored.suits(changed, ignore_parameters=True)


def test_a_changed_world_has_another_zero_than_the_stored_one():
    place = load_world("yrd")
    assert load_zero(place) is not None
    assert load_zero(relabel_provinces(place, (3, 2, 1, 0))) is None
    assert load_zero(replace(place, university_city=0 * place.university_city)) is None


@pytest.mark.slow
def test_worlds_that_are_loaded_twice_share_a_twin():
    changed = {"parameters.match.lead": 0.7, "scale": 0.002, "end": 2011}
    one, other = (Model(load_scenario("synthetic", changed), replicate=r) for r in range(2))
    assert one.world is not other.world
    assert one._path is other._path
    pickle.loads(pickle.dumps(one))


def test_a_twin_that_was_stopped_begins_anew():
    made = []

    class Stopping:
        def __init__(self):
            made.append(self)
            self.state = type("State", (), {"means": Means.none(1, 1)})()

        def step(self):
            self.state.means.launches += 1.0
            if len(made) == 1 and self.state.means.launches == 2.0:
                raise KeyboardInterrupt

    twin = Twin(Stopping, 9, "said")
    assert twin.at(0).launches == 1.0
    with pytest.raises(KeyboardInterrupt):
        twin.at(3)
    assert [twin.at(k).launches for k in range(4)] == [1.0, 2.0, 3.0, 4.0]
    assert len(made) == 2


@pytest.mark.parametrize("changed", [{"end": 2099}, {"start": 2014}, {"world": "synthetic"}])
def test_a_stored_zero_that_is_not_there_is_refused(changed):
    scenario_ = load_scenario("baseline", {"scale": 0.002, "zero": "stored"})
    with pytest.raises(ScenarioError, match="zero: no stored zero for world"):
        Model(scenario_.model_copy(update={"policies": {}, **changed}))


@pytest.mark.slow
def test_the_choice_between_the_own_and_the_stored_zero_is_the_scenarios():
    changed = {"parameters.match.lead": 0.7, "scale": 0.002, "end": 2011}
    own = Model(load_scenario("baseline", changed))
    stored = Model(load_scenario("baseline", {**changed, "zero": "stored"}))
    assert isinstance(own._path, Twin)
    assert "seed 1" in own.notes[-1]
    assert isinstance(stored._path, StoredZero)
    assert stored.notes == []


@pytest.mark.slow
def test_the_stored_zero_is_what_a_twin_lives_today():
    """Under other seeds, the first three years."""
    stored = load_zero(load_world("yrd"))
    assert stored is not None
    paths = []
    for seed in (5, 6, 7):
        changed = {"scale": 0.05, "seed": seed, "end": 2013}
        paths.append(path_of(twin_settings(load_scenario("baseline", changed))))
    zero = StoredZero(stored)
    for quarter in (0, 5, 11):
        found, want = [path[quarter] for path in paths], zero.at(quarter)

        def middle(name, found=found):
            return np.median([getattr(one, name) for one in found], axis=0)

        close(middle("effort"), want.effort, rtol=0.2)  # industries are drawn by replicate
        # the drift of a run scatters by .002 (standard deviation over seeds)
        close(middle("drift"), want.drift, atol=0.004)
        close(middle("access").sum(), want.access.sum(), rtol=0.05)
        assert middle("launches") == pytest.approx(want.launches, rel=0.1)
        # one good founder of a seed raises its mean for eight quarters, and none lowers it so
        least = min(one.founder_quality for one in found)
        assert least == pytest.approx(want.founder_quality, rel=0.1)
        assert middle("returns") == pytest.approx(want.returns, rel=0.1)
