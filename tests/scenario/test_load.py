"""Loading: equal meaning gives equal scenarios, and every value knows where it comes from."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.policies.money import RdGrants
from ydsim.scenario.load import (
    as_json,
    as_yaml,
    load_scenario,
    plain_scenario,
    resolve,
    scenario_hash,
    scenario_of_plain,
)
from ydsim.scenario.schema.scenario import YOUNGER, Scenario


def _write(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return str(path)


def test_a_bare_name_is_a_shipped_scenario():
    scenario = load_scenario("baseline")
    assert scenario.name == "baseline"
    assert scenario.policies["border_friction"].passes is None
    assert load_scenario("synthetic").world == "synthetic"


def test_an_unknown_name_says_what_is_near(folder):
    with pytest.raises(InputError, match=r"no scenario is called 'basline'; did you mean "
                                         r"'baseline'\?; see `ydsim list scenarios`"):  # fmt: skip
        load_scenario("basline")
    _write(folder / "mine.yaml", "seed: 1\n")
    with pytest.raises(InputError, match=r"the file is 'mine\.yaml', with its ending"):
        load_scenario("mine")


def test_numbers_as_yaml_1_2_writes_them(folder):
    text = (
        "scale: 1\nseed: +7\n"
        "parameters: {adopt: {internal: 5e-1}, chain: {pace: [1, 2., .5, 3, 4]}}"
    )
    scenario = load_scenario(_write(folder / "x.yaml", text))
    assert scenario.scale == 1.0
    assert isinstance(scenario.scale, float)
    assert scenario.seed == 7
    assert scenario.parameters.adopt.internal == 0.5
    assert scenario.parameters.chain.pace == (1.0, 2.0, 0.5, 3.0, 4.0)


def test_names_may_be_in_any_script(folder):
    text = "name: 我的情景\npolicies: {我的政策: {policy: rd_grants, rate: 0.02}}\n"
    scenario = load_scenario(_write(folder / "基线.yaml", text))
    assert scenario.name == "我的情景"
    assert "我的政策" in scenario.policies
    assert load_scenario(_write(folder / "基线（二）.yaml", "seed: 1\n")).name == "基线-二"
    composed = "caf\u00e9"
    assert load_scenario(_write(folder / "a.yaml", "name: cafe\u0301\n")).name == composed
    assert load_scenario(_write(folder / "cafe\u0301.yaml", "seed: 1\n")).name == composed
    assert load_scenario("baseline", {"name": "江" * 80}).name == "江" * 80


def test_words_stay_words(folder):
    path = _write(folder / "x.yaml", "name: no\ndescription: 12:30\n")
    assert load_scenario(path).name == "no"
    assert load_scenario(path).description == "12:30"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfseed: 3\ndescription: \xe6\xb1\x9f\n",
        b"seed: 3\r\ndescription: \xe6\xb1\x9f\r\n",
        b"seed: 3\rdescription: \xe6\xb1\x9f\r",
        "seed: 3\ndescription: 江\n".encode("utf-16"),
        b"# remark\n{description: \xe6\xb1\x9f, seed: 3}\n...\n",
        b"%YAML 1.2\n---\nseed: &a 3\ndescription: \xe6\xb1\x9f\n",
    ],
    ids=["bom", "crlf", "cr", "utf-16", "flow", "directive"],
)
def test_form_does_not_matter(folder, raw):
    plain = load_scenario(_write(folder / "x.yaml", "seed: 3\ndescription: 江\n"))
    assert load_scenario(_write(folder / "x.yaml", raw)) == plain


def test_negative_zero_is_zero(folder):
    for text in ("-0.0", "-0", "0", "-1e-400"):
        path = _write(folder / "x.yaml", f"parameters: {{inputs: {{growth_2030: {text}}}}}\n")
        assert math.copysign(1.0, load_scenario(path).parameters.inputs.growth_2030) == 1.0
    given = load_scenario("baseline", {"parameters.inputs.growth_2030": -0.0})
    zero = load_scenario("baseline", {"parameters.inputs.growth_2030": 0})
    assert scenario_hash(given) == scenario_hash(zero)


def test_bounds_are_exact():
    assert load_scenario("baseline", {"scale": 0.002}).scale == 0.002
    assert load_scenario("baseline", {"scale": 1.0}).scale == 1.0
    for value in (math.nextafter(0.002, 0), math.nextafter(1.0, 2)):
        with pytest.raises(ScenarioError, match=r"must be between 0\.002 and 1"):
            load_scenario("baseline", {"scale": value})


def test_name_of_a_file_becomes_a_folder_name(folder):
    assert load_scenario(_write(folder / "my first.run.yaml", "seed: 1\n")).name == "my-first.run"


def test_policies_by_name_kind_and_import(folder, support):
    text = (
        "policies:\n"
        "  rd_grants:\n"
        "  more: {policy: rd_grants, rate: 0.1}\n"
        f"  mine: {{policy: {support}.Kinds, weights: [1, 2], nested: [0.5, 1]}}\n"
        "  border_friction: {strength: 0}\n"
        "  new_border: {policy: border_friction, start: 2015}\n"
    )
    scenario = load_scenario(_write(folder / "x.yaml", text), allow_code=True)
    assert scenario.policies["rd_grants"] == RdGrants()
    assert scenario.policies["more"] == RdGrants(rate=0.1)
    assert scenario.policies["mine"].weights == [1.0, 2.0]
    again = _write(folder / "y.yaml", json.dumps(plain_scenario(scenario)))
    assert load_scenario(again, allow_code=True) == scenario
    with pytest.raises(ScenarioError, match=r"policies\.mine\.policy: .* is code from outside"):
        load_scenario(again)


def test_hash_covers_values_and_not_labels(folder):
    base = load_scenario("baseline")
    for same in ({"name": "other"}, {"description": "x"}, {"scale": 0.05}, {}):
        assert scenario_hash(load_scenario("baseline", same)) == scenario_hash(base)
    hashes = {scenario_hash(base)}
    for other in (
        {"seed": 2},
        {"replicates": 2},
        {"record.cities": False},
        {"world": "synthetic"},
        {"end": 2029},
        {"parameters.chain.pace": [4.0, 6.0, 12.0, 30.0, 4.5]},
        {"parameters.actors.media": False},
        {"parameters.travel.hours": "distance"},
        {"policies.border_friction.passes": 0.6},
        {"policies.x": {"policy": "rd_grants"}},
    ):
        hashes.add(scenario_hash(load_scenario("baseline", other)))
    assert len(hashes) == 11


def test_hash_knows_the_kind_of_a_policy(support):
    mine = {"policies.rd_grants": {"policy": f"{support}.Kinds"}}
    plain = load_scenario("baseline", mine, allow_code=True)
    assert plain_scenario(plain)["policies"]["rd_grants"]["policy"] == f"{support}.Kinds"


def test_hash_of_a_world_folder_is_its_name():
    hashes = {
        scenario_hash(load_scenario("baseline", {"world": w})) for w in ("a/w", "/b/w", "w", "w/")
    }
    assert len(hashes) == 1


def test_hash_is_stable_across_processes_and_versions():
    content = plain_scenario(load_scenario("baseline"))
    assert list(content) == [key for key in Scenario.model_fields if key not in YOUNGER]
    assert not {"projects", "firms"} & set(content["record"])
    text = json.dumps(content)
    assert json.loads(text) == content


def test_shocks_survive_plain_data_and_are_in_the_hash():
    shocks = [
        {"name": "a", "kind": "delete_ties", "year": 2013, "share": 0.1, "arms": "g"},
        {"name": "b", "kind": "vouchers", "year": 2013.5, "share": 0.2},
    ]
    laid = {"shocks": shocks, "record.projects": True, "known_in": 2018}
    laid |= {"ensemble": {"match": {"reserve": [2.5, 2.7]}}}
    scenario = load_scenario("baseline", laid)
    content = plain_scenario(scenario)
    assert list(content) == list(Scenario.model_fields)
    again = scenario_of_plain(json.dumps(content), "here")
    assert again == scenario
    assert again.record.projects
    other = load_scenario("baseline", {"shocks": shocks[:1], "record.projects": True})
    few = {scenario_hash(one) for one in (scenario, other, load_scenario("baseline"))}
    assert len(few) == 3


def test_overrides_nested_dotted_and_as_text():
    ways = (
        {"scale": 0.02, "policies.border_friction.passes": 0.65},
        {"scale": 0.02, "policies": {"border_friction": {"passes": 0.65}}},
        ["scale=0.5", "policies.border_friction.passes=0.65", "scale=0.02"],
        ["scale=0.02", "policies.border_friction={passes: 0.65}"],
    )
    first = load_scenario("baseline", ways[0])
    assert first.scale == 0.02
    assert first.policies["border_friction"].passes == 0.65
    for way in ways[1:]:
        assert load_scenario("baseline", way) == first


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"parameters.chain.spn": 1}, "--set parameters.chain.spn=1: unknown key; did you mean "),
        ({"scale": 5}, "--set scale=5: must be between 0.002 and 1, found 5"),
        ({"scale": float("nan")}, "--set scale=nan: must be a finite number"),
        ({"scale": "5%"}, "--set scale=5%: expected a number, found text '5%'; write 0.05"),
        (["scale=5%"], "--set scale=5%: expected a number, found text '5%'; write 0.05"),
        (["scale="], "--set scale=: has no value; delete the key to get its default 0.05"),
        (["scale.x=1"], "--set scale={...}: expected a number, found a mapping"),
        (["scale=[1"], "--set scale=[1: list not closed: '[' without ']'"),
        (["policies.rd_grant.rate=1"], "policies.rd_grant={...}: no policy is called 'rd_grant'"),
        ({"scale": object}, "a scenario cannot hold a type"),
        ({"end": 2000}, "--set end=2000: must be between 2011 and 2100 (year), found 2000"),
        (["name=../x"], "--set name=../x: '../x' cannot name a folder"),
    ],
)
def test_wrong_overrides_name_themselves(given, said):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("baseline", given)
    (line,) = caught.value.problems
    assert said in line


@pytest.mark.parametrize("given", ["scale", "=3", "a..b=3", ".a=1"])
def test_overrides_without_key_are_a_usage_error(given):
    with pytest.raises(UsageError, match="--set"):
        load_scenario("baseline", [given])


def test_a_rule_broken_by_file_and_override_together(folder):
    path = _write(folder / "x.yaml", "seed: 1\nstart: 2020\n")
    with pytest.raises(ScenarioError, match="--set end=2015: end 2015 lies before start 2020"):
        load_scenario(path, {"end": 2015})


def test_origin_of_every_value(folder):
    _write(folder / "base.yaml", "seed: 5\npolicies:\n  rd_grants: {rate: 0.1}\n")
    path = _write(folder / "x.yaml", "extends: base.yaml\nend: 2020\n")
    resolved = resolve(Path(path).name, ["scale=0.1", "policies.border_friction.passes=0.8"])
    origins = resolved.origins
    assert origins["seed"] == "base.yaml:1"
    assert origins["policies.rd_grants.rate"] == "base.yaml:3"
    assert origins["policies.rd_grants.strength"] == "default"
    assert origins["end"] == "x.yaml:2"
    assert origins["scale"] == origins["policies.border_friction.passes"] == "--set"
    assert origins["start"] == "default"
    assert origins["name"] == "x.yaml"
    assert origins["parameters.chain.pace"] == "default"
    assert origins.pop("policies.rd_grants") == "base.yaml:3"  # where the policy is named
    assert origins.pop("policies.border_friction") == "--set"
    flat = json.loads(as_json(resolved, origin=True))
    assert {path: entry["origin"] for path, entry in flat.items()} == origins


@pytest.mark.parametrize("word", ["null", "true", "no", "1", "1e5", "~", "- a", "a: b", "#", "江"])
def test_shown_words_stay_words(folder, word):
    resolved = resolve("baseline", {"description": word})
    assert load_scenario(_write(folder / "y.yaml", as_yaml(resolved))) == resolved.scenario


_UNIT = st.floats(0.0, 1.0)


@pytest.mark.slow
@settings(max_examples=30)
@given(
    scale=st.floats(0.002, 1.0),
    seed=st.integers(0, 2**63 - 1),
    name=st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}\Z"),
    description=st.text(
        st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"])
    ),
    growth=st.floats(-0.1, 0.2),
    effort=st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3),
    level=_UNIT,
    rate=st.none() | st.floats(0.0, 0.3),
    start=st.none() | st.floats(1900, 2100),
    form=st.sampled_from(["json", "yaml", "origin"]),
)
def test_round_trip(tmp_path, form, **v):
    over: dict[str, object] = {k: v[k] for k in ("scale", "seed", "name", "description")}
    over |= {
        "parameters.inputs.growth_2030": v["growth"],
        "parameters.generations.improvement": abs(float(str(v["growth"]))),
        "policies.border_friction.passes": v["level"],
    }
    if v["rate"] is not None:
        over["policies.more"] = {"policy": "rd_grants", "rate": v["rate"], "start": v["start"]}
    first = resolve("baseline", over)
    text = as_json(first) if form == "json" else as_yaml(first, origin=form == "origin")
    again = load_scenario(_write(tmp_path / "again.yaml", text))
    assert again == first.scenario
    assert scenario_hash(again) == scenario_hash(first.scenario)
