"""The scenario in words: its question, its years, and every policy with title, dates, strength."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ydsim.outside import one_line
from ydsim.plots.messages import say
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped, title_of
from ydsim.report.gather import Gathered
from ydsim.report.markup import NONE, Content, Element, bullets, element, paragraph, section, table
from ydsim.results.compare import Alternative
from ydsim.scenario.load import flat

_LONG = 120
"""Characters of a foreign text that is shown in a cell."""


def scenario_section(gathered: Gathered) -> Element:
    """Return the section."""
    content: list[Content] = []
    if gathered.found is not None:
        content += _what_differs(gathered)
    content.append(paragraph(_frame(gathered.base)))
    sides = gathered.sides if len(gathered.sides) == 2 else (gathered.base,)
    for side in sides:
        content += _policies(side, titled=len(sides) > 1)
    if len(gathered.sides) > 2:
        content.append(paragraph(say("report.only_base"), class_="how"))
    return section("scenario", say("report.scenario"), *content)


def kind_of(name: str, policy: Mapping[str, Any]) -> type[Policy] | None:
    """Return the class of a shipped policy; None of any other, whose code is not imported."""
    return shipped().get(str(policy.get("policy") or name))


def in_force(scenario: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the policies that do something, by name."""
    found = {}
    for name, policy in scenario["policies"].items():
        idle = "level" in policy and policy["level"] is None and not policy.get("cost")
        if isinstance(policy, Mapping) and policy.get("strength") != 0.0 and not idle:
            found[str(name)] = policy
    return found


def _what_differs(gathered: Gathered) -> Iterator[Content]:
    assert gathered.found is not None
    yield paragraph(say("report.against", base=_named(gathered.base)))
    items = [
        element(
            "li",
            _named(pair.alternative),
            bullets([change.text for change in pair.changes] or [say("report.differs_in_nothing")]),
        )
        for pair in gathered.found.pairs
    ]
    yield element("ul", *items)


def _named(side: Alternative) -> str:
    title = side.title.rstrip(". ")
    return f"{side.name}: {title}" if title else side.name


def _frame(side: Alternative) -> str:
    plain = side.scenario
    return say(
        "report.frame",
        start=plain["start"],
        end=plain["end"],
        world=plain["world"],
        share=f"{100.0 * plain['scale']:g}",
    )


def _policies(side: Alternative, *, titled: bool) -> Iterator[Content]:
    yield from _in_force(side, titled=titled)
    if names := shocks_of(side.scenario):
        yield paragraph(say("report.shocks", names=names))


def shocks_of(scenario: Mapping[str, Any]) -> str:
    """Return the shocks of a scenario in words; empty without any."""
    listed = scenario.get("shocks") or ()
    words = [
        f"{one_line(str(shock.get('name')), 40)} ({one_line(str(shock.get('kind')), 40)}, "
        f"{date(shock.get('year'))})"
        for shock in listed
        if isinstance(shock, Mapping)
    ]
    return ", ".join(words)


def _in_force(side: Alternative, *, titled: bool) -> Iterator[Content]:
    force = in_force(side.scenario)
    if titled:
        yield element("h3", say("report.policies_of", name=side.name))
    if not force:
        yield paragraph(say("report.no_policy"))
        return
    rows = [_row(name, policy) for name, policy in force.items()]
    heads = ("policy", "from", "until", "strength", "whom", "settings")
    caption = say("report.policies", n=len(rows))
    yield table(caption, [say(f"report.policy_{head}") for head in heads], rows, numbers=NONE)
    governance = side.scenario.get("governance", {}).get("mode", "fixed")
    if governance != "fixed":
        yield paragraph(say("report.governance", mode=one_line(str(governance), 40)))


def _row(name: str, policy: Mapping[str, Any]) -> list[Content]:
    cls = kind_of(name, policy)
    title = one_line(name, 60) if cls is None else f"{title_of(cls)} ({one_line(name, 60)})"
    if cls is None:
        title = say("report.foreign_policy", name=title)
    shared = {*Policy.model_fields, "policy"}
    own = ", ".join(
        f"{one_line(str(key), 40)} {one_line(_value(value), _LONG)}"
        for key, value in policy.items()
        if key not in shared and value not in (None, "", [], {})
    )
    return [title, *_dates(policy), _strength(policy), _whom(policy), own or "\u2013"]


def _dates(policy: Mapping[str, Any]) -> tuple[str, str]:
    start, end = policy.get("start"), policy.get("end")
    first = say("report.always") if start is None else date(start)
    return first, say("report.open_end") if end is None else date(end)


def date(year: Any) -> str:
    """Return a point in time as year and quarter, ``2018 Q4``; a whole year as it is."""
    if not isinstance(year, (int, float)):
        return one_line(str(year), 20)
    quarter = round((year - int(year)) * 4)
    return f"{int(year)}" if not quarter else f"{int(year)} Q{quarter + 1}"


def _strength(policy: Mapping[str, Any]) -> str:
    text = one_line(_value(policy.get("strength", 1.0)), 20)
    ramp = policy.get("ramp")
    if isinstance(ramp, (int, float)) and ramp > 0.0:
        text = say("report.with_ramp", strength=text, years=f"{ramp:g}")
    return text


def _whom(policy: Mapping[str, Any]) -> str:
    target = policy.get("target")
    if not isinstance(target, Mapping):
        return say("report.everyone")
    parts = [one_line(_value(value), _LONG) for _, value in flat(dict(target)) if value]
    return "; ".join(parts) or say("report.everyone")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return say("report.yes") if value else say("report.no")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(item) for item in value)
    return str(value)
