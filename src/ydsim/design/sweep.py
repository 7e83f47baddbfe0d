"""What a sweep is: a scenario, factors that vary it, how many runs are made, its points.

What a point lays over its base is a flat row: values by dotted key. In a file keys are dotted or
nested, as with ``--set``. Beyond that a policy can be ``off``, which takes it out of the scenario,
and ``on``, which leaves it as the base has it or adds it with its defaults.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path as File
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from ydsim.errors import ScenarioError
from ydsim.fmt import listed
from ydsim.parameter import Closed, known, refuse
from ydsim.scenario.check import check_against_world, require_inputs
from ydsim.scenario.load import check_tree, plain_scenario, scenario_hash
from ydsim.scenario.read.extend import is_name, read_tree
from ydsim.scenario.read.node import (
    SET,
    Node,
    Path,
    Problem,
    at_path,
    fail,
    from_plain,
    merge,
    plain,
    problem,
)
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Columns, Table
from ydsim.wording import shorten
from ydsim.world.loader import load_world
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd


# -- what is laid over a scenario ------------------------------------------------------------------

SCENARIO = "scenario"
"""Key of a row, and column, that names the base itself."""

ROW = "set"
"""The column of a table of points that has their rows, each as JSON."""

RUNNER = {
    "seed": mark("replicates differ in their draws by themselves; write `replicates:`"),
    "replicates": mark("write `replicates:` at the top of the sweep"),
    "record": mark("write `record:` at the top of the sweep"),
    "name": mark("it says nothing about what is run"),
    "description": mark("it says nothing about what is run"),
    "extends": mark("write `scenario: [...]` to vary the scenario itself"),
}
"""Keys that no factor can have, and what to do instead."""


Row: TypeAlias = Mapping[str, Any]
"""What a point lays over its base: plain values by dotted key, as `Scenario.with_` takes them.

The key ``scenario`` names another base.
"""

Placed: TypeAlias = Mapping[str, Node]
"""A row with the place of each value, for messages."""


def row_of(pairs: Iterable[tuple[str, Node]], where: Path = ()) -> tuple[Placed, list[Problem]]:
    """Return dotted keys with values as a row, and what is wrong with the keys.

    A value may be a mapping; ``where`` is where they are in the sweep file, for messages.
    """
    row: dict[str, Node] = {}
    problems: list[Problem] = []
    for path, node in _parts(pairs):
        if not all(path):
            message = _t("{key!r} is not a dotted key such as parameters.chain.span")
            message = message.format(key=".".join(path))
            problems.append(problem(node, where, message, at_key=True))
            continue
        for (*inner, last), leaf in _flat(tuple(path), node):
            key = ".".join((*inner, last))
            if inner == ["policies"] and leaf.value in ("on", None, {}):
                leaf = replace(leaf, value="on")
            if key in row:
                message = _t("is set twice, first at {place}").format(place=row[key].mark.origin)
                problems.append(problem(leaf, (*inner, last), message, at_key=True))
            if path[0] in RUNNER:
                message = _t("cannot be varied; {hint}").format(hint=_t(RUNNER[path[0]]))
                problems.append(problem(leaf, (*inner, last), message, at_key=True))
            row[key] = leaf
    return row, problems


def _parts(pairs: Iterable[tuple[str, Node]]) -> Iterator[tuple[list[str], Node]]:
    """Yield keys in parts with their values, policies one by one."""
    for key, node in pairs:
        if key == "policies" and node.is_mapping:
            for name, child in node.value.items():
                yield ["policies", *name.split(".")], child
        else:
            yield key.split("."), node


def _flat(path: tuple[str, ...], node: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield every value of a tree with its path; a mapping with points in its keys stays whole."""
    if node.is_mapping and node.value and not any("." in key for key in node.value):
        for key, child in node.value.items():
            yield from _flat((*path, key), child)
    else:
        yield path, node


def is_policy(key: str) -> bool:
    """Tell whether a key is that of a policy as a whole: ``policies.NAME``."""
    return key.startswith("policies.") and key.count(".") == 1


def plain_row(row: Placed) -> dict[str, Any]:
    """Return a row without places."""
    return {key: plain(node) for key, node in row.items()}


def identity_of(row: Row) -> str:
    """Return a text that is equal for rows that do the same, however their numbers are written."""
    return json.dumps(_floats(row), sort_keys=True)


def _floats(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _floats(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_floats(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


# -- what is varied, and what is kept --------------------------------------------------------------

Value: TypeAlias = int | float | str | bool
"""What a factor is at a point, as it is in the table of points."""

OTHER_TABLES = (
    "generations",
    "passports",
    "adoption_curves",
    "funnel",
    "contracts",
    "knowledge",
    "holders",
    "ledger",
    "policy_costs",
    "policy_results",
    "projects",
    "firms",
    "firm_ties",
    "organisation_ties",
    "city_contracts",
    "shocks",
)
"""Recorded tables of which a sweep keeps those that its ``record: {tables: [...]}`` names."""

KEPT_WITH = {"firm_ties": "firms", "organisation_ties": "firms"}
"""Those that the key of another one keeps too."""

OF_KEYS = ("firms", "projects", "city_contracts")
"""Those of which a scenario says by a key of its ``record`` that they are wanted."""

USUAL_TABLES = ("policy_costs",)
"""Those that it keeps where it names none."""


_OWN_KEYS = {"series": "series: 1", "city_series": "cities: 1"} | {
    name: f"{name}: true" for name in ("adoption", "ties", "agents")
}


def _has_no_key(table: str) -> str:
    if table in _OWN_KEYS:
        message = _t("{table!r} has a key of its own; write {text}")
        raise refuse(message.format(table=table, text=_OWN_KEYS[table]))
    return table


OtherTable: TypeAlias = Annotated[
    str,
    AfterValidator(_has_no_key),
    AfterValidator(known(mark("no recorded table is called {name!r}{hint}"), OTHER_TABLES)),
    Field(json_schema_extra={"enum": list(OTHER_TABLES)}),
]


class Recorded(Closed):
    """Which tables a sweep keeps of each run.

    Of the quarterly series of region and provinces, and of cities, the last quarter of each group
    of n is kept as it was recorded: a stock is that of the group's end, a flow is that of this one
    quarter and not the sum of the group.
    """

    series: int = Field(1, ge=0, le=400, description="every n-th quarter, 0 for none")
    cities: int = Field(0, ge=0, le=400, description="every n-th quarter, 0 for none")
    # One row an adoption; the yearly links between cities; the organisations at the end.
    adoption: bool = False
    ties: bool = False
    agents: bool = False
    tables: Annotated[
        tuple[OtherTable, ...], AfterValidator(lambda names: tuple(dict.fromkeys(names)))
    ] = USUAL_TABLES

    def keep(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """Return the tables that are kept, thinned, in the order given."""
        every = {"series": self.series, "city_series": self.cities}
        whole = {"adoption": self.adoption, "ties": self.ties, "agents": self.agents}
        kept: dict[str, Table] = {}
        for name, columns in tables.items():
            if name in every:
                if every[name] > 0:
                    kept[name] = _thinned(columns, every[name])
            elif whole.get(name, name in self.tables):
                kept[name] = columns
        return kept

    def block(self) -> dict[str, bool]:
        """Return the ``record`` of the scenarios, in which all that is not kept is off."""
        return {
            "adoption_events": self.adoption,
            "cities": self.cities > 0,
            "ties": self.ties,
            "agents": self.agents,
            "projects": "projects" in self.tables,
            "firms": bool({"firms", *KEPT_WITH} & set(self.tables)),
            "city_contracts": "city_contracts" in self.tables,
        }

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return self.model_dump(mode="json")

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Recorded:
        """Return what `plain` made plain."""
        if "everything" in plain:
            return Everything()
        # unchecked: results of another version may have other tables
        return Recorded.model_construct(**{**plain, "tables": tuple(plain.get("tables", ()))})


class Everything(Recorded):
    """All that the scenario records; for the run of one scenario."""

    def keep(self, tables: Mapping[str, Table]) -> dict[str, Table]:
        """Return the tables as they are."""
        return dict(tables)

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"everything": True}


def _thinned(columns: Table, every: int) -> Columns:
    if every == 1 or not columns:
        return dict(columns)
    year, quarter = columns["year"].astype(np.int64), columns["quarter"].astype(np.int64)
    t = 4 * (year - year.min(initial=2**31)) + quarter - 1
    last = (t % every == every - 1) | (t == t.max(initial=-1))
    return {name: column[last] for name, column in columns.items()}


MAX_RUNS = MOST_REPLICATES = 100_000
"""Runs that a sweep may make unless more are allowed, and replicates of a point."""


class ReplicateRule(Closed):
    """Replicates of a point until the mean of an outcome is known well enough."""

    outcome: str  # an indicator of the region
    half_width: float = Field(gt=0)  # half of what the interval of the mean may be wide
    # ``half_width`` is a share of the mean instead of being in the outcome's unit.
    relative: bool = True
    level: float = Field(0.95, ge=0.5, le=0.9999)  # of confidence
    batch: int = Field(4, ge=1, le=MOST_REPLICATES)  # replicates between two looks at the interval
    # Fewest and most replicates of a point.
    least: int = Field(4, ge=2, le=MOST_REPLICATES)
    most: int = Field(100, ge=2, le=MOST_REPLICATES)

    @model_validator(mode="after")
    def _order(self) -> ReplicateRule:
        if self.least > self.most:
            message = _t("least {least} is more than most {most}")
            raise ValueError(message.format(least=self.least, most=self.most))
        return self


@dataclass(frozen=True)
class Level:
    """One thing that a factor can be, and more than a value of its key."""

    value: Value  # as the table of points has it
    row: Row = field(default_factory=dict)  # what it lays over the base


@dataclass(frozen=True)
class Factor:
    """What a sweep varies."""

    label: str  # name of its column in the table of points; by default its key
    key: str = ""  # dotted key of the scenario; empty where each choice sets several
    # What it can be; empty for a range, which can be any number of it.
    levels: tuple[Level, ...] = ()
    # Ends of a range; whether equal ratios are equally likely; whether its numbers are whole.
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    @property
    def is_range(self) -> bool:
        """It can be any number between its ends."""
        return not self.levels

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        head: dict[str, Any] = {"label": self.label, "key": self.key}
        if self.is_range:
            ends = {"from": self.low, "to": self.high}
            return head | ends | {"log": self.log, "whole": self.whole}
        levels = [{"value": one.value, "set": dict(one.row)} for one in self.levels]
        return head | {"levels": levels}


Cell: TypeAlias = Level | Value
"""What a factor is at a point: a level, or a value of its key."""


def value_of(cell: Cell) -> Value:
    """Return what a factor is at a point, as the table of points has it."""
    return cell.value if isinstance(cell, Level) else cell


def row_at(factors: Sequence[Factor], cells: Iterable[Cell]) -> dict[str, Any]:
    """Return the row of a point from what each factor is there."""
    row: dict[str, Any] = {}
    for factor, cell in zip(factors, cells, strict=True):
        row |= cell.row if isinstance(cell, Level) else {factor.key: cell}
    return row


def column(values: Sequence[Value]) -> NDArray[np.generic]:
    """Return values as a column: all whole numbers, all numbers, all truth values, or as text."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    if kinds == {int}:
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=np.float64)
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return np.array(texts, dtype=object)


@dataclass(frozen=True)
class Sweep:
    """A checked sweep; `ydsim.design.sweep` makes the scenarios of its points."""

    name: str
    description: str
    base: Scenario  # the scenario that is varied, with all that is set for every point
    # How many runs of each point, or the rule that says when they are enough.
    replicates: int | ReplicateRule
    # ``"common"``: replicate r of every point has the same draws, so that differences between
    # points are paired. ``"independent"``: each point has a seed of its own.
    random: Literal["common", "independent"]
    record: Recorded
    factors: tuple[Factor, ...]  # what is varied, in the order of the file
    size: int
    kind: str
    spec: dict[str, Any]  # all of this as plain data
    # The scenarios that rows are laid over; see `ydsim.design.sweep.Bases`.
    bases: Any = field(repr=False, compare=False)
    # Returns what each factor is at all points, the same at each call.
    cells: Callable[[], Iterable[Sequence[Cell]]] = field(repr=False, compare=False)

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row each point: what factors are, by label, and in `ROW` what it lays over its base."""
        import pandas as pd

        cells = list(self.cells())
        rows = zip(*cells, strict=True) if cells else [()] * self.size
        texts = [json.dumps(row_at(self.factors, row)) for row in rows]
        columns = (column([*map(value_of, each)]) for each in cells)
        shown = dict(zip((factor.label for factor in self.factors), columns, strict=True))
        return pd.DataFrame({**shown, ROW: texts})

    @property
    def notes(self) -> list[str]:
        """Remarks before the runs: one line where a base records tables that are not kept."""
        if isinstance(self.record, Everything):
            return []
        wanted, kept = self.bases.recorded, self.record.block()
        dropped = [name for name in OF_KEYS if not kept[name]]
        of = [base for base, keys in wanted.items() if set(keys) & set(dropped)]
        lost = [name for name in dropped if any(name in wanted[base] for base in of)]
        if not lost:
            return []
        named = [name for name in self.record.tables if name not in USUAL_TABLES] + lost
        who = "the base" if of == [self.bases.first] else listed(of)
        verb, them = ("is", "it") if len(lost) == 1 else ("are", "them")
        return [
            f"{who} record{'s' * (len(of) == 1)} {listed(lost)}, which {verb} not kept unless the "
            f"sweep file names {them}: record: {{tables: [{', '.join(named)}]}}"
        ]


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
    folder: File
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


# -- the scenarios of points, made one at a time and checked ---------------------------------------

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
