"""``ydsim show``, ``check``, ``explain``, ``list`` and ``world``: exit codes, JSON, near names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ydsim.cli import main
from ydsim.policies.base import Policy
from ydsim.policies.library import policies
from ydsim.record.indicators import INDICATORS
from ydsim.results.derived import DERIVED
from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.schema.jsonschema import json_schema
from ydsim.scenario.schema.sections.shocks import KINDS
from ydsim.store.tables import described
from ydsim.world.loader import PACKAGED, load_world


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(list(args)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def plain(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    return json.loads(said(capsys, *args, "--json"))


def refused(capsys: pytest.CaptureFixture[str], *args: str, code: int = 2) -> str:
    assert main(list(args)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


# -- show -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [[], ["--origin"], ["--json"]])
def test_what_is_shown_loads_to_an_equal_scenario(
    form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "show", "baseline", "--set", "scale=0.02", *form)
    assert out == said(capsys, "show", "baseline", "--set", "scale=0.02", *form)
    Path("again.yaml").write_text(out, encoding="utf-8")
    again = load_scenario("again.yaml")
    assert again == load_scenario("baseline", {"scale": 0.02})
    assert scenario_hash(again) == scenario_hash(load_scenario("baseline", ["scale=0.02"]))


def test_origins(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "show", "g60_only", "--origin", "--set", "seed=4").splitlines()
    by_key = {line.split(":")[0]: line for line in lines}
    assert by_key["seed"].endswith("# --set")
    assert by_key["replicates"].endswith("# default")
    assert "# scenarios/baseline_2018.yaml:" in by_key["start"]
    assert "# scenarios/g60_only.yaml:" in by_key["description"]
    assert "#" not in by_key["parameters"]
    content = plain(capsys, "show", "baseline", "--origin")
    assert content["policies.border_friction.strength"] == {"value": 1.0, "origin": "default"}


def test_an_unknown_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'baseline'" in refused(capsys, "show", "basline", code=4)


# -- check ----------------------------------------------------------------------------------------


@pytest.fixture
def files(_folder: None) -> None:
    Path("good.yaml").write_text("extends: synthetic\nend: 2015\n", encoding="utf-8")
    Path("bad.yaml").write_text("sede: 1\nscale: 9\n", encoding="utf-8")


@pytest.mark.usefixtures("files")
def test_ok_is_one_line_a_file_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check", "good.yaml", "synthetic") == "good.yaml: ok\nsynthetic: ok\n"
    assert said(capsys, "check", "-q", "good.yaml", "baseline") == ""


@pytest.mark.usefixtures("files")
def test_every_file_is_checked_and_the_worst_code_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "bad.yaml", "good.yaml", "none.yaml"]) == 4
    out, err = capsys.readouterr()
    assert out == "good.yaml: ok\n"
    assert [line.split(": ")[1] for line in err.splitlines() if line.startswith("error")] == [
        "bad.yaml:1:1", "bad.yaml:2:8", "none.yaml",
    ]  # fmt: skip
    assert main(["check", "--json", "bad.yaml", "good.yaml"]) == 3
    out, err = capsys.readouterr()
    bad, good = json.loads(out)
    assert err == ""
    assert (bad["ok"], good["ok"], good["problems"]) == (False, True, [])
    assert bad["problems"][1].startswith("bad.yaml:2:8: scale: ")
    assert sorted(path.name for path in Path().iterdir()) == ["bad.yaml", "good.yaml"]


@pytest.mark.usefixtures("files")
def test_overrides_are_checked_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, "check", "bad.yaml", "--set", "scale=0.1", code=3)
    line = refused(capsys, "check", "good.yaml", "--set", "scale=0.1", "--set", "seed=x", code=3)
    assert line.startswith("error: --set seed=x: ")


@pytest.mark.usefixtures("files")
def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    set_ = ["--set", "policies.g={policy: rd_grants, start: 2050}"]
    Path("b.yaml").write_text("extends: good.yaml\nrecord: {firms: true}\n", encoding="utf-8")
    text = "base: b.yaml\ndesign: {kind: grid, factors: {scale: [0.05]}}\n"
    Path("s.yaml").write_text(text, encoding="utf-8")
    for args, note in ((["good.yaml", *set_], "policies.g: "), (["s.yaml"], "firms")):
        assert main(["check", *args]) == 0
        out, err = capsys.readouterr()
        assert out == f"{args[0]}: ok\n"
        (line,) = [line for line in err.splitlines() if note in line]
        assert line.startswith(f"note: {args[0]}: ")


def test_the_schema_of_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "check", "--schema")
    assert json.loads(text) == json_schema()
    definitions = json.loads(text)["$defs"]
    for part in text.split('"$ref": "')[1:]:
        assert part.split('"')[0].removeprefix("#/$defs/") in definitions


# -- explain --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(policies()))
def test_everything_about_a_policy_is_said(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    cls = policies()[name]
    card = plain(capsys, "explain", name)
    assert card["title"] == cls.title
    assert {"Mechanism", "Evidence"} <= set(card["sections"])
    assert all(card["sections"].values())
    assert tuple(item["field"] for item in card["writes"]) == cls.writes
    assert all(item["meaning"] and item["rule"] for item in card["writes"])
    assert card["writes"] or card["scheme"]
    assert tuple(card["target"]) == cls.target_keys
    own = {key["key"].split(".")[0] for key in card["parameters"]}
    assert own == set(cls.model_fields) - set(Policy.model_fields)
    for key in card["parameters"]:
        assert key["meaning"], key
        assert key["source"] != "assumed" or key["mark"] in ("assumed", "control"), key
    text = said(capsys, "explain", name)
    for word in (cls.title, *cls.writes, *own, *cls.target_keys):
        assert word in text
    assert "``" not in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", list(policies()))
def test_examples_are_scenarios(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    example = plain(capsys, "explain", name)["example"]
    Path("x.yaml").write_text("extends: baseline\n" + example, encoding="utf-8")
    scenario = load_scenario("x.yaml")
    assert scenario.policies[name].start == 2021
    assert check_against_world(scenario, load_world("yrd")) == []


def test_keys(capsys: pytest.CaptureFixture[str]) -> None:
    whole = said(capsys, "explain", "parameters.match.border")
    assert "unit 1, between 0 and 1, calibrated: " in whole
    assert said(capsys, "explain", "match.border") == whole
    (key,) = plain(capsys, "explain", "scale")
    assert (key["low"], key["high"], key["default"]) == (0.002, 1.0, 0.05)
    section = plain(capsys, "explain", "parameters.match")
    assert len(section) > 3
    assert all(key["key"].startswith("parameters.match.") for key in section)
    assert plain(capsys, "explain", "rd_grants.rate")[0]["key"] == "policies.rd_grants.rate"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("rd_grant", "'rd_grants'"),
        ("parameters.match.bordr", "'parameters.match.border'"),
        ("target.cities", "policies."),
        ("lauches", "'launches'"),
        ("meeting", "'meetings'"),
        ("funnel.seller", "funnel"),
        ("xyzzy", "ydsim list policies"),
        ("no.such.Policy", "code from outside"),
        ("no.such.Policy --allow-code", "ModuleNotFoundError"),
        ("", "''"),
    ],
)
def test_unknown_names(name: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert near in refused(capsys, "explain", *(name.split(" ")))


def test_a_class_by_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    card = plain(capsys, "explain", "tests.support.user_cost.UserCost", "--allow-code")
    assert card["writes"][0]["field"] == "user_cost"
    assert "policy: tests.support.user_cost.UserCost" in card["example"]


def test_an_indicator(capsys: pytest.CaptureFixture[str]) -> None:
    card = plain(capsys, "explain", "coupling")["indicator"]
    assert (card["unit"], card["kind"], card["prior"]) == ("1", "stock", True)
    assert (card["official"]["first"], card["official"]["last"]) == (2012, 2020)
    assert card["official"]["regions"] == ["Shanghai", "Jiangsu", "Zhejiang", "Anhui", "yrd"]
    assert {"province_year", "city_year", "runs", "official"} <= set(card["tables"])


def test_every_indicator_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for name, one in INDICATORS.items():
        text = said(capsys, "explain", name)
        assert f"{name}: an indicator, unit {one.unit}\n" in text
        assert ("official          none" in text) is not one.official, name
        text = text[text.index(": an indicator") :]
        for level in one.levels:
            assert level in text, name
        assert "`" not in text, name
        assert "](" not in text, name
        assert max(map(len, text.splitlines())) <= 100, name


@pytest.mark.parametrize("name", list(described()))
def test_every_table_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = plain(capsys, "explain", name)
    assert found["table"]["meaning"]
    assert found["table"].get("made_from", []) == list(
        DERIVED[name].needs if name in DERIVED else ()
    )
    assert [c["column"] for c in found["table"]["columns"]] == list(described()[name].columns)
    text = said(capsys, "explain", name)
    assert f"{name}: a table" in text
    for column in described()[name].columns:
        assert f"  {column} " in text or f"  {column}\n" in text


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("coinventions_interprovince", "coinventions"),
        ("ties_cross_province", "ties_live"),
        ("contract_value_true", "contracts_true"),
        ("contract_value_handed_over", "contract_value_true"),
        ("spin_offs", "entries"),
        ("launches", ""),
    ],
)
def test_what_of_these_speaks_of(name: str, of: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert plain(capsys, "explain", name)["indicator"]["follows"] == of
    assert (f"  these or this     {of}\n" in said(capsys, "explain", name)) is bool(of)


def test_a_column_alone_and_with_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = plain(capsys, "explain", "funnel.waited")["columns"]
    assert (one["table"], one["unit"], one["type"]) == ("funnel", "quarters", "float")
    tables = {one["table"] for one in plain(capsys, "explain", "stage")["columns"]}
    assert {"funnel", "passports", "funnel_stages", "coupling", "projects"} == tables


def test_a_name_of_a_key_and_of_a_table_gives_both(capsys: pytest.CaptureFixture[str]) -> None:
    found = plain(capsys, "explain", "contracts")
    assert found["table"]["name"] == "contracts"
    assert found["keys"][0]["key"].endswith(".contracts")
    assert found["keys"][0]["key"] in said(capsys, "explain", "contracts")


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_shocks(capsys: pytest.CaptureFixture[str], name: str) -> None:
    whole = said(capsys, "explain", f"shocks.{name}")
    for key in KINDS[name].model_fields:
        assert f"shocks.{name}.{key}" in whole
    one = said(capsys, "explain", f"shocks.{name}.share")
    assert one.startswith(f"  shocks.{name}.share\n")
    assert main(["explain", name]) == 0


# -- list -----------------------------------------------------------------------------------------


def test_everything_is_listed_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    listed = {
        what: plain(capsys, "list", *([what] if what else []))
        for what in ("", "scenarios", "policies", "worlds", "tables", "indicators")
    }
    assert list(listed[""]) == list(listed["scenarios"]) == list(shipped())
    assert list(listed["policies"]) == list(policies())
    assert set(listed["worlds"]) == set(PACKAGED)
    assert list(listed["indicators"]) == list(INDICATORS)
    assert list(listed["tables"]) == list(described())
    derived = {name for name, line in listed["tables"].items() if line.endswith(" (derived)")}
    assert derived == set(DERIVED)
    assert all(line for lines in listed.values() for line in lines.values())
    lines = said(capsys, "list", "policies").splitlines()
    assert [line.split()[0] for line in lines] == list(policies())


def test_a_broken_shipped_scenario_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("broken.yaml").write_text("sede: 1\n", encoding="utf-8")
    monkeypatch.setattr(
        "ydsim.scenario.read.extend.shipped", lambda: {"broken": tmp_path / "broken.yaml"}
    )
    assert refused(capsys, "list", code=3).startswith("error: scenarios/broken.yaml:1:1: sede: ")


# -- world ----------------------------------------------------------------------------------------


def test_new_then_check(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "world", "new", "mine", "--provinces", "A, B", "--cities", "1")
    found = plain(capsys, "world", "check", "mine")
    assert (found["ok"], found["problems"]) == (True, [])
    assert found["holds"]["provinces"] == ["A", "B"]
    assert "clusters.csv" in found["priors"]
    text = said(capsys, "world", "check", "mine")
    assert text.startswith("mine: ok\n")
    assert "  provinces             A, B\n" in text
    assert "mine" in refused(capsys, "world", "new", "mine", code=4)


def test_all_faults_of_a_world_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "world", "new", "mine")
    folder = Path("mine")
    for name, old, new in (("cities.csv", "119", "x"), ("region.csv", "800", "-8")):
        (folder / name).write_text((folder / name).read_text().replace(old, new, 1))
    (folder / "fields.csv").unlink()
    (folder / "fields.csv").symlink_to("/dev/zero")
    assert main(["world", "check", "mine", "--json"]) == 4
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert found["ok"] is False
    assert found["holds"] == found["priors"] == {}
    files = {line.removeprefix("mine/").partition(":")[0] for line in found["problems"]}
    assert files >= {"cities.csv", "region.csv", "fields.csv"}
    assert main(["world", "check", "mine"]) == 4
    assert capsys.readouterr().err.splitlines() == [f"error: {line}" for line in found["problems"]]


@pytest.mark.parametrize(
    ("args", "code", "near"),
    [
        (["new", "x", "--from", "yrd", "--cities", "2"], 2, "--cities"),
        (["new", "x", "--json"], 2, "--json"),
        (["check", "yrd"], 2, "ydsim world new"),
        (["check", "nowhere"], 4, "nowhere"),
        (["fit", "yrd"], 2, "ydsim world new"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_misuse_of_worlds(
    args: list[str], code: int, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert near in refused(capsys, "world", *args, code=code)
    assert list(Path().iterdir()) == []


def test_a_folder_called_as_a_packaged_world_is_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["world", "new", "yrd"]) == 0
    assert load_world(load_scenario("yrd/scenario.yaml").world).n_cities == 6
    assert main(["check", "yrd/scenario.yaml"]) == 0
    monkeypatch.chdir("yrd")
    assert load_world(load_scenario("scenario.yaml").world).n_cities == 6
    assert load_world(load_scenario("grants.yaml").world).name == "yrd"


@pytest.mark.slow
def test_a_total_of_ones_own_goes_through_all_tables() -> None:
    import ydsim

    folder = Path("mine")
    assert main(["world", "new", "mine"]) == 0
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


def test_what_a_world_lacks_for_a_run_is_seen_before_there_is_a_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A unit taken wrong: GDP of provinces in ten thousands, not in hundred millions."""
    assert main(["world", "new", "made"]) == 0
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
    capsys.readouterr()
    for args in (["check", "s.yaml"], ["run", "s.yaml", "-o", "out"], ["check", "w.yaml"],
                 ["sweep", "w.yaml", "-o", "out"], ["world", "check", "made"]):  # fmt: skip
        line = refused(capsys, *args, code=4)
        assert "provinces.csv" in line
        assert "gdp_alt" in line
        assert not Path("out").exists()
