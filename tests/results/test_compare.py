"""Paired differences by hand: sign, pairs, interval, per cent, Holm over the whole table."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.support.made import make_results
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.measures.effects import effect, holm
from ydsim.record.indicators import INDICATORS
from ydsim.results.compare import (
    OWN,
    Row,
    _doubled,
    aimed_at,
    chosen,
    compared,
    corrected,
    effect_on,
    findings,
    leading,
    ordered,
    own_outcomes,
    spreads,
)
from ydsim.results.cube import outcomes_at
from ydsim.scenario.changes import Change
from ydsim.store.manifest import cards
from ydsim.studies.alternatives import alternative_of

CARDS = cards(INDICATORS)

LUCK = (0.0, 500.0, -300.0, 40.0)
"""Of replicates, which all points share."""

GAIN = {"North": (8.0, 9.0, 10.0, 13.0), "South": (-0.5, -0.9, -0.8, -1.6)}
"""Gains of the second point over the first, by place and replicate."""


def launches(factors, replicate, years):
    """A year of 1,000 items with luck."""
    place = factors["region"]
    gain = GAIN.get(place, (0.4, 1.0, 0.8, 1.8))[replicate] if factors[BORDER] > 0.3 else 0.0
    return np.full(len(years), 1000.0 + LUCK[replicate] + gain)


@pytest.fixture(scope="module")
def found():
    results = make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}), launches, replicates=len(LUCK)
    )
    base, other = (alternative_of(results, point) for point in (0, 1))
    return compared(base, [other], outcomes=["launches"], years=(2015, 2016))


def row_of(found, place):
    (row,) = [row for row in found.rows if row.place == place]
    return row


@pytest.mark.parametrize("place", ["North", "South"])
def test_an_effect_is_of_pairs_of_equal_replicates(found, place):
    gain, base = np.array(GAIN[place]), (1000.0 + np.array(LUCK))
    row, wanted = row_of(found, place), effect(base, base + gain, amount=True)
    assert (row.effect.n, row.level) == (4, "province")
    assert row.effect.row == pytest.approx(wanted.row)
    assert (row.effect.plain, row.effect.changed) == pytest.approx((wanted.plain, wanted.changed))
    assert row.rises == (gain.mean() > 0.0)


def test_per_cent_is_of_the_mean_of_the_base(found):
    base = (1000.0 + np.array(LUCK)).mean()
    row = row_of(found, "North")
    assert row.per_cent.estimate == pytest.approx(100.0 * np.mean(GAIN["North"]) / base)
    table = found.table.set_index("place")
    assert table.loc["North", "per_cent"] == row.per_cent.estimate
    assert table.loc["North", "estimate"] == row.effect.difference.estimate
    assert table.loc["North", "base"] == found.base.name


def test_holm_multiplies_over_all_rows_of_the_table(found):
    assert found.tests == len(found.rows) == 3
    for row, p in zip(found.rows, holm([row.effect.p for row in found.rows]), strict=True):
        assert row.p_holm == pytest.approx(p)
        assert row.significant == (p < 0.05)
    assert [(row.effect.p < 0.05, row.significant) for row in found.rows].count((True, False)) == 2


# --- members of an ensemble -----------------------------------------------------------------------


def by_member(effects, chance=0.0, repeats=2, seed=1):
    """A row of logs whose replicates r have the effect of member r mod M, and chance."""
    draw, n = np.random.default_rng(seed), len(effects) * repeats
    member = np.arange(n) % len(effects)
    y = np.array(effects)[member] + chance * draw.standard_normal(n)
    outcome = outcomes_at("province", CARDS)["productivity_log"]
    x = np.zeros(n)
    more = {"values": (x, y), "member": member}
    return Row("x", outcome, "North", "region", effect_on(outcome, x, y), **more)


EFFECTS = np.linspace(-0.01, 0.05, 21)
ENDS = 100.0 * np.expm1([-0.004, 0.044])


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_without_chance_members_spread_as_their_effects(repeats):
    found = by_member(EFFECTS, repeats=repeats).over_members
    assert [found.low, found.high] == pytest.approx(ENDS)
    assert found.estimate == pytest.approx(100.0 * math.expm1(0.02))


def test_chance_is_taken_out_of_the_spread_of_members_where_they_have_replicates():
    raw, clean = (
        [by_member(EFFECTS, 0.03, repeats, seed).over_members for seed in range(60)]
        for repeats in (1, 3)
    )
    width = ENDS[1] - ENDS[0]
    wide, right = (np.mean([one.high - one.low for one in each]) for each in (raw, clean))
    assert wide > 1.6 * width
    assert right == pytest.approx(width, rel=0.15)


def test_members_that_do_not_differ_have_no_spread_but_chance():
    rows = [by_member(np.full(20, 0.02), 0.01, 2, seed) for seed in range(40)]
    spread = np.array([row.over_members.high - row.over_members.low for row in rows])
    assert np.median(spread) < 0.8  # per cent; raw members spread over 1.8
    assert (spread == 0.0).any()
    one = rows[int(np.argmin(spread))]
    assert one.over_members.low == pytest.approx(one.change.estimate, abs=0.05)


def test_of_few_members_and_of_none_no_spread_is_said():
    assert math.isnan(by_member(EFFECTS[:9], 0.01).over_members.low)
    row = by_member(EFFECTS, 0.01)
    assert not math.isnan(row.over_members.low)
    assert math.isnan(replace(row, member=row.member[:0]).over_members.low)


# --- remarks and the finding ----------------------------------------------------------------------


def planted(factor, *, name="other", replicates=5):
    """Return an alternative with launches of 1,000 times ``factor(place, quarter)`` and luck."""

    @cache
    def sizes(place, quarters):
        return np.array([factor(place, quarter) for quarter in range(quarters)])

    def value(indicator, place, replicate, quarters):
        own = 1.0 + 0.0005 * ((7 * replicate + 3 * place + len(name)) % 5)
        return 1000.0 * (1.0 + 0.1 * replicate) * own * sizes(place, len(quarters))

    return alternative_of(make_results(value=value, name=name, replicates=replicates))


@cache
def plain(replicates=5):
    return planted(lambda place, quarter: 1.0, name="base", replicates=replicates)


def with_base(*others, years=(2018, 2023), replicates=5, **options):
    base = plain(replicates)
    return compared(base, [*others], outcomes=["launches"], years=years, **options)


def of(factor, *, replicates=5, changes=(), years=(2018, 2023)):
    other = planted(factor, replicates=replicates)
    return with_base(other, years=years, replicates=replicates, changes=[changes])


REGION = 4


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("early", "late", "years", "turns"),
    [
        (0.9, 1.2, (2018, 2023), ["Shanghai"]),
        (1.2, 0.9, (2018, 2023), ["Shanghai"]),
        (1.1, 1.2, (2018, 2023), []),
        (0.9, 1.2, (2022, 2023), []),  # two years have no thirds
        (1.0, 1.2, (2018, 2023), []),
        (0.9999, 1.2, (2018, 2023), []),  # another sign, by chance
        (1.2, 0.9999, (2018, 2023), []),
        (0.9, 1.2, (2019, 2021), ["Shanghai"]),  # of three years the first and the last
    ],
)
def test_a_sign_that_turns_with_the_horizon_is_remarked(early, late, years, turns):
    def factor(place, quarter):
        return 1.0 if place else early if quarter < 8 else late

    found = of(factor, years=years)
    told = [note for note in found.notes if "Shanghai" in note]
    assert len(told) == len(turns)
    assert not any(name in note for note in found.notes for name in ("Anhui", "region", "Zhejiang"))
    assert not of(factor, years=years, replicates=1).notes


def test_the_horizon_is_the_last_third_of_the_years():
    """Of 2018 to 2023 they are 2022 and 2023; a year before them does not count."""
    by_year = (0.9, 0.9, 1.0, 0.2, 1.2, 1.2)
    found = of(lambda place, quarter: 1.0 if place else by_year[int(quarter) // 4])
    assert any("Shanghai" in note for note in found.notes)


def test_replicates_that_one_side_lacks_do_not_count():
    found = with_base(planted(lambda place, quarter: 1.1, replicates=3))
    assert {row.effect.n for row in found.rows} == {3}
    (note,) = found.notes
    assert all(number in note for number in "53")


def test_results_of_a_machine_of_other_arithmetic_are_remarked():
    other = planted(lambda place, quarter: 1.1)
    assert with_base(other).notes == ()
    other.run.manifest["canary"] = "0" * 64
    (note,) = with_base(plain(), other).notes
    assert note.startswith("base and other ")


def test_shares_are_in_per_cent():
    base, share = plain(), "contract_cross_province_share"
    found = compared(base, [base], outcomes=[share], years=(2018, 2023))
    values = base.run.cube([share], years=(2018, 2023), reduce="period")[share]
    row = row_of(found, "Anhui")
    assert row.effect.plain == pytest.approx(100.0 * values.xs("Anhui", level="place").mean())


def test_a_change_of_more_than_100_per_cent_is_remarked_with_both_values():
    found = of(lambda place, quarter: 2.5 if place == 1 else 1.9)
    (note,) = found.notes
    (row,) = [row for row in found.rows if row.place == "Jiangsu"]
    assert row.per_cent.estimate > 100.0
    assert all(part in note for part in ("Jiangsu", f"{row.effect.plain:,.0f}",
                                         f"{row.effect.changed:,.0f}"))  # fmt: skip
    assert "Anhui" not in note
    assert "fewer" not in note


def test_of_doubled_numbers_those_that_start_from_a_few_simulated_things_come_first():
    found = of(lambda place, quarter: 2.5 if place in (1, 2) else 1.0)
    rows = [row for row in found.rows if row.place in ("Jiangsu", "Zhejiang")]
    tiny = replace(rows[1], effect=replace(rows[1].effect, plain=30.0))  # 1.5 at scale .05
    (note,) = _doubled([rows[0], tiny], 0.05)
    first, second = note.split("; ")
    assert "Zhejiang" in first
    assert "fewer than 10" in first
    assert "fewer" not in second


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({0: 1.05, REGION: 1.03}, ("raises", "3 %", "the region")),
        ({0: 1.2, REGION: 0.9}, ("lowers", "9.9 %", "the region")),
        ({2: 0.9, 3: 0.95}, ("lowers", "10 %", "Zhejiang")),
    ],
)
def test_the_finding_is_the_largest_effect_of_the_region_else_of_a_place(factors, said):
    found = of(lambda place, quarter: factors.get(place, 1.0))
    (words,), row = findings(found), leading(found.rows)
    assert row is not None
    assert abs(abs(row.change.estimate) - float(said[1][:-2])) < 0.2
    assert said[0] in words
    assert said[2] in words
    assert "\u2018other\u2019" in words
    assert "chance" not in words
    assert (f" 2 significant changes in {found.tests} tests" in words) == (REGION not in factors)
    for replicates, n in ((1, "1 replicate "), (2, "2 replicates ")):
        few = of(lambda place, quarter: factors.get(place, 1.0), replicates=replicates)
        assert leading(few.rows) is None
        (words,) = findings(few)
        assert n in words
        assert "chance" in words
        assert "raises" not in words
        assert "lowers" not in words


@pytest.mark.slow
def test_a_single_changed_policy_is_named_with_its_direction():
    cut = Change("border_friction", "Friction at borders", "cut", 2019, {})
    up = lambda place, quarter: 1.1  # noqa: E731
    assert "Friction at borders cut" in findings(of(up, changes=[cut]))[0]
    assert "Friction" not in findings(of(up, changes=[cut, cut]))[0]


def test_no_finding_where_there_is_none():
    same = with_base(plain())
    assert leading(same.rows) is None
    assert "nothing differs" in findings(same)[0]


@pytest.mark.slow
def test_each_alternative_has_a_finding_of_its_own():
    others = [planted(lambda *_, k=k: k, name=f"by{k}") for k in (1, 1.1, 0.8)]
    found = with_base(*others)
    none, up, down = findings(found)
    assert "5 pairs" in none
    assert "by1.1" in up
    assert "raises" in up
    assert "lowers" in down
    rows = [[row for row in found.rows if row.alternative == one.name] for one in others]
    assert [leading(mine) is None for mine in rows] == [True, False, False]


# --- what comes first -----------------------------------------------------------------------------


def test_the_yearly_spread_is_about_a_line_and_does_not_depend_on_the_replicates():
    few, many = (planted(lambda place, quarter: 1.0, replicates=n) for n in (2, 6))
    outcome = with_base(plain()).outcomes[0]
    a, b = (spreads(one, "province", [outcome]) for one in (few, many))
    assert a == pytest.approx(b)
    up_and_down = planted(lambda place, quarter: 1.1 if quarter // 4 % 2 else 0.9)
    years = int(up_and_down.scenario["end"]) - int(up_and_down.scenario["start"]) + 1
    yearly = np.log([0.9 if k % 2 == 0 else 1.1 for k in range(years)])
    line = np.polyval(np.polyfit(range(years), yearly, 1), range(years))
    wanted = 100.0 * np.sqrt(((yearly - line) ** 2).sum() / (years - 2))
    assert spreads(up_and_down, "province", [outcome])["launches", "Anhui"] == pytest.approx(wanted)


def effects_of(**sizes):
    """Return rows of one alternative, of sizes in per cent over a spread of one, all certain."""
    outcomes = {one.name: one for one in chosen("province", [], CARDS)}
    rows = []
    for name, (change, place, level) in sizes.items():
        x = np.array([100.0, 101.0, 99.0, 100.5, 99.5])
        y = x * (1.0 + change / 100.0) + 1e-6 * np.arange(5)
        rows.append(Row("other", outcomes[name], place, level, effect_on(outcomes[name], x, y)))
    return corrected(rows)


def test_outcomes_are_in_the_order_of_their_size_and_the_setting_itself_is_second():
    whole = "yrd", "region"
    rows = effects_of(
        contract_value_cross_province=(70.0, *whole),
        rd_expenditure=(0.05, *whole),
        inventions=(7.0, *whole),
        adoptions=(4.0, *whole),
    )
    spread = {("inventions", "yrd"): 10.0, ("adoptions", "yrd"): 1.0}
    found = ordered(rows, spread, {"other": ({"contract_value_cross_province"}, frozenset())})
    names = [row.outcome.name for row in found]
    assert names == ["adoptions", "inventions", "contract_value_cross_province", "rd_expenditure"]
    row = leading(found)
    assert row is not None
    assert row.outcome.name == "adoptions"
    assert [row.unseen for row in found] == [False, False, False, True]


def test_places_that_are_aimed_at_come_before_the_region():
    rows = effects_of(inventions=(2.0, "yrd", "region"), adoptions=(1.0, "Anhui", "province"))
    found = ordered(rows, {}, {"other": (set(), frozenset({"Anhui"}))})
    assert [row.place for row in found] == ["Anhui", "yrd"]
    row = leading(found)
    assert row is not None
    assert row.place == "Anhui"
    (row,) = effects_of(inventions=(1.0, "a", "province"))
    x, unsure, loss = np.ones(3), np.array([1.0, 1.0, 2.0]), np.array([0.9, 0.91, 0.9])
    b, c = (replace(row, effect=effect_on(row.outcome, x, y)) for y in (unsure, loss))
    rows = [row, replace(b, place="b"), replace(c, place="c")]
    assert [row.place for row in ordered(rows, {}, {"other": (set(), frozenset())})] == [*"cab"]


@pytest.mark.parametrize(
    ("target", "by", "places"),
    [
        ({"provinces": ["Anhui"]}, "province", {"Anhui"}),
        ({"cities": ["Hefei", "Suzhou"]}, "province", {"Anhui", "Jiangsu"}),
        ({"corridor": "g60"}, "province", set()),  # it has cities in all of them
        ({"pairs": [["Shanghai", "Anhui"]]}, "province", {"Shanghai", "Anhui"}),
        ({"kinds": ["firm"]}, "kind", {"firm"}),
        ({"cities": ["Hefei"]}, "city", {"Hefei"}),
        ({}, "province", set()),
    ],
)
def test_a_change_aims_at_the_places_of_its_target(target, by, places):
    base = replace(plain(), scenario={**plain().scenario, "world": "yrd"})
    other = replace(base, scenario={**base.scenario, "policies": {"a": {"target": target}}})
    change = Change("a", "A", "added", 2019, {})
    assert aimed_at(base, other, [change], by) == places


def test_what_a_change_sets_directly_is_of_the_kind_of_its_policy_or_section():
    policies = {"mine": {"policy": "closure"}}
    other = replace(plain(), scenario={**plain().scenario, "policies": policies})
    crossing = set(OWN["closure"])
    assert own_outcomes(plain(), other, [Change("mine", "", "added", 2019, {})]) == crossing
    values = {"parameters.border.joint_work": (0.1, 0.2)}
    change = Change("scenario", "scenario", "changed", None, values)
    assert own_outcomes(plain(), other, [change]) == crossing
