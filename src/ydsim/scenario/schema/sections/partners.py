"""Partners, learning, and what passes the borders of provinces."""

from __future__ import annotations

from typing import Literal

from ydsim.parameter import Section, fraction, param


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
        3.3,
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
