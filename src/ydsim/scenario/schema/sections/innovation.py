"""From ideas to what spreads: knowledge, the chain, partners, contracts, generations."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from ydsim.parameter import Section, fraction, param
from ydsim.typing import Floats

_Pace = Annotated[float, Field(gt=0.0, le=1e4)]
Paces = tuple[_Pace, _Pace, _Pace, _Pace, _Pace]

EFFORTS: Final = np.array([1.0, 2.0, 4.0, 8.0, 1.0]) / 16.0
"""Parts of the effort of a project by stage: each takes twice the last, launch is short."""


class ExploreParameters(Section):
    """Knowledge and ideas."""

    learning: float = param(
        0.02,
        "knowledge gained by doing, c_e, per quarter at 1 + effort / mean effort = e",
        unit="log/quarter",
        bounds=(0.0, 0.1),
    )
    forgetting: float = param(
        0.05,
        "decay of knowledge towards the mean of the burn-in",
        unit="1/quarter",
        bounds=(0.0, 1.0),
        mark="prior",
        source="depreciation of R&D capital, 15 % a year by convention (Hall, Mairesse and Mohnen "
        "2010): .04 a quarter",
    )
    ideas: float = param(
        0.15,
        "ideas per quarter at an effort of one researcher, c_i",
        unit="1/quarter",
        bounds=(0.0, 10.0),
    )
    university_teams: float = param(
        40.0,
        "ideas of a university over those of a firm of equal effort: it is many teams",
        mark="calibrated",
        source="set by hand against the 8-19 % of service invention applications of 2018 that "
        "universities filed; they reach 11 %, where all time of their researchers is used",
        bounds=(0.0, 100.0),
    )
    institute_teams: float = param(
        2.5,
        "ideas of an institute over those of a firm of equal effort",
        mark="calibrated",
        source="set by hand against the 2-6 % of service invention applications of 2018 that "
        "research institutes filed",
        bounds=(0.0, 100.0),
    )
    ideas_exponent: float = param(
        0.4,
        "elasticity of ideas to effort",
        mark="calibrated",
        source="patents and R&D across firms: .3-.9 (Hausman, Hall and Griliches 1984); within "
        "that by hand against applications for invention patents of 2015",
        bounds=(0.1, 1.0),
    )
    access: float = param(
        0.5,
        "elasticity of ideas to knowledge within reach; 0 switches it off",
        mark="prior",
        source=".3-.8: ideas on the stock of knowledge just below 1, less with regional data "
        "(Neves and Sequeira 2018); with the elasticity to effort it makes total over own returns "
        "2-3 (Myers and Lanahan 2022: 4; Lucking et al. 2019: 4.2; Ugur et al. 2020: less)",
        bounds=(0.0, 0.8),
    )
    near_h: float = param(
        1.0,
        "travel time at which the near part of knowledge within reach falls to 1/e",
        unit="h",
        mark="prior",
        source="spillovers of R&D and patents fall steeply within some 30 to 100 km (Rosenthal and "
        "Strange 2008; Carlino, Chatterjee and Hunt 2007): .5-1.5 h",
        bounds=(0.5, 1.5),
    )
    far: float = fraction(
        0.1, "weight of the far part of knowledge within reach over that of the near part"
    )
    reach_h: float = param(
        30.0,
        "travel time at which the far part of knowledge within reach falls to 1/e",
        unit="h",
        mark="prior",
        source="elasticity of citations to travel time -.02 to -.12 (Bai et al.; Pauly and "
        "Stipanicic): -t / 30 h at the hours between cities of the region",
        bounds=(1.0, 1000.0),
    )
    quality_knowledge: float = param(
        0.5, "effect of knowledge above the mean on log quality", bounds=(0.0, 3.0)
    )
    quality_sd: float = param(
        0.3,
        "standard deviation of log quality among ideas of one owner",
        unit="log",
        bounds=(0.0, 2.0),
    )
    skill_sd: float = param(
        0.4,
        "standard deviation of the lasting part of log quality among owners",
        unit="log",
        mark="prior",
        source="joint work adds 0 to .05 with effects of the owner where it adds .17 without: who "
        "works with others has better ideas alone (Jones 2010; Tsukada and Nagaoka 2015); size set "
        "so that both parts have a standard deviation of .5",
        bounds=(0.0, 1.0),
    )


class ChainParameters(Section):
    """The chain: applied research, invention, pilot, industrialisation, launch."""

    access: float = param(
        0.5,
        "elasticity of the progress of applied research and invention to knowledge within reach",
        mark="prior",
        source="as that of ideas: the stock of knowledge in production functions of knowledge "
        "(Neves and Sequeira 2018), less with regional data",
        bounds=(0.0, 0.8),
    )
    effort: float = param(
        56.0,
        "researcher-quarters of all stages; each from invention to industrialisation takes twice "
        "those of the stage before, launch those of applied research",
        unit="researcher-quarters",
        bounds=(1e-3, 1e4),
    )
    duration: float = param(
        11.5,
        "shortest duration of all stages at full capability; people and time of a stage grow "
        "alike with its effort",
        unit="quarters",
        bounds=(1e-3, 1e4),
    )
    pace: Paces = param(
        (1.0,) * 5,
        "factor on the speed of each stage, for experiments: it divides effort and shortest "
        "duration",
        mark="control",
    )
    failure: float = param(
        0.2,
        "hazard of failure in every stage",
        unit="1/year",
        mark="prior",
        source="624 of 1,878 funded projects of small firms, which last two years, ended before "
        "they were completed (Link and Wright 2015): -ln(1 - 624 / 1878) / 2",
        bounds=(0.0, 4.0),
    )
    joint_quality: float = param(
        0.3,
        "theta: rise of log quality by a partner that brings all that a stage needs",
        unit="log",
        mark="prior",
        source="losing a close co-inventor costs 15 % of quality-weighted output (Jaravel et al. "
        "2018); raw premium of teams 18 % (Jones 2010), none across borders with effects of the "
        "first inventor (Tsukada and Nagaoka 2015)",
        bounds=(0.0, 1.0),
    )
    joint_safety: float = param(
        0.3,
        "phi: fall of the log hazard of failure from the pilot on by a partner that brings all "
        "that a stage needs",
        mark="prior",
        source="sign: alliances succeed more in late stages (Danzon et al. 2005), joint work fails "
        "less (Singh and Fleming 2010); size assumed",
        bounds=(0.0, 4.0),
    )
    capability_part: float = fraction(
        0.7,
        "capability of firms up to the pilot and of institutes in the pilot, where 1 is that of "
        "who is made for a stage; a project of usual difficulty waits below half of it",
    )
    capability_size: float = param(
        1.35,
        "size at which a firm has half of its capability in pilot and industrialisation, over the "
        "researchers that the stage takes at its shortest duration; 0: size does not matter",
        mark="prior",
        source="0.8-1.9: a firm with sales of 50m yuan, the largest of the small ones of the "
        "certificate of high-technology enterprises, at an R&D share of 3-5 % and 300-440 thousand "
        "yuan a researcher (official R&D over personnel, 2011-20) has 3.4-8.3 researchers; that it "
        "is just able to do these stages alone is assumed, from what small firms need (Danzon et "
        "al. 2005; Bronzini and Iachini 2014)",
        bounds=(0.0, 100.0),
    )
    project_share: float = fraction(
        0.8,
        "share of researchers' time that goes to projects",
        mark="prior",
        source=".74-.82: basic research, which is what is left, over R&D of institutes and "
        "universities, nation: 22 of 120 bn yuan in 2008, 92 of 355 in 2017 (National Bureau of "
        "Statistics, communique of 2009 and yearly report of 2018)",
    )
    span: float = param(
        1.0,
        "researchers for each live project beyond the first",
        unit="researchers",
        bounds=(0.1, 1000.0),
    )
    selection: float = param(
        0.8,
        "gamma: an invention of quality q is developed with probability 1 - exp(-gamma q)",
        mark="prior",
        source="55 % of patents are in commercial use, up to 70 % with what is licensed, sold or "
        "founds a firm (survey of inventors in 20 European countries, Israel, Japan and the United "
        "States, PatVal2): .8-1.2 at quality one",
        bounds=(0.0, 10.0),
    )

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
        each: Floats = self.effort * EFFORTS / np.array(self.pace)
        return each

    @property
    def durations(self) -> Floats:
        """Shortest durations by stage, (5,), quarters."""
        part = np.sqrt(EFFORTS)
        each: Floats = self.duration * part / part.sum() / np.array(self.pace)
        return each

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


class MatchParameters(Section):
    """Search for partners."""

    gap_search: float = param(
        0.02,
        "share of projects in a field in which their owner lags behind the leaders that seek a "
        "partner",
        unit="1/quarter",
        mark="calibrated",
        source="set by hand with the reserve against co-inventions of 3-7 %",
        bounds=(0.0, 1.0),
    )
    candidates: int = param(
        3,
        "candidates seen from each source: former partners, partners of partners, gravity and "
        "brokers",
        unit="candidates",
        bounds=(0, 50),
    )
    decay_h: float = param(
        0.7,
        "travel time at which partnership falls to 1/e, t_0",
        unit="h",
        mark="prior",
        source="recorded hours: .6-.8 with a far part of .33-.40 make a line raise joint work far "
        "away less than half as much as near by (Ma and Huang 2023)",
        bounds=(0.05, 1000.0),
    )
    far: float = fraction(
        0.36,
        "f: part of partnership that does not fall with travel time",
        mark="prior",
        source="a high-speed line raises joint papers by a third near by and less beyond 250 km "
        "(Ma and Huang 2023): .33-.40",
    )
    cognitive: float = param(
        2.0,
        "weight of the inverted U of cognitive distance, 4 D (1 - D)",
        unit="utility",
        mark="prior",
        source="largest of the proximities: Complexity 2021, 5538872; size assumed",
        bounds=(0.0, 10.0),
    )
    social: float = param(
        1.0,
        "weight of log(1 + strength of the tie)",
        unit="utility",
        mark="prior",
        source="closure favoured: kjjb.org 2021-38-14-006; size assumed",
        bounds=(0.0, 10.0),
    )
    institution: float = param(
        0.6,
        "disutility of partners of different kind, and of partners of another province times "
        "1 - recognition",
        unit="utility",
        bounds=(0.0, 10.0),
        mark="prior",
        source="geographic, institutional and cognitive proximity all raise collaboration of 290 "
        "Chinese cities (Complexity 2021, 5538872); size assumed",
    )
    search_cost: float = param(
        0.6,
        "cost of finding a candidate by oneself, which ties and brokers spare",
        unit="utility",
        bounds=(0.0, 10.0),
    )
    reserve: float = param(
        2.6,
        "utility that both sides ask for, u_0",
        unit="utility",
        mark="calibrated",
        source="set by hand so that 3-7 % of inventions are co-inventions",
        bounds=(-20.0, 20.0),
    )
    additional: float = fraction(
        0.4,
        "share of the time for projects of others that is not taken from their own",
        mark="prior",
        source=".2-.6: vouchers, 8 of 10 additional contracts without new products (Cornet et al. "
        "2006); consortia, 4-25 % more patents of members (Darby et al. 2004)",
    )
    overhead: float = param(
        0.1,
        "time that a joint project takes from each member beside its work, and that a project that "
        "waits takes from its owner, over that of the stage",
        mark="prior",
        source="sign: joint research coordinates less and yields less, the more organisations take "
        "part (Cummings and Kiesler 2007); size assumed",
        bounds=(0.0, 0.3),
    )
    attraction: float = param(
        0.6,
        "weight of the skill of who seeks for who is asked to join",
        unit="utility",
        bounds=(0.0, 10.0),
    )
    lead: float = param(
        0.2,
        "log knowledge, or capability, by which a partner must lead to add to a project",
        bounds=(0.0, 10.0),
    )
    consortium: int = param(5, "largest number of members", unit="members", bounds=(1, 5))
    tie_decay: float = param(0.2, "loss of strength of ties", unit="1/year", bounds=(0.0, 1.0))
    facility_use: float = param(
        0.1,
        "share of research projects of firms that use a shared facility",
        unit="1/quarter",
        bounds=(0.0, 1.0),
    )
    facility_gain: float = fraction(0.2, "capability that a facility adds in a quarter of use")


class LearnParameters(Section):
    """Learning from others."""

    rule: Literal["broadcast", "barter"] = param(
        "broadcast", "what partners teach each other", unit="-"
    )
    rate: float = param(
        0.1,
        "share of a partner's lead that is learned at best distance",
        unit="1/quarter",
        bounds=(0.0, 1.0),
    )
    spillover: float = param(
        0.02,
        "share of the lead of the city's mean that is learned at best distance",
        unit="1/quarter",
        bounds=(0.0, 1.0),
    )


class BorderParameters(Section):
    """What passes the border between two provinces without the policy border_friction."""

    goods: float = fraction(
        0.88,
        "part of the value of goods that arrives in another province, beside transport",
        mark="prior",
        source="direct evidence of traders (farm goods, 2004): barriers within China take a fifth "
        "of the value traded, 58 % of that are not transport (Li, Yu, Zeng and Holst 2012)",
    )
    exposure: float = fraction(0.5, "share of the exposure to adopters that passes")
    joint_work: float = fraction(
        0.15,
        "share of joint projects that passes",
        mark="calibrated",
        source="set by hand under `baseline` against the share of contracts between provinces of "
        "2018, 10.5 %",
    )
    hand_over: float = fraction(
        0.02,
        "share of hand-overs of projects and results that passes",
        mark="calibrated",
        source="set by hand under `baseline` against the share of contracts between provinces of "
        "2018, 10.5 %",
    )
    talent: float = fraction(0.5, "share of moves of researchers that passes")
    knowledge: float = fraction(
        0.5,
        "share of the knowledge that spills over in space that passes; as of exposure to adopters",
    )


_Part = Annotated[float, Field(ge=0.0, le=1.0)]


class ContractParameters(Section):
    """Technology contracts and patents."""

    price: float = param(
        0.85,
        "value of a hand-over over the remaining cost of the project, at the price of 2012: "
        "services and equipment included",
        mark="calibrated",
        source="fitted to contract value 2012-20, a fifth of it sold by science: "
        "python -m tools.fit_defaults contracts",
        bounds=(0.0, 100.0),
    )
    science_hires: float = fraction(
        0.25, "part that pays researchers of what science earns in contracts at the price of 2012"
    )
    pieces: float = param(
        2.8,
        "registered contracts in which a hand-over is written",
        unit="contracts",
        mark="calibrated",
        source="fitted to the number of contracts 2012-20, 27 % of it of science: "
        "python -m tools.fit_defaults contracts",
        bounds=(0.1, 100.0),
    )
    market: float = param(
        0.45,
        "value of contracts that firms buy from firms over their R&D, at the price of 2012; 0 for "
        "no contract market",
        mark="calibrated",
        source="fitted to contract value 2012-20: python -m tools.fit_defaults contracts",
        bounds=(0.0, 5.0),
    )
    size: float = param(
        6.0,
        "size of a contract between firms over the pay of a researcher, at the price of 2012",
        unit="researcher_years",
        mark="calibrated",
        source="fitted to the number of contracts 2012-20: python -m tools.fit_defaults contracts",
        bounds=(0.1, 100.0),
    )
    registration_rate: float = param(
        1.0,
        "speed at which the share of registered contracts moves from its early to its late value",
        unit="1/year",
        mark="calibrated",
        source="set by hand against contract value over R&D by province",
        bounds=(0.0, 20.0),
    )
    patents: float = param(
        2.4,
        "patent applications per invention in 2011",
        unit="items",
        mark="calibrated",
        source="set by hand against applications of the region in 2011",
        bounds=(0.0, 100.0),
    )
    examination: tuple[_Part, _Part, _Part, _Part] = param(
        (0.2, 0.4, 0.3, 0.1),
        "parts of applications examined at an age of 2, 3, 4 and 5 years",
        mark="prior",
        source="national grants move with applications of three years before: .30-.49 of them, "
        "2014-20 (provinces.csv); the spread over ages is assumed",
    )
    lapse: float = param(
        0.06,
        "hazard of lapse of a patent",
        unit="1/year",
        bounds=(0.0, 4.0),
        mark="prior",
        source="invention patents granted that did not add to those in force, over these, nation "
        "2012-20: .046-.073 a year (provinces.csv)",
    )
    papers: float = param(
        3.6,
        "papers per completed piece of applied research of universities and institutes",
        unit="papers",
        mark="calibrated",
        source="set by hand against papers of the region in 2011",
        bounds=(0.0, 1000.0),
    )

    @model_validator(mode="after")
    def _whole(self) -> ContractParameters:
        total = sum(self.examination)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"examination sums to {total:g}, not 1")
        return self


class GenerationParameters(Section):
    """Founding, improvement and end of technology generations."""

    foundings: float = param(
        10.0,
        "generations founded a quarter in the region, at the launches of the burn-in, and in the "
        "rest of the nation",
        unit="1/quarter",
        bounds=(0.0, 1000.0),
    )
    launch_elasticity: float = fraction(
        0.5,
        "zeta: elasticity of foundings to launches",
        mark="prior",
        source="not identified by province totals: 0-1",
    )
    improvement: float = param(
        0.004,
        "b: improvement of log quality by launches that join",
        unit="log",
        bounds=(0.0, 1.0),
    )
    frontier_growth: float = param(
        0.03,
        "growth of the frontier at the foundings of the burn-in",
        unit="1/year",
        bounds=(0.0, 0.5),
        mark="prior",
        source="productivity of incumbents +2.85 % (gross output) to +7.96 % (value added) a year "
        "in Chinese manufacturing 1998-2007 (Brandt, Van Biesebroeck and Zhang 2012); slower since",
    )
    crowding: float = param(
        0.06,
        "lead of a cell's frontier over the mean at which its steps fall to .54 of their size",
        unit="log",
        bounds=(0.01, 100.0),
    )
    lifetime: int = param(
        40,
        "quarters after which a generation retires",
        unit="quarters",
        bounds=(4, 400),
    )


class AdoptParameters(Section):
    """Adoption of generations by firms."""

    external: float = param(
        0.03,
        "p: external influence",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .01-.03",
        bounds=(0.0, 1.0),
    )
    internal: float = param(
        0.6,
        "q: influence of adopters",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .3-.6",
        bounds=(0.0, 5.0),
    )
    outside: float = fraction(
        0.2, "omega: weight of the rest of the nation in exposure and of the region in its"
    )
    appeal_sd: float = param(
        1.0,
        "standard deviation of the log of a generation's lasting appeal",
        unit="log",
        bounds=(0.0, 2.0),
    )


_Threshold = Annotated[float, Field(ge=0.0, le=1.0)]


class CertifyParameters(Section):
    """Certificates of high-technology enterprises."""

    thresholds: tuple[_Threshold, _Threshold, _Threshold] = param(
        (0.05, 0.04, 0.03),
        "R&D over sales that small, medium and large firms must report",
        mark="data",
        source="administrative measures for certifying high-technology enterprises, 2016"
        " (before it more was asked of small firms)",
    )
    sales_basis: float = param(
        0.48,
        "reported sales over sales of the model, which are on a value-added basis",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.01, 100.0),
    )
    small_sales: float = param(
        0.5,
        "reported sales a year up to which a firm is small",
        unit="100m_rmb",
        mark="data",
        source="administrative measures: 50 million yuan",
        bounds=(0.0, 1e4),
    )
    large_sales: float = param(
        2.0,
        "reported sales a year above which a firm is large",
        unit="100m_rmb",
        mark="data",
        source="administrative measures: 200 million yuan",
        bounds=(0.0, 1e4),
    )
    relabelling: float = fraction(
        0.3,
        "part of the threshold that a firm below it may make up by relabelling other spending",
        mark="prior",
        source="Chen et al. 2021, doi 10.1257/aer.20191758: a quarter to a third of reported R&D "
        "at the notch is relabelled; the band is assumed",
    )
    hazard: float = param(
        0.3,
        "hazard with which eligible firms apply, from 2016 on",
        unit="1/year",
        mark="calibrated",
        source="set by hand against the certified firms of 2020",
        bounds=(0.0, 10.0),
    )
    hazard_before: float = param(
        0.1,
        "the same before 2016",
        unit="1/year",
        mark="calibrated",
        source="set by hand against recognitions of 2018-20 and the stock of 2020 "
        "(`python -m tools.sense`)",
        bounds=(0.0, 10.0),
    )
    lasts: int = param(
        12,
        "life of a certificate",
        unit="quarters",
        mark="data",
        source="administrative measures: three years",
        bounds=(1, 400),
    )
    profit_tax: float = param(
        0.15,
        "profit tax of certified firms",
        mark="data",
        source="enterprise income tax law: 15 %",
        bounds=(0.0, 0.6),
    )
