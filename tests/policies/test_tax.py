"""The super-deduction: user cost, relief, and the elasticities that follow from them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.neutral import neutral
from tests.support.places import PLACES
from ydsim.policies.fold import fold
from ydsim.policies.money import SuperDeduction, b_index
from ydsim.processes.invest import desired_log_intensity, relabelled_part, reported_over_real
from ydsim.scenario.schema.parameters import InvestParameters

LOW, HIGH = 0.34, 2.05
"""Elasticities of reported R&D that studies find."""


def of(**settings):
    return fold(neutral(PLACES.city_province), {"d": SuperDeduction(**settings)}, 2015.0, PLACES)


@given(st.floats(0.0, 1.5), st.floats(0.0, 1.5), st.floats(0.0, 0.35))
def test_all_settings_equal_the_formula(deduction, before, tax):
    got = of(deduction=deduction, before=before, tax_rate=tax)
    cost = (1.0 - tax * (1.0 + deduction)) / (1.0 - tax * (1.0 + before))
    assert got.user_cost[0] == pytest.approx(cost, rel=1e-12)
    assert got.tax_relief[0] == pytest.approx(tax * (deduction - before), abs=1e-15)


def test_what_was_in_force_before_changes_nothing_but_the_share_on_paper():
    got, base = of(deduction=0.5), neutral(PLACES.city_province)
    assert got.user_cost.tobytes() == base.user_cost.tobytes()
    assert got.tax_relief.tobytes() == base.tax_relief.tobytes()
    assert (reported_over_real(got.user_cost, got.relabelled, 1.7) == 1.0).all()
    assert not relabelled_part(got.user_cost, got.relabelled).any()


def test_two_deductions_multiply_costs_and_add_relief_each_under_its_name():
    both = {"a": SuperDeduction(), "b": SuperDeduction(deduction=0.75, strength=0.5)}
    got = fold(neutral(PLACES.city_province), both, 2015.0, PLACES)
    half = 1.0 + 0.5 * (b_index(0.25, 0.75) / b_index(0.25, 0.5) - 1.0)
    assert got.user_cost[0] == pytest.approx(0.8 * half)
    parts = got.parts("tax_relief", "rest")
    assert list(parts) == ["a", "b"]
    assert parts["a"].tolist() == pytest.approx([0.125] * 4)
    assert parts["b"].tolist() == pytest.approx([0.03125] * 4)
    assert got.tax_relief.tolist() == pytest.approx([0.15625] * 4)
    assert list(neutral(PLACES.city_province).parts("tax_relief", "rest")) == ["rest"]


def long_run(cost, relabelled, elasticity):
    """Real and reported R&D over those at the cost of 2011, once firms have adjusted."""
    p, one = InvestParameters(tax_elasticity=elasticity), np.ones(1)

    def wanted(c):
        part = relabelled_part(c * one, relabelled * one)
        return desired_log_intensity(0 * one, 0 * one, c * one, 0 * one, p, part)[0]

    real = math.exp(wanted(cost) - wanted(1.0))
    return real, real * float(reported_over_real(cost * one, relabelled * one, elasticity)[0])


def elasticity_of(change, cost):
    return -math.log(change) / math.log(cost)


@pytest.mark.parametrize("relabelled", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("e", [LOW, 1.0, 1.58, HIGH])
def test_reported_research_answers_by_the_elasticity_and_real_by_what_is_not_on_paper(
    e, relabelled
):
    for deduction in (0.75, 1.0, 1.5):
        cost = b_index(0.25, deduction) / b_index(0.25, 0.5)
        real, reported = long_run(cost, relabelled, e)
        assert elasticity_of(reported, cost) == pytest.approx(e, rel=1e-12)
        assert elasticity_of(real, cost) == pytest.approx((1.0 - relabelled) * e, rel=1e-12)
        assert 1.0 < real <= reported


def test_where_research_is_dearer_the_whole_answer_is_real():
    real, reported = long_run(1.25, 0.3, 1.5)
    assert real == reported
    assert elasticity_of(real, 1.25) == pytest.approx(1.5)
