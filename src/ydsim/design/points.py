"""The points of a sweep: their scenarios, made quickly, and all checked before any is run."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ydsim.design.sweep import ROW, SCENARIO, Placed, Row, Sweep, is_policy
from ydsim.errors import ScenarioError
from ydsim.scenario.check.check_world import check_against_world, require_inputs
from ydsim.scenario.load import check_tree, plain_scenario, scenario_hash
from ydsim.scenario.read.extend import is_name, read_tree
from ydsim.scenario.read.node import SET, Node, Problem, at_path, fail, from_plain, merge, plain
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.wording import shorten
from ydsim.world.loader import load_world
from ydsim.world.world import World

# -- the scenarios that points change --------------------------------------------------------------

# Reading a scenario costs milliseconds, most of them for values that no point changes. Here each
# base is read once, and `Scenario.with_` checks again what a point changes. The tree of a base is
# kept for messages, which name the key at fault and what would be right.


@dataclass(frozen=True)
class Base:
    """A scenario that points change, with the tree it was read from."""

    tree: Node  # as written in its files, with all that is laid over it for every point
    scenario: Scenario
    allow_code: bool = False

    def problems(self, row: Placed) -> list[Problem]:
        """Return what is wrong with the scenario that a row makes; empty where it is right."""
        tree = laid_over(self.tree, row)
        return check_tree(tree, self.tree.mark, allow_code=self.allow_code)[2]

    def value(self, key: str) -> Any:
        """Return what the scenario has at a dotted key, as plain data; None where there is none."""
        here: Any = self._plain
        for part in key.split("."):
            if not isinstance(here, Mapping) or part not in here:
                return None
            here = here[part]
        return here

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return plain_scenario(self.scenario)


def laid_over(base: Node, row: Placed) -> Node:
    """Return the tree of a scenario with a row laid over it; its mark stays the file."""
    tree, off = base, set()
    for key, node in row.items():
        if is_policy(key) and node.value == "off":
            off.add(key.partition(".")[2])
            continue
        if is_policy(key) and node.value == "on":
            node = replace(node, value={})
        tree = merge(tree, at_path(key.split("."), node))
    policies = tree.value.get("policies")
    if off and policies is not None and policies.is_mapping:
        left = {name: node for name, node in policies.value.items() if name not in off}
        tree = replace(tree, value={**tree.value, "policies": replace(policies, value=left)})
    return replace(tree, mark=base.mark, key=base.key)


@dataclass(eq=False)
class Bases:
    """The base of a sweep, and the others where the scenario itself is varied, by name or path.

    Paths start in ``folder``, that of the sweep file. Over every base lies ``common``, and over
    that ``fixed``, whatever a base says: one replicate, and what is recorded.
    """

    first: str
    folder: Path
    common: Placed
    fixed: Placed
    allow_code: bool = False

    def __post_init__(self) -> None:
        self._read: dict[str, Base] = {}
        self.recorded: dict[str, tuple[str, ...]] = {}
        """Keys of ``record`` that each base that was read sets to true, by its name."""

    def of(self, name: str = "") -> Base:
        """Return a base by name or path as the sweep has it, the first one by default.

        `InputError` or `ScenarioError` as `ydsim.scenario.load.load_scenario`.
        """
        name = name or self.first
        if name not in self._read:
            found = read_tree(name if is_name(name) else str(self.folder / name))
            tree = laid_over(found, self.common)
            wanted = plain(tree).get("record") or {}
            tree = laid_over(tree, self.fixed)
            scenario, _, problems = check_tree(tree, tree.mark, allow_code=self.allow_code)
            fail(problems)
            assert scenario is not None
            self._read[name] = Base(tree, scenario, self.allow_code)
            self.recorded[name] = tuple(key for key, value in wanted.items() if value is True)
        return self._read[name]

    def hashes(self) -> dict[str, str]:
        """Return the hash of every base that was read, by name or path as written."""
        return {name: scenario_hash(base.scenario) for name, base in sorted(self._read.items())}

    def make(self, row: Row) -> Scenario:
        """Return the scenario of a point; as `Scenario.with_`."""
        keys = {key: value for key, value in row.items() if key != SCENARIO}
        return self.of(row.get(SCENARIO, "")).scenario.with_(keys, allow_code=self.allow_code)

    def problems(self, row: Row) -> list[Problem]:
        """Return what is wrong with the scenario of a point."""
        keys = {key: from_plain(value, SET) for key, value in row.items() if key != SCENARIO}
        return self.of(row.get(SCENARIO, "")).problems(keys)


# -- one at a time ---------------------------------------------------------------------------------

SHOWN = 20
"""Invalid points that are listed."""

EACH = 3
"""Problems of a point that are listed."""


def scenarios(sweep: Sweep) -> Iterator[Scenario]:
    """Yield the scenarios of a sweep, those of all points in order, checked against their worlds.

    `ScenarioError` at the end where points are invalid, with a line for each problem of the first
    20, and how many more there are. `InputError`: the world of a point is missing or invalid.
    """
    worlds: dict[str, World] = {}
    begun: set[tuple[str, int, int | None]] = set()
    lines: list[str] = []
    bad = 0
    for number, row in enumerate(sweep.points[ROW]):
        scenario, wrong = _make(sweep, json.loads(row), explain=bad < SHOWN)
        if scenario is not None:
            if scenario.world not in worlds:
                worlds[scenario.world] = load_world(scenario.world)
            wrong = check_against_world(scenario, worlds[scenario.world])
            asked = scenario.world, scenario.start, scenario.known_in
            if not wrong and asked not in begun:
                require_inputs(worlds[scenario.world], *asked[1:])
                begun.add(asked)
        if scenario is None or wrong:
            bad += 1
            lines += _lines(sweep, number, wrong) if bad <= SHOWN else []
        else:
            yield scenario
    if bad > SHOWN:
        message = _t("{name}: ... and {n:,} more points of {size:,}")
        lines.append(message.format(name=sweep.name, n=bad - SHOWN, size=sweep.size))
    if lines:
        raise ScenarioError(*lines)


def check_points(sweep: Sweep) -> None:
    """Check every point against the schema, the rules over several keys, and its world.

    Errors as of `scenarios`.
    """
    deque(scenarios(sweep), maxlen=0)


def _make(sweep: Sweep, row: Row, *, explain: bool = True) -> tuple[Scenario | None, list[str]]:
    try:
        scenario = sweep.bases.make(row)
    except ScenarioError:
        if not explain:
            return None, []
        problems = sweep.bases.problems(row)
        if not problems:
            raise
        return None, list(dict.fromkeys(f"{p.path}: {p.message}" for p in problems))
    return (scenario if sweep.random == "common" else _apart(scenario)), []


def _apart(scenario: Scenario) -> Scenario:
    """Return a scenario with a seed drawn from its content, its own seed included."""
    digest = hashlib.sha256(f"point {scenario_hash(scenario)}".encode("ascii")).digest()
    seed = int.from_bytes(digest[:8], "big") >> 1
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    return Scenario.model_validate({**fields, "seed": seed})


def _lines(sweep: Sweep, number: int, wrong: list[str]) -> list[str]:
    cells = sweep.points.drop(columns=ROW).items()
    values = ", ".join(f"{name}={column.iat[number]}" for name, column in cells)
    message = _t("{name}: point {number} ({values}): {line}")
    facts = {"name": sweep.name, "number": number, "values": shorten(values, 200)}
    more = len(wrong) - EACH
    rest = [_t("... and {n} more problems").format(n=more)] if more > 0 else []
    return [message.format(line=line, **facts) for line in [*wrong[:EACH], *rest]]
