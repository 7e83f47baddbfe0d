"""From effort to launch."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from ydsim.parameter import Section, param
from ydsim.typing import Floats

_Effort = Annotated[float, Field(gt=0.0, le=1e4)]
Efforts = tuple[_Effort, _Effort, _Effort, _Effort, _Effort]


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
        unit="1",
        mark="calibrated",
        source="set by hand against the 8-19 % of service invention applications of 2018 that "
        "universities filed; they reach 11 %, where all time of their researchers is used",
        bounds=(0.0, 100.0),
    )
    institute_teams: float = param(
        2.5,
        "ideas of an institute over those of a firm of equal effort",
        unit="1",
        mark="calibrated",
        source="set by hand against the 2-6 % of service invention applications of 2018 that "
        "research institutes filed",
        bounds=(0.0, 100.0),
    )
    ideas_exponent: float = param(
        0.4,
        "elasticity of ideas to effort",
        unit="1",
        mark="calibrated",
        source="patents and R&D across firms: .3-.9 (Hausman, Hall and Griliches 1984); within "
        "that by hand against applications for invention patents of 2015",
        bounds=(0.1, 1.0),
    )
    access: float = param(
        0.5,
        "elasticity of ideas to knowledge within reach; 0 switches it off",
        unit="1",
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
    far: float = param(
        0.1,
        "weight of the far part of knowledge within reach over that of the near part",
        unit="1",
        bounds=(0.0, 1.0),
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
        0.5,
        "effect of knowledge above the mean on log quality",
        unit="1",
        bounds=(0.0, 3.0),
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
        unit="1",
        mark="prior",
        source="as that of ideas: the stock of knowledge in production functions of knowledge "
        "(Neves and Sequeira 2018), less with regional data",
        bounds=(0.0, 0.8),
    )
    effort: Efforts = param(
        (4.0, 6.0, 12.0, 30.0, 4.0),
        "researcher-quarters of each stage",
        unit="researcher-quarters",
    )
    duration: Efforts = param(
        (2.0, 2.0, 3.0, 4.0, 1.0),
        "shortest duration of each stage at full capability",
        unit="quarters",
    )
    failure: float = param(
        0.2, "hazard of failure in every stage", unit="1/year", bounds=(0.0, 4.0)
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
        unit="1",
        mark="prior",
        source="sign: alliances succeed more in late stages (Danzon et al. 2005), joint work fails "
        "less (Singh and Fleming 2010); size assumed",
        bounds=(0.0, 4.0),
    )
    capability_part: float = param(
        0.7,
        "capability of firms up to the pilot and of institutes in the pilot, where 1 is that of "
        "who is made for a stage",
        unit="1",
        bounds=(0.0, 1.0),
    )
    capability_needed: float = param(
        0.3, "capability below which a project waits", unit="1", bounds=(0.0, 1.0)
    )
    capability_size: float = param(
        1.9,
        "size at which a firm has half of its capability in pilot and industrialisation, over the "
        "researchers that the stage takes at its shortest duration; 0: size does not matter",
        unit="1",
        mark="prior",
        source="1.1-2.7: a firm with sales of 50m yuan, the largest of the small ones of the "
        "certificate of high-technology enterprises, at an R&D share of 3-5 % and 300-440 thousand "
        "yuan a researcher (official R&D over personnel, 2011-20) has 3.4-8.3 researchers; that it "
        "is just able to do these stages alone is assumed, from what small firms need (Danzon et "
        "al. 2005; Bronzini and Iachini 2014)",
        bounds=(0.0, 100.0),
    )
    waiting_death: float = param(
        0.25, "hazard of death of a waiting project", unit="1/year", bounds=(0.0, 4.0)
    )
    project_share: float = param(
        0.8,
        "share of researchers' time that goes to projects",
        unit="1",
        bounds=(0.0, 1.0),
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
        unit="1",
        bounds=(0.0, 10.0),
    )

    @property
    def by_kind(self) -> Floats:
        """Capability by kind and stage, (3, 5), in the order firm, university, institute."""
        part = self.capability_part
        firm, university = [part, part, part, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0, 0.0]
        return np.array([firm, university, [1.0, 1.0, part, 0.0, 0.0]])

    @property
    def half_size(self) -> Floats:
        """Size at which a firm has half of its capability, by stage, (5,), researchers."""
        team: Floats = np.array(self.effort) / np.array(self.duration)
        return self.capability_size * team

    @property
    def survival(self) -> Floats:
        """Probability (5, 5) that a project that enters stage s completes stage t >= s.

        At the shortest durations of a firm: exp(-sum of hazard x duration / capability / 4).
        """
        n = len(self.duration)
        slow = np.maximum(self.by_kind[0], self.capability_needed)
        risk = self.failure * np.array(self.duration) / np.maximum(slow, 1e-9) / 4.0
        until = np.cumsum(risk)
        lost = until[None, :] - (until - risk)[:, None]
        ahead = np.arange(n)[None, :] >= np.arange(n)[:, None]
        return np.exp(-np.where(ahead, lost, 0.0))
