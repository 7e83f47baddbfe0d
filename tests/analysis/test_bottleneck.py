"""Capacities one at a time, on a model whose elasticities are planted."""

import math

import numpy as np
import pytest

from tests.support import planted
from ydsim.analysis import capacities
from ydsim.analysis.bottleneck import design, finding_of
from ydsim.analysis.capacities import CAPACITIES, Capacity, Move, capacities_of, level_of
from ydsim.analysis.capacity_gains import gains_of
from ydsim.analysis.obstacles import NEEDED, degrees
from ydsim.analysis.sweep_values import require
from ydsim.design.levels import TAKEN
from ydsim.errors import UsageError
from ydsim.pages.bottleneck import bottleneck_of
from ydsim.record.coupling import PER_RESIDENT
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.world.measure_base import load_measure_base

SMALL = {"end": 2014}
PLAIN = plain_scenario(load_scenario("baseline"))
BY_NAME = {one.name: one for one in CAPACITIES}


def of(folder, model=planted.Planted, *, replicates=3, only=tuple(planted.ELASTICITY)):
    sweep = design("baseline", SMALL, only=only, replicates=replicates)
    return bottleneck_of(planted.run(sweep, folder, model), outcomes=["launches"])


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    return of(tmp_path_factory.mktemp("exact") / "out")


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    return of(tmp_path_factory.mktemp("noisy") / "out", planted.Noisy)


def elasticities(found):
    return {gain.capacity.name: gain.elasticity for gain in found.found.gains["launches"]}


@pytest.mark.slow
def test_planted_elasticities_are_found(exact):
    found = elasticities(exact)
    assert {k: v.estimate for k, v in found.items()} == pytest.approx(planted.ELASTICITY, abs=1e-9)
    first = exact.found.gains["launches"][0]
    assert first.capacity.name == "industrialisation_pace"
    assert (first.tightening, first.relaxing) == pytest.approx((0.8, 0.8))
    assert (first.down, first.up) == pytest.approx((0.8, 1.25))
    assert exact.found.step == pytest.approx(25.0)


@pytest.mark.slow
def test_intervals_hold_what_was_planted_and_ranks_follow(noisy):
    for name, found in elasticities(noisy).items():
        assert found.low < planted.ELASTICITY[name] < found.high
    gains = noisy.found.gains["launches"]
    assert [(gain.rank, gain.best, gain.worst) for gain in gains] == [
        (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4),
    ]  # fmt: skip
    assert noisy.found.ties["launches"] == {"stage": (), "friction": ()}


@pytest.mark.slow
def test_words_name_the_bottleneck(noisy):
    text = noisy.paragraph
    assert "Launches: of the stages of the chain, most comes from pace of industrialisation" in text
    assert "distinguished from the next, ideas a researcher has" in text
    assert "Of the frictions none can be shown to raise it" in text
    assert "More of it lowers launches: cheaper search for partners" in text
    assert "fewest projects pass invention: of 100 that leave it 50" in text
    assert "They stay longest in industrialisation, 8.00 quarters" in text
    assert "is not that one but industrialisation" in text


@pytest.mark.slow
def test_what_cannot_be_told_apart_is_said(tmp_path):
    found = of(tmp_path / "out", planted.Drowned)
    assert "of the stages of the chain none can be shown to raise it" in found.paragraph
    gains = found.found.gains["launches"]
    assert (gains[0].best, gains[0].worst) == (1, 4)
    assert "No capacity can be told to raise launches" in text_of(found)


@pytest.mark.slow
def test_one_replicate_says_so(tmp_path):
    found = of(tmp_path / "out", replicates=1)
    assert "one replicate tells nothing of chance" in found.paragraph
    assert found.table["low"].isna().all()
    assert "cannot be told" in text_of(found)
    gains = found.found.gains["launches"]
    assert [(gain.best, gain.worst) for gain in gains] == [(1, 4)] * 4


def text_of(found):
    texts = found.plot().findobj(match=lambda artist: hasattr(artist, "get_text"))
    return " ".join(text.get_text() for text in texts)


@pytest.mark.slow
def test_the_figure_names_the_first_and_who_made_it(noisy):
    text = text_of(noisy)
    assert "Launches gain most from pace of industrialisation" in text
    assert noisy.found.made_by in text
    assert "n = 3 replicates" in text


@pytest.mark.slow
def test_the_stages_of_the_unmoved_runs(exact):
    table = exact.stages.set_index(["quantity", "stage"])["value"]
    assert table["passes"].tolist() == pytest.approx(list(planted.PASSES))
    assert table["quarters"].tolist() == pytest.approx([2.0, 2.0, 2.0, 8.0, 2.0])


def test_pooled_intervals_hold_at_their_level():
    """Also where replicates share much noise, which pairs take out."""
    draw = np.random.default_rng(11)
    names = [f"c{i}" for i in range(10)]
    made = {n: Capacity(n, "stage", n, (Move("explore.ideas", "times"),)) for n in names}
    ends = {n: {"less": 1 + 2 * i, "more": 2 + 2 * i} for i, n in enumerate(names)}
    levels = {n: {"less": 0.8, "more": 1.25} for n in names}
    held = 0
    for _ in range(60):
        y = (
            100.0
            * (1.0 + draw.normal(0.0, 0.2, 3))[None, :]
            * (1.0 + draw.normal(0, 0.02, (21, 3)))
        )
        gains, _ = gains_of(y, made, ends, levels)
        held += sum(gain.elasticity.includes_zero for gain in gains)
    assert 0.90 < held / 600 < 0.985


def test_a_capacity_moves_all_of_its_keys():
    pace = level_of(BY_NAME["pilot_pace"], PLAIN, 1.25)
    assert pace.keys["parameters.chain.effort"] == pytest.approx([4.0, 6.0, 9.6, 30.0, 4.0])
    assert pace.keys["parameters.chain.duration"] == pytest.approx([2.0, 2.0, 2.4, 4.0, 1.0])
    border = level_of(BY_NAME["border_projects"], PLAIN, 1.25)
    assert border.keys == {"parameters.match.border": pytest.approx(1.0 - 0.15 * 1.25)}
    search = level_of(BY_NAME["search"], PLAIN, 0.8)
    assert search.keys == {"parameters.match.search_cost": pytest.approx(0.375)}


def test_a_capacity_goes_as_far_as_its_bounds():
    open_border = plain_scenario(load_scenario("baseline", {"parameters.compete.border": 0.1}))
    up = level_of(BY_NAME["border_goods"], open_border, 1.25)
    assert up.factor == pytest.approx(1.0 / 0.9)
    assert up.keys == {"parameters.compete.border": 0.0}
    gone = plain_scenario(load_scenario("baseline", {"parameters.match.search_cost": 0.0}))
    assert level_of(BY_NAME["search"], gone, 1.25) is None


def test_borders_that_a_policy_sets_are_one_capacity():
    plain = plain_scenario(load_scenario("one_region"))
    names = [one.name for one in capacities_of(plain)]
    level = plain["policies"]["border_friction"]["level"]
    assert level is not None
    assert capacities.ALL_BORDERS in names
    assert "border_goods" not in names
    assert len(capacities_of(PLAIN)) == len(names) + 4


def test_every_capacity_exists_and_can_be_moved():
    for one in capacities_of(PLAIN):
        up, down = level_of(one, PLAIN, 1.25), level_of(one, PLAIN, 0.8)
        assert up is not None, one.name
        assert down is not None, one.name
        load_scenario("baseline", up.keys)
        load_scenario("baseline", down.keys)
    assert len({one.name for one in CAPACITIES}) == len(CAPACITIES)
    # they are columns of the table of runs, beside the indicators
    assert not {one.name for one in CAPACITIES} & {*INDICATORS, *TAKEN}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"only": ["pilot_pce"]}, "no capacity is called 'pilot_pce'; did you mean 'pilot_pace'?"),
        ({"step": 0.0}, "step: expected per cent, above 0 and at most 200, found 0.0"),
        ({"step": 250.0}, "step: expected per cent, above 0 and at most 200, found 250.0"),
        ({"replicates": 0}, "replicates: expected a whole number from 1"),
        ({"only": ["search"], "overrides": {"parameters.match.search_cost": 0.0}},
         "baseline: has no room to move search"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(options, said):
    with pytest.raises(UsageError) as caught:
        design("baseline", **options)
    assert str(caught.value).startswith(said)


def test_outcomes_are_looked_at_before_anything_is_run():
    sweep = design("baseline", SMALL, only=["stages"])
    with pytest.raises(UsageError, match="no indicator of the region is called"):
        require(sweep, ["launchs"], None)
    assert sweep.size == 27


@pytest.mark.slow
def test_an_outcome_that_is_not_positive_has_no_elasticity(tmp_path):
    sweep = design("baseline", SMALL, only=["idea_rate"], replicates=2)
    results = planted.run(sweep, tmp_path / "out")
    found = bottleneck_of(results, outcomes=["launches", "productivity_log"])
    assert math.isnan(found.found.gains["productivity_log"][0].elasticity.estimate)
    assert "Productivity of firms: not positive at every point" in found.paragraph
    assert "Launches: of the stages" in found.paragraph
    found.plot()
    alone = bottleneck_of(results, outcomes=["productivity_log"])
    assert "productivity of firms has no elasticity" in text_of(alone)


def test_other_designs_are_refused(tmp_path):
    from tests.support import fake_sweep

    results = fake_sweep.run(tmp_path / "out")
    with pytest.raises(UsageError, match="these are no runs of `ydsim bottleneck`"):
        finding_of(results)


def test_a_capacity_that_is_moved_one_way_has_its_elasticity(tmp_path):
    changes = {**SMALL, "parameters.compete.border": 0.0}
    sweep = design("baseline", changes, only=["border_goods", "idea_rate"], replicates=2)
    assert sweep.size == 4
    found = bottleneck_of(planted.run(sweep, tmp_path / "out"), outcomes=["launches"])
    goods = next(g for g in found.found.gains["launches"] if g.capacity.name == "border_goods")
    assert (goods.down, goods.up) == (pytest.approx(0.8), 1.0)
    assert math.isnan(goods.relaxing)


def test_obstacles_are_what_lacks_by_weight():
    base = load_measure_base()
    people = 100.0
    best = {n: base.best[n] * (people if n in PER_RESIDENT else 1.0) for n in NEEDED}
    values = {name: np.array([value, value]) for name, value in best.items()}
    values["rd_expenditure"] = np.array([0.5, 1.0]) * best["rd_expenditure"]
    values["value_added_secondary"] = np.array([0.5, 0.5]) * best["value_added_secondary"]
    found = degrees(values, people, base)
    a, b = base.weight["rd_expenditure"], base.weight["value_added_secondary"]
    assert found["rd_expenditure"] == pytest.approx([a / (a + b), 0.0])
    assert found["value_added_secondary"] == pytest.approx([b / (a + b), 1.0])
    assert found["sci_papers"] == pytest.approx([0.0, 0.0])
    reached = degrees({n: np.array([v]) for n, v in best.items()}, people, base)
    assert np.isnan(reached["sci_papers"]).all()
