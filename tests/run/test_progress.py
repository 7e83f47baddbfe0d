import io
import sys

import pytest

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
