"""How governments decide."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ydsim.parameter import Section, control, fraction, param

Mode = Literal["fixed", "tournament", "coordinated", "adaptive"]
Beliefs = Literal["market", "table"]


class GovernanceParameters(Section):
    """Decisions of provincial governments and of the regional coordination body."""

    mode: Mode = control(
        "fixed",
        "who decides: nobody, each province on its border (tournament), the regional body on all "
        "of them (coordinated), or a rule that moves money between instruments (adaptive)",
    )
    start: int = param(
        2019,
        "year of the first decision; of the first year of the run where that is later",
        unit="year",
        bounds=(1900, 2200),
    )
    period: int = param(1, "years between decisions", unit="years", bounds=(1, 50))
    level: float = fraction(
        0.5, "share of exchange across its border that a province keeps out where it closes"
    )
    protection: float = fraction(
        0.3, "part of the value of goods of other provinces that does not arrive where it closes"
    )
    horizon: int = param(
        5,
        "years of output that a government counts",
        unit="years",
        bounds=(1, 100),
    )
    adjustment_cost: float = param(
        10.0,
        "what a province pays to open or to close",
        unit="100m_rmb",
        bounds=(0.0, 1e6),
    )
    beliefs: Beliefs = param(
        "market",
        "what governments believe opening and closing does: the product market at rest, or a table "
        "of payoffs",
        unit="-",
    )
    table: str = param(
        "",
        "file payoffs.csv that `ydsim study border-game` wrote, for beliefs by table",
        unit="-",
        mark="data",
        source="`ydsim study border-game`",
    )
    speed: float = param(0.5, "how fast adaptive money follows returns", bounds=(0.0, 5.0))

    @model_validator(mode="after")
    def _table(self) -> GovernanceParameters:
        if self.beliefs == "table" and not self.table:
            raise ValueError("beliefs by table need a file: table: payoffs.csv")
        return self
