"""Firms that move between provinces of unequal wealth."""

import numpy as np

from tests.support import scalar_relocate as made
from tests.support.numbers import DECAY_H
from ydsim.processes.relocate import (
    relocate,
)
from ydsim.world.synthetic import synthetic_world

GDP = [60_000.0, 44_000.0, 40_000.0, 21_000.0]
OFTEN = 0.9


def state_of(n=120, seed=0, *, place=None, gdp=GDP, **options):
    place = place or made.uneven()
    return made.state_of(
        *made.random_firms(place, n, seed), place=place, gdp=gdp, seed=seed, **options
    )


def move(state, seed=0, parameters=OFTEN, **changed):
    surroundings = made.environment(state.world, **changed)
    draws = made.draws("relocate", state.quarter, seed)
    old, new = relocate(state, surroundings, draws, parameters, DECAY_H)
    state.regroup()
    return old, new


def moved_by(transfer, *, seeds=20, base=0.0, gdp=GDP, n=500):
    """Rows of moves by transfer: firms at risk by province, and province left and chosen."""
    place = synthetic_world(4, 3, industries=3)
    risk, ways = np.zeros(4), np.zeros((4, 4))
    for seed in range(seeds):
        state = state_of(n, seed, place=place, gdp=gdp)
        table = state.organisations
        risk += np.bincount(table.province[state.firms], minlength=4)
        old, new = move(state, seed, base, transfer=transfer)
        np.add.at(ways, (table.province[old], table.province[new]), 1.0)
    return risk, ways
