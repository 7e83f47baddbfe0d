"""The page of levers: every lever once, the pairs that it compares, what it counts."""

import argparse

import numpy as np
import pytest

from tools import lever_effects as page
from tools.pairs import run
from ydsim.policies.library import shipped
from ydsim.scenario.load import load_scenario


def test_every_lever_stands_on_the_page_once():
    names = [lever.policy for lever in page.LEVERS]
    assert len(names) == len(set(names))
    assert set(names) == set(shipped()) - {"closure"}


@pytest.mark.parametrize("lever", page.LEVERS, ids=lambda lever: lever.policy)
def test_settings_of_a_lever_are_accepted_beside_the_policies_of_the_scenario(lever):
    scenario = load_scenario(page.BASELINE, page.settings()[lever.policy])
    tried = scenario.policies[lever.name]
    assert (tried.strength, tried.start) == (1.0, float(page.START))
    for key, value in lever.settings.items():
        assert getattr(tried, key) == value
    if lever.needs != page.OFF:
        assert f"tried_{lever.needs}" in scenario.policies


def made():
    """Values of three replicates: a lever changes each variable by what its number says."""
    names = {*page.OUTCOMES, *(lever.proximate for lever in page.LEVERS)}
    names |= {page.PUBLIC_COST, page.REPORTED}
    values = {}
    for k, setting in enumerate([page.OFF, *(lever.policy for lever in page.LEVERS)]):
        values[setting] = {
            name: np.array([60.0, 110.0, 160.0]) * (1.0 + k / 100.0) for name in names
        }
    return values


def test_changes_are_against_what_a_lever_works_on():
    values = made()
    text = page.as_markdown(values, [])
    row = next(x for x in text.splitlines() if x.startswith("| membership | passes"))
    assert "+2.00 [+2.00, +2.00]" in row
    number = [lever.policy for lever in page.LEVERS].index("open_bids") + 1
    fund = [lever.policy for lever in page.LEVERS].index(page.FUND) + 1
    gap = page.change(values[page.FUND], values["open_bids"], "launches")
    assert gap.estimate == pytest.approx(100.0 * ((100 + number) / (100 + fund) - 1.0))
    # what changes in proportion has no error here; points differ between replicates
    n = len(page.LEVERS)
    assert f"{3 * n} of {len(page.OUTCOMES) * n} intervals hold zero" in text


def test_shares_and_logs_change_in_points_and_money_as_it_is():
    plain = {name: np.array([0.5, 0.6]) for name in (page.BORDER_SHARE, page.PUBLIC_COST)}
    more = {name: value + 0.01 for name, value in plain.items()}
    assert page.change(plain, more, page.BORDER_SHARE).estimate == pytest.approx(1.0)
    assert page.change(plain, more, page.PUBLIC_COST).estimate == pytest.approx(0.01)


@pytest.mark.slow
def test_what_is_measured_begins_with_the_levers_and_names_their_cost(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "START", 2012)
    tried = {f"policies.tried_x.{key}": value for key, value in
             {"policy": "rd_grants", "cost": 12.0, "rate": 0.0}.items()}  # fmt: skip
    options = argparse.Namespace(
        scenario="baseline", scale=0.01, end=2012, replicates=2, jobs=1, out=tmp_path / "runs"
    )
    same = {"parameters.population.burn_in": 0}
    runs = run("test", options, {"off": {}, "on": tried}, changes=same, ties=True, adoption=True,
               tables=page.TABLES)  # fmt: skip
    values = page.measure(runs, 0.01)
    assert set(values["on"]) >= {*page.OUTCOMES, *(lever.proximate for lever in page.LEVERS)}
    assert values["on"][page.PUBLIC_COST] == pytest.approx([24.0, 24.0], rel=1e-6)
    assert values["off"][page.PUBLIC_COST].tolist() == [0.0, 0.0]
    assert values["on"][page.FUND_COST].tolist() == [0.0, 0.0]
    rd = runs.series(["rd_funds_enterprise"]).groupby("run")["rd_funds_enterprise"].sum()
    whole = rd[runs.plan["setting"] == "off"].to_numpy()
    assert values["off"]["R&D of firms"] == pytest.approx(0.5 * whole, rel=0.2)
    links = page.links(runs)
    between, apart = (links[f"links between {what}, expected"] for what in ("provinces", "cities"))
    assert (between < apart).all()


def test_effects_that_have_a_published_size():
    values = made()
    assert page.additionality(values[page.OFF], values["rd_grants"]).estimate == pytest.approx(1.0)
    k = [lever.policy for lever in page.LEVERS].index("super_deduction") + 1
    cost = (1.0 - 0.25 * 2.0) / (1.0 - 0.25 * 1.75)
    want = np.log(1.0 + k / 100.0) / -np.log(cost)
    assert page.elasticity(values[page.OFF], values["super_deduction"]).estimate == pytest.approx(
        want
    )
    assert {row[0] for row in page.READINGS} <= {lever.policy for lever in page.LEVERS}
