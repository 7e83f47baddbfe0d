"""What studies have found, and the range in which a simulated panel is to give the same.

    inside           low <= L and U <= high
    outside          U < low or L > high
    not distinguished   otherwise

[L, U] is the 95 per cent interval of the mean over replicates, [low, high] the accepted range.
Ranges are as they were set before anything was run: where a study shows no standard error they are
assumed. Foreign sizes say more on ratios, signs and lags than on levels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ydsim.analysis.estimators.estimate import Estimate

INSIDE, OUTSIDE, OPEN, NOT_RUN = "inside", "outside", "not distinguished", "not run"
ALONE = "no range"
"""Verdict of a row that only explains others."""


def placed(low: float, high: float, least: float, most: float) -> str:
    """Return the verdict of an interval from ``low`` to ``high`` and an accepted range."""
    if least <= low and high <= most:
        return INSIDE
    return OUTSIDE if high < least or low > most else OPEN


@dataclass(frozen=True)
class Target:
    """One published number.

    Attributes
    ----------
    study
        Number of the target, such as "I14"; several rows share it.
    name
        Name of the row, one word.
    meaning
        What is estimated, its unit and how.
    published
        What studies found, in words.
    low, high
        Accepted range; infinite where it is open.
    why_not
        Why it is not run; empty where it is.
    """

    study: str
    name: str
    meaning: str
    published: str
    low: float = -math.inf
    high: float = math.inf
    why_not: str = ""

    @property
    def ranged(self) -> bool:
        """Whether there is an accepted range."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    def verdict(self, found: Estimate | None) -> str:
        """Return what an estimate says of the range.

        Parameters
        ----------
        found
            Mean over replicates; None or NaN where there is none. Without an interval, as of one
            replicate, nothing is concluded.
        """
        if self.why_not or found is None or math.isnan(found.estimate):
            return NOT_RUN
        if not self.ranged:
            return ALONE
        if math.isnan(found.low) or math.isnan(found.high):
            return OPEN
        return placed(found.low, found.high, self.low, self.high)


TARGETS = (
    Target("I1", "tie_late", "log of inventions weighted by quality, 6-8 years after an "
           "organisation lost a partner drawn by lot (event study, Poisson; effects of "
           "organisation and year)",
           "-.16 after 8 years", -0.25, -0.06),
    Target("I1", "tie_build_up", "the same after 1 year less that after 6-8 years",
           "gradual: the loss grows with the years", 0.0),
    Target("I3", "voucher_launch", "share of firms with a launch in the 5 years from the lottery "
           "on, winners less losers",
           "none found on product innovation", -0.05, 0.05),
    Target("I3", "voucher_productivity", "log productivity at the end of the run, winners less "
           "losers (effects of city and industry)",
           "none found", -0.01, 0.01),
    Target("I4", "grant_own", "log of a city's inventions under a grant of a tenth of its firms' "
           "R&D (Poisson; effects of city and year)",
           "positive", 0.0),
    Target("I4", "grant_reach", "inventions in all cities up to 250 km over those of the city that "
           "has the grant, ratio",
           "4 in all", 2.0, 5.0),
    Target("I8", "rail", "log of joint inventions of a pair of cities, its travel time halved "
           "(Poisson; effects of pair, origin and year, destination and year)",
           "+.28", 0.10, 0.50),
    Target("I8", "rail_expected", "the same on the sum of chances to work together, which has less "
           "chance in it", "+.28", 0.10, 0.50),
    Target("I8", "rail_near", "of joint inventions, pairs up to 250 km apart", "the larger part"),
    Target("I8", "rail_far", "the same, pairs further apart",
           "below half of that on average"),
    Target("I8", "rail_ratio", "far over near, ratio", "below .5", -math.inf, 0.5),
    Target("I9", "line", "log of a city's inventions when travel to a city up to 100 km away takes "
           "half the time (Poisson; effects of city and year)",
           "+.05", 0.01, 0.10),
    Target("I14", "joint_raw", "log quality of inventions, joint less solo (effects of field and "
           "year)", "+.17", 0.05, 0.30),
    Target("I14", "joint_owner", "the same with effects of owners", "0 to .05"),
    Target("I14", "joint_ratio", "with effects of owners over without, ratio", "0 to .3",
           -math.inf, 0.5),
    Target("I14", "joint_birth", "log quality at birth, before anybody joined, joint less solo "
           "(effects of field and year): selection alone", "not published"),
    Target("I17", "member", "log of a city's inventions after it entered the committee; cohorts "
           "2013 and 2018, later ones as controls (Callaway and Sant'Anna)",
           "positive", 0.0),
    Target("I12", "technology_spillover", "log productivity on the log of what firms near in "
           "technology hold of R&D, weighted by the cosine of their fields of effort, a year "
           "before (own stock, rivals' stock, sales of the industry; effects of firm and year)",
           ".231 on sales", 0.05, 0.30),
    Target("I12", "technology_within", "the same with effects of industry and year in the place of "
           "rivals and sales: industries are few and each has shocks of its own", "not published"),
    Target("I12", "technology_own", "the same on the log of its own stock of R&D", ".015 on sales"),
    Target("I12", "technology_ratio", "social over private return to R&D, of firms near in "
           "technology and of the firm itself, ratio",
           "4.2", 1.5, 4.5),
    Target("I11", "tie_spillover", "social over private return to R&D along ties between firms, "
           "ratio (log productivity on stocks a year before; effects of firm and year)",
           "1.12", 1.03, 1.30),
    Target("I11", "tie_pool", "log productivity on the log of what partners hold of R&D",
           "positive and small"),
    Target("I11", "tie_pool_far", "the same with R&D of firms three ties away as instrument",
           "positive and small"),
    Target("I11", "tie_less_technology", "yield of a partner's R&D less that of R&D near in "
           "technology, elasticities of productivity by their margins",
           "ties far below technology", -math.inf, 0.0),
    Target("I16", "demand", "log of inventions of a market's productive half of firms, 2-5 years "
           "after its goods weigh a fifth more (event study, Poisson; effects of market, "
           "industry and year, province and year)",
           "positive", 0.0),
    Target("I16", "demand_build_up", "the same less that of the first two years",
           "positive: none at once", 0.0),
    Target("I16", "demand_upper", "the same after 2-5 years, productive half less the other half",
           "positive: only productive firms", 0.0),
    Target("I16", "demand_lower", "the same of the less productive half", "none"),
    Target("I16", "demand_sales", "log of sales of all in the year of the shock", "positive", 0.0),
    Target("I18", "grant_firm", "log own R&D 3 years after a grant of a tenth of it, small firms "
           "short of cash against the most alike without (matched difference in differences)",
           "positive for small constrained firms", 0.0),
    Target("I18", "grant_large", "the same of medium and large firms", "near 0"),
    Target("I18", "grant_order", "small firms short of cash less medium and large ones",
           "positive", 0.0),
    Target("I13", "consortium", "log inventions of firms while members of a consortium (Poisson; "
           "effects of firm and year)",
           "+.04 to +.22", 0.02, 0.25),
    Target("I13", "consortium_after", "the same after they have left", "back to before",
           -0.05, 0.05),
    Target("I15", "segmentation", "log productivity in a year of protection drawn by lot, one "
           "standard deviation (effects of firm and year)",
           "-.0087", -0.03, -0.003),
    Target("I15", "segmentation_3y", "the same on the mean of three years", "-.0087"),
    Target("I3", "voucher_contracts", "contracts with science for each voucher", "+.8", 0.6, 0.9,
           "contracts are not recorded by firm"),
    Target("I18", "grant_cut_off", "own R&D of firms around the score at which grants are given",
           "near 0 for large or repeated grants", why_not="bids for grants are not scored"),
    Target("I19", "facility", "log papers of a university with a facility", "+.24", 0.10, 0.35,
           "no shock gives one university a facility or a team, and papers are not recorded by "
           "university"),
)  # fmt: skip
"""All rows, in the order in which they are shown: those that are run, then those that are not."""

STUDIES = {
    "I1": "Jaravel, Petkova and Bell 2018, AER; build-up by years since the loss",
    "I3": "Cornet et al. 2006, CPB 58, and later reports on the lottery",
    "I4": "Myers and Lanahan 2022, AER",
    "I8": "Ma and Huang 2023, Scientometrics",
    "I9": "Inoue et al. 2017, RIETI 17-E-034",
    "I11": "Zacchia 2019, Review of Economic Studies",
    "I12": "Lucking, Bloom and Van Reenen 2019; specification by their code, ratio 4.2 from a "
    "public calculator",
    "I13": "Darby, Zucker and Wang 2004 (USA); Sakakibara and Branstetter (Japan)",
    "I14": "Jones, teams against solo patents (raw); Tsukada and Nagaoka 2015, RIETI 15-E-113 "
    "(same inventor)",
    "I15": "South China Journal of Economics 2015(4): 27, firms 1998-2007",
    "I16": "Aghion et al. 2024, REStat 106(3)",
    "I17": "Yang, Zeng and Chen 2023, and synthetic controls of the enlargements of 2003-18",
    "I18": "Bronzini and Iachini 2014; Howell 2017; Wang, Li and Furman 2017",
}
"""Where the numbers come from, for the studies that are run."""
