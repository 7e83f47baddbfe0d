"""``ydsim show``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ydsim.cli import main
from ydsim.scenario.load import load_scenario, scenario_hash


def _shown(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(["show", *args]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("form", [[], ["--origin"], ["--json"]])
def test_what_is_shown_loads_to_an_equal_scenario(
    form: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = _shown(capsys, "baseline", "--set", "scale=0.02", *form)
    path = tmp_path / "again.yaml"
    path.write_text(out, encoding="utf-8")
    again = load_scenario(path)
    assert again == load_scenario("baseline", {"scale": 0.02})
    assert scenario_hash(again) == scenario_hash(load_scenario("baseline", ["scale=0.02"]))


def test_origins(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _shown(capsys, "g60_only", "--origin", "--set", "seed=4").splitlines()
    by_key = {line.split(":")[0]: line for line in lines}
    assert by_key["seed"].endswith("# --set")
    assert by_key["replicates"].endswith("# default")
    assert "# scenarios/baseline_2018.yaml:" in by_key["start"]
    assert "# scenarios/g60_only.yaml:" in by_key["description"]
    assert "#" not in by_key["parameters"]


def test_json_with_origins(capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(_shown(capsys, "baseline", "--json", "--origin"))
    assert content["policies.border_friction.strength"] == {"value": 1.0, "origin": "default"}


def test_same_output_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert _shown(capsys, "baseline") == _shown(capsys, "baseline")


def test_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "basline"]) == 4
    assert capsys.readouterr() == (
        "",
        "error: no scenario is called 'basline'; did you mean 'baseline'?; "
        "see `ydsim list scenarios`\n",
    )
