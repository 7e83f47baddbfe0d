"""Who is there, who pays and who moves: inputs, population, society, talent, money, markets."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ydsim.parameter import Section, control, fraction, param


class InputParameters(Section):
    """How inputs go on after the last official year."""

    growth_2030: float = param(
        0.04,
        "nominal growth of inputs in the long run, from 2030 on",
        unit="1/year",
        bounds=(-0.1, 0.3),
    )
    uncertainty: float = param(
        1.0,
        "u, size of drawn errors of inputs after the data; 0: the central path",
        mark="prior",
        source="errors of a rolling-origin backtest inside 2011-2020, docs/inputs.md",
        bounds=(0.0, 3.0),
    )
    outside_secondary: float = param(
        0.39,
        "secondary value added over GDP in the rest of the nation",
        bounds=(0.05, 0.9),
        mark="prior",
        source="National Bureau of Statistics: the secondary sector has 46.5 % (2011) to 37.8 % "
        "(2020) of the nation's GDP",
    )


class PopulationParameters(Section):
    """Size, structure and turnover of the population."""

    burn_in: int = param(
        40,
        "quarters run with the inputs of the first year and no policies, not recorded",
        unit="quarters",
        bounds=(0, 400),
        mark="control",
        source="a setting of the computation: long enough for stocks to settle",
    )
    size_exponent: float = param(
        1.06,
        "exponent of the truncated Pareto distribution of firm sizes",
        mark="prior",
        source="Axtell 2001, doi 10.1126/science.1062081",
        bounds=(0.5, 3.0),
    )
    size_range: float = param(
        1000.0, "largest over smallest firm size within a province and industry", bounds=(1.0, 1e6)
    )
    mix_concentration: float = param(
        60.0,
        "concentration of the Dirichlet prior of the industry mix of a city",
        bounds=(1.0, 1e6),
    )
    spread: float = param(
        0.3,
        "standard deviation between organisations of knowledge, at the start and at entry, and "
        "between firms of log absorptive capacity",
        unit="log",
        bounds=(0.0, 2.0),
    )
    between: float = fraction(
        0.5,
        "where that growth lies: 0 that of industrial firms above scale, 1 that of all enterprises",
        mark="prior",
        source="firm_counts.csv of yrd: industrial firms 2011-14, all enterprises 2016-20 "
        "(Shanghai .8, 3.5; Jiangsu 4.4, 7.7; Zhejiang 6.0, 11.7; Anhui 11.6, 16.4 % a year); "
        "the middle is assumed",
    )
    growth_damping: float = fraction(
        0.6,
        "damping of that growth a year after the last count, phi",
        mark="prior",
        source="least error of a rolling origin inside 2011-20 on the one count of ten years, "
        "high-technology manufacturing firms (tests/world/test_firm_counts.py)",
    )
    exit: float = param(
        0.08,
        "hazard of exit of a firm of middle age and productivity: half of it without youth and "
        "weakness, one and a half with both",
        unit="1/year",
        mark="prior",
        source=".06-.09: deaths of domestic firms, 9.3 % in 2008 to 6.2 % in 2012, above 8 % from "
        "the third to the seventh year (State Administration for Industry and Commerce 2013)",
        bounds=(0.0, 0.7),
    )
    exit_size: float = param(
        0.5,
        "elasticity with which the hazard of exit falls with size above the mean of the group",
        mark="prior",
        source="exit falls with size: Dunne, Roberts and Samuelson 1988; size assumed",
        bounds=(0.0, 3.0),
    )
    entrant_size: float = param(
        0.33,
        "sales of an entrant relative to the mean firm of its industry and province",
        bounds=(0.01, 2.0),
        mark="prior",
        source="entrants have a third to a half of the mean size in industries of the United "
        "Kingdom (Geroski 1995)",
    )


class ActorParameters(Section):
    """Groups of actors that can be switched off, from the burn-in on."""

    universities: bool = control(True, "universities exist")
    institutes: bool = control(True, "institutes exist")
    funding: bool = control(True, "governments fund science and grant to firms")
    intermediaries: bool = control(True, "brokers exist")
    media: bool = control(True, "media exist")
    cross_province: bool = control(True, "joint projects and hand-overs cross province borders")


class TravelParameters(Section):
    """Travel between cities."""

    hours: Literal["recorded", "distance"] = param(
        "recorded",
        "hours between cities: recorded by year where the world has them, or by distance",
        unit="-",
        mark="data",
        source="rail_openings.csv, rail_hours.csv of yrd: 43 sections by opening day, hours by "
        "rule; 31 published times: median error -6 %, absolute 11 %",
    )
    ride: float = param(
        1.0,
        "time of rides over that recorded, or at 160 km/h where none is",
        mark="control",
        bounds=(0.1, 10.0),
    )
    access_h: float = param(
        0.5,
        "time to and from stations, the same for all trips",
        unit="h",
        bounds=(0.0, 10.0),
    )
    decay_h: float = param(
        1.5,
        "travel time at which exposure to adopters, interest of media, moves of researchers and "
        "of firms fall to 1/e",
        unit="h",
        bounds=(0.05, 1000.0),
    )


class BrokerParameters(Section):
    """Intermediaries."""

    per_1000_firms: float = param(
        0.5,
        "brokers per 1,000 firms of a city",
        unit="brokers",
        bounds=(0.0, 100.0),
    )
    capacity: float = param(
        10.0,
        "introductions of a broker",
        unit="1/quarter",
        bounds=(0.0, 10_000.0),
    )
    reach_km: float = param(150.0, "reach of a broker", unit="km", bounds=(0.0, 10_000.0))
    disclosure: float = fraction(
        0.7,
        "chance that a result of science which it cannot carry on is offered, without more offices",
        source="between .3 and 1, where offices find nothing: with 1 universities license 5 % of "
        "their stock a year, with .7 3 % (published 6, range 3-12: evidence c25)",
    )
    offices: float = param(
        0.5,
        "fall of the log chance that it is not offered, per intermediary more for 1,000 firms",
        unit="1/brokers",
        mark="prior",
        source="sign: a transfer office raises the licences of a Chinese university (Scientific "
        "Research 2290229-52511); size assumed",
        bounds=(0.0, 5.0),
    )
    largest_deal: float = param(
        0.005,
        "value of the largest contract that brokers serve",
        unit="100m_rmb",
        mark="prior",
        source="deals on online platforms are mostly below .5 million yuan (evidence c27)",
        bounds=(0.0, 1000.0),
    )


class MediaParameters(Section):
    """Coverage."""

    stories: int = param(
        10, "stories of the outlet of a province", unit="1/quarter", bounds=(0, 10_000)
    )
    awareness: float = param(
        4.0,
        "rise of awareness per unit of attention: awareness = 1 + this x attention",
        bounds=(0.0, 100.0),
    )


class RelocateParameters(Section):
    """Moves of firms."""

    hazard: float = param(
        0.003,
        "hazard of relocation to a cheaper place",
        unit="1/year",
        mark="calibrated",
        source="set by hand, with the certified firms of Anhui in 2020 in sight",
        bounds=(0.0, 1.0),
    )


class TalentParameters(Section):
    """The labour market of researchers."""

    mobility: float = param(
        0.01,
        "share of researchers who reconsider their city",
        unit="1/year",
        bounds=(0.0, 1.0),
    )
    retirement: float = param(
        0.03,
        "share of researchers who retire",
        unit="1/year",
        bounds=(0.0, 1.0),
        mark="prior",
        source="careers of some 35 years: retirement at 60, of women cadres at 55 (State "
        "Council 1978, Guofa 104)",
    )
    scarce_supply: bool = control(
        True,
        "researchers begin as official figures grow, wherever they are wanted; if not, graduates "
        "fill every vacancy at once",
    )
    graduates_look: float = fraction(
        0.5,
        "part of graduates who look for work in all cities; the others stay where they studied",
        mark="prior",
        source="poll of 2012 (China Daily, 17 September 2012): of those who study there 72 % would "
        "stay in Beijing, half in Guangzhou, 38 % in Shanghai: .28 to .62",
    )
    entry_elasticity: float = param(
        1.5,
        "elasticity of the stock of researchers to pay over that of the province",
        mark="prior",
        source="Goolsbee 1998, NBER 6532: 30-50 % of added public R&D money goes into pay; that "
        "is 1 / (1 + elasticity) in the long run: 1 to 2.3",
        bounds=(0.0, 50.0),
    )
    pay_speed: float = param(
        1.0,
        "speed at which pay closes the gap between researchers asked for and there",
        unit="1/year",
        source="pay is reviewed once a year",
        bounds=(0.0, 20.0),
    )
    recognition: float = fraction(
        0.5, "share of titles and benefits that other provinces recognise"
    )


class FundParameters(Section):
    """Public money and the books of firms."""

    university_share: float = fraction(
        0.2,
        "share of government R&D money that goes to universities",
        mark="prior",
        source="R&D of universities, 39.0 of 108.9 bn yuan of government R&D money in 2008 and 113 "
        "of 349 in 2017 (National Bureau of Statistics), times .56, the governments' part of their "
        "funds (2007): .18-.20",
    )
    institute_share: float = fraction(
        0.62,
        "share of government R&D money that goes to institutes; firms get the rest as grants",
        mark="prior",
        source="R&D of institutes, 81.1 of 108.9 bn yuan of government R&D money in 2008 and 242 "
        "of 349 in 2017 (National Bureau of Statistics), times .86, the governments' part of it "
        "(59.3 of 68.8 in 2007): .60-.64",
    )
    theta: float = fraction(
        0.45,
        "largest share of the provincial science budget that is R&D; the central government "
        "pays what is missing to official government R&D",
        mark="prior",
        source="government R&D over the science budget 2011-20, provinces.csv: Jiangsu .40-.55, "
        "Zhejiang .26-.37, Anhui .27-.76; Shanghai above 1, which is central money",
    )
    leakage: float = param(
        0.3,
        "share of grants to firms that is not spent on R&D",
        mark="prior",
        source="Boeing 2016; Boeing and Peters 2021: 30-53 %",
        bounds=(0.0, 0.53),
    )
    profit_margin: float = fraction(
        0.27,
        "profit before R&D and tax over value added (6 % of sales at 22 % value added)",
        mark="prior",
        source="profit over revenue of high-technology industry 2011-20, nation: 6-7 %, region "
        "3-11 % (provinces.csv); 22 % of revenue is value added",
    )
    profit_tax: float = param(
        0.25,
        "profit tax",
        bounds=(0.0, 0.6),
        mark="data",
        source="general rate of the enterprise income tax law, in force from 2008",
    )
    tax_central: float = fraction(
        0.6,
        "central government's part of the profit tax; provinces and cities halve the rest",
        mark="data",
        source="State Council, sharing of income tax: 60 % to the centre from 2003 (Guofa 2003, "
        "26)",
    )

    @model_validator(mode="after")
    def _shares(self) -> FundParameters:
        total = self.university_share + self.institute_share
        if total > 1.0:
            raise ValueError(f"university_share and institute_share sum to {total:g}, above 1")
        return self


class InvestParameters(Section):
    """Firms' R&D."""

    intensity: float = param(
        0.023,
        "desired R&D over sales (value-added basis) of the mean firm, nu",
        mark="calibrated",
        source="set by hand so that R&D of the provinces in 2015 and 2020 lies near official",
        bounds=(1e-4, 0.5),
    )
    adjustment: float = param(
        0.12,
        "speed of adjustment of log intensity",
        unit="1/year",
        mark="calibrated",
        source="a mean-field fit of enterprise R&D 2011-20 with one ceiling for all provinces",
        bounds=(0.0, 4.0),
    )
    expected_return: float = param(
        0.2,
        "elasticity of desired intensity to what launches of the industry and province brought",
        mark="prior",
        source="assumed, .1-.3: demand and technological opportunity move R&D less than one to one "
        "(Cohen 2010)",
        bounds=(0.0, 0.5),
    )
    innovative_scale: float = param(
        40.0,
        "sum of gains of adoptions and launches in 12 quarters at which 1 - 1/e of sales are "
        "innovative",
        unit="gains",
        bounds=(1.0, 1e4),
    )
    additionality: float = param(
        0.3,
        "m: rise of desired R&D per yuan of grants spent on R&D",
        mark="prior",
        source="Boeing 2016; Liu and Xu 2024: -0.5 to +4.5, net of what firms save",
        bounds=(-0.5, 4.5),
    )
    tax_elasticity: float = param(
        1.0,
        "elasticity of R&D to its user cost, with the sign turned",
        mark="prior",
        source="Chen et al. 2018; super-deduction studies: 0.34-2.05",
        bounds=(0.0, 2.05),
    )
    size_elasticity: float = param(
        0.6, "elasticity of R&D to sales between firms of an industry", bounds=(0.0, 1.5)
    )
    effect_sd: float = param(
        0.5,
        "standard deviation of the log firm effect z",
        unit="log",
        bounds=(0.0, 2.0),
    )


class CompeteParameters(Section):
    """Productivity, markets and competition."""

    catch_up: float = param(
        0.05,
        "lambda: share of the gap to the technology in use closed",
        unit="1/quarter",
        bounds=(0.0, 1.0),
    )
    depreciation: float = param(
        0.005, "delta: loss of productivity", unit="log/quarter", bounds=(0.0, 0.5)
    )
    effect_sd: float = param(
        0.4,
        "standard deviation of lasting firm effects a",
        unit="log",
        bounds=(0.0, 2.0),
        mark="prior",
        source="standard deviation of log revenue productivity .63-.74 in Chinese industry "
        "1998-2005 (Hsieh and Klenow 2009); the part that lasts is assumed",
    )
    research_return: float = param(
        0.06,
        "elasticity of the productivity that a firm catches up with to its R&D capital over value "
        "added",
        mark="prior",
        source="Hall and Mairesse 1995, .05-.14 with the part of launches; productivity .098 for "
        "twice the R&D of Chinese firms (evidence c17)",
        bounds=(0.0, 0.14),
    )
    access: float = param(
        0.05,
        "elasticity of the productivity that a firm catches up with to knowledge within reach",
        mark="prior",
        source="productivity +6 % for twice the density (Ciccone and Hall 1996), of which a part "
        "is knowledge; spillovers of R&D .03-.06 within regions",
        bounds=(0.0, 0.1),
    )
    private_return: float = param(
        0.1,
        "most that own launches add to the productivity that a firm catches up with, omega",
        unit="log",
        mark="prior",
        source="productivity .098 for twice the R&D of Chinese firms (evidence c17)",
        bounds=(0.0, 0.3),
    )
    return_decay: float = param(
        0.2,
        "loss of what own launches add",
        unit="1/year",
        bounds=(0.0, 4.0),
        mark="prior",
        source="depreciation of R&D capital: 15 % by convention, estimates around and above it "
        "(Hall, Mairesse and Mohnen 2010)",
    )
    market_access: float = param(
        0.1,
        "eta_A: elasticity to market access of the productivity that a firm catches up with",
        mark="prior",
        source="productivity .87 % for a standard deviation of segmentation in China through four "
        "channels, of which scale is one (evidence m2): a quarter of it; the rest is assumed",
        bounds=(0.0, 0.4),
    )
    selection: float = param(
        0.01,
        "chi: response of market shares to relative productivity",
        unit="1/quarter",
        bounds=(0.0, 0.5),
    )
    sigma: float = param(
        4.0,
        "elasticity of substitution between origins",
        mark="prior",
        source="usual range 3-6",
        bounds=(1.0, 10.0),
    )
    demand_elasticity: float = fraction(
        0.5,
        "e: elasticity of nominal demand to lower prices than in the base run",
        mark="prior",
        source="spending on manufactures rises as their prices fall while an industry grows and "
        "falls later (Bessen 2018, AI and jobs: the role of demand); its size is assumed",
    )
    share_adjustment: float = param(
        0.25,
        "part of the gap of market shares and prices closed",
        unit="1/year",
        mark="prior",
        source="trade takes 7-10 years to converge after tariffs change (Boehm, Levchenko and "
        "Pandalai-Nayar 2023): nine tenths of a gap are closed after 8",
        bounds=(0.0, 1.0),
    )
    transport_region: float = param(
        0.92,
        "part of value that arrives in another province of the region",
        mark="prior",
        source="direct evidence of traders (farm goods, 2004): barriers within China take a fifth "
        "of the value traded, 42 % of that is transport (Li, Yu, Zeng and Holst 2012)",
        bounds=(0.05, 1.0),
    )
    transport_outside: float = param(
        0.6, "part of value that arrives to and from the rest of the nation", bounds=(0.05, 1.0)
    )
