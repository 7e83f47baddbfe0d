"""``ydsim plot``, ``report`` and ``export``: what is written where, and what is refused."""

from __future__ import annotations

import fcntl
import inspect
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

import ydsim
from tests.support import fake_run
from tests.support import fake_sweep as fake
from tests.support.strikes import wait_for
from tests.support.sweep_files import stand_in
from ydsim.cli import main
from ydsim.cli.results import plot as verb
from ydsim.plots.catalogue import KINDS
from ydsim.plots.options import OPTIONS
from ydsim.plots.saving import MOST_WIDTH
from ydsim.results import text

ROOT = Path(__file__).parents[2]
DRAWN = "rd_by_province"
"""A figure for which the fake run has the data."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "fake"
    fake_run.run(path)
    return path


@pytest.fixture
def here(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which ``run`` leads to the results."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").symlink_to(folder)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys: pytest.CaptureFixture[str], *args: object, code: int = 2) -> str:
    got, out, err = call(capsys, *args)
    assert (got, out) == (code, ""), err
    assert err.count("\n") == 1
    return err


# -- plot -----------------------------------------------------------------------------------------


def test_one_figure_into_the_folder_of_the_results(
    here: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    code, out, err = call(capsys, "plot", "run", "--kind", DRAWN, "--dpi", 60)
    assert (code, out, err) == (0, f"run/figures/{DRAWN}.png\n", "")
    after = sorted(path for path in folder.rglob("*") if path.is_file())
    assert [path for path in after if path not in before] == [folder / "figures" / f"{DRAWN}.png"]


@pytest.mark.slow
def test_bytes_are_the_same_and_follow_format_dpi_and_width(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(name: str, *args: object) -> bytes:
        code, out, _ = call(capsys, "plot", "run", "--kind", DRAWN, "-o", name, *args)
        assert (code, out) == (0, f"{name}\n")
        return Path(name).read_bytes()

    first = draw("a/deep/x.png", "--dpi", 60)
    assert first == draw("b.png", "--dpi", 60)
    pixels = int.from_bytes(first[16:20])
    assert pixels == round(7.2 * 60)
    assert int.from_bytes(draw("c.png", "--dpi", 60, "--width", 3.6)[16:20]) == pixels // 2
    assert draw("d.svg").startswith(b"<?xml")
    assert draw("e.pdf").startswith(b"%PDF")
    assert draw("e.pdf") == draw("f.PDF")
    assert sorted(path.name for path in here.iterdir()) == [
        "a", "b.png", "c.png", "d.svg", "e.pdf", "f.PDF", "run",
    ]  # fmt: skip


def test_several_figures_go_into_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--kind", DRAWN, "--kind", "certified")
    code, out, err = call(capsys, "plot", "run", *wanted, "-o", "new", "--format", "svg")
    assert (code, out) == (1, f"new/{DRAWN}.svg\n")  # the other has no data
    assert err.startswith("certified_firms ")
    assert "hitech_enterprises_valid_stock_derived" in err
    two = ("--kind", DRAWN, "--kind", DRAWN)
    assert call(capsys, "plot", "run", *two, "-o", "one.svg")[:2] == (0, "one.svg\n")


@pytest.mark.slow
def test_what_a_run_draws_is_drawn_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "plot", "run", "-o", "all", "--dpi", 40)
    assert code == 0
    assert f"all/{DRAWN}.png" in out.splitlines()
    left_out = {line.split()[0] for line in err.splitlines()}
    drawn = {Path(line).stem for line in out.splitlines()}
    assert drawn | left_out == {kind.name for kind in KINDS.values() if kind.after_run}
    assert not drawn & left_out
    assert call(capsys, "plot", "run", "-o", "all", "--dpi", 40, "-q") == (0, out, "")


@pytest.mark.parametrize(
    ("args", "near"),
    [
        ("", "--list"),
        ("run --kind funel", "'funnel'"),
        ("run --kind heat_map", "heat_map"),
        ("run --kind funnel", "table funnel"),
        ("run --dpi 5", "36 to 1200"),
        ("run --dpi x", "--dpi"),
        ("run --width 1e9", "2 to 40"),
        ("run --width nan", "2 to 40"),
        ("run --format jpg", "'png'"),
        (f"run --kind {DRAWN} --format gif", "map_years"),
        ("run --format gif", "--kind"),
        ("run run", "-o"),
        ("run -o x.jpg", "png, svg, pdf"),
        ("run -o x.png --format svg", "--format svg"),
        ("run --format svg --dpi 90", "dpi"),
        ("run -o x.pdf --width 5", "width"),
        (f"run --kind {DRAWN} --indicator ideas", "--indicator"),
        (f"run --kind {DRAWN} --place Anhui", "--place"),
        (f"run --kind {DRAWN} --indcator ideas", "--indicator"),
        (f"run run --kind {DRAWN}", "2 runs"),
        (f"run --kind {DRAWN} --dpi 1200 --width {MOST_WIDTH}", "million pixels"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], args: str, near: str
) -> None:
    assert near in refused(capsys, "plot", *args.split())
    assert [path.name for path in here.iterdir()] == ["run"]


def test_figures_go_through_no_link_of_a_stranger(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_run.run(here / "other")
    (here / "elsewhere").mkdir()
    (here / "other" / "figures").symlink_to(here / "elsewhere")
    assert "figures" in refused(capsys, "plot", "other", "--kind", DRAWN, code=5)
    assert list((here / "elsewhere").iterdir()) == []


def test_kinds_that_fit_are_listed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*args: str) -> list[str]:
        code, out, err = call(capsys, "plot", *args, "--list")
        assert (code, err) == (0, "")
        assert all(len(line.split()) > 1 for line in out.splitlines())
        return [line.split()[0] for line in out.splitlines()]

    assert listed() == list(KINDS)
    assert listed("run") == [
        kind.name for kind in KINDS.values() if kind.of != "sweep" and kind.least == 1
    ]
    assert listed("run", "run") == [kind.name for kind in KINDS.values() if kind.of == "several"]


def test_an_unfinished_run_is_drawn_and_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        fake_run.run(here / "part", fake_run.SignallingModel)
    code, out, err = call(capsys, "plot", "part", "--kind", DRAWN, "--dpi", 40)
    assert (code, out) == (0, f"part/figures/{DRAWN}.png\n")
    assert err.startswith("part: ")
    assert err.endswith(" ydsim resume part\n")


def test_plot_offers_every_option_that_kinds_declare() -> None:
    assert set(OPTIONS) <= set(inspect.signature(verb).parameters)
    for kind in KINDS.values():
        assert set(kind.options) <= set(OPTIONS), kind.name
        named = set(inspect.signature(getattr(kind.draw, "target", kind.draw)).parameters)
        assert set(kind.options) <= named, kind.name


# -- report ---------------------------------------------------------------------------------------


@pytest.fixture
def spans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of a model of a few lines, of which no figure is drawn."""
    from ydsim.report import pictures
    from ydsim.report.markup import paragraph

    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures.Pictures, "drawn", lambda self, kind, results: paragraph(kind))
    monkeypatch.setattr(pictures.Pictures, "shown", lambda self, figure, shows: paragraph(shows))
    fake.run(Path("results/spans"))


@pytest.mark.usefixtures("spans")
def test_points_of_a_sweep_make_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    title = ("--title", "What of <spans>?")
    code, out, _ = call(capsys, "report", "spans:0", "spans:1", *title)
    assert (code, out) == (0, "results/spans/report.html\n")
    page = Path("results/spans/report.html").read_text("utf-8")
    assert "<h1>What of &lt;spans&gt;?</h1>" in page
    assert main(["report", "spans:0", "spans:1", "-o", "sub/x.html"]) == 0
    assert Path("sub/x.html").is_file()
    assert main(["verify", "spans"]) == 0


@pytest.mark.usefixtures("spans")
@pytest.mark.parametrize(
    ("args", "code", "near"),
    [
        ("spans", 2, "spans:0 spans:1"),
        ("spons", 2, "'spans'"),
        ("empty", 5, "manifest.json"),
        ("spans:0 -o .", 2, "-o"),
        ("spans:99", 2, "99"),
        ("spans:0 -o x.html", 5, "x.html"),
    ],
)
def test_what_cannot_be_reported_is_one_line(
    capsys: pytest.CaptureFixture[str], args: str, code: int, near: str
) -> None:
    Path("empty").mkdir()
    Path("x.html").symlink_to("y.html")
    assert near in refused(capsys, "report", *args.split(), code=code)
    assert "title" in refused(capsys, "report", "spans:0", "--title", " ")


@pytest.mark.usefixtures("spans")
def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        fake_run.run(Path("part"), fake_run.SignallingModel)
    assert "1 of 3 runs" in call(capsys, "report", "part", "-o", "x.html")[2]
    assert call(capsys, "report", "spans:0", "-o", "x.html")[2] == ""


# -- export ---------------------------------------------------------------------------------------


def export(capfdbinary: pytest.CaptureFixture[bytes], *args: object) -> tuple[int, bytes, str]:
    code = main(["export", *map(str, args)])
    out, err = capfdbinary.readouterr()
    return code, out, err.decode()


def test_csv_to_stdout_is_the_table(folder, capfdbinary):
    code, out, err = export(capfdbinary, folder)
    assert (code, err) == (0, "")
    assert b"\r" not in out
    assert out.startswith(b"scenario,point,replicate,region,year,indicator,value,unit\n")
    table = pd.read_csv(io.BytesIO(out))
    expected = ydsim.open_results(folder).table("province_year")
    assert table["value"].tolist() == expected["value"].tolist()
    assert table["region"].tolist() == expected["region"].tolist()


@pytest.mark.slow
def test_equal_runs_export_equal_bytes(folder, tmp_path, capfdbinary):
    fake_run.run(tmp_path / "again")
    for table in ("province_year", "city_year", "series", "generations", "official"):
        for form in ("csv", "parquet", "json", "xlsx"):
            options = ("--table", table, "--format", form)
            first = export(capfdbinary, folder, *options)
            assert first[0] == 0
            assert first == export(capfdbinary, tmp_path / "again", *options)


def test_a_file_takes_its_format_from_its_ending(folder, tmp_path, capfdbinary):
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
    ("args", "code", "near"),
    [
        ("run --table provnce_year", 2, "province_year"),
        ("run --format duckdb", 2, "duckdb"),
        ("run -o .", 2, "."),
        ("run -o nowhere/x.csv", 6, "nowhere/x.csv"),
        ("run -o nowhere/x.xlsx", 6, "nowhere/x.xlsx"),
        ("run -o nowhere/x.duckdb", 2, "docs/results.md"),
        ("none", 5, "none"),
    ],
)
def test_what_cannot_be_exported(here, capsys, args, code, near):
    assert near in refused(capsys, "export", *args.split(), code=code)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Results of the model itself."""
    path = tmp_path_factory.mktemp("chain") / "run"
    short = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 12}
    ydsim.simulate("synthetic", short, out=path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "table", ["funnel", "ties", "contracts", "passports", "knowledge", "agents"]
)
def test_tables_of_the_chain(chain, tmp_path, capfdbinary, table):
    expected = ydsim.open_results(chain).table(table)
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
    from ydsim.record.indicators import INDICATORS
    from ydsim.record.measures import COLLABORATION

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
    assert str(tmp_path / "pipe") in err
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    assert (tmp_path / "pipe").is_fifo()


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
def test_a_reader_that_leaves_early_is_no_noise(folder, unbuffered):
    with process(folder, PYTHONUNBUFFERED=unbuffered) as writer:
        writer.stdout.read(10)
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 141


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_everything(folder, capfdbinary, unbuffered):
    expected = export(capfdbinary, folder, "--table=city_series", "--format=json")[1]
    assert len(expected) > 100_000
    with process(folder, PYTHONUNBUFFERED=unbuffered) as writer:
        assert wait_for(lambda: is_full(writer.stdout))
        assert writer.stdout.read() == expected
        assert writer.stderr.read() == b""
    assert writer.returncode == 0
