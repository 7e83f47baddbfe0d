"""Progress on a terminal, in a file, in a notebook."""

import io
import sys

import pytest

import ydsim
from ydsim.run import progress
from ydsim.run.progress import Lines, Progress, show_progress


def at(done: int, **changes: object) -> Progress:
    return Progress(**{"done": done // 20, "total": 4, "earlier": 0, "share": done / 80, **changes})


def test_a_line_for_each_tenth():
    stream = io.StringIO()
    lines = Lines(stream)
    for done in range(81):
        lines.report(at(done))
    assert len(stream.getvalue().splitlines()) == 10
    assert stream.getvalue().splitlines()[-1].startswith("4/4 runs, 100 %, ")
    assert lines.seen


def test_going_on_says_what_is_there():
    stream = io.StringIO()
    lines = Lines(stream)
    for done in range(0, 81, 4):
        lines.report(Progress(2 + done // 40, 4, 2, share=done / 80))
    assert len(stream.getvalue().splitlines()) == 1 + 10
    assert "going on: 2 of 4 runs are done already" in stream.getvalue()


def test_rate_and_time_left_count_only_what_this_call_did():
    text = Progress(3, 4, 2, failed=1, share=0.5).describe(10.0)
    assert text == "3/4 runs, 50 %, 0.1 runs/s, 10 s left, 1 failed"
    assert "2 h 46 min left" in Progress(1, 40, 0, share=1 / 21).describe(500.0)


def test_a_second_sweep_of_one_command_has_rates_of_its_own(monkeypatch):
    stream, now = io.StringIO(), [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    lines = Lines(stream)
    for sweep in range(2):
        for done in range(81):
            lines.report(at(done))
            now[0] += 1.0
        now[0] += 1000.0
        lines.report(at(0, message=f"after {sweep}"))
    text = stream.getvalue().splitlines()
    assert len(text) == 2 * (10 + 1)
    assert text[-2] == "4/4 runs, 100 %, 0.05 runs/s, 0 s left"


def test_messages_are_not_work():
    stream = io.StringIO()
    lines = Lines(stream)
    lines.report(at(0, message="hello"))
    assert stream.getvalue() == "hello\n"
    assert not lines.seen


def test_a_reader_that_is_gone_stops_nothing():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    Lines(Gone()).report(at(0, message="hello"))


def test_a_terminal_gets_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with show_progress(quiet=False) as display:
        display.report(at(0))
        display.report(at(40, message="hello [bold]you"))
        display.report(at(80))
    assert "4/4 runs" in screen.getvalue()
    assert "hello [bold]you" in screen.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_quiet_shows_nothing(monkeypatch, quiet):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with show_progress(quiet=quiet) as display:
        display.report(at(0))
        display.report(at(80))
    assert display.seen
    assert (stream.getvalue() == "") is quiet


SHORT = {"end": 2011, "replicates": 2, "parameters.population.burn_in": 4}


class Cell:
    """What a cell of a notebook shows, picture after picture; it has one place."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, bundle, *, raw, display_id):
        assert raw
        assert display_id
        assert not self.shown, "a second bar below the first"
        self.shown.append(bundle)
        return self

    def update(self, bundle, *, raw):
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def cell(monkeypatch):
    found = Cell()
    monkeypatch.setattr("IPython.display.display", found.display)
    monkeypatch.setattr(progress, "in_a_notebook", lambda: True)
    monkeypatch.setattr(progress, "_FRAME", 0.0)
    return found


def test_a_run_in_memory_shows_a_bar_and_leaves_a_line(cell):
    ydsim.simulate("ten_firms", SHORT)
    texts = [bundle["text/plain"] for bundle in cell.shown]
    assert texts[0].startswith("[")
    assert len(texts) > 2 * 4
    assert "1/2 runs, 50 %" in " ".join(texts)
    assert "[##########..........] " in " ".join(texts)
    assert texts[-1] == "2/2 runs, 100 %"
    assert all("<progress" in bundle["text/html"] for bundle in cell.shown[:-1])
    assert "<progress" not in cell.shown[-1]["text/html"]


@pytest.mark.slow
def test_a_run_into_a_folder_shows_one_too_and_nothing_where_nothing_is_run(cell, tmp_path):
    for _ in range(2):
        ydsim.simulate("ten_firms", SHORT, out=tmp_path / "made")
    assert cell.shown[-1]["text/plain"] == "2/2 runs, 100 %"
    assert len([one for one in cell.shown if "<progress" not in one["text/html"]]) == 1


def test_who_listens_gets_no_bar(cell):
    told = []
    ydsim.simulate("ten_firms", SHORT, progress=told.append)
    assert cell.shown == []
    assert [told[-1].done, told[-1].total, told[-1].share] == [2, 2, 1.0]
    assert [now.share for now in told] == sorted(now.share for now in told)


def test_a_script_shows_nothing(capfd):
    assert not progress.in_a_notebook()
    ydsim.simulate("ten_firms", {**SHORT, "replicates": 1})
    assert capfd.readouterr() == ("", "")


CALLS = """
import ydsim
short = {"end": 2011, "replicates": 1, "parameters.population.burn_in": 4}
ydsim.simulate("ten_firms", short);
---
ydsim.sweep("ten_firms", short, vary=["parameters.chain.selection=0.8,1"], out="swept");
---
other = {"": {"parameters.chain.selection": 1.2}}
ydsim.compare("ten_firms", changes=other, overrides=short, replicates=2, out="compared");
"""


@pytest.mark.slow
def test_in_a_kernel_each_call_leaves_one_line(tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    cells = [nbformat.v4.new_code_cell(text.strip()) for text in CALLS.split("---")]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, resources={"metadata": {"path": tmp_path}}).execute()
    shown = [[one["data"]["text/plain"] for one in cell["outputs"]] for cell in book.cells]
    assert shown == [["1/1 runs, 100 %"], ["2/2 runs, 100 %"], ["4/4 runs, 100 %"]]
