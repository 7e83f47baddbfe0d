"""README and pages as their reader works through them: files, commands and code, in order, twice.

What a page simulates is made small, and long studies are only planned. Where a page shows `error:`
below a command it has to be refused.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.pages import page

BORDERS = (
    "ydsim sweep baseline --vary policies.border_friction.level=0.3:1.0:3 --set end=2012"
    " -o results/borders"
)
BEFORE: dict[str, tuple[str, ...]] = {
    "../README.md": ("ydsim run baseline",),
    "compare.md": (BORDERS, "ydsim run baseline -o results/mine"),
    "figures.md": ("ydsim study border-game baseline",),
    "results.md": ("ydsim run baseline",),
}
"""What a reader has run before the page, by README's first command or by another page."""
PAGES = (
    "../README.md", "compare.md", "contents.md", "decompose.md", "figures.md", "game.md",
    "optimise.md", "own_policies.md", "report.md", "resonance.md", "results.md", "sensitivity.md",
    "sweeps.md", "ten_firms.md",
)  # fmt: skip
LONG = r"ydsim study (sensitivity|optimise|interactions|literature)"
"""Studies of minutes: planned, with `--dry-run`."""
SMALL = f"""\
import re, sys
from ydsim.cli import main
words = sys.argv[1:]
line = " ".join(["ydsim", *words])
if words[0] in ("run", "sweep", "compare", "study") and "--page" not in words:
    words += ["--set", "scale=0.004", "--set", "parameters.population.burn_in=4"]
    if not re.search("--years|end=", line):
        words += ["--set", "end=2013"]
    if words[0] == "study" and "--replicates" not in words:
        words += ["--replicates", "3"]
    if re.match({LONG!r}, line):
        words.append("--dry-run")
sys.exit(main(words))
"""


class Step(NamedTuple):
    """A file to save, a program to run, or a command and whether the page shows a refusal."""

    text: str
    file: str = ""
    program: bool = False
    refused: bool = False


def steps(name: str) -> list[Step]:
    """Return what a page tells its reader to do, in order."""
    text = page(name)
    found: list[Step] = []
    for block in re.finditer(r"^ *```(\w+)\n(.*?)^ *```$|^ +(?:\$ )?ydsim .+$", text, re.M | re.S):
        language, inside = block[1], block[2]
        if language is None:
            found += commands(block[0])
        elif language in ("console", "bash"):
            found += commands(inside)
        elif named := re.findall(r"`([\w-]+\.(?:yaml|toml|py))`", text[: block.start()][-300:]):
            found.append(Step(inside, file=named[-1]))
        elif language == "python":
            found.append(Step(inside, program=True))
    return found


def commands(block: str) -> list[Step]:
    """Return the commands of a block, each with what is shown below it."""
    parts = re.split(r"^ *(?:\$ |(?=ydsim |pip ))", block, flags=re.M)[1:]
    shown = [(part.partition("\n")[0], "\nerror:" in part) for part in parts]
    return [Step(line, refused=refused) for line, refused in shown if line.startswith("ydsim ")]


def work_through(name: str, folder: Path, again: bool) -> list[str]:
    """Do all that a page says; return what did not end as the page shows."""
    (folder / "ydsim").write_text(f"#!{sys.executable}\n{SMALL}", encoding="utf-8")
    (folder / "ydsim").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    before = [] if again else [Step(line) for line in BEFORE.get(name, ())]
    wrong = []
    for step in [*before, *steps(name)]:
        if step.program and again:
            continue
        if step.file:
            (folder / step.file).write_text(step.text, encoding="utf-8")
            continue
        command = [sys.executable, "-c", step.text] if step.program else ["bash", "-c", step.text]
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
        if (ended.returncode != 0) != step.refused:
            wrong.append(f"{step.text}: {ended.returncode} {ended.stderr[-300:]}")
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_reader_works_through_a_page_twice(name: str, tmp_path: Path) -> None:
    assert steps(name)
    assert work_through(name, tmp_path, again=False) == []
    assert work_through(name, tmp_path, again=True) == []
