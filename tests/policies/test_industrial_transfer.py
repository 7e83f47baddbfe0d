"""Transfer of industry, and research enclaves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.neutral import neutral
from tests.support.numbers import close
from tests.support.places import PLACES, environment
from tests.support.small import after_burn_in, fork, live
from ydsim.policies.base import Places, Target
from ydsim.policies.fold import fold
from ydsim.policies.places import IndustrialTransfer
from ydsim.processes.enact import places_of
from ydsim.world.loader import load_world, synthetic_world

FOUR = places_of(synthetic_world(4, 3, industries=3))
P1, _, _, P4 = FOUR.provinces


def transfer(places: Places = FOUR, **settings):
    """What the policy makes of the field without others, (P, C)."""
    policies = {"t": IndustrialTransfer(**settings)}
    return fold(neutral(places.city_province), policies, 2012.0, places).transfer


def test_by_default_firms_of_three_provinces_move_to_anhui():
    yrd = places_of(load_world("yrd"))
    got = transfer(yrd)
    anhui = np.array([yrd.provinces[p] == "Anhui" for p in yrd.city_province])
    assert (got[:, ~anhui] == 0.0).all()
    for name, row in zip(yrd.provinces, got, strict=True):
        assert row.sum() == pytest.approx(0.0 if name == "Anhui" else 0.015), name


def test_enclaves_are_at_most_all_firms_of_targeted_cities():
    settings = {"enclaves": 2.0, "firms_per_enclave": 40.0, "core": "a1", "origins": ("A",)}
    policy = IndustrialTransfer(**settings, target=Target(provinces=("C",), cities=("a1", "a2")))
    base = environment()
    all_of_them = policy.model_copy(update={"enclaves": 50.0})
    got = fold(base, {"t": all_of_them}, 2012.0, PLACES).enclave - base.enclave
    assert np.argwhere(got).tolist() == [[1, 0], [3, 0]]  # the core itself is in no enclave
    assert got.max() == 1.0
    only_core = policy.model_copy(update={"target": Target(cities=("a1",))})
    got = fold(base, {"t": only_core}, 2012.0, PLACES).enclave - base.enclave
    assert not got.any()


def test_cities_know_their_firms():
    world = load_world("yrd")
    firms = places_of(world).firms
    by_province = np.bincount(world.city_province, weights=firms)
    close(by_province, world.firms, rtol=1e-9)
    assert (firms > 0.0).all()


def gains(enclaves):
    """Knowledge of firms by city after a quarter of learning, with and without enclaves."""
    settings = {
        "hazard": 0.0, "origins": [P1], "enclaves": enclaves, "firms_per_enclave": 1000.0,
        "core": FOUR.cities[0], "target": {"provinces": [P4]},
    }  # fmt: skip
    m = after_burn_in(burn_in=8)
    table = m.state.organisations
    table.knowledge[table.city == 0] += 1.0  # the core is ahead
    plain, other = fork(m), fork(m, policies={"industrial_transfer": settings})
    before, after = (live(one, "_learn").state.organisations for one in (plain, other))
    return before, after


@pytest.mark.slow
def test_firms_of_a_city_with_enclaves_learn_from_the_core():
    few, many = gains(1.0), gains(100.0)
    for before, after in (few, many):
        firm = before.alive & (before.kind == 0)
        zone = firm & (before.province == 3)
        assert (after.knowledge[~zone] == before.knowledge[~zone]).all()
    rise = [(after.knowledge - before.knowledge)[zone].sum() for before, after in (few, many)]
    assert 0.0 < rise[0] < rise[1]
