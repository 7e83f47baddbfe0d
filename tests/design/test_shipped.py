"""Shipped sweeps and the examples of the page load, and every point of them is right."""

import json
import re
from pathlib import Path

import pytest

from ydsim.cli import main
from ydsim.design.load import Design, SweepFile, load_sweep, sweep_schema
from ydsim.design.sweep import check_points, scenarios
from ydsim.scenario.read.extend import shipped_sweeps
from ydsim.scenario.schema.key_index import members_of

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))
PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8")
         for name in ("sweep_files.md", "sweeps.md", "sweeps_python.md")]  # fmt: skip
EXAMPLES = re.findall(r"```yaml\n(.*?)```", "".join(PAGES), re.DOTALL)


def test_bare_names_are_the_files_of_the_folder():
    assert len(FILES) >= 4
    assert list(shipped_sweeps()) == [path.stem for path in FILES]


@pytest.mark.quick(3)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_sweep(path):
    sweep = load_sweep(path.stem)
    assert sweep == load_sweep(path)
    assert sweep.name == path.stem
    assert sweep.size == len(sweep.points) == sum(1 for _ in scenarios(sweep))
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("\nname: ")]
    parts = ("# Question:", "# Known:", "# Assumed:", f"# Run: ydsim sweep {path.stem}", "# Cost: ")
    for part in parts:
        assert part in head
    cost = re.sub(r"\n# +", " ", head[head.index("# Cost: ") :])
    assert f"{sweep.size} points x {sweep.replicates} replicates" in cost
    assert f"= {sweep.size * sweep.replicates} runs" in cost


@pytest.mark.parametrize("text", EXAMPLES, ids=[str(i) for i in range(len(EXAMPLES))])
def test_examples_of_the_page_load(folder, text):
    (folder / "points.csv").write_text("scale,end\n0.1,2020\n0.2,\n", encoding="utf-8")
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    sweep = load_sweep("example.yaml")
    check_points(sweep)


def test_the_page_has_an_example_of_every_kind():
    shown = set(re.findall(r"^  kind: (\w+)$", "\n".join(EXAMPLES), re.MULTILINE))
    assert shown == set(members_of(Design))
    for kind in members_of(Design):
        assert f"\n### {kind}\n" in PAGES[0]


def test_the_numbers_in_the_remarks_of_the_page_are_right(folder):
    text = next(t for t in EXAMPLES if "# values" in t)
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    remarks = [line.split("#")[1] for line in text.splitlines() if "#" in line][1:4]
    found = [[level.value for level in f.levels] for f in load_sweep("example.yaml").factors[1:4]]
    assert found == [[float(n) for n in remark.split(",")] for remark in remarks]


# -- ``ydsim check``, ``ydsim list sweeps`` and ``ydsim schema --sweep``


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
