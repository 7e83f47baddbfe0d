"""Two thousand mutations of the shipped files: each is read, or refused as the pages say."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ydsim
from tests.fuzz.grammar import mutated
from ydsim.cli import main
from ydsim.design.load import is_sweep as reads_as_sweep
from ydsim.design.load import load_sweep
from ydsim.design.points import check_points
from ydsim.errors import InputError, ScenarioError, UsageError, YdsimError
from ydsim.scenario.read.locate import shipped, shipped_sweeps

CASES, BATCH = 2000, 50
SECONDS = 10.0
FILES = [(path, False) for path in shipped().values()]
FILES += [(path, True) for path in shipped_sweeps().values()] * 3
TEXTS = {path: path.read_text(encoding="utf-8") for path, _ in FILES}
FEW = 60
"""Runs of a sweep that is read to its last point."""


@contextmanager
def limited(what: str) -> Iterator[None]:
    """Fail after ten seconds of computing, which do not depend on what else the machine does."""

    def late(*_: object) -> None:
        raise AssertionError(f"{what}: took more than {SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir() if p.is_file()}


def demand_lines(error: YdsimError, what: str) -> list[str]:
    """Demand that an error is lines that can be printed and name the file."""
    lines = [str(line) for line in getattr(error, "problems", (str(error),))]
    assert type(error) in (InputError, ScenarioError, UsageError), f"{what}: {error!r}"
    assert 1 <= len(lines) <= 100, what
    for line in lines:
        assert line.isprintable(), f"{what}: {line!r}"
        assert len(line) <= 2000, f"{what}: {line[:100]!r}"
        assert "x.yaml" in line, f"{what}: {line!r}"
    return lines


def check(name: str, capsys: pytest.CaptureFixture[str], what: str) -> tuple[int, list[str]]:
    """Run ``ydsim check`` and demand that it writes nothing but lines for the user."""
    before = contents(Path())
    code = main(["check", name])
    out, err = capsys.readouterr()
    assert contents(Path()) == before, what
    assert "Traceback" not in err, what
    assert all(line.startswith(("error: ", "note: ")) for line in err.splitlines()), (what, err)
    assert out == (f"{name}: ok\n" if code == 0 else ""), what
    return code, [line[7:] for line in err.splitlines() if line.startswith("error: ")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.fault
@pytest.mark.parametrize("batch", range(CASES // BATCH))
def test_mutations_are_read_or_refused_in_lines(
    batch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for case in range(batch * BATCH, (batch + 1) * BATCH):
        dice = random.Random(f"ydsim {case}")
        (path, is_sweep), (other, _) = dice.choice(FILES), dice.choice(FILES)
        Path("x.yaml").write_bytes(mutated(dice, TEXTS[path], TEXTS[other]))
        what = f"case {case}, of {path.name}"
        said: list[str] = []
        call: Callable[[], object] = _sweep if is_sweep else _scenario
        before = contents(Path())
        with limited(what):
            try:
                call()
            except YdsimError as error:
                said = demand_lines(error, what)
            assert contents(Path()) == before, what
            if not is_sweep:
                code, lines = check("x.yaml", capsys, what)
                assert (code in (3, 4)) if said else (code in (0, 3, 4)), what
                assert not said or lines == said or reads_as_sweep("x.yaml"), what


def _scenario() -> None:
    ydsim.load_scenario("x.yaml")


def _sweep() -> None:
    check_points(load_sweep("x.yaml", max_runs=FEW))
