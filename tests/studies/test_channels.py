"""Channels of a policy one by one: a linear toy adds up, a planted interaction is found."""

import math
from dataclasses import astuple
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import ydsim
from tests.support import fake_channels as fake
from tests.support import fake_sweep
from tests.support.figures import marks_of
from tests.support.sweep_files import stand_in
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.measures.effects import around, effect, standard_error
from ydsim.policies.base import Policy
from ydsim.policies.environment import CHANNELS
from ydsim.results.cube import Outcome
from ydsim.scenario.load import load_scenario
from ydsim.studies import channels
from ydsim.studies.channels import (
    COST,
    INTERACTION,
    SUM,
    TOGETHER,
    _parts_and_rest,
    _parts_of,
    design,
    in_words,
    read,
    require,
    suits,
)

FACTORS = 1.0 + np.arange(3) / 10.0
"""Of replicates, in the toy."""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(fake.BASE, encoding="utf-8")


def found(monkeypatch, model=fake.LinearModel, overrides=None, replicates=3, **keys):
    stand_in(monkeypatch, model)
    return channels.run(
        "toy.yaml", "border_friction", overrides, replicates=replicates, jobs=1, **keys
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What is found in both toys, three replicates each."""
    folder = tmp_path_factory.mktemp("toys")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("toy.yaml").write_text(fake.BASE, encoding="utf-8")
        both = (fake.LinearModel, fake.Together)
        return {model: found(patch, model, out=folder / model.__name__) for model in both}


def test_the_formulas_by_hand():
    base, a, b = np.array([10.0, 12.0]), np.array([11.0, 14.0]), np.array([10.0, 11.0])
    every = np.array([13.0, 14.0])
    got = _parts_and_rest([base, a, b, every], ["a", "b"])
    assert list(got) == ["a", "b", TOGETHER, SUM, INTERACTION]
    assert (got[SUM] - base).tolist() == [1.0, 1.0]  # (1, 2) and (0, -1)
    assert (got[INTERACTION] - base).tolist() == [2.0, 1.0]  # (3, 2) less the sum
    assert effect(base, got[INTERACTION]).difference.estimate == 1.5


def test_what_differs_by_rounding_alone_is_no_interaction():
    base = np.array([1000.0, 1000.1])
    parts = [base + 0.1, base + 0.2]
    got = _parts_and_rest([base, *parts, base + (0.1 + 0.2)], ["a", "b"])
    assert got[INTERACTION].tobytes() == base.tobytes()
    off = [base + 0.1 + 8e-7, base + 0.2 + 8e-7, base + 0.3 - 8e-7]  # each in its tenth digit
    assert _parts_and_rest([base, *off], ["a", "b"])[INTERACTION].tobytes() == base.tobytes()
    real = _parts_and_rest([base, *parts, base + 0.3001], ["a", "b"])
    assert (real[INTERACTION] - base) == pytest.approx([1e-4] * 2, rel=1e-6)


@pytest.mark.slow
def test_channels_that_add_up_have_no_interaction(made):
    got = made[fake.LinearModel].of("rd_expenditure")
    assert list(got) == [*fake.WEIGHTS, TOGETHER, SUM, INTERACTION]
    for name, weight in fake.WEIGHTS.items():
        gap = 4.0 * weight * FACTORS  # four quarters a year
        assert got[name].effect.difference.estimate == pytest.approx(gap.mean(), abs=1e-6)
    whole = 4.0 * sum(fake.WEIGHTS.values()) * FACTORS
    assert got[TOGETHER].effect.difference.estimate == pytest.approx(whole.mean())
    want, found = around(whole.mean(), standard_error(whole), 3), got[SUM].effect.difference
    assert (found.estimate, found.low, found.high) == pytest.approx(astuple(want))
    assert got[INTERACTION].effect.difference.estimate == 0.0
    assert got["knowledge"].effect.difference.estimate == 0.0


@pytest.mark.slow
def test_a_planted_interaction_is_found_with_its_own_interval(made):
    got = made[fake.Together].of("rd_expenditure")
    extra = 8.0 * (1.0 + np.arange(3) / 100.0)
    want = around(extra.mean(), standard_error(extra), 3)
    gap = got[INTERACTION].effect.difference
    assert (gap.estimate, gap.low, gap.high) == pytest.approx((want.estimate, want.low, want.high))
    assert got[INTERACTION].significant
    assert got[TOGETHER].effect.difference.estimate == pytest.approx(
        got[SUM].effect.difference.estimate + gap.estimate
    )
    # the luck of the sum is shared: the interval is narrower than that of all together
    whole = got[TOGETHER].effect.difference
    assert gap.high - gap.low < 0.3 * (whole.high - whole.low)
    assert math.isnan(got[SUM].p_holm)


def test_the_cost_is_a_part_of_its_own_and_no_channel_pays_it(monkeypatch):
    made = found(monkeypatch, overrides=["policies.border_friction.cost=2"])
    got = made.of("rd_expenditure")
    assert made.parts == (*fake.WEIGHTS, COST)
    assert got[COST].effect.difference.estimate == pytest.approx(8.0 * fake.COST)
    assert got["goods"].effect.difference.estimate == pytest.approx(12.0 * FACTORS.mean())
    assert math.isnan(got[SUM].p_holm)
    assert not math.isnan(got["goods"].p_holm)
    assert got[INTERACTION].effect.difference.estimate == 0.0


def test_channels_and_strength_that_are_laid_over_count(monkeypatch):
    given = {"policies.border_friction.channels": ["talent", "goods"],
             "policies.border_friction.strength": 0.5, "seed": 9}  # fmt: skip
    made = found(monkeypatch, overrides=given)
    assert made.parts == ("goods", "talent")
    design = ydsim.open_results("results/toy-channels-border_friction").design
    assert design["policies.border_friction.strength"].tolist() == [0.0, 0.5, 0.5, 0.5]
    assert design["policies.border_friction.channels"].tolist() == [
        '["goods", "talent"]', '["goods"]', '["talent"]', '["goods", "talent"]'
    ]  # fmt: skip


def test_places_and_years(monkeypatch):
    stand_in(monkeypatch, fake.LinearModel)
    made = channels.run("toy.yaml", "border_friction", replicates=2, jobs=1, years="2015")
    results = ydsim.open_results(made.facts.path)
    assert made.facts.years == (2015, 2015)
    (place,) = {row.place for row in read(results, place="Province 2").rows}
    assert place == "Province 2"
    row = read(results, place="Province 2", outcomes=["rd_expenditure"]).rows[0]
    table = results.table("province_year").query(
        "point == 0 and region == 'Province 2' and indicator == 'rd_expenditure'"
    )
    whole = results.table("province_year").query(
        "point == 0 and region != 'Province 2' and indicator == 'rd_expenditure'"
    )
    assert row.effect.plain == pytest.approx(table["value"].mean())
    assert row.effect.plain != pytest.approx(whole["value"].mean())
    monkeypatch.setattr(Outcome, "factor", 100.0)  # as of shares, which are shown in per cent
    share = read(results, place="Province 2", outcomes=["rd_expenditure"]).rows[0]
    assert share.effect.plain == pytest.approx(100.0 * row.effect.plain)
    with pytest.raises(UsageError, match="'Province 2'"):
        read(results, place="Provinze 2")
    with pytest.raises(UsageError, match="2014-2015"):
        read(results, years=(2011, 2012))


def test_two_replicates_have_no_interval_and_say_so(monkeypatch):
    made = found(monkeypatch, fake.Together, replicates=2)
    assert all(math.isnan(row.effect.difference.low) for row in made.rows)
    assert made.tests == 0


@pytest.mark.slow
def test_words_and_figure_are_of_the_rows(made):
    made = made[fake.Together]
    assert made.sections[0].rows[-1][2] == "interaction"
    for name in (*CHANNELS, "rivalry", "cost", TOGETHER, SUM, INTERACTION):
        assert "_" not in in_words(name)
    figure = made.plot()
    (axes,) = figure.axes
    marks = marks_of(axes).sort_values("y")
    assert marks["x"].tolist() == [row.change.estimate for row in made.rows]
    assert marks["filled"].tolist() == [row.significant for row in made.rows]
    results = ydsim.open_results(made.facts.path)
    assert suits(results)
    assert ydsim.plot.draw("forest", results).heading == figure.heading


@pytest.mark.parametrize(
    ("policy", "overrides", "said"),
    [
        ("border_fricton", {}, ["'border_fricton'", "'border_friction'"]),
        ("rd_grants", {"policies.rd_grants": {"rate": 0.1}}, ["'rd_grants'", "border_friction"]),
        ("border_friction", {"policies.border_friction.channels": ["goods"]}, ["goods alone"]),
        ("border_friction", {"policies.border_friction.channels": []}, ["no channel"]),
        ("border_friction", {"policies.border_friction.strength": 0.0}, ["strength 0"]),
    ],
)
def test_refusals_name_what_is_there(policy, overrides, said):
    with pytest.raises(UsageError) as error:
        design("toy.yaml", policy, overrides)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in said)


def test_an_outcome_of_the_region_alone_has_no_value_in_a_province():
    sweep = design("toy.yaml", "border_friction")
    require(sweep, ("herfindahl",), None, "region")
    require(sweep, ("rd_expenditure",), None, "Province 1")
    with pytest.raises(UsageError, match=r"'herfindahl'.* not for Province 1"):
        require(sweep, ("rd_expenditure", "herfindahl"), None, "Province 1")


def test_parts_are_those_that_write_something():
    plain = load_scenario("toy.yaml", {"policies.membership": {}, "policies.closure": {}})
    assert _parts_of(plain, "membership") == ("exposure", "joint_work", "hand_over", "talent",
                                             "knowledge")  # fmt: skip
    assert _parts_of(plain, "closure") == CHANNELS
    rivals = load_scenario("toy.yaml", {"policies.membership": {"rivalry": 0.1, "cost": 1.0}})
    assert _parts_of(rivals, "membership")[-2:] == ("rivalry", COST)


class TwoWays(Policy):
    """Cheaper research, and results that pass borders."""

    writes: ClassVar[tuple[str, ...]] = ("user_cost", "eased_hand_over")
    channel_names: ClassVar[tuple[str, ...]] = ("cheaper", "freer", "idle")
    channels: tuple[str, ...] = ("freer", "cheaper", "idle")

    def written(self):
        fields = zip(self.channel_names, self.writes, strict=False)
        return tuple(field for name, field in fields if name in self.channels)


def test_a_policy_of_ones_own_has_parts_in_the_order_that_it_gives_them():
    scenario = load_scenario("toy.yaml", {"policies.mine": TwoWays()})
    assert _parts_of(scenario, "mine") == ("cheaper", "freer")


def test_results_of_another_design_are_refused(monkeypatch):
    stand_in(monkeypatch, fake_sweep.SweepModel)
    fake_sweep.run(Path("results/spans"))
    results = ydsim.open_results("results/spans")
    assert not suits(results)
    with pytest.raises(NothingToDrawError, match="by channel"):
        ydsim.plot.draw("forest", results)
