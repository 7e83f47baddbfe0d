"""Parameters of the rules, one section a phase of the quarter."""

from __future__ import annotations

from pydantic import Field

from ydsim.scenario.field import Section, param


class Scale(Section):
    """Burn-in and size of the population."""

    burn_in: int = param(40, "quarters run with the inputs of the first year, not recorded",
                         unit="quarters", mark="assumed", ge=0, le=400)


class Parameters(Section):
    """All sections."""

    population: Scale = Field(default_factory=Scale)
