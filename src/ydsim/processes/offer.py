"""Offer: the vouchers with which firms can buy services of science this quarter.

    price of a researcher-quarter in city c = wage / 4 x bargaining x price x m_t

the seller's wage, as in contracts. Where governments fund nothing they offer none.
"""

from __future__ import annotations

from ydsim.agents.firm_size import reported_sales, size_class
from ydsim.agents.state import State
from ydsim.agents.vouchers import Vouchers
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import Voucher
from ydsim.scenario.schema.parameters import Parameters


def offer(state: State, environment: PolicyEnvironment, parameters: Parameters) -> Vouchers | None:
    """Return the vouchers in force; None without any."""
    schemes = environment.of(Voucher)
    if not schemes or not parameters.actors.funding:
        return None
    certify, contracts = parameters.certify, parameters.contracts
    reported = reported_sales(state.organisations.sales, certify.sales_basis)
    wage = state.inputs.wage[state.world.city_province, state.now] * state.talent.wage
    index = float(state.national.contract_price[state.now])
    return Vouchers(
        schemes,
        size_class(reported, certify.small_sales, certify.large_sales),
        wage / 4.0 * contracts.bargaining * contracts.price * index,
        contracts.pieces,
    )
