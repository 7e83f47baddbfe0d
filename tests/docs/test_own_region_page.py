"""The page on a region of one's own: its commands work one after the other."""

import re
import shlex

import pytest

from tests.support.pages import page
from ydsim.cli import main
from ydsim.scenario.load import load_scenario
from ydsim.world.base_run import load_base_run
from ydsim.world.loader import load_world

PAGE = page("own_region.md")
COMMANDS = [
    shlex.split(line)[1:] for line in re.findall(r"^\$ (ydsim .+)$", PAGE, flags=re.MULTILINE)
]
FEW = ("--replicates", "1", "--passes", "1", "--set", "scale=0.01", "--scenario", "few.yaml", "-q")
FEW_QUARTERS = "extends: east/scenario.yaml\nparameters: {population: {burn_in: 4}}\n"
SMALL = ("--set", "scale=0.02", "--set", "end=2012", "--set", "parameters.population.burn_in=4")


@pytest.mark.slow
def test_commands_of_the_page_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.yaml").write_text(FEW_QUARTERS, encoding="utf-8")
    assert [words[0] for words in COMMANDS[:5]] == ["world", "world", "run", "compare", "plot"]
    for words in COMMANDS:
        small = SMALL if words[0] in ("run", "compare") else ()
        small = FEW if words[:2] == ["world", "fit"] else small
        assert main([*words, *small]) == 0, (words, capsys.readouterr().err)
    assert (tmp_path / "overview.png").stat().st_size > 10_000
    assert (tmp_path / "results" / "grants" / "effects.png").is_file()
    assert not load_world(tmp_path / "east").stale
    assert load_base_run(load_world(tmp_path / "east")).market_shift is not None


def test_the_scenarios_on_the_page_are_those_that_are_written(tmp_path):
    assert main(["world", "new", str(tmp_path / "myregion")]) == 0
    said = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    for name, shown in zip(("scenario.yaml", "grants.yaml"), said, strict=True):
        text = (tmp_path / "myregion" / name).read_text(encoding="utf-8")
        written = [line.partition("#")[0].rstrip() for line in text.splitlines()]
        assert set(shown.splitlines()) <= set(written)
        assert load_scenario(tmp_path / "myregion" / name).world == str(tmp_path / "myregion")
