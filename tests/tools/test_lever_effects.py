"""The page of levers: every lever once, the pairs that it compares, what it counts."""

import numpy as np
import pytest

from tools import lever_effects as page
from ydsim import Model
from ydsim.policies.library import policies
from ydsim.scenario.load import load_scenario


def test_every_lever_stands_on_the_page_once():
    names = [lever.policy for lever in page.LEVERS]
    assert len(names) == len(set(names)) == 18
    assert set(names) == set(policies()) - {"closure"}


@pytest.mark.parametrize("lever", page.LEVERS, ids=lambda lever: lever.policy)
def test_settings_of_a_lever_are_accepted_beside_the_policies_of_the_scenario(lever):
    (job,) = (job for job in page.jobs(page.BASELINE, {}, 1, 2011) if job.setting == lever.policy)
    scenario = load_scenario(job.scenario, dict(job.changes))
    tried = scenario.policies[lever.name]
    assert (tried.strength, tried.start) == (1.0, float(page.START))
    for key, value in lever.settings.items():
        assert getattr(tried, key) == value
    if lever.needs != page.OFF:
        assert f"tried_{lever.needs}" in scenario.policies
    assert job.since == 4 * (page.START - 2011)


def made():
    """Values of two replicates: a lever changes each variable by what its number says."""
    names = {*page.OUTCOMES, *(lever.proximate for lever in page.LEVERS)}
    names |= {page.PUBLIC_COST, page.REPORTED}
    values = {}
    for k, setting in enumerate([page.OFF, *(lever.policy for lever in page.LEVERS)]):
        values[setting] = {name: np.array([100.0, 120.0]) * (1.0 + k / 100.0) for name in names}
    return values


def test_changes_are_against_what_a_lever_works_on():
    values = made()
    text = page.as_markdown(values, page.BASELINE, {"scale": 0.05}, "the command")
    row = next(x for x in text.splitlines() if x.startswith("| membership | relief"))
    assert "+2.00 [+2.00, +2.00]" in row
    number = [lever.policy for lever in page.LEVERS].index("open_bids") + 1
    fund = [lever.policy for lever in page.LEVERS].index(page.FUND) + 1
    gap = page.change(values[page.FUND], values["open_bids"], "launches")
    assert gap.estimate == pytest.approx(100.0 * ((100 + number) / (100 + fund) - 1.0))
    # what changes in proportion has no error here; points differ between the two replicates
    assert "54 of 180 intervals hold zero" in text


def test_shares_and_logs_change_in_points_and_money_as_it_is():
    plain = {name: np.array([0.5, 0.6]) for name in (page.BORDER_SHARE, page.PUBLIC_COST)}
    more = {name: value + 0.01 for name, value in plain.items()}
    assert page.change(plain, more, page.BORDER_SHARE).estimate == pytest.approx(1.0)
    assert page.change(plain, more, page.PUBLIC_COST).estimate == pytest.approx(0.01)


def test_public_cost_is_what_governments_pay_to_others_under_the_name():
    keys = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 0}
    tried = {"policies.tried_x.policy": "rd_grants", "policies.tried_x.cost": 12.0}
    tried |= {"policies.tried_x.rate": 0.0}
    model = Model(load_scenario("synthetic", {**keys, **tried})).run()
    assert page.public_cost(model, "tried_") == pytest.approx(12.0, rel=1e-9)
    assert page.public_cost(model, "other_") == 0.0


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
