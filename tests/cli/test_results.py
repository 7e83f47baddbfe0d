"""``ydsim plot``, ``report`` and ``export``: what is written where, and what is refused."""

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
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pytest

import ydsim
from tests.support import fake_run
from tests.support import fake_sweep as fake
from tests.support.strikes import wait_for
from tests.support.sweep_files import stand_in
from ydsim.cli import main
from ydsim.errors import ResultsError
from ydsim.plots.catalogue import KINDS, OPTIONS
from ydsim.results import results as text

ROOT = Path(__file__).parents[2]
DRAWN = "overview"
"""A figure for which the fake run has the data."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "fake"
    fake_run.run(path)
    return path


@pytest.fixture
def here(folder, command, tmp_path):
    """An empty folder, in which ``run`` leads to the results."""
    (tmp_path / "run").symlink_to(folder)
    return tmp_path


@pytest.mark.slow
def test_figures_follow_format_dpi_and_width(here, folder, command):
    def draw(name: str, more: str = "") -> bytes:
        assert command.out(f"plot run --kind {DRAWN} -o {name} {more}") == f"{name}\n"
        return Path(name).read_bytes()

    first = draw("a/deep/x.png", "--dpi 60")
    assert first == draw("b.png", "--dpi 60")
    pixels = int.from_bytes(first[16:20])
    assert pixels == round(7.2 * 60)
    assert int.from_bytes(draw("c.png", "--dpi 60 --width 3.6")[16:20]) == 216
    assert draw("d.svg").startswith(b"<?xml")
    assert draw("e.pdf").startswith(b"%PDF")
    assert draw("e.pdf") == draw("f.PDF")
    before = {path for path in folder.rglob("*") if path.is_file()}
    assert command.out(f"plot run --kind {DRAWN} --dpi 60") == f"run/figures/{DRAWN}.png\n"
    after = {path for path in folder.rglob("*") if path.is_file()}
    assert after - before == {folder / "figures" / f"{DRAWN}.png"}


@pytest.mark.slow
def test_several_figures_go_into_a_folder(here, command, monkeypatch):
    wanted = f"plot run --kind {DRAWN} --kind funnel -o new --format svg"
    out, err = command(wanted, code=1)
    assert out == f"new/{DRAWN}.svg\n"  # the other has no data
    assert err.startswith("funnel ")
    assert "table funnel" in err
    assert command(f"{wanted} -q", code=1)[1] == err
    assert command.out(f"plot run --kind {DRAWN} --kind {DRAWN} -o one.svg") == "one.svg\n"
    usual = [KINDS[DRAWN], KINDS["funnel"]]
    monkeypatch.setattr("ydsim.plots.drawing.unasked", lambda *asked: usual)
    again, notes = command("plot run -o new --format svg")  # nobody named what lacks data
    assert again == out
    assert notes.startswith(err)
    assert "lines" in notes.removeprefix(err)
    assert command.out("plot run -o new --format svg -q") == out


def test_a_figure_that_lacks_runs_keeps_no_other_back(here, command, monkeypatch):
    def draw(kind: str, *_: object, **options: object) -> bytes:
        if kind == "tornado":
            raise ResultsError("2 of 9 runs are missing")
        return b"drawn"

    usual = [KINDS["tornado"], KINDS[DRAWN]]
    monkeypatch.setattr("ydsim.plots.drawing.draw", draw)
    monkeypatch.setattr("ydsim.plots.canvas.save_bytes", lambda figure, *_, **__: figure)
    monkeypatch.setattr("ydsim.plots.drawing.unasked", lambda *asked: usual)
    out, err = command("plot run -o new -q", code=1)
    assert out == f"new/{DRAWN}.png\n"
    assert "tornado" in err
    assert "2 of 9 runs" in err
    usual.pop()
    command.refused("plot run -o new -q", code=5)


@pytest.mark.slow
def test_what_a_run_draws_is_drawn_unasked(here, command):
    out, err = command("plot run -o all --dpi 40")
    *left_out, others = err.splitlines()
    left_out = {line.split()[0] for line in left_out}
    assert "inequality, lag_by_distance, lines;" in others
    drawn = {Path(line).stem for line in out.splitlines()}
    assert DRAWN in drawn
    assert drawn | left_out == {kind.name for kind in KINDS.values() if kind.after_run}
    assert not drawn & left_out
    assert command.out("plot run -o all --dpi 40 -q") == out


def test_a_place_that_cannot_be_is_refused_before_anything_is_drawn(here, command, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("drawn")

    monkeypatch.setattr("ydsim.plots.drawing.draw", fail)
    monkeypatch.setattr("ydsim.report.page_of", fail)
    Path("taken").write_text("kept")
    for place in ("taken", "/dev/null"):
        assert place in command.refused(f"plot run --kind {DRAWN} -o {place}", code=5)
    for line in ("plot run -o taken/x.png", "report run -o taken/deep/x.html"):
        assert "taken" in command.refused(f"{line} -q", code=6)
    command("report run -o a/deep/x.html -q", code=70)
    assert not Path("a").exists()
    assert Path("taken").read_text() == "kept"


@pytest.mark.slow
def test_an_unfinished_run_is_drawn_and_said(here, command):
    with pytest.raises(KeyboardInterrupt):
        fake_run.run(here / "part", fake_run.SignallingModel)
    out, err = command(f"plot part --kind {DRAWN} --dpi 40")
    assert out == f"part/figures/{DRAWN}.png\n"
    assert err.startswith("part: ")
    assert err.endswith(" ydsim resume part\n")
    assert command.out(f"plot part --kind {DRAWN} --dpi 40 -q") == out
    assert "1 of 3 runs" in command("report part -o x.html")[1]


def test_plot_offers_every_option_that_kinds_declare():
    for kind in KINDS.values():
        assert set(kind.options) <= set(OPTIONS), kind.name
        named = set(inspect.signature(kind.target).parameters)
        assert set(kind.options) <= named or "options" in named, kind.name


@pytest.mark.parametrize(
    ("given", "taken"),
    [("--place Jiangsu --years 2014:2015", {"region": "Jiangsu", "years": "2014:2015"}),
     ("--indicator rd_intensity --year 2015", {"indicator": "rd_intensity", "year": "2015"}),
     ("--channel a --x b --y c", {"channel": "a", "x": "b", "y": "c"}),
     ("--colour d --panels e --show f", {"colour": "d", "panels": "e", "show": "f"})],
)  # fmt: skip
def test_options_of_figures_reach_them(here, command, monkeypatch, given, taken):
    seen = []
    for kind, takes in ((DRAWN, tuple(OPTIONS)), ("funnel", ())):
        monkeypatch.setitem(KINDS, kind, replace(KINDS[kind], options=takes))
    monkeypatch.setattr("ydsim.plots.drawing.draw", lambda *args, **named: seen.append(named))
    monkeypatch.setattr("ydsim.plots.canvas.save_bytes", lambda *_, **__: b"")
    command(f"plot run --kind {DRAWN} --kind funnel -o new {given}")
    given = [{name: value for name, value in one.items() if value is not None} for one in seen]
    assert given == [taken, {}]


@pytest.mark.slow
def test_points_of_a_sweep_make_a_page(command, monkeypatch):
    import ydsim.report as report

    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.setattr(report, "_drawn", lambda draw, *given: {})
    fake.run(Path("results/spans"))
    out = command.out("report spans:0 spans:1 --title", "What of <spans>?")
    assert out == "results/spans/report.html\n"
    page = Path("results/spans/report.html").read_text("utf-8")
    assert "<h1>What of &lt;spans&gt;?</h1>" in page
    assert command.out("report spans:0 spans:1 -o sub/x.html") == "sub/x.html\n"
    assert Path("sub/x.html").is_file()
    command("verify spans")


def export(capfdbinary: pytest.CaptureFixture[bytes], *args: object) -> tuple[int, bytes, str]:
    code = main(["export", *map(str, args)])
    out, err = capfdbinary.readouterr()
    return code, out, err.decode()


def test_a_table_has_the_same_values_in_every_format(folder, tmp_path, capfdbinary):
    """To stdout as CSV, to a file by its ending, without one as CSV."""
    code, out, err = export(capfdbinary, folder)
    assert (code, err) == (0, "")
    assert b"\r" not in out
    assert out.startswith(b"scenario,point,replicate,region,year,indicator,value,unit\n")
    for name in ("t.csv", "t.parquet", "t.json", "t", "t.xlsx"):
        assert export(capfdbinary, folder, "-o", tmp_path / name)[:2] == (0, b"")
    expected = ydsim.open_results(folder).table("province_year")
    for frame in (
        pd.read_csv(io.BytesIO(out)),
        pd.read_parquet(tmp_path / "t.parquet"),
        pd.DataFrame(json.loads((tmp_path / "t.json").read_bytes())),
        pd.read_excel(tmp_path / "t.xlsx", sheet_name="province_year"),
    ):
        assert frame["value"].tolist() == expected["value"].tolist()
        assert frame["region"].tolist() == expected["region"].tolist()
    assert (tmp_path / "t").read_bytes() == (tmp_path / "t.csv").read_bytes() == out


def test_a_table_is_not_written_over_what_results_consist_of(tmp_path, capfdbinary):
    fake_run.run(own := tmp_path / "own")
    files = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    for path in (own / "manifest.json", own / "design.parquet", next(own.glob("runs/*.parquet"))):
        code, _, err = export(capfdbinary, own, "--format", path.suffix[1:], "-o", path)
        assert code == 2
        assert str(own) in err
    assert all(path.read_bytes() == content for path, content in files.items())
    assert export(capfdbinary, own, "-o", own / "table.csv")[0] == 0


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_summary_has_medians_and_ranges_of_years_with_units(here, command, ending):
    command(f"export run --table summary -o s.{ending}")
    read = pd.read_csv if ending == "csv" else pd.read_excel
    found = read(f"s.{ending}").set_index(["region", "year"])
    results = ydsim.open_results("run")
    for name in ("rd_expenditure", "rd_intensity"):
        runs = results.cube([name])[name].groupby(["place", "year"])
        unit = results.manifest["indicators"][name]["unit"]
        for head, wanted in (
            (f"{name} [{unit}]", runs.median()), (f"{name}_low", runs.min()),
            (f"{name}_high", runs.max()),
        ):  # fmt: skip
            assert len(wanted) == len(found)
            np.testing.assert_allclose(found[head], wanted.loc[found.index], rtol=1e-9)
    assert (found["replicates"] == len(results.replicates)).all()


def test_excel_needs_its_package_and_room(here, command, monkeypatch):
    Path("t.xlsx").write_bytes(b"kept")
    monkeypatch.setattr(text, "EXCEL_ROWS", 5)
    line = command.refused("export run -o t.xlsx")
    assert all(word in line for word in ("province_year", " 4;", "CSV", "Parquet"))
    monkeypatch.setattr(text, "find_spec", lambda name: None)
    for where in ("-o t.xlsx", "--format xlsx"):
        assert "pip install 'ydsim[excel]'" in command.refused(f"export run {where}")
    assert Path("t.xlsx").read_bytes() == b"kept"
    assert sorted(path.name for path in here.iterdir()) == ["run", "t.xlsx"]


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
