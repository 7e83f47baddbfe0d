import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.pioneer import first_adoption_shares, lead_time

adoptions = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=40
)


def test_first_adoptions_by_hand():
    # technology 0: group 1 alone; technology 2: groups 0, 0 and 1 together; nobody adopts 1
    technology, group = [0, 0, 2, 2, 2, 2], [1, 0, 0, 0, 1, 2]
    time = [3.0, 4.0, 7.0, 7.0, 7.0, 8.0]
    shares = first_adoption_shares(technology, group, time, 3)
    assert shares.tolist() == pytest.approx([1 / 3, 2 / 3, 0.0])


@given(adoptions)
def test_shares_add_up_and_do_not_depend_on_order(rows):
    technology, group, time = np.array(rows).T
    shares = first_adoption_shares(technology, group, time, 4)
    want = np.zeros(4)
    for k in np.unique(technology):
        own = [(t, g) for kk, g, t in rows if kk == k]
        first = [g for t, g in own if t == min(own)[0]]
        for g in first:
            want[g] += 1 / len(first) / len(np.unique(technology))
    assert shares == pytest.approx(want)
    assert shares.sum() == pytest.approx(1.0)
    backwards = first_adoption_shares(technology[::-1], group[::-1], time[::-1], 4)
    assert backwards == pytest.approx(shares)


def test_identities_may_be_large():
    shares = first_adoption_shares([10**15, -4, 10**15], [0, 1, 1], [1.0, 2.0, 2.0], 2)
    assert shares.tolist() == [0.5, 0.5]


def test_no_adoptions():
    assert np.isnan(first_adoption_shares([], [], [], 2)).all()


def test_lead_time():
    t = [0.0, 1.0, 2.0, 3.0]
    own, rest = [0.0, 0.2, 0.6, 0.6], [0.0, 0.0, 0.2, 0.4]
    assert lead_time(t, own, rest, 0.2) == pytest.approx(1.0)
    assert lead_time(t, rest, own, 0.2) == pytest.approx(-1.0)
    assert lead_time(t, own, rest, 0.5) == np.inf
    assert lead_time(t, rest, own, 0.5) == -np.inf
    assert np.isnan(lead_time(t, own, rest, 0.9))


def test_what_is_refused():
    with pytest.raises(ValueError, match="group must be between 0 and 1"):
        first_adoption_shares([0], [2], [1.0], 2)
    with pytest.raises(ValueError, match="technology must have 1 entries"):
        first_adoption_shares([0, 1], [0], [1.0], 2)
    with pytest.raises(ValueError, match="time must be finite"):
        first_adoption_shares([0], [0], [np.nan], 2)
