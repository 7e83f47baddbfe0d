"""Planted figures and runs of the study of forecasts."""

import numpy as np

from ydsim.studies.skill import FAMILIES, Skill
from ydsim.studies.study import Facts

PLACES = ("Shanghai", "Jiangsu", "Zhejiang", "Anhui", "yrd")
ORIGINS = (2014, 2015, 2016, 2017)
YEARS = 10


def planted(
    error: float = 0.0, level: float = 0.5, runs: int = 8, seed: int = 1, *, last: int = 2017
) -> Skill:
    """Figures that grow by 8 % a year, and runs at another level with errors of growth."""
    rng = np.random.default_rng(seed)
    origins, years = (*ORIGINS, *range(2018, last + 1)), YEARS if last == 2017 else last - 2005
    known = np.log(100.0) + 0.08 * np.arange(float(years)) + rng.normal(size=(len(FAMILIES), 5, 1))
    known[:, -1] = np.log(np.exp(known[:, :-1]).sum(axis=1))
    made = {}
    for origin in (*origins, None):
        walk = rng.normal(0.0, error, (len(FAMILIES), 5, 1, years)).cumsum(axis=3)
        noise = rng.normal(0.0, 0.01, (len(FAMILIES), 5, runs, years))
        made[origin] = known[:, :, None, :] + level + walk + noise
    nation = known.mean(axis=1) + 3.0
    known[:, :, YEARS:] = np.nan
    facts = Facts("made", "made", "made by hand", None, (2015, last + 3), runs, 0, len(origins) + 1)
    return Skill(facts, PLACES, origins, known, nation, made)
