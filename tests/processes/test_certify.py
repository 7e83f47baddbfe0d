import numpy as np
import pytest

from tests.support import scalar_society as scalar
from tests.support.certificates import alike, noise, state_with, terms
from tests.support.numbers import SEEDS, close, rng, rows_of
from ydsim.agents.organisations import NO_CERTIFICATE
from ydsim.processes.fund import certify, eligibility


def firms_of(state):
    """Living firms as rows of the loop."""
    table, firms = state.organisations, state.organisations.firms()
    rows = rows_of(table, ("rd", "sales", "certified_until"), firms)
    for row, own in zip(rows, table.inventions[firms].sum(axis=1).tolist(), strict=True):
        until = row["certified_until"]
        row |= {"inventions": own, "until": None if until == NO_CERTIFICATE else until}
    return rows


def test_bands_begin_where_the_law_and_relabelling_say():
    p = terms()
    rd = np.array([0.05, 0.0499, 0.03501, 0.0349, 0.0])
    sales = np.full(5, 1 / 16)  # a power of two: the first is the threshold to the last bit
    shown = eligibility(rd * sales, sales, np.ones(5), p)
    assert shown.outright.tolist() == [True, False, False, False, False]
    assert shown.near.tolist() == [False, True, True, False, False]
    assert shown.eligible.tolist() == [True, True, True, False, False]
    assert not eligibility(rd * sales, sales, np.full(5, 0.99), p).eligible.any()


def test_firms_without_sales_show_nothing():
    p = terms(thresholds=(0.0, 0.0, 0.0), relabelling=1.0)
    shown = eligibility(np.array([0.0, 1.0]), np.zeros(2), np.ones(2), p)
    assert not (shown.outright | shown.near | shown.eligible).any()


@pytest.mark.parametrize("scale", [1.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_quarters_equal_a_loop_over_firms(seed, scale):
    state = state_with(seed=seed, scale=scale)
    p = terms(hazard=0.8, hazard_before=0.5, lasts=3)
    table, draw = state.organisations, rng(seed + 50)
    firms, seen = table.firms(), 0
    for quarter in range(12):
        state.quarter = quarter
        state.tally.clear()
        table.rd[firms] *= draw.lognormal(0.0, 0.15, len(firms))
        draws = noise(seed, quarter)
        key = table.key[firms]
        u, year = draws.uniform(key, 0).tolist(), 2014.5 + quarter / 4
        want, reported, events = scalar.certify(firms_of(state), u, quarter, year, p)
        certify(state, draws, p, year=year)
        have = table.certified_until[firms].tolist()
        assert have == [NO_CERTIFICATE if w is None else w for w in want]
        close(table.reported_rd[firms], reported)
        tally = {name: values.sum() * scale for name, values in state.tally.city.items()}
        assert tally["certifications"] == pytest.approx(events["certifications"])
        assert tally["certificates_lost"] == pytest.approx(events["certificates_lost"])
        recognised = tally["hitech_enterprises_recognised_in_year"]
        assert recognised == pytest.approx(events["recognised"])
        assert tally["certificate_eligible"] == pytest.approx(events["eligible"])
        assert tally["certified_firms"] == pytest.approx(sum(w is not None for w in want))
        assert tally["relabelled_rd"] == pytest.approx(sum(reported) - table.rd[firms].sum())
        seen += events["certificates_lost"]
    assert seen > 3
    assert tally["relabelled_rd"] > 0.0


def test_tallies_are_by_city_at_scale_one():
    state = alike(120, city=np.arange(120) % 12, scale=0.05)
    certify(state, noise(), terms(hazard=1e6))
    for name in ("certified_firms", "certifications", "certificate_eligible"):
        close(getattr(state.tally.city, name), np.full(12, 10 / 0.05))
    assert not state.tally.city.certificates_lost.any()
