"""``ydsim export``: one table of a results folder as CSV, JSON, Parquet or Excel."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ydsim.errors import UsageError
from ydsim.typing import Columns


class Format(StrEnum):
    """Formats of an exported table."""

    csv = "csv"
    parquet = "parquet"
    json = "json"
    xlsx = "xlsx"


def export(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="A results folder, or its name in results/.")
    ],
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            help="Which table, for example runs, funnel, ties or agents [province_year].",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="Format; by default from the ending of -o, else csv."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write instead of stdout.")
    ] = None,
) -> None:
    """Write one tidy table of results, to stdout unless -o is given."""
    from ydsim.results.opening import open_results
    from ydsim.results.text import require_excel
    from ydsim.store.files import write_atomic

    chosen = format or _from_ending(output)
    if output is None and chosen in (Format.parquet, Format.xlsx) and sys.stdout.isatty():
        raise UsageError(f"a {chosen} file cannot be shown on a terminal; give a file with -o")
    if output is not None and output.is_dir():
        raise UsageError(f"{output} is a folder; give the name of a file with -o")
    if chosen is Format.xlsx:
        require_excel()
    name = table or "province_year"
    data = _encode(open_results(results).columns(name), name, chosen)
    if output is not None:
        write_atomic(output, data)
    else:
        _to_stdout(data)


def _from_ending(output: Path | None) -> Format:
    ending = "" if output is None else output.suffix.lower().lstrip(".")
    if ending == "duckdb":
        raise UsageError(
            f"{output}: no DuckDB file is written any more; DuckDB reads the Parquet files of the "
            "folder as they are (docs/results.md)"
        )
    return Format(ending) if ending in tuple(Format) else Format.csv


def _encode(columns: Columns, name: str, chosen: Format) -> bytes:
    from ydsim.results.text import to_csv, to_excel, to_json
    from ydsim.store.columns import to_parquet

    if chosen is Format.parquet:
        return to_parquet(columns)
    if chosen is Format.xlsx:
        return to_excel(columns, name)
    text = to_csv(columns) if chosen is Format.csv else to_json(columns)
    return text.encode("utf-8")


def _to_stdout(data: bytes) -> None:
    """Write all bytes to stdout, which takes only a part at a time when it is unbuffered.

    A terminal gets them as text without hidden characters.
    """
    sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write(data.decode("utf-8"))
        return
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()
