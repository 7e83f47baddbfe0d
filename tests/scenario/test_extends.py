"""``extends:``: chains, merging, circles, and errors in bases."""

from pathlib import Path

import pytest

from ydsim.errors import InputError, ScenarioError
from ydsim.scenario.load import load_scenario


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
