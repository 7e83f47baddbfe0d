"""What policies with money were asked for, paid, leaked and had left, in a few lines.

Sums of the table ``policy_costs`` over provinces and payers, a year, mean over replicates: of each
policy the years are those in which the table has rows of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.fmt import number, text_table
from ydsim.record.public_finance import GENERAL
from ydsim.results.results import Results

TABLE = "policy_costs"
COLUMNS = ("asked", "amount", "leaked", "left_over")


@dataclass(frozen=True)
class PolicyMoney:
    """Money of one policy, 100m_rmb a year.

    Attributes
    ----------
    policy
        Name in the scenario.
    first, last
        Years of which it has rows.
    asked, taken, leaked, left
        Asked for; paid; of that not spent on what it is paid for; of a budget not taken up.
    """

    policy: str
    first: int
    last: int
    asked: float
    taken: float
    leaked: float
    left: float


def summarise(results: Results, point: int = 0) -> list[PolicyMoney]:
    """Return the money of each policy of a point, by name; nothing without its columns."""
    if TABLE not in results.manifest["tables"]:
        return []
    table = results.raw(TABLE)
    if not table or not all(name in table for name in COLUMNS):
        return []
    here = table["point"] == point
    table = {name: column[here] for name, column in table.items()}
    instrument = table["instrument"].astype(str)
    replicates = max(len(np.unique(table["replicate"])), 1)
    found = []
    for name in sorted({*instrument.tolist()} - {*GENERAL}):
        mine = instrument == name
        year = table["year"][mine].astype(np.int64)
        span = replicates * len(np.unique(year))
        money = [float(table[column][mine].astype(np.float64).sum()) / span for column in COLUMNS]
        found.append(PolicyMoney(name, int(year.min()), int(year.max()), *money))
    return found


def as_text(money: list[PolicyMoney]) -> str:
    """Return the same as aligned columns; empty without policies with money."""
    if not money:
        return ""
    head = ["", "years", "asked for", "taken up", "leaked", "left over"]
    rows = [
        [
            one.policy,
            f"{one.first}-{one.last}",
            *(number(value) for value in (one.asked, one.taken, one.leaked, one.left)),
        ]
        for one in money
    ]
    lines = text_table(head, rows, right=range(1, len(head)))
    return "\n".join(["money of policies (100m_rmb a year, mean over replicates)", *lines]) + "\n"
