"""The voucher as a scheme: money, units, whom it is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import PLACES, environment, same
from ydsim.policies.base import Target
from ydsim.policies.fold import fold
from ydsim.policies.money import InnovationVoucher
from ydsim.policies.schemes import Outlay, Voucher


def scheme(**settings):
    (found,) = fold(environment(), {"v": InnovationVoucher(**settings)}, 2015.0, PLACES).of(Voucher)
    return found


def test_a_voucher_moves_no_field_and_is_one_scheme():
    base = environment()
    got = fold(base, {"v": InnovationVoucher(cost=1.0)}, 2015.0, PLACES)
    assert same(got, base)
    assert len(got.of(Voucher)) == len(got.of(Outlay)) == 1
    assert fold(base, {"v": InnovationVoucher(strength=0.0)}, 2015.0, PLACES).schemes == ()


def test_the_face_value_is_in_ten_thousand_yuan():
    """300,000 yuan are .003 of 100 million."""
    assert scheme(face=30.0).face == pytest.approx(30e4 / 1e8, rel=1e-15)


def test_small_firms_unless_others_are_named():
    assert scheme().sizes.tolist() == [1, 0, 0]
    assert scheme(target=Target(provinces=("A",))).sizes.tolist() == [1, 0, 0]
    assert scheme(target=Target(sizes=("medium", "large"))).sizes.tolist() == [0, 1, 1]


def test_cities_and_fields_are_those_of_the_target():
    got = scheme(target=Target(provinces=("A",), fields=("drugs",)))
    assert got.cities.tolist() == [1, 1, 0, 0]
    assert got.fields.tolist() == [0, 1]


@given(st.floats(0.0, 500.0), st.floats(0.0, 0.7), st.floats(0.0, 1.0), st.floats(0.1, 20.0))
def test_what_is_paid_equals_the_formula(face, co_pay, price, contracts):
    got = scheme(face=face, co_pay=co_pay).pays(np.array([price]), contracts)[0]
    each = min(face * 1e-4, (1.0 - co_pay) * price / contracts)
    assert got == pytest.approx(contracts * each, rel=1e-12, abs=1e-15)
    assert 0.0 <= got <= price * (1.0 + 1e-12)


def test_fewer_are_used_at_a_lower_strength():
    assert scheme(take_up=0.4, strength=0.5).used == pytest.approx(0.2)
