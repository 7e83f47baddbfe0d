"""Contrasts of factorials, and what pairs make of all sets, on outcomes that are known."""

import itertools

import numpy as np
import pytest

from ydsim.analysis.cells import by_set, cells, contrast, of_pairs, sets, signs_of, terms
from ydsim.analysis.resonance import design, shipped_groups
from ydsim.design.load import load_sweep
from ydsim.design.points import points
from ydsim.errors import UsageError
from ydsim.scenario.load import load_scenario

SMALL = {"scale": 0.01, "end": 2020}
SWEEPS = {half: design("six_actor_community", SMALL, half=half) for half in (False, True)}
CELLS = {half: cells(sweep) for half, sweep in SWEEPS.items()}
NAMES = [factor.label for factor in SWEEPS[False].factors]


def test_half_of_the_cells_hold_none_all_and_every_pair_evenly():
    half = CELLS[True]
    assert half.shape == (32, 6)
    assert not half[0].any()
    assert half[-1].all()
    assert (half.sum(axis=0) == 16).all()
    for i, j in itertools.combinations(range(6), 2):
        assert (half[:, i] & half[:, j]).sum() == 8
    assert CELLS[False].shape == (64, 6)


@pytest.mark.parametrize("half", [False, True])
def test_contrasts_find_effects_and_interactions_of_two(half):
    signs = signs_of(CELLS[half])
    # three groups together are not told apart from the other three in the half fraction only
    y = 10.0 + 3.0 * signs[:, 0] - signs[:, 4] + 0.5 * signs[:, 1] * signs[:, 2]
    y = (y + 0.25 * signs[:, 0] * signs[:, 1] * signs[:, 3])[:, None]
    found = {names: contrast(sign, y)[0] for names, sign in terms(NAMES, CELLS[half])}
    asked = dict.fromkeys(found, 0.0)
    asked |= {(NAMES[0],): 6.0, (NAMES[4],): -2.0, (NAMES[1], NAMES[2]): 1.0}
    assert found == pytest.approx(asked, abs=1e-12)


def in_pairs(every):
    """Outcomes (n, 2) of two replicates with effects of groups and of pairs alone."""
    draw = np.random.default_rng(3)
    y = 50.0 + every @ draw.normal(0.0, 2.0, (every.shape[1], 2))
    for k, j in itertools.combinations(range(every.shape[1]), 2):
        y = y + (every[:, k] & every[:, j])[:, None] * draw.normal(0.0, 1.0, 2)
    return y


@pytest.mark.parametrize("half", [False, True])
def test_all_sets_follow_from_the_cells_where_no_three_groups_interact(half):
    design = CELLS[half]
    whole = in_pairs(sets(6))
    rows = (design * (1 << np.arange(6))).sum(axis=1)
    assert of_pairs(design, whole[rows]) == pytest.approx(whole)
    if not half:
        assert (by_set(design, whole[rows]) == whole).all()


def test_sets_are_in_the_order_of_the_measure():
    every = sets(3)
    assert every.shape == (8, 3)
    assert [tuple(row) for row in every[[1, 2, 4, 7]].tolist()] == [
        (True, False, False), (False, True, False), (False, False, True), (True, True, True),
    ]  # fmt: skip


def test_half_of_few_groups_is_refused():
    every = sets(4)
    half = every[(~every).sum(axis=1) % 2 == 0]
    with pytest.raises(UsageError, match="half of the cells of 4 groups mixes their pairs"):
        of_pairs(half, np.ones((8, 2)))


def test_the_cells_are_those_of_the_shipped_sweep():
    sweep = load_sweep("actor_groups")
    assert [point.values for point in points(sweep)] == [
        dict(zip(NAMES, on.tolist(), strict=True)) for on in CELLS[True]
    ]
    groups = shipped_groups(load_scenario("six_actor_community"))
    assert list(groups) == NAMES
    point = next(p for p in points(SWEEPS[True]) if tuple(p.values.values()) == (1, 0, 1, 1, 1, 0))
    off = {name for name, one in point.scenario.policies.items() if one.strength == 0.0}
    assert off == {*groups["industry"], *groups["media"]}
    assert off == {"joint_rd_fund", "open_bids", "consortia", "media_coverage"}
