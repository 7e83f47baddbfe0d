"""Every shipped scenario is right, says what it asks, and can be run as it says."""

from pathlib import Path

import pytest

from ydsim.cli import main
from ydsim.scenario.read.extend import shipped

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_bare_names_are_the_files_of_the_folder():
    assert FILES
    assert list(shipped()) == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_scenario(path, capsys):
    assert main(["check", path.stem]) == 0
    assert capsys.readouterr().out == f"{path.stem}: ok\n"
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("\n", text.index("# Run:"))]
    for part in ("# Question:", "# Known:", "# Assumed:", f"# Run: ydsim run {path.stem}"):
        assert part in head
    assert "\ndescription: " in text
