"""Points that are listed: in the sweep file, in a CSV or a Parquet file beside it.

Each has values for some keys; what has no value stays as it is.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as File
from pathlib import PurePath, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ydsim.design.factors import (
    TAKEN,
    Context,
    accepts,
    field_at,
    level_of,
    refuse_shared,
    unchanged,
)
from ydsim.design.kinds import Draft, Kind
from ydsim.design.sweep import RUNNER, SCENARIO, Cell, Factor, Level, is_policy
from ydsim.errors import InputError, ScenarioError
from ydsim.parameter import refuse
from ydsim.scenario.read.extend import read_text
from ydsim.scenario.read.node import Mark, Node, Problem, from_plain, plain
from ydsim.scenario.read.yaml import parse, resolve
from ydsim.scenario.schema.key_index import is_whole
from ydsim.translation import gettext as _t
from ydsim.translation import mark as marked
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes
from ydsim.wording import comparable, shorten


def _table(path: str) -> str:
    suffix = PurePath(path).suffix.lower()
    if suffix not in (".csv", ".parquet"):
        message = _t("expected a file that ends in .csv or .parquet, found {found}")
        raise refuse(message.format(found=suffix or _t("no ending")))
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
    names: list[Annotated[str, Field(max_length=80)]] | None = Field(
        None, description="what points are called, all different; '' by its values"
    )

    @model_validator(mode="after")
    def _one_source(self) -> List:
        if (self.points is None) == (self.file is None):
            raise ValueError(_t("needs one of `points` and `file`"))
        given = [name for name in self.names or () if name]
        if len(set(given)) < len(given):
            raise ValueError(_t("two points have one name"))
        return self

    def draft(self, ctx: Context, node: Node) -> Draft | None:
        """Return the points, their columns as factors."""
        if self.file is None:
            table = _inline(ctx, node.value["points"])
        else:
            table = _from_file(ctx, node.value["file"])
        if table is None:
            return None
        before = len(ctx.problems)
        columns = [_column(ctx, table, j) for j in range(len(table.heads))]
        if len(ctx.problems) == before:
            _refuse_twins(ctx, table)
            heads = zip(table.heads, columns, strict=True)
            refuse_shared(ctx, [(head.text, head, _set_by(head.text, c)) for head, c in heads], ())
        if len(ctx.problems) > before:
            return None
        keys = tuple(head.text for head in table.heads)
        size = len(columns[0])
        if self.names is not None and len(self.names) != size:
            message = _t("has {n} names for {size} points")
            ctx.note(node, ("design", "names"), message.format(n=len(self.names), size=size))
            return None
        chosen = columns[keys.index(SCENARIO)] if SCENARIO in keys else [None] * size
        homes = [cell.row[SCENARIO] if isinstance(cell, Level) else "" for cell in chosen]
        cells = [_filled(ctx, keys, columns, homes, j) for j in range(len(keys))]
        settings = table.settings or {
            "points": [list(row) for row in zip(*table.columns, strict=True)]
        }
        factors = tuple(Factor(key, key) for key in keys)
        names = {} if self.names is None else {"names": self.names}
        return Draft(factors, size, cells.copy, {"columns": list(keys)} | dict(settings) | names)


def _filled(
    ctx: Context,
    keys: Sequence[str],
    columns: Sequence[Sequence[Cell | None]],
    homes: Sequence[str],
    j: int,
) -> list[Cell]:
    """Return a column in which each empty cell has what the scenario of its row has."""
    inside = [
        cells
        for key, cells in zip(keys, columns, strict=True)
        if is_policy(keys[j]) and key.startswith(f"{keys[j]}.")
    ]
    usual = {home: unchanged(ctx, keys[j], home) for home in sorted(set(homes))}
    filled: list[Cell] = []
    for i, (cell, home) in enumerate(zip(columns[j], homes, strict=True)):
        if cell is None and any(cells[i] is not None for cells in inside):
            cell = Level("on")  # a key of a policy adds it
        filled.append(usual[home] if cell is None else cell)
    return filled


def _column(ctx: Context, table: _Table, j: int) -> list[Cell | None]:
    """Return the checked cells of a column."""
    head, values = table.heads[j], table.columns[j]
    key, before = head.text, len(ctx.problems)
    if key in TAKEN and key not in (SCENARIO, "seed"):
        message = _t("is a column of a table of results and no key")
        ctx.problems.append(Problem(head.mark, key, message))
        return []
    first = next((i for i, value in enumerate(values) if value is not None), None)
    if first is None:
        ctx.problems.append(Problem(head.mark, key, _t("has no value at any point")))
        return []
    own = key in (SCENARIO, "governance") or is_policy(key)
    info = None if own else field_at(ctx.bases.of(), tuple(key.split(".")), {})
    unknown = (info is None and not own) or key.partition(".")[0] in RUNNER
    if level_of(ctx, key, table.node(first, j), (key,)) is None and unknown:
        return []  # no such key, or none that varies, which is said once
    del ctx.problems[before:]
    wide = info is not None and not is_whole(info.annotation)
    cells: list[Cell | None] = []
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
                known[text] = level_of(ctx, key, table.node(i, j), (key,))
            cells.append(known[text])
        if len(ctx.problems) - before > _SHOWN:
            break
    return cells


def _set_by(key: str, cells: Sequence[Cell | None]) -> set[str]:
    """Return the keys that the cells of a column set."""
    levels = {id(cell): cell for cell in cells if isinstance(cell, Level)}
    plain = any(cell is not None and not isinstance(cell, Level) for cell in cells)
    return {key for level in levels.values() for key in level.row} | ({key} if plain else set())


def _refuse_twins(ctx: Context, table: _Table) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(zip(*table.columns, strict=True)):
        form = tuple(
            json.dumps(v, sort_keys=True) if isinstance(v, (list, dict)) else (type(v) is bool, v)
            for v in row
        )
        first = seen.setdefault(form, i)
        if first != i:
            mark, origin = table.where(i, 0), table.where(first, 0)
            message = _t("is the same point as in line {line}; equal points are no replicates")
            if not origin.line:
                message = _t(
                    "point {n} is the same as point {first}; equal points are no replicates"
                )
            message = message.format(line=origin.line, n=i, first=first)
            ctx.problems.append(Problem(mark, "", message))


# -- points as a table, before they are checked --------------------------------------------------

LARGEST = 10_000_000
"""Bytes of a sweep file, and of a file of points."""

MOST_ROWS = 1_000_000
MOST_COLUMNS = 1_000
LONGEST_TEXT = 10_000
"""Size of a file of points beyond which it is not decoded; `max_runs` is the limit of a sweep."""
_TOO_LARGE = marked(
    "has more than {rows:,} rows or {columns:,} columns, which no table of points has"
)

_TABLE = marked("table of points")

_SHOWN = 50
"""Problems of a table after which reading stops."""


@dataclass(frozen=True)
class _Table:
    """Points before they are checked."""

    heads: list[Node]  # a node for each column, its text the key
    columns: list[list[Any]]  # values of each column as plain data, None where a cell is empty
    where: Callable[[int, int], Mark]  # the place of row i and column j
    settings: Mapping[str, Any]  # where the table comes from, as plain data

    def node(self, i: int, j: int) -> Node:
        """Return a cell with its place; its key is where the head of the column does."""
        found = from_plain(self.columns[j][i], self.where(i, j))
        return replace(found, key=self.heads[j].key)


def _inline(ctx: Context, node: Node) -> _Table | None:
    """Return points of the sweep file, a list of mappings, from its node."""
    first: dict[str, Node] = {}
    for item in node.value:
        for key, child in item.value.items():
            first.setdefault(key, Node(key, child.key, child.key, text=key))
    if not first:
        ctx.note(node, ("design", "points"), _t("no point has a key"))
        return None
    columns = [
        [plain(item.value[key]) if key in item.value else None for item in node.value]
        for key in first
    ]
    names = list(first)

    def where(i: int, j: int) -> Mark:
        item = node.value[i]
        found: Node = item.value.get(names[j], item)
        return found.mark

    return _Table(list(first.values()), columns, where, {})


def _from_file(ctx: Context, node: Node) -> _Table | None:
    """Return the points of a CSV or Parquet file.

    `InputError`: it is missing, too large or not a table.
    """
    file = ctx.folder / node.value
    mark = Mark(one_line(str(PurePosixPath(ctx.shown) / node.value)))
    asked = f"{node.mark.origin}:{node.mark.column}: design.file: "
    if file.suffix.lower() == ".csv":
        text = read_text(file, mark, asked, largest=LARGEST, what=_TABLE)
        return _csv(ctx, text, mark, file)
    return _parquet(ctx, file, mark, asked)


def _csv(ctx: Context, text: str, mark: Mark, file: File) -> _Table | None:
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS or len(rows) > MOST_ROWS:
                raise InputError(f"{mark.source}:{reader.line_num}: {_too_large()}")
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        place = f"{mark.source}:{reader.line_num}"
        raise InputError(_t("{place}: not CSV: {error}").format(place=place, error=error)) from None
    if len(rows) < 2:
        message = _t(
            "{file}: has a header and no points; write keys in the first line, points below"
        )
        empty = _t("{file}: is empty; write keys in the first line, points below")
        raise InputError((message if rows else empty).format(file=mark.source))
    names = [cell.strip() for cell in rows[0]]
    if len(names) == 1 and ";" in names[0]:
        message = _t("{place}: cells are separated by ';'; write ','")
        raise InputError(message.format(place=f"{mark.source}:{lines[0]}"))
    message = _t("has {n} cells, the header {columns}")
    uneven = [
        Problem(mark.at(line, 1), "", message.format(n=len(row), columns=len(names)))
        for row, line in zip(rows, lines, strict=True)
        if len(row) != len(names)
    ]
    ctx.problems += uneven[: _SHOWN + 1]
    marks = [mark.at(lines[0], j) for j in range(1, len(names) + 1)]
    heads = [Node(name, at, at, text=name) for name, at in zip(names, marks, strict=True)]
    if uneven or not _good_heads(ctx, heads):
        return None
    columns = [
        [_cell(row[j], mark.at(line, j + 1)) for row, line in zip(rows[1:], lines[1:], strict=True)]
        for j in range(len(names))
    ]
    raw = read_bytes(file, LARGEST, _TABLE)
    settings = _settings(file, raw, len(rows) - 1)
    return _Table(heads, columns, lambda i, j: mark.at(lines[i + 1], j + 1), settings)


def _too_large() -> str:
    return _t(_TOO_LARGE).format(rows=MOST_ROWS, columns=MOST_COLUMNS)


def _cell(text: str, mark: Mark) -> Any:
    text = text.strip()
    if text[:1] not in ("[", "{"):
        word = text.lower()  # pandas writes True, spreadsheets TRUE
        return resolve(word if word in ("true", "false") else text)
    try:
        return plain(parse(text, mark))
    except ScenarioError as error:
        message = error.problems[0].partition(": ")[2]
        raise ScenarioError(f"{mark.origin}:{mark.column}: {message}") from None


def _parquet(ctx: Context, file: File, mark: Mark, asked: str) -> _Table | None:
    import pyarrow as pa

    table, message = None, ""
    try:
        raw = read_bytes(file, LARGEST, _TABLE)
        table = _decoded(ctx, raw, mark)
    except FileNotFoundError:
        message = _t("no such file")
    except OutsideFileError as error:
        message = str(error)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = shorten(str(error).splitlines()[0] if str(error) else type(error).__name__)
        message = _t("is not a Parquet file: {error}").format(error=one_line(first))
    if table is not None and not (table.num_rows and table.num_columns):
        message = _t("has no points")
    if message:
        raise InputError(f"{asked}{mark.source}: {message}")
    if table is None:
        return None
    heads = [Node(str(name), mark, mark, text=str(name)) for name in table.column_names]
    if not _good_heads(ctx, heads):
        return None
    columns = [
        [None if value != value else value for value in column.to_pylist()]
        for column in table.columns
    ]
    settings = _settings(file, raw, table.num_rows)
    return _Table(heads, columns, lambda i, j: mark.at(i + 1, j + 1), settings)


def _decoded(ctx: Context, raw: bytes, mark: Mark) -> Any:
    """Return the table of a Parquet file that its footer says is small enough.

    None, noted, where it has columns of other types.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(pa.BufferReader(raw))
    _refuse_types(ctx, parquet.schema_arrow, mark)
    if ctx.problems:
        return None
    about = parquet.metadata
    size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if about.num_rows > MOST_ROWS or about.num_columns > MOST_COLUMNS or size > 20 * LARGEST:
        raise OutsideFileError(_too_large())
    names = [field.name for field in parquet.schema_arrow if _is_text(field.type)]
    # texts stay as dictionaries until their length is known: one long text may be in every row
    table = pq.read_table(pa.BufferReader(raw), use_threads=False, read_dictionary=names)
    for name in names:
        for chunk in table.column(name).chunks:
            texts = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
            if (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST_TEXT:
                message = _t("has a text longer than {n:,} bytes")
                raise OutsideFileError(message.format(n=LONGEST_TEXT))
    return table


def _refuse_types(ctx: Context, schema: Any, mark: Mark) -> None:
    import pyarrow as pa

    kinds = pa.types
    for field in schema:
        kind = field.type
        number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind)
        if not (number or kinds.is_null(kind) or _is_text(kind)):
            message = _t("holds values of type {kind}; numbers, text, true and false are read")
            message = one_line(message.format(kind=kind))
            ctx.problems.append(Problem(mark, str(field.name), message))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    held = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held))


def _good_heads(ctx: Context, heads: list[Node]) -> bool:
    seen: dict[str, str] = {}
    before = len(ctx.problems)
    for j, head in enumerate(heads, 1):
        if not head.text:
            message = _t("column {number} has no name").format(number=j)
            ctx.problems.append(Problem(head.mark, "", message))
        elif comparable(head.text) in seen:
            ctx.problems.append(Problem(head.mark, head.text, _t("two columns have this name")))
        seen[comparable(head.text)] = head.text
    return len(ctx.problems) == before


def _settings(file: File, raw: bytes, rows: int) -> Mapping[str, Any]:
    digest = hashlib.sha256(raw).hexdigest()
    return {"file": {"name": file.name, "sha256": digest, "rows": rows}}
