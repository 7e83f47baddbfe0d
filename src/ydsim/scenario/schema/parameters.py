"""Parameters of the rules and of governance by section, each with a row of ``parameters.csv``.

Rates are per year unless a quarter is named; symbols are those of ``docs/odd/``.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from ydsim.parameter import IN_TABLE, Section, declare, rows_of
from ydsim.translation import gettext as _t
from ydsim.typing import Floats

_ROWS: Final = rows_of(__package__, "parameters.csv") | rows_of(__package__, "shocks.csv")


class Tabled(Section):
    """A section whose keys have rows of ``parameters.csv``, or of ``shocks.csv`` beside it."""

    def __init_subclass__(cls, section: str) -> None:
        declare(cls, _ROWS, section)


# -- who is there, who pays and who moves ----------------------------------------------------------


class InputParameters(Tabled, section="inputs"):
    """How inputs go on after the last official year."""

    growth_2030: float = IN_TABLE
    uncertainty: float = IN_TABLE
    outside_secondary: float = IN_TABLE


class PopulationParameters(Tabled, section="population"):
    """Size, structure and turnover of the population."""

    burn_in: int = IN_TABLE
    size_exponent: float = IN_TABLE
    size_range: float = IN_TABLE
    mix_concentration: float = IN_TABLE
    spread: float = IN_TABLE
    exit: float = IN_TABLE
    exit_size: float = IN_TABLE
    entrant_size: float = IN_TABLE


class ActorParameters(Tabled, section="actors"):
    """Groups of actors that can be switched off, from the burn-in on."""

    universities: bool = IN_TABLE
    institutes: bool = IN_TABLE
    funding: bool = IN_TABLE
    intermediaries: bool = IN_TABLE
    media: bool = IN_TABLE
    cross_province: bool = IN_TABLE


class TravelParameters(Tabled, section="travel"):
    """Travel between cities."""

    hours: Literal["recorded", "distance"] = IN_TABLE
    ride: float = IN_TABLE
    access_h: float = IN_TABLE
    decay_h: float = IN_TABLE


class BrokerParameters(Tabled, section="brokers"):
    """Intermediaries."""

    per_1000_firms: float = IN_TABLE
    capacity: float = IN_TABLE
    reach_km: float = IN_TABLE
    disclosure: float = IN_TABLE
    offices: float = IN_TABLE
    largest_deal: float = IN_TABLE


class MediaParameters(Tabled, section="media"):
    """Coverage."""

    stories: int = IN_TABLE
    awareness: float = IN_TABLE


class RelocateParameters(Tabled, section="relocate"):
    """Moves of firms."""

    hazard: float = IN_TABLE


class TalentParameters(Tabled, section="talent"):
    """The labour market of researchers."""

    mobility: float = IN_TABLE
    retirement: float = IN_TABLE
    scarce_supply: bool = IN_TABLE
    graduates_look: float = IN_TABLE
    entry_elasticity: float = IN_TABLE
    pay_speed: float = IN_TABLE
    recognition: float = IN_TABLE


class FundParameters(Tabled, section="fund"):
    """Public money and the books of firms."""

    university_share: float = IN_TABLE
    institute_share: float = IN_TABLE
    theta: float = IN_TABLE
    leakage: float = IN_TABLE
    profit_margin: float = IN_TABLE
    profit_tax: float = IN_TABLE
    tax_central: float = IN_TABLE

    @model_validator(mode="after")
    def _shares(self) -> FundParameters:
        total = self.university_share + self.institute_share
        if total > 1.0:
            message = _t("university_share and institute_share sum to {total:g}, above 1")
            raise ValueError(message.format(total=total))
        return self


class InvestParameters(Tabled, section="invest"):
    """Firms' R&D."""

    intensity: float = IN_TABLE
    adjustment: float = IN_TABLE
    expected_return: float = IN_TABLE
    innovative_scale: float = IN_TABLE
    additionality: float = IN_TABLE
    tax_elasticity: float = IN_TABLE
    size_elasticity: float = IN_TABLE
    effect_sd: float = IN_TABLE


class CompeteParameters(Tabled, section="compete"):
    """Productivity, markets and competition."""

    catch_up: float = IN_TABLE
    depreciation: float = IN_TABLE
    effect_sd: float = IN_TABLE
    research_return: float = IN_TABLE
    access: float = IN_TABLE
    private_return: float = IN_TABLE
    return_decay: float = IN_TABLE
    market_access: float = IN_TABLE
    selection: float = IN_TABLE
    sigma: float = IN_TABLE
    demand_elasticity: float = IN_TABLE
    share_adjustment: float = IN_TABLE
    transport_region: float = IN_TABLE
    transport_outside: float = IN_TABLE


# -- from ideas to what spreads --------------------------------------------------------------------

_Pace = Annotated[float, Field(gt=0.0, le=1e4)]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]

EFFORTS: Final = np.array([1.0, 2.0, 4.0, 8.0, 1.0]) / 16.0
"""Parts of the effort of a project by stage: each takes twice the last, launch is short."""


class ExploreParameters(Tabled, section="explore"):
    """Knowledge and ideas."""

    learning: float = IN_TABLE
    forgetting: float = IN_TABLE
    ideas: float = IN_TABLE
    university_teams: float = IN_TABLE
    institute_teams: float = IN_TABLE
    ideas_exponent: float = IN_TABLE
    access: float = IN_TABLE
    nation: float = IN_TABLE
    region: float = IN_TABLE
    near_h: float = IN_TABLE
    far: float = IN_TABLE
    reach_h: float = IN_TABLE
    absorption: float = IN_TABLE
    recombination: float = IN_TABLE
    quality_knowledge: float = IN_TABLE
    quality_sd: float = IN_TABLE
    skill_sd: float = IN_TABLE


class ChainParameters(Tabled, section="chain"):
    """The chain: applied research, invention, pilot, industrialisation, launch."""

    effort: float = IN_TABLE
    duration: float = IN_TABLE
    pace: tuple[_Pace, _Pace, _Pace, _Pace, _Pace] = IN_TABLE
    failure: float = IN_TABLE
    joint_quality: float = IN_TABLE
    capability_part: float = IN_TABLE
    capability_size: float = IN_TABLE
    project_share: float = IN_TABLE
    span: float = IN_TABLE
    selection: float = IN_TABLE

    @property
    def by_kind(self) -> Floats:
        """Capability by kind and stage, (3, 5), in the order firm, university, institute."""
        part = self.capability_part
        firm, university = [part, part, part, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0, 0.0]
        return np.array([firm, university, [1.0, 1.0, part, 0.0, 0.0]])

    @property
    def capability_needed(self) -> float:
        """Capability below which a project of difficulty one waits."""
        return self.capability_part / 2.0

    @property
    def efforts(self) -> Floats:
        """Researcher-quarters by stage, (5,)."""
        return self.effort * EFFORTS / np.array(self.pace)

    @property
    def durations(self) -> Floats:
        """Shortest durations by stage, (5,), quarters."""
        part = np.sqrt(EFFORTS)
        return self.duration * part / part.sum() / np.array(self.pace)

    @property
    def half_size(self) -> Floats:
        """Size at which a firm has half of its capability, by stage, (5,), researchers."""
        return self.capability_size * self.efforts / self.durations

    @property
    def survival(self) -> Floats:
        """Probability (5, 5) that a project that enters stage s completes stage t >= s.

        At the shortest durations of a firm: exp(-sum of hazard x duration / capability / 4).
        """
        n = len(EFFORTS)
        slow = np.maximum(self.by_kind[0], self.capability_needed)
        risk = self.failure * self.durations / np.maximum(slow, 1e-9) / 4.0
        until = np.cumsum(risk)
        lost = until[None, :] - (until - risk)[:, None]
        ahead = np.arange(n)[None, :] >= np.arange(n)[:, None]
        return np.exp(-np.where(ahead, lost, 0.0))


class MatchParameters(Tabled, section="match"):
    """Search for partners."""

    gap_search: float = IN_TABLE
    candidates: int = IN_TABLE
    decay_h: float = IN_TABLE
    far: float = IN_TABLE
    cognitive: float = IN_TABLE
    social: float = IN_TABLE
    institution: float = IN_TABLE
    search_cost: float = IN_TABLE
    reserve: float = IN_TABLE
    overhead: float = IN_TABLE
    attraction: float = IN_TABLE
    consortium: int = IN_TABLE
    tie_decay: float = IN_TABLE
    facility_use: float = IN_TABLE
    facility_gain: float = IN_TABLE


class LearnParameters(Tabled, section="learn"):
    """Learning from others."""

    rate: float = IN_TABLE


class BorderParameters(Tabled, section="border"):
    """What passes the border between two provinces without the policy border_friction."""

    goods: float = IN_TABLE
    exposure: float = IN_TABLE
    joint_work: float = IN_TABLE
    hand_over: float = IN_TABLE
    talent: float = IN_TABLE
    knowledge: float = IN_TABLE


class ContractParameters(Tabled, section="contracts"):
    """Technology contracts and patents."""

    price: float = IN_TABLE
    science_hires: float = IN_TABLE
    pieces: float = IN_TABLE
    market: float = IN_TABLE
    size: float = IN_TABLE
    patents: float = IN_TABLE
    examination: tuple[_Share, _Share, _Share, _Share] = IN_TABLE
    quota: float = IN_TABLE
    lapse: float = IN_TABLE
    papers: float = IN_TABLE

    @model_validator(mode="after")
    def _whole(self) -> ContractParameters:
        total = sum(self.examination)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(_t("examination sums to {total:g}, not 1").format(total=total))
        return self


class GenerationParameters(Tabled, section="generations"):
    """Founding, improvement and end of technology generations."""

    foundings: float = IN_TABLE
    launch_elasticity: float = IN_TABLE
    improvement: float = IN_TABLE
    frontier_growth: float = IN_TABLE
    crowding: float = IN_TABLE
    lifetime: int = IN_TABLE


class AdoptParameters(Tabled, section="adopt"):
    """Adoption of generations by firms."""

    external: float = IN_TABLE
    internal: float = IN_TABLE
    outside: float = IN_TABLE
    appeal_sd: float = IN_TABLE


class CertifyParameters(Tabled, section="certify"):
    """Certificates of high-technology enterprises."""

    thresholds: tuple[_Share, _Share, _Share] = IN_TABLE
    sales_basis: float = IN_TABLE
    small_sales: float = IN_TABLE
    large_sales: float = IN_TABLE
    relabelling: float = IN_TABLE
    hazard: float = IN_TABLE
    hazard_before: float = IN_TABLE
    lasts: int = IN_TABLE
    profit_tax: float = IN_TABLE


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


# -- how governments decide ------------------------------------------------------------------------

Mode = Literal["fixed", "tournament", "coordinated", "adaptive"]
Beliefs = Literal["market", "table"]


class GovernanceParameters(Tabled, section="governance"):
    """Decisions of provincial governments and of the regional coordination body."""

    mode: Mode = IN_TABLE
    start: int = IN_TABLE
    period: int = IN_TABLE
    level: float = IN_TABLE
    protection: float = IN_TABLE
    horizon: int = IN_TABLE
    adjustment_cost: float = IN_TABLE
    beliefs: Beliefs = IN_TABLE
    table: str = IN_TABLE
    speed: float = IN_TABLE

    @model_validator(mode="after")
    def _table(self) -> GovernanceParameters:
        if self.beliefs == "table" and not self.table:
            raise ValueError(_t("beliefs by table need a file: table: payoffs.csv"))
        return self
