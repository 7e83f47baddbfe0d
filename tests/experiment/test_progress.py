import io
import sys

import pytest

from ydsim.run.experiment import Progress
from ydsim.run.progress import Lines, show_progress


def at(done: int, **changes: object) -> Progress:
    values = {"total": 80, "earlier": 0, "replicate": 1, "replicates": 2, "failed": 0}
    return Progress(done, **{**values, **changes})


def test_a_line_for_each_tenth():
    stream = io.StringIO()
    lines = Lines(stream)
    for done in range(81):
        lines.report(at(done))
    assert len(stream.getvalue().splitlines()) == 10
    assert stream.getvalue().splitlines()[-1].startswith("replicate 2/2, quarter 80/80, ")
    assert lines.seen


def test_going_on_starts_where_it_stopped():
    stream = io.StringIO()
    lines = Lines(stream)
    for done in range(40, 81):
        lines.report(at(done, earlier=40))
    assert len(stream.getvalue().splitlines()) == 1 + 5
    assert "40 of 80 quarters are done already" in stream.getvalue()


def test_rate_and_time_left_count_only_what_this_run_did():
    text = at(60, earlier=40, failed=1).describe(10.0)
    assert text == "replicate 2/2, quarter 60/80, 2 quarters/s, 10 s left, 1 failed"
    assert "2 h 46 min left" in at(60, earlier=59).describe(500.0)


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
    assert "quarter 80/80" in screen.getvalue()
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
