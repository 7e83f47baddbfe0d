"""The page on the channels of a policy: its commands work, its tables are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.pages import page
from ydsim.analysis.decomposition import design
from ydsim.cli import main
from ydsim.policies.channels import CHANNELS
from ydsim.policies.closure import Closure
from ydsim.policies.membership import Membership

PAGE = page("decompose.md")
COMMANDS = [
    shlex.split(line)[1:] for line in re.findall(r"^\$ (ydsim .+)$", PAGE, flags=re.MULTILINE)
]
SMALL = ("--set", "scale=0.01", "--set", "start=2011", "--set", "end=2011", "--jobs", "1",
         "--set", "parameters.population.burn_in=2", "--set",
         "parameters.population.burn_in_ties=1", "--replicates", "1", "-q")  # fmt: skip


@pytest.mark.slow
def test_the_first_command_of_the_page_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = COMMANDS[0]
    assert words[:4] == ["decompose", "baseline_2018", "--policy", "membership"]
    assert main([*words, *SMALL]) == 0, capsys.readouterr().err
    folder = tmp_path / "results" / "baseline_2018-decompose-membership"
    assert f"`results/{folder.name}`" in PAGE
    for name in ("decompose.csv", "decompose.md", "decompose.png"):
        assert (folder / name).is_file()
        assert f"`{name}`" in PAGE


@pytest.mark.parametrize("words", COMMANDS, ids=[" ".join(words[1:4]) for words in COMMANDS])
def test_every_command_of_the_page_can_be_run(words: list[str]) -> None:
    given = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    points = design(words[1], words[words.index("--policy") + 1], given)
    said = {"membership": 7, "border_friction": 8}
    assert points.size == said[words[words.index("--policy") + 1]]
    assert "seven settings" in PAGE


def test_the_table_of_channels_is_that_of_the_policies() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| `([\w.]+)` \| (.+) \| (.+) \|$", PAGE, flags=re.M)
    assert tuple(row[0] for row in rows) == CHANNELS
    for name, _, lifted, kept_out in rows:
        assert (lifted == "yes") == (name in Membership.channel_names)
        assert (kept_out != "-") == (name in Closure.channel_names)
