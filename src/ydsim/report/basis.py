"""What is data, prior, calibrated or assumed, and every value that the scenario sets itself."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ydsim.outside import one_line
from ydsim.plots.messages import say
from ydsim.policies.base import Policy
from ydsim.report.gather import Gathered
from ydsim.report.markup import NONE, Content, Element, element, folded, paragraph, section, table
from ydsim.report.scenario import in_force, kind_of
from ydsim.results.compare import Alternative
from ydsim.scenario.load import flat
from ydsim.scenario.schema.key_index import Key, keys_of, written
from ydsim.scenario.schema.scenario import Scenario

MARKS: Final = ("data", "prior", "calibrated", "assumed")
_NOT_SHOWN: Final = ("name", "description", "record", "policies")


@dataclass(frozen=True)
class Setting:
    """A value of a scenario.

    Attributes
    ----------
    path
        Its key.
    value
        As the scenario has it.
    key
        What is known of it; None of a key that this version does not know.
    """

    path: tuple[str, ...]
    value: Any
    key: Key | None

    @property
    def changed(self) -> bool:
        """It is another value than where a scenario says nothing."""
        return self.key is None or not _equal(self.value, self.key.default)


def settings_of(side: Alternative) -> list[Setting]:
    """Return every value of a scenario: its own keys, then those of policies in force."""
    plain = {key: value for key, value in side.scenario.items() if key not in _NOT_SHOWN}
    known = _own_keys()
    found = [
        Setting(path, value, known.get(path))
        for path, value in ((tuple(map(str, at)), value) for at, value in flat(plain))
    ]
    for name, policy in in_force(side.scenario).items():
        cls = kind_of(name, policy)
        keys = {} if cls is None else {key.path: key for key in keys_of(cls)}
        for at, value in flat(dict(policy)):
            path = tuple(map(str, at))
            replaced = value is None and policy.get("amount") is not None  # a rate, by an amount
            if path[0] != "policy" and path[0] not in Policy.model_fields and not replaced:
                found.append(Setting(("policies", name, *path), value, keys.get(path)))
    return found


@cache
def _own_keys() -> dict[tuple[str, ...], Key]:
    return {key.path: key for key in keys_of(Scenario) if key.path != ("policies",)}


def counts(settings: list[Setting]) -> dict[str, int]:
    """Return how many values have each mark; settings of the experiment do not count."""
    marks = Counter(one.key.mark for one in settings if one.key is not None)
    return {mark: marks[mark] for mark in MARKS}


def basis_section(gathered: Gathered) -> Element:
    """Return the section."""
    sides = gathered.sides if len(gathered.sides) == 2 else (gathered.base,)
    content: list[Content] = [paragraph(say("report.marks"))]
    rows = []
    for side in sides:
        found = counts(settings_of(side))
        rows.append([side.name, *map(str, found.values()), str(sum(found.values()))])
    head = [say("report.setting"), *(say(f"report.mark_{mark}") for mark in MARKS)]
    content.append(table(say("report.counts"), [*head, say("report.all")], rows))
    for side in sides:
        content += _changed(side, titled=len(sides) > 1)
    if len(gathered.sides) > 2:
        content.append(paragraph(say("report.only_base"), class_="how"))
    return section("basis", say("report.basis"), *content)


def _changed(side: Alternative, *, titled: bool) -> Iterator[Content]:
    if titled:
        yield element("h3", say("report.changed_by", name=side.name))
    rows = [list(_row(one)) for one in settings_of(side) if one.changed]
    if not rows:
        yield paragraph(say("report.nothing_changed"))
        return
    heads = ("key", "value", "default", "unit", "mark", "source")
    caption = say("report.changed_values", n=len(rows))
    shown = table(caption, [say(f"report.value_{head}") for head in heads], rows, numbers=NONE)
    yield folded(caption, shown) if len(rows) > MOST_ROWS else shown


MOST_ROWS = 12
"""Rows that are shown at once."""


def _row(one: Setting) -> Iterator[Content]:
    yield element("code", one_line(".".join(one.path), 120))
    yield one_line(written(one.value), 120)
    if one.key is None:
        yield from ("\u2013", "\u2013", say("report.mark_unknown"), say("report.source_unknown"))
        return
    default = one.key.default
    yield "\u2013" if default is None else written(default)
    yield one.key.unit
    known = one.key.mark in (*MARKS, "control")
    yield say(f"report.mark_{one.key.mark}") if known else one.key.mark
    yield "\u2013" if one.key.mark == "control" else one.key.source


def _equal(value: Any, default: Any) -> bool:
    if isinstance(value, (list, tuple)) and isinstance(default, (list, tuple)):
        return len(value) == len(default) and all(map(_equal, value, default))
    if isinstance(value, (int, float)) and isinstance(default, (int, float)):
        return bool(value == default) or math.isclose(value, default, rel_tol=1e-12)
    if isinstance(value, Mapping) or isinstance(default, Mapping):
        return dict(value or {}) == dict(default or {})
    return bool(value == default)
