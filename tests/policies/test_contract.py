"""What each policy does to the environment, one table for all: fields, places and schemes.

Policies with a rule of their own have a file of their own beside it.
"""

import numpy as np
import pytest

from tests.support.places import PASSES, PLACES, environment
from tests.support.small import after_burn_in, columns_of, fork, live, same
from ydsim.policies import environment as schemes
from ydsim.policies.environment import Outlay, rules
from ydsim.policies.fold import fold
from ydsim.policies.library import shipped

ALL = np.ones(4)
A2_C1 = np.array([0.0, 1.0, 0.0, 1.0])
"""Cities are a1, a2, b1, c1."""
CITIES = {"cities": ("a2", "c1")}
CROSS = 1.0 - np.eye(3)
OF_B = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
A_WITH_C = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
TO_HALF_OF_A = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.5, 0.0, 0.0]])
TO_A_OR_C = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
B_WITH_HALF_OF_A = np.array([[0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]])
NOT_A2 = np.array([1.0, 0.0, 1.0, 1.0])
PAIRS = NOT_A2[:, None] * NOT_A2[None, :] * (1.0 - np.eye(4))
STEPS = np.abs(np.arange(4)[:, None] - np.arange(4)[None, :])
"""From city to city; .25 h and 100 km each."""


def at(shape, *cells):
    """Zeros but for some cells."""
    found = np.zeros(shape)
    for *cell, value in cells:
        found[tuple(cell)] = value
    return found


CASES = {
    "border_friction": [
        ({"passes": 0.1}, dict.fromkeys(PASSES, (0.1, CROSS)), {}),
        (
            {"passes": 1.0, "channels": ("talent", "goods"), "target": {"provinces": ("B",)}},
            dict.fromkeys(("talent", "goods"), (1.0, OF_B)),
        ),
    ],
    "closure": [
        (
            {"level": 0.6, "protection": 0.25, "target": {"provinces": ("B",)}},
            {"closed": (0.6, np.array([0.0, 1.0, 0.0])), "protection": (0.25, [0.0, 1.0, 0.0])},
        ),
    ],
    "mutual_recognition": [
        (
            {"share": 0.8, "hand_over": 1.4},
            {"recognition": (0.8, CROSS), "eased_hand_over": (1.4, CROSS)},
        ),
        (
            {"hand_over": "x2", "target": {"provinces": ("A", "C")}},
            {"recognition": (1.0, A_WITH_C), "eased_hand_over": (2.0, A_WITH_C)},
        ),
        (
            {"hand_over": 2.0, "target": {"provinces": ("B",), "cities": ("a1",)}},
            {"recognition": (1.0, B_WITH_HALF_OF_A), "eased_hand_over": (2.0, B_WITH_HALF_OF_A)},
        ),
    ],
    "corridor": [
        (
            {"tie_factor": 2.2, "search_cut": 0.3, "target": {"cities": ("a1", "b1", "c1")}},
            {"tie_factor": (2.2, PAIRS), "search_cut": (0.3, PAIRS)},
        ),
    ],
    "travel_time": [
        (
            {"scale": 0.6, "radius_km": 200.0, "siphon": 0.5},
            {
                "travel_hours": ((0.5 + 0.15 * STEPS) / (0.5 + 0.25 * STEPS), STEPS <= 2),
                "core_pull": (0.6, 1.0),
            },
        ),
    ],
    "intermediaries": [
        (
            {
                "per_1000_firms": 4.5, "reach_km": 450.0, "uplift": 1.8, "largest_deal": 1.05,
                "target": CITIES,
            },
            {
                "broker_density": (4.5, A2_C1), "broker_reach": (450.0, A2_C1),
                "broker_uplift": (1.8, A2_C1), "broker_cap": (1.05, A2_C1),
            },
            {"BrokerOffices": {"yearly": 0.01, "density": 4.5, "amount": None, "where": A2_C1}},
        ),
        (
            {"amount": 0.2, "broker_cost": 0.05, "uplift": 1.8, "target": CITIES},
            {
                "broker_reach": (300.0, A2_C1), "broker_uplift": (1.8, A2_C1),
                "broker_cap": (0.5, A2_C1),
            },
            {"BrokerOffices": {"yearly": 0.05, "amount": 0.2, "where": A2_C1}},
        ),
    ],
    "media_coverage": [
        (
            {"broadcast": 0.1, "stories": 2.0, "target": CITIES},
            {"broadcast": (0.1, A2_C1), "stories": (2.0, A2_C1)},
        ),
    ],
    "science_centres": [
        (
            {"productivity": 1.5, "open_access": 0.9, "cost": 0.0, "target": CITIES},
            {"science_productivity": (1.5, A2_C1), "facility_open": (0.9, TO_A_OR_C)},
        ),
    ],
    "instrument_sharing": [
        (
            {
                "open": 1.0, "access_cut": 0.5, "elasticity": 2.0, "fee": 0.01,
                "target": {"cities": ("a2",)},
            },
            {"facility_open": (1.0, TO_HALF_OF_A), "facility_price": (0.25, [0.0, 1.0, 0.0, 0.0])},
            {"FacilityAccess": {"saved": 0.005, "where": [0.0, 1.0, 0.0, 0.0]}},
        ),
    ],
    "talent_mobility": [
        (
            {"mobility": 0.05, "premium": 0.4, "recognised": 0.9, "target": {"provinces": ("B",)}},
            {
                "mobility": (0.05, [0.0, 0.0, 1.0, 0.0]), "offer": (1.4, [0.0, 0.0, 1.0, 0.0]),
                "recognition": (0.9, OF_B),
            },
            {"PoachingPremium": {"premium": 0.4, "where": [0.0, 0.0, 1.0, 0.0]}},
        ),
        ({"mobility": 0.05, "target": CITIES}, {"mobility": (0.05, A2_C1)}, {}),
    ],
    "industrial_transfer": [
        (
            {
                "hazard": 0.02, "origins": ("A", "C"), "core": "a1", "enclaves": 2.0,
                "firms_per_enclave": 40.0, "target": {"provinces": ("C",), "cities": ("a1", "a2")},
            },
            {
                "transfer": (at((3, 4), (0, 3, 0.02), (2, 0, 0.01), (2, 1, 0.01)), 1.0),
                "enclave": (at((4, 4), (1, 0, 80 / 450), (3, 0, 80 / 450)), 1.0),
            },
        ),
    ],
    "rd_grants": [
        (
            {"rate": 0.05, "leakage": 0.4, "target": {**CITIES, "sizes": ("small", "large")}},
            {
                "grant_rate": (0.05, A2_C1[:, None] * [1.0, 0.0, 1.0]),
                "programme_leak": (0.02, A2_C1[:, None] * [1.0, 0.0, 1.0]),
            },
        ),
        (
            {"amount": 2.0, "leakage": 0.1, "target": {**CITIES, "sizes": ("medium",)}},
            {},
            {"GrantBudget": {
                "amount": 2.0, "leakage": 0.1, "cities": A2_C1, "sizes": [0.0, 1.0, 0.0],
            }},
        ),
    ],
    "super_deduction": [
        (
            {"target": CITIES},  # of 100 % after one of 50 %, at a tax of 25 %: 2/3 over 5/6
            {"user_cost": (0.8, A2_C1), "tax_relief": (0.125, A2_C1), "relabelled": (0.3, A2_C1)},
        ),
    ],
    "innovation_voucher": [
        (
            {"face": 20.0, "co_pay": 0.4, "take_up": 0.2, "portable": False,
             "target": {**CITIES, "fields": ("drugs",)}},
            {},
            {"Voucher": {
                "face": 20e4 / 1e8, "co_pay": 0.4, "take_up": 0.2, "amount": None,
                "portable": False, "cities": A2_C1, "sizes": [1.0, 0.0, 0.0], "fields": [0.0, 1.0],
            }},
        ),
        (
            {"amount": 2.0, "target": {"sizes": ("medium", "large")}},
            {},
            {"Voucher": {"amount": 2.0, "take_up": 0.0, "cities": ALL, "sizes": [0.0, 1.0, 1.0]}},
        ),
    ],
    "joint_rd_fund": [
        (
            {"rate": 0.002, "provinces": 3, "horizon": 2.5, "central": 0.3, "leakage": 0.2,
             "premium": 1.5, "target": {"fields": ("drugs",), "provinces": ("A", "C")}},
            {},
            {"JointFund": {
                "rate": 0.002, "amount": 0.0, "least": 3, "quarters": 10, "central": 0.3,
                "leakage": 0.2, "premium": 1.5, "mixed": True, "fields": [0.0, 1.0],
                "provinces": [1.0, 0.0, 1.0],
            }},
        ),
        ({"amount": 2.0}, {}, {"JointFund": {"rate": 0.0, "amount": 2.0, "fields": [0.0, 0.0]}}),
    ],
    "open_bids": [({"share": 0.8}, {"bid_share": (0.8, 1.0)}, {})],
    "consortia": [
        (
            {"number": 20, "size": 10, "years": 3.0, "provinces": 4, "tie": 2.0, "grant": 0.1,
             "central": 0.2, "target": {"fields": ("chips",), "provinces": ("B",)}},
            {},
            {"Alliance": {
                "number": 20, "size": 10, "quarters": 12, "least": 4, "tie": 2.0, "grant": 0.1,
                "amount": None, "central": 0.2, "fields": [1.0, 0.0], "provinces": [0.0, 1.0, 0.0],
            }},
        ),
        ({"amount": 6.0}, {}, {"Alliance": {"amount": 6.0, "grant": 0.0}}),
    ],
    "cost_sharing": [
        (
            {"cost_share": 0.3, "tax_share": 0.4, "hand_over": 1.5,
             "target": {"provinces": ("A", "C")}},
            {"eased_hand_over": (1.4, A_WITH_C)},
            {"CostSharing": {
                "share": 0.3, "amount": None, "tax": 0.4, "provinces": [1.0, 0.0, 1.0],
            }},
        ),
        (
            {"amount": 2.0, "hand_over": 2.0},
            {"eased_hand_over": (2.0, CROSS)},
            {"CostSharing": {"amount": 2.0, "share": 0.0}},
        ),
    ],
}  # fmt: skip


def test_all_policies_are_here():
    assert {*CASES, "membership"} == set(shipped())


@pytest.mark.parametrize("strength", [1.0, 0.5])
@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in CASES.items() for case in cases]
)
def test_fields_move_where_they_should_and_no_others_do(name, case, strength):
    settings, moves, paid = (*case, {})[:3]
    base, cls = environment(), shipped()[name]
    policy = cls(**settings, strength=strength)
    got = fold(base, {"p": policy}, 2012.0, PLACES)
    rule = rules()
    assert set(moves) <= set(cls.writes)
    for field in rule:
        was = getattr(base, field)
        value, where = moves.get(field, (was, 0.0))
        shift = {"add": value, "multiply": was * (np.asarray(value) - 1.0)}
        change = strength * np.asarray(where) * shift.get(rule[field], value - was)
        want = was + (change if field in moves else 0.0)
        assert getattr(got, field) == pytest.approx(np.asarray(want), rel=1e-12), field
    assert [type(one).__name__ for one in got.schemes] == list(paid)
    for one in got.schemes:
        assert (one.policy, one.strength) == ("p", strength)
        assert cls.has_schemes()
        for key, value in paid[type(one).__name__].items():
            found = getattr(one, key)
            assert found is value or found == pytest.approx(value, rel=1e-14), key


def test_every_kind_of_scheme_comes_from_a_policy_above():
    """But for grants to single firms, which only a shock pays, and what policies cost to run."""
    every = [case for cases in CASES.values() for case in cases]
    kinds = {kind for _, _, *paid in every for of in paid for kind in of}
    known = {name for name, one in vars(schemes).items() if _is_scheme(one)}
    assert known - kinds == {"Scheme", "Partnership", "JointWork", "Outlay", "FirmGrants"}


def _is_scheme(one):
    return isinstance(one, type) and issubclass(one, schemes.Scheme)


# -- in a run --------------------------------------------------------------------------------------

OWN = {"cities": ["City 1.1", "City 3.2"]}
NEUTRAL = {
    "border_friction": {},
    "closure": {"level": 0.0, "protection": 0.0},
    "membership": {"passes": 1.0, "schedule": {"City 1.1": 2000.0, "City 3.2": 2000.0}},
    "mutual_recognition": {"share": 0.5},
    "corridor": {"tie_factor": 1.0, "search_cut": 0.0, "target": OWN},
    "travel_time": {"scale": 1.0},
    "media_coverage": {"broadcast": 0.0, "stories": 1.0},
    "science_centres": {"productivity": 1.0, "cost": 0.0, "target": OWN},
    "instrument_sharing": {"access_cut": 0.0},
    "talent_mobility": {"mobility": 0.01, "recognised": 0.5},
    "industrial_transfer": {
        "hazard": 0.0, "origins": ["Province 1"], "core": "City 1.1", "target": OWN,
    },
    "rd_grants": {"rate": 0.0},
    "super_deduction": {"deduction": 0.5},
    "innovation_voucher": {"take_up": 0.0},
    "open_bids": {},
    "consortia": {"number": 0},
    "cost_sharing": {"cost_share": 0.0, "tax_share": 0.0},
}  # fmt: skip
"""Settings that are in force and do nothing."""


@pytest.mark.slow
def test_settings_that_do_nothing_leave_a_quarter_as_it_is_to_the_last_bit():
    plain = after_burn_in(burn_in=16, scale=0.02)
    share = plain.parameters.talent.recognition
    policies = NEUTRAL | {"instrument_sharing": {"access_cut": 0.0, "open": share}}
    other = fork(plain, scale=0.02, policies=policies)
    live(plain), live(other)
    a, b = columns_of(plain.state), columns_of(other.state)
    assert [name for name in a if not same(a[name], b[name])] == []
    assert len(plain.state.launches) > 0


def test_what_a_policy_costs_is_paid_by_who_is_named():
    payers = {name: ("central", "provinces", "cities")[k % 3] for k, name in enumerate(NEUTRAL)}
    policies = {
        name: {**keys, "cost": 1.0 + k, "strength": 0.5, "payer": payers[name]}
        for k, (name, keys) in enumerate(NEUTRAL.items())
    }
    m = after_burn_in(burn_in=0, policies=policies)
    m.step()
    for k, name in enumerate(NEUTRAL):
        bill, *_ = (e for e in m.state.ledger.entries if e.flow == name)
        assert (bill.payer, bill.receiver) == (payers[name], "economy")
        assert bill.amount.sum() == pytest.approx(m.state.scale * 0.5 * (1.0 + k) / 4.0)
    (bill,) = (e for e in m.state.ledger.entries if e.flow == "corridor")
    assert np.flatnonzero(bill.amount).tolist() == [0, 2]  # the provinces of its cities
    assert m.state.ledger.imbalance() < 1e-9
    assert (shipped()["science_centres"]().payer, shipped()["corridor"]().payer) == (
        "central", "provinces",
    )  # fmt: skip
    (outlay,) = fold(environment(), {"a": shipped()["rd_grants"](cost=1.0, target=CITIES)}, 2012.0,
                     PLACES).of(Outlay)  # fmt: skip
    assert (outlay.yearly, outlay.where.tolist()) == (1.0, A2_C1.tolist())
