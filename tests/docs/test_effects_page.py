"""The page on published effects: every target is on it, as the code has it, and commands work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.pages import page
from ydsim.analysis.literature.study import design
from ydsim.analysis.literature.targets import STUDIES, TARGETS
from ydsim.cli import main
from ydsim.pages.effects_words import _AGAIN, _INTRODUCTION, _READING, accepted

PAGE = page("effects.md")
ROWS = {
    cells[1].strip("`"): cells
    for line in PAGE.splitlines()
    if len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 9
}


def test_the_fixed_words_are_those_of_the_code() -> None:
    for words in (_INTRODUCTION, _READING, _AGAIN):
        assert words in PAGE


def test_every_target_is_on_the_page_with_its_range() -> None:
    for one in TARGETS:
        if one.why_not:
            assert f"{one.study} `{one.name}`" in PAGE
            assert one.why_not in PAGE
        else:
            cells = ROWS[one.name]
            assert (cells[0], cells[2], cells[3]) == (one.study, one.published, accepted(one))
            assert f"| `{one.name}` | {one.meaning} | {STUDIES[one.study]} |" in PAGE


def test_every_command_of_the_page_can_be_run() -> None:
    commands = re.findall(r"^\$ ydsim (effects .+)$", PAGE, flags=re.MULTILINE)
    assert len(commands) == 2
    for line in commands:
        words = shlex.split(line.partition(">")[0])
        given = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
        assert design(overrides=given, replicates=2).size == 4


@pytest.mark.slow
def test_a_small_run_from_the_command_to_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["effects", "--set", "scale=0.01", "--replicates", "2", "--jobs", "1", "-q"]
    assert main(words) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    folder = Path("results/membership_replay-effects")
    assert out.splitlines()[-2:] == [str(folder / "effects.csv"), str(folder / "effects.md")]
    assert "2 replicates of the same draws: 37 rows of 40 could be run" in out
    assert main([*words, "--page"]) == 0
    assert capsys.readouterr().out == (folder / "effects.md").read_text(encoding="utf-8")
    assert main([*words, "--json"]) == 0
    assert '"row": "tie_late"' in capsys.readouterr().out
