"""A list of points, each with values for some keys; what has no value stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from ydsim.design.factors import (
    SCENARIO,
    TAKEN,
    Context,
    accepts,
    as_text,
    field_at,
    level_of,
    overlaid,
    unchanged,
)
from ydsim.design.forms import refuse
from ydsim.design.kinds import Draft, Kind
from ydsim.design.sweep import Factor, Level, Row, Value
from ydsim.design.table import SHOWN, Table, from_file, inline
from ydsim.scenario.read.node import Node, Problem
from ydsim.scenario.schema.key_index import is_whole

Cell: TypeAlias = Level | Value | None
"""A level, a plain value of a plain key, or None where the scenario's own value stays."""


@dataclass(frozen=True)
class ListRows:
    """The rows of a table, made into levels one at a time."""

    keys: tuple[str, ...]  # of the columns
    columns: tuple[Sequence[Cell], ...]  # the cells of each column
    usual: tuple[dict[str, Level], ...]  # by column and scenario, the level of a cell that is empty
    kinds: tuple[type, ...]  # by column, the type that its values have

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        home = self.keys.index(SCENARIO) if SCENARIO in self.keys else None
        for cells in zip(*self.columns, strict=True):
            chosen = cells[home] if home is not None else None
            scenario = chosen.change.scenario if isinstance(chosen, Level) else ""
            yield tuple(self._level(j, cell, scenario) for j, cell in enumerate(cells))

    def _level(self, j: int, cell: Cell, scenario: str) -> Level:
        if cell is None:
            level = self.usual[j][scenario]
        else:
            level = cell if isinstance(cell, Level) else Level(cell, overlaid(self.keys[j], cell))
        if type(level.value) is self.kinds[j]:
            return level
        value = float(level.value) if self.kinds[j] is float else as_text(level.value)
        return replace(level, value=value)


def _table(path: str) -> str:
    suffix = PurePath(path).suffix.lower()
    if suffix not in (".csv", ".parquet"):
        found = suffix or "no ending"
        raise refuse(f"expected a file that ends in .csv or .parquet, found {found}")
    return path


class List(Kind):
    """Points that are listed in the sweep, or in a file beside it."""

    kind: Literal["list"]
    points: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = Field(
        None, description="points, each with keys and values"
    )
    file: Annotated[str, AfterValidator(_table)] | None = Field(
        None, description="a CSV or Parquet file, its path relative to this one"
    )

    @model_validator(mode="after")
    def _one_source(self) -> List:
        if (self.points is None) == (self.file is None):
            raise ValueError("needs one of `points` and `file`")
        return self

    def draft(self, ctx: Context, node: Node) -> Draft | None:
        """Return the points, their columns as factors."""
        if self.file is None:
            table = inline(ctx, node.value["points"])
        else:
            table = from_file(ctx, node.value["file"])
        if table is None:
            return None
        before = len(ctx.problems)
        columns = [_column(ctx, table, j) for j in range(len(table.heads))]
        if len(ctx.problems) == before:
            _refuse_twins(ctx, table)
        if len(ctx.problems) > before:
            return None
        keys = tuple(head.text for head in table.heads)
        homes = _homes(keys, columns)
        usual = tuple(
            {home: unchanged(ctx, key, home) for home in sorted(_where_empty(column, homes))}
            for key, column in zip(keys, columns, strict=True)
        )
        kinds = tuple(_kind(c, u.values()) for c, u in zip(columns, usual, strict=True))
        rows = ListRows(keys, tuple(columns), usual, kinds)
        size = len(table.columns[0])
        settings = table.settings or {
            "points": [list(column) for column in zip(*table.columns, strict=True)]
        }
        factors = tuple(Factor(key, key) for key in keys)
        return Draft(factors, size, rows, {"columns": list(keys)} | dict(settings))


def _column(ctx: Context, table: Table, j: int) -> list[Cell]:
    """Return the checked cells of a column."""
    head, values = table.heads[j], table.columns[j]
    key, before = head.text, len(ctx.problems)
    if key in TAKEN and key not in (SCENARIO, "seed"):
        message = "is a column of a table of results and no key"
        ctx.problems.append(Problem(head.mark, key, message))
        return []
    first = next((i for i, value in enumerate(values) if value is not None), None)
    if first is None:
        ctx.problems.append(Problem(head.mark, key, "has no value at any point"))
        return []
    own = key in (SCENARIO, "governance") or (key.count(".") == 1 and key.startswith("policies."))
    info = None if own else field_at(ctx.bases.of(), tuple(key.split(".")), overlaid(key, 0))
    if level_of(ctx, key, table.node(first, j), (key,)) is None and info is None and not own:
        return []  # no such key, which is said once
    del ctx.problems[before:]
    wide = info is not None and not is_whole(info.annotation)
    cells: list[Cell] = []
    known: dict[str, Level | None] = {}
    for i, value in enumerate(values):
        if value is None:
            cells.append(None)
        elif info is not None and not isinstance(value, (list, dict)) and accepts(info, value):
            number = isinstance(value, int) and not isinstance(value, bool)
            cells.append(float(value) if wide and number else value)
        else:
            text = json.dumps(value, sort_keys=True)
            if text not in known:
                level = level_of(ctx, key, table.node(i, j), (key,))
                known[text] = None if level is None else _placeless(level)
            cells.append(known[text])
        if len(ctx.problems) - before > SHOWN:
            break
    return cells


def _homes(keys: Sequence[str], columns: Sequence[Sequence[Cell]]) -> list[str]:
    """Return the scenario of each point, empty for the base."""
    if SCENARIO not in keys:
        return [""] * len(columns[0])
    chosen = columns[keys.index(SCENARIO)]
    return [cell.change.scenario if isinstance(cell, Level) else "" for cell in chosen]


def _where_empty(column: Sequence[Cell], homes: Sequence[str]) -> set[str]:
    return {home for cell, home in zip(column, homes, strict=True) if cell is None}


def _placeless(level: Level) -> Level:
    return replace(level, change=replace(level.change, node=None, switch=None))


def _kind(cells: Sequence[Cell], usual: Any) -> type:
    values = {type(cell.value if isinstance(cell, Level) else cell) for cell in cells}
    values = (values - {type(None)}) | {type(level.value) for level in usual}
    if len(values) == 1:
        return values.pop()
    return float if values == {int, float} else str


def _refuse_twins(ctx: Context, table: Table) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(zip(*table.columns, strict=True)):
        form = tuple(
            json.dumps(v, sort_keys=True) if isinstance(v, (list, dict)) else (type(v) is bool, v)
            for v in row
        )
        first = seen.setdefault(form, i)
        if first != i:
            mark, origin = table.where(i, 0), table.where(first, 0)
            message = f"is the same point as in line {origin.line}; equal points are no replicates"
            ctx.problems.append(Problem(mark, "", message))
