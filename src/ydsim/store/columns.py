"""Tables as named numpy columns, and the same tables as Parquet bytes.

Equal columns give equal bytes: fixed column order, one dictionary for each text column in order
of first appearance, fixed row groups and compression, no pandas metadata and no times. Every page
carries a checksum that is verified on reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResultsError
from ydsim.record.long_table import LongTable, joined
from ydsim.store.rounding import round_significant
from ydsim.typing import Columns, Table

if TYPE_CHECKING:
    import pyarrow.parquet as pq

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
    values.

    Raises
    ------
    ValueError
        When lengths differ or a column is of another type.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one table differ in length: {lengths}")
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    floats = [name for name, array in arrays.items() if array.dtype.kind == "f"]
    rounded: Columns = {}
    if floats and arrays[floats[0]].size < SHORT:  # one call costs as much as one column
        table = round_significant(np.stack([arrays[name] for name in floats]))
        rounded = dict(zip(floats, table, strict=True))
    elif floats:
        rounded = {
            name: round_significant(arrays[name].astype(np.float64, copy=False)) for name in floats
        }
    return {
        name: rounded[name] if name in rounded else _normalise_one(name, array)
        for name, array in arrays.items()
    }


def _normalise_one(name: str, array: NDArray[np.generic]) -> NDArray[np.generic]:
    kind = array.dtype.kind
    if kind == "i":
        return array.astype(np.int64)
    if kind == "u":
        return array.astype(np.uint64)
    if kind == "b":
        return array.astype(np.bool_)
    if kind == "U" or (kind == "O" and all(isinstance(text, str) for text in array)):
        return array.astype(object)
    raise ValueError(f"column {name} has type {array.dtype}, which the store does not know")


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
            raise ResultsError(f"parts of one table differ in columns: {names} and {list(part)}")
    return names


def to_parquet(columns: Table) -> bytes:
    """Return a normalised table as the bytes of a Parquet file, made a row group at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = columns if isinstance(columns, LongTable) else _long(columns)
    words = _words(table)
    schema = pa.schema(
        [
            (name, pa.dictionary(pa.int32(), pa.string()) if name in words else str(column.dtype))
            for name, column in table.rows(0, 0).items()
        ]
    )
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema,
        data_page_size=PAGE_BYTES,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=[
            name for name, column in table.rows(0, 0).items() if column.dtype.kind != "f"
        ],
        write_statistics=True,
        write_page_checksum=True,
    ) as writer:
        for block in table.blocks(ROW_GROUP) if table.length else (table.rows(0, 0),):
            arrays = [
                _coded(column, words[name]) if name in words else pa.array(column)
                for name, column in block.items()
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), ROW_GROUP)
    data: bytes = sink.getvalue().to_pybytes()
    return data


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


def _coded(column: NDArray[np.generic], words: Sequence[str]) -> object:
    """Return a text column as indices into its words."""
    import pyarrow as pa

    place = {word: at for at, word in enumerate(words)}
    indices = np.fromiter(map(place.__getitem__, column.tolist()), np.int32, len(column))
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(words, type=pa.string()))


def from_parquet(
    data: bytes, path: Path, *, rows: bool = True, names: Sequence[str] | None = None
) -> Columns:
    """Return the columns in the bytes of a Parquet file; ``path`` only names it in errors.

    Parameters
    ----------
    rows
        False reads names and types only.
    names
        Some of the columns, as far as they are there; all by default.

    Raises
    ------
    ResultsError
        When it is damaged or no table of the store. What would take far more memory than its
        bytes let expect is refused before it is decoded.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # without threads: Arrow's pool can abort a process that ends soon after
        source = pa.BufferReader(data)
        with pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True) as file:
            _refuse_burst(file, len(data), path)
            empty = file.schema_arrow.empty_table
            wanted = None if names is None else [n for n in empty().column_names if n in names]
            table = file.read(wanted, use_threads=False) if rows else empty()
        columns: Columns = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name in columns:
                raise ResultsError(f"{path}: has two columns {name!r}")
            if str(column.type) not in _STORED:
                raise ResultsError(
                    f"{path}: column {name!r} has type {column.type}, not a stored one"
                )
            if column.null_count:
                raise ResultsError(f"{path}: column {name!r} lacks values")
            text = pa.types.is_dictionary(column.type)
            columns[name] = _text(column, len(data), path) if text else column.to_numpy()
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(f"{path}: is damaged and cannot be read: {first}") from error
    return columns


_STORED = (
    "double", "int64", "uint64", "bool",
    "dictionary<values=string, indices=int32, ordered=0>",
)  # fmt: skip


def _refuse_burst(file: pq.ParquetFile, size: int, path: Path) -> None:
    """Refuse a file that would take far more memory than its bytes let expect."""
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    cells = sum(g.column(j).num_values for g in groups for j in range(g.num_columns))
    _refuse_much(max(8 * cells, sum(group.total_byte_size for group in groups)), size, path)


def _refuse_much(decoded: int, size: int, path: Path) -> None:
    if decoded > max(DECODED_BYTES, DECODED_RATIO * size):
        raise ResultsError(
            f"{path}: would take {decoded:,} bytes in memory out of {size:,}; no table of the "
            "results is like that"
        )


def _text(column: object, size: int, path: Path) -> NDArray[np.generic]:
    """Return a dictionary column as an object array, decoding each distinct text once."""
    merged = column.combine_chunks()  # type: ignore[attr-defined]
    words, indices = np.empty(len(merged.dictionary), dtype=object), merged.indices.to_numpy()
    words[:] = merged.dictionary.to_pylist()
    # in memory each text is there once, but whoever writes the table writes it in every row
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    _refuse_much(int(lengths[indices].sum()), size, path)
    texts: NDArray[np.generic] = words[indices]
    return texts
