"""Points as a table: a list in the sweep file, a CSV or a Parquet file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File
from pathlib import PurePosixPath
from typing import Any

from ydsim.design.factors import Context
from ydsim.errors import InputError, ScenarioError
from ydsim.outside import OutsideFileError, one_line, read_bytes
from ydsim.scenario.read.extend import read_text
from ydsim.scenario.read.node import Mark, Node, Problem, from_plain, plain
from ydsim.scenario.read.yaml import parse, resolve
from ydsim.wording import comparable, shorten

LARGEST = 10_000_000
"""Bytes of a sweep file, and of a file of points."""

MOST_ROWS = 1_000_000
MOST_COLUMNS = 1_000
LONGEST_TEXT = 10_000
"""Size of a file of points beyond which it is not decoded; `max_runs` is the limit of a sweep."""

SHOWN = 50
"""Problems of a table after which reading stops."""


@dataclass(frozen=True)
class Table:
    """Points before they are checked."""

    heads: list[Node]  # a node for each column, its text the key
    columns: list[list[Any]]  # values of each column as plain data, None where a cell is empty
    where: Callable[[int, int], Mark]  # the place of row i and column j
    settings: Mapping[str, Any]  # where the table comes from, as plain data

    def node(self, i: int, j: int) -> Node:
        """Return a cell with its place; its key is where the head of the column does."""
        found = from_plain(self.columns[j][i], self.where(i, j))
        return replace(found, key=self.heads[j].key)


def inline(ctx: Context, node: Node) -> Table | None:
    """Return points of the sweep file, a list of mappings, from its node."""
    first: dict[str, Node] = {}
    for item in node.value:
        for key, child in item.value.items():
            first.setdefault(key, Node(key, child.key, child.key, text=key))
    if not first:
        ctx.note(node, ("design", "points"), "no point has a key")
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

    return Table(list(first.values()), columns, where, {})


def from_file(ctx: Context, node: Node) -> Table | None:
    """Return the points of a CSV or Parquet file.

    `InputError`: it is missing, too large or not a table.
    """
    file = ctx.folder / node.value
    mark = Mark(one_line(str(PurePosixPath(ctx.shown) / node.value)))
    asked = f"{node.mark.origin}:{node.mark.column}: design.file: "
    if file.suffix.lower() == ".csv":
        text = read_text(file, mark, asked, largest=LARGEST, what="table of points")
        return _csv(ctx, text, mark, file)
    return _parquet(ctx, file, mark, asked)


def _csv(ctx: Context, text: str, mark: Mark, file: File) -> Table | None:
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
        raise InputError(f"{mark.source}:{reader.line_num}: not CSV: {error}") from None
    if len(rows) < 2:
        said = "is empty" if not rows else "has a header and no points"
        raise InputError(f"{mark.source}: {said}; write keys in the first line, points below")
    names = [cell.strip() for cell in rows[0]]
    if len(names) == 1 and ";" in names[0]:
        raise InputError(f"{mark.source}:{lines[0]}: cells are separated by ';'; write ','")
    before = len(ctx.problems)
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(names):
            message = f"has {len(row)} cells, the header {len(names)}"
            ctx.problems.append(Problem(mark.at(line, 1), "", message))
            if len(ctx.problems) - before > SHOWN:
                break
    heads = [
        Node(name, mark.at(lines[0], j), mark.at(lines[0], j), text=name)
        for j, name in enumerate(names, 1)
    ]
    if len(ctx.problems) > before or not _good_heads(ctx, heads):
        return None
    columns = [
        [_cell(row[j], mark.at(line, j + 1)) for row, line in zip(rows[1:], lines[1:], strict=True)]
        for j in range(len(names))
    ]
    raw = read_bytes(file, LARGEST, "table of points")
    settings = _settings(file, raw, len(rows) - 1)
    return Table(heads, columns, lambda i, j: mark.at(lines[i + 1], j + 1), settings)


def _cell(text: str, mark: Mark) -> Any:
    text = text.strip()
    if text[:1] not in ("[", "{"):
        return resolve(text)
    try:
        return plain(parse(text, mark))
    except ScenarioError as error:
        said = error.problems[0].partition(": ")[2]
        raise ScenarioError(f"{mark.origin}:{mark.column}: {said}") from None


def _parquet(ctx: Context, file: File, mark: Mark, asked: str) -> Table | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        raw = read_bytes(file, LARGEST, "table of points")
    except (OutsideFileError, FileNotFoundError) as error:
        said = "no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise InputError(f"{asked}{mark.source}: {said}") from None
    try:
        parquet = pq.ParquetFile(pa.BufferReader(raw))
        _refuse_types(ctx, parquet.schema_arrow, mark)
        if ctx.problems:
            return None
        table = _decoded(parquet, raw)
    except OutsideFileError as error:
        raise InputError(f"{asked}{mark.source}: {error}") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        first = shorten(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise InputError(
            f"{asked}{mark.source}: is not a Parquet file: {one_line(first)}"
        ) from None
    if not table.num_rows or not table.num_columns:
        raise InputError(f"{asked}{mark.source}: has no points")
    heads = [Node(str(name), mark, mark, text=str(name)) for name in table.column_names]
    if not _good_heads(ctx, heads):
        return None
    columns = []
    for column in table.columns:
        columns.append([None if value != value else value for value in column.to_pylist()])
    settings = _settings(file, raw, table.num_rows)
    return Table(heads, columns, lambda i, j: mark.at(i + 1, j + 1), settings)


def _decoded(parquet: Any, raw: bytes) -> Any:
    """Return the table of a Parquet file that its footer says is small enough."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

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
                raise OutsideFileError(f"has a text longer than {LONGEST_TEXT:,} bytes")
    return table


def _refuse_types(ctx: Context, schema: Any, mark: Mark) -> None:
    import pyarrow as pa

    kinds = pa.types
    for field in schema:
        kind = field.type
        number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind)
        if not (number or kinds.is_null(kind) or _is_text(kind)):
            message = f"holds values of type {kind}; numbers, text, true and false are read"
            ctx.problems.append(Problem(mark, str(field.name), one_line(message)))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    held = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held))


def _too_large() -> str:
    most = f"{MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns"
    return f"has more than {most}, which no table of points has"


def _good_heads(ctx: Context, heads: list[Node]) -> bool:
    seen: dict[str, str] = {}
    before = len(ctx.problems)
    for j, head in enumerate(heads, 1):
        if not head.text:
            ctx.problems.append(Problem(head.mark, "", f"column {j} has no name"))
        elif comparable(head.text) in seen:
            ctx.problems.append(Problem(head.mark, head.text, "two columns have this name"))
        seen[comparable(head.text)] = head.text
    return len(ctx.problems) == before


def _settings(file: File, raw: bytes, rows: int) -> Mapping[str, Any]:
    digest = hashlib.sha256(raw).hexdigest()
    return {"file": {"name": file.name, "sha256": digest, "rows": rows}}
