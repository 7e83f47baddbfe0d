"""What a name means: everything that has one is explained, in words and as plain data."""

import pytest

from ydsim.explain import explained
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped
from ydsim.record.indicators import INDICATORS
from ydsim.results.derived import DERIVED, SUMMARY
from ydsim.scenario.check import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.shocks import KINDS
from ydsim.store.tables import described
from ydsim.translation import catalogue, speak
from ydsim.world.loader import load_world


@pytest.mark.parametrize("name", list(shipped()))
def test_everything_about_a_policy_is_said_and_its_example_is_a_scenario(name, tmp_path):
    cls, found = shipped()[name], explained(name)
    card = found.content
    assert (card["name"], card["title"]) == (name, cls.title)
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
    for word in (cls.title, *cls.writes, *own, *cls.target_keys):
        assert word in found.text
    assert "``" not in found.text
    assert max(map(len, found.text.splitlines())) <= 110
    path = tmp_path / "x.yaml"
    path.write_text("extends: baseline\n" + card["example"], encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.policies[name].start == 2021
    assert check_against_world(scenario, load_world("yrd")) == []


def test_a_class_by_its_path():
    card = explained("tests.support.user_cost.UserCost", allow_code=True).content
    assert card["writes"][0]["field"] == "user_cost"
    assert "policy: tests.support.user_cost.UserCost" in card["example"]


def test_keys():
    whole = explained("parameters.border.joint_work")
    assert "unit 1, between 0 and 1, calibrated: " in whole.text
    assert explained("border.joint_work") == whole
    (key,) = explained("scale").content
    assert (key["low"], key["high"], key["default"]) == (0.002, 1.0, 0.05)
    switches = explained("record")
    assert "-" in {key["unit"] for key in switches.content}
    assert "unit -" not in switches.text
    section = explained("parameters.match").content
    assert len(section) > 3
    assert all(key["key"].startswith("parameters.match.") for key in section)
    assert explained("rd_grants.rate").content[0]["key"] == "policies.rd_grants.rate"


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_shocks(name):
    whole = explained(f"shocks.{name}").text
    for key in KINDS[name].model_fields:
        assert f"shocks.{name}.{key}" in whole
    assert explained(f"shocks.{name}.share").text.startswith(f"  shocks.{name}.share\n")
    assert name in shipped() or f"shocks.{name}.share" in explained(name).text


@pytest.mark.parametrize("name", INDICATORS)
def test_every_indicator_is_explained(name):
    one, text = INDICATORS[name], explained(name).text
    assert f"{name}: an indicator, unit {one.unit}\n" in text
    assert ("official          none" in text) is not one.official
    text = text[text.index(": an indicator") :]
    assert all(level in text for level in one.levels)
    assert "`" not in text
    assert "](" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_indicator():
    card = explained("coupling").content["indicator"]
    assert (card["unit"], card["kind"], card["prior"]) == ("1", "stock", True)
    assert (card["official"]["first"], card["official"]["last"]) == (2012, 2020)
    assert card["official"]["regions"] == ["Shanghai", "Jiangsu", "Zhejiang", "Anhui", "yrd"]
    assert {"province_year", "city_year", "runs", "official"} <= set(card["tables"])


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("coinventions_interprovince", "coinventions"),
        ("ties_cross_province", "ties_live"),
        ("contract_value_true", "contracts_true"),
        ("contract_value_handed_over", "contract_value_true"),
        ("launches", ""),
    ],
)
def test_what_of_these_speaks_of(name, of):
    found = explained(name)
    assert found.content["indicator"]["follows"] == of
    assert (f"  refers to         {of}\n" in found.text) is bool(of)


@pytest.mark.parametrize("name", list(described()))
def test_every_table_is_explained(name):
    found = explained(name)
    table, columns = found.content["table"], list(described()[name].columns)
    assert table["meaning"]
    assert ("made_from" in table) is (name in {*DERIVED, SUMMARY})
    assert [column["column"] for column in table["columns"]] == columns
    assert f"{name}: a table" in found.text
    for column in columns:
        assert f"  {column} " in found.text or f"  {column}\n" in found.text


def test_a_column_alone_and_with_its_table():
    (one,) = explained("funnel.waited").content["columns"]
    assert (one["table"], one["unit"], one["type"]) == ("funnel", "quarters", "float")
    assert "(float, quarters)" in explained("funnel.waited").text
    assert "unit" not in explained("stage").text
    tables = {one["table"] for one in explained("stage").content["columns"]}
    assert {"funnel", "passports", "funnel_stages", "projects"} == tables


@pytest.mark.parametrize(("word", "key"), [("Shanghai", "target.pairs"), ("ramp", "ramp")])
def test_a_key_that_all_policies_have_is_found_once(word, key):
    found = explained(word)
    assert [found.text.count(form) for form in (f".{key}", f"policies.*.{key}")] == [1, 1]
    assert "2 texts," in explained("vouchers").text


def test_a_name_of_a_key_and_of_a_table_gives_both():
    found = explained("projects")
    assert found.content["table"]["name"] == "projects"
    assert found.content["keys"][0]["key"].endswith(".projects")
    assert found.content["keys"][0]["key"] in found.text


def test_chinese_words_are_found_and_shown():
    with speak(catalogue("zh")):
        hits = explained("揭榜").content
        launches = explained("launches").text
        assert "各城市的年度值" in explained("cities").text
    assert hits["name"] == "open_bids"
    assert "launches：指标，单位 items\n" in launches
    assert "投放市场项目数" in launches
