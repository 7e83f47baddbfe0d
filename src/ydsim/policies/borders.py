"""Borders between provinces: what passes them, who closes and who eases them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field, Strict

from ydsim.parameter import IN_TABLE, control
from ydsim.policies import environment
from ydsim.policies.base import PLACE_TARGET_KEYS, Contribution, Moves, Places, Policy
from ydsim.typing import Floats


class BorderFriction(Policy, name="border_friction"):
    """Administrative barriers between provinces, in all channels or in some.

    Mechanism
        ``passes`` says what passes a border, as a share of exchange (``passes: 0.3``), the same in
        each of the ``channels``, or as a factor on the odds of what passes without the policy
        (``passes: x1.5``), which acts on every channel from where it stands:

            p' = x p / (x p + 1 - p)

        The chance that a partner, a buyer of a project or a destination of a researcher lies
        across the border, exposure to adopters there, and knowledge that spills over from there
        are multiplied by what passes; of goods it is the part of value that arrives, so that a
        share for all channels that is set with partners in mind may hold back goods. Channels that
        are not named keep their own baseline.
        A targeted province has it at all its borders, those with provinces that are not targeted
        included; ``target.pairs`` names single borders, as ``[[Shanghai, Anhui]]``.
    Evidence
        Collaboration inside a province exceeds what size and distance explain; no coefficient for
        the Yangtze River Delta is published, so the baselines are assumed. Barriers are to be
        "basically removed" by 2025 under the 2020 community plan. No study covers a step to four
        times and more of what passes; `check` and `run` name the channels of such a step.
    """

    title = "Exchange across province borders"
    writes = environment.CHANNELS
    channel_names = environment.CHANNELS
    target_keys = (*PLACE_TARGET_KEYS, "pairs")

    passes: environment.Passes = IN_TABLE

    channels: environment.Channels = control(environment.CHANNELS, "what it is for")

    def written(self) -> tuple[str, ...]:
        """Return the fields of the channels, or nothing where nothing is said of them."""
        if self.passes is None:
            return ()
        return tuple(name for name in environment.CHANNELS if name in self.channels)

    def contributions(
        self, year: float, baseline: environment.PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set what passes every targeted border in every channel."""
        if self.passes is None:
            return
        where = self.target.border_mask(places)
        for name in self.written():
            yield Contribution(
                name, environment.passed(self.passes, getattr(baseline, name)), where
            )


class Closure(Policy, name="closure"):
    """Provinces close: less comes in and goes out, and goods of their neighbours are held off.

    Mechanism
        Exchange of partners, hand-overs, adopters, researchers and knowledge between a targeted
        province and any other is multiplied by ``1 - level``, in each of the ``channels``; between
        two closed provinces the larger level counts, once. With the channel ``goods``, in the
        product markets of a targeted province the part of value that arrives from the other
        provinces of the region is multiplied by ``1 - protection``; its own goods arrive elsewhere
        as before, and trade with the rest of the nation is not touched. With constant elasticity
        of substitution the protected gain at home what others lose there: it pays to close alone,
        and hurts when all do.
    Evidence
        Local protection of markets in China is inferred from trade that falls off at province
        borders (Young 2000; Poncet 2005) and from little regional specialisation of industries
        with high margins and much state ownership (Bai et al. 2004). No share of exchange that a
        province of the Yangtze River Delta can shut out is published: both values are assumed.
    """

    title = "Provinces that keep others out"
    writes = ("closed", "protection")
    target_keys = ("provinces",)
    channel_names = environment.CHANNELS

    level: float = IN_TABLE
    protection: float = IN_TABLE

    channels: environment.Channels = control(
        environment.CHANNELS, "what is kept out; the market is protected with goods"
    )

    def written(self) -> tuple[str, ...]:
        """Return what is closed between cities, and protection where goods are kept out."""
        closed = bool(environment.crossing_mask(self.channels).any())
        return (*self.writes[:1] * closed, *self.writes[1:] * ("goods" in self.channels))

    def _moves(self, year: float, places: Places) -> Moves:
        mask = self.target.province_mask(places)
        moves: Moves = {
            "closed": (self.level, environment.crossing_mask(self.channels)[:, None] * mask),
            "protection": (self.protection, mask),
        }
        return {name: moves[name] for name in self.written()}


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
    2013.0: ("Xuzhou", "Wuhu", "Chuzhou", "Huainan", "Lishui", "Wenzhou", "Suqian", "Lianyungang"),
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


class Membership(Policy, name="membership"):
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

    title = "Membership of the city committee"
    writes = ("eased", "user_cost")
    target_keys = (*PLACE_TARGET_KEYS, "pairs")
    names: ClassVar[Mapping[str, str]] = {"schedule": "cities"}
    channel_names = (*environment.CROSSINGS, "rivalry")

    passes: environment.Factor = IN_TABLE
    growth: float = IN_TABLE
    half_life: float = IN_TABLE
    rivalry: float = IN_TABLE
    schedule: dict[str, _Year] | None = IN_TABLE

    channels: Annotated[tuple[_Way, ...], Strict(False), AfterValidator(environment.once)] = (
        control(
            (*environment.CROSSINGS, "rivalry"),
            "in what members ease borders, and whether they are rivals",
        )
    )

    def entries(self, cities: Sequence[str]) -> Floats:
        """Return the year of entry of every city, (C,), infinite for those that never enter."""
        schedule = COMMITTEE if self.schedule is None else self.schedule
        return np.array([schedule.get(city, np.inf) for city in cities])

    def written(self) -> tuple[str, ...]:
        """Return what eases borders, where one is, and the user cost where there is rivalry."""
        eases = bool(environment.crossing_mask(self.channels).any())
        rivals = self.rivalry > 0.0 and "rivalry" in self.channels
        return (*self.writes[:1] * eases, *self.writes[1:] * rivals)

    def _moves(self, year: float, places: Places) -> Moves:
        entry = self.entries(places.cities)
        age = year - np.maximum(entry[:, None], entry[None, :])
        where = self.target.pair_mask(places) * (age >= 0.0)
        part = self._part(np.where(age >= 0.0, age, 0.0))
        rivals = (where * part).sum(axis=1) / max(1, len(places.cities) - 1)
        channels = environment.crossing_mask(self.channels)[:, None, None]
        moves: Moves = {
            "eased": (1.0 + (self.passes - 1.0) * part, channels * where),
            "user_cost": (1.0 + self.rivalry * rivals, 1.0),
        }
        return {name: moves[name] for name in self.written()}

    def _part(self, age: Floats) -> Floats:
        """Return how much of the factor holds, 0-1, so many years after the later entry."""
        part = np.ones(age.shape)
        if self.growth > 0.0:
            # in force at the end of the quarter of entry
            part = np.minimum(1.0, (age + 0.25) / self.growth)
        if self.half_life > 0.0:
            part = part * 0.5 ** (np.maximum(0.0, age - self.growth) / self.half_life)
        return part


class MutualRecognition(Policy, name="mutual_recognition"):
    """Provinces recognise titles, results, certificates and rules of each other.

    Mechanism
        Between two targeted provinces the share ``share`` is recognised. It multiplies the weight
        of a destination across their border in moves of researchers, and lowers the distance of
        institutions between partners, which enters the utility of a match as ``match.institution``
        times ``1 - share``. One market for technology with common rules multiplies the odds
        that a hand-over passes the border by ``hand_over``, on top of what membership does.
        A province that is targeted in part counts by the share of its cities.
    Evidence
        The 2025 Decision of the four people's congresses on coordinated science and technology
        innovation asks for shared experts and instruments and for one technology market; the plan
        of the innovation community of 2020 for barriers to factor flow to be "basically removed"
        by 2025. Institutional proximity raises collaboration between Chinese cities (Complexity
        2021, 5538872). No size of the effect of recognition is published; the values are assumed.
    """

    title = "Mutual recognition between provinces"
    writes = ("recognition", "eased_hand_over")

    share: float = IN_TABLE
    hand_over: environment.Factor = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.partner_mask(places)
        return {"recognition": (self.share, where), "eased_hand_over": (self.hand_over, where)}
