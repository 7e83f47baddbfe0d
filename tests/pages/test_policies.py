"""The page of policies is that of the classes."""

from __future__ import annotations

from pathlib import Path

from ydsim.pages.policies import group_title, markdown, names_of
from ydsim.policies.library import FAMILIES
from ydsim.policies.registry import registered
from ydsim.scenario.schema.describe import card_of

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
MAKE = "python -m ydsim.pages.policies > docs/policies.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.is_file(), f"make it with: {MAKE}"
    assert PAGE.read_text(encoding="utf-8") == markdown(), f"docs/policies.md is stale: {MAKE}"


def test_every_policy_has_its_place() -> None:
    grouped = [name for family in FAMILIES for name in names_of(family)]
    assert sorted(grouped) == list(registered())
    page = markdown()
    for name, cls in registered().items():
        card = card_of(name, cls)
        assert page.count(f"\n### `{name}`\n") == 1
        (row,) = [line for line in page.splitlines() if line.startswith(f"| [`{name}`](")]
        assert cls.title in row
        for mark in card.marks:
            assert mark in row
        for text in (card.example, *(f"`{field}`" for field in cls.writes), *card.sections):
            assert text in page


def test_groups_are_called_by_what_modules_say() -> None:
    titles = [group_title(family) for family in FAMILIES]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert "Frictions at province borders" in titles
