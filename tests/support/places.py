"""Three provinces with four cities, and baselines of the policy environment for them."""

from __future__ import annotations

import numpy as np

from tests.support.neutral import neutral
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
BORDERS = {
    "border_market": 0.5,
    "border_exposure": 0.4,
    "border_match": 0.8,
    "border_contract": 0.6,
    "border_talent": 0.3,
    "border_knowledge": 0.7,
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
        **{name: level * cross for name, level in BORDERS.items()},
        relief=PAIRS,
        closed=np.array([0.1, 0.0, 0.2]),
        contract_relief=0.2 * cross,
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
