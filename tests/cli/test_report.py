"""``ydsim report``: where the page goes, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fake_sweep as fake
from tests.support.sweep_files import stand_in
from ydsim.cli import main
from ydsim.report import pictures
from ydsim.report.gather import Gathered
from ydsim.report.markup import paragraph
from ydsim.report.summary import missing
from ydsim.results.opening import open_results
from ydsim.studies.alternatives import alternative_of


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of a model of a few lines, of which no figure is drawn."""
    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures.Pictures, "drawn", lambda self, kind, results: paragraph(kind))
    monkeypatch.setattr(pictures.Pictures, "shown", lambda self, figure, shows: paragraph(shows))
    fake.run(Path("results/spans"))


def error(capsys: pytest.CaptureFixture[str], *args: str, code: int) -> str:
    assert main(["report", *args]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_a_sweep_is_refused_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    said = error(capsys, "spans", code=2)
    assert "is a sweep of 4 points" in said
    assert "name points of it, as in spans:0 spans:1" in said


def test_points_of_a_sweep_make_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "spans:0", "spans:1", "--title", "What of <spans>?"]) == 0
    assert capsys.readouterr().out == "results/spans/report.html\n"
    page = Path("results/spans/report.html").read_text("utf-8")
    assert "<h1>What of &lt;spans&gt;?</h1>" in page
    assert main(["report", "spans:0", "spans:1", "-o", "sub/x.html"]) == 0
    assert Path("sub/x.html").is_file()
    assert main(["verify", "spans"]) == 0


def test_what_is_no_folder_of_results_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "did you mean 'spans'?" in error(capsys, "spons", code=2)
    Path("empty").mkdir()
    assert "it has no manifest.json" in error(capsys, "empty", code=5)
    assert "give the name of a file" in error(capsys, "spans:0", "-o", str(tmp_path), code=2)
    assert "there is no such point" in error(capsys, "spans:99", code=2)
    Path("x.html").symlink_to("y.html")
    assert "x.html" in error(capsys, "spans:0", "-o", "x.html", code=5)
    assert "title" in error(capsys, "spans:0", "--title", " ", code=2)


def test_what_is_missing_is_said() -> None:
    results = open_results("spans")
    number = min(results.receipts)
    del results.receipts[number]
    gathered = Gathered((alternative_of(results),), None, (), None, None, (results,))
    (line,) = missing(gathered)
    assert f"{results.done} of {len(results.contents.plan)} runs are finished" in line
    assert "ydsim resume results/" in line
    whole = open_results("spans")
    assert list(missing(Gathered((alternative_of(whole),), None, (), None, None, (whole,)))) == []
