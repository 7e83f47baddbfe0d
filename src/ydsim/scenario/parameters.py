"""Parameters of the rules, one section a phase of the quarter.

Rates are per year unless a quarter is named; symbols are those of ``docs/odd.md``.
"""

from __future__ import annotations

from pydantic import Field

from ydsim.parameter import Section
from ydsim.scenario.sections.chain import ChainParameters, ExploreParameters
from ydsim.scenario.sections.diffusion import AdoptParameters, GenerationParameters
from ydsim.scenario.sections.market import CompeteParameters
from ydsim.scenario.sections.organisations import (
    FundParameters,
    InputParameters,
    InvestParameters,
    PopulationParameters,
)

__all__ = [
    "AdoptParameters",
    "ChainParameters",
    "CompeteParameters",
    "ExploreParameters",
    "FundParameters",
    "GenerationParameters",
    "InputParameters",
    "InvestParameters",
    "Parameters",
    "PopulationParameters",
]


class Parameters(Section):
    """All sections."""

    inputs: InputParameters = Field(default_factory=InputParameters)
    population: PopulationParameters = Field(default_factory=PopulationParameters)
    fund: FundParameters = Field(default_factory=FundParameters)
    invest: InvestParameters = Field(default_factory=InvestParameters)
    explore: ExploreParameters = Field(default_factory=ExploreParameters)
    chain: ChainParameters = Field(default_factory=ChainParameters)
    generations: GenerationParameters = Field(default_factory=GenerationParameters)
    adopt: AdoptParameters = Field(default_factory=AdoptParameters)
    compete: CompeteParameters = Field(default_factory=CompeteParameters)
