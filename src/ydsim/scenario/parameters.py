"""Parameters of the rules, one section a phase of the quarter.

Rates are per year unless a quarter is named; symbols are those of ``docs/odd.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ydsim.parameter import Section, param

_Effort = Annotated[float, Field(gt=0.0, le=1e4)]
_Rate = Annotated[float, Field(ge=0.0, le=4.0)]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]
Efforts = tuple[_Effort, _Effort, _Effort]
Rates = tuple[_Rate, _Rate, _Rate]
Capabilities = tuple[_Share, _Share, _Share]


class PopulationParameters(Section):
    """Size, structure and turnover of the population."""

    burn_in: int = param(
        40,
        "quarters run with the inputs of the first year and no policies, not recorded",
        unit="quarters",
        mark="assumed",
        ge=0,
        le=400,
    )
    size_exponent: float = param(
        1.06,
        "exponent of the truncated Pareto distribution of firm sizes",
        unit="1",
        mark="prior",
        source="Axtell 2001, doi 10.1126/science.1062081",
        ge=0.5,
        le=3.0,
    )
    size_range: float = param(
        1000.0,
        "largest over smallest firm size within a province and industry",
        unit="1",
        mark="assumed",
        ge=1.0,
        le=1e6,
    )
    mix_concentration: float = param(
        60.0,
        "concentration of the Dirichlet prior of the industry mix of a city",
        unit="1",
        mark="assumed",
        ge=1.0,
        le=1e6,
    )
    knowledge_sd: float = param(
        0.3,
        "standard deviation of knowledge between organisations at the start and at entry",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=3.0,
    )
    absorptive_sd: float = param(
        0.3,
        "standard deviation of log absorptive capacity between firms",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=2.0,
    )
    growth: float = param(
        0.0, "growth of the number of firms", unit="1/year", mark="assumed", ge=-0.2, le=0.2
    )
    exit_low: float = param(
        0.06,
        "hazard of exit of an old firm of high productivity",
        unit="1/year",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    exit_high: float = param(
        0.10,
        "hazard of exit of a new firm of low productivity",
        unit="1/year",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    entrant_size: float = param(
        0.25,
        "sales of an entrant relative to the mean firm of its industry and province",
        unit="1",
        mark="assumed",
        ge=0.01,
        le=2.0,
    )


class FundParameters(Section):
    """Public money and the books of firms."""

    university_share: float = param(
        0.25,
        "share of government R&D money that goes to universities",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    institute_share: float = param(
        0.60,
        "share of government R&D money that goes to institutes; firms get the rest as grants",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    theta: float = param(
        0.45,
        "largest share of the provincial science budget that is R&D; the central government "
        "pays what is missing to official government R&D",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    leakage: float = param(
        0.3,
        "share of grants to firms that is not spent on R&D",
        unit="1",
        mark="prior",
        source="Boeing 2016; Boeing and Peters 2021: 30-53 %",
        ge=0.0,
        le=0.53,
    )
    profit_margin: float = param(
        0.27,
        "profit before R&D and tax over value added (6 % of sales at 22 % value added)",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    profit_tax: float = param(0.25, "profit tax", unit="1", mark="assumed", ge=0.0, le=0.6)
    tax_central: float = param(
        0.6,
        "central government's part of the profit tax; provinces and cities halve the rest",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    payout: float = param(
        0.5,
        "share of profit after tax that is paid to owners",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    cash_limit: float = param(
        4.0,
        "cash above so many quarters of profit before R&D is paid to owners",
        unit="quarters",
        mark="assumed",
        ge=0.0,
        le=100.0,
    )


class InvestParameters(Section):
    """Firms' R&D."""

    intensity: float = param(
        0.0265,
        "desired R&D over sales (value-added basis) of the mean firm, nu",
        unit="1",
        mark="calibrated",
        source="set by hand so that R&D of the provinces in 2015 and 2020 lies near official",
        ge=1e-4,
        le=0.5,
    )
    adjustment: float = param(
        0.12,
        "speed of adjustment of log intensity",
        unit="1/year",
        mark="calibrated",
        source="a mean-field fit of enterprise R&D 2011-20 with one ceiling for all provinces",
        ge=0.0,
        le=4.0,
    )
    feedback: float = param(
        0.5,
        "elasticity a of desired intensity to innovative sales",
        unit="1",
        mark="prior",
        source="not identified by province totals: shipped as an ensemble 0-1",
        ge=0.0,
        le=1.0,
    )
    feedback_offset: float = param(
        0.1,
        "x_0, keeps desired intensity positive without innovative sales",
        unit="1",
        mark="assumed",
        ge=0.01,
        le=1.0,
    )
    innovative_scale: float = param(
        40.0,
        "sum of gains of adoptions and launches in 12 quarters at which 1 - 1/e of sales are "
        "innovative",
        unit="gains",
        mark="assumed",
        ge=1.0,
        le=1e4,
    )
    additionality: float = param(
        0.3,
        "rise of desired R&D per yuan of grants spent on R&D",
        unit="1",
        mark="prior",
        source="Boeing 2016; Liu and Xu 2024: -0.5 to +4.5",
        ge=-0.5,
        le=4.5,
    )
    tax_elasticity: float = param(
        1.0,
        "elasticity of R&D to its user cost, with the sign turned",
        unit="1",
        mark="prior",
        source="Chen et al. 2018; super-deduction studies: 0.34-2.05",
        ge=0.0,
        le=2.05,
    )
    size_elasticity: float = param(
        0.6,
        "elasticity of R&D to sales between firms of an industry",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.5,
    )
    effect_sd: float = param(
        0.5,
        "standard deviation of the log firm effect z",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=2.0,
    )
    residual_share: float = param(
        0.08,
        "share of enterprise R&D performed outside the firms of the model",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=0.9,
    )


class ExploreParameters(Section):
    """Knowledge and ideas."""

    learning: float = param(
        0.02,
        "knowledge gained by doing, c_e, per quarter at 1 + effort / mean effort = e",
        unit="log/quarter",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    forgetting: float = param(
        0.05,
        "decay of knowledge towards the regional mean",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    need: float = param(
        1.0,
        "weight of the industry's relevance in the choice of fields",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=5.0,
    )
    ideas: float = param(
        0.14,
        "ideas per quarter at an effort of one researcher, c_i",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=10.0,
    )
    ideas_exponent: float = param(
        0.7, "elasticity of ideas to effort", unit="1", mark="assumed", ge=0.1, le=1.0
    )
    quality_knowledge: float = param(
        0.5,
        "effect of knowledge above the mean on log quality",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=3.0,
    )
    quality_sd: float = param(
        0.5, "standard deviation of log quality", unit="log", mark="assumed", ge=0.0, le=2.0
    )
    radical_share: float = param(
        0.1, "share of ideas that are radical", unit="1", mark="assumed", ge=0.0, le=1.0
    )
    radical_sd: float = param(
        2.0,
        "standard deviation of log quality of a radical idea over that of others",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=5.0,
    )
    imitation: float = param(
        0.2,
        "share of ideas that imitate at no technological distance",
        unit="1",
        mark="assumed",
        source="form of the rule: Dosi, Fagiolo and Roventini 2010",
        ge=0.0,
        le=1.0,
    )
    imitation_distance: float = param(
        1.0,
        "technological distance at which imitation falls to 1/e",
        unit="log",
        mark="assumed",
        ge=0.01,
        le=100.0,
    )
    imitation_catch_up: float = param(
        0.5,
        "share of the knowledge gap that an imitative idea closes",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )


class ChainParameters(Section):
    """The chain from idea to launch: invention, development, launch."""

    effort: Efforts = param(
        (10.0, 42.0, 4.0),
        "researcher-quarters of each stage",
        unit="researcher-quarters",
        mark="assumed",
    )
    duration: Efforts = param(
        (4.0, 7.0, 1.0), "shortest duration of each stage", unit="quarters", mark="assumed"
    )
    failure: Rates = param(
        (0.175, 0.225, 0.10), "hazard of failure in each stage", unit="1/year", mark="assumed"
    )
    radical_failure: float = param(
        2.0,
        "hazard of failure of a radical project over that of others",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=10.0,
    )
    firm: Capabilities = param(
        (0.5, 0.85, 1.0), "capability of a firm in each stage", unit="1", mark="assumed"
    )
    university: Capabilities = param(
        (0.95, 0.1, 0.0), "capability of a university in each stage", unit="1", mark="assumed"
    )
    institute: Capabilities = param(
        (0.9, 0.4, 0.1), "capability of an institute in each stage", unit="1", mark="assumed"
    )
    capability_needed: float = param(
        0.3, "capability below which a project waits", unit="1", mark="assumed", ge=0.0, le=1.0
    )
    waiting_death: float = param(
        0.25, "hazard of death of a waiting project", unit="1/year", mark="assumed", ge=0.0, le=4.0
    )
    project_share: float = param(
        0.8,
        "share of researchers' time that goes to projects",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    span: float = param(
        4.0,
        "researchers for each live project beyond the first",
        unit="researchers",
        mark="assumed",
        ge=0.1,
        le=1000.0,
    )
    selection: float = param(
        0.8,
        "gamma: an invention of quality q is developed with probability 1 - exp(-gamma q)",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=10.0,
    )


class GenerationParameters(Section):
    """Founding, improvement and end of technology generations."""

    foundings: float = param(
        10.0,
        "generations founded in the region a quarter at the launches of the base run",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=1000.0,
    )
    outside_foundings: float = param(
        10.0,
        "generations founded in the rest of the nation a quarter",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=1000.0,
    )
    launch_elasticity: float = param(
        0.5,
        "zeta: elasticity of foundings to launches",
        unit="1",
        mark="prior",
        source="not identified by province totals: 0-1",
        ge=0.0,
        le=1.0,
    )
    improvement: float = param(
        0.004,
        "b: improvement of log quality by launches that join",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    frontier_growth: float = param(
        0.03,
        "growth of the frontier at the foundings of the base run",
        unit="1/year",
        mark="assumed",
        ge=0.0,
        le=0.5,
    )
    crowding: float = param(
        0.3,
        "lead of a cell's frontier over the mean at which its steps fall to .54 of their size",
        unit="log",
        mark="assumed",
        ge=0.01,
        le=100.0,
    )
    lifetime: int = param(
        40,
        "quarters after which a generation retires",
        unit="quarters",
        mark="assumed",
        ge=4,
        le=400,
    )
    saturation: float = param(
        0.95,
        "share of eligible firms at which a generation retires",
        unit="1",
        mark="assumed",
        ge=0.1,
        le=1.0,
    )


class AdoptParameters(Section):
    """Adoption of generations by firms."""

    external: float = param(
        0.03,
        "p: external influence",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .01-.03",
        ge=0.0,
        le=1.0,
    )
    internal: float = param(
        0.6,
        "q: influence of adopters",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .3-.6",
        ge=0.0,
        le=5.0,
    )
    own_city: float = param(
        0.5, "weight of the own city in exposure", unit="1", mark="assumed", ge=0.0, le=1.0
    )
    outside: float = param(
        0.2,
        "omega: weight of the rest of the nation in exposure and of the region in its",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    gain_elasticity: float = param(
        1.0,
        "kappa: elasticity of a generation's gain to its relative quality",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=3.0,
    )
    appeal_sd: float = param(
        1.0,
        "standard deviation of the log of a generation's lasting appeal",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=2.0,
    )
    speed_kmh: float = param(
        160.0, "speed of travel between cities", unit="km/h", mark="assumed", ge=10.0, le=1000.0
    )
    access_h: float = param(
        0.5, "time to reach and leave a station", unit="h", mark="assumed", ge=0.0, le=5.0
    )
    decay_h: float = param(
        1.5,
        "t_0: travel time at which exposure falls to 1/e",
        unit="h",
        mark="assumed",
        ge=0.1,
        le=100.0,
    )
    border: float = param(
        0.5,
        "border level in exposure where no policy sets it",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )


class CompeteParameters(Section):
    """Productivity, markets and competition."""

    catch_up: float = param(
        0.05,
        "lambda: share of the gap to the technology in use closed",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    depreciation: float = param(
        0.005, "delta: loss of productivity", unit="log/quarter", mark="assumed", ge=0.0, le=0.5
    )
    effect_sd: float = param(
        0.4,
        "standard deviation of lasting firm effects a",
        unit="log",
        mark="assumed",
        ge=0.0,
        le=2.0,
    )
    entry_gap: float = param(
        0.1,
        "log productivity of entrants below the mean of their industry",
        unit="log",
        mark="assumed",
        ge=-2.0,
        le=2.0,
    )
    selection: float = param(
        0.01,
        "chi: response of market shares to relative productivity",
        unit="1/quarter",
        mark="assumed",
        ge=0.0,
        le=0.5,
    )
    share_floor: float = param(
        0.02,
        "lowest share of a firm relative to the mean",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=0.5,
    )
    sigma: float = param(
        4.0,
        "elasticity of substitution between origins",
        unit="1",
        mark="prior",
        source="usual range 3-6",
        ge=1.0,
        le=10.0,
    )
    share_adjustment: float = param(
        0.25,
        "part of the gap of market shares closed",
        unit="1/year",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    transport_region: float = param(
        0.8,
        "part of value that arrives in another province of the region",
        unit="1",
        mark="assumed",
        ge=0.05,
        le=1.0,
    )
    transport_outside: float = param(
        0.6,
        "part of value that arrives to and from the rest of the nation",
        unit="1",
        mark="assumed",
        ge=0.05,
        le=1.0,
    )
    border: float = param(
        0.5,
        "border level in product markets where no policy sets it",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    border_cost: float = param(
        0.3,
        "part of value lost at a province border at level one",
        unit="1",
        mark="assumed",
        ge=0.0,
        le=1.0,
    )
    outside_growth: float = param(
        0.02,
        "growth of outside productivity in a world without a stored base run",
        unit="1/year",
        mark="assumed",
        ge=-0.2,
        le=0.2,
    )


class InputParameters(Section):
    """How inputs go on after the last official year."""

    growth_2030: float = param(
        0.04,
        "nominal growth of inputs at the end of the fade",
        unit="1/year",
        mark="assumed",
        ge=-0.1,
        le=0.3,
    )
    fade_until: int = param(
        2030,
        "year in which growth reaches its last value",
        unit="year",
        mark="assumed",
        ge=2021,
        le=2100,
    )
    outside_secondary: float = param(
        0.39,
        "secondary value added over GDP in the rest of the nation",
        unit="1",
        mark="assumed",
        ge=0.05,
        le=0.9,
    )


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
