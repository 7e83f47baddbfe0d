"""Groups of policies on and off, on outcomes that are worked by hand and on a planted model."""

import math

import numpy as np
import pytest

from tests.support import fake_sweep, planted
from tests.support.figures import marks_of
from ydsim.design.load import load_sweep
from ydsim.design.sweep import scenarios
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import Interval
from ydsim.measures.game import closed_in
from ydsim.scenario.load import load_scenario
from ydsim.studies import interactions
from ydsim.studies.interactions import _rows_of, design, read, shipped_groups, verdict
from ydsim.studies.study import COLUMNS

GROUPS = ("a", "b", "c")
EVERY = closed_in(3)
SCENARIO = "six_actor_community"
SMALL = {"scale": 0.01, "end": 2020}


def outcomes(pull=0.0, *, replicates=4, noise=0.0):
    """Effects of 1, 2 and 3, and ``pull`` where a and b meet; replicates start at other levels."""
    base = 100.0 + 10.0 * np.arange(replicates)
    y = base + (EVERY @ np.array([1.0, 2.0, 3.0]))[:, None]
    y = y + pull * (EVERY[:, 0] & EVERY[:, 1])[:, None]
    return y + np.random.default_rng(5).normal(0.0, noise, y.shape)


def quantities(y, on=EVERY):
    """Values by quantity, then by group."""
    found = {}
    for quantity, group, value in _rows_of(GROUPS, on, y):
        found.setdefault(quantity, {})[group] = value
    return found


def estimates(values):
    return {group: value.estimate for group, value in values.items()}


def one(y, quantity):
    return quantities(y)[quantity][""]


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
    found = {quantity: estimates(values) for quantity, values in quantities(outcomes(3.0)).items()}
    parts = {"a": 2.5, "b": 3.5, "c": 3.0}
    assert found["part"] == pytest.approx(parts)
    assert found["share"] == pytest.approx({group: part / 9.0 for group, part in parts.items()})
    assert found["single"] == pytest.approx({"a": 1.0, "b": 2.0, "c": 3.0})
    assert found["effect"] == pytest.approx(parts)
    assert found["pair"] == pytest.approx({"a x b": 1.5, "a x c": 0.0, "b x c": 0.0}, abs=1e-9)


def test_s_and_shares_are_undefined_near_zero():
    y = np.random.default_rng(1).normal(100.0, 5.0, (8, 6))
    assert math.isnan(one(y, "s").estimate)
    assert math.isfinite(one(y, "excess").low)
    assert all(map(math.isnan, estimates(quantities(y)["share"]).values()))


def test_one_replicate_gives_values_and_no_intervals():
    y = outcomes(3.0, replicates=1)
    excess = one(y, "excess")
    assert excess.estimate == pytest.approx(3.0)
    assert math.isnan(excess.low)
    ends = [(0.5, 2.0), (-2.0, -0.5), (-0.5, 2.0), (excess.low, excess.high)]
    assert [verdict(Interval(1.0, *each)) for each in ends] == [1, -1, 0, 0]
    assert math.isnan(one(y, "s").estimate)


def test_the_order_of_cells_changes_nothing():
    """Neither does asking again: the draws of the bootstrap are fixed."""
    y, turned = outcomes(3.0, noise=0.5), np.random.default_rng(1).permutation(8)
    first, again = quantities(y), quantities(y[turned], EVERY[turned])
    assert repr(first) == repr(quantities(y))  # in which an interval that is not there is equal
    for key, values in first.items():
        assert estimates(again[key]) == pytest.approx(estimates(values), abs=1e-9)


class Odd(planted.Planted):
    """All is planted from 2019 on in the region alone; a run of replicate 1 fails."""

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
        return tables


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    changes = {"start": 2018, "end": 2021, "policies.consortia.start": 2020}
    sweep = design(SCENARIO, changes, groups=planted.GROUPS, replicates=4)
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
    # of replicates 0, 2 and 3, which start at 100, 110 and 115
    assert found.of("launches", "none").estimate == pytest.approx(quarters * 325.0 / 3.0)
    assert found.in_per_cent("launches", found.of("launches", "alone")).estimate == pytest.approx(
        100.0 * 40.0 * 3.0 / 325.0
    )
    facts = found.facts
    assert (facts.years, facts.replicates, facts.left_out) == ((2019, 2021), 3, 1)


def test_years_and_outcomes_that_are_asked_for_count_alone(results):
    last = read(results, outcomes=["launches"], years=(2021, 2021))
    assert last.of("launches", "together").estimate == pytest.approx(4.0 * 2.0 * 60.0)
    assert last.facts.years == (2021, 2021)
    with pytest.raises(UsageError):
        read(results, outcomes=[])


def test_the_table_is_tidy_and_begins_with_the_columns_of_all_studies(found):
    table = found.table
    assert tuple(table.columns[:7]) == COLUMNS
    assert not table.duplicated(["outcome", "quantity", "group"]).any()
    assert set(table["place"]) == {"yrd"}
    assert (table["n"] == 3).all()
    units = table.groupby("quantity")["unit"].unique()
    assert units["excess"].tolist() == ["items"]
    assert units["share"].tolist() == units["s"].tolist() == ["1"]


def test_marks_are_parts_and_single_effects_in_per_cent(found):
    (axes,) = found.plot().axes
    marks = marks_of(axes).sort_values("y")["x"].tolist()
    of = {"": ("together", "alone")}
    asked = [
        found.in_per_cent("launches", found.of("launches", quantity, group)).estimate
        for group in (*planted.GROUPS, "")
        for quantity in of.get(group, ("part", "single"))
    ]
    assert marks == pytest.approx(asked)
    assert [t.get_text() for t in axes.get_yticklabels()][:-1] == list(planted.GROUPS)


def test_other_designs_are_refused(results, tmp_path):
    half = planted.run(load_sweep("actor_groups", {"end": 2011}, replicates=1), tmp_path / "half")
    other = fake_sweep.run(tmp_path / "out")
    assert [interactions.suits(each) for each in (results, half, other)] == [True, False, False]
    for each, said in ((half, "32 of the 64"), (other, "grid")):
        with pytest.raises(UsageError, match=said):
            read(each)


def test_the_cells_are_all_combinations_of_the_groups_of_the_shipped_sweep():
    whole = design(SCENARIO, SMALL)
    cells, half = (
        one.points.drop(columns="set").apply(tuple, axis=1).tolist()
        for one in (whole, load_sweep("actor_groups"))
    )
    assert (whole.size, len(set(cells))) == (64, 64)
    assert set(half) < set(cells)
    groups = shipped_groups(load_scenario(SCENARIO))
    assert list(groups) == [factor.label for factor in whole.factors]
    policies = list(scenarios(whole))[cells.index((1, 0, 1, 1, 1, 0))].policies
    off = {name for name, policy in policies.items() if policy.strength == 0.0}
    assert off == {*groups["industry"], *groups["media"]}
    assert off == {"joint_rd_fund", "open_bids", "consortia", "media_coverage"}


@pytest.mark.parametrize(
    ("scenario", "options", "said"),
    [
        ("synthetic", {}, ["synthetic", "two groups", "not 1"]),
        (SCENARIO, {"groups": {"a": ["rd_grant"], "b": ["consortia"]}}, ["rd_grant", "rd_grants"]),
        (SCENARIO, {"groups": {"a": ["consortia"]}}, ["two groups", "not 1"]),
        (SCENARIO, {"groups": {f"g{k}": ["consortia"] for k in range(11)}}, ["11", "6144", "10"]),
        (SCENARIO, {"overrides": {"end": 2018}}, ["government", "2019", "2018"]),
        (SCENARIO, {"replicates": 0}, ["replicates"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(scenario, options, said):
    with pytest.raises(UsageError) as caught:
        design(scenario, **options)
    assert all(word in str(caught.value) for word in said)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "replicates"), [(planted.Drowned, 3), (planted.Planted, 2)])
def test_what_cannot_be_told_is_said(model, replicates, tmp_path):
    sweep = design(SCENARIO, {"end": 2020}, groups=planted.GROUPS, replicates=replicates)
    found = read(planted.run(sweep, tmp_path / "out", model), outcomes=["launches"])
    files = found.write(tmp_path / "a")
    files[0].unlink()
    files[0].symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ResultsError):
        found.write(tmp_path / "a")
    assert not (tmp_path / "elsewhere").exists()
    assert found.table["low"].isna().all() == (replicates < 3)
    assert "undefined" in found.paragraph
    assert ("No resonance shown" in found.paragraph) == (replicates > 2)
    assert ("fewer than three" in found.plot().note) == (replicates < 3)
