"""What the tests of bad files demand: lines for the user, nothing written, an end in time."""

import re
import signal
from contextlib import contextmanager
from pathlib import Path

from ydsim.cli import main
from ydsim.errors import InputError, ScenarioError, UsageError

SECONDS = 10.0

_PLACE = re.compile(r"(?:[!-9;-~]+(?::\d+)*(?:: |：))*")
"""File, line, column and key, with which a line begins; a language may have colons of its own."""


@contextmanager
def limited(what):
    """Fail after ten seconds of computing, which do not depend on what else the machine does."""

    def late(*_):
        raise AssertionError(f"{what}: took more than {SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def contents(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir() if p.is_file()}


def demand_lines(error, what):
    """Demand that an error is lines that can be printed and name the file."""
    lines = [str(line) for line in getattr(error, "problems", (str(error),))]
    assert type(error) in (InputError, ScenarioError, UsageError), f"{what}: {error!r}"
    assert 1 <= len(lines) <= 100, what
    for line in lines:
        assert line.isprintable(), f"{what}: {line!r}"
        assert len(line) <= 2000, f"{what}: {line[:100]!r}"
        assert "x.yaml" in line, f"{what}: {line!r}"
    return lines


def check(name, capsys, what):
    """Run ``ydsim check`` and demand that it writes nothing but lines for the user."""
    before = contents(Path())
    code = main(["check", name])
    out, err = capsys.readouterr()
    assert contents(Path()) == before, what
    assert "Traceback" not in err, what
    assert all(line.startswith(("error: ", "note: ")) for line in err.splitlines()), (what, err)
    assert out == (f"{name}: ok\n" if code == 0 else ""), what
    return code, [line[7:] for line in err.splitlines() if line.startswith("error: ")]


def demand_chinese(chinese, english):
    """Demand lines in Chinese, each about the place of the English one."""
    assert list(map(_place, chinese)) == list(map(_place, english))
    for line in chinese:
        assert re.search("[\u4e00-\u9fff]", _PLACE.sub("", line, count=1)), line


def _place(line):
    return _PLACE.match(line)[0].replace("：", ": ")
