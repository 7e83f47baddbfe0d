"""Names of outcomes in words; an outcome without one goes by its own name."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "outcomes.name.launches": "launches",
    "outcomes.name.inventions": "inventions",
    "outcomes.name.rd_expenditure": "R&D",
    "outcomes.name.rd_funds_enterprise": "R&D paid by enterprises",
    "outcomes.name.coinventions_interprovince": "joint inventions across provinces",
    "outcomes.name.contract_value_cross_province": "technology contracts between provinces",
    "outcomes.name.value_added_secondary": "industrial value added",
    "outcomes.name.productivity_log": "log productivity of firms",
    "outcomes.name.coupling": "coupling D of technology and industry",
}
