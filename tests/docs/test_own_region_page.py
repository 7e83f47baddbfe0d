"""The page on a region of one's own: its commands work one after the other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.pages import page
from ydsim.cli import main
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world

PAGE = page("own_region.md")
COMMANDS = [
    shlex.split(line)[1:] for line in re.findall(r"^\$ (ydsim .+)$", PAGE, flags=re.MULTILINE)
]
SMALL = ("--set", "scale=0.02", "--set", "end=2012", "--set", "parameters.population.burn_in=4")


@pytest.mark.slow
def test_commands_of_the_page_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [words[0] for words in COMMANDS[:5]] == ["world", "world", "run", "compare", "plot"]
    for words in COMMANDS:
        small = SMALL if words[0] in ("run", "compare") else ()
        assert main([*words, *small]) == 0, (words, capsys.readouterr().err)
    assert (tmp_path / "rd.png").stat().st_size > 10_000
    assert (tmp_path / "results" / "grants" / "effects.png").is_file()


def test_the_scenarios_on_the_page_are_those_that_are_written(tmp_path: Path) -> None:
    assert main(["world", "new", str(tmp_path / "myregion")]) == 0
    said = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for name, shown in zip(("scenario.yaml", "grants.yaml"), said, strict=True):
        text = (tmp_path / "myregion" / name).read_text(encoding="utf-8")
        written = [line.partition("#")[0].rstrip() for line in text.splitlines()]
        assert set(shown.splitlines()) <= set(written)
        assert load_scenario(tmp_path / "myregion" / name).world == str(tmp_path / "myregion")


def test_the_three_files_of_the_page_are_enough(tmp_path: Path) -> None:
    least = re.findall(r"^\| `(\w+\.csv)` \|", PAGE.partition("| left out")[0], flags=re.MULTILINE)
    assert least == ["world.csv", "cities.csv", "cities_panel.csv"]
    assert main(["world", "new", str(tmp_path / "a")]) == 0
    for path in (tmp_path / "a").glob("*.csv"):
        if path.name not in least:
            path.unlink()
    assert load_world(tmp_path / "a").n_cities == 6
