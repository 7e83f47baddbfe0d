"""Comparisons of made results: planted effects are found, nothing is nothing, and refusals."""

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.compared import setting
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import effect, fieller, holm
from ydsim.record.indicators import INDICATORS
from ydsim.results.compare import DEFAULTS, Row, chosen, effect_on
from ydsim.results.cube import LEVELS, outcomes_at
from ydsim.store.manifest import cards
from ydsim.studies import alternatives
from ydsim.studies.comparison import change_of, comparison_of

ZHEJIANG = 2
CARDS = cards(INDICATORS)
OLD = Path(__file__).parents[1] / "old_results"


def planted(name, place, replicate):
    return {("launches", ZHEJIANG): 1.05, ("inventions", ZHEJIANG): 0.97}.get((name, place), 1.0)


@cache
def base(replicates=5):
    return setting(replicates=replicates)


def changed(side, **values):
    return replace(side, scenario={**side.scenario, **values})


@pytest.mark.quick(2)
@pytest.mark.parametrize("by", LEVELS)
def test_a_setting_against_itself_is_exactly_nothing(by):
    found = comparison_of([base(), base()], by=by)
    assert (found.table[["estimate", "low", "high"]] == 0.0).all(axis=None)
    assert set(found.table["p_holm"]) == {1.0}
    assert not found.table["significant"].any()
    assert found.table["prior"].any() == (by == "city")
    assert set(found.table["level"]) == ({"region", by} if by == "province" else {by})


def test_a_planted_effect_is_found_where_it_is_and_chance_makes_none():
    found = comparison_of([base(), setting(planted, who=2, name="other")])
    certain = found.table[found.table["significant"]].sort_values("outcome", ascending=False)
    row, loss = certain.to_dict("records")
    assert [row["outcome"], row["place"], row["estimate"] > 0.0] == ["launches", "Zhejiang", True]
    assert [loss["outcome"], loss["place"], loss["estimate"] < 0.0] == [
        "inventions", "Zhejiang", True,
    ]  # fmt: skip
    assert (row["base"], row["alternative"], row["n"]) == ("made", "other", 5)
    assert row["per_cent_low"] <= 5.0 <= row["per_cent_high"]
    assert row["variance_removed"] > 0.9
    assert found.found.tests == len(DEFAULTS["province"]) * 5
    assert "Zhejiang: of 9 outcomes 1 rise and 1 fall" in found.text
    units = {row[0].partition(" [")[2] for row in found.sections[0].rows}
    assert {"100 million RMB]", "number]"} <= units  # in words, where files have codes
    assert "100m_rmb" in set(found.table["unit"])
    assert not comparison_of([base(), setting(who=3)]).table["significant"].any()


def test_logs_are_said_in_per_cent_and_shares_in_points():
    outcomes = outcomes_at("province", CARDS)
    assert outcomes["rd_intensity_gdp"].shown_unit == "percentage points"
    assert outcomes["productivity_log_sd"].change_in == "per cent"
    found = effect(np.array([1.0, 2.0, 3.0]), np.array([1.1, 2.2, 3.0]))
    for name, size, unit in (
        ("productivity_log", 100.0 * math.expm1(0.1), "%"),
        ("rd_intensity_gdp", 0.1, "points"),
        ("launches", 5.0, "%"),
    ):
        change, said = Row("x", outcomes[name], "Anhui", "province", found).shown
        assert (change.estimate, said) == (pytest.approx(size), unit)
    nothing = replace(found, plain=0.0)
    change, said = Row("x", outcomes["launches"], "Anhui", "province", nothing).shown
    assert (change.estimate, said) == (pytest.approx(0.1), "items")


VALUES = st.integers(0, 40).map(lambda k: k / 4.0)


@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=3, max_size=5),
    st.sampled_from(["launches", "rd_expenditure", "rd_intensity_gdp", "productivity_log"]),
    st.lists(st.floats(0.0, 1.0), max_size=4),
)
def test_a_mark_stands_where_the_printed_interval_excludes_zero(pairs, name, others):
    outcome = outcomes_at("province", CARDS)[name]
    found = effect_on(outcome, *np.array(pairs).T)
    row = replace(Row("x", outcome, "Anhui", "province", found), p_holm=holm([found.p, *others])[0])
    text = change_of(row)
    ends = re.search(r"\[(.*), (.*)\]", text)
    assume(not abs(found.p - 0.05) < 1e-9)
    excludes = bool(ends) and ends[1][0] == ends[2][0] in "+\u2212"
    assert excludes == (row.mark != "") == row.excludes_zero == (found.p < 0.05)
    assert (row.mark == "*") == (row.p_holm < 0.05) == row.significant
    assert text.endswith("*)" if row.mark == "(*)" else row.mark)
    table = row.as_dict()
    assert (table["low"] > 0.0 or table["high"] < 0.0) == excludes
    if not math.isnan(table["per_cent"]):
        assert (table["per_cent_low"] > 0.0 or table["per_cent_high"] < 0.0) == excludes


def test_of_unequal_replicates_the_common_ones_are_used():
    found = comparison_of([base(), setting(who=2, replicates=3)])
    assert set(found.table["n"]) == {3}
    assert [word for word in found.found.notes[0].split() if word.isdigit()] == ["5", "3"]
    few = comparison_of([base(3), setting(who=2, replicates=3)])
    spread = "yearly_spread"  # of all replicates of the base
    assert few.table.drop(columns=spread).equals(found.table.drop(columns=spread))
    other = setting(replicates=2)
    for number in (0, 1):
        for table in other.run.receipts[number]["tables"].values():
            table["replicate"] = table["replicate"] + 5
    object.__setattr__(other.run.contents.plan, "replicates", (5, 6))  # as of a later batch
    with pytest.raises(ResultsError, match="replicate"):
        comparison_of([base(2), other])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scenario": {"seed": 2}}, "seed 2 against 1"),
        ({"scenario": {"scale": 0.02}}, "scale 0.02 against 0.05"),
        ({"scenario": {"start": 2011}}, "first year 2011 against 2018"),
        ({"scenario": {"world": "yrd"}}, "world yrd against synthetic"),
        ({"scenario": {"seed": 3, "scale": 0.5}}, "seed 3 against 1; scale 0.5 against 0.05"),
        ({"world": "0123456789abcdef"}, "content of the world 0123456789ab against"),
        ({"version": "0.3.0"}, "ydsim 0.3.0 against"),
        ({"code": {"mine": "b", "other": "c"}}, "code of mine; "),
    ],
    ids=str,
)
def test_settings_that_share_no_draws_or_no_model_are_refused_by_name(change, said):
    one = replace(base(), code={"mine": "a"}, asked="mine")
    other = replace(one, asked="yours", **{**change, "scenario": one.scenario})
    other = changed(other, **change.get("scenario", {}))
    with pytest.raises(UsageError) as refused:
        alternatives.require_alike([one, other])
    assert str(refused.value).startswith(f"yours cannot be compared with mine: {said}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("names", "near", "error"),
    [
        ([], "nothing", UsageError),
        (["baseline"], "baseline", UsageError),
        (["baseline", "open_platfroms"], "'open_platforms'", ResultsError),
        (["baseline", "levers"], "'levers'", ResultsError),
        (["baseline"] * 30, "30 settings are more than 24", UsageError),
    ],
)
def test_names_that_mean_nothing(names, near, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as refused:
        alternatives.alternatives_of(names, None)
    assert near in str(refused.value)


def test_points_of_a_sweep_are_named_by_number_or_by_values():
    sweep = make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}), lambda _, replicate, years: years
    )
    for which, points in (("", [0, 1]), ("1", [1]), (f"{BORDER}=0.20", [0]), (f"{BORDER}=.5", [1])):
        assert alternatives.points_named(sweep, which, "mine") == points
    for which in ("2", f"{BORDER}=0.3", f"{BORDER}=much", "seed=1"):
        with pytest.raises(UsageError, match=f"mine:{which}"):
            alternatives.points_named(sweep, which, "mine")
    assert alternatives.alternative_of(sweep, 1).name == "border.exposure 0.5"
    keys = ("policies.border_friction.passes", BORDER, "parameters.learn.rate")
    levels = {"kind": "grid", "factors": {key: [0.1251, 0.2512] for key in keys}}
    long = make_sweep(levels, lambda _, replicate, years: years, replicates=1)
    names = [alternatives.alternative_of(long, point).name for point in range(8)]
    assert max(map(len, names)) == 60
    assert names[0] != names[1], "the last factor is at the end"
    assert names[0] != names[4], "the first one at the beginning"


@pytest.mark.parametrize(
    ("by", "name", "near"),
    [
        ("city", "herfindahl", "region only"),
        ("kind", "rd_expenditure", "region, province, city only"),
        ("field", "launches", "'launches'"),
        ("province", "patents", "'patents_transferred'"),
        ("province", "handed over", "'patents_transferred'"),
        ("province", "lanches", "'launches'"),
    ],
)
def test_outcomes_are_those_of_the_level(by, name, near):
    assert set(DEFAULTS[by]) <= set(outcomes_at(by, CARDS))
    with pytest.raises(UsageError) as refused:
        chosen(by, [name], CARDS)
    assert near in str(refused.value)


def test_years_begin_when_policies_differ_or_are_the_last_five():
    with pytest.raises(UsageError, match="2018-2023"):
        comparison_of([base(2), base(2)], years=(2011, 2019))
    policy = {"policy": "rd_grants", "strength": 1.0, "start": 2021.5, "end": None, "cost": 0.0}

    def window(*starts, **more):
        plain = base(2).scenario["policies"]
        others = [
            changed(base(2), policies={**plain, "grants": {**policy, "start": start}}, **more)
            for start in starts
        ]
        return comparison_of([base(2), *others]).facts.years

    assert comparison_of([base(2), base(2)]).facts.years == (2019, 2023)
    spans = [{"start": 2011, "end": 2020}, {"start": 2015, "end": 2018}]
    assert alternatives.years_of(spans) == alternatives.years_of(spans[::-1]) == (2015, 2018)
    assert window(2021.5) == window(2022.5, 2021.5) == (2021, 2023)
    assert window(2040.0) == window(2021.5, parameters={"other": 1.0}) == (2019, 2023)


# --- public money --------------------------------------------------------------------------------

YEARS = np.arange(2018, 2024)


def costs(paid, instrument="border_friction", **more):
    """Rows of a policy that pays so much in each replicate and year, in Anhui."""

    def rows(replicate):
        n = len(YEARS)
        columns = {"amount": paid(replicate), "leaked": 0.1 * paid(0), **more}
        return {
            "point": np.zeros(n, dtype=np.int64),
            "replicate": np.full(n, replicate),
            "year": YEARS,
            "instrument": np.array([instrument] * n, dtype=object),
            "region": np.array(["Anhui"] * n, dtype=object),
            **{name: np.full(n, value) for name, value in columns.items()},
        }

    return rows


@cache
def paying(amount, launches=1.0, who=2, name="made"):
    return setting(
        lambda indicator, *_: launches if indicator == "launches" else 1.0,
        who=who, name=name, costs=costs(lambda replicate: amount * (1.0 + 0.01 * replicate)),
    )  # fmt: skip


def test_money_and_what_is_got_for_it():
    """Ten more of 100 million yuan a year, and five per cent more launches."""
    found = comparison_of([paying(5.0, who=1), paying(15.0, 1.05)], years=(2019, 2022))
    cost = found.money.cost.set_index(["instrument", "place"])
    whole = cost.loc[("all policies", "yrd")]
    money = 10.0 * (1.0 + 0.01 * np.arange(5))
    assert (whole["base_mean"], whole["mean"]) == pytest.approx((5.0 * 1.02, 15.0 * 1.02))
    assert whole["estimate"] == pytest.approx(money.mean())
    assert whole["high"] - whole["estimate"] == pytest.approx(
        2.7764451051977987 * money.std(ddof=1) / math.sqrt(5.0)
    )
    assert whole["leaked_share"] == pytest.approx(0.1 / 1.02)
    assert cost.loc[("border_friction", "yrd"), "estimate"] == whole["estimate"]
    assert cost.loc[("all policies", "Anhui"), "estimate"] == whole["estimate"]
    zero = cost.loc[("all policies", "Shanghai")]
    assert (zero["base_mean"], zero["estimate"]) == (0.0, 0.0)
    assert math.isnan(zero["leaked_share"])
    per = found.money.per_money.set_index("outcome")
    row = next(row for row in found.found.rows if row.outcome.name == "launches")
    assert row.level == "region"
    gained = row.values[1] - row.values[0]
    assert gained.mean() == pytest.approx(row.effect.difference.estimate)
    want = fieller(gained, money)
    assert per.loc["launches", ["estimate", "low", "high"]].tolist() == pytest.approx(
        [want.estimate, want.low, want.high]
    )
    assert len(found.money.take_up) == 0  # these tables do not say what was claimed


@pytest.mark.parametrize(
    ("amount", "why"), [(3.0, "less public money is paid"), (5.0, "public money is the same")]
)
def test_no_price_where_money_does_not_rise(amount, why):
    found = comparison_of([paying(5.0, who=1), paying(amount, 1.05)])
    assert set(found.money.per_money["why_not"]) == {why}
    assert found.money.per_money["estimate"].isna().all()


def test_without_money_or_intervals_no_cost_is_told():
    assert len(comparison_of([base(), paying(3.0)]).money.cost) == 0
    one, other = (
        setting(who=who, replicates=2, costs=costs(lambda _, paid=paid: paid))
        for who, paid in ((1, 5.0), (2, 15.0))
    )
    found = comparison_of([one, other])
    assert set(found.money.per_money["why_not"]) == {"fewer than three replicates"}
    assert found.money.cost["estimate"].iloc[0] == pytest.approx(10.0)


def with_fund(paid, left):
    def rows(replicate):
        more = {"asked": paid[replicate], "left_over": left(replicate)}
        return costs(paid.__getitem__, "fund", **more)(replicate)

    return changed(setting(costs=rows), policies={"fund": {"policy": "rd_grants"}})


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("paid", "offered"),
    [
        ([0.0, 0.1, 0.0, 5.0, 0.0], 20.0),
        ([20.0, 20.0, 3.0, 20.0, 20.0], 20.0),
        ([0.0] * 5, 20.0),
        ([4.0, 5.0, 6.0, 5.0, 5.0], None),
        ([0.0] * 5, None),
    ],
)
def test_take_up_is_a_share_between_nothing_and_all(paid, offered):
    side = with_fund(paid, lambda r: 0.0 if offered is None else offered - paid[r])
    rows = comparison_of([side, side]).money.take_up.to_dict("records")
    if offered is None:  # on demand, where anything is paid
        assert [row["why_not"] for row in rows] == (
            ["no budget: paid as it falls due"] if any(paid) else []
        )
        return
    (found,) = rows
    assert (found["spent"], found["offered"]) == pytest.approx((sum(paid) / 5.0, offered))
    assert found["estimate"] == pytest.approx(sum(paid) / 5.0 / offered)
    assert found["why_not"] == ""
    if any(paid):
        assert 0.0 <= found["low"] < found["estimate"] < found["high"] <= 1.0
        assert found["low"] < 0.01 or found["high"] == 1.0


def test_a_policy_of_the_alternative_alone_costs_all_that_it_pays():
    one = changed(setting(costs=costs(lambda _: 1.0)), policies={})
    cost = comparison_of([one, with_fund([4.0, 5.0, 6.0, 5.0, 5.0], lambda _: 0.0)]).money.cost
    whole = cost[cost["place"] == "yrd"]
    assert whole["instrument"].tolist() == ["all policies", "fund"]
    assert whole["base_mean"].tolist() == [0.0, 0.0]
    assert whole["estimate"].tolist() == pytest.approx([5.0, 5.0])


@pytest.mark.parametrize("kind", ["run", "sweep"])
def test_folders_of_an_earlier_version_are_read(kind):
    sides = alternatives.alternatives_of([str(OLD / kind), str(OLD / kind)], None)
    found = comparison_of([sides[0], sides[-1]])
    assert found.table["estimate"].notna().all()
    assert len(found.money.cost) > 0 or kind == "sweep"


def test_a_name_is_no_element_of_the_page():
    found = comparison_of([base(), setting(who=3, name="<b>a</b>"), setting(who=4, name="b")])
    assert [block.split(":")[0] for block in found.paragraphs[:2]] == ["<b>a</b>", "b"]
    assert "<b" not in found.page
    assert "&lt;b>a&lt;/b>" in found.page


def test_other_values_of_a_scenario_are_alternatives():
    key = "parameters.border.exposure"
    asked = {"cut": {key: 0.1, "parameters.border.joint_work": 0.2}, "": {key: 0.9}}
    base, cut, more = alternatives.with_changes("synthetic", asked, {"seed": 4})
    assert (cut.name, more.name) == ("cut", "border.exposure=0.9")
    assert base.to_run == {"scenario": "synthetic"}
    assert cut.to_run == {"scenario": "synthetic", **asked["cut"]}
    assert [each.scenario["seed"] for each in (base, cut, more)] == [4, 4, 4]
    assert [each.scenario["parameters"]["border"]["exposure"] for each in (cut, more)] == [0.1, 0.9]
    texts = alternatives.with_changes("synthetic", {"": {key: 0.9}}, ["seed=4"])
    assert texts[1].scenario == more.scenario
    with pytest.raises(UsageError, match=f"--with.* {base.scenario['end']}$"):
        alternatives.with_changes("synthetic", {"": {"end": base.scenario["end"]}}, {"seed": 4})
    with pytest.raises(UsageError, match=r"^--policy fund "):
        alternatives.with_changes(
            "synthetic", {"": {"end": base.scenario["end"]}}, {"scale": 0.5}, "--policy fund"
        )
    with pytest.raises(UsageError, match="--set"):
        alternatives.with_changes("synthetic", {"": {"seed": 5}}, {"seed": 4})
    with pytest.raises(UsageError, match="--with"):
        alternatives.with_changes("results/some", asked, None)


def test_a_setting_that_is_named_twice_is_refused_before_anything_runs():
    with pytest.raises(UsageError, match=r"^baseline "):
        alternatives.planned(["baseline", "baseline"])
    both = alternatives.with_distinct_names([base(), base()])
    with pytest.raises(UsageError, match=r"^made "):
        alternatives.require_different(both)


def test_no_two_alternatives_share_a_name_or_what_people_read():
    sides = [replace(base(), label=label) for label in ("Now", "Open", "Now", "Now")]
    found = alternatives.with_distinct_names(sides)
    assert [side.label for side in found] == ["Now", "Open", "Now (2)", "Now (3)"]
    assert len({side.name for side in found}) == 4


def test_names_that_were_given_stay_with_the_points_of_a_folder():
    key = "policies.border_friction.passes"
    design = {"kind": "list", "points": [{}, {key: "x2"}, {key: 0.3}], "names": ["", "开", ""]}
    sweep = make_sweep(design, lambda _, replicate, years: years)
    found = [alternatives.alternative_of(sweep, at) for at in range(3)]
    assert [side.label for side in found[1:]] == ["开", "Exchange passing borders, share 0.3"]
    assert alternatives.points_named(sweep, "开", "mine") == [1]
    asked = {"open": {"parameters.border.exposure": 0.9}, "": {"parameters.border.exposure": 0.1}}
    plan = alternatives.planned(["synthetic"], changes=asked, replicates=1)
    assert plan.sweep is not None
    assert plan.sweep.spec["settings"]["names"] == ["", "open", ""]
