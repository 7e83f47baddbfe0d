"""Pages that are written by hand stay short, each and together."""

import re

import pytest

from tests.support.pages import DOCS

MADE = {
    "ablation.md", "calibration.md", "collaboration.md", "effects.md", "factorial.md", "flows.md",
    "forecast.md", "game.md", "headlines.md", "lever-effects.md", "parameters.md", "policies.md",
    "registration.md", "scales.md", "scorecard.md", "sense.md", "shocks.md", "signs.md", "skill.md",
    "spillovers.md", "structures.md", "ten_firms.md", "transfer.md", "validation.md",
}  # fmt: skip
"""Pages that a tool or a study writes; those in `docs/odd` have limits of their own."""
BY_HAND = sorted(path.name for path in DOCS.glob("*.md") if path.name not in MADE)
LEFT_OUT = (
    r"^ *```.*?^ *```$",  # code
    r"<!-- \w+ -->.*?<!-- end -->",  # tables that a tool fills in
    r"^\| (?:column|indicator) \|(?:[^\n]*\n\|)+[^\n]*",  # tables of the catalogue of results
)
LONGEST, ALL = 2500, 40_000


def words(name: str) -> int:
    """Return how many words of a page are written by hand, code left out."""
    text = (DOCS / name).read_text(encoding="utf-8")
    for pattern in LEFT_OUT:
        text = re.sub(pattern, "", text, flags=re.MULTILINE | re.DOTALL)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


@pytest.mark.parametrize("name", [name for name in BY_HAND if name != "odd.md"])
def test_a_page_is_short(name):
    assert words(name) <= LONGEST


def test_all_pages_together_are_short():
    assert all((DOCS / name).is_file() for name in MADE)
    assert sum(map(words, BY_HAND)) <= ALL
