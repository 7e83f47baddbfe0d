"""The points of a sweep, made one at a time, and all of them checked before any is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ydsim.design.change import Change, together
from ydsim.design.sweep import Point, Row, Sweep, Value
from ydsim.errors import ScenarioError
from ydsim.scenario.check.check_world import check_against_world, require_inputs
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.wording import shorten
from ydsim.world.loader import load_world
from ydsim.world.world import World

SHOWN = 20
"""Invalid points that are listed."""

EACH = 3
"""Problems of a point that are listed."""


def points(sweep: Sweep) -> Iterator[Point]:
    """Yield the points of a sweep in order, the same ones at each call.

    `ScenarioError` at the first point that is invalid; `check_points` finds them all before.
    """
    for number, row in enumerate(sweep.rows()):
        change = together(level.change for level in row)
        scenario, wrong = _make(sweep, change)
        if scenario is None:
            raise ScenarioError(*_lines(sweep, number, row, wrong))
        yield Point(number, _values(sweep, row), scenario)


def check_points(sweep: Sweep) -> None:
    """Check every point against the schema, the rules over several keys, and its world.

    `ScenarioError` with a line for each problem of the first 20 invalid points, and how many more
    there are. `InputError`: the world of a point is missing or invalid.
    """
    worlds: dict[str, World] = {}
    begun: set[tuple[str, int]] = set()
    lines: list[str] = []
    bad = 0
    for number, row in enumerate(sweep.rows()):
        change = together(level.change for level in row)
        scenario, wrong = _make(sweep, change, explain=bad < SHOWN)
        if scenario is not None:
            if scenario.world not in worlds:
                worlds[scenario.world] = load_world(scenario.world)
            wrong = check_against_world(scenario, worlds[scenario.world])
            if not wrong and (scenario.world, scenario.start) not in begun:
                require_inputs(worlds[scenario.world], scenario.start)
                begun.add((scenario.world, scenario.start))
        if scenario is None or wrong:
            bad += 1
            if bad <= SHOWN:
                lines += _lines(sweep, number, row, wrong)
    if bad > SHOWN:
        lines.append(f"{sweep.name}: ... and {bad - SHOWN:,} more points of {sweep.size:,}")
    if lines:
        raise ScenarioError(*lines)


def _make(
    sweep: Sweep, change: Change, *, explain: bool = True
) -> tuple[Scenario | None, list[str]]:
    try:
        scenario = sweep.make.make(change)
    except ValueError:
        if not explain:
            return None, []
        found = sweep.make.of(change.scenario).problems(change)
        if not found:
            raise
        return None, list(dict.fromkeys(f"{p.path}: {p.message}" for p in found))
    return (scenario if sweep.random == "common" else _apart(scenario)), []


def _apart(scenario: Scenario) -> Scenario:
    """Return a scenario with a seed drawn from its content, its own seed included."""
    digest = hashlib.sha256(f"point {scenario_hash(scenario)}".encode("ascii")).digest()
    seed = int.from_bytes(digest[:8], "big") >> 1
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    return Scenario.model_validate({**fields, "seed": seed})


def _values(sweep: Sweep, row: Row) -> dict[str, Value]:
    return {f.label: level.value for f, level in zip(sweep.factors, row, strict=True)}


def _lines(sweep: Sweep, number: int, row: Row, wrong: list[str]) -> list[str]:
    values = ", ".join(f"{name}={value}" for name, value in _values(sweep, row).items())
    head = f"{sweep.name}: point {number} ({shorten(values, 200)})"
    more = len(wrong) - EACH
    rest = [f"... and {more} more problems"] if more > 0 else []
    return [f"{head}: {line}" for line in [*wrong[:EACH], *rest]]
