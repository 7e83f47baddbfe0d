"""The map in CONTRIBUTING.md is true to the folders, and the list of tasks to the pages."""

import re
from pathlib import Path

from tests.support.pages import page, section

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "ydsim"


def rows() -> list[list[str]]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


OF_NO_ROOM = {"clients", "docs", "fuzz", "misuse", "model", "old_results", "support", "tools"}
"""Folders of tests of the package as a whole, and of what tests share."""


def there(path: str) -> bool:
    return (PACKAGE / path).exists() or (ROOT / path).exists()


def test_all_that_the_map_names_is_there():
    named = [
        path for row in rows() for path in re.findall(r"`([\w./]+(?:/|\.py))`", row[1] + row[2])
    ]
    assert len(named) > 30
    assert [path for path in named if not there(path)] == []


def test_every_room_is_on_the_map():
    text = " ".join(row[1] for row in rows())
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}/" not in text} == set()


def test_folders_of_tests_are_called_like_the_rooms():
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/*") if path.is_file()}
    assert folders - rooms - OF_NO_ROOM - {"__pycache__"} == set()


def test_the_map_is_one_screen():
    assert len(rows()) <= 25


FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)


def anchors(name: str) -> set[str]:
    """Return the anchors of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page(name)), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_twenty_tasks_are_two_clicks_away():
    assert "`docs/contents.md`" in page("../README.md")  # the first click; the site makes it a link
    tasks = section(page("contents.md"), "Twenty tasks").strip().splitlines()
    found = [re.fullmatch(r"\d+\. \[.+\]\(([\w/]+\.md)#([\w-]+)\)", task) for task in tasks]
    assert len(found) == 20
    assert [task for task, one in zip(tasks, found, strict=True) if one is None] == []
    assert [one[0] for one in found if one[2] not in anchors(one[1])] == []
    assert len({one.groups() for one in found}) == 20
