"""The voucher as a scheme: money, units, whom it is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.places import PLACES, environment, same
from ydsim.errors import ScenarioError
from ydsim.policies.base import Target
from ydsim.policies.fold import fold
from ydsim.policies.schemes import Outlay, Voucher
from ydsim.policies.voucher import InnovationVoucher
from ydsim.scenario.load import load_scenario


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


FAULTS = [
    ("v: {policy: innovation_voucher, co_pay: 0.8}", "policies.v.co_pay"),
    ("v: {policy: innovation_voucher, portable: 1}", "policies.v.portable"),
    ("innovation_voucher: {face: 501}", "policies.innovation_voucher.face"),
    ("innovation_voucher: {take_up: -0.1}", "policies.innovation_voucher.take_up"),
    ("innovation_voucher: {target: {kinds: [firm]}}", "target.kinds makes no difference here"),
    ("super_deduction: {deduction: 2}", "policies.super_deduction.deduction"),
    ("super_deduction: {relabeled: .3}", "did you mean 'relabelled'"),
    ("super_deduction: {target: {sizes: [small]}}", "target.sizes makes no difference here"),
    ("rd_grants: {leakage: .6}", "policies.rd_grants.leakage"),
]


@pytest.mark.parametrize(("line", "said"), FAULTS)
def test_bad_values_are_said_in_one_line_that_names_the_policy(tmp_path, line, said):
    path = tmp_path / "bad.yaml"
    path.write_text(f"extends: synthetic\npolicies:\n  {line}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    lines = [text for text in str(caught.value).splitlines() if said in text]
    assert len(lines) == 1, str(caught.value)


@pytest.mark.parametrize(("key", "value"), [("co_pay", 0.71), ("worth", -1.0), ("portable", 1)])
def test_bounds(key, value):
    with pytest.raises(ValidationError, match=key):
        InnovationVoucher(**{key: value})
