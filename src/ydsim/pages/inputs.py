"""What the page on inputs shows of the backtest: ``python -m ydsim.pages.inputs docs/inputs.md``.

The page is written by hand, but for the tables between ``<!-- backtest -->`` or ``<!-- check -->``
and ``<!-- end -->``, which come from what ``python -m ydsim.analysis.backtest_inputs`` has stored.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from ydsim.wording import between, markdown_table
from ydsim.world.trends import GROUPS, trend_file

NAMES: Final = {
    "gdp": "GDP of provinces",
    "secondary": "secondary value added of provinces",
    "science_budget": "science budget",
    "government": "government-funded R&D",
    "foreign": "R&D funded from abroad",
    "wage": "R&D per researcher (wage)",
    "city_gdp": "share of a city in GDP",
    "city_secondary": "share of a city in secondary value added",
    "personnel": "R&D personnel",
    "propensity": "propensity to patent psi",
    "contract_price": "price of contracts m",
    "publication": "papers per researcher b",
    "outside_mass": "researchers outside o",
    "examination": "examination phi",
}


def words(rule: dict[str, Any]) -> str:
    """Return a rule in words."""
    what = "ratio to GDP: " if rule["of_gdp"] else ""
    if rule["kind"] == "mean":
        return what + "mean of three years"
    if rule["damping"] == 0.0:
        return what + "no trend"
    said = f"growth of {rule['years']} years"
    return what + (said if rule["damping"] == 1.0 else f"{said}, damping {rule['damping']:g}")


def backtest_table(groups: dict[str, Any]) -> str:
    """Return the table of chosen rules and their errors."""
    head = (
        "series|n|figures|rule chosen|score|before|no trend|whole growth|mean of 3|"
        "error 1|error 2|error 3|s|rho|c"
    )
    rows = []
    for name in GROUPS:
        found = groups[name]
        rule, score = found["rule"], found["score"]
        of = ("chosen", "before", "no_trend", "mean_growth", "mean")
        rows.append(
            [
                NAMES[name],
                str(found["series"]),
                f"2011-{found['last']}",
                words(rule),
                *(f"{score[key]:.2f}" for key in of),
                *(f"{error:.3f}" for error in found["errors"]),
                f"{rule['step']:.3f}",
                f"{rule['persistence']:g}",
                f"{rule['common']:g}",
            ]
        )
    return "\n".join(markdown_table(head.split("|"), rows))


def check_table(groups: dict[str, Any]) -> str:
    """Return the table of what 2017 would have chosen and its errors in 2018-20."""
    head = ["series", "rule that 2017 would have chosen", "s", "2018", "2019", "2020"]
    rows = []
    for name in GROUPS:
        check = groups[name]["check"]
        if check is not None:
            size = f"{check['rule']['step']:.3f}"
            errors = (f"{error:.3f}" for error in check["errors"])
            rows.append([NAMES[name], words(check["rule"]), size, *errors])
    return "\n".join(markdown_table(head, rows))


def filled(text: str) -> str:
    """Return a page with its tables made again."""
    groups = json.loads(trend_file().read_text(encoding="utf-8"))["groups"]
    for name, table in (("backtest", backtest_table), ("check", check_table)):
        text = between(text, f"<!-- {name} -->", "<!-- end -->", table(groups))
    return text


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
