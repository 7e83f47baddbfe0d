"""Firms that move between provinces of unequal wealth."""

from tests.support import scalar_relocate as made
from tests.support.numbers import DECAY_H
from ydsim.processes.relocate import relocate

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
