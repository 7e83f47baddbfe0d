"""README and pages as their reader works through them: files, commands and code, in order, twice.

What a page simulates is made small, and long studies are only planned. Where a page shows `error:`
below a command it has to be refused.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.pages import page
from ydsim.cli import main

BEFORE: dict[str, tuple[str, ...]] = {
    "../README.md": ("ydsim run baseline",),
    "compare.md": ("ydsim sweep borders.yaml", "ydsim run baseline -o results/mine"),
    "figures.md": ("ydsim study border-game ten_firms --years 2012:2013 -o results/baseline-game",),
    "results.md": ("ydsim run baseline",),
}
"""What a reader has run before the page, by README or another page, whose files are there too."""
PAGES = (
    "../README.md", "compare.md", "contents.md", "decompose.md", "figures.md", "optimise.md",
    "report.md", "resonance.md", "results.md", "sensitivity.md", "sweeps.md",
    "ten_firms.md",
)  # fmt: skip
LONG = ("sensitivity", "optimise", "interactions", "literature", "border-game baseline")
"""Studies of minutes: planned, with `--dry-run`."""
UNCHANGED = {"ten_firms", "--dry-run", "borders:border=1.0"}
"""Words of commands that simulate little or nothing, as sweeps of the files of a page do."""
SKIPPED = ("--timeout-per-run 0.2", "--rerun f703")
"""What a page shows of runs that take as long as there."""
SMALL = {"scale": 0.01, "end": 2015, "parameters.population.burn_in": 12}

ONCE = ("ydsim sweep borders.yaml",)
"""Refused the second time: the folder holds more replicates by then."""


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
        elif named := re.findall(r"`([\w-]+\.yaml)`", text[: block.start()][-300:]):
            found.append(Step(inside, file=named[-1]))
        elif language == "python" and "import ydsim" in inside:
            found.append(Step(inside, program=True))
    return found


def commands(block: str) -> list[Step]:
    """Return the commands of a block, each with what is shown below it."""
    parts = re.split(r"^ *(?:\$ |(?=ydsim ))", block, flags=re.M)[1:]
    shown = [(part.partition("\n")[0], "\nerror:" in part) for part in parts]
    return [
        Step(line, refused=refused)
        for line, refused in shown
        if line.startswith("ydsim ") and not any(words in line for words in SKIPPED)
    ]


def small(line: str) -> list[str]:
    """Return the arguments of a command, with what makes its runs short."""
    _, verb, *words = shlex.split(line.partition(" > ")[0], comments=True)
    simulates = verb in ("run", "sweep", "compare", "study") and not UNCHANGED & set(words)
    if not simulates or (verb == "sweep" and ".yaml" in line):
        return [verb, *words]
    for key, value in SMALL.items():
        if f"{key}=" not in line and not (key == "end" and "--years" in line):
            words += ["--set", f"{key}={value}"]
    if verb != "sweep":
        words += ["--replicates", "3"]
    return [verb, *words, *(["--dry-run"] if " ".join(words).startswith(LONG) else [])]


def do(step: Step) -> int:
    """Return the exit code of a step."""
    if step.file:
        Path(step.file).write_text(step.text, encoding="utf-8")
    elif step.program:
        settings = ", ".join(f'"{key}": {value}' for key, value in {**SMALL, "scale": 0.02}.items())
        exec(compile(step.text.replace('"scale": 0.02', settings), "page", "exec"), {})
    else:
        return main(small(step.text))
    return 0


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_reader_works_through_a_page_twice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = [step for step in steps("sweeps.md") + steps("../README.md") if step.file]
    (borders,) = (step.text for step in files if step.file == "borders.yaml")
    files.append(Step(borders.replace("0.3, 0.65", "0.3, 0.5, 0.65"), file="more.yaml"))
    found = steps(name)
    assert found
    again = [step for step in found if step.text not in ONCE]
    for step in (*files, *map(Step, BEFORE.get(name, ())), *found, *again):
        assert (do(step) != 0) == step.refused, (step.text, capsys.readouterr().err)
