"""The end of a run or a sweep in a few lines: headlines and money, or the first points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.record.public_finance import GENERAL
from ydsim.results import headlines
from ydsim.results.results import Results
from ydsim.results.text import records
from ydsim.store.manifest import RUN
from ydsim.translation import gettext as _t
from ydsim.wording import shorten

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS: Final = 20
OUTCOMES: Final = (
    "rd_expenditure",
    "value_added_secondary",
    "invention_patents_granted",
    "tech_market_contract_value_output",
    "coinventions_interprovince",
)
"""Indicators that the summary of a sweep shows."""

COSTS: Final = "policy_costs"


def summarise(results: Results) -> list[dict[str, Any]]:
    """Return the headlines of a run beside official figures, or the points of a sweep."""
    if results.contents.kind == RUN:
        return records(headlines.compare_official(results))
    return sweep_summary(results)


def money(results: Results) -> list[dict[str, Any]]:
    """Return what each policy of a run was asked for, paid, leaked and had left a year."""
    return records(policy_money(results)) if results.contents.kind == RUN else []


def as_text(results: Results) -> str:
    """Return the same as aligned columns; empty when no run of a scenario is finished."""
    if results.contents.kind == RUN:
        figures = headlines.as_text(results, headlines.compare_official(results))
        return "\n".join(filter(None, [figures, money_as_text(policy_money(results))]))
    return sweep_as_text(results)


# -- money of policies -----------------------------------------------------------------------------


def policy_money(results: Results, point: int = 0) -> pd.DataFrame:
    """Return the money of each policy of a point, 100m_rmb a year.

    Returns
    -------
    DataFrame
        By name: ``policy``; ``first`` and ``last`` year of which it has rows in the table
        ``policy_costs``; means over these years and replicates, summed over provinces and payers,
        of what was ``asked`` for, ``taken`` (paid), ``leaked`` (not spent on what it is paid for)
        and ``left`` of a budget. No rows without its columns.
    """
    import pandas as pd

    columns = {"asked": "asked", "amount": "taken", "leaked": "leaked", "left_over": "left"}
    found = pd.DataFrame(columns=["policy", "first", "last", *columns.values()])
    if COSTS not in results.manifest["tables"]:
        return found
    table = pd.DataFrame(results.raw(COSTS))
    if not len(table) or not {*columns} <= {*table}:
        return found
    table = table[table["point"] == point]
    runs = max(table["replicate"].nunique(), 1)
    by_policy = table[~table["instrument"].isin(GENERAL)].groupby("instrument")
    years = by_policy["year"].agg(["min", "max", "nunique"])
    sums = by_policy[[*columns]].sum().div(runs * years["nunique"], axis=0)
    named = years.rename(columns={"min": "first", "max": "last"})[["first", "last"]]
    both = named.join(sums.rename(columns=columns))
    return both.rename_axis("policy").reset_index()


def money_rows(found: pd.DataFrame) -> list[list[str]]:
    """Return head and rows of the same as text."""
    head = [_t("policy"), _t("years"), _t("asked for"), _t("taken up"), _t("leaked")]
    rows = [
        [policy, f"{first}-{last}", *map(fmt.number, amounts)]
        for policy, first, last, *amounts in found.itertuples(index=False)
    ]
    return [[*head, _t("left over")], *rows]


def money_as_text(found: pd.DataFrame) -> str:
    """Return the same as aligned columns; empty without policies with money."""
    head, *rows = money_rows(found)
    title = _t("money of policies (100 million RMB a year, mean over replicates)")
    lines = [title, *fmt.text_table(head, rows, right=range(1, len(head)))]
    return "\n".join(lines) + "\n" if rows else ""


# -- points of a sweep -----------------------------------------------------------------------------


def sweep_summary(results: Results) -> list[dict[str, Any]]:
    """Return the first points with factors, finished replicates, outcomes and differences.

    Each outcome is ``{"mean", "low", "high"}`` over replicates: the whole region in the last year,
    with a 95 % interval of the mean by Student's t (None for fewer than three replicates). Each
    difference to point 0 is the same over pairs of equal replicates, where all points share their
    random numbers; an interval holds for itself and not for all at once.
    """
    points = results.contents.points
    shown = [name for name in OUTCOMES if name in results.manifest["indicators"]]
    runs = results.runs.reindex(columns=["point", "replicate", *shown])
    runs = runs.set_index(["point", "replicate"])
    lines = []
    for row in range(min(len(points), MOST_POINTS)):
        base, mine = (
            runs.loc[runs.index.get_level_values(0) == at].droplevel(0) for at in (0, row)
        )
        line: dict[str, Any] = {"point": row, "scenario": str(points.columns["scenario"][row])}
        line |= {name: points.columns[name][row : row + 1].tolist()[0] for name in points.factors}
        line["replicates"] = len(mine)
        line["outcomes"] = {name: _mean_of(mine[name]) for name in shown}
        if results.manifest["random"] == "common" and row:
            line["differences"] = {name: _mean_of(mine[name] - base[name]) for name in shown}
        lines.append(line)
    return lines


def _mean_of(values: pd.Series) -> dict[str, float | None]:
    there = values.dropna().to_numpy(dtype=np.float64)
    found = interval(there)[1:] if len(there) else (None, None, None)
    return dict(zip(("mean", "low", "high"), found, strict=True))


def sweep_as_text(results: Results) -> str:
    """Return the summary of a sweep as one or two tables of aligned columns."""
    lines, points = sweep_summary(results), results.contents.points
    several = len(set(points.columns["scenario"].tolist())) > 1
    factors = ["scenario", *points.factors] if several else points.factors
    cards = results.manifest["indicators"]
    units = [f"{name} [{cards[name]['unit']}]" for name in lines[0]["outcomes"]]
    head = ["point", *factors, "n", *units]
    ends = {int(results.scenario_at(line["point"])["end"]) for line in lines}
    when = f"in {min(ends)}" if len(ends) == 1 else "in the last year of each point"
    titles = {
        "outcomes": f"the whole region {when}: mean over n replicates [95 % interval]",
        "differences": "\ndifference to point 0, paired by replicate [95 % interval of each alone]",
    }
    text = []
    for what, title in titles.items():
        sign = what == "differences"  # without any interval a difference says nothing
        values = {line["point"]: [*line[what].values()] for line in lines if what in line}
        if sign and all(one["low"] is None for found in values.values() for one in found):
            continue
        rows = [
            [
                str(at),
                *(_plain(lines[at][name]) for name in factors),
                str(lines[at]["replicates"]),
                *(fmt.interval(*one.values(), sign=sign) for one in found),
            ]
            for at, found in values.items()
        ]
        text += [title, *fmt.text_table(head, rows, right=range(len(head)))]
    if (more := len(points) - len(lines)) > 0:
        text.append(f"and {more} more points: ydsim export {results.path} --table runs")
    return "\n".join(text)


def _plain(value: Any) -> str:
    return shorten(f"{value:.6g}" if isinstance(value, float) else str(value), 24)
