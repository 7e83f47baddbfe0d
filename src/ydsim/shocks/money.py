"""Grants and vouchers to units drawn at random.

Grants of a share of own R&D, of targeted sizes z in treated cities c, or of treated firms i
(`ydsim.processes.fund`):

    grant_rate_cz     = grant_rate'_cz + rate                    c is treated
    programme_leak_cz = programme_leak'_cz + rate * leakage      c is treated
    grants_i          = grants'_i + rate * R_i                   i is treated

The provinces pay, under the name of the shock. Vouchers (`ydsim.agents.vouchers`):

    eligible : as of the policy, and i is treated and has vouchers left
    left_i   = left'_i - 1 for each deal that is paid with them, from ``each`` on

Firms are drawn once, when the shock begins: those founded later are neither treated nor controls,
and one that moves or grows out of its size stays what it is. Only where the deal is the buyer's
first of the quarter, or there are vouchers left for more, are they used for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import FirmGrants, Scheme, Voucher, Winners
from ydsim.scenario.schema.sections.shocks import Grants, VoucherLottery
from ydsim.shocks.assignments import Assignment, assignment, named
from ydsim.shocks.effect import Effect
from ydsim.shocks.lottery import Lottery
from ydsim.shocks.units import Scene
from ydsim.typing import Floats, Keys

YUAN_10K = 1e-4
"""100 million yuan in 10,000 yuan."""


@dataclass(frozen=True)
class CityGrants(Effect):
    """Grants in some cities; ``where`` is by city and size, (C, 3)."""

    name: str
    rate: float
    leakage: float
    where: Floats

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with the grants, each part of it under its name."""
        paid = self.rate * self.where
        parts = {"grant_rate": paid, "programme_leak": self.leakage * paid}
        added = {
            field: {**environment.added.get(field, {}), self.name: part}
            for field, part in parts.items()
        }
        return replace(
            environment,
            grant_rate=environment.grant_rate + parts["grant_rate"],
            programme_leak=environment.programme_leak + parts["programme_leak"],
            added={**environment.added, **added},
        )


@dataclass(frozen=True)
class Offer(Effect):
    """A scheme that the shock adds to those of policies."""

    scheme: Scheme

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with the scheme among the others."""
        schemes = sorted([*environment.schemes, self.scheme], key=lambda one: one.policy)
        return replace(environment, schemes=tuple(schemes))


def grants(scene: Scene, shock: Grants, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw cities or firms that are paid grants."""
    if shock.unit == "firm":
        drawn, winners = _firms(scene, shock, lottery)
        scheme = FirmGrants(shock.name, firms=winners, rate=shock.rate, leakage=shock.leakage)
        return drawn, Offer(shock.last(scene.start), scheme)
    world = scene.state.world
    cities = np.flatnonzero(scene.cities(shock.target))
    treated = lottery.treated(world.city_keys[cities])
    where = np.zeros((world.n_cities, 3))
    where[cities[treated]] = shock.target.size_mask()
    drawn = assignment(
        shock,
        scene.state.quarter,
        treated,
        key=world.city_keys[cities],
        place=named(world.city_names, cities),
    )
    last = shock.last(scene.start)
    return drawn, CityGrants(last, shock.name, shock.rate, shock.leakage, where)


def vouchers(scene: Scene, shock: VoucherLottery, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw firms that are given vouchers."""
    drawn, winners = _firms(scene, shock, lottery)
    scheme = Voucher(
        shock.name,
        face=shock.face * YUAN_10K,
        co_pay=shock.co_pay,
        take_up=shock.take_up,
        portable=shock.portable,
        worth=shock.worth,
        winners=Winners(winners, np.full(len(winners), shock.each, dtype=np.int64)),
    )
    return drawn, Offer(shock.last(scene.start), scheme)


def _firms(
    scene: Scene, shock: Grants | VoucherLottery, lottery: Lottery
) -> tuple[Assignment, Keys]:
    """Return who was drawn from, and the identities of the winners, ascending."""
    table = scene.state.organisations
    rows = scene.firms(shock.target)
    key = table.key[rows]
    treated = lottery.treated(key)
    place = named(scene.state.world.city_names, table.city[rows])
    drawn = assignment(shock, scene.state.quarter, treated, key=key, place=place)
    return drawn, np.sort(key[treated], kind="stable")
