"""Membership of cities in a committee for cooperation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field, Strict

from ydsim.parameter import param
from ydsim.policies.base import PLACE_TARGET_KEYS, Contribution, Places, Policy
from ydsim.policies.environment import (
    CROSSINGS,
    PolicyEnvironment,
    channels_param,
    crossing_mask,
    once,
)
from ydsim.policies.odds import MOST_EASED, Factor
from ydsim.policies.registry import register
from ydsim.typing import Floats

COHORTS: dict[float, tuple[str, ...]] = {
    1997.0: (
        "Shanghai",
        "Nanjing",
        "Wuxi",
        "Changzhou",
        "Suzhou",
        "Nantong",
        "Yangzhou",
        "Zhenjiang",
        "Taizhou (Jiangsu)",
        "Hangzhou",
        "Ningbo",
        "Jiaxing",
        "Huzhou",
        "Shaoxing",
        "Zhoushan",
    ),
    2003.0: ("Taizhou (Zhejiang)",),
    2010.0: ("Hefei", "Yancheng", "Ma'anshan", "Jinhua", "Huai'an", "Quzhou"),
    2013.0: (
        "Xuzhou",
        "Wuhu",
        "Chuzhou",
        "Huainan",
        "Lishui",
        "Wenzhou",
        "Suqian",
        "Lianyungang",
    ),
    2018.25: ("Tongling", "Anqing", "Chizhou", "Xuancheng"),
    2019.0: ("Bengbu", "Huaibei", "Bozhou", "Suzhou (Anhui)", "Fuyang", "Lu'an", "Huangshan"),
}
"""Who entered the Coordination Committee when: 15, 16, 22, 30, 34 and 41 cities in all.

Entries are dated to the start of their year, those of 2018 to April. The last seven are what is
left of the 41 cities, and their year is uncertain.
"""

COMMITTEE: dict[str, float] = {city: year for year, cities in COHORTS.items() for city in cities}
"""Year of entry of every city of `COHORTS`."""

_Way = Literal["exposure", "joint_work", "hand_over", "talent", "knowledge", "rivalry"]
_Year = Annotated[float, Field(ge=1900.0, le=2200.0)]


@register("membership")
class Membership(Policy):
    """Cities of a committee ease the borders between each other, and may become rivals.

    Mechanism
        Between two members of different provinces the odds that exchange passes the border are
        multiplied by ``eased_cd``, in each of the ``channels``: exposure to adopters, joint
        projects, hand-overs, moves of researchers and knowledge that spills over; with t_cd the
        later of their years of entry and age = t - t_cd, not below zero,

            eased_cd = 1 + (passes - 1) part_cd
            part_cd  = min(1, (age + 1/4) / growth) (1/2)^(max(0, age - growth) / half_life)

        without the factors whose ``growth`` or ``half_life`` is zero. It grows because members
        agree on one field after another in their yearly meetings. Age counts from the true entry,
        so that the oldest members are past their growth in the first year; a ``start`` or ``end``
        switches all of it. Two members of one province gain nothing from it, and product markets
        are left as they are. A target leaves other cities out; ``target.pairs`` leaves the
        borders between the named pairs of provinces, as ``[[Shanghai, Anhui]]``.

        Members also bid against each other for the same projects and researchers. With part_cd 0
        where c or d is no member, and C the cities of the world, firms of city c pay for R&D

            user cost_c = user cost'_c (1 + rivalry sum over d != c of part_cd / (C - 1))

        of what they paid without the policy, user cost': all of ``rivalry`` where every other
        city is a member past its growth, and less with fewer rivals, so that each enlargement
        adds rivals to the older members as well. Cities of one province are rivals like others.
        Nobody is paid what rivalry costs; firms want less R&D by the elasticity of the invest
        rule. It multiplies with tax relief, and no R&D is relabelled where the product is above
        one. It is left out where ``channels`` do not name ``rivalry``.
    Evidence
        Regression discontinuity at the enlargement of 2010 finds innovation quality of firms up
        by 62-93 % (Science & Technology Progress and Policy 40(10), 2023); synthetic control finds
        city innovation up, unequally between cities and over time (the same, 37(24), 2020). A
        study of all enlargements in 1990-2017 finds the quality of city innovation down, and gives
        strategic innovation and competition for factors as causes: the sign is contested, and
        ``rivalry``, none by default, is what makes it turn. No effect on frictions or on the cost
        of R&D is published, so the factor, growth, half-life and rivalry are assumed.
    """

    title: ClassVar[str] = "Membership of the city committee"
    writes: ClassVar[tuple[str, ...]] = ("eased", "user_cost")
    target_keys: ClassVar[tuple[str, ...]] = (*PLACE_TARGET_KEYS, "pairs")
    names: ClassVar[Mapping[str, str]] = {"schedule": "cities"}
    channel_names: ClassVar[tuple[str, ...]] = (*CROSSINGS, "rivalry")

    passes: Factor = param(
        1.5,
        "factor on the odds of what passes between two members past their growth",
        unit="1",
        bounds=(1.0, MOST_EASED),
    )
    growth: float = param(
        3.0,
        "time from the later entry of two members to the full factor",
        unit="years",
        bounds=(0.0, 20.0),
    )
    half_life: float = param(
        0.0,
        "half-life of it after its growth; 0 is none, 3-8 in sweeps",
        unit="years",
        bounds=(0.0, 100.0),
    )
    rivalry: float = param(
        0.0,
        "rise of the user cost of R&D of a member whose rivals are all other cities, past their "
        "growth",
        unit="1",
        bounds=(0.0, 0.5),
    )
    schedule: dict[str, _Year] | None = param(
        None,
        "year of entry by name of the city; that of the Coordination Committee when not given, "
        "as far as the world has its cities",
        unit="year",
        mark="data",
        source="thepaper.cn newsDetail_forward_2073204; year 2019 uncertain",
    )

    channels: Annotated[tuple[_Way, ...], Strict(False), AfterValidator(once)] = channels_param(
        (*CROSSINGS, "rivalry"), "in what members ease borders, and whether they are rivals"
    )

    def entries(self, places: Places) -> Floats:
        """Return the year of entry of every city, (C,), infinite for those that never enter."""
        schedule = COMMITTEE if self.schedule is None else self.schedule
        return np.array([schedule.get(city, np.inf) for city in places.cities])

    def written(self) -> tuple[str, ...]:
        """Return what eases borders, where one is, and the user cost where there is rivalry."""
        eases = crossing_mask(self.channels).any()
        return (*self.writes[:1] * bool(eases), *self.writes[1:] * self._rivals)

    @property
    def _rivals(self) -> bool:
        return self.rivalry > 0.0 and "rivalry" in self.channels

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Ease borders between two targeted cities that both are members; raise their cost."""
        entry = self.entries(places)
        age = year - np.maximum(entry[:, None], entry[None, :])
        members = age >= 0.0
        age = np.where(members, age, 0.0)
        part = np.ones(age.shape)
        if self.growth > 0.0:
            # in force at the end of the quarter of entry
            part = np.minimum(1.0, (age + 0.25) / self.growth)
        if self.half_life > 0.0:
            part = part * 0.5 ** (np.maximum(0.0, age - self.growth) / self.half_life)
        where = self.target.pair_mask(places) * members
        channels = crossing_mask(self.channels)
        if channels.any():
            factor = 1.0 + (self.passes - 1.0) * part
            yield Contribution("eased", factor, channels[:, None, None] * where)
        if self._rivals:
            rivals = (where * part).sum(axis=1) / max(1, len(places.cities) - 1)
            yield Contribution("user_cost", baseline.user_cost * (1.0 + self.rivalry * rivals))
