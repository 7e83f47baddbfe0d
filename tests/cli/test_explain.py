"""``ydsim explain``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ydsim.cli import main
from ydsim.policies.base import Policy
from ydsim.policies.library import policies
from ydsim.record.indicators import INDICATORS
from ydsim.results.derived.tables import DERIVED
from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.sections.shocks import KINDS
from ydsim.store.described import described
from ydsim.world.loader import load_world


def _explained(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(["explain", *args]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def _json(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    return json.loads(_explained(capsys, *args, "--json"))


@pytest.mark.parametrize("name", list(policies()))
def test_everything_about_a_policy_is_said(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    cls = policies()[name]
    card = _json(capsys, name)
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
    text = _explained(capsys, name)
    for word in (cls.title, *cls.writes, *own, *cls.target_keys):
        assert word in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", list(policies()))
def test_examples_are_scenarios(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("extends: baseline\n" + _json(capsys, name)["example"], encoding="utf-8")
    scenario = load_scenario(path)
    assert name in scenario.policies
    assert scenario.policies[name].start == 2021
    assert check_against_world(scenario, load_world("yrd")) == []


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = _explained(capsys, "rd_grants")
    assert text.startswith(
        "rd_grants: R&D grants to firms\n(ydsim.policies.grants.RdGrants)\n\nA gr"
    )
    assert "\nMechanism\n  Firms of the targeted sizes" in text
    assert "``" not in text
    assert "  rate              default 0.05, unit 1, between 0 and 0.3, assumed\n" in text
    assert "Boeing 2016" in text
    assert "\n  policies:\n    rd_grants:\n      start: 2021\n      rate: 0.05\n" in text


def test_keys(capsys: pytest.CaptureFixture[str]) -> None:
    whole = _explained(capsys, "parameters.match.border")
    assert "level of the border in joint projects" in whole
    assert whole.count("unit 1, between 0 and 1, calibrated: ") == 1
    assert _explained(capsys, "match.border") == whole
    (key,) = _json(capsys, "scale")
    assert (key["low"], key["high"], key["default"]) == (0.002, 1.0, 0.05)
    section = _json(capsys, "parameters.match")
    assert len(section) > 3
    assert all(key["key"].startswith("parameters.match.") for key in section)
    assert _json(capsys, "rd_grants.rate")[0]["key"] == "policies.rd_grants.rate"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rd_grant", "'rd_grant'; did you mean 'rd_grants'?"),
        ("parameters.match.bordr", "called 'parameters.match.bordr'; did you mean 'parameters.mat"),
        ("target.cities", "'target.cities'; several keys end so: policies."),
        ("xyzzy", "'xyzzy'; see `ydsim list policies` and `ydsim show baseline`"),
        ("no.such.Policy", "'no.such.Policy'; 'no.such.Policy' is code from outside; not looked"),
        ("", "table or column is called ''"),
    ],
)
def test_unknown_names(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: no policy, key, indicator, table or column is called ")
    assert said in err
    assert err.count("\n") == 1


def test_a_class_that_cannot_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no.such.Policy", "--allow-code"]) == 2
    said = "'no.such.Policy'; cannot import 'no.such.Policy': ModuleNotFoundError"
    assert said in capsys.readouterr().err


def test_a_class_by_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    card = _json(capsys, "tests.support.user_cost.UserCost", "--allow-code")
    assert card["writes"][0]["field"] == "user_cost"
    assert "policy: tests.support.user_cost.UserCost" in card["example"]


# -- names in results ------------------------------------------------------------------------------


def test_an_indicator(capsys: pytest.CaptureFixture[str]) -> None:
    card = _json(capsys, "coupling")["indicator"]
    assert (card["unit"], card["kind"], card["prior"]) == ("1", "stock", True)
    assert (card["official"]["first"], card["official"]["last"]) == (2012, 2020)
    assert card["official"]["regions"] == ["Shanghai", "Jiangsu", "Zhejiang", "Anhui", "yrd"]
    assert {"province_year", "city_year", "runs", "official"} <= set(card["tables"])
    text = _explained(capsys, "launches")
    assert text.startswith("launches: an indicator, unit items\n\nprojects launched\n")
    assert "  of a year         flow: sum of the four quarters of a year\n" in text
    assert "  official          none of the same name and unit\n" in text


def test_every_indicator_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for name, one in INDICATORS.items():
        text = _explained(capsys, name)
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
    found = _json(capsys, name)
    assert found["table"]["meaning"]
    assert found["table"].get("made_from", []) == list(
        DERIVED[name].needs if name in DERIVED else ()
    )
    assert [c["column"] for c in found["table"]["columns"]] == list(described()[name].columns)
    text = _explained(capsys, name)
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
    assert _json(capsys, name)["indicator"]["follows"] == of
    assert (f"  these or this     {of}\n" in _explained(capsys, name)) is bool(of)


def test_a_column_alone_and_with_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = _json(capsys, "funnel.waited")["columns"]
    assert (one["table"], one["unit"], one["type"]) == ("funnel", "quarters", "float")
    tables = {one["table"] for one in _json(capsys, "stage")["columns"]}
    assert {"funnel", "passports", "funnel_stages", "coupling", "projects"} == tables
    assert main(["explain", "funnel.seller"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_a_name_of_a_key_and_of_a_table_gives_both(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "contracts")
    assert found["table"]["name"] == "contracts"
    assert found["keys"][0]["key"].endswith(".contracts")
    assert "as a key of scenarios" in _explained(capsys, "contracts")


def test_near_names_of_results_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lauches"]) == 2
    assert "did you mean 'launches'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_shocks(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["explain", f"shocks.{name}"]) == 0
    said = capsys.readouterr().out
    for key in KINDS[name].model_fields:
        assert f"shocks.{name}.{key}" in said
    assert main(["explain", f"shocks.{name}.share"]) == 0
    assert capsys.readouterr().out.startswith(f"  shocks.{name}.share\n")
    assert main(["explain", name]) == 0


def test_a_misspelt_kind_of_shock(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "meeting"]) == 2
    assert "did you mean 'meetings'?" in capsys.readouterr().err
