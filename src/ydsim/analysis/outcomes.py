"""What two settings are compared in: the outcomes of each level, and how a change of each is said.

A flow is the mean of the years that are looked at, a stock is that of the last of them, a ratio is
formed of the sums of all of them. A change is said in per cent of the base, that of a share in
percentage points, and that of a logarithm in per cent of what it is the logarithm of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ydsim.errors import UsageError
from ydsim.record.names import name_in_words
from ydsim.wording import suggestion

By = Literal["province", "city", "kind", "field"]
Said = Literal["per cent", "points", "log"]

DEFAULTS: Final[dict[str, tuple[str, ...]]] = {
    "province": (
        "rd_expenditure",
        "launches",
        "contract_value_cross_province",
        "value_added_secondary",
        "inventions",
        "coinventions_interprovince",
        "adoptions",
        "productivity_log",
        "hitech_enterprises_valid_stock_derived",
    ),
    "city": (
        "rd_expenditure",
        "launches",
        "coinventions_interprovince",
        "value_added_secondary",
        "inventions",
        "adoptions",
        "hitech_enterprises_valid_stock_derived",
    ),
    "kind": ("inventions", "launches", "projects_live", "researchers", "applied_research"),
    "field": ("effort", "knowledge", "generations_founded"),
}
"""What is compared unless the user says otherwise; figures show the first ones."""


@dataclass(frozen=True)
class Outcome:
    """One thing that is compared.

    Attributes
    ----------
    name, label
        As tables have it, and in words.
    unit, kind
        Of the recorded value; ``flow``, ``stock``, ``mean`` or ``ratio``.
    prior
        Figures of single cities rest on a prior.
    of
        Numerator and denominator of a ratio.
    """

    name: str
    unit: str
    kind: str
    prior: bool = False
    of: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """Name in words."""
        return name_in_words(self.name)

    @property
    def said(self) -> Said:
        """How a change is said."""
        if self.unit in ("share", "pct"):
            return "points"
        return "log" if self.unit == "log" and not self.name.endswith("_sd") else "per cent"

    @property
    def factor(self) -> float:
        """What turns a recorded value into that of tables: shares are shown in per cent."""
        return 100.0 if self.unit == "share" else 1.0

    @property
    def counted(self) -> bool:
        """It is a number of things that the sample has."""
        return self.unit in ("items", "firms", "ties", "generations", "fte")

    @property
    def shown_unit(self) -> str:
        """Unit of differences in tables."""
        return "percentage points" if self.said == "points" else self.unit


OF_KINDS: Final = {
    name: Outcome(name, unit, kind)
    for name, unit, kind in (
        ("applied_research", "items", "flow"),
        ("inventions", "items", "flow"),
        ("launches", "items", "flow"),
        ("projects_failed", "items", "flow"),
        ("projects_died_waiting", "items", "flow"),
        ("projects_live", "items", "stock"),
        ("researchers", "fte", "stock"),
        ("rd", "100m_rmb", "stock"),
    )
}
"""What the tables ``funnel`` and ``agents`` give of firms, universities and institutes.

Projects count for the kind that had the idea. ``researchers`` and ``rd`` are those of the last
quarter of a run.
"""

OF_FIELDS: Final = {
    name: Outcome(name, unit, kind)
    for name, unit, kind in (
        ("effort", "fte", "stock"),
        ("knowledge", "log", "stock"),
        ("generations_founded", "generations", "flow"),
    )
}
"""What the tables ``knowledge`` and ``generations`` give of technology fields."""


def known(by: By, indicators: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
    """Return all outcomes of a level by name.

    Parameters
    ----------
    indicators
        As in a manifest.
    """
    if by == "kind":
        return dict(OF_KINDS)
    if by == "field":
        return dict(OF_FIELDS)
    return {
        name: Outcome(
            name,
            str(card["unit"]),
            str(card["kind"]),
            by == "city" and bool(card["prior"]),
            tuple(card["of"]) if card.get("of") else None,
        )
        for name, card in indicators.items()
        if by in card["levels"] or (by == "province" and "region" in card["levels"])
    }


def chosen(by: By, names: Sequence[str], indicators: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Return the outcomes that are asked for, or those of `DEFAULTS` that there are.

    Raises
    ------
    UsageError
        When an outcome has no such name at this level.
    """
    there = known(by, indicators)
    if not names:
        return tuple(there[name] for name in DEFAULTS[by] if name in there) or tuple(
            list(there.values())[:4]
        )
    for name in names:
        if name not in there:
            what = f"no outcome by {by} is called {name!r}"
            if name in indicators:
                levels = ", ".join(indicators[name]["levels"])
                raise UsageError(f"{what}: it is recorded for {levels} only")
            raise UsageError(what + suggestion(name, sorted(there), "outcomes are"))
    return tuple(there[name] for name in dict.fromkeys(names))
