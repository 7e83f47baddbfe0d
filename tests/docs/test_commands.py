"""README and pages as their reader works through them: files, commands and code, in order, twice.

What a page simulates is made small, and long studies are only planned. Where a page shows `error:`
below a command it has to be refused. What only draws from results is done a second time for README
alone: a figure or a report that is there already is written over in the same way on every page.
"""

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
    "read_results.md": ("ydsim run baseline",),
    "results.md": ("ydsim run baseline",),
}
"""What a reader has run before the page, by README or another page, whose files are there too."""
PAGES = (
    "../README.md", "compare.md", "figures.md", "optimise.md", "questions.md", "report.md",
    "read_results.md", "results.md", "ten_firms.md",
)  # fmt: skip
RUN = ("bottleneck baseline_2018", "border-game ten_firms")
"""Studies that are run: all others take minutes and are planned, with `--dry-run`."""
UNCHANGED = {"ten_firms", "--dry-run", "borders:border=0.15"}
"""Words of commands that simulate little or nothing, as sweeps of the files of a page do."""
DRAWS = ("ydsim report", "ydsim plot", "ydsim.report", "ydsim.plot")
SMALL = {"scale": 0.01, "end": 2013, "parameters.population.burn_in": 12}


class Step(NamedTuple):
    """A file to save, a program to run, or a command and whether the page shows a refusal."""

    text: str
    file: str = ""
    program: bool = False
    refused: bool = False

    @property
    def draws(self) -> bool:
        """Whether it only draws from results."""
        return not self.file and any(word in self.text for word in DRAWS)


def steps(name: str) -> list[Step]:
    """Return what a page tells its reader to do, in order."""
    text = page(name)
    found: list[Step] = []
    for block in re.finditer(
        r"^ *```(\w+)\n(.*?)^ *```$|^ +(?:\$ )?ydsim [^\n]+$", text, re.M | re.S
    ):
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
    return [Step(line, refused=refused) for line, refused in shown if line.startswith("ydsim ")]


def small(line: str) -> list[str]:
    """Return the arguments of a command, with what makes its runs short and draws no figure."""
    line = line.replace("scale=0.02", "scale=0.01")
    verb, *words = shlex.split(line.replace(" > ", " -o "), comments=True)[1:]
    simulates = verb in ("run", "sweep", "compare", "study") and not UNCHANGED & set(words)
    if not simulates or (verb == "sweep" and ".yaml" in line):
        return [verb, *words]
    if verb == "study" and not " ".join(words).startswith(RUN):
        return [verb, *words, "--dry-run"]
    for key, value in SMALL.items():
        if f"{key}=" not in line and not (key == "end" and "--years" in line):
            words += ["--set", f"{key}={value}"]
    if verb != "sweep":
        words += ["--replicates", "2"]
    return [verb, *words, *(["--no-figures"] if verb == "run" else [])]


def do(step: Step) -> int:
    """Return the exit code of a step."""
    if step.file:
        Path(step.file).write_text(step.text, encoding="utf-8")
    elif step.program:
        settings = ", ".join(f'"{key}": {value}' for key, value in SMALL.items())
        code = step.text.replace('"scale": 0.02', settings)
        exec(compile(code, "page", "exec"), {})
    else:
        return main(small(step.text))
    return 0


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_reader_works_through_a_page_twice(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = [step for step in steps("sweeps.md") + steps("../README.md") if step.file]
    found = steps(name)
    assert found
    again = [one for one in found if name == "../README.md" or not one.draws]
    for step in (*files, *map(Step, BEFORE.get(name, ())), *found, *again):
        assert (do(step) != 0) == step.refused, (step.text, capsys.readouterr().err)
