"""What policies cost to run."""

import numpy as np
import pytest

from tests.support.small import model


def costs(m, flow):
    return [entry for entry in m.state.ledger.entries if entry.flow == flow]


@pytest.mark.parametrize("payer", ["central", "provinces", "cities"])
def test_a_policy_costs_what_it_says_a_year(payer):
    policies = {"border_friction": {"cost": 8.0, "payer": payer, "strength": 0.5}}
    m = model(burn_in=0, policies=policies)
    for _ in range(4):
        m.step()
    paid = costs(m, "border_friction")
    assert {(entry.payer, entry.receiver) for entry in paid} == {(payer, "economy")}
    total = sum(entry.amount.sum() for entry in paid)
    assert total == pytest.approx(0.5 * 8.0 * m.state.scale)
    assert m.state.ledger.imbalance() < 1e-9


def test_targeted_provinces_share_by_value_added():
    target = {"provinces": ["Province 2", "Province 3"]}
    m = model(burn_in=0, policies={"border_friction": {"cost": 4.0, "target": target}})
    table, firms = m.state.organisations, m.state.firms
    size = m.state.by_province(firms, table.value_added[firms])
    m.step()
    (bill,) = (entry.amount for entry in costs(m, "border_friction"))
    names = np.array(m.world.provinces)
    paying = np.isin(names, target["provinces"])
    assert paying.sum() == 2
    want = np.where(paying, size, 0.0) / size[paying].sum() * m.state.scale
    assert bill == pytest.approx(want, rel=1e-12)
    m.step()
    assert sum(entry.amount.sum() for entry in costs(m, "border_friction")) == pytest.approx(
        2.0 * m.state.scale
    )


def test_what_costs_nothing_stands_in_no_book():
    m = model(burn_in=0)
    m.step()
    assert costs(m, "border_friction") == []
