"""Pages of the documentation as text, sections and tables."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = "odd/reference.md"
"""The page with the tables of the model."""


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def submodels():
    """Return the pages on submodels by name, in the order in which the overview lists them."""
    names = re.findall(r"^\| \[\w+\]\((odd/\w+\.md)\)", page("odd.md"), flags=re.MULTILINE)
    return {name: page(name) for name in names}


def model_pages():
    """Return all pages that describe the model."""
    return {"odd.md": page("odd.md"), **submodels(), REFERENCE: page(REFERENCE)}


def section(text, title):
    """Return what stands under a heading, up to the next one of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, flags=re.MULTILINE)
    assert found, f"no heading {title!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, flags=re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text):
    """Return the cells of all table rows, headers and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules_at = {i for i, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for i, row in enumerate(cells) if i not in rules_at and i + 1 not in rules_at]


TYPES = {"i": "integer", "u": "unsigned", "f": "float", "b": "boolean", "O": "text"}
"""As the page calls them, by kind of numpy's types."""


def tables(heading):
    """Return the rows of each table under a heading."""
    text = section(page("results.md"), heading)
    return [rows(block) for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)]


def cards(heading, number=0):
    """Return type, unit and meaning of each column that a table under a heading lists."""
    return {
        name: row[1:]
        for row in tables(heading)[number]
        for name in re.findall(r"`([\w<>]+)`", row[0]) or [row[0]]
    }


def types(columns):
    """Return the type of each column as the page calls it."""
    return {name: TYPES[column.dtype.kind] for name, column in columns.items()}
