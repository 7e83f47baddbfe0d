"""Anchors: chi of R&D of firms, factors on what is recorded, the lean of cities."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.small import scenario
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS
from ydsim.world.base_run import BaseRun
from ydsim.world.inputs import (
    BY_YEAR,
    PARTS,
    Outlook,
    Rule,
    anchored_in,
    factors,
    knots_of,
    lean_shift,
    official_rd,
    rd_shift,
)
from ydsim.world.loader import load_world, synthetic_world

NAN = float("nan")


def shifted(years=10):
    """A base run in which c of four provinces is a straight line from the first year's start."""
    slope = np.array([0.0, 0.02, 0.04, -0.01])
    return BaseRun(
        market_shift=np.zeros((12, years)), rd_shift=slope[:, None] * (np.arange(years) + 0.5)
    ), slope


def test_knots_see_three_years_and_are_met():
    c = np.random.default_rng(1).normal(size=(3, 10))
    chi = knots_of(c)
    np.testing.assert_allclose(chi[:, [3, 6, 9]], c[:, [3, 6, 9]])
    other = c.copy()
    other[:, [0, 1, 2, 4, 5, 7, 8]] += 1.0
    np.testing.assert_array_equal(knots_of(other), chi)
    np.testing.assert_allclose(chi[:, 0], c[:, 3] / 7.0)  # from zero at the start of the first year
    np.testing.assert_allclose(knots_of(c[:, :1]), c[:, :1])


@pytest.mark.parametrize("start", [2011, 2014])
def test_chi_is_a_line_that_begins_with_the_run_and_fades_after_the_figures(start):
    world, (base, slope) = synthetic_world(4, 3), shifted()
    outlook = Outlook(until=2030, rules={"research": Rule(of_gdp=True, damping=0.5)})
    chi = rd_shift(base, world, start, 2040, outlook)
    assert chi.shape == (4, 4 * (2041 - start))
    middles = (np.arange(4 * (2020 - start)) + 0.5) / 4.0
    zero = 0.0 if start == 2011 else 0.125  # the middle of the quarter before
    np.testing.assert_allclose(
        chi[:, : len(middles)], slope[:, None] * (middles + zero), atol=1e-12
    )
    yearly = chi[:, 4 * (2020 - start) + 1 :: 4]
    growth = np.diff(yearly, axis=1)
    assert (np.abs(growth[:, 1:]) <= np.abs(growth[:, :-1]) + 1e-12).all()
    np.testing.assert_allclose(growth[:, 10:], 0.0, atol=1e-12)


def test_without_figures_nothing_is_anchored():
    world = synthetic_world(4, 3)
    assert official_rd(replace(world, series={}), 2011) is None
    chi = rd_shift(BaseRun(), world, 2011, 2030, Outlook())
    assert not chi.any()
    assert factors(BaseRun(), range(2011, 2013)) == {}
    assert not lean_shift(BaseRun(), world).any()


def test_the_last_known_figure_counts():
    lines = np.array([[0.1, 0.2, NAN], [NAN, NAN, NAN], [0.3, NAN, NAN]])
    base = BaseRun(first_year=2011, anchors={"sci_papers": lines})
    for k in factors(base, range(2010, 2012))["sci_papers"]:
        assert k.tolist() == pytest.approx([np.exp(0.2), 1.0, np.exp(0.3)])
    assert anchored_in(base, "sci_papers") == 2012
    assert anchored_in(base, "rd_basic_research") is None


def test_contracts_have_the_factor_of_the_year():
    lines = np.array([[NAN, 0.1, NAN, 0.5, NAN], [NAN] * 5, [NAN, NAN, 0.3, NAN, NAN]])
    name = "tech_market_contract_value_output"
    found = factors(BaseRun(first_year=2011, anchors={name: lines}), range(2010, 2018))
    first, second, third = np.log(found["contract_value_sold_outside"]).T
    assert first.tolist() == pytest.approx([0.1, 0.1, 0.1, 0.3, 0.5, 0.5, 0.5, 0.5])
    assert not second.any()
    assert third.tolist() == pytest.approx([0.3] * 8)
    assert all(name in PARTS for name in BY_YEAR)


def test_anchored_indicators_are_recorded_ones():
    for name, parts in PARTS.items():
        assert INDICATORS[name].official
        assert all(INDICATORS[part].levels == INDICATORS[name].levels for part in parts) or parts
    base = load_world("yrd").base_run
    assert set(base.anchors) == set(PARTS)


@pytest.mark.slow
def test_factors_act_on_what_is_recorded_alone():
    """Parts have the factor of the whole, cities that of their province; nothing else changes."""
    world = synthetic_world(4, 3)
    k = np.array([2.0, 0.5, 1.0, 3.0])
    names = ("invention_patent_applications", "tech_market_contract_value_output", "rd_expenditure")
    anchors = {name: np.log(k)[:, None] for name in names}
    plain = BaseRun(market_shift=np.zeros((12, 1)))
    both = (plain, replace(plain, anchors=anchors))
    runs = [Model(scenario(years=2), world=world, base=base).run() for base in both]
    before, after = (m.recorder for m in runs)
    scaled = {*names, *(part for name in names for part in PARTS[name])}
    seen = 0
    for name, indicator in INDICATORS.items():
        if name.startswith(("coupling", "technology_score", "rd_intensity")):
            continue
        for level, factor in (("province", k), ("city", k[world.city_province])):
            if level in indicator.levels:
                a, b = (r.series(name, level) for r in (before, after))
                wanted = a * factor if name in scaled else a
                np.testing.assert_allclose(b, wanted, rtol=1e-9, err_msg=name)
                seen += 1
    assert seen > 50
    for r in (before, after):
        total = r.series("rd_expenditure", "province").sum(axis=1)
        np.testing.assert_allclose(r.series("rd_expenditure"), total, rtol=1e-9)
