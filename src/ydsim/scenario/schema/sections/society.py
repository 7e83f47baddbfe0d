"""Intermediaries, media and places of firms."""

from __future__ import annotations

from typing import Literal

from ydsim.parameter import Section, control, fraction, param


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
