"""Tables of the store: numpy columns, Parquet bytes, ten digits, what each column may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResultsError
from ydsim.packaged import rows_of
from ydsim.record.long_table import LongTable, joined
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Columns, Floats, Table

# -- rounding to 10 significant decimal digits -----------------------------------------------------

# A value is first rounded to 13 and then to 10 digits, half to even both times. The first step
# pulls a value that is within a few last bits of a decimal tie (0.12345678905 give or take an
# ulp) onto the tie itself, so that machines which disagree in the last bits still write the same
# number: the places where noise can flip a digit move away from round numbers.

DIGITS = 10
GUARD = 3
"""Extra digits kept by the first rounding."""

_LOWEST, _HIGHEST = -9, 30
_POWERS = np.array([float(f"1e{e}") for e in range(_LOWEST, _HIGHEST + 1)])
_EXACT = np.array([float(f"1e{e}") for e in range(23)])
_WIDE = Context(prec=DIGITS + GUARD, rounding=ROUND_HALF_EVEN)
_NARROW = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_DOWN = Context(prec=DIGITS, rounding=ROUND_DOWN)
_TIE = 0.02
_BLOCK = 65_536


def round_significant(values: NDArray[np.floating]) -> Floats:
    """Return ``values`` rounded to 10 significant decimal digits, in a new array.

    Each result is the double nearest to the decimal number. Both zeros become ``+0.0`` and every
    NaN the standard one, so equal input gives equal bytes; infinities stay. Values from 1e-9 to
    1e30 take the fast path: a power of ten up to 1e22 and an integer below 1e13 are exact in
    double precision, so scaling up errs by half an ulp at most (values near enough to a tie for
    that to matter go through `decimal`), and scaling down is one correctly rounded operation.
    """
    x = np.array(values, dtype=np.float64, order="C")
    flat = x.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        _round_in_place(flat[start : start + _BLOCK])
    return x


def _round_in_place(out: Floats) -> None:
    out[out == 0.0] = 0.0
    out[np.isnan(out)] = np.nan
    size = np.abs(out)
    fast = np.flatnonzero((size >= _POWERS[0]) & (size < _POWERS[-1]))
    slow = (size > 0.0) & np.isfinite(size)
    slow[fast] = False
    with np.errstate(over="ignore"):
        rounded, unsure = _round_scaled(size[fast])
    out[fast] = np.copysign(rounded, out[fast])
    for i in np.concatenate([np.flatnonzero(slow), fast[unsure]]):
        out[i] = round_one(float(out[i]) if slow[i] else float(np.copysign(size[i], out[i])))


def round_one(value: float) -> float:
    """Return one finite number rounded as by `round_significant`: the definition in decimals.

    The largest doubles, which would round up beyond the range, are rounded towards zero.
    """
    wide = _WIDE.plus(Decimal(value))
    rounded = float(_NARROW.plus(wide))
    return rounded if isfinite(rounded) else float(_DOWN.plus(wide))


def _round_scaled(size: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return rounded sizes, and where the scaled value lies too near a tie to be trusted."""
    exponent = np.searchsorted(_POWERS, size, side="right") - 1 + _LOWEST
    up = DIGITS + GUARD - 1 - exponent
    scaled = np.where(
        up >= 0, size * _EXACT[np.clip(up, 0, 22)], size / _EXACT[np.clip(-up, 0, 22)]
    )
    wide = np.rint(scaled)
    unsure = np.abs(np.abs(scaled - wide) - 0.5) < _TIE
    narrow = np.rint(wide / 10**GUARD)
    down = up - GUARD
    value = np.where(
        down >= 0, narrow / _EXACT[np.clip(down, 0, 22)], narrow * _EXACT[np.clip(-down, 0, 22)]
    )
    return value, unsure


# -- tables as named numpy columns, and the same tables as Parquet bytes ---------------------------

# Equal columns give equal bytes: fixed column order, one dictionary for each text column in order
# of first appearance, fixed row groups and compression, no pandas metadata and no times. Every
# page carries a checksum that is verified on reading.

ROW_GROUP = 131_072
PAGE_BYTES = 1_048_576

DECODED_BYTES = 128 * 2**20
"""What any table may take in memory."""

DECODED_RATIO = 500
"""What a larger one may take for each byte of its file; series of many runs take about 150."""
ZSTD_LEVEL = 3

SHORT = 10_000
"""Rows below which the columns of a table are rounded together."""


def normalise(columns: Columns) -> Columns:
    """Return columns of the six stored types: float64 rounded, int64, uint64, bool, text.

    Text becomes an object array of `str`. Integers, unsigned identities and booleans keep their
    values. `ValueError` when lengths differ or a column is of another type.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one table differ in length: {lengths}")
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    floats = [name for name, array in arrays.items() if array.dtype.kind == "f"]
    if floats and arrays[floats[0]].size < SHORT:  # one call costs as much as one column
        table = round_significant(np.stack([arrays[name] for name in floats]))
        rounded = dict(zip(floats, table, strict=True))
    else:
        rounded = {name: round_significant(np.asarray(arrays[name], float)) for name in floats}
    return {
        name: rounded[name] if name in rounded else _normalise_one(name, array)
        for name, array in arrays.items()
    }


def _normalise_one(name: str, array: NDArray[np.generic]) -> NDArray[np.generic]:
    types = {"i": np.int64, "u": np.uint64, "b": np.bool_, "U": object, "O": object}
    kind = array.dtype.kind
    if kind not in types or (kind == "O" and not all(isinstance(text, str) for text in array)):
        raise ValueError(f"column {name} has type {array.dtype}, which the store does not know")
    return array.astype(types[kind])


def stored(table: Table, **keys: int | str) -> Table:
    """Return ``table`` in the stored types, behind columns that name the run.

    A long table stays one, and its blocks are changed when they are made.
    """
    if isinstance(table, LongTable):
        return table.map(lambda block: normalise(keyed(block, **keys)))
    return normalise(keyed(table, **keys))


def keyed(columns: Table, **keys: int | str) -> Columns:
    """Return ``columns`` behind others that name the run, the same value in every row."""
    length = len(next(iter(columns.values()))) if columns else 0
    named = {
        name: np.full(length, key, dtype=np.int64 if isinstance(key, int) else object)
        for name, key in keys.items()
    }
    return {**named, **columns}


def concatenate(parts: Sequence[Table]) -> Columns:
    """Return the rows of all parts below each other; the columns must agree."""
    if not parts:
        return {}
    names = _names(parts)
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def below_each_other(parts: Sequence[Table]) -> Table:
    """Return the same as `concatenate`; of long tables one that makes its blocks when asked."""
    long = [part for part in parts if isinstance(part, LongTable)]
    if len(long) < len(parts) or not parts:
        return concatenate(parts)
    _names(long)
    return joined(long)


def _names(parts: Sequence[Table]) -> list[str]:
    """Return the names of the columns, which all parts must share."""
    names = list(parts[0])
    for part in parts[1:]:
        if list(part) != names:
            first = next(iter({*names} ^ {*part}), _t("their order"))
            message = _t("parts of one table differ in columns: {first!r}")
            raise ResultsError(message.format(first=first))
    return names


def to_parquet(columns: Table) -> bytes:
    """Return a normalised table as the bytes of a Parquet file, made a row group at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow.compute import index_in

    table = columns if isinstance(columns, LongTable) else _long(columns)
    empty = table.rows(0, 0)
    words = {name: pa.array(of, pa.string()) for name, of in _words(table).items()}
    coded = pa.dictionary(pa.int32(), pa.string())
    kinds = [(name, coded if name in words else str(c.dtype)) for name, c in empty.items()]
    schema = pa.schema(kinds)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema,
        data_page_size=PAGE_BYTES,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=[name for name, column in empty.items() if column.dtype.kind != "f"],
        write_statistics=True,
        write_page_checksum=True,
    ) as writer:
        for block in table.blocks(ROW_GROUP) if table.length else (empty,):
            arrays = {name: pa.array(column) for name, column in block.items()}
            for name, of in words.items():
                indices = index_in(arrays[name].cast(pa.string()), value_set=of)
                arrays[name] = pa.DictionaryArray.from_arrays(indices, of)
            writer.write_table(pa.table(arrays, schema=schema), ROW_GROUP)
    return sink.getvalue().to_pybytes()


def _long(columns: Table) -> LongTable:
    """Return a table of columns as one that is read in blocks."""
    length = len(next(iter(columns.values()))) if columns else 0
    return LongTable(length, lambda a, b: {n: column[a:b] for n, column in columns.items()})


def _words(table: LongTable) -> dict[str, list[str]]:
    """Return the distinct texts of each text column in order of first appearance."""
    texts = [name for name, column in table.rows(0, 0).items() if column.dtype.kind == "O"]
    found: dict[str, dict[str, None]] = {name: {} for name in texts}
    for block in table.blocks(ROW_GROUP) if texts else ():
        for name in texts:
            found[name].update(dict.fromkeys(block[name].tolist()))
    return {name: list(words) for name, words in found.items()}


def from_parquet(
    data: bytes, path: Path, *, rows: bool = True, names: Sequence[str] | None = None
) -> Columns:
    """Return the columns in the bytes of a Parquet file; ``path`` only names it in errors.

    Without ``rows`` names and types alone are read; ``names`` are some of the columns, all by
    default. `ResultsError` when it is damaged or no table of the store. What would take far more
    memory than its bytes let expect is refused before it is decoded.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # without threads: Arrow's pool can abort a process that ends soon after
        source = pa.BufferReader(data)
        with pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True) as file:
            groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
            cells = sum(g.column(j).num_values for g in groups for j in range(g.num_columns))
            decoded = max(8 * cells, sum(group.total_byte_size for group in groups))
            _refuse_much(decoded, len(data), path)
            empty = file.schema_arrow.empty_table
            wanted = None if names is None else [n for n in empty().column_names if n in names]
            table = file.read(wanted, use_threads=False) if rows else empty()
        columns: Columns = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name in columns:
                message = _t("{path}: has two columns {name!r}")
                raise ResultsError(message.format(path=path, name=name))
            if str(column.type) not in _STORED:
                message = _t("{path}: column {name!r} has type {type}, not a stored one")
                raise ResultsError(message.format(path=path, name=name, type=column.type))
            if column.null_count:
                message = _t("{path}: column {name!r} lacks values")
                raise ResultsError(message.format(path=path, name=name))
            text = pa.types.is_dictionary(column.type)
            columns[name] = _text(column, len(data), path) if text else column.to_numpy()
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = _t("{path}: is damaged and cannot be read: {error}")
        raise ResultsError(message.format(path=path, error=first)) from error
    return columns


_STORED = (
    "double", "int64", "uint64", "bool",
    "dictionary<values=string, indices=int32, ordered=0>",
)  # fmt: skip


def _refuse_much(decoded: int, size: int, path: Path) -> None:
    if decoded > max(DECODED_BYTES, DECODED_RATIO * size):
        message = _t(
            "{path}: would take {decoded:,} bytes in memory out of {size:,}; no table of the "
            "results is like that"
        )
        raise ResultsError(message.format(path=path, decoded=decoded, size=size))


def _text(column: object, size: int, path: Path) -> NDArray[np.generic]:
    """Return a dictionary column as an object array, decoding each distinct text once."""
    merged = column.combine_chunks()  # type: ignore[attr-defined]
    words, indices = np.empty(len(merged.dictionary), dtype=object), merged.indices.to_numpy()
    words[:] = merged.dictionary.to_pylist()
    # in memory each text is there once, but whoever writes the table writes it in every row
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    _refuse_much(int(lengths[indices].sum()), size, path)
    return words[indices]


# -- which columns the tables of the store have ----------------------------------------------------

# A right checksum does not make a part one of ours. What readers rest on must be there, and of the
# kind that ``tables.csv`` says; other columns are of a model's own and may be of any stored type.

_TYPES = {
    "text": ("O", mark("{path}: column {name!r} must hold text")),
    "integer": ("iu", mark("{path}: column {name!r} must hold whole numbers")),
    "unsigned": ("iu", mark("{path}: column {name!r} must hold whole numbers")),
    "float": ("iuf", mark("{path}: column {name!r} must hold numbers")),
}
"""Kinds of arrays that a column of a type may be, and what is said of any other."""

_NEEDED = {
    "series": "region year quarter",
    "city_series": "city province year quarter",
    "runs": "seed quarters numeric_warnings",
    "official": "region indicator unit year value",
    "design": "scenario hash point seconds",
    "plan": "run hash replicate part",
}
"""Columns without which a table cannot be read."""

_KEYS = {
    "run": "text", "hash": "text", "point": "integer", "replicate": "integer", "part": "integer",
}  # fmt: skip
"""Types of the columns that name a run and its place."""

_OF_NUMBERS = ("series", "city_series", "runs", "adoption_curves")
"""Tables whose other columns are all numbers."""

_FIXED = ("official", "design", "plan")
"""Tables that are not in parts."""

LARGEST_NUMBER = 1e100
"""What a number in a table may be, or its negative: squares of it can be added up."""

_LIMITS = {"year": (1, 9999), "quarter": (1, 4)}


def check_columns(
    table: str, columns: Columns, path: Path, names: Sequence[str] | None = None
) -> None:
    """Refuse a table that lacks a column that readers need, or has one of another kind.

    Of a table of which some ``names`` were read, these are looked at. A table of a single scenario
    has the keys ``point, replicate``, one of a sweep ``run``. `ResultsError` names file and column.
    """
    keys = ["run"] if "run" in columns else ["point", "replicate"]
    needed = [*_NEEDED.get(table, "").split(), *(keys if table not in _FIXED else ())]
    for name in needed:
        if name not in columns and (names is None or name in names):
            raise ResultsError(_t("{path}: has no column {name!r}").format(path=path, name=name))
    types = dict.fromkeys(columns, "float") if table in _OF_NUMBERS else {}
    types |= {name: of.type for name, of in described().get(table, _UNKNOWN).columns.items()}
    types |= {name: _KEYS[name] for name in needed if name in _KEYS}
    for name, column in columns.items():
        kinds, message = _TYPES.get(types.get(name, ""), (column.dtype.kind, ""))
        if column.dtype.kind not in kinds:
            raise ResultsError(_t(message).format(path=path, name=name))
        if name in _LIMITS and types.get(name) == "integer":
            low, high = _LIMITS[name]
            fine = (column >= low) & (column <= high)  # type: ignore[operator]
            message = _t("must lie between {low} and {high}")
            require_values(path, name, fine, message.format(low=low, high=high))
        if column.dtype.kind == "f":
            huge = np.abs(column) > LARGEST_NUMBER
            require_values(path, name, ~huge, _t("is infinite or too large for sums"))


def check_same_types(parts: Iterable[Columns], where: Path) -> None:
    """Refuse parts of one table whose columns of a name are of several types."""
    types: dict[str, np.dtype[np.generic]] = {}
    for part in parts:
        for name, column in part.items():
            if types.setdefault(name, column.dtype) != column.dtype:
                message = _t("{path}: column {name!r} is of another type in some parts")
                raise ResultsError(message.format(path=where, name=name))


def require_values(path: Path, name: str, fine: NDArray[np.bool_] | bool, what: str) -> None:
    """Refuse a column unless all its values are ``fine``."""
    if not np.all(fine):
        message = _t("{path}: column {name!r}: {what}")
        raise ResultsError(message.format(path=path, name=name, what=what))


# -- tables keyed by run ---------------------------------------------------------------------------


def expand(
    table: Columns,
    runs: Sequence[str],
    points: Mapping[str, list[int]],
    hashes: Sequence[str],
    replicates: Sequence[int],
) -> Columns:
    """Return a table with ``point, replicate`` in front, sorted by them.

    ``runs``, ``hashes`` and ``replicates`` are of all runs in the order of the plan, ``points``
    those of each hash. The rows of a run appear once for each point that it belongs to, in the
    order in which they were recorded. A table of a single scenario has these columns already and is
    only checked. `ResultsError` when its rows are of another point, or rows of several name no run.
    """
    import pandas as pd

    if "run" not in table:
        if len(points) > 1 or np.any(table["point"] != 0):
            raise ResultsError(_t("the results hold rows that name no run of their plan"))
        return table
    codes, names = pd.factorize(table["run"])
    at = pd.Index(runs).get_indexer(pd.Index(names))[codes]
    every = pd.DataFrame({"point": [points.get(of) for of in hashes], "replicate": replicates})
    every = every.dropna().explode("point").astype(np.int64)
    rows = pd.DataFrame({"at": at, "row": np.arange(len(at))})
    found = rows.join(every, on="at", how="inner")
    point, replicate, row = (found[name].to_numpy() for name in ("point", "replicate", "row"))
    order = np.lexsort((row, replicate, point))
    kept = {name: column[row[order]] for name, column in table.items() if name != "replicate"}
    return {"point": point[order], "replicate": replicate[order], **kept}


def split(columns: Columns, names: Mapping[int, str]) -> dict[str, Columns]:
    """Return the rows of a table by run; those of a run are together.

    ``names`` is the run by replicate, for tables of a single scenario, which have no column
    ``run``.
    """
    runs = columns["run"] if "run" in columns else columns["replicate"]
    if not len(runs):
        return {}
    first = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    ends = np.r_[first[1:], len(runs)]
    labels = [names.get(label, str(label)) for label in runs[first].tolist()]
    return {
        label: {name: column[a:b] for name, column in columns.items()}
        for label, a, b in zip(labels, first.tolist(), ends.tolist(), strict=True)
    }


# -- tables of results and their columns in words --------------------------------------------------

# The list of tables, ``ydsim explain`` and ``docs/results.md`` say what is said here; a test
# holds the page to it.


@dataclass(frozen=True)
class Column:
    """A column of a table: type, unit and meaning."""

    type: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class TableCard:
    """A table: one line, its columns, and the recorded tables that it is made from, if it is.

    Columns are by name, those of every indicator left out.
    """

    line: str
    columns: dict[str, Column]
    needs: tuple[str, ...] = ()


_UNKNOWN = TableCard("", {})


@cache
def described() -> dict[str, TableCard]:
    """Return all tables, in the order in which they are listed."""
    found: dict[str, TableCard] = {}
    for row in rows_of("ydsim.store", "tables.csv"):
        if row["column"]:
            columns = found[row["table"]].columns
            columns[row["column"]] = Column(row["type"], row["unit"], row["meaning"])
        else:
            found[row["table"]] = TableCard(row["meaning"], {}, tuple(row["type"].split()))
    return found
