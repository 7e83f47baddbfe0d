"""Groups of policies on and off, on outcomes that are worked by hand and on a planted model."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep, planted
from ydsim.design.load import load_sweep
from ydsim.design.points import points
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import Interval
from ydsim.measures.factorial import sets
from ydsim.results.results import open_results
from ydsim.scenario.load import load_scenario
from ydsim.studies import interactions
from ydsim.studies.interactions import design, growth, read, rows_of, shipped_groups, verdict
from ydsim.studies.study import COLUMNS

GROUPS = ("a", "b", "c")
EVERY = sets(3)
SCENARIO = "six_actor_community"
SMALL = {"scale": 0.01, "end": 2020}


def outcomes(pull=0.0, *, replicates=4, noise=0.0):
    """Effects of 1, 2 and 3, and ``pull`` where a and b meet; replicates start at other levels."""
    base = 100.0 + 10.0 * np.arange(replicates)
    y = base + (EVERY @ np.array([1.0, 2.0, 3.0]))[:, None]
    y = y + pull * (EVERY[:, 0] & EVERY[:, 1])[:, None]
    return y + np.random.default_rng(5).normal(0.0, noise, y.shape)


def quantities(y, on=EVERY, groups=GROUPS):
    """Values by scale, cells and quantity, then by group."""
    found = {}
    for scale, cells, quantity, group, value in rows_of(groups, on, y):
        found.setdefault((scale, cells, quantity), {})[group] = value
    return found


def estimates(values):
    return {group: value.estimate for group, value in values.items()}


def one(y, quantity, scale="raw", cells="run") -> Interval:
    return quantities(y)[scale, cells, quantity][""]


def test_sums_have_no_resonance_and_more_than_sums_do():
    assert one(outcomes(), "alone").estimate == pytest.approx(6.0)
    assert one(outcomes(), "together").estimate == pytest.approx(6.0)
    assert one(outcomes(), "s").estimate == pytest.approx(0.0)
    assert one(outcomes(3.0), "excess").estimate == pytest.approx(3.0)
    s = one(outcomes(3.0), "s")
    assert s.estimate == pytest.approx(0.5)
    # bases of 100 to 130 with equal effects are a little noise where it is taken as relative
    assert 0.25 < s.low <= 0.5 <= s.high < 0.8
    assert one(outcomes(), "none").estimate == pytest.approx(115.0)
    assert one(outcomes(3.0), "all").estimate == pytest.approx(124.0)


def test_what_two_groups_do_together_is_halved_between_them():
    found = quantities(outcomes(3.0))
    parts, shares = found["raw", "run", "part"], found["raw", "run", "share"]
    assert estimates(parts) == pytest.approx({"a": 2.5, "b": 3.5, "c": 3.0})
    assert estimates(shares) == pytest.approx({"a": 2.5 / 9.0, "b": 3.5 / 9.0, "c": 3.0 / 9.0})
    single = found["raw", "run", "single"]
    assert estimates(single) == pytest.approx({"a": 1.0, "b": 2.0, "c": 3.0})
    assert estimates(found["raw", "all cells", "effect"]) == pytest.approx(
        {"a": 2.5, "b": 3.5, "c": 3.0}
    )
    assert estimates(found["raw", "all cells", "pair"]) == pytest.approx(
        {"a x b": 1.5, "a x c": 0.0, "b x c": 0.0}, abs=1e-9
    )


def test_three_groups_that_interact_are_what_pairs_lack():
    assert one(outcomes(3.0), "excess", cells="pairs").estimate == pytest.approx(3.0)
    assert one(outcomes(3.0), "lack", cells="pairs").estimate == pytest.approx(0.0, abs=1e-9)
    y = outcomes()
    y[-1] += 8.0
    lack = one(y, "lack", cells="pairs")
    # 8 at one of 8 cells is 1 of the product of the three signs: +1 with all, -1 with none
    assert lack.estimate == pytest.approx(2.0)
    assert lack.low > 0.0
    assert one(y, "lack").estimate == 0.0


def test_products_have_no_resonance_in_logarithms():
    factor = 1.0 + EVERY * np.array([0.1, 0.2, 0.3])
    y = factor.prod(axis=1)[:, None] * np.array([10.0, 20.0, 40.0])
    assert one(y, "excess", "log").estimate == pytest.approx(0.0, abs=1e-12)
    assert one(y, "s", "log").estimate == pytest.approx(0.0, abs=1e-12)
    assert one(y, "s").estimate > 0.05
    assert one(y, "alone", "log").estimate == pytest.approx(math.log(1.1 * 1.2 * 1.3))
    assert {scale for scale, _, _ in quantities(y - 10.0)} == {"raw"}


def test_s_and_shares_are_undefined_near_zero():
    y = np.random.default_rng(1).normal(100.0, 5.0, (8, 6))
    assert math.isnan(one(y, "s").estimate)
    assert math.isfinite(one(y, "excess").low)
    assert all(map(math.isnan, estimates(quantities(y)["raw", "run", "share"]).values()))


def test_one_replicate_gives_values_and_no_intervals():
    y = outcomes(3.0, replicates=1)
    excess = one(y, "excess")
    assert excess.estimate == pytest.approx(3.0)
    assert math.isnan(excess.low)
    assert verdict(excess) == 0
    assert math.isnan(one(y, "s").estimate)


def test_the_order_of_cells_changes_nothing():
    """Neither does asking again: the draws of the bootstrap are fixed."""
    y, turned = outcomes(3.0, noise=0.5), np.random.default_rng(1).permutation(8)
    first, again = quantities(y), quantities(y[turned], EVERY[turned])
    assert repr(first) == repr(quantities(y))  # in which an interval that is not there is equal
    for key, values in first.items():
        assert estimates(again[key]) == pytest.approx(estimates(values), abs=1e-9)


def test_provinces_in_step_and_against():
    t = np.arange(9)
    wave = 0.05 * np.sin(2.0 * np.pi * t / 4.0)
    step = np.exp(0.02 * t + np.array([[1.0], [1.0], [1.0]]) * wave)
    against = np.exp(0.02 * t + np.array([[1.0], [-1.0], [1.0]]) * wave)
    rows = growth(np.tile(step, (3, 1, 1)), np.tile(against, (3, 1, 1)))
    found = {(quantity, group): value for _, _, quantity, group, value in rows}
    assert found["co_movement", "all on"].estimate == pytest.approx(1.0)
    assert found["co_movement", "all on less none"].estimate == pytest.approx(4.0 / 3.0)
    assert found["phase_order", "all on"].estimate == pytest.approx(1.0)
    gain = found["phase_order", "all on less none"].estimate
    assert gain == pytest.approx(2.0 / 3.0, abs=0.02)
    both = np.stack([step, against])
    paired = [value for *_, group, value in growth(both, both) if group == "all on less none"]
    assert paired == [Interval(0.0, 0.0, 0.0)] * 2
    nothing = growth(np.zeros((2, 3, 8)), np.ones((2, 3, 8)))
    assert all(math.isnan(value.estimate) for *_, value in nothing)


class Odd(planted.Planted):
    """All is planted from 2019 on in the region alone; a run of replicate 1 fails.

    Without media one province grows against the others.
    """

    def step(self):
        super().step()
        if self.replicate == 1 and self.scenario.policies["consortia"].strength == 0.0:
            raise ZeroDivisionError

    def tables(self):
        series = (tables := super().tables())["series"]
        province = series["level"] == "province"
        later = np.where(series["year"] == 2021, 2.0, 1.0)
        planted_values = np.where(province, 7.0, series["launches"] * later)
        series["launches"] = np.where(series["year"] < 2019, 1.0, planted_values)
        if self.scenario.policies["media_coverage"].strength == 0.0:
            turned = (series["region"] == self.world.provinces[0]) & (series["year"] == 2020)
            series["value_added_secondary"] = np.where(
                turned, 2.0 * series["value_added_secondary"], series["value_added_secondary"]
            )
        return tables


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    changes = {"start": 2018, "end": 2021}
    sweep = design(SCENARIO, changes, groups=planted.GROUPS, replicates=3)
    return planted.run(sweep, tmp_path_factory.mktemp("odd") / "out", Odd)


@pytest.fixture(scope="module")
def found(results):
    return read(results, outcomes=["launches"])


def test_what_was_planted_is_found_from_the_first_policy_on(found):
    quarters = 4.0 * (1.0 + 1.0 + 2.0)
    of = {each: found.of("launches", each).estimate for each in ("alone", "together", "s")}
    assert of == pytest.approx({"alone": quarters * 40.0, "together": quarters * 60.0, "s": 0.5})
    shares = {k: found.of("launches", "share", k).estimate for k in planted.GROUPS}
    assert shares == pytest.approx({"government": 40 / 60, "industry": 20 / 60, "media": 0.0})
    # of replicates 0 and 2, which start at 100 and 110
    assert found.of("launches", "none").estimate == pytest.approx(quarters * 105.0)
    assert found.in_per_cent("launches", found.of("launches", "alone")).estimate == pytest.approx(
        100.0 * 40.0 / 105.0
    )
    facts = found.facts
    assert (facts.years, facts.replicates, facts.left_out) == ((2019, 2021), 2, 1)
    assert not found.half


def test_years_and_outcomes_that_are_asked_for_count_alone(results):
    last = read(results, outcomes=["launches"], years=(2021, 2021))
    assert last.of("launches", "together").estimate == pytest.approx(4.0 * 2.0 * 60.0)
    assert last.facts.years == (2021, 2021)
    with pytest.raises(UsageError):
        read(results, outcomes=[])


def test_the_table_is_tidy_and_begins_with_the_columns_of_all_studies(found):
    table = found.table
    assert tuple(table.columns[:7]) == COLUMNS
    assert not table.duplicated(["outcome", "scale", "cells", "quantity", "group"]).any()
    assert set(table["place"]) == {"yrd"}
    assert (table["n"] == 2).all()
    units = table.groupby(["scale", "quantity"])["unit"].unique()
    assert units["raw", "excess"].tolist() == ["items"]
    assert units["log", "excess"].tolist() == ["log"]
    assert units["raw", "share"].tolist() == units["growth", "co_movement"].tolist() == ["1"]


def test_growth_is_that_of_provinces(found):
    moved = {k: found.of(k, "co_movement", "all on", scale="growth") for k in interactions.MOVE}
    assert moved["value_added_secondary"].estimate == pytest.approx(1.0)
    gain = found.of("value_added_secondary", "co_movement", "all on less none", scale="growth")
    assert gain.estimate == pytest.approx(1.0)
    # launches of provinces are always seven a quarter, those of the region grow
    assert math.isnan(moved["launches"].estimate)


def test_the_words_are_of_the_table(found):
    launches = found.paragraphs[2]
    assert "S = +0.5" in launches
    assert "government x industry (+19.0" in launches  # 20 of 105
    assert launches.index("government 66.7 %") < launches.index("industry 33.3 %")
    effects = [line for line in found.page.splitlines() if line.startswith("| government x ")]
    assert [line.endswith("**null** |") for line in effects] == [False, True]


def test_marks_are_parts_and_single_effects_in_per_cent(found):
    (axes,) = found.plot().axes
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in ("o", "s")]
    of = {"": ("together", "alone")}
    asked = [
        found.in_per_cent("launches", found.of("launches", quantity, group)).estimate
        for group in (*planted.GROUPS, "")
        for quantity in of.get(group, ("part", "single"))
    ]
    assert marks == pytest.approx(asked)
    assert [t.get_text() for t in axes.get_yticklabels()][:-1] == list(planted.GROUPS)


def test_other_designs_are_refused(results, tmp_path):
    other = fake_sweep.run(tmp_path / "out")
    assert [interactions.suits(each) for each in (results, other)] == [True, False]
    with pytest.raises(UsageError, match="grid"):
        read(other)


def test_the_cells_are_those_of_the_shipped_sweep():
    half = design(SCENARIO, SMALL, half=True)
    assert (half.size, design(SCENARIO, SMALL).size) == (32, 64)
    assert [point.values for point in points(load_sweep("actor_groups"))] == [
        point.values for point in points(half)
    ]
    groups = shipped_groups(load_scenario(SCENARIO))
    assert list(groups) == [factor.label for factor in half.factors]
    point = next(p for p in points(half) if tuple(p.values.values()) == (1, 0, 1, 1, 1, 0))
    off = {name for name, policy in point.scenario.policies.items() if policy.strength == 0.0}
    assert off == {*groups["industry"], *groups["media"]}
    assert off == {"joint_rd_fund", "open_bids", "consortia", "media_coverage"}


@pytest.mark.parametrize(
    ("scenario", "options", "said"),
    [
        ("synthetic", {}, ["synthetic", "two groups", "not 1"]),
        (SCENARIO, {"groups": {"a": ["rd_grant"], "b": ["consortia"]}}, ["rd_grant", "rd_grants"]),
        (SCENARIO, {"groups": {"a": ["consortia"]}}, ["two groups", "not 1"]),
        (SCENARIO, {"groups": planted.GROUPS, "half": True}, ["even", "3"]),
        (SCENARIO, {"overrides": {"end": 2018}}, ["government", "2019", "2018"]),
        (SCENARIO, {"replicates": 0}, ["replicates"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(scenario, options, said):
    with pytest.raises(UsageError) as caught:
        design(scenario, **options)
    assert all(word in str(caught.value) for word in said)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    sweep = design(SCENARIO, {"end": 2022}, groups=planted.GROUPS, replicates=12)
    done = planted.run(sweep, tmp_path_factory.mktemp("noisy") / "out", planted.Noisy)
    return read(done, outcomes=["launches"])


@pytest.mark.slow
def test_intervals_hold_what_was_planted_under_noise(noisy):
    for cells in ("run", "pairs"):
        found = {k: noisy.of("launches", k, cells=cells) for k in ("s", "excess")}
        assert found["s"].low < 0.5 < found["s"].high
        assert 0.0 < found["excess"].low < 16 * 20.0 < found["excess"].high
        share = noisy.of("launches", "share", "government", cells=cells)
        assert share.low < 2 / 3 < share.high
    assert verdict(noisy.of("launches", "part", "media")) == 0


@pytest.mark.slow
def test_files_are_the_same_each_time_and_not_written_through_a_link(noisy, tmp_path):
    first = noisy.write(tmp_path / "a")
    assert [each.name for each in first] == [f"interactions.{e}" for e in ("csv", "md", "png")]
    again = read(open_results(noisy.facts.path), outcomes=["launches"]).write(tmp_path / "b")
    assert [each.read_bytes() for each in first] == [each.read_bytes() for each in again]
    pd.testing.assert_series_equal(pd.read_csv(first[0])["estimate"], noisy.table["estimate"])
    first[0].unlink()
    first[0].symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ResultsError):
        noisy.write(tmp_path / "a")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.slow
def test_half_of_six_groups_leaves_the_single_cells_out(tmp_path):
    others = ("science_centres", "intermediaries", "instrument_platform")
    groups = {**planted.GROUPS, **{name: [name] for name in others}}
    sweep = design(SCENARIO, {"end": 2020}, groups=groups, replicates=3, half=True)
    found = read(planted.run(sweep, tmp_path / "out"), outcomes=["launches"])
    assert found.half
    single = found.table[found.table["quantity"] == "single"]
    assert set(single["cells"]) == {"pairs"}
    assert found.of("launches", "s").estimate == pytest.approx(0.5)
    assert found.of("launches", "lack").estimate == pytest.approx(0.0, abs=1e-9)
    assert "half of" in found.paragraphs[0]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "replicates"), [(planted.Drowned, 3), (planted.Planted, 1)])
def test_what_cannot_be_told_is_said(model, replicates, tmp_path):
    sweep = design(SCENARIO, {"end": 2020}, groups=planted.GROUPS, replicates=replicates)
    found = read(planted.run(sweep, tmp_path / "out", model), outcomes=["launches"])
    assert found.table["low"].isna().all() == (replicates == 1)
    assert "undefined" in found.paragraph
    assert ("No resonance shown" in found.paragraph) == (replicates > 1)
    assert found.plot().finding.startswith("One replicate") == (replicates == 1)
