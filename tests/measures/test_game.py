"""Games of two actions: known games, and what must hold for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.games import CHICKEN, PENNIES, PRISONERS, STAG
from ydsim.measures.game import (
    agreement,
    best_cell,
    cell_of,
    closed_in,
    deviations,
    dominant,
    gains,
    replies,
    settled,
    worst_equilibrium,
)

# cells: both open, first closed, second closed, both closed


def test_cells_are_sets_of_the_closed():
    assert closed_in(2).tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]
    assert [cell_of(row) for row in closed_in(4)] == list(range(16))
    assert deviations(3)[0b101].tolist() == [0b100, 0b111, 0b001]
    for n in (0, 7):
        with pytest.raises(ValueError, match="provinces"):
            closed_in(n)


def test_gains_compare_with_the_players_own_turn():
    assert gains(PRISONERS).tolist() == [[2.0, 2.0], [-2.0, 1.0], [1.0, -2.0], [-1.0, -1.0]]


def test_known_dominance():
    assert dominant(PRISONERS) == ["closed", "closed"]
    assert dominant(-PRISONERS) == ["open", "open"]
    for game in (STAG, PENNIES, CHICKEN):
        assert dominant(game) == [None, None]
    assert dominant(np.zeros((4, 2))) == [None, None]  # as good is not better


def test_the_best_cell_and_the_worst_equilibrium():
    totals = [
        (float(one[best_cell(one)].sum()), float(one[worst_equilibrium(one)].sum()))
        for one in (PRISONERS, STAG, CHICKEN)
    ]
    assert totals[:2] == [(6.0, 2.0), (8.0, 4.0)]  # of the worst equilibrium, not of any
    assert totals[2][0] == totals[2][1]
    assert worst_equilibrium(STAG) == 3
    assert worst_equilibrium(PENNIES) is None


def test_of_equal_totals_the_most_open_is_best():
    assert best_cell(np.ones((8, 3))) == 0
    assert best_cell(CHICKEN) == 0


def test_replies_are_given_at_once_and_only_above_the_hurdle():
    assert replies(PRISONERS, 0) == 3
    assert replies(PRISONERS, 1) == 3
    assert replies(PRISONERS, 0, hurdle=2.0) == 0
    assert replies(PRISONERS, 1, hurdle=0.5) == 3
    assert replies(STAG, 1) == 2  # both regret at once


def test_where_replies_settle():
    assert settled(PRISONERS, 0) == [3]
    assert settled(STAG, 0) == [0]
    assert sorted(settled(STAG, 1)) == [1, 2]
    assert sorted(settled(PENNIES, 0)) == [0, 1, 2, 3]


def test_an_agreement_of_equals_needs_no_transfers():
    found = agreement(PRISONERS, 3)
    assert (found.cell, found.fell_back) == (0, False)
    assert found.transfers.tolist() == [0.0, 0.0]


UNEVEN = np.array([[2.0, 9.0], [4.0, 1.0], [1.0, 10.0], [3.0, 2.0]])
"""Both close alone, at (3, 2); open they have 11 together, but the first has only 2 of it."""


def test_transfers_leave_nobody_with_less():
    assert settled(UNEVEN, 0) == [3]
    found = agreement(UNEVEN, 0)
    assert found.cell == 0
    assert found.transfers == pytest.approx([1.0, -1.0])
    assert (UNEVEN[0] + found.transfers >= UNEVEN[3] - 1e-12).all()


def test_an_agreement_that_costs_more_than_it_yields_is_not_made():
    """From all closed both would have to pay for opening; each deviation alone is worth less."""
    stuck = agreement(PRISONERS, 3, hurdle=2.5)
    assert (stuck.cell, stuck.fell_back) == (3, True)
    assert stuck.transfers.tolist() == [0.0, 0.0]
    assert agreement(PRISONERS, 3, hurdle=1.5).cell == 0


@given(st.integers(0, 10_000), st.integers(2, 4), st.floats(0.0, 1.0))
def test_agreements_in_any_game(seed, n, hurdle):
    draw = np.random.default_rng(seed)
    payoff = draw.normal(size=(2**n, n))
    cell = int(draw.integers(2**n))
    found = agreement(payoff, cell, hurdle)
    assert found.transfers.sum() == pytest.approx(0.0, abs=1e-12)
    value = payoff - hurdle * (closed_in(n) ^ closed_in(n)[cell])
    alone = value[settled(payoff, cell, hurdle)].mean(axis=0)
    if found.fell_back:
        assert value[best_cell(payoff)].sum() < alone.sum()
        assert found.cell == replies(payoff, cell, hurdle)
    else:
        assert payoff[found.cell].sum() == payoff.sum(axis=1).max()
        assert (value[found.cell] + found.transfers >= alone - 1e-12).all()
