"""Parquet files with a right checksum whose columns are not those that ydsim writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.sealed import content, reseal
from ydsim.cli import main
from ydsim.errors import ResultsError
from ydsim.results.results import Results, open_results, verify
from ydsim.results.summary import as_text
from ydsim.store.files import sha256
from ydsim.store.tables import from_parquet

Change = Callable[[pa.Table, str], pa.Table]


def without(table: pa.Table, name: str) -> pa.Table:
    return table.drop_columns([name])


def replaced(table: pa.Table, name: str, values: Any) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, name, values)


def other_type(table: pa.Table, name: str) -> pa.Table:
    text = pa.types.is_dictionary(table.schema.field(name).type)
    other = pa.array(np.full(len(table), 0.5)) if text else pa.array(["x"] * len(table))
    return replaced(table, name, other if text else other.dictionary_encode())


def plain_text(table: pa.Table, name: str) -> pa.Table:
    return replaced(table, name, pa.array(["x"] * len(table)))


def nested(table: pa.Table, name: str) -> pa.Table:
    return replaced(table, name, pa.array([[1]] * len(table)))


def nulls(table: pa.Table, name: str) -> pa.Table:
    kind = table.schema.field(name).type
    return replaced(table, name, pa.nulls(len(table), kind))


def twice(table: pa.Table, name: str) -> pa.Table:
    return table.append_column(name, table.column(name))


def no_rows(table: pa.Table, name: str) -> pa.Table:
    return table.slice(0, 0)


def foreign_values(table: pa.Table, name: str) -> pa.Table:
    kind = table.schema.field(name).type
    if pa.types.is_dictionary(kind):
        return replaced(table, name, pa.array(["'; x"] * len(table)).dictionary_encode())
    return replaced(table, name, pa.array(np.full(len(table), -1), kind))


CHANGES = (without, other_type, plain_text, nested, nulls, twice, no_rows, foreign_values)


def rewrite(folder: Path, path: str, change: Change, column: str) -> None:
    """Change a table and all checksums that lead to it."""
    file = folder / path
    pq.write_table(change(pq.read_table(file), column), file)
    sealed = folder / "manifest.json"
    if path not in content(sealed)["files"]:
        sealed = folder / "runs" / f"{file.stem}.json"
    reseal(sealed, files=content(sealed)["files"] | {path: sha256(file.read_bytes())})


def use(opened: Results) -> None:
    for name in opened.tables:
        opened.table(name)


FILES = {
    "run": ("runs/part-000001.parquet", "city_series/part-000001.parquet"),
    "sweep": ("design.parquet", "plan.parquet", "official/part-000000.parquet",
              "runs/part-000001.parquet", "series/part-000001.parquet"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize(
    ("folder", "path"),
    [(kind, path) for kind, paths in FILES.items() for path in paths],
    indirect=["folder"],
)
def test_every_column_of_every_table(folder, path, change, capsys):
    original = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for column in pq.read_schema(folder / path).names:
        rewrite(folder, path, change, column)
        what = f"{change.__name__} {path} {column}"
        try:
            use(open_results(folder))
        except ResultsError as error:
            assert "\n" not in str(error), what  # noqa: PT017
        except Exception as error:
            raise AssertionError(f"{what}: {error!r}") from error
        assert main(["verify", str(folder)]) in (0, 5), what
        assert main(["status", str(folder)]) in (0, 5), what
        for file, data in original.items():
            file.write_bytes(data)


@pytest.mark.parametrize("change", [without, other_type], ids=lambda change: change.__name__)
@pytest.mark.parametrize("column", ["run", "seed", "rd_expenditure"])
def test_a_part_with_other_columns_is_found_and_computed_again(folder, change, column, capsys):
    path = "runs/part-000001.parquet"
    before = {p: p.read_bytes() for p in folder.rglob("part-*.parquet")}
    rewrite(folder, path, change, column)
    if change is without and column == "rd_expenditure":
        return  # an indicator need not be recorded
    assert any(path in line and column in line for line in verify(folder))
    assert main(["resume", str(folder), "-q"]) == 0
    assert verify(folder) == []
    assert {p: p.read_bytes() for p in folder.rglob("part-*.parquet")} == before


@pytest.mark.slow
@pytest.mark.parametrize("change", [without, other_type, no_rows], ids=lambda c: c.__name__)
@pytest.mark.parametrize("table", ["runs", "series"])
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_column_that_is_gone_from_all_parts(folder, table, change, capsys):
    original = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for column in pq.read_schema(folder / table / "part-000000.parquet").names:
        for k in range(3):
            rewrite(folder, f"{table}/part-{k:06d}.parquet", change, column)
        for end in (as_text, use):
            try:
                end(open_results(folder))
            except ResultsError as error:
                assert "\n" not in str(error), column  # noqa: PT017
        for file, data in original.items():
            file.write_bytes(data)


def rows_of_another(table: pa.Table, other: pa.Table) -> pa.Table:
    return other


def rows_twice(table: pa.Table, other: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table], promote_options="none")


def rows_missing(table: pa.Table, other: pa.Table) -> pa.Table:
    return table.slice(1)


def rows_of_no_point(table: pa.Table, other: pa.Table) -> pa.Table:
    if "point" in table.column_names:
        return replaced(table, "point", pa.array([99] * len(table), pa.int64()))
    return replaced(table, "run", pa.array(["f" * 16 + "-0000"] * len(table)).dictionary_encode())


@pytest.mark.parametrize(
    "wrong", [rows_of_another, rows_twice, rows_missing, rows_of_no_point], ids=lambda w: w.__name__
)
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_rows_of_runs_that_are_not_those_of_the_part(folder, wrong):
    other = pq.read_table(folder / "runs" / "part-000000.parquet")
    rewrite(folder, "runs/part-000001.parquet", lambda table, _: wrong(table, other), "seed")
    with pytest.raises(ResultsError, match=r"rows|run of their plan"):
        open_results(folder).table("runs")


@pytest.mark.parametrize("folder", ["run"], indirect=True)
def test_a_year_of_an_official_figure_is_there_once(folder):
    path = "official/part-000000.parquet"
    rewrite(folder, path, lambda table, _: pa.concat_tables([table, table.slice(0, 1)]), "year")
    with pytest.raises(ResultsError, match=f"{path}: column 'year'"):
        as_text(open_results(folder))


@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_plan_of_no_run(folder, capsys):
    rewrite(folder, "plan.parquet", no_rows, "run")
    reseal(folder / "manifest.json", runs=0, parts=0)
    for command in (["status"], ["verify", "--rerun", "0"], ["resume", "-q"]):
        assert main([command[0], str(folder), *command[1:]]) == 5
        assert "plan.parquet: column 'run': names no run" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["run"], indirect=True)
def test_rows_of_a_series_that_are_of_no_point(folder):
    rewrite(folder, "series/part-000001.parquet", lambda t, _: rows_of_no_point(t, t), "year")
    with pytest.raises(ResultsError, match="name no run of their plan"):
        open_results(folder).table("series")


def test_a_file_that_is_no_table_of_ours():
    for table in (pa.table({"a": [b"x"]}), pa.table({"a": [1.5]}).cast(pa.schema({"a": "float"}))):
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        with pytest.raises(ResultsError, match="column 'a' has type"):
            from_parquet(sink.getvalue().to_pybytes(), Path("x.parquet"))
