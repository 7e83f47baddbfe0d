"""The points of a sweep: their scenarios, made quickly, and all checked before any is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ydsim.design.sweep import SAME, Change, Point, Row, Sweep, Value, over, together
from ydsim.errors import ScenarioError
from ydsim.policies.base import Policy
from ydsim.policies.library import ALWAYS, find_policy, policy_of
from ydsim.scenario.check.check_world import check_against_world, require_inputs
from ydsim.scenario.load import check_tree, plain_scenario, scenario_hash
from ydsim.scenario.read.extend import is_name, read_tree
from ydsim.scenario.read.node import SET, Node, Problem, fail, from_plain, merge, plain
from ydsim.scenario.schema.key_index import section_of
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.wording import shorten
from ydsim.world.loader import load_world
from ydsim.world.world import World

# -- from a base and what a point lays over it to a checked scenario -------------------------------

# Reading a scenario costs milliseconds, most of them for values that no point changes. Here the
# base is read once; of a point only the sections and policies that it changes are checked again,
# each as a whole, and then the rules over all of the scenario. The result equals what
# `ydsim.scenario.load.load_scenario` makes of the base with the same overrides.


class Base:
    """A scenario that is varied.

    ``tree`` is as written in its files, with all that is laid over it for every point, ``written``
    the same as plain data, ``scenario`` the checked scenario without any point's changes.
    """

    def __init__(self, tree: Node, allow_code: bool = False) -> None:
        self.tree = tree
        self.allow_code = allow_code
        scenario, _, problems = check_tree(tree, tree.mark, allow_code=allow_code)
        fail(problems)
        assert scenario is not None
        self.scenario = scenario
        self.written: dict[str, Any] = plain(tree)
        self._fields = {name: getattr(scenario, name) for name in Scenario.model_fields}

    def make(self, change: Change) -> Scenario:
        """Return the scenario with a change laid over it.

        `ValueError`: it is invalid, as `pydantic.ValidationError` or by name; `problems` says why.
        """
        fields = dict(self._fields)
        policies: dict[str, Policy] = dict(fields["policies"])
        for key, value in change.tree.items():
            if key == "policies" and isinstance(value, Mapping):
                for name, settings in value.items():
                    if name not in change.without:
                        policies[name] = self._policy(name, settings)
                continue
            info = Scenario.model_fields.get(key)
            model = section_of(info) if info is not None else None
            if model is None:
                fields[key] = value
            else:
                fields[key] = _section(model, fields[key], self.written.get(key), value)
        for name in change.without:
            policies.pop(name, None)
            if name == ALWAYS:
                policies[name] = find_policy(ALWAYS)()
        return Scenario.model_validate({**fields, "policies": policies})

    def _policy(self, name: str, settings: Any) -> Policy:
        if not isinstance(settings, Mapping):
            raise ValueError(f"{name}: expected the settings of the policy as a mapping")
        below = (self.written.get("policies") or {}).get(name)
        return policy_of(name, over(below or {}, settings), self.allow_code)

    def problems(self, change: Change) -> list[Problem]:
        """Return what is wrong with the scenario that a change makes; empty where it is right."""
        tree = laid_over(self.tree, change)
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


def laid_over(base: Node, change: Change) -> Node:
    """Return the tree of a scenario with a change laid over it; its mark stays the file."""
    node = change.node if change.node is not None else from_plain(change.tree, SET)
    tree = replace(merge(base, node), mark=base.mark, key=base.key)
    policies = tree.value.get("policies")
    if change.without and policies is not None and policies.is_mapping:
        left = {k: v for k, v in policies.value.items() if k not in change.without}
        tree = replace(tree, value={**tree.value, "policies": replace(policies, value=left)})
    return tree


class_of = lru_cache(maxsize=256)(find_policy)
"""As `find_policy` of the schema, but found once."""


def _section(model: type[BaseModel], now: Any, below: Any, top: Any) -> BaseModel:
    """Return a new section; of one that only has sections, those that change."""
    if not isinstance(top, Mapping):
        raise ValueError("expected a mapping of keys to values")
    below = below if isinstance(below, Mapping) else {}
    inner = {name: section_of(info) for name, info in model.model_fields.items()}
    if not all(inner.values()):
        return model.model_validate_json(json.dumps(over(below, top)))
    values = {name: getattr(now, name) for name in inner}
    for key, value in top.items():
        one = inner.get(key)
        if one is None:
            raise ValueError(f"{key}: unknown key")
        values[key] = _section(one, values[key], below.get(key), value)
    return model.model_validate(values)


@dataclass(eq=False)
class Bases:
    """The base of a sweep, and the others where the scenario itself is varied, by name or path.

    Paths start in ``folder``, that of the sweep file. Over every base lies ``common``, and over
    that ``fixed``, whatever a base says: one replicate, and what is recorded.
    """

    first: str
    folder: Path
    common: Change
    fixed: Change = SAME
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
            self._read[name] = Base(laid_over(tree, self.fixed), self.allow_code)
            wanted = plain(tree).get("record") or {}
            self.recorded[name] = tuple(key for key, value in wanted.items() if value is True)
        return self._read[name]

    def hashes(self) -> dict[str, str]:
        """Return the hash of every base that was read, by name or path as written."""
        return {name: scenario_hash(base.scenario) for name, base in sorted(self._read.items())}

    def make(self, change: Change) -> Scenario:
        """Return the scenario of a point; as `Base.make`."""
        return self.of(change.scenario).make(change)


# -- one at a time ---------------------------------------------------------------------------------

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
    begun: set[tuple[str, int, int | None]] = set()
    lines: list[str] = []
    bad = 0
    for number, row in enumerate(sweep.rows()):
        change = together(level.change for level in row)
        scenario, wrong = _make(sweep, change, explain=bad < SHOWN)
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
            if bad <= SHOWN:
                lines += _lines(sweep, number, row, wrong)
    if bad > SHOWN:
        message = _t("{name}: ... and {n:,} more points of {size:,}")
        lines.append(message.format(name=sweep.name, n=bad - SHOWN, size=sweep.size))
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
    message = _t("{name}: point {number} ({values}): {line}")
    facts = {"name": sweep.name, "number": number, "values": shorten(values, 200)}
    more = len(wrong) - EACH
    rest = [_t("... and {n} more problems").format(n=more)] if more > 0 else []
    return [message.format(line=line, **facts) for line in [*wrong[:EACH], *rest]]
