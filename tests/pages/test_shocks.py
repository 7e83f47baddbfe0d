"""The page of shocks is that of the classes and docstrings."""

from __future__ import annotations

from pathlib import Path

from ydsim.pages.shocks import EXAMPLE, markdown
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.sections.shocks import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "shocks.md"
MAKE = "python -m ydsim.pages.shocks > docs/shocks.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.is_file(), f"make it with: {MAKE}"
    assert PAGE.read_text(encoding="utf-8") == markdown(), f"docs/shocks.md is stale: {MAKE}"


def test_every_kind_and_each_of_its_keys_has_its_place() -> None:
    page = markdown()
    for name, cls in KINDS.items():
        assert page.count(f"\n### `{name}`\n") == 1
        own = page.partition(f"\n### `{name}`\n")[2].partition("\n#")[0]
        shared = page.partition("## Keys that all have")[2].partition("\n## ")[0]
        for key in cls.model_fields:
            assert key == "target" or f"| `{key}` |" in own + shared, (name, key)


def test_the_example_of_the_page_is_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    scenario = load_scenario(file)
    assert [shock.name for shock in scenario.shocks] == ["part", "lottery", "rail"]
    assert scenario.record.projects
