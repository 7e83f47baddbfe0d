"""What a sweep is: a scenario, factors that vary it, and how many runs are made of each point.

What a point lays over its base is a flat row: values by dotted key. In a file keys are dotted or
nested, as with ``--set``. Beyond that a policy can be ``off``, which takes it out of the scenario,
and ``on``, which leaves it as the base has it or adds it with its defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from ydsim.design.forms import known, refuse
from ydsim.fmt import listed
from ydsim.parameter import Closed
from ydsim.scenario.read.node import Node, Path, Problem, plain, problem
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Columns, Table

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


MOST_REPLICATES = 100_000


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
    """A checked sweep; `ydsim.design.points` makes the scenarios of its points."""

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
    # The scenarios that rows are laid over; see `ydsim.design.points.Bases`.
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
