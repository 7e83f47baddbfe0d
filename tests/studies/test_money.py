"""Public money: one number in a run, a comparison and a report, and what is got for it."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import ydsim.report as report
from tests.support.compared import setting
from ydsim import fmt
from ydsim.results.summary import policy_money
from ydsim.studies.comparison import budgets, comparison_of, money_lines, ranking

PAYING = {
    "fund": {"policy": "joint_rd_fund"},  # has a budget that is not used up
    "voucher": {"policy": "innovation_voucher"},  # a budget below what is claimed
    "rd_grants": {},  # pays what is claimed
    "super_deduction": {},  # no budget, and claims that no tax is left for
}


def drawn(replicate):
    """Return random rows of ``policy_costs`` of a replicate; of the voucher none before 2020."""
    rng = np.random.default_rng(replicate)
    rows = []
    for name in PAYING:
        for year in range(2020 if name == "voucher" else 2018, 2024):
            for place in ("Shanghai", "Anhui"):
                paid = float(rng.uniform(1.0, 5.0))
                more = 0.0 if name == "rd_grants" else float(rng.uniform(0.0, 9.0))
                left = float(rng.uniform(0.0, 3.0)) if name == "fund" else 0.0
                rows.append((0, replicate, year, name, place, paid, 0.1 * paid, paid + more, left))
    head = ("point", "replicate", "year", "instrument", "region")
    columns = dict(zip((*head, "amount", "leaked", "asked", "left_over"), zip(*rows, strict=True),
                       strict=True))  # fmt: skip
    return {
        name: np.array(column, dtype=object if name in ("instrument", "region") else None)
        for name, column in columns.items()
    }


def by_loop(name, years, replicates=4):
    """Return paid a year, budget used and claims met of a policy, one row at a time."""
    paid = offered = claimed = 0.0
    seen = set()
    for replicate in range(replicates):
        rows = drawn(replicate)
        for at, which in enumerate(rows["instrument"]):
            if which == name and years[0] <= rows["year"][at] <= years[1]:
                seen.add(int(rows["year"][at]))
                paid += rows["amount"][at]
                offered += rows["amount"][at] + rows["left_over"][at]
                claimed += rows["asked"][at]
    a_year = paid / replicates / (max(seen) - min(seen) + 1)
    limited = name in ("fund", "voucher")
    return min(seen), a_year, paid / offered if limited else math.nan, paid / claimed


@pytest.mark.parametrize("years", [(2018, 2023), (2019, 2021)])
def test_budget_used_and_claims_met_are_one_number_everywhere(years):
    side = setting(costs=drawn, replicates=4)
    side = replace(side, scenario={**side.scenario, "policies": PAYING})
    run = policy_money(side.run, years=years).set_index("policy")
    found = comparison_of([side, side], years=years, outcomes=["launches"])
    compared = found.money.take_up.set_index("instrument")
    shown = {row[0]: row for row in budgets(found.found, found.money).rows}
    page = {row[0]: row for row in report.money(side.run, 0, "made").rows}
    for name in PAYING:
        first, paid, used, met = by_loop(name, years)
        assert run.loc[name, ["first", "last"]].tolist() == [first, years[1]]
        assert compared.loc[name, ["first", "last"]].tolist() == [first, years[1]]
        expected = pytest.approx([paid, used, met], rel=1e-12, nan_ok=True)
        assert run.loc[name, ["taken", "budget_used", "claims_met"]].tolist() == expected
        assert compared.loc[name, ["spent", "estimate", "claims_met"]].tolist() == expected
        assert shown[name][1] == f"{first}-{years[1]}"
        assert (shown[name][-2] == "no budget") == math.isnan(used)
        assert shown[name][-1].startswith(fmt.fixed(100.0 * met, 0)[:1])
        if years == (2018, 2023):  # the page shows all years of the run
            cells = ["no budget" if math.isnan(used) else fmt.percent(used, 3), fmt.percent(met, 3)]
            assert page[name][-2:] == cells


def paying(name, amount, launches, policies, wobble=0.1):
    """A setting whose policy ``fund`` pays so much in each year, a little more by replicate."""

    def rows(replicate):
        paid = amount + wobble * replicate
        every = drawn(replicate)
        mine = (every["instrument"] == "fund") & (every["region"] == "Anhui")
        table = {key: column[mine] for key, column in every.items()}
        n = len(table["year"])
        return table | {key: np.full(n, paid) for key in ("amount", "asked")}

    side = setting(lambda of, *_: launches if of == "launches" else 1.0, costs=rows, replicates=3)
    return replace(side, name=name, label=name, scenario={**side.scenario, "policies": policies})


FUND = {"fund": {"policy": "joint_rd_fund"}}
OPEN = {"border_friction": {"policy": "border_friction", "passes": 0.9}}


@cache
def ranked():
    """A base that pays 5, and alternatives that pay more for more, or whose price is not known."""
    larger = {"fund": {"policy": "joint_rd_fund", "strength": 0.9}}
    return comparison_of(
        [
            paying("base", 5.0, 1.0, FUND),
            paying("open", 5.5, 1.2, {**FUND, **OPEN}),  # what it pays more is not its cost
            paying("dear", 45.0, 1.05, larger),
            paying("cheap", 15.0, 1.10, larger),
            paying("may be none", 4.9, 1.10, larger, wobble=0.2),
            paying("part", 25.0, 1.10, {**larger, **OPEN}),
        ],
        outcomes=["launches"],
        years=(2019, 2022),
    )


def test_alternatives_are_ranked_by_effect_for_public_money():
    """By Fieller's interval of gains over money; what has no price comes last and says why."""
    found = ranked()
    table = found.money.per_money.set_index("alternative")
    assert table.index.tolist() == ["cheap", "part", "dear", "open", "may be none"]
    for name, extra in {"cheap": 10.0, "part": 20.0, "dear": 40.0}.items():
        row = next(r for r in found.found.rows if (r.alternative, r.level) == (name, "region"))
        gains = [y - x for x, y in zip(*row.values, strict=True)]
        mean = sum(gains) / 3.0
        error = math.sqrt(sum((g - mean) ** 2 for g in gains) / 2.0 / 3.0)
        assert table.loc[name, "money"] == pytest.approx(extra)
        expected = [mean / extra, *((mean + s * 4.3026527 * error) / extra for s in (-1.0, 1.0))]
        assert table.loc[name, ["estimate", "low", "high"]].tolist() == pytest.approx(
            expected, rel=1e-5
        )
    assert table["why_not"].tolist()[3:] == ["no cost counted", "public money may be the same"]
    assert table["estimate"].isna().tolist() == [False, False, False, True, True]
    assert table["uncounted"].tolist() == ["", "border_friction", "", "border_friction", ""]
    rows = ranking(found.found, found.money, "launches").rows
    assert [row[0] for row in rows] == table.index.tolist()
    assert rows[3][-1] == "no cost counted"
    assert [row[-1].endswith("*") for row in rows] == [False, True, False, False, False]


def test_a_screen_ranks_one_outcome_and_the_page_all():
    found = ranked().found
    sides = [found.base, found.others[2]]
    found = comparison_of(sides, outcomes=["launches", "inventions"])
    every = found.money.per_money["outcome"].nunique()
    assert every == 2
    title = ranking(found.found, found.money).title
    assert [len(part.rows) for part in found.sections if part.title == title] == [every]
    assert title not in found.text.splitlines()
    assert len(list(money_lines(found.found, found.money, brief=True))) == 2
