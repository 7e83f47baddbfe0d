"""Names that are typed in Chinese become those of tables before anything is stored."""

import pytest

from ydsim.errors import ScenarioError
from ydsim.explain import explained
from ydsim.policies.library import policy_called, shipped, title_of
from ydsim.record.indicators import ROWS, indicator_called, named_by_word, outcomes_called
from ydsim.scenario.check import check_against_world
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.translation import in_chinese
from ydsim.wording import canonical
from ydsim.world.loader import load_world

CHINESE = """
extends: baseline
policies:
  企业研发资助:
    target: {provinces: [安徽], cities: [南京市, 宿州]}
  membership: {schedule: {合肥: 2012}}
"""
WORDS = {"企业研发资助": "rd_grants", "安徽": "Anhui", "南京市": "Nanjing",
         "宿州": "Suzhou (Anhui)", "合肥": "Hefei"}  # fmt: skip


def read(folder, text):
    (folder / "a.yaml").write_text(text, "utf-8")
    return load_scenario(folder / "a.yaml")


def test_a_scenario_with_chinese_names_is_the_one_with_english_ones(tmp_path):
    english = CHINESE
    for word, name in WORDS.items():
        english = english.replace(word, name)
    assert english.isascii()
    assert scenario_hash(read(tmp_path, english)) == scenario_hash(read(tmp_path, CHINESE))


def test_a_wrong_sign_is_answered_with_the_name(tmp_path):
    wrong = read(tmp_path, CHINESE.replace("安徽", "安会"))
    (line,) = check_against_world(wrong, load_world("yrd"))
    assert "'Anhui'" in line


def test_every_indicator_and_policy_is_known_by_its_chinese_name():
    chinese = [in_chinese(row["name"]) for row in ROWS.values()]
    for name, said in zip(ROWS, chinese, strict=True):
        if not said.isascii() and chinese.count(said) == 1:
            assert indicator_called(said) == name
    assert [policy_called(in_chinese(title_of(c))) for c in shipped().values()] == [*shipped()]
    assert explained("研发经费").content == explained("rd_expenditure").content
    for wrong in ("研发经", "研法经费"):
        assert "'rd_expenditure'" in named_by_word(wrong, ROWS, "known")
    assert outcomes_called("研发经费") == ["rd_expenditure"]


def test_what_is_known_is_left_alone():
    assert canonical("安徽", {"安徽": "安徽", "Anhui": "Anhui"}) == "安徽"
    assert canonical("Anhu", {"Anhui": "Anhui"}) == "Anhu"
    with pytest.raises(ScenarioError):
        load_scenario("baseline", {"policies.没有.strength": 1.0})
