"""Two thousand mutations of the shipped files: each is read, or refused as the pages say."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import ydsim
from tests.support.grammar import mutated
from tests.support.refusals import check, contents, demand_lines, limited
from ydsim.design.load import is_sweep as reads_as_sweep
from ydsim.design.load import load_sweep
from ydsim.design.sweep import check_points
from ydsim.errors import YdsimError
from ydsim.scenario.read.extend import shipped, shipped_sweeps

CASES, BATCH = 2000, 50
FILES = [(path, False) for path in shipped().values()]
FILES += [(path, True) for path in shipped_sweeps().values()] * 3
TEXTS = {path: path.read_text(encoding="utf-8") for path, _ in FILES}
FEW = 60
"""Runs of a sweep that is read to its last point."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.fault
@pytest.mark.parametrize("batch", range(CASES // BATCH))
def test_mutations_are_read_or_refused_in_lines(batch, capsys):
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
