"""``ydsim check``, ``ydsim list sweeps`` and ``ydsim schema --sweep``."""

import json

import pytest

from ydsim.cli import main
from ydsim.design.load import Design, SweepFile, sweep_schema
from ydsim.scenario.schema.key_index import members_of

GRID = "base: baseline\ndesign:\n  kind: grid\n  factors:\n"


@pytest.fixture
def said(folder, capsys):
    def call(*args, code=0):
        assert main(list(args)) == code
        return capsys.readouterr()

    return call


def test_check_says_how_many_points_there_are(said, folder):
    (folder / "s.yaml").write_text(GRID + "    scale: [0.1, 0.2]\nreplicates: 3\n")
    out, err = said("check", "s.yaml", "levers")
    assert out == "s.yaml: ok\nlevers: ok\n"
    assert err.splitlines()[0] == "note: s.yaml: grid of 2 points, 3 replicates each"
    rule = "replicates: {outcome: launches, half_width: 0.1, most: 9}\n"
    (folder / "s.yaml").write_text(GRID + "    scale: [0.1, 0.2]\n" + rule)
    assert "grid of 2 points, 4 to 9 replicates each" in said("check", "s.yaml").err


def test_check_lays_values_over_a_sweep(said, folder):
    (folder / "s.yaml").write_text(GRID + "    end: [2022]\n")
    said("check", "s.yaml", "--set", "start=2015")
    err = said("check", "s.yaml", "--set", "start=2025", code=3).err
    assert err == "error: s: point 0 (end=2022): end: end 2022 lies before start 2025\n"


def test_a_scenario_that_is_no_yaml_is_still_one(said, folder):
    (folder / "s.yaml").write_text("seed: [1, \nscale: 2\n")
    assert "list not closed" in said("check", "s.yaml", code=3).err


def test_the_schema_knows_every_key_and_kind(said):
    schema = json.loads(said("check", "--schema", "sweep").out)
    assert schema == sweep_schema()
    assert set(schema["properties"]) == set(SweepFile.model_fields)
    assert schema["required"] == ["design"]
    refs = schema["properties"]["design"]["discriminator"]["mapping"]
    designs = {kind: schema["$defs"][ref.rpartition("/")[2]] for kind, ref in refs.items()}
    assert {kind: set(design["properties"]) for kind, design in designs.items()} == {
        kind: set(model.model_fields) for kind, model in members_of(Design).items()
    }
    factors = schema["$defs"]["listed"]["properties"]
    assert "policies.border_friction.passes" in factors
    assert "seed" not in factors
