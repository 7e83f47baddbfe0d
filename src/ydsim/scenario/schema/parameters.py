"""Parameters of the rules, one section a phase of the quarter.

Rates are per year unless a quarter is named; symbols are those of ``docs/odd/``.
"""

from __future__ import annotations

from pydantic import Field

from ydsim.parameter import Section
from ydsim.scenario.schema.sections.economy import (
    ActorParameters,
    BrokerParameters,
    CompeteParameters,
    FundParameters,
    InputParameters,
    InvestParameters,
    MediaParameters,
    PopulationParameters,
    RelocateParameters,
    TalentParameters,
    TravelParameters,
)
from ydsim.scenario.schema.sections.innovation import (
    AdoptParameters,
    BorderParameters,
    CertifyParameters,
    ChainParameters,
    ContractParameters,
    ExploreParameters,
    GenerationParameters,
    LearnParameters,
    MatchParameters,
)

__all__ = [
    "ActorParameters",
    "AdoptParameters",
    "BorderParameters",
    "BrokerParameters",
    "CertifyParameters",
    "ChainParameters",
    "CompeteParameters",
    "ContractParameters",
    "ExploreParameters",
    "FundParameters",
    "GenerationParameters",
    "InputParameters",
    "InvestParameters",
    "LearnParameters",
    "MatchParameters",
    "MediaParameters",
    "Parameters",
    "PopulationParameters",
    "RelocateParameters",
    "TalentParameters",
    "TravelParameters",
]


class Parameters(Section):
    """All sections."""

    inputs: InputParameters = Field(default_factory=InputParameters)
    population: PopulationParameters = Field(default_factory=PopulationParameters)
    actors: ActorParameters = Field(default_factory=ActorParameters)
    travel: TravelParameters = Field(default_factory=TravelParameters)
    fund: FundParameters = Field(default_factory=FundParameters)
    talent: TalentParameters = Field(default_factory=TalentParameters)
    invest: InvestParameters = Field(default_factory=InvestParameters)
    explore: ExploreParameters = Field(default_factory=ExploreParameters)
    match: MatchParameters = Field(default_factory=MatchParameters)
    border: BorderParameters = Field(default_factory=BorderParameters)
    brokers: BrokerParameters = Field(default_factory=BrokerParameters)
    contracts: ContractParameters = Field(default_factory=ContractParameters)
    learn: LearnParameters = Field(default_factory=LearnParameters)
    chain: ChainParameters = Field(default_factory=ChainParameters)
    generations: GenerationParameters = Field(default_factory=GenerationParameters)
    media: MediaParameters = Field(default_factory=MediaParameters)
    adopt: AdoptParameters = Field(default_factory=AdoptParameters)
    compete: CompeteParameters = Field(default_factory=CompeteParameters)
    certify: CertifyParameters = Field(default_factory=CertifyParameters)
    relocate: RelocateParameters = Field(default_factory=RelocateParameters)
