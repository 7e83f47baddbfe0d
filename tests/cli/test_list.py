"""``ydsim list``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ydsim.cli import main
from ydsim.policies.library import policies
from ydsim.record.indicators import INDICATORS
from ydsim.results.derived.tables import DERIVED
from ydsim.scenario.read.locate import shipped
from ydsim.store.described import described
from ydsim.world.loader import PACKAGED


def _listed(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, str]:
    assert main(["list", *args, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return dict(json.loads(out))


def test_everything_is_listed_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(_listed(capsys)) == list(shipped())
    assert list(_listed(capsys, "policies")) == list(policies())
    assert set(_listed(capsys, "worlds")) == set(PACKAGED)
    assert {"province_year", "city_year", "series", "official"} <= set(_listed(capsys, "tables"))
    for what in ("scenarios", "policies", "worlds", "tables", "indicators"):
        assert all(_listed(capsys, what).values())


def test_plain_output_is_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "policies"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(policies())
    assert re.search(r"^border_friction +Friction at province borders$", out, re.MULTILINE)


def test_a_broken_shipped_scenario_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.yaml").write_text("sede: 1\n", encoding="utf-8")
    monkeypatch.setattr(
        "ydsim.scenario.read.locate.shipped", lambda: {"broken": tmp_path / "broken.yaml"}
    )
    assert main(["list"]) == 3
    assert capsys.readouterr().err.startswith("error: scenarios/broken.yaml:1:1: sede: unknown")


def test_indicators_and_tables_are_those_of_the_catalogue(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = _listed(capsys, "indicators")
    assert list(found) == list(INDICATORS)
    assert found["launches"] == "projects launched [items]"
    tables = _listed(capsys, "tables")
    assert list(tables) == list(described())
    assert {name for name, line in tables.items() if line.endswith(" (derived)")} == set(DERIVED)
