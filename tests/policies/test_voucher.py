"""The voucher as a scheme: money, units, whom it is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import PLACES, environment
from ydsim.policies.fold import fold
from ydsim.policies.money import InnovationVoucher
from ydsim.policies.schemes import Voucher


def scheme(**settings):
    (found,) = fold(environment(), {"v": InnovationVoucher(**settings)}, 2015.0, PLACES).of(Voucher)
    return found


@given(st.floats(0.0, 500.0), st.floats(0.0, 0.7), st.floats(0.0, 1.0), st.floats(0.1, 20.0))
def test_what_is_paid_equals_the_formula(face, co_pay, price, contracts):
    got = scheme(face=face, co_pay=co_pay).pays(np.array([price]), contracts)[0]
    each = min(face * 1e-4, (1.0 - co_pay) * price / contracts)
    assert got == pytest.approx(contracts * each, rel=1e-12, abs=1e-15)
    assert 0.0 <= got <= price * (1.0 + 1e-12)


def test_fewer_are_used_at_a_lower_strength():
    assert scheme(take_up=0.4, strength=0.5).used == pytest.approx(0.2)
