"""What a sweep keeps of each run."""

import numpy as np
import pytest

from ydsim.design.sweep import OTHER_TABLES, Recorded, scenarios
from ydsim.model import Model
from ydsim.scenario.load import load_scenario

SWEEP = "base: synthetic\ndesign: {kind: grid, factors: {scale: [0.05]}}\n"
WITH_KEYS = {"series", "city_series", "adoption", "ties", "agents"}


@pytest.fixture(scope="module")
def tables():
    shock = {"name": "a", "kind": "meetings", "year": 2011, "share": 0.1}
    keys = {"start": 2011, "end": 2013, "scale": 0.01, "shocks": [shock]}
    keys["parameters.population.burn_in"] = 8
    keys["record.city_contracts"] = True
    model = Model(load_scenario("synthetic", {**keys, "record": {"projects": True, "firms": True}}))
    for _ in range(10):  # in the middle of a year
        model.step()
    return model.recorder.tables()


@pytest.mark.slow
def test_every_recorded_table_has_a_place(tables):
    assert set(tables) == WITH_KEYS | set(OTHER_TABLES)


@pytest.mark.slow
def test_series_and_public_money_are_kept_by_default(tables, sweep):
    found = sweep(SWEEP)
    assert found.record == Recorded()
    assert list(found.record.keep(tables)) == ["series", "policy_costs"]
    none = sweep(SWEEP + "record: {tables: []}\n")
    assert list(none.record.keep(tables)) == ["series"]
    record = next(scenarios(found)).record
    assert not any(record.model_dump().values())


@pytest.mark.slow
def test_what_is_named_is_kept(tables, sweep):
    text = "record: {series: 0, cities: 4, ties: true, tables: [funnel, ledger]}\n"
    found = sweep(SWEEP + text)
    assert set(found.record.keep(tables)) == {"city_series", "ties", "funnel", "ledger"}
    record = next(scenarios(found)).record
    assert (record.cities, record.ties, record.agents) == (True, True, False)
    assert found.record.plain()["tables"] == ["funnel", "ledger"]


def test_what_any_base_records_and_the_sweep_does_not_keep_has_one_note(folder, sweep):
    for name, keys in (("b", "firms: true"), ("c", "firms: true, projects: true"), ("d", "")):
        text = f"extends: synthetic\nrecord: {{{keys}}}\n"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def notes(*bases, more=""):
        points = ", ".join(f"{{scenario: {base}}}" for base in bases)
        head = f"base: {bases[0]}\ndesign: {{kind: list, points: [{points}]}}\n"
        return sweep(head + more).notes

    assert notes("d.yaml", "synthetic") == []
    (note,) = notes("d.yaml", "b.yaml")
    assert note.startswith("b.yaml records firms, which is not kept")
    (note,) = notes("synthetic", "b.yaml", "d.yaml", "c.yaml")
    assert note.startswith("b.yaml and c.yaml record firms and projects, which are not kept")
    assert note.endswith("record: {tables: [firms, projects]}")
    (note,) = notes("b.yaml", "c.yaml", more="record: {tables: [firms]}\n")
    assert note.startswith("c.yaml records projects, which is not kept")
    (note,) = notes("b.yaml", "d.yaml")
    assert note.startswith("the base records firms, which is not kept")
    assert notes("b.yaml", more="record: {tables: [firms]}\n") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("projects", "projects"),
        *((name, "firms") for name in ("firms", "firm_ties", "organisation_ties")),
        ("city_contracts", "city_contracts"),
    ],
)
def test_what_costs_more_is_recorded_where_it_is_kept(tables, sweep, table, key):
    found = sweep(SWEEP + f"record: {{tables: [{table}]}}\n")
    assert set(found.record.keep(tables)) == {"series", table}
    assert getattr(next(scenarios(found)).record, key)
    assert not getattr(next(scenarios(sweep(SWEEP))).record, key)


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 2, 3, 4, 7, 100])
def test_the_last_quarter_of_each_group_is_kept_as_it_was(tables, every):
    kept = Recorded(series=every).keep(tables)["series"]
    whole = tables["series"]
    region = whole["region"] == "yrd"
    assert region.sum() == 10
    wanted = sorted({*range(every - 1, 10, every), 9})
    here = kept["region"] == "yrd"
    for name in ("year", "quarter", "launches", "rd_expenditure"):
        np.testing.assert_array_equal(kept[name][here], whole[name][region][wanted])
    assert {len(column) for column in kept.values()} == {len(wanted) * len(set(whole["region"]))}


@pytest.mark.slow
def test_thinned_cities_keep_all_cities(tables):
    kept = Recorded(cities=5).keep(tables)["city_series"]
    cities = len(set(tables["city_series"]["city"]))
    assert len(kept["city"]) == 2 * cities
    assert set(zip(kept["year"], kept["quarter"], strict=True)) == {(2012, 1), (2013, 2)}


def test_an_empty_table_stays_empty():
    assert Recorded(series=4).keep({"series": {}}) == {"series": {}}


def test_a_rule_of_replicates_has_defaults(sweep):
    text = "replicates: {outcome: launches, half_width: 0.1}\n"
    found = sweep(SWEEP + text)
    assert tuple(found.replicates.model_dump().values()) == ("launches", 0.1, True, 0.95, 4, 4, 100)
    assert found.spec["replicates"] == found.replicates.model_dump()
    text = (
        "replicates: {outcome: rd_expenditure, half_width: 3, relative: false, level: 0.9, "
        "batch: 2, least: 3, most: 9}\n"
    )
    rule = sweep(SWEEP + text).replicates.model_dump()
    assert tuple(rule.values()) == ("rd_expenditure", 3.0, False, 0.9, 2, 3, 9)
