"""Comparisons of made results: planted effects are found, nothing is nothing, and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.compared import setting
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import effect
from ydsim.record.indicators import INDICATORS
from ydsim.results.compare import DEFAULTS, Row, chosen, grouped
from ydsim.results.cube import outcomes_at
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.extend import shipped
from ydsim.store.manifest import cards
from ydsim.studies.alternatives import (
    alternative_of,
    alternatives_of,
    changes,
    first_year,
    require_alike,
)
from ydsim.studies.comparison import comparison_of
from ydsim.typing import Columns

ZHEJIANG = 2
CARDS = cards(INDICATORS)
OLD = Path(__file__).parents[1] / "old_results"


def planted(name: str, place: int, replicate: int) -> float:
    return {("launches", ZHEJIANG): 1.05, ("inventions", ZHEJIANG): 0.97}.get((name, place), 1.0)


def changed(side, **values: object):
    return replace(side, scenario={**side.scenario, **values})


def test_a_setting_against_itself_is_exactly_nothing() -> None:
    side = setting()
    for by in ("province", "city", "kind", "field"):
        found = comparison_of([side, side], by=by)
        assert found.found.nothing_differs
        assert (found.effects["estimate"] == 0.0).all()
        assert (found.effects[["low", "high"]] == 0.0).all(axis=None)
        assert not found.effects["significant"].any()
        assert len(found.winners) == len(found.losers) == 0
        assert set(found.effects["p_holm"]) == {1.0}


@pytest.mark.slow
def test_a_planted_effect_is_found_where_it_is_and_nowhere_else() -> None:
    found = comparison_of([setting(), setting(planted, who=2)])
    assert found.winners[["outcome", "place"]].to_numpy().tolist() == [["launches", "Zhejiang"]]
    assert found.losers[["outcome", "place"]].to_numpy().tolist() == [["inventions", "Zhejiang"]]
    (row,) = found.winners.to_dict("records")
    assert row["per_cent_low"] <= 5.0 <= row["per_cent_high"]
    assert row["variance_removed"] > 0.9
    assert found.found.tests == len(DEFAULTS["province"]) * 5


@pytest.mark.slow
def test_chance_alone_makes_no_winner() -> None:
    """Luck of the second setting's own, and no effect: 45 tests, none beyond zero."""
    for who in (2, 3):
        found = comparison_of([setting(), setting(who=who)])
        assert not found.effects["significant"].any()


def test_means_over_the_years() -> None:
    """The value of a quarter is its number from 0: of 2018-2019 0 to 7."""

    def side():
        from tests.support.made import make_results

        return alternative_of(
            make_results(
                start=2018, end=2020, replicates=2,
                value=lambda name, place, r, q: (1.0 + r) * (q + 1.0),
            )
        )  # fmt: skip

    names = ["launches", "firms", "rd_personnel_fte", "contract_cross_province_share"]
    one = side()
    found = comparison_of([one, one], outcomes=names, years=(2018, 2019))
    means = found.effects[found.effects.place == "Anhui"].set_index("outcome")["base_mean"]
    # replicates 0 and 1 have factors 1 and 2: mean 1.5
    assert means["launches"] == pytest.approx(1.5 * (sum(range(1, 9)) / 2.0))  # flow: mean of years
    assert means["firms"] == pytest.approx(1.5 * 8.0)  # stock: last quarter of the last year
    assert means["rd_personnel_fte"] == pytest.approx(1.5 * 4.5)  # mean of quarters
    assert means["contract_cross_province_share"] == pytest.approx(100.0)  # of sums, in per cent
    assert not (found.effects.outcome.eq("contract_cross_province_share")
                & found.effects.per_cent.notna()).any()  # fmt: skip


def test_logs_are_said_in_per_cent_and_shares_in_points() -> None:
    base = setting(replicates=3)
    found = comparison_of([base, base], outcomes=["productivity_log", "rd_intensity_gdp"])
    units = found.effects.groupby("outcome")["unit"].first()
    assert units["rd_intensity_gdp"] == "percentage points"
    shift = Row("x", outcomes_at("province", CARDS)["productivity_log"], "Anhui", "province",
                    effect(np.array([1.0, 2.0, 3.0]), np.array([1.1, 2.2, 3.0])))  # fmt: skip
    assert shift.change.estimate == pytest.approx(100.0 * math.expm1(0.1))
    assert outcomes_at("province", CARDS)["productivity_log_sd"].said == "per cent"


def test_figures_of_cities_carry_the_mark_of_priors() -> None:
    side = setting(replicates=2)
    found = comparison_of([side, side], by="city", outcomes=["launches"])
    assert found.effects["prior"].all()
    assert (found.effects["level"] == "city").all()
    assert not comparison_of([side, side], outcomes=["launches"]).effects["prior"].any()


@pytest.mark.slow
def test_of_unequal_replicates_the_common_ones_are_used() -> None:
    found = comparison_of([setting(replicates=5), setting(who=2, replicates=3)])
    assert set(found.effects["n"]) == {3}
    assert list(found.notes) == ["made has 5 replicates and made 3: the 3 that both have are used"]
    few = comparison_of([setting(replicates=3), setting(who=2, replicates=3)])
    assert few.effects.drop(columns="n").equals(found.effects.drop(columns="n"))


def test_one_replicate_gives_no_interval() -> None:
    found = comparison_of([setting(replicates=1), setting(planted, who=2, replicates=1)])
    assert found.effects[["low", "high", "p", "p_holm", "q_fdr"]].isna().all(axis=None)
    assert not found.effects["significant"].any()
    assert (found.effects["estimate"] != 0.0).any()
    assert found.found.tests == 0


def test_no_common_replicate_is_refused() -> None:
    one, other = setting(replicates=2), setting(replicates=2)
    for number in (0, 1):
        for table in other.results.receipts[number]["tables"].values():
            table["replicate"] = table["replicate"] + 5
    object.__setattr__(
        other.results.contents.plan, "replicates", (5, 6)
    )  # as a folder of a later batch would be
    with pytest.raises(ResultsError, match="no finished replicate in common"):
        comparison_of([one, other])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 2}, "seed 2 against 1"),
        ({"scale": 0.02}, "scale 0.02 against 0.05"),
        ({"start": 2011}, "first year 2011 against 2018"),
        ({"world": "yrd"}, "world yrd against synthetic"),
        ({"seed": 3, "scale": 0.5}, "seed 3 against 1; scale 0.5 against 0.05"),
    ],
)
def test_settings_that_share_no_draws_are_refused_by_name(change, said: str) -> None:
    base, other = setting(name="mine"), changed(setting(name="yours"), **change)
    with pytest.raises(UsageError) as refused:
        require_alike([base, other])
    assert str(refused.value).startswith(f"yours cannot be compared with mine: {said}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"world": "0123456789abcdef"}, "content of the world 0123456789ab against"),
        ({"version": "0.3.0"}, "ydsim 0.3.0 against"),
        ({"code": {"mine": "b"}}, "code of mine"),
    ],
)
def test_other_worlds_versions_and_code_are_refused(change, said: str) -> None:
    base = replace(setting(), code={"mine": "a"})
    with pytest.raises(UsageError, match=f"cannot be compared with made: {said}"):
        require_alike([base, replace(base, **change)])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "nothing is named: name a base and at least one other"),
        (["baseline"], "baseline is one setting"),
        (["baseline", "open_platfroms"], "did you mean 'open_platforms'?"),
        (["baseline", "levers"], "no scenario and no folder of results is called 'levers'"),
        (["baseline"] * 30, "30 settings are more than 24"),
    ],
)
def test_names_that_mean_nothing(names: list[str], said: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refused:
        alternatives_of(names, None)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("by", "name", "said"),
    [
        (
            "province",
            "lanches",
            "no outcome by province is called 'lanches'; did you mean 'launche",
        ),
        ("city", "herfindahl", "it is recorded for region only"),
        ("kind", "rd_expenditure", "it is recorded for region, province, city only"),
        ("field", "launches", "no outcome by field"),
    ],
)
def test_unknown_outcomes(by, name: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen(by, [name], CARDS)
    assert said in str(refused.value)


def test_default_outcomes_exist_at_their_level() -> None:
    for by, names in DEFAULTS.items():
        assert set(names) <= set(outcomes_at(by, CARDS))


def test_years_that_were_not_run() -> None:
    side = setting(replicates=2)
    with pytest.raises(UsageError, match="years 2011-2019: the runs have 2018-2023"):
        comparison_of([side, side], years=(2011, 2019))
    assert comparison_of([side, side]).facts.years == (2019, 2023)


def test_years_begin_when_policies_differ() -> None:
    base = setting(replicates=2)
    policy = {"policy": "rd_grants", "strength": 1.0, "start": 2021.5, "end": None, "cost": 0.0}
    with_it = {**base.scenario["policies"], "grants": policy}
    other = changed(base, policies=with_it)
    found = comparison_of([base, other])
    assert found.facts.years == (2021, 2023)
    assert "from the first year" in found.found.why_years
    later = changed(base, policies={**with_it, "grants": {**policy, "start": 2040.0}})
    assert comparison_of([base, later]).facts.years == (2019, 2023)
    parameters = changed(other, parameters={"other": 1.0})
    assert comparison_of([base, parameters]).facts.years == (2019, 2023)


# --- what differs, in words ----------------------------------------------------------------------


def plain(name: str):
    return plain_scenario(load_scenario(name))


def test_what_open_platforms_changes_in_its_base_and_in_the_baseline() -> None:
    alone = changes(plain("baseline_2018"), plain("open_platforms"))
    assert [change.text for change in alone] == [
        "adds innovation_voucher (Innovation vouchers), from 2019",
        "adds instrument_platform (Sharing of research instruments), from 2019.25",
    ]
    assert first_year(alone) == 2019
    beside = changes(plain("baseline"), plain("open_platforms"))
    assert "lacks joint_rd_fund (Joint R&D fund of the provinces), from 2023.25" in [
        change.text for change in beside
    ]
    # under two names, so neither added nor lacking
    assert "Super-deduction of R&D" in dict(grouped(beside))["changes"]
    assert "Super-deduction of R&D" not in dict(grouped(beside))["lacks"]


def test_shocks_that_differ_are_named_with_their_year() -> None:
    one = {"name": "a", "kind": "grants", "year": 2013.5, "share": 0.1}
    base, other = {"shocks": [one]}, {"shocks": [{**one, "share": 0.2}]}
    assert changes(base, base) == []
    texts = [[change.text for change in changes(*pair)] for pair in
             (({}, base), (base, {}), (base, other))]  # fmt: skip
    assert texts == [
        ["adds shock a (grants), from 2013.5"],
        ["lacks shock a (grants), from 2013.5"],
        ["changes shock a (grants): share 0.2 instead of 0.1"],
    ]
    assert first_year(changes(base, other)) == 2013
    assert changes({}, {"shocks": ["of a stranger"]}) == []


def test_an_earlier_end_counts_from_the_end() -> None:
    old = {"policies": {"x": {"policy": "rd_grants", "start": 2011.0, "end": None, "rate": 0.1}}}
    new = {"policies": {"x": {**old["policies"]["x"], "end": 2021.0}}}
    (found,) = changes(old, new)
    assert (found.year, found.verb) == (2021, "changes")
    stronger = {"policies": {"x": {**old["policies"]["x"], "rate": 0.2}}}
    assert changes(old, stronger)[0].year == 2011


def test_what_does_nothing_is_no_difference() -> None:
    base = plain("baseline_2018")
    idle = {"policy": "rd_grants", "strength": 0.0, "start": 2019.0, "end": None}
    assert changes(base, {**base, "policies": {**base["policies"], "x": idle}}) == []
    assert changes(base, {**base, "name": "other", "description": "z", "seed": 9}) == []


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_can_be_said(name: str) -> None:
    base = plain("baseline")
    found = changes(base, plain(name))
    assert found or name in ("baseline", "history")
    assert all(change.text.startswith(change.verb) for change in found)


# --- public money --------------------------------------------------------------------------------


def costs(paid: float, instrument: str = "border_friction"):
    def rows(replicate: int) -> Columns:
        n = 6
        return {
            "point": np.zeros(n, dtype=np.int64),
            "replicate": np.full(n, replicate),
            "year": np.arange(2018, 2018 + n),
            "quarter": np.ones(n, dtype=np.int64),
            "instrument": np.array([instrument] * n, dtype=object),
            "payer": np.array(["provinces"] * n, dtype=object),
            "region": np.array(["Anhui"] * n, dtype=object),
            "amount": np.full(n, paid * (1.0 + 0.01 * replicate)),
            "leaked": np.full(n, 0.1 * paid),
        }

    return rows


@pytest.mark.slow
def test_money_and_its_cost_for_each_result() -> None:
    """Ten more of 100 million yuan a year, and five per cent more launches."""
    base = setting(costs=costs(5.0))
    more = setting(lambda name, *_: 1.05 if name == "launches" else 1.0, who=2, costs=costs(15.0))
    found = comparison_of([base, more])
    whole = found.cost.set_index(["instrument", "place"]).loc[("all policies", "yrd")]
    assert whole["base_mean"] == pytest.approx(5.0 * 1.02)
    assert whole["estimate"] == pytest.approx(10.0 * 1.02)
    assert whole["leaked_share"] == pytest.approx(0.1 / 1.02)
    zero = found.cost.set_index(["instrument", "place"]).loc[("all policies", "Shanghai")]
    assert (zero["base_mean"], zero["estimate"]) == (0.0, 0.0)
    per = found.cost_per_result.set_index("outcome")
    gained = found.effects.query("outcome == 'launches' and level == 'region'")["estimate"].iloc[0]
    assert per.loc["launches", "estimate"] == pytest.approx(10.2 / gained)
    assert per.loc["launches", "low"] < 10.2 / gained < per.loc["launches", "high"]
    assert per.loc["inventions", "why_not"] == "may not have changed"
    assert math.isnan(per.loc["inventions", "estimate"])
    assert found.take_up["why_not"].tolist() == [
        "paid on demand: the tables do not say what is offered"
    ]


@pytest.mark.slow
def test_no_cost_of_a_result_where_money_does_not_rise() -> None:
    base, less = setting(costs=costs(5.0)), setting(planted, who=2, costs=costs(3.0))
    assert set(comparison_of([base, less]).cost_per_result["why_not"]) == {
        "less public money is paid"
    }
    same = setting(planted, who=2, costs=costs(5.0))
    assert set(comparison_of([base, same]).cost_per_result["why_not"]) == {
        "public money is the same"
    }
    assert len(comparison_of([setting(), less]).cost) == 0


def left_over(paid: list[float], left: float) -> Callable[[int], Columns]:
    """Rows of a policy that pays so much in each replicate and has so much left."""

    def rows(replicate: int) -> Columns:
        table = costs(paid[replicate], "fund")(replicate)
        n = len(table["amount"])
        table["amount"] = np.full(n, paid[replicate])
        return {**table, "asked": table["amount"], "left_over": np.full(n, left)}

    return rows


def with_fund(paid: list[float], left: float):
    side = setting(costs=left_over(paid, left))
    return changed(side, policies={**side.scenario["policies"], "fund": {"policy": "rd_grants"}})


@pytest.mark.slow
def test_a_budget_that_nobody_took_up_is_shown() -> None:
    side = with_fund([0.0] * 5, 20.0)
    found = comparison_of([side, side]).take_up.set_index("instrument").loc["fund"]
    assert (found["spent"], found["offered"], found["estimate"]) == (0.0, 20.0, 0.0)
    assert found["why_not"] == ""
    nothing = with_fund([0.0] * 5, 0.0)
    assert len(comparison_of([nothing, nothing]).take_up) == 0


@pytest.mark.parametrize("paid", [[0.0, 0.1, 0.0, 5.0, 0.0], [20.0, 20.0, 3.0, 20.0, 20.0]])
def test_no_more_than_all_and_no_less_than_nothing_is_taken_up(paid) -> None:
    def rows(replicate: int) -> Columns:
        return left_over(paid, 20.0 - paid[replicate])(replicate)

    side = setting(costs=rows)
    side = changed(side, policies={"fund": {"policy": "rd_grants"}})
    base = setting(costs=left_over([1.0] * 5, 100.0))
    base = changed(base, policies=side.scenario["policies"])
    (found,) = comparison_of([base, side]).take_up.to_dict("records")
    assert found["estimate"] == pytest.approx(sum(paid) / 100.0)
    assert 0.0 <= found["low"] < found["estimate"] < found["high"] <= 1.0
    assert (found["low"] == 0.0) or (found["high"] == 1.0)


# --- folders of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["run", "sweep"])
def test_folders_of_an_earlier_version_are_read(kind: str) -> None:
    sides = alternatives_of([str(OLD / kind), str(OLD / kind)], None)
    found = comparison_of([sides[0], sides[-1]])
    assert found.effects["estimate"].notna().all()
    assert len(found.cost) > 0 or kind == "sweep"
