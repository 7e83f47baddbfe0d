"""Three provinces with four cities, and baselines of the policy environment for them."""

import numpy as np

from tests.support.neutral import across, neutral
from ydsim.policies.base import Places
from ydsim.policies.environment import rules

PLACES = Places(
    ("A", "B", "C"),
    ("a1", "a2", "b1", "c1"),
    np.array([0, 0, 1, 2]),
    100.0 * np.abs(np.arange(4.0)[:, None] - np.arange(4.0)[None, :]),
    ("chips", "drugs"),
    ("electronics",),
    np.array([300.0, 100.0, 250.0, 350.0]),
)
PASSES = {
    "goods": 0.5,
    "exposure": 0.6,
    "joint_work": 0.2,
    "hand_over": 0.4,
    "talent": 0.7,
    "knowledge": 0.3,
}
PAIRS = np.array(
    [[0.0, 0.5, 0.1, 0.2], [0.5, 0.0, 0.0, 0.3], [0.1, 0.0, 0.0, 0.4], [0.2, 0.3, 0.4, 0]]
)


def environment():
    """Baselines that differ from field to field, so that none passes for another."""
    same = np.eye(3)
    cross = 1.0 - same
    hours = 0.5 + 0.25 * np.abs(np.arange(4)[:, None] - np.arange(4)[None, :])
    return neutral(
        PLACES.city_province,
        **{name: across(share, 3) for name, share in PASSES.items()},
        eased=1.0 + PAIRS,
        closed=np.array([0.1, 0.0, 0.2]),
        eased_hand_over=1.0 + 0.2 * cross,
        tie_factor=1.0 + PAIRS,
        search_cut=PAIRS / 2.0,
        travel_hours=hours,
        outside_hours=np.array([4.0, 4.0, 5.0, 6.0]),
        core_pull=np.array(0.1),
        recognition=np.maximum(same, 0.5),
        mobility=np.array([0.01, 0.02, 0.01, 0.03]),
        offer=np.array([1.0, 1.1, 1.0, 0.9]),
        facility_open=np.maximum(same, 0.6),
        facility_price=np.array([1.0, 0.8, 1.0, 1.2]),
        broker_density=np.array([0.5, 0.5, 0.7, 0.5]),
        transfer=0.01 * cross[:, PLACES.city_province],
        enclave=PAIRS / 10.0,
        broadcast=np.array([0.0, 0.01, 0.0, 0.02]),
        science_productivity=np.array([1.0, 1.1, 1.0, 1.2]),
        protection=np.array([0.0, 0.1, 0.2]),
        grant_rate=np.full((4, 3), 0.01),
        programme_leak=np.full((4, 3), 0.001),
        grant_leakage=np.full(4, 0.3),
        user_cost=np.array([1.0, 0.9, 1.1, 1.0]),
        tax_relief=np.array([0.0, 0.05, 0.0, 0.1]),
        relabelled=np.array([0.0, 0.3, 0.0, 0.1]),
    )


def same(a, b):
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in rules())
