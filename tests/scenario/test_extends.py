"""``extends:``: chains, merging, circles, and errors in bases."""

from pathlib import Path

import pytest

from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.scenario.load import load_scenario, plain_scenario


def _files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_mappings_merge_and_the_rest_is_replaced(folder):
    _files(
        folder,
        base="scale: 0.1\ndescription: of the base\nname: base-name\n"
        "parameters:\n  chain: {span: 5.0, pace: [1, 2, 3, 4, 5]}\n"
        "policies:\n  a: {policy: rd_grants, rate: 0.1, leakage: 0.2}\n  rd_grants: {rate: 0.2}\n",
        child="extends: base.yaml\n"
        "parameters:\n  chain: {pace: [6, 7, 8, 9, 10]}\n"
        "policies:\n  a: {rate: 0.3}\n  rd_grants:\n",
    )
    scenario = load_scenario("child.yaml")
    assert scenario.scale == 0.1
    assert scenario.parameters.chain.span == 5.0
    assert scenario.parameters.chain.pace == (6.0, 7.0, 8.0, 9.0, 10.0)
    assert (scenario.policies["a"].rate, scenario.policies["a"].leakage) == (0.3, 0.2)
    assert scenario.policies["rd_grants"].rate == 0.2
    assert (scenario.name, scenario.description) == ("child", "")


def test_paths_are_relative_to_the_file_that_extends(folder):
    (folder / "sub" / "deep").mkdir(parents=True)
    _files(folder, top="extends: sub/middle.yaml\n")
    _files(folder / "sub", middle="extends: deep/base.yaml\nseed: 2\n", side="scale: 0.3\n")
    _files(folder / "sub" / "deep", base="extends: ../side.yaml\nend: 2015\n")
    scenario = load_scenario("top.yaml")
    assert (scenario.seed, scenario.end, scenario.scale) == (2, 2015, 0.3)


def test_a_bare_name_extends_a_shipped_scenario(folder):
    _files(folder, x="extends: synthetic\nseed: 9\n")
    scenario = load_scenario("x.yaml")
    assert (scenario.world, scenario.seed, scenario.name) == ("synthetic", 9, "x")


def test_circle_prints_the_chain(folder):
    _files(folder, a="seed: 1\nextends: b.yaml\n", b="extends: ./a.yaml\n", c="extends: c.yaml\n")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("a.yaml")
    assert str(caught.value) == (
        "b.yaml:1:10: extends: goes round in a circle: a.yaml:2 -> b.yaml:1 -> a.yaml"
        " (extended by a.yaml:2)"
    )
    with pytest.raises(ScenarioError, match=r"c\.yaml:1 -> c\.yaml"):
        load_scenario("c.yaml")


def test_ten_bases_and_no_more(folder):
    _files(folder, s0="seed: 5\n", **{f"s{i}": f"extends: s{i - 1}.yaml\n" for i in range(1, 12)})
    assert load_scenario("s10.yaml").seed == 5
    with pytest.raises(ScenarioError, match="more than 10 files extend each other"):
        load_scenario("s11.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: nothere.yaml\n", "x.yaml:1:10: extends: nothere.yaml: no such file"),
        ("extends: .\n", "x.yaml:1:10: extends: .: is a folder, not a scenario file"),
        ("seed: 1\nextends: baselne\n", "x.yaml:2:10: extends: no scenario is called 'baselne'; "
                                        "did you mean 'baseline'?"),
        ("extends: gbk.yaml\n", "x.yaml:1:10: extends: gbk.yaml: not UTF-8 at byte 2"),
        ("extends: sub/b.yaml\n", "sub/b.yaml:1:10: extends: sub/none.yaml: no such file"),
    ],
)  # fmt: skip
def test_a_base_that_cannot_be_read(folder, text, said):
    _files(folder, x=text)
    (folder / "gbk.yaml").write_bytes("# 江".encode("gb18030"))
    (folder / "sub").mkdir()
    _files(folder / "sub", b="extends: none.yaml\n")
    with pytest.raises(InputError) as caught:
        load_scenario("x.yaml")
    assert said in str(caught.value)


def test_errors_in_a_base_name_its_line_and_who_extends_it(refused, folder):
    _files(folder, base="seed: 1\nscale: 7\nsede: 1\n")
    lines = refused("# first\nextends: base.yaml\nsead: 3\n")
    assert lines[0].startswith("x.yaml:3:1: sead: unknown key")
    assert lines[1].startswith("base.yaml:2:8: scale: must be between 0.002 and 1")
    assert lines[1].endswith("(extended by x.yaml:2)")
    assert lines[2].startswith("base.yaml:3:1: sede: unknown key")


def test_yaml_errors_in_a_base(refused, folder):
    _files(folder, base="seed: [1\n")
    (line,) = refused("extends: base.yaml\n")
    assert line == "base.yaml:1:7: list not closed: '[' without ']' (extended by x.yaml:1)"


def test_a_child_cannot_unset_with_null(refused, folder):
    _files(folder, base="scale: 0.1\npolicies: {rd_grants: {start: 2015}}\n")
    (line,) = refused("extends: base.yaml\nscale: null\n")
    assert line.startswith("x.yaml:2:8: scale: has no value")
    _files(folder, y="extends: base.yaml\npolicies: {rd_grants: {start: null}}\n")
    assert load_scenario("y.yaml").policies["rd_grants"].start is None


@pytest.mark.parametrize("value", ["3", "[a]", "", "''"])
def test_extends_takes_one_name(refused, value):
    (line,) = refused(f"extends: {value}\n")
    assert "extends: expected the name or path of a scenario, found" in line


# -- A flat row laid over a scenario: equal to the same overrides read with it


ROWS = [
    {"scale": 0.02, "end": 2016},
    {"parameters.chain.span": 3.0, "parameters.actors.media": False},
    {"parameters": {"chain": {"span": 3.0}}, "governance.mode": "tournament"},
    {"policies.border_friction.passes": "x2", "policies.rd_grants.strength": 0.5},
    {"policies.science_centres.target.cities": ["Hefei"], "policies.membership.start": 2015.5},
    {"policies.mine.policy": "rd_grants", "policies.mine.amount": 5.0},
    {"shocks": [{"kind": "delete_ties", "name": "cut", "year": 2015, "share": 0.1}]},
    {"known_in": 2016},
    {"known_in": None},
]


@pytest.mark.parametrize("row", ROWS, ids=[", ".join(row) for row in ROWS])
@pytest.mark.parametrize("base", ["baseline", "community_plan_2025"])
def test_a_row_is_as_overrides(base, row):
    assert load_scenario(base).with_(row) == load_scenario(base, row)


def test_policies_on_and_off():
    base = load_scenario("community_plan_2025")
    assert base.with_({"policies.rd_grants": "on"}) == load_scenario(
        "community_plan_2025", {"policies.rd_grants": {}}
    )
    assert base.with_({"policies.membership": "on"}) == base
    off = base.with_({"policies.membership": "off", "policies.membership.start": 2015})
    assert {*base.policies} - {*off.policies} == {"membership"}
    # the one that every scenario has is as by default
    usual = base.with_({"policies.border_friction": "off"}).policies["border_friction"]
    assert usual == load_scenario("plain").policies["border_friction"]
    whole = base.with_({"policies.membership": {"start": 2019}}).policies["membership"]
    assert (
        whole == load_scenario("plain", {"policies.membership.start": 2019}).policies["membership"]
    )


def test_the_base_stays_and_rows_follow_each_other():
    base = load_scenario("baseline")
    before = plain_scenario(base)
    row = {"scale": 0.02, "policies.rd_grants": "on", "parameters.chain.span": 3.0}
    one = base.with_(row)
    assert one.with_({}) == one
    assert one.with_({"parameters.chain.span": base.parameters.chain.span}) == base.with_(
        {key: row[key] for key in list(row)[:2]}
    )
    assert plain_scenario(base) == before


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"scalle": 0.1}, "scalle: .*did you mean 'scale'"),
        ({"parameters.chain.spam": 1.0}, "chain.spam: .*'span'"),
        ({"policies.membership.strenght": 1.0}, "membership.strenght: .*'strength'"),
        ({"parameters.chane": {}}, "chane"), ({"parameters.chain": 3}, "mapping"),
        ({"policies.none_such": "on"}, "none_such"), ({"policies.rd_grants": 3}, "rd_grants"),
        ({"policies.rd_grants.strength": 2.0}, "strength"), ({"end": 2010}, "2010"),
        ({"scale": "0.1"}, "scale"), ({"scale": -1}, "scale: must be .*found -1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_one_line(row, word):
    with pytest.raises(ScenarioError, match=word) as raised:
        load_scenario("baseline").with_(row)
    assert [line for line in str(raised.value).splitlines() if "pydantic" in line] == []
    assert len(raised.value.problems) == len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("row", [[1], {1: 2}, None, "scale=0.1"])
def test_a_row_is_a_mapping_from_keys(row):
    with pytest.raises(UsageError, match="values by dotted key"):
        load_scenario("baseline").with_(row)
