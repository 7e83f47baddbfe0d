"""The policy environment: everything that policies can move, as named fields.

Processes read this environment and never a policy. Each field declares how contributions of
several policies combine:

* ``add``: effective = baseline + sum of strength * (value - baseline);
* ``multiply``: effective = baseline * product of (1 + strength * (value / baseline - 1));
* ``max``: baseline + the shift strength * (value - baseline) of largest size;
* ``exclusive``: one writer at a time, two are refused when the scenario is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from ydsim.typing import Floats

Rule = Literal["add", "multiply", "max", "exclusive"]


def _combines(rule: Rule, meaning: str) -> Floats:
    value: Floats = field(metadata={"rule": rule, "meaning": meaning})
    return value


@dataclass(frozen=True)
class PolicyEnvironment:
    """Values in force in one quarter; shapes in C cities and P provinces.

    Border levels are the share of cross-province exchange that the border suppresses.
    """

    border_market: Floats = _combines("exclusive", "border level in product markets, (P, P), 0-1")
    border_exposure: Floats = _combines(
        "exclusive", "border level in the exposure to adopters, (P, P), 0-1"
    )
    border_match: Floats = _combines("exclusive", "border level in joint projects, (P, P), 0-1")
    border_contract: Floats = _combines("exclusive", "border level in hand-overs, (P, P), 0-1")
    border_talent: Floats = _combines(
        "exclusive", "border level in moves of researchers, (P, P), 0-1"
    )
    travel_hours: Floats = _combines("multiply", "travel time between cities, (C, C), h")
    outside_hours: Floats = _combines("multiply", "travel time to the rest of the nation, (C,), h")
    recognition: Floats = _combines(
        "max", "share of titles, results and rules that provinces recognise, (P, P), 0-1"
    )
    facility_open: Floats = _combines(
        "max", "share of research facilities open to users of another province, (P, P), 0-1"
    )
    protection: Floats = _combines("add", "protection of a province's product market, (P,), 0-1")
    grant_rate: Floats = _combines(
        "add", "grants of a programme as a share of firms' own R&D, by city, (C,), 1"
    )
    programme_leak: Floats = _combines(
        "add", "leaked part of programme grants as a share of firms' own R&D, by city, (C,), 1"
    )
    grant_leakage: Floats = _combines(
        "max", "share of the general grants that is misused, by city, (C,), 0-1"
    )
    user_cost: Floats = _combines("multiply", "user cost of R&D relative to 2011, (C,), 1")


def rules() -> dict[str, Rule]:
    """Return the combination rule of every field."""
    return {f.name: f.metadata["rule"] for f in fields(PolicyEnvironment)}
