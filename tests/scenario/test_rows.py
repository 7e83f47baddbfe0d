"""A flat row laid over a scenario: equal to the same overrides read with it."""

import pytest

from ydsim import load_scenario
from ydsim.errors import ScenarioError, UsageError
from ydsim.scenario.load import plain_scenario

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
