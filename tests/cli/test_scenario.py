"""``ydsim show``, ``check``, ``explain``, ``list`` and ``world``: exit codes, JSON, near names."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import ydsim
from ydsim.design.load import sweep_schema
from ydsim.explain import explained
from ydsim.plots.catalogue import KINDS
from ydsim.policies.library import policies
from ydsim.record.indicators import INDICATORS
from ydsim.results.derived import DERIVED, SUMMARY
from ydsim.scenario.load import json_schema, load_scenario, scenario_hash
from ydsim.scenario.read.extend import shipped, shipped_sweeps
from ydsim.store.tables import described
from ydsim.world.loader import PACKAGED, load_world


@pytest.mark.parametrize("form", ["", "--origin", "--json"])
def test_what_is_shown_loads_to_an_equal_scenario(command, form):
    line = f"show baseline --set scale=0.02 {form}"
    out = command.out(line)
    assert out == command.out(line)
    Path("again.yaml").write_text(out, encoding="utf-8")
    again = load_scenario("again.yaml")
    assert again == load_scenario("baseline", {"scale": 0.02})
    assert scenario_hash(again) == scenario_hash(load_scenario("baseline", ["scale=0.02"]))


def test_origins(command):
    lines = command.out("show g60_only --origin --set seed=4").splitlines()
    by_key = {line.split(":")[0]: line for line in lines}
    assert by_key["seed"].endswith("# --set")
    assert by_key["reference"].endswith("# default")
    assert "# scenarios/baseline_2018.yaml:" in by_key["start"]
    assert "# scenarios/g60_only.yaml:" in by_key["description"]
    assert "#" not in by_key["parameters"]
    content = command.json("show baseline --origin")
    assert content["policies.border_friction.strength"] == {"value": 1.0, "origin": "default"}


@pytest.mark.parametrize("name", ["rd_grants", "scale", "coupling", "contracts"])
def test_a_name_is_explained_in_words_and_as_json(command, name):
    found = explained(name)
    assert command.out(f"explain {name}") == f"{found.text}\n"
    assert command.json(f"explain {name}") == json.loads(json.dumps(found.content, default=str))


@pytest.fixture
def files(command):
    Path("good.yaml").write_text("extends: synthetic\nend: 2015\n", encoding="utf-8")
    Path("bad.yaml").write_text("sede: 1\nscale: 9\n", encoding="utf-8")


@pytest.mark.usefixtures("files")
def test_every_file_is_checked_and_the_worst_code_counts(command):
    assert command.out("check good.yaml synthetic") == "good.yaml: ok\nsynthetic: ok\n"
    assert command.out("check -q good.yaml baseline") == ""
    out, err = command("check none.yaml good.yaml bad.yaml", code=4)
    assert out == "good.yaml: ok\n"
    places = [line.split(": ")[1] for line in err.splitlines() if line.startswith("error")]
    assert places == ["none.yaml", "bad.yaml:1:1", "bad.yaml:2:8"]
    bad, good = command.json("check bad.yaml good.yaml", code=3)
    assert (bad["ok"], good["ok"], good["problems"]) == (False, True, [])
    assert bad["problems"][1].startswith("bad.yaml:2:8: scale: ")
    assert sorted(path.name for path in Path().iterdir()) == ["bad.yaml", "good.yaml"]


@pytest.mark.usefixtures("files")
def test_notes_go_to_stderr(command):
    Path("b.yaml").write_text("extends: good.yaml\nrecord: {firms: true}\n", encoding="utf-8")
    text = "base: b.yaml\ndesign: {kind: grid, factors: {scale: [0.05]}}\n"
    Path("s.yaml").write_text(text, encoding="utf-8")
    late = "--set 'policies.g={policy: rd_grants, start: 2050}'"
    for file, more, note in (("good.yaml", late, "policies.g: "), ("s.yaml", "", "firms")):
        out, err = command(f"check {file} {more}")
        assert out == f"{file}: ok\n"
        (line,) = [line for line in err.splitlines() if note in line]
        assert line.startswith(f"note: {file}: ")
        assert any(note in line for line in command.json(f"check {file} {more}")[0]["notes"])


def test_the_schema_of_scenarios(command):
    text = command.out("check --schema")
    assert json.loads(text) == json_schema()
    definitions = json.loads(text)["$defs"]
    for part in text.split('"$ref": "')[1:]:
        assert part.split('"')[0].removeprefix("#/$defs/") in definitions
    assert json.loads(command.out("check --schema sweep")) == sweep_schema()


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("", shipped()), ("scenarios", shipped()), ("sweeps", shipped_sweeps()),
        ("policies", policies()), ("indicators", INDICATORS), ("tables", described()),
        ("figures", KINDS),
    ],
)  # fmt: skip
def test_everything_is_listed_with_a_line(command, what, names):
    listed = command.json(f"list {what}")
    assert list(listed) == list(names)
    assert all(listed.values())
    assert [line.split()[0] for line in command.out(f"list {what}").splitlines()] == list(names)
    if what == "tables":
        derived = {name for name, line in listed.items() if line.endswith(" (derived)")}
        assert derived == {*DERIVED, SUMMARY}


def test_a_broken_shipped_scenario_is_an_error(command, tmp_path, monkeypatch):
    Path("broken.yaml").write_text("seed: 1\n  end: 2\n", encoding="utf-8")
    monkeypatch.setattr(
        "ydsim.scenario.read.extend.shipped", lambda: {"broken": tmp_path / "broken.yaml"}
    )
    assert "/broken.yaml:2:" in command.refused("list", code=3)


def test_new_then_check(command):
    assert set(command.json("list worlds")) == set(PACKAGED)
    command.out("world new mine --provinces 'A, B' --cities 1")
    found = command.json("world check mine")
    assert (found["folder"], found["ok"], found["problems"]) == ("mine", True, [])
    assert found["holds"]["provinces"] == ["A", "B"]
    assert "clusters.csv" in found["priors"]
    text = command.out("world check mine")
    assert text.startswith("mine: ok\n")
    assert re.search("^  provinces +A, B$", text, re.MULTILINE)
    assert "mine" in command.refused("world new mine", code=4)


def test_all_faults_of_a_world_at_once(command):
    command.out("world new mine")
    folder = Path("mine")
    for name, old, new in (("cities.csv", "119", "x"), ("region.csv", "800", "-8")):
        (folder / name).write_text((folder / name).read_text().replace(old, new, 1))
    (folder / "fields.csv").unlink()
    (folder / "fields.csv").symlink_to("/dev/zero")
    found = command.json("world check mine", code=4)
    assert found["ok"] is False
    assert found["holds"] == found["priors"] == {}
    files = {line.removeprefix("mine/").partition(":")[0] for line in found["problems"]}
    assert files >= {"cities.csv", "region.csv", "fields.csv"}
    said = [f"error: {line}" for line in found["problems"]]
    assert command("world check mine", code=4)[1].splitlines() == said


def test_a_fit_takes_what_is_asked(command, monkeypatch):
    seen = []

    def fit(folder: str, **asked: Any) -> None:
        seen.append((folder, asked))
        raise KeyboardInterrupt

    monkeypatch.setattr("ydsim.studies.fit.fit_world", fit)
    err = command("world fit mine --passes 2 --set scale=0.02 -j 3 -q", code=130)[1]
    assert "nothing was written in mine" in err
    ((folder, asked),) = seen
    del asked["progress"]
    assert folder == "mine"
    assert asked == {"scenario": None, "overrides": {"scale": 0.02}, "jobs": 3, "passes": 2,
                     "allow_code": False}  # fmt: skip


def test_a_folder_called_as_a_packaged_world_is_itself(command, monkeypatch):
    command("world new yrd")
    assert load_world(load_scenario("yrd/scenario.yaml").world).n_cities == 6
    command("check yrd/scenario.yaml")
    monkeypatch.chdir("yrd")
    assert load_world(load_scenario("scenario.yaml").world).n_cities == 6
    assert load_world(load_scenario("grants.yaml").world).name == "yrd"


@pytest.mark.slow
def test_a_total_of_ones_own_goes_through_all_tables(command):
    folder = Path("mine")
    command("world new mine")
    names = (folder / "world.csv").read_text().replace("total,region", "total,L'Ouest")
    (folder / "world.csv").write_text(names)
    small = {"scale": 0.02, "end": 2012, "parameters.population.burn_in": 4}
    results = ydsim.simulate(folder / "scenario.yaml", small, out="out")
    whole = {"L'Ouest", "North", "South"}
    assert results.manifest["regions"] == ["North", "South", "L'Ouest"]
    for name in ("province_year", "series", "policy_results", "official"):
        found = set(results.table(name)["region"].tolist())
        assert found - {"nation"} == whole, name
    assert results.runs["rd_expenditure"].notna().all()


def test_what_a_world_lacks_for_a_run_is_seen_before_there_is_a_folder(command):
    """A unit taken wrong: GDP of provinces in ten thousands, not in hundred millions."""
    command("world new made")
    path = Path("made/provinces.csv")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("value")

    def larger(line: str) -> str:
        cells = line.split(",")
        if "gdp_alt" in cells:
            cells[at] = str(float(cells[at]) * 10_000.0)
        return ",".join(cells)

    path.write_text("\n".join([head, *map(larger, lines), ""]), encoding="utf-8")
    Path("s.yaml").write_text("world: made\nend: 2011\n", encoding="utf-8")
    Path("w.yaml").write_text("base: s.yaml\ndesign: {kind: grid, factors: {scale: [0.01]}}\n")
    for line in ("check s.yaml", "run s.yaml -o out", "check w.yaml", "sweep w.yaml -o out",
                 "world check made"):  # fmt: skip
        said = command.refused(line, code=4)
        assert "provinces.csv" in said
        assert "gdp_alt" in said
        assert not Path("out").exists()


def test_a_word_leads_to_names_policies_and_indicators_first(command):
    found = [one["name"] for one in command.json("explain patents")["found"]]
    assert found[0] == "invention_patents_granted"
    assert found.index("patents_transferred") < found.index("parameters.contracts.patents")
    assert command.json("explain border")["found"][0]["name"] == "border_friction"
    assert command.json("explain border_friction")["bases"]["hand_over"].startswith("0.08 ")
    lines = command.out("list indicators r&d").splitlines()
    assert lines
    assert len(lines) < len(command.out("list indicators").splitlines())
    assert "nosuchword" in command.refused("list indicators nosuchword", code=2)
