import fcntl
import io
import json
import os
import resource
import subprocess
import sys
import termios
from array import array
from pathlib import Path
from typing import IO

import pandas as pd
import pytest

from tests.support.fake_run import run
from tests.support.strikes import wait_for
from ydsim.cli import main
from ydsim.results import text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "fake"
    run(path)
    return path


def export(capfdbinary, *args: object) -> tuple[int, bytes, str]:
    code = main(["export", *map(str, args)])
    out, err = capfdbinary.readouterr()
    return code, out, err.decode()


def test_csv_to_stdout_is_the_table(folder, capfdbinary):
    code, out, err = export(capfdbinary, folder)
    assert (code, err) == (0, "")
    assert b"\r" not in out
    assert out.startswith(b"scenario,point,replicate,region,year,indicator,value,unit\n")
    table = pd.read_csv(io.BytesIO(out))
    from ydsim.results.opening import open_results

    expected = open_results(folder).table("province_year")
    assert table["value"].tolist() == expected["value"].tolist()
    assert table["region"].tolist() == expected["region"].tolist()


@pytest.mark.slow
def test_equal_runs_export_equal_bytes(folder, tmp_path, capfdbinary):
    run(tmp_path / "again")
    for table in ("province_year", "city_year", "series", "generations", "official"):
        for form in ("csv", "parquet", "json", "xlsx"):
            options = ("--table", table, "--format", form)
            first = export(capfdbinary, folder, *options)
            assert first[0] == 0
            assert first == export(capfdbinary, tmp_path / "again", *options)


def test_file_takes_its_format_from_its_ending(folder, tmp_path, capfdbinary):
    for name in ("t.csv", "t.parquet", "t.json", "t.txt", "t.xlsx"):
        code, out, _ = export(capfdbinary, folder, "-o", tmp_path / name)
        assert (code, out) == (0, b"")
    frames = [
        pd.read_csv(tmp_path / "t.csv"),
        pd.read_parquet(tmp_path / "t.parquet"),
        pd.DataFrame(json.loads((tmp_path / "t.json").read_bytes())),
        pd.read_excel(tmp_path / "t.xlsx", sheet_name="province_year"),
    ]
    for frame in frames:
        assert frame["value"].tolist() == frames[0]["value"].tolist()
        assert frame["region"].tolist() == frames[0]["region"].tolist()
    assert (tmp_path / "t.txt").read_bytes() == (tmp_path / "t.csv").read_bytes()


def test_formulas_do_not_reach_a_spreadsheet(folder, capfdbinary):
    _, out, _ = export(capfdbinary, folder, "--table", "generations")
    assert b",'=1+1," in out
    assert b",=1+1," not in out


def test_formulas_do_not_reach_excel(folder, tmp_path, capfdbinary):
    from openpyxl import load_workbook

    target = tmp_path / "t.xlsx"
    assert export(capfdbinary, folder, "--table", "generations", "-o", target)[0] == 0
    cells = [cell for row in load_workbook(target).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert "'=1+1" in {cell.value for cell in cells}
    assert "=1+1" not in {cell.value for cell in cells}


def test_excel_needs_its_package_and_room(folder, tmp_path, capfdbinary, monkeypatch):
    target = tmp_path / "t.xlsx"
    target.write_bytes(b"kept")
    monkeypatch.setattr(text, "EXCEL_ROWS", 5)
    code, out, err = export(capfdbinary, folder, "-o", target)
    assert (code, out, err.count("\n")) == (2, b"", 1)
    assert all(word in err for word in ("province_year", " 4;", "CSV", "Parquet"))
    monkeypatch.setattr(text, "find_spec", lambda name: None)
    for where in (("-o", target), ("--format", "xlsx")):
        code, out, err = export(capfdbinary, folder, *where)
        assert (code, out, err.count("\n")) == (2, b"", 1)
        assert "ydsim[excel]" in err
    assert target.read_bytes() == b"kept"
    assert [path.name for path in tmp_path.iterdir()] == ["t.xlsx"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("--table", "provnce_year"), 2, "did you mean province_year?"),
        (("--format", "duckdb"), 2, "duckdb"),
        (("-o", "nowhere/x.duckdb"), 2, "docs/results.md"),
        (("-o", "nowhere/x.xlsx"), 6, "nowhere/x.xlsx: No such file"),
        (("-o", "."), 2, "is a folder"),
        (("-o", "nowhere/x.csv"), 6, "nowhere/x.csv: No such file"),
    ],
)
def test_what_cannot_be_done(folder, capfdbinary, args, code, message):
    got, out, err = export(capfdbinary, folder, *args)
    assert (got, out) == (code, b"")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Results of the model itself."""
    from ydsim.run.simulate import simulate

    path = tmp_path_factory.mktemp("chain") / "run"
    short = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 12}
    simulate("synthetic", short, out=path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "table", ["funnel", "ties", "contracts", "passports", "knowledge", "agents"]
)
def test_tables_of_the_chain(chain, tmp_path, capfdbinary, table):
    from ydsim.results.opening import open_results

    expected = open_results(chain).table(table)
    assert list(expected)[:3] == ["scenario", "point", "replicate"]
    code, out, err = export(capfdbinary, chain, "--table", table, "--format", "csv")
    assert (code, err) == (0, "")
    frame = pd.read_csv(io.BytesIO(out), keep_default_na=False)
    assert list(frame) == list(expected)
    code, _, _ = export(capfdbinary, chain, "--table", table, "-o", tmp_path / "t.parquet")
    assert code == 0
    stored = pd.read_parquet(tmp_path / "t.parquet")
    for column in expected:
        assert frame[column].tolist() == expected[column].tolist(), column
        assert stored[column].tolist() == expected[column].tolist(), column
    assert len(expected) > 0 or table == "passports"


@pytest.mark.slow
def test_new_indicators_are_in_the_yearly_table(chain, capfdbinary):
    from ydsim.record.collaboration import NAMES as COLLABORATION
    from ydsim.record.indicators import INDICATORS

    _, out, _ = export(capfdbinary, chain)
    table = pd.read_csv(io.BytesIO(out))
    # made worlds have no stored flows, which the index needs, and name no high technology
    unknown = {*COLLABORATION, "hitech_industry_new_product_sales"}
    assert set(table["indicator"]) == set(INDICATORS) - unknown


@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
def test_a_pipe_or_a_device_is_not_replaced(folder, tmp_path, capfdbinary, format):
    os.mkfifo(tmp_path / "pipe")
    code, _, err = export(capfdbinary, folder, "--format", format, "-o", tmp_path / "pipe")
    assert code == 6
    assert "it is a pipe, a socket or a device; give the name of a file" in err
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_missing_results(tmp_path, capfdbinary):
    code, _, err = export(capfdbinary, tmp_path / "none")
    assert code == 5
    assert "there is no such results folder" in err


def is_full(pipe: IO[bytes]) -> bool:
    """Tell whether a pipe takes no more: less than a page is left of it."""
    unread = array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, unread)
    return unread[0] > fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) - resource.getpagesize()


def process(folder: Path, **environment: str) -> subprocess.Popen:
    """Export more than a pipe holds, in a process of its own."""
    script = "import sys; from ydsim.cli import main; sys.exit(main())"
    options = ["export", str(folder), "--table=city_series", "--format=json"]
    return subprocess.Popen(
        [sys.executable, "-c", script, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
    )


@pytest.mark.fault
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_reader_that_leaves_early_is_no_noise(folder, unbuffered):
    with process(folder, PYTHONUNBUFFERED=unbuffered) as writer:
        writer.stdout.read(10)
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 141


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_slow_reader_gets_everything(folder, capfdbinary, unbuffered):
    expected = export(capfdbinary, folder, "--table=city_series", "--format=json")[1]
    assert len(expected) > 100_000
    with process(folder, PYTHONUNBUFFERED=unbuffered) as writer:
        assert wait_for(lambda: is_full(writer.stdout))
        assert writer.stdout.read() == expected
        assert writer.stderr.read() == b""
    assert writer.returncode == 0
