"""The interval: replicates of the ensemble, paired for A and B, in bands that hold their range."""

import numpy as np
import pytest

from tests.support.explored import SMALL, choices
from ydsim.explorer.pictures import REGION, Pictures, View
from ydsim.explorer.session import Session
from ydsim.explorer.settings import Choice
from ydsim.explorer.watch import HEADLINES, LINES, MONEY, Further, with_members, yearly
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.load import load_scenario

QUARTERS = 16


@pytest.fixture(scope="module")
def further(session):
    """Three further runs of A and B, of made-up numbers."""
    draws, places = np.random.default_rng(1), 1 + session.watches[0].model.world.n_provinces
    found = Further(tuple(one.resolved().scenario for one in choices()), 3)
    for _ in range(3):
        sides = []
        for more in (1.0, 2.0):
            one = {MONEY: more + draws.random((QUARTERS, 1))}
            for name in (*LINES.values(), *HEADLINES):
                wide = places if "province" in INDICATORS[name].levels else 1
                one[name] = more + draws.random((QUARTERS, wide))
            sides.append(one)
        found.runs.append(tuple(sides))
    return found


def test_bands_are_ranges_of_runs_and_of_their_differences(further):
    values = np.array([[side["launches"][:, 1] for side in run] for run in further.runs])
    for k in range(2):
        low, high = further.band(k, "launches", 1)
        assert np.array_equal(low, values[:, k].min(axis=0))
        assert np.array_equal(high, values[:, k].max(axis=0))
    low, high = further.change("launches", 1)
    apart = values[:, 1] - values[:, 0]
    assert np.allclose(low, apart.min(axis=0), atol=1e-9)
    assert np.allclose(high, apart.max(axis=0), atol=1e-9)


def test_one_run_alone_has_no_range(further):
    one = Further(further.asked, 9)
    assert one.band(0, "launches") is None
    one.runs = further.runs[:1]
    assert one.change("launches") is None


@pytest.mark.parametrize("number", [1, 2])
def test_pictures_have_the_band_from_the_first_to_the_last_year(session, further, number):
    pictures = Pictures(session.watches[0].model.world, "synthetic")
    watches = session.watches[:number]
    plain, banded = (
        pictures.all(watches, View(place=REGION, further=each)) for each in (None, further)
    )
    for before, card in zip(plain["cards"], banded["cards"], strict=True):
        polygons = [svg.count("<polygon") for svg in card.get("svg", ())]
        if card["id"] in (*LINES, "spread"):
            assert polygons == ([1] if number == 1 else [2, 1])
            assert "60" in card["note"], "four runs hold a fifth with three fifths"
            points = card["svg"][0].partition('<polygon points="')[2].partition('"')[0].split()
            assert len(points) == 2 * QUARTERS
        assert not any("<polygon" in svg for svg in before.get("svg", ()))
    shown = [100.0 * watch.series("adopted_share")[9] for watch in watches]
    ends = further.change("adopted_share") if number == 2 else further.band(0, "adopted_share")
    own = shown[1] - shown[0] if number == 2 else shown[0]
    low, high = min(own, 100.0 * ends[0][9]), max(own, 100.0 * ends[1][9])
    text = banded["tiles"][HEADLINES.index("adopted_share")]["change"].rpartition("[")[2][:-1]
    found = [float(each.replace("\u2212", "-")) for each in text.split(", ")]
    assert np.allclose(found, [low, high], atol=0.5)


def test_the_members_of_the_world_are_taken_and_what_is_set_is_kept():
    plain = with_members(Choice("baseline").resolved().scenario)
    members = load_scenario("baseline", {"ensemble": "members"})
    assert plain.ensemble == members.ensemble
    further = Further((plain,), 9)
    assert len({*further.replicates}) == 9
    assert 0 < min(further.replicates) <= 4
    assert 35 < max(further.replicates) < 40
    own = with_members(Choice("baseline", {"parameters.explore.ideas": 0.5}).resolved().scenario)
    assert own.of_replicate(3).parameters.explore.ideas == 0.5
    assert own.of_replicate(3).parameters.match == members.of_replicate(3).parameters.match
    other = Choice("synthetic", SMALL).resolved().scenario
    assert with_members(other) == other


@pytest.mark.slow
def test_further_runs_are_replicates_of_the_ensemble():
    values = {"ensemble.explore.ideas": [0.05, 0.2], "end": 2012}
    scenarios = tuple(one.over(values).resolved().scenario for one in choices())
    further, session = Further(scenarios, 2), Session(lambda: None)
    while not further.over:
        further.step(session._model)
    assert further.members == 2
    assert further.replicates == [1, 2]
    assert [*session._burnt] == [2]
    for run, replicate in zip(further.runs, further.replicates, strict=True):
        for scenario, seen in zip(scenarios, run, strict=True):
            model = Model(scenario, replicate=replicate).run()
            record = model.recorder.series
            mine = yearly(record("rd_expenditure", "province"))
            assert np.array_equal(seen["rd_expenditure"][:, :-1], mine)
            assert np.array_equal(seen["rd_expenditure"][:, -1], yearly(record("rd_expenditure")))
            assert np.array_equal(seen["adopted_share"][:, -1], record("adopted_share"))
    assert (further.change(MONEY)[0] > 0.0).any()  # B pays higher grants
