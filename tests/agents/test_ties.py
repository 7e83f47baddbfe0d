import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.agents.ties import FORGOTTEN, Neighbours, Ties, pair_key
from ydsim.noise import identity

ROWS = 6


def ints(values):
    return np.array(values, dtype=np.int64)


def tied(pairs, quarter=0):
    """Ties of a list of (a, b, times)."""
    ties = Ties()
    for a, b, times in pairs:
        ties.strengthen(ints([a] * times), ints([b] * times), quarter)
    return ties


def columns(ties):
    """The ties as a dict of pairs, after a look at their order."""
    assert (np.diff(ties.key) > 0).all()
    assert len(ties) == len(ties.strength) == len(ties.born) == len(ties.active)
    rows = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
    values = zip(ties.strength.tolist(), ties.born.tolist(), ties.active.tolist(), strict=True)
    return dict(zip(rows, values, strict=True))


pair = st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)).filter(lambda p: p[0] != p[1])
pairs = st.lists(pair, max_size=8)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("strengthen"), pairs),
        st.tuples(st.just("touch"), pairs),
        st.tuples(st.just("fade"), st.floats(0.0, 4.0), st.sets(st.integers(0, ROWS - 1))),
    ),
    max_size=8,
)


@pytest.mark.slow
@given(steps)
def test_ties_equal_a_dict(steps):
    ties, known = Ties(), {}
    for quarter, (act, *rest) in enumerate(steps):
        if act == "fade":
            decay, dead = rest
            alive = np.array([row not in dead for row in range(ROWS)])
            ties.fade(decay, alive)
            faded = {p: (s * math.exp(-decay / 4.0), b, q) for p, (s, b, q) in known.items()}
            known = {
                p: tie
                for p, tie in faded.items()
                if tie[0] >= FORGOTTEN and not dead.intersection(p)
            }
        else:
            a, b = (ints([p[end] for p in rest[0]]) for end in (0, 1))
            getattr(ties, act)(a, b, quarter)
            for p in map(tuple, map(sorted, rest[0])):
                if act == "strengthen":
                    strength, born, _ = known.get(p, (0.0, quarter, None))
                    known[p] = (strength + 1.0, born, quarter)
                elif p in known:
                    known[p] = (*known[p][:2], quarter)
        got = columns(ties)
        assert got.keys() == known.keys()
        for p, (strength, *quarters) in known.items():
            assert got[p][0] == pytest.approx(strength, rel=1e-12)
            assert list(got[p][1:]) == quarters


@pytest.mark.slow
@given(pairs, pairs)
def test_pairs_are_found_in_either_order(there, asked):
    ties = tied([(a, b, 1) for a, b in there])
    want = {tuple(sorted(p)) for p in there}
    for flip in (1, -1):
        a, b = (ints([p[::flip][end] for p in asked]) for end in (0, 1))
        at = ties.find(pair_key(a, b))
        for (x, y), i in zip(asked, at.tolist(), strict=True):
            found = None if i < 0 else (ties.a[i], ties.b[i])
            assert found == (tuple(sorted((x, y))) if tuple(sorted((x, y))) in want else None)


def test_keys_hold_large_rows_and_sort_by_first_then_second_end():
    a, b = ints([2**31 - 1, 5, 2, 0]), ints([7, 2**31 - 1, 3, 2**31 - 1])
    ties = Ties()
    ties.strengthen(a, b, 0)
    assert list(columns(ties)) == [(0, 2**31 - 1), (2, 3), (5, 2**31 - 1), (7, 2**31 - 1)]


def test_a_tie_is_lost_below_the_threshold_not_at_it():
    ties = tied([(0, 1, 1), (0, 2, 2)])
    alive = np.ones(3, dtype=bool)
    ties.strength[:] = FORGOTTEN, 2.0 * FORGOTTEN
    ties.fade(0.0, alive)
    assert len(ties) == 2
    ties.fade(3.9 * math.log(2.0), alive)
    assert columns(ties)[0, 2][0] == pytest.approx(2.0**0.025 * FORGOTTEN)
    assert len(ties) == 1


@given(pairs, st.integers(0, 3))
def test_rows_of_partners_equal_an_adjacency_dict(there, isolated):
    ties = tied([(a, b, 1) for a, b in there])
    keys = identity("row", np.arange(ROWS + isolated))
    near = Neighbours(ties, keys)
    friends = {row: {} for row in range(ROWS + isolated)}
    for a, b in there:
        friends[a][b] = friends[b][a] = friends[a].get(b, 0.0) + 1.0
    assert len(near.begin) == ROWS + isolated + 1
    for row, of in friends.items():
        mine = slice(near.begin[row], near.begin[row + 1])
        by_key = sorted(of, key=keys.__getitem__)
        assert near.partner[mine].tolist() == by_key
        assert near.strength[mine].tolist() == [of[j] for j in by_key]
        assert near.degree(ints([row])).tolist() == [len(of)]


def test_partners_are_drawn_by_strength():
    ties = tied([(0, 1, 3), (4, 1, 1), (2, 1, 4), (2, 3, 5)])
    near = Neighbours(ties, identity("row", np.arange(6)))
    n = 8000
    u = (np.arange(n) + 0.5) / n
    drawn = near.draw(np.full(n, 1), u)
    assert np.bincount(drawn, minlength=6).tolist() == [3000, 0, 4000, 0, 1000, 0]
    assert set(near.draw(np.full(n, 3), u).tolist()) == {2}


@pytest.mark.parametrize("u", [2.0**-53, 0.5, 1.0 - 2.0**-53])
def test_draws_stay_inside_the_row_and_give_nobody_without_partners(u):
    ties = tied([(1, 3, 1), (3, 4, 7), (4, 6, 1)])
    near = Neighbours(ties, identity("row", np.arange(9)))
    rows = np.arange(9)
    found = near.draw(rows, np.full(9, u))
    some = near.degree(rows) > 0
    assert (found[~some] == -1).all()
    assert some.tolist() == [False, True, False, True, True, False, True, False, False]
    assert (ties.find(pair_key(rows[some], found[some])) >= 0).all()
    assert (
        Neighbours(Ties(), identity("row", np.arange(4))).draw(np.arange(4), np.full(4, u)).tolist()
        == [-1] * 4
    )


held = st.lists(st.tuples(pair, st.floats(0.0, 3.0)), max_size=8)


@given(pairs, held)
def test_ties_are_held_like_in_a_dict(there, asked):
    ties = tied([(a, b, 1) for a, b in there], quarter=2)
    known = columns(ties)
    a, b = (ints([p[end] for p, _ in asked]) for end in (0, 1))
    ties.hold(a, b, np.array([least for _, least in asked]), 5)
    for p, least in asked:
        p = tuple(sorted(p))
        if p in known:
            known[p] = (max(known[p][0], least), *known[p][1:])
        elif least > 0.0:
            known[p] = (least, 5, 4)
    assert columns(ties) == known


def test_barred_pairs_have_no_tie_and_get_none():
    a, b = np.array([1, 2, 3, 5]), np.array([4, 6, 1, 2])
    ties = Ties()
    ties.strengthen(a, b, 3)
    ties.bar(pair_key(np.array([6, 1]), np.array([2, 9])))  # one with a tie, one without
    assert ties.key.tolist() == pair_key(np.array([1, 1, 2]), np.array([3, 4, 5])).tolist()
    ties.strengthen(np.array([2, 9, 1, 7]), np.array([6, 1, 4, 8]), 4)
    ties.hold(np.array([9, 6, 7]), np.array([1, 2, 9]), np.array([3.0, 3.0, 3.0]), 4)
    expected = pair_key(np.array([1, 1, 2, 7, 7]), np.array([3, 4, 5, 8, 9]))
    assert ties.key.tolist() == expected.tolist()
    assert ties.strength.tolist() == [1.0, 2.0, 1.0, 1.0, 3.0]
    assert ties.apart(np.array([6, 9, 1]), np.array([2, 1, 4])).tolist() == [True, True, False]
    ties.bar(pair_key(np.array([7, 2]), np.array([8, 6])))
    assert len(ties.barred) == 3
    assert not ties.apart(ties.a, ties.b).any()
