"""Names and queries from outside are data: they run nothing and reach no other file."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.support.fake_run import run
from tests.support.made import make_results
from tests.support.sealed import content
from ydsim.cli import main
from ydsim.errors import ResultsError, UsageError
from ydsim.results.duck import quoted, to_duckdb
from ydsim.results.opening import open_results
from ydsim.results.results import Results
from ydsim.store.manifest import seal
from ydsim.store.memory import MemoryStore

HOSTILE = (
    "x\" AS SELECT 1; COPY (SELECT 1) TO 'PLACE'; --",
    "x; COPY (SELECT 1) TO 'PLACE'",
    "(a+)+$",
    "../../x",
    "Series",
    "select\n",
    "runs",
    "units",
    "",
)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_name_that_no_table_has_is_refused(folder, name, tmp_path, capsys):
    place = tmp_path / "written.csv"
    manifest = content(folder / "manifest.json")
    manifest["tables"] = [*manifest["tables"], name.replace("PLACE", str(place))]
    (folder / "manifest.json").write_bytes(seal(manifest))
    assert main(["export", str(folder), "-o", str(tmp_path / "x.duckdb")]) == 5
    assert "manifest.json: tables.1: " in capsys.readouterr().err.replace("tables.4", "tables.1")
    with pytest.raises(ResultsError, match="is not the name of a recorded table"):
        open_results(folder)
    assert not place.exists()
    assert not (tmp_path / "x.duckdb").exists()


@pytest.mark.parametrize("name", HOSTILE[:4])
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_path_that_no_part_has_is_refused(folder, name, capsys):
    path = folder / "runs" / "part-000001.json"
    receipt = content(path)
    receipt["files"][f"{name}/part-000001.parquet"] = "0" * 64
    path.write_bytes(seal(receipt))
    assert main(["verify", str(folder)]) == 5
    assert "is no file of part 1" in capsys.readouterr().err


def test_names_of_columns_and_tables_are_quoted(tmp_path):
    place = tmp_path / "written.csv"
    names = [name.replace("PLACE", str(place)) for name in HOSTILE if name]
    keys = {"point": np.array([0]), "replicate": np.array([0])}
    columns = {**keys, **{name: np.array([1.0]) for name in names}}
    made = make_results(replicates=1)
    tables = dict.fromkeys([*names[:3], "runs"], columns)
    receipt = MemoryStore().write_part(0, {}, tables, {"done": 1, "failed": [], "missing": []})
    manifest = {**made.manifest, "tables": names[:3]}
    results = Results(MemoryStore(), made.contents, manifest, {0: receipt})
    made = to_duckdb(results, tmp_path / "x.duckdb")
    assert set(names[:3]) <= set(made)
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        for name in names[:3]:
            table = connection.execute(f"SELECT * FROM {quoted(name)}").df()
            assert len(table) == 1
            assert set(names) <= set(table.columns)
    assert not place.exists()


SECRET = "kept away from queries"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_text('.tmp/secret.csv')",
        "SELECT * FROM glob('{place}/*')",
        "SELECT * FROM secret",
        "COPY (SELECT 1) TO '{place}/new.csv'",
        "COPY (SELECT 1 FROM runs) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY (SELECT 1 FROM runs) TO '{part}' (USE_TMP_FILE false)",
        "SELECT 1; COPY (SELECT 1) TO '{place}/new.csv'",
        "ATTACH '{place}/new.db'",
        "ATTACH '{place}/new.db' AS d; CREATE TABLE d.x AS SELECT 1",
        "EXPORT DATABASE '{place}/new'",
        "INSTALL httpfs",
        "LOAD '{secret}'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "",
        "; ;",
    ],
)
@pytest.mark.parametrize("folder", ["sweep"], indirect=True)
def test_a_query_reaches_no_other_file(folder, query, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / ".tmp").mkdir()  # where DuckDB would put what does not fit into memory
    for secret_place in (place, tmp_path / ".tmp"):
        (secret_place / "secret.csv").write_text(f"a\n{SECRET}\n", encoding="utf-8")
    secret = pd.DataFrame({"a": [SECRET]})  # nor a variable of whoever calls
    part = folder / "runs" / "part-000000.parquet"
    before = part.read_bytes()
    results = open_results(folder)
    text = query.format(secret=place / "secret.csv", place=place, part=part)
    with pytest.raises(UsageError):
        results.sql(text)
    assert len(secret) == 1
    assert sorted(path.name for path in place.iterdir()) == ["secret.csv"]
    assert part.read_bytes() == before


@pytest.mark.parametrize("folder", ["sweep"], indirect=True)
def test_queries_over_the_tables_still_work(folder):
    results = open_results(folder)
    for query in (
        "SELECT count(*) n FROM runs JOIN design USING (point)",
        "WITH a AS (SELECT * FROM RUNS) SELECT count(*) n FROM a",
        "PIVOT runs ON replicate IN (0, 1) USING count(*)",
        "DESCRIBE runs",
    ):
        assert len(results.sql(query))


def test_a_folder_with_quotes_in_its_name(tmp_path):
    folder = Path(tmp_path / 'it"s; -- [x]*')
    run(folder)
    assert main(["export", str(folder), "-o", str(tmp_path / "x.duckdb")]) == 0
    shutil.rmtree(folder)
