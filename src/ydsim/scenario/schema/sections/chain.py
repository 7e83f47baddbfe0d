"""From effort to launch."""

from __future__ import annotations

from typing import Annotated, Final

import numpy as np
from pydantic import Field

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
        "for experiments: over what a stage takes of effort and of time otherwise it takes that "
        "much less",
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
        source="55 % of patents are in commercial use, 64 % or more with what is licensed, sold or "
        "founds a firm (survey of inventors in 20 European countries, Israel, Japan and the United "
        "States, PatVal2): .8-1.1 at quality one",
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
